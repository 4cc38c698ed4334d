//! Who a child is, beyond its number, and what is to be known about it by whoever comes later.

use crate::json::{Kept, record};
use crate::restart::RestartState;

/// What tells a child apart from all others, and what its owner left for those who come later.
///
/// It is the value of `identity` in an entry; what is not known is absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChildIdentity {
    /// When it started, in clock ticks since the boot.
    pub start_time: Option<u64>,
    /// The boot during which it runs.
    pub boot_id: Option<String>,
    /// The namespace in which its number holds.
    pub pid_namespace: Option<u64>,
    /// The host on which it runs.
    pub host: Option<String>,
    /// The UUID under which it was started, which stands in its environment as well.
    pub run_id: Option<String>,
    /// Whether it leads a process group of its own, so that a signal can go to the whole group.
    pub group: bool,
    /// Who started or adopted it.
    pub owner: Option<Owner>,
    /// The file that its output goes to.
    pub log: Option<String>,
    /// How it ended, once that was seen.
    pub exit: Option<Exit>,
    /// How it is started again when it ends.
    pub restart: Option<RestartState>,
    /// What it may use.
    pub limits: Option<ChildLimits>,
    /// When somebody asked for its end, in milliseconds since 1970: from then on it is neither
    /// started again nor adopted.
    pub ending: Option<u64>,
    /// Keys of other versions.
    pub kept: Kept,
}

/// The operating-system process that answers for a child.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Owner {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the boot.
    pub start_time: Option<u64>,
    /// Keys of other versions.
    pub kept: Kept,
}

/// How a child ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Exit {
    /// The code that it returned.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// When that was seen, in milliseconds since 1970.
    pub at: u64,
    /// Keys of other versions.
    pub kept: Kept,
}

/// What a child may use; what is absent is not limited.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChildLimits {
    /// Seconds of processor time.
    pub cpu_s: Option<u64>,
    /// Bytes of one file that it writes.
    pub file_bytes: Option<u64>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Files that are open at once.
    pub open_files: Option<u64>,
    /// Processes of its user that there may be.
    pub processes: Option<u64>,
    /// Milliseconds from its start after which it is ended.
    pub timeout_ms: Option<u64>,
    /// Keys of other versions.
    pub kept: Kept,
}

impl ChildIdentity {
    /// Tells whether both say enough to be compared.
    #[must_use]
    pub fn is_comparable(&self, other: &ChildIdentity) -> bool {
        (self.start_time.is_some() && other.start_time.is_some())
            || (self.run_id.is_some() && other.run_id.is_some())
    }

    /// Tells whether both name the same operating-system process.
    ///
    /// Two that have a start time each are compared by it and the boot; otherwise by the UUID of
    /// the run. Two that cannot be compared are not the same.
    #[must_use]
    pub fn is_same(&self, other: &ChildIdentity) -> bool {
        if self.start_time.is_some() && other.start_time.is_some() {
            self.start_time == other.start_time && self.boot_id == other.boot_id
        } else {
            self.run_id.is_some() && self.run_id == other.run_id
        }
    }
}

impl Exit {
    /// Returns the end of a child that returned a code.
    #[must_use]
    pub fn of_code(code: i32, at_ms: u64) -> Exit {
        Exit { code: Some(code), at: at_ms, ..Exit::default() }
    }

    /// Returns the end of a child that a signal ended.
    #[must_use]
    pub fn of_signal(signal: i32, at_ms: u64) -> Exit {
        Exit { signal: Some(signal), at: at_ms, ..Exit::default() }
    }

    /// Tells whether the child said that it had done its work: code 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }
}

record!(ChildIdentity {
    "start_time" => start_time,
    "boot_id" => boot_id,
    "pid_namespace" => pid_namespace,
    "host" => host,
    "run_id" => run_id,
    "group" => group,
    "owner" => owner,
    "log" => log,
    "exit" => exit,
    "restart" => restart,
    "limits" => limits,
    "ending" => ending,
});

record!(Owner { "pid" => pid, "start_time" => start_time });

record!(Exit { "code" => code, "signal" => signal, "at" => at });

record!(ChildLimits {
    "cpu_s" => cpu_s,
    "file_bytes" => file_bytes,
    "memory_bytes" => memory_bytes,
    "open_files" => open_files,
    "processes" => processes,
    "timeout_ms" => timeout_ms,
});
