//! The statuses of processes and steps, and the spellings in which they are read.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Where a process stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ProcessStatus {
    /// Nothing has started.
    Planned,
    /// Something runs or can be taken.
    InProgress,
    /// Every open step waits for something outside.
    Waiting,
    /// A person stopped it for the time being.
    Paused,
    /// Nothing can move it but a change to it.
    Blocked,
    /// Every step has ended well.
    Completed,
    /// A step failed and nothing handles that.
    Failed,
    /// A person ended it.
    Cancelled,
}

impl ProcessStatus {
    /// Every status, in the order of a process's life.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::InProgress,
        Self::Waiting,
        Self::Paused,
        Self::Blocked,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Returns the canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InProgress => "in_progress",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Blocked => "blocked",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Parses a canonical spelling or one that other programs write (`running`, `done` …).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let status = match folded(text).as_str() {
            "planned" | "pending" | "draft" | "created" => Self::Planned,
            "in_progress" | "running" | "active" | "started" => Self::InProgress,
            "waiting" | "waiting_approval" | "waiting_for_approval" => Self::Waiting,
            "paused" | "suspended" => Self::Paused,
            "blocked" => Self::Blocked,
            "completed" | "complete" | "done" => Self::Completed,
            "failed" | "error" => Self::Failed,
            "cancelled" | "canceled" => Self::Cancelled,
            _ => return None,
        };
        Some(status)
    }

    /// Returns whether a process with this status has come to its end.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StepStatus {
    /// Not started.
    Pending,
    /// Somebody or something works on it.
    InProgress,
    /// It waits for something outside.
    Waiting,
    /// Done.
    Completed,
    /// Left out.
    Skipped,
    /// Tried, and not done.
    Failed,
    /// Ended from outside.
    Cancelled,
    /// Done, and undone again because the process failed or was cancelled.
    Compensated,
}

impl StepStatus {
    /// Every status, in the order of a step's life.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::InProgress,
        Self::Waiting,
        Self::Completed,
        Self::Skipped,
        Self::Failed,
        Self::Cancelled,
        Self::Compensated,
    ];

    /// Returns the canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Compensated => "compensated",
        }
    }

    /// Parses a canonical spelling or one that other programs write (`running`, `done` …).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let status = match folded(text).as_str() {
            "pending" | "planned" | "todo" | "ready" => Self::Pending,
            "in_progress" | "running" | "active" | "started" => Self::InProgress,
            "waiting" | "waiting_approval" | "waiting_for_approval" | "blocked" => Self::Waiting,
            "completed" | "complete" | "done" => Self::Completed,
            "skipped" | "skip" => Self::Skipped,
            "failed" | "error" => Self::Failed,
            "cancelled" | "canceled" => Self::Cancelled,
            "compensated" => Self::Compensated,
            _ => return None,
        };
        Some(status)
    }

    /// Returns whether nothing more is to be done for the step.
    #[must_use]
    pub fn has_ended(self) -> bool {
        match self {
            Self::Completed | Self::Skipped | Self::Cancelled | Self::Compensated => true,
            Self::Pending | Self::InProgress | Self::Waiting | Self::Failed => false,
        }
    }
}

fn folded(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

/// Serialises a status as its canonical spelling (journal lines, docs/formats/journal.md).
macro_rules! serde_as_text {
    ($($status:ty),+) => {$(
        impl fmt::Display for $status {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $status {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $status {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text)
                    .ok_or_else(|| de::Error::custom(format!("{text:?} is no status")))
            }
        }
    )+};
}

serde_as_text!(ProcessStatus, StepStatus);

#[cfg(test)]
mod tests;
