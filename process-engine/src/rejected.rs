//! Why an input is refused.

use process_core::{StepId, StepStatus, Timestamp};

/// Says why an input is refused; the execution is as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Rejected {
    /// There is a process already.
    #[error("the process exists already")]
    AlreadyCreated,
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
    /// The process is not archived.
    #[error("the process is not archived")]
    NotArchived,
    /// There is no process.
    #[error("there is no process yet")]
    NotCreated,
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
    /// Look again: somebody else was there first, or the process stands elsewhere.
    Conflict,
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
            Self::AlreadyCreated
            | Self::AlreadyInStatus { .. }
            | Self::Archived
            | Self::Held { .. }
            | Self::NotArchived
            | Self::NotHeld(_)
            | Self::NotOpen { .. }
            | Self::RemovedStep(_)
            | Self::Transition { .. } => RejectedKind::Conflict,
            Self::BadEdit(_) | Self::BadText { .. } | Self::TooMany { .. } => RejectedKind::Invalid,
            Self::NotCreated | Self::UnknownStep(_) | Self::UnknownVersion(_) => {
                RejectedKind::NotFound
            }
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
            Self::AlreadyCreated
            | Self::AlreadyInStatus { .. }
            | Self::BadEdit(_)
            | Self::BadText { .. }
            | Self::NotArchived
            | Self::NotCreated
            | Self::NotHeld(_)
            | Self::RemovedStep(_)
            | Self::TooMany { .. }
            | Self::Transition { .. } => None,
        }
    }
}
