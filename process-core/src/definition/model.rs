//! The definition as a whole: what it takes, what it may cost, its steps, what it gives.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value};

use super::{Graph, Notification, OnError, OnReject, StepDefinition, StepKind, stored::StoredForm};
use crate::{
    expr::{Expression, Root, StepField, Text},
    id::StepId,
    money::Cost,
    yaml::Node,
};

/// How often a step may be visited by loops when nothing says otherwise (rule E4).
pub const MAX_VISITS: u32 = 100;

/// How long running steps have to end when the process fails or is cancelled (rule E8).
pub const STOP_GRACE: Duration = Duration::from_secs(10);

/// The steps and rules by which a process runs; immutable once it has a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// What people call it.
    pub name: String,
    /// Its version as it was written, such as `1` or `1.0`.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it takes, in the order of the file.
    pub input: Vec<InputField>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// How often loops may visit a step that says nothing itself.
    pub max_visits: Option<u32>,
    /// How long running steps have to end when the process fails or is cancelled.
    pub stop_grace: Option<Duration>,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// Its steps, in the order of the file.
    pub steps: Vec<StepDefinition>,
    /// What it gives when it completes.
    pub outputs: Vec<Output>,
    /// What is told when it completes.
    pub on_success: Vec<Announcement>,
    /// What is told when it fails.
    pub on_failure: Vec<Announcement>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
    /// How the steps hang together.
    pub graph: Graph,
    /// What stands in journals; made when it is first asked for.
    pub(super) form: StoredForm,
}

/// One value that a definition takes.
#[derive(Clone, Debug, PartialEq)]
pub struct InputField {
    /// Its name.
    pub name: String,
    /// What kind of value it is; any when nothing is said.
    pub kind: Option<InputType>,
    /// Whether it must be given.
    pub is_required: bool,
    /// Its value when none is given.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<String>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// The kinds of value that a definition can ask for, named as in JSON Schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "named as in JSON Schema")]
pub enum InputType {
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

/// What a process may cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// The most that may be spent.
    pub cost: Option<Cost>,
    /// What happens when a step could not be paid.
    pub on_exceed: OnExceed,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// What happens when a step could not be paid.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnExceed {
    /// The process fails.
    Fail,
    /// The step waits.
    #[default]
    Pause,
}

/// What starts a process.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Somebody does.
    Manual {
        /// Keys that this version does not know.
        extra: Map<String, Value>,
    },
    /// The time does.
    Schedule {
        /// What tells it apart from the others of the definition.
        id: Option<String>,
        /// The cron pattern, as it was written.
        cron: String,
        /// The name of the time zone; UTC when nothing is said.
        timezone: Option<String>,
        /// Keys that this version does not know.
        extra: Map<String, Value>,
    },
    /// A request to a server does.
    Webhook {
        /// What tells it apart.
        id: Option<String>,
        /// Keys that this version does not know.
        extra: Map<String, Value>,
    },
}

/// One value that a definition gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The value, evaluated when the process completes.
    pub value: Text,
    /// What it is.
    pub description: Option<String>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// Something that is told when a process has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// What is told, and how; `{type: log}` is a notification over the channel log.
    pub notification: Notification,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// How a notification is told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(missing_docs, reason = "each is the channel of its name")]
pub enum Channel {
    Email,
    #[default]
    Log,
    Slack,
    Telegram,
    Webhook,
}

impl Definition {
    /// Returns the step with this id and its place in the list.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<(usize, &StepDefinition)> {
        let index = self.graph.index(id)?;
        Some((index, self.steps.get(index)?))
    }

    /// Reads a definition from the JSON of a journal; its back routes are those that it names.
    ///
    /// # Errors
    /// The first problem; what a journal holds was read before and has none.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let read = super::read::read_stored(&Node::from_json(value));
        let problem = read.problems.iter().find(|problem| problem.is_error());
        match (read.definition, problem) {
            (Some(definition), None) => Ok(definition),
            (_, Some(problem)) => Err(problem.message.clone()),
            (None, None) => Err("the value is no definition".to_owned()),
        }
    }

    /// Returns the steps whose decision or status a condition or a route reads.
    pub(super) fn decisions_read(&self) -> BTreeSet<&StepId> {
        let conditions = self.steps.iter().filter_map(|step| step.condition.as_ref());
        let routes = self.steps.iter().flat_map(StepDefinition::routes);
        let routes = routes.filter_map(|route| route.condition.as_ref());
        let reads = conditions.chain(routes).flat_map(Expression::reads);
        reads
            .filter_map(|read| match &read.root {
                Root::Step(id, StepField::Decision | StepField::Status | StepField::All) => {
                    Some(id)
                }
                // The output of an approval holds its decision too.
                Root::Step(id, StepField::Output)
                    if read.path.first().is_some_and(|key| key == "decision") =>
                {
                    Some(id)
                }
                _ => None,
            })
            .collect()
    }

    /// Returns what a rejection of this step does, written or following from the definition (rule E9).
    #[must_use]
    pub fn reject_outcome(&self, step: usize) -> OnReject {
        self.reject_outcome_with(step, &self.decisions_read())
    }

    /// Returns what a rejection does, for who knows the steps whose decision is read.
    pub(super) fn reject_outcome_with(&self, step: usize, read: &BTreeSet<&StepId>) -> OnReject {
        let Some(step) = self.steps.get(step) else { return OnReject::Fail };
        let StepKind::Approval(approval) = &step.kind else { return OnReject::Fail };
        approval.on_reject.unwrap_or_else(|| match step.on_error {
            Some(OnError::SkipStep) => OnReject::Skip,
            _ if read.contains(&step.id) => OnReject::Continue,
            _ => OnReject::Fail,
        })
    }
}
