//! Programs that a driver before this one left behind.

use std::time::Duration;

use process_engine::Program;
use process_store::lock::{Identity, Verdict};

use crate::handlers::Group;

/// How long a program has to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Ends a program with its whole group, if it is still the one that was started; returns whether it
/// surely does not run any more.
pub(super) fn end(program: &Program) -> bool {
    let this = Identity::of_this_process();
    let identity = Identity {
        pid: program.pid,
        start_time: program.start_time,
        boot_id: program.boot_id.clone(),
        pid_namespace: this.pid_namespace,
        host: this.host.clone(),
        command: None,
    };
    match identity.verdict() {
        Verdict::Dead => return true,
        Verdict::Unknown => return false,
        Verdict::Alive => {}
    }
    let Some(group) = Group::of(program.pid) else { return false };
    group.terminate();
    // Its number is nobody else's while anybody of the group is left.
    group.vanish(GRACE)
}
