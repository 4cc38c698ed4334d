//! The entry of one child.

use crate::identity::{ChildIdentity, Exit};
use crate::json::{Kept, record};
use crate::key::EntryKey;
use crate::name::{Namespace, TaskId};
use crate::status::ProcessStatus;

/// What a registry knows about one child.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProcessInfo {
    /// Its number.
    pub pid: u32,
    /// The program that runs.
    pub command: String,
    /// What it was given.
    pub args: Vec<String>,
    /// Whose children it belongs to.
    pub namespace: Namespace,
    /// What it works on.
    pub task_id: Option<TaskId>,
    /// When it was started, in milliseconds since 1970.
    pub start_time: u64,
    /// What became of it, as far as the last writer knew.
    pub status: ProcessStatus,
    /// The number of whoever started it.
    pub parent_pid: Option<u32>,
    /// What tells it apart from others that had or will have its number.
    pub identity: Option<ChildIdentity>,
    /// Keys of other programs and versions, and the order of all.
    pub kept: Kept,
}

/// What is said about a child when it is added.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProcessMetadata {
    /// The program that runs.
    pub command: String,
    /// What it was given.
    pub args: Vec<String>,
    /// Whose children it belongs to.
    pub namespace: Namespace,
    /// What it works on.
    pub task_id: Option<TaskId>,
    /// When it was started, in milliseconds since 1970.
    pub start_time: u64,
    /// The number of whoever started it.
    pub parent_pid: Option<u32>,
    /// What tells it apart from others that had or will have its number.
    pub identity: Option<ChildIdentity>,
}

impl ProcessInfo {
    /// Returns the entry of a child that runs.
    #[must_use]
    pub fn new(pid: u32, metadata: ProcessMetadata) -> ProcessInfo {
        let ProcessMetadata { command, args, namespace, task_id, start_time, parent_pid, identity } =
            metadata;
        ProcessInfo {
            pid,
            command,
            args,
            namespace,
            task_id,
            start_time,
            status: ProcessStatus::Running,
            parent_pid,
            identity,
            kept: Kept::default(),
        }
    }

    /// Returns what tells this entry apart from all others.
    #[must_use]
    pub fn key(&self) -> EntryKey {
        EntryKey::of(self)
    }

    /// Returns how the child ended, if that was seen.
    #[must_use]
    pub fn exit(&self) -> Option<&Exit> {
        self.identity.as_ref()?.exit.as_ref()
    }

    /// Tells whether both are entries of the same operating-system process.
    ///
    /// With an identity on both sides, that decides; else the number and the time of the start.
    #[must_use]
    pub fn is_same_child(&self, other: &ProcessInfo) -> bool {
        if self.pid != other.pid {
            return false;
        }
        match (&self.identity, &other.identity) {
            (Some(one), Some(two)) if one.is_comparable(two) => one.is_same(two),
            _ => self.start_time == other.start_time,
        }
    }

    /// Returns the bytes of the command with its arguments.
    pub(crate) fn command_bytes(&self) -> usize {
        self.args.iter().fold(self.command.len(), |sum, arg| sum.saturating_add(arg.len()))
    }
}

record!(ProcessInfo {
    "pid" => pid,
    "command" => command,
    "args" => args,
    "namespace" => namespace,
    "taskId" => task_id,
    "startTime" => start_time,
    "status" => status,
    "parentPid" => parent_pid,
    "identity" => identity,
});
