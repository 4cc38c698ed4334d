//! What a child may use of the machine.

use std::{io, time::Duration};

/// What a child may use; the system ends or refuses whatever asks for more.
///
/// Each limit holds for the child and for each program that it starts, not for all of them
/// together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// The most memory that it may map, in bytes.
    pub memory_bytes: Option<u64>,
    /// The longest that it may compute; then it is ended by a signal. Whole seconds, rounded up.
    pub cpu_time: Option<Duration>,
    /// The most files that it may have open.
    pub files: Option<u64>,
    /// The most processes that its user may have.
    pub processes: Option<u64>,
}

impl Limits {
    /// Tells whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Limits a child that waits at its gate.
    ///
    /// # Errors
    /// The system refuses a limit, or, outside Linux, cannot limit another process.
    #[cfg(target_os = "linux")]
    pub(super) fn apply(&self, pid: u32) -> io::Result<()> {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};

        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let seconds = self.cpu_time.map(|time| {
            let is_part = time.subsec_nanos() > 0;
            time.as_secs().saturating_add(u64::from(is_part)).max(1)
        });
        let limits = [
            (Resource::As, self.memory_bytes),
            (Resource::Cpu, seconds),
            (Resource::Nofile, self.files),
            (Resource::Nproc, self.processes),
        ];
        for (resource, limit) in limits {
            if limit.is_some() {
                prlimit(pid, resource, Rlimit { current: limit, maximum: limit })?;
            }
        }
        Ok(())
    }

    /// Limits a child that waits at its gate.
    ///
    /// # Errors
    /// Anything is to be limited: this system has no call for it.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn apply(&self, _pid: u32) -> io::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let message = "this system cannot limit a child that was started";
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }
}
