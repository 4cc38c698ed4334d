//! What to do about a lock file that is there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::held::Held;
use super::identity::{Identity, Processes, Seen, Verdict, judge};
use super::visible::{Content, Record, Sighting};

/// A lock file of another program that is older was left behind, as that program's rule says.
const FOREIGN_AGE_MAX: Duration = Duration::from_secs(30);

/// What to do about a lock file that is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rule {
    Take,
    Wait,
}

/// Decides about a lock file that is there, for somebody who has the guard.
///
/// | content | holder | age | rule |
/// |---|---|---|---|
/// | ours | alive, or a thread of this process | any | wait |
/// | ours | dead, or this process long ago | any | take |
/// | ours | unknown, same boot: the guard is proof that it ended | any | take |
/// | ours | unknown, other or unknown boot | any | wait |
/// | foreign | dead | any | take |
/// | foreign, or nobody | alive, or nobody | up to 30 s, or in the future | wait |
/// | foreign, or nobody | alive, or nobody | over 30 s | take |
pub(super) fn rule(sighting: &Sighting, processes: &dyn Processes, now: SystemTime) -> Rule {
    let is_taken = match &sighting.content {
        Content::Ours(record) => has_ended(record, processes),
        Content::Foreign { pid } => match processes.observe(*pid) {
            Seen::Gone | Seen::Zombie => true,
            Seen::Running { .. } => is_old(sighting.modified, now),
        },
        Content::Nobody => is_old(sighting.modified, now),
    };
    if is_taken { Rule::Take } else { Rule::Wait }
}

/// Tells whether a file bears a time that has not come yet.
pub(super) fn is_ahead(modified: (i64, u32), now: SystemTime) -> bool {
    since_1970(modified) > now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn has_ended(record: &Record, processes: &dyn Processes) -> bool {
    let here = processes.this();
    let holder = record.identity();
    if is_same_process(&holder, &here) {
        return !Held::is_held(record.nonce);
    }
    match judge(&holder, &here, processes.observe(holder.pid)) {
        Verdict::Alive => false,
        Verdict::Dead => true,
        // One kernel keeps its guards for all containers, and this one was free.
        Verdict::Unknown => holder.boot_id.is_some() && holder.boot_id == here.boot_id,
    }
}

fn is_old(modified: (i64, u32), now: SystemTime) -> bool {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    now.checked_sub(since_1970(modified)).is_some_and(|age| age > FOREIGN_AGE_MAX)
}

/// Returns the time of a file; what is older than 1970 counts as 1970.
fn since_1970((secs, nanos): (i64, u32)) -> Duration {
    u64::try_from(secs).map_or(Duration::ZERO, |secs| Duration::new(secs, nanos))
}

fn is_same_process(one: &Identity, other: &Identity) -> bool {
    one.pid == other.pid
        && one.start_time == other.start_time
        && one.boot_id == other.boot_id
        && one.pid_namespace == other.pid_namespace
        && one.host == other.host
}
