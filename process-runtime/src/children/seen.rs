//! What can be seen of a child from here: facts for [`procreg::judge`], and who else belongs to it.
//!
//! A system that does not show its processes in `/proc` leaves most of it unknown.

use std::{
    fs,
    io::Read,
    process,
    sync::{Mutex, PoisonError},
    thread,
};

use process_store::lock::Identity;
use procreg::{
    Alive, ChildIdentity, Facts, IdentityMatch, Owner, OwnerState, ProcessInfo, Sameness,
};

/// The variable that every child has, and all that it starts.
pub(crate) const RUN_ID: &str = "PROCSIDE_RUN_ID";

/// How much of an environment is looked at; Linux takes no larger one in earnest.
const ENVIRONMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How often an empty environment is looked at: it is empty for a moment while another program takes
/// the place of the one before.
const EXEC_LOOKS: usize = 5;

/// How far up ancestors are looked for; nothing real is nested so deep.
const ANCESTORS_MAX: usize = 1_000;

/// What `/proc/PID/stat` tells, which it also tells of one that has ended and was not waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stat {
    pub(crate) state: char,
    pub(crate) parent: u32,
    pub(crate) group: u32,
    /// In clock ticks since the boot.
    pub(crate) start_time: u64,
}

impl Stat {
    /// Reads the line; the name of the program stands in parentheses and may be any bytes, among
    /// them blanks and parentheses, so that counting starts behind the last one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let start_time = fields.nth(16)?.parse().ok()?;
        Some(Self { state, parent, group, start_time })
    }

    /// Tells whether it has ended and waits for a parent who may never ask.
    pub(crate) fn is_over(self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Returns what is told of a number; nothing when nobody has it, or the system does not tell.
pub(crate) fn read_stat(pid: u32) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    Stat::parse(&String::from_utf8_lossy(&bytes))
}

/// Returns all that live, as far as the system shows them.
pub(crate) fn all_living() -> Vec<(u32, Stat)> {
    all_processes().filter(|(_, stat)| !stat.is_over()).collect()
}

/// Returns all that have a number, as far as the system shows them, those that have ended too.
pub(crate) fn all_processes() -> impl Iterator<Item = (u32, Stat)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| {
        let name = entry.file_name();
        name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    });
    numbers.filter_map(|pid| Some((pid, read_stat(pid)?)))
}

/// Tells whether anybody lives who belongs to a run.
pub(super) fn lives(run_id: &str) -> bool {
    all_living().iter().any(|(pid, _)| run_id_of(*pid).as_deref() == Some(run_id))
}

/// Returns the run that somebody belongs to, by the environment with which it was started.
///
/// A program that writes over its own environment, or hides it, belongs to none.
pub(crate) fn run_id_of(pid: u32) -> Option<String> {
    let mut bytes = read_environment(pid)?;
    for _ in 0..EXEC_LOOKS {
        if !bytes.is_empty() {
            break;
        }
        thread::yield_now();
        bytes = read_environment(pid)?;
    }
    let value = bytes
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(RUN_ID.as_bytes())?.strip_prefix(b"="))?;
    String::from_utf8(value.to_vec()).ok().filter(|value| !value.is_empty())
}

fn read_environment(pid: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(format!("/proc/{pid}/environ")).ok()?;
    file.take(ENVIRONMENT_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Somebody, and all his ancestors with himself, each with its start.
struct Ancestors {
    of: u32,
    all: Vec<(u32, u64)>,
}

/// Tells whether somebody is never signalled: the system, we, and our ancestors.
pub(crate) fn is_protected(pid: u32) -> bool {
    static OURS: Mutex<Option<Ancestors>> = Mutex::new(None);

    if pid <= 1 {
        return true;
    }
    let us = process::id();
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    // A fork inherits the memory, not the number.
    if ours.as_ref().is_none_or(|ours| ours.of != us) {
        *ours = Some(Ancestors { of: us, all: ancestors(us) });
    }
    let start_time = ours
        .iter()
        .flat_map(|ours| &ours.all)
        .find(|(ancestor, _)| *ancestor == pid)
        .map(|(_, start_time)| *start_time);
    drop(ours);
    // An ancestor may be gone, and its number somebody else's.
    start_time.is_some_and(|then| read_stat(pid).is_none_or(|stat| stat.start_time == then))
        || pid == us
        || is_parent(pid)
}

/// Returns somebody with all his ancestors, each with its start: whoever becomes our parent later is
/// among them.
fn ancestors(mut pid: u32) -> Vec<(u32, u64)> {
    let mut ancestors = Vec::new();
    while let Some(stat) = read_stat(pid).filter(|_| ancestors.len() < ANCESTORS_MAX) {
        ancestors.push((pid, stat.start_time));
        pid = stat.parent;
    }
    ancestors
}

#[cfg(unix)]
fn is_parent(pid: u32) -> bool {
    rustix::process::getppid()
        .is_some_and(|parent| parent.as_raw_nonzero().get().unsigned_abs() == pid)
}

#[cfg(not(unix))]
fn is_parent(_pid: u32) -> bool {
    false
}

/// Returns what can be seen of the child of an entry.
#[must_use]
pub fn facts(info: &ProcessInfo) -> Facts {
    let here = Identity::of_this_process();
    let identity = info.identity.as_ref();
    let stat = read_stat(info.pid);
    Facts {
        alive: alive(info.pid, stat),
        identity: match (identity.and_then(|identity| identity.start_time), stat) {
            (Some(then), Some(stat)) if then == stat.start_time => IdentityMatch::Matches,
            (Some(_), Some(_)) => IdentityMatch::Differs,
            (None, _) | (_, None) => IdentityMatch::Unknown,
        },
        owner: identity
            .and_then(|identity| identity.owner.as_ref())
            .map_or(OwnerState::Unknown, owner),
        boot: same(identity.and_then(|identity| identity.boot_id.as_ref()), here.boot_id.as_ref()),
        namespace: namespace(identity, &here),
        is_protected: is_protected(info.pid),
    }
}

/// Returns who we are, as the owner of children.
#[must_use]
pub fn this_owner() -> Owner {
    let here = Identity::of_this_process();
    Owner { pid: here.pid, start_time: here.start_time, ..Owner::default() }
}

/// Returns what tells whoever has a number at the moment apart from all others.
pub(super) fn identity_of(pid: u32) -> ChildIdentity {
    let found = Identity::of(pid);
    let here = Identity::of_this_process();
    ChildIdentity {
        start_time: found.and_then(|found| found.start_time),
        boot_id: here.boot_id,
        pid_namespace: here.pid_namespace,
        host: here.host,
        ..ChildIdentity::default()
    }
}

/// Tells whether an owner lives.
#[must_use]
pub fn owner(owner: &Owner) -> OwnerState {
    let stat = read_stat(owner.pid);
    match (alive(owner.pid, stat), owner.start_time, stat) {
        (Alive::Dead | Alive::Zombie, ..) => OwnerState::Dead,
        (Alive::Unknown, ..) | (Alive::Alive, None, _) | (Alive::Alive, _, None) => {
            OwnerState::Unknown
        }
        (Alive::Alive, Some(then), Some(stat)) if then != stat.start_time => OwnerState::Dead,
        (Alive::Alive, Some(_), Some(_)) if owner.pid == process::id() => OwnerState::This,
        (Alive::Alive, Some(_), Some(_)) => OwnerState::Alive,
    }
}

fn alive(pid: u32, stat: Option<Stat>) -> Alive {
    match stat {
        Some(stat) if stat.is_over() => Alive::Zombie,
        Some(_) => Alive::Alive,
        None => exists(pid),
    }
}

#[cfg(unix)]
fn exists(pid: u32) -> Alive {
    use rustix::{
        io::Errno,
        process::{Pid, test_kill_process},
    };

    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Alive::Dead };
    match test_kill_process(pid) {
        Err(Errno::SRCH) => Alive::Dead,
        // It exists, and may be anybody's.
        Ok(()) | Err(_) => Alive::Alive,
    }
}

/// Says that nobody can tell.
#[cfg(not(unix))]
fn exists(_pid: u32) -> Alive {
    Alive::Unknown
}

fn namespace(identity: Option<&ChildIdentity>, here: &Identity) -> Sameness {
    let host = same(identity.and_then(|identity| identity.host.as_ref()), here.host.as_ref());
    let numbers = identity.and_then(|identity| identity.pid_namespace);
    match (host, same(numbers.as_ref(), here.pid_namespace.as_ref())) {
        (Sameness::Other, _) | (_, Sameness::Other) => Sameness::Other,
        (Sameness::Same, Sameness::Same) => Sameness::Same,
        (Sameness::Unknown, _) | (_, Sameness::Unknown) => Sameness::Unknown,
    }
}

fn same<T: PartialEq>(then: Option<&T>, now: Option<&T>) -> Sameness {
    match (then, now) {
        (Some(then), Some(now)) if then == now => Sameness::Same,
        (Some(_), Some(_)) => Sameness::Other,
        (None, _) | (_, None) => Sameness::Unknown,
    }
}

#[cfg(test)]
mod tests;
