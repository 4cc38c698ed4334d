//! What became of a child, as its entry says, and what may become of it.

use std::fmt;

#[cfg(test)]
mod tests;

/// What an entry says about its child.
///
/// | from \ to | running | stopped | orphaned | stale | other |
/// |---|---|---|---|---|---|
/// | running | same | yes: its end was seen | yes: its owner is gone | yes: nobody saw its end | no |
/// | orphaned | yes: it was adopted | yes | same | yes | no |
/// | stale | yes: it could be verified after all | yes | yes | same | no |
/// | stopped | no | same | no | no | no |
/// | other | yes | yes | yes | yes | same |
///
/// A child that stopped stays so; what has its number next is another entry.
/// Nothing is ever given a status that is not of this version.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ProcessStatus {
    /// It lives, but whoever started it does not.
    Orphaned,
    /// A text of another program or version, kept and shown as it stands.
    Other(Box<str>),
    /// It lives, and so does whoever started it.
    Running,
    /// The entry outlived the child, or it cannot be verified.
    Stale,
    /// Its end was seen.
    Stopped,
}

impl ProcessStatus {
    /// Reads a status; what is not known is [`ProcessStatus::Other`].
    #[must_use]
    pub fn parse(text: &str) -> ProcessStatus {
        match text {
            "orphaned" => ProcessStatus::Orphaned,
            "running" => ProcessStatus::Running,
            "stale" => ProcessStatus::Stale,
            "stopped" => ProcessStatus::Stopped,
            other => ProcessStatus::Other(other.into()),
        }
    }

    /// Returns the text that stands in a file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            ProcessStatus::Orphaned => "orphaned",
            ProcessStatus::Other(text) => text,
            ProcessStatus::Running => "running",
            ProcessStatus::Stale => "stale",
            ProcessStatus::Stopped => "stopped",
        }
    }

    /// Tells whether an entry of this status may be given another one, or keep it.
    #[must_use]
    pub fn may_become(&self, next: &ProcessStatus) -> bool {
        if self == next {
            return true;
        }
        match (self, next) {
            (_, ProcessStatus::Other(_)) | (ProcessStatus::Stopped, _) => false,
            (
                ProcessStatus::Orphaned
                | ProcessStatus::Other(_)
                | ProcessStatus::Running
                | ProcessStatus::Stale,
                ProcessStatus::Orphaned
                | ProcessStatus::Running
                | ProcessStatus::Stale
                | ProcessStatus::Stopped,
            ) => true,
        }
    }

    /// Tells whether the child has ended or was given up, so that its number may be another's.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            ProcessStatus::Stale | ProcessStatus::Stopped => true,
            ProcessStatus::Orphaned | ProcessStatus::Other(_) | ProcessStatus::Running => false,
        }
    }
}

impl Default for ProcessStatus {
    /// Returns the status of an entry that has none: an empty text.
    fn default() -> ProcessStatus {
        ProcessStatus::Other("".into())
    }
}

impl fmt::Display for ProcessStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
