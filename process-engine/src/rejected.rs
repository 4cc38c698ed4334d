//! Why an input is refused.

use process_core::{ProcessStatus, StepId, StepStatus, Timestamp};

/// Says why an input is refused; the execution is as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Rejected {
    /// There is a process already.
    #[error("the process exists already")]
    AlreadyCreated,
    /// The approval was decided, or this approver has decided it.
    #[error("approval `{step}` is decided already")]
    AlreadyDecided {
        /// The step.
        step: StepId,
    },
    /// The process runs by a definition already.
    #[error("the process was started already")]
    AlreadyStarted,
    /// The step has the status already.
    #[error("step `{step}` is {status} already")]
    AlreadyInStatus {
        /// The step.
        step: StepId,
        /// Its status.
        status: StepStatus,
    },
    /// The process was put away.
    #[error("the process is archived")]
    Archived,
    /// What was spent would be more than can be counted.
    #[error("what step `{step}` cost cannot be added to what was spent")]
    BadCost {
        /// The step.
        step: StepId,
    },
    /// The change is none that can be made; every reason.
    #[error("{}", .0.join("; "))]
    BadEdit(Vec<String>),
    /// A text is empty or too long.
    #[error("{what} must have 1 to {bytes_max} bytes")]
    BadText {
        /// What the text is.
        what: &'static str,
        /// The most bytes that it may have.
        bytes_max: usize,
    },
    /// The step cannot be paid with what is left.
    #[error("step `{step}` cannot be paid with what is left of the budget")]
    Budget {
        /// The step.
        step: StepId,
    },
    /// The process cannot go on by this definition; every reason.
    #[error("the definition cannot be adopted: {}", .0.join("; "))]
    CannotAdopt(Vec<String>),
    /// The process has come to its end.
    #[error("the process is {0}")]
    Ended(ProcessStatus),
    /// Somebody decides who is none of the approvers.
    #[error("{by} is none of the approvers of `{step}`: {}", .approvers.join(", "))]
    Forbidden {
        /// The step.
        step: StepId,
        /// Who wanted to decide.
        by: String,
        /// Who may.
        approvers: Vec<String>,
    },
    /// Somebody else holds the step.
    #[error("step `{step}` is held by {by} until {until}")]
    Held {
        /// The step.
        step: StepId,
        /// Who holds it.
        by: String,
        /// Until when.
        until: Timestamp,
    },
    /// The input is not what the definition takes; every reason.
    #[error("{}", .0.join("; "))]
    InvalidInput(Vec<String>),
    /// The mailbox holds as much as it can.
    #[error("the mailbox of the process is full")]
    MailboxFull,
    /// The step is no approval that waits.
    #[error("step `{0}` is no approval that waits")]
    NotAnApproval(StepId),
    /// The process is not archived.
    #[error("the process is not archived")]
    NotArchived,
    /// There is no process.
    #[error("there is no process yet")]
    NotCreated,
    /// The process takes nothing up: it is paused, or on its way to its end.
    #[error("the process takes nothing up: it is paused or ending")]
    NotDispatching,
    /// The process goes on.
    #[error("the process has not ended")]
    NotEnded,
    /// The process is not paused.
    #[error("the process is not paused")]
    NotPaused,
    /// The process does not run by a definition.
    #[error("the process was not started")]
    NotStarted,
    /// Nothing failed or was cancelled.
    #[error("there is nothing to try again")]
    NothingToRetry,
    /// Nobody holds the step.
    #[error("nobody holds step `{0}`")]
    NotHeld(StepId),
    /// The step cannot be claimed or removed as it stands.
    #[error("step `{step}` is {status}")]
    NotOpen {
        /// The step.
        step: StepId,
        /// Its status.
        status: StepStatus,
    },
    /// The result is of an attempt that is over.
    #[error("the token is none of the running attempt of step `{step}`")]
    OldToken {
        /// The step.
        step: StepId,
    },
    /// The splices were made for another text.
    #[error("the document is not the one that the change was made for")]
    OtherDocument,
    /// A rejection needs a comment.
    #[error("a rejection of `{step}` needs a comment")]
    ReasonNeeded {
        /// The step.
        step: StepId,
    },
    /// The process runs by a definition, which alone says what its steps are.
    #[error("the process runs by a definition, which says what its steps are")]
    Runs,
    /// The step has several open visits.
    #[error("step `{step}` has several open visits: {}", shown_visits(.step, .visits))]
    SeveralVisits {
        /// The step.
        step: StepId,
        /// The visits.
        visits: Vec<u32>,
    },
    /// The step was taken out of the list.
    #[error("step `{0}` was removed")]
    RemovedStep(StepId),
    /// A limit is reached.
    #[error("a process has at most {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The most that there may be.
        limit: usize,
    },
    /// The status cannot be set by hand, or not from where the step stands.
    #[error("step `{step}` is {from} and cannot become {to} by hand")]
    Transition {
        /// The step.
        step: StepId,
        /// Where it stands.
        from: StepStatus,
        /// Where it was to go.
        to: StepStatus,
    },
    /// There is no such step.
    #[error("there is no step `{0}`")]
    UnknownStep(StepId),
    /// There is no such version.
    #[error("there is no version {0}")]
    UnknownVersion(u64),
}

/// The one question a caller asks of a refusal: what do I do now?
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RejectedKind {
    /// Nothing to do: somebody decided before.
    AlreadyDecided,
    /// Look again: somebody else was there first, or the process stands elsewhere.
    Conflict,
    /// Ask somebody who may.
    Forbidden,
    /// Ask for something else.
    Invalid,
    /// Name something that exists.
    NotFound,
}

impl Rejected {
    /// Returns what kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> RejectedKind {
        match self {
            Self::AlreadyDecided { .. } => RejectedKind::AlreadyDecided,
            Self::Forbidden { .. } => RejectedKind::Forbidden,
            Self::AlreadyCreated
            | Self::AlreadyInStatus { .. }
            | Self::AlreadyStarted
            | Self::Archived
            | Self::Budget { .. }
            | Self::CannotAdopt(_)
            | Self::Ended(_)
            | Self::MailboxFull
            | Self::NotAnApproval(_)
            | Self::NotDispatching
            | Self::NotEnded
            | Self::NotPaused
            | Self::NothingToRetry
            | Self::OldToken { .. }
            | Self::OtherDocument
            | Self::Runs
            | Self::SeveralVisits { .. }
            | Self::Held { .. }
            | Self::NotArchived
            | Self::NotHeld(_)
            | Self::NotOpen { .. }
            | Self::RemovedStep(_)
            | Self::Transition { .. } => RejectedKind::Conflict,
            Self::BadCost { .. }
            | Self::BadEdit(_)
            | Self::BadText { .. }
            | Self::InvalidInput(_)
            | Self::ReasonNeeded { .. }
            | Self::TooMany { .. } => RejectedKind::Invalid,
            Self::NotCreated
            | Self::NotStarted
            | Self::UnknownStep(_)
            | Self::UnknownVersion(_) => RejectedKind::NotFound,
        }
    }

    /// Returns what to do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Archived => Some("take it back with `procside restore ID` first"),
            Self::Held { .. } => Some("wait until the claim expires, or take another step"),
            Self::NotOpen { .. } => Some("set it back with `procside step ID -s pending` first"),
            Self::UnknownVersion(_) => Some("`procside history ID` lists the versions"),
            Self::UnknownStep(_) => Some("`procside show ID` lists the steps"),
            Self::CannotAdopt(_) => {
                Some("change the definition so that what is done has its place")
            }
            Self::Forbidden { .. } => Some("decide as one of the approvers with `--by`"),
            Self::MailboxFull => Some("wait until messages are taken, or cancel the process"),
            Self::ReasonNeeded { .. } => Some("say why with `--comment`"),
            Self::Runs => Some("change its definition instead, and adopt it"),
            Self::SeveralVisits { .. } => Some("name one of them"),
            Self::AlreadyCreated
            | Self::AlreadyDecided { .. }
            | Self::AlreadyInStatus { .. }
            | Self::AlreadyStarted
            | Self::BadCost { .. }
            | Self::BadEdit(_)
            | Self::BadText { .. }
            | Self::Budget { .. }
            | Self::Ended(_)
            | Self::InvalidInput(_)
            | Self::NotAnApproval(_)
            | Self::NotArchived
            | Self::NotDispatching
            | Self::NotEnded
            | Self::NotPaused
            | Self::NotStarted
            | Self::NothingToRetry
            | Self::OldToken { .. }
            | Self::OtherDocument
            | Self::NotCreated
            | Self::NotHeld(_)
            | Self::RemovedStep(_)
            | Self::TooMany { .. }
            | Self::Transition { .. } => None,
        }
    }
}

fn shown_visits(step: &StepId, visits: &[u32]) -> String {
    const SHOWN_MAX: usize = 20;
    let mut shown: Vec<String> =
        visits.iter().take(SHOWN_MAX).map(|visit| format!("{step}#{visit}")).collect();
    if visits.len() > SHOWN_MAX {
        shown.push("...".to_owned());
    }
    shown.join(", ")
}
