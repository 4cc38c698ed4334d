//! One step of a definition: what it is, when it starts, what happens when it goes wrong.

use std::time::Duration;

use serde_json::{Map, Value};

use super::model::{Channel, OnExceed};
use crate::{
    diagnostic::Place,
    expr::{Expression, Text, TextTree},
    id::StepId,
    money::Cost,
};

/// A step of a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDefinition {
    /// Unique within the definition.
    pub id: StepId,
    /// What people call it; the id when nothing is said.
    pub name: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// What is to be done.
    pub kind: StepKind,
    /// The steps that it waits for, each once.
    pub depends_on: Vec<StepId>,
    /// How many of them it waits for (rule E1).
    pub join: Join,
    /// What must hold for it to run (rule E2).
    pub condition: Option<Expression>,
    /// How long an attempt, an approval or a wait may take.
    pub timeout: Option<Duration>,
    /// How often it is tried (rule E6).
    pub retry: Option<Retry>,
    /// What happens when it has failed (rule E7); `None` = nothing was said, which fails the process.
    pub on_error: Option<OnError>,
    /// How it is undone (rule E8).
    pub compensation: Option<Box<Compensation>>,
    /// One visit for each item of a list (rule E5).
    pub foreach: Option<Foreach>,
    /// Visits until something holds (rule E5).
    pub repeat: Option<Repeat>,
    /// Steps with the same name never run at the same time.
    pub mutex: Option<String>,
    /// Steps that are cancelled when this one completes.
    pub cancels: Vec<StepId>,
    /// The longest silence of a running attempt before it counts as lost.
    pub heartbeat: Option<Duration>,
    /// Whether an attempt may be performed again after a crash.
    pub delivery: Delivery,
    /// What it may cost.
    pub budget: Option<StepBudget>,
    /// How often loops may visit it (rule E4).
    pub max_visits: Option<u32>,
    /// Who is told about failures and ends of it (rule E15).
    pub monitors: Vec<String>,
    /// Who is told about its end (rule E15).
    pub informed: Vec<String>,
    /// Keys of its roles that this version does not know.
    pub roles_extra: Map<String, Value>,
    /// What it takes, in words.
    pub inputs: Vec<String>,
    /// What it gives, in words.
    pub outputs: Vec<String>,
    /// What must hold when it is done, in words.
    pub checks: Vec<String>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
    /// Where it stands in the file.
    pub place: Place,
}

/// What is to be done in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// An agent is asked.
    AgentTask {
        /// The name of the agent; whoever takes the step when nothing is said.
        agent: Option<Text>,
        /// What it is told; the name of the step when nothing is said.
        message: Option<Text>,
        /// The model that it should use.
        model: Option<Text>,
        /// The temperature that it should use, as it was written.
        temperature: Option<Value>,
    },
    /// A person decides.
    Approval(Box<Approval>),
    /// A program runs.
    Command(Box<Command>),
    /// The way goes on here or there.
    Gateway(Gateway),
    /// A person or an agent does it, through any frontend.
    Manual {
        /// What is to be done.
        message: Option<Text>,
    },
    /// Somebody is told something.
    Notification(Box<Notification>),
    /// Another process runs.
    SubProcess(Box<SubProcess>),
    /// Time passes.
    Timer(Timer),
    /// Something outside, or the process's own data, lets it go on.
    WaitFor(WaitFor),
}

/// A program that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The program and its arguments; with `shell` one text.
    pub run: Vec<Text>,
    /// Whether a shell reads the text.
    pub shell: bool,
    /// Variables of its environment.
    pub env: Vec<(String, Text)>,
    /// The folder in which it runs.
    pub cwd: Option<Text>,
    /// What it reads.
    pub stdin: Option<Text>,
}

/// A decision that a person makes (rule E9).
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// What it is about, in a line.
    pub title: Option<Text>,
    /// What it is about.
    pub description: Option<Text>,
    /// Who may decide; anybody when empty. One text may give a list.
    pub approvers: Vec<Text>,
    /// How many approvals it takes; the first decision decides when nothing is said.
    pub min_approvals: Option<u32>,
    /// What is to be looked at.
    pub artifacts: Vec<Text>,
    /// What happens when its time is over.
    pub on_timeout: OnTimeout,
    /// What a rejection does; `None` = it follows from the definition (rule E9).
    pub on_reject: Option<OnReject>,
    /// Whether a rejection needs a comment.
    pub require_reason_on_reject: bool,
}

/// What happens when the time of an approval is over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(missing_docs, reason = "docs/semantics.md says what each does, under E9")]
pub enum OnTimeout {
    Approve,
    #[default]
    Fail,
    Notify,
    Reject,
    Skip,
}

/// What a rejection does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnReject {
    /// The step completes, its decision is `rejected`.
    Continue,
    /// The step fails.
    Fail,
    /// The step is skipped, with the reason `rejected`.
    Skip,
}

/// A place where the way goes on here or there (rule E3).
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// How many routes it takes.
    pub kind: GatewayKind,
    /// The routes, in the order of the file.
    pub routes: Vec<Route>,
}

/// How many routes a gateway takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum GatewayKind {
    /// That of what happens first.
    Event,
    /// The first whose condition holds.
    #[default]
    Exclusive,
    /// All whose conditions hold.
    Inclusive,
    /// All.
    Parallel,
}

/// A route of a gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What must hold for it to be taken.
    pub condition: Option<Expression>,
    /// Whether it is taken when no other is.
    pub is_default: bool,
    /// Where it leads; `None` = nothing follows.
    pub next: Option<StepId>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// A message to people.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// How it is told.
    pub channel: Channel,
    /// What is told.
    pub message: Text,
    /// To whom.
    pub recipients: Vec<Text>,
    /// The address of a webhook or of Slack.
    pub url: Option<Text>,
    /// More for the channel: `subject`, `headers`, `method`, `chat_id` …
    pub options: Vec<(String, TextTree)>,
}

/// A process of its own that a step starts (rule E11).
#[derive(Clone, Debug, PartialEq)]
pub struct SubProcess {
    /// The name of the template.
    pub process: Text,
    /// The version of the template, as it was written.
    pub version: Option<String>,
    /// What it is given.
    pub input: Vec<(String, TextTree)>,
    /// The key under which its outputs stand in the step's output.
    pub output_key: Option<String>,
    /// Whether the step waits for its end.
    pub wait: bool,
}

/// A step that waits for an instant (rule E10).
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    /// When it ends.
    pub end: TimerEnd,
}

/// When a timer ends.
#[derive(Clone, Debug, PartialEq)]
pub enum TimerEnd {
    /// So much later; gives a duration.
    Delay(Text),
    /// At a clock time or an instant; gives `09:30`, or an RFC 3339 instant.
    Until {
        /// The clock time or instant.
        at: Text,
        /// The name of the time zone of a clock time; UTC when nothing is said.
        timezone: Option<Text>,
    },
}

/// A step that waits for a message or for the process's own data (rule E12).
#[derive(Clone, Debug, PartialEq)]
pub enum WaitFor {
    /// For a message of this name, with this key if one is given.
    Message {
        /// The name.
        name: Text,
        /// The key.
        correlation: Option<Text>,
    },
    /// Until an expression holds.
    Until(Expression),
}

/// How many of its dependencies a step waits for (rule E1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Join {
    /// All, of which one must be live.
    #[default]
    All,
    /// All, and all must be live.
    AllCompleted,
    /// The first that is live.
    Any,
    /// Each that is live, one visit for each.
    Each,
    /// So many that are live.
    Count(u32),
}

/// How often a step is tried, and how long it is waited in between (rule E6).
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The most attempts, the first included.
    pub max_attempts: u32,
    /// The delay before the second attempt.
    pub initial_delay: Duration,
    /// How the delay grows.
    pub backoff: Backoff,
    /// The factor of an exponential delay.
    pub multiplier: f64,
    /// The longest delay.
    pub max_delay: Option<Duration>,
    /// How much of a delay is left to chance, 0 to 1.
    pub jitter: f64,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// How a delay between attempts grows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Backoff {
    /// By a factor.
    #[default]
    Exponential,
    /// Not at all.
    Fixed,
    /// By the first delay.
    Linear,
}

/// What happens when a step has failed (rule E7).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnError {
    /// The process fails.
    FailProcess,
    /// The way goes on at this step.
    Goto(StepId),
    /// The step counts as skipped.
    SkipStep,
}

/// How a completed step is undone (rule E8).
#[derive(Clone, Debug, PartialEq)]
pub struct Compensation {
    /// What is to be done: an agent task, a command, a notification, a process or work by hand.
    pub kind: StepKind,
    /// How often it is tried.
    pub retry: Option<Retry>,
    /// How long an attempt may take.
    pub timeout: Option<Duration>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// One visit for each item of a list (rule E5).
#[derive(Clone, Debug, PartialEq)]
pub struct Foreach {
    /// The list.
    pub items: TextTree,
    /// A name for the item, beside `item`.
    pub name: Option<String>,
    /// How many visits may run at once; any number when nothing is said.
    pub max_parallel: Option<u32>,
    /// Whether followers wait for the last item.
    pub wait: bool,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// Visits until something holds (rule E5).
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// What must hold; an undefined name means not yet.
    pub until: Expression,
    /// The most turns.
    pub max: u32,
    /// How long it is waited between turns.
    pub delay: Duration,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// Whether an attempt may be performed again when it is not known how it ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Delivery {
    /// It may: the attempt's key lets the other side tell a repeat.
    #[default]
    AtLeastOnce,
    /// It may not: a person says what became of it.
    AtMostOnce,
}

/// What a step may cost (rule E13).
#[derive(Clone, Debug, PartialEq)]
pub struct StepBudget {
    /// What is reserved for an attempt.
    pub cost: Option<Cost>,
    /// What happens when it could not be paid; the process's own rule when nothing is said.
    pub on_exceed: Option<OnExceed>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl StepDefinition {
    /// Returns whether an attempt of the step has a cost to come (rule E13).
    #[must_use]
    pub fn is_costed(&self) -> bool {
        matches!(
            self.kind,
            StepKind::AgentTask { .. } | StepKind::Command(_) | StepKind::SubProcess(_)
        )
    }

    /// Returns the routes of a gateway; none of any other step.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        if let StepKind::Gateway(gateway) = &self.kind { &gateway.routes } else { &[] }
    }
}

impl StepKind {
    /// Returns the canonical name of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::AgentTask { .. } => "agent_task",
            Self::Approval(_) => "human_approval",
            Self::Command(_) => "command",
            Self::Gateway(_) => "gateway",
            Self::Manual { .. } => "manual",
            Self::Notification(_) => "notification",
            Self::SubProcess(_) => "sub_process",
            Self::Timer(_) => "timer",
            Self::WaitFor(_) => "wait_for",
        }
    }
}
