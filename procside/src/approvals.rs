//! What waits for a decision, in all processes, and deciding it.

use process_core::{ProcessId, Timestamp, event::Decided};
use process_engine::{Decision, Input, VisitRef};
use process_store::place::Waiting;
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// The most approvals that are listed at once.
pub const APPROVALS_MAX: usize = 1_000;

/// Everything that waits for a decision.
#[derive(Clone, Debug)]
pub struct Approvals {
    /// What waits, longest waiting first.
    pub approvals: Vec<OpenApproval>,
    /// Whether there are more.
    pub has_more: bool,
    /// What could not be read, for people.
    pub notices: Vec<String>,
}

/// One approval that waits.
#[derive(Clone, Debug)]
pub struct OpenApproval {
    /// The process.
    pub process: ProcessId,
    /// What the process is called.
    pub process_name: String,
    /// The step; its visit where it has several open ones.
    pub step: VisitRef,
    /// What it is about, in a line.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Since when it waits.
    pub since: Option<Timestamp>,
    /// When its time is over.
    pub deadline: Option<Timestamp>,
    /// Whether its time is over, and it goes on waiting.
    pub is_overdue: bool,
    /// Who may decide; anybody when empty.
    pub approvers: Vec<String>,
    /// How many approvals it takes.
    pub needed: u32,
    /// Who has decided so far.
    pub decided: Vec<String>,
    /// What is to be looked at.
    pub artifacts: Vec<Value>,
    /// What a rejection does: `continue`, `fail` or `skip`.
    pub on_reject: String,
    /// Whether a rejection needs a comment.
    pub needs_reason: bool,
}

impl Procside {
    /// Lists what waits for a decision in processes that are not archived, longest waiting first.
    ///
    /// # Errors
    /// Whatever keeps the processes from being listed; one that cannot be read is a notice.
    pub fn approvals(&self, limit: usize) -> Result<Approvals, Error> {
        let (ids, mut notices) = self.place.waiting(Waiting::Approval, &self.now())?;
        let mut approvals = Vec::new();
        for id in ids {
            match self.approvals_of(id) {
                Ok(found) => approvals.extend(found),
                Err(error) => notices.push(error.to_string()),
            }
        }
        let since = |approval: &OpenApproval| approval.since.as_ref().map(Timestamp::instant);
        approvals.sort_by_key(|approval| (since(approval), approval.process));
        let limit = limit.min(APPROVALS_MAX);
        let has_more = approvals.len() > limit;
        approvals.truncate(limit);
        Ok(Approvals { approvals, has_more, notices })
    }

    /// Lists as [`Procside::approvals`] does, at most so many or as many as there can be.
    ///
    /// # Errors
    /// As [`Procside::approvals`]; `Invalid` for a limit of 0.
    pub fn listed_approvals(&self, limit: Option<usize>) -> Result<Approvals, Error> {
        if limit == Some(0) {
            return Err(Error::new(ErrorKind::Invalid, "a list holds at least one approval"));
        }
        self.approvals(limit.unwrap_or(APPROVALS_MAX))
    }

    /// Decides an approval, as whoever acts.
    ///
    /// # Errors
    /// `AlreadyDecided`; `Forbidden` for somebody who is none of the approvers, whom `details` lists;
    /// `Conflict` for a step that waits for no approval; `Invalid` for a rejection that lacks its
    /// reason; `NotFound`.
    pub fn decide_approval(
        &self,
        id: Option<ProcessId>,
        step: impl Into<VisitRef>,
        decision: Decided,
        comment: Option<String>,
    ) -> Result<Changed, Error> {
        let step = step.into();
        let decision = Decision { decision, comment, via: None };
        self.change(id, vec![Input::Decide { step, decision }])
    }

    fn approvals_of(&self, id: ProcessId) -> Result<Vec<OpenApproval>, Error> {
        // A process that people keep has no journal of a run; reading it costs little.
        let (shown, record) = self.read(Some(id))?;
        let Some(run) = record.execution.run() else { return Ok(Vec::new()) };
        if run.ending().is_some() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for waiting in run.waiting() {
            let visit = run.step(waiting.step.as_str()).and_then(|step| step.visit(waiting.visit));
            let Some(visit) = visit else { continue };
            let Some((request, decided)) = visit.approval() else { continue };
            let place = run.definition().graph.index(waiting.step.as_str());
            let has_several = place.is_some_and(|place| run.open_visits(place).len() > 1);
            found.push(OpenApproval {
                process: id,
                process_name: shown.process.name.clone(),
                step: VisitRef {
                    step: waiting.step.clone(),
                    visit: has_several.then_some(waiting.visit),
                },
                title: request.title.clone(),
                description: request.description.clone(),
                since: visit.started_at().map(Timestamp::from_instant),
                deadline: visit.deadline().map(Timestamp::from_instant),
                is_overdue: visit.is_overdue(),
                approvers: request.approvers.clone(),
                needed: request.needed,
                decided: decided.into_iter().map(str::to_owned).collect(),
                artifacts: request.artifacts.clone(),
                on_reject: request.on_reject.clone(),
                needs_reason: request.needs_reason,
            });
        }
        Ok(found)
    }
}

impl OpenApproval {
    /// Returns the approval as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": self.process.to_string(),
            "name": self.process_name,
            "step": self.step.to_string(),
            "title": self.title,
            "description": self.description,
            "since": self.since,
            "deadline": self.deadline,
            "overdue": self.is_overdue,
            "approvers": self.approvers,
            "needed": self.needed,
            "decided": self.decided,
            "artifacts": self.artifacts,
            "on_reject": self.on_reject,
            "needs_reason": self.needs_reason,
        })
    }
}

impl Approvals {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let approvals: Vec<Value> = self.approvals.iter().map(OpenApproval::to_value).collect();
        json!({"approvals": approvals, "more": self.has_more})
    }
}
