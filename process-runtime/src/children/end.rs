//! Ending children: TERM, a grace, KILL, until nobody is left of any of them.
//!
//! ```text
//! entry ─► a hold on whoever has its number ─► judged ─► verified: signalled, with its group
//!                                                    ─► gone: what it left is looked for
//!                                                    ─► neither: left alone
//! ```
//!
//! A signal goes to nobody who was not verified while he was held: the child by its identity, who
//! else belongs to it by the run in his environment, or by the group as long as somebody verified
//! lives in it.
//! All children are ended at once, by one thread: a hundred take no longer than one.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use procreg::{Certainty, CleaningFailure, ProcessInfo, ProcessStatus, judge};
use rustix::{io::Errno, process::Signal};

use super::{
    handle::Handle,
    seen::{all_living, facts, is_protected, run_id_of},
};

/// How long a child that was asked to end may take, unless somebody says otherwise.
pub const GRACE: Duration = Duration::from_secs(5);

/// How long the end of what was killed is waited for; the kernel may hold one in a disk forever.
const KILLED_WAIT: Duration = Duration::from_secs(5);

/// The first pause between two looks; most programs take about as long to end.
const PAUSE_FIRST: Duration = Duration::from_millis(2);

/// The longest pause between two looks.
const PAUSE_MAX: Duration = Duration::from_millis(50);

/// What became of a child that was to be ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ended {
    /// It was gone, with all that it started.
    AlreadyGone,
    /// It, or what it left, was ended.
    Ended,
    /// It was left alone, or does not end.
    Failed(String),
}

/// Ends the children of these entries, with all that they started, and returns what became of each.
///
/// Returns within the grace and ten seconds.
#[must_use]
pub fn end_all(children: &[&ProcessInfo], grace: Duration) -> Vec<Ended> {
    let mut ends: Vec<End> = children.iter().map(|info| End::of(info)).collect();
    let mut members = Members::look();
    ends.iter_mut().for_each(|end| end.begin(&mut members));
    wait(&mut ends, grace, Signal::TERM);
    ends.iter_mut().for_each(|end| end.signal(Signal::KILL));
    wait(&mut ends, KILLED_WAIT, Signal::KILL);
    ends.into_iter().map(End::finish).collect()
}

/// Returns what a child has left running that belongs to its run, though it has ended itself.
#[must_use]
pub fn left_by(children: &[&ProcessInfo]) -> Vec<Vec<u32>> {
    let mut members = Members::look();
    let pids = children.iter().map(|info| match run_id(info) {
        Some(run) => members.of_run(&run).into_iter().filter(|pid| *pid != info.pid).collect(),
        None => Vec::new(),
    });
    pids.collect()
}

/// Waits until all are gone; whoever turns up meanwhile gets the signal too.
fn wait(ends: &mut [End], wait: Duration, signal: Signal) {
    let since = Instant::now();
    let mut pause = PAUSE_FIRST;
    loop {
        let mut open: Vec<&mut End> = ends.iter_mut().filter(|end| end.is_open()).collect();
        if open.is_empty() {
            return;
        }
        let mut members = Members::look();
        open.iter_mut().for_each(|end| end.look(&mut members, signal));
        open.retain(|end| end.is_open());
        let left = wait.saturating_sub(since.elapsed());
        if open.is_empty() || left.is_zero() {
            return;
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Who lives at the moment, but for those that are never signalled.
struct Members {
    groups: BTreeMap<u32, Vec<u32>>,
    pids: Vec<u32>,
    /// Looked up when first asked for.
    runs: Option<BTreeMap<String, Vec<u32>>>,
}

impl Members {
    fn look() -> Self {
        let mut members = Self { groups: BTreeMap::new(), pids: Vec::new(), runs: None };
        for (pid, stat) in all_living() {
            if !is_protected(pid) {
                members.groups.entry(stat.group).or_default().push(pid);
                members.pids.push(pid);
            }
        }
        members
    }

    fn of_group(&self, group: u32) -> &[u32] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    fn of_run(&mut self, run: &str) -> Vec<u32> {
        let pids = &self.pids;
        let runs = self.runs.get_or_insert_with(|| {
            let mut runs: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for pid in pids {
                if let Some(run) = run_id_of(*pid) {
                    runs.entry(run).or_default().push(*pid);
                }
            }
            runs
        });
        runs.get(run).cloned().unwrap_or_default()
    }
}

/// A child on its way to its end.
struct End {
    pid: u32,
    run: Option<String>,
    /// Whether it was started as the leader of a group.
    has_group: bool,
    leader: Option<Handle>,
    /// Whoever else belongs to it and lives, each verified while held.
    members: BTreeMap<u32, Handle>,
    trouble: Option<Errno>,
    result: Option<Ended>,
}

impl End {
    /// Takes hold of the child of an entry, and judges what it holds.
    fn of(info: &ProcessInfo) -> Self {
        let held = Handle::open(info.pid);
        let judgement = judge(info, facts(info));
        let identity = info.identity.as_ref();
        let mut end = Self {
            pid: info.pid,
            run: run_id(info),
            has_group: identity.is_some_and(|identity| identity.group),
            leader: None,
            members: BTreeMap::new(),
            trouble: None,
            result: None,
        };
        match judgement.status() {
            ProcessStatus::Orphaned | ProcessStatus::Running if judgement.may_signal() => {
                let start_time = identity.and_then(|identity| identity.start_time);
                end.leader = held.filter(|held| Some(held.start_time()) == start_time);
            }
            ProcessStatus::Orphaned | ProcessStatus::Running => {
                end.result = Some(Ended::Failed(CleaningFailure::Protected.to_string()));
            }
            ProcessStatus::Stale if judgement.certainty() == Certainty::Unknown => {
                let why = CleaningFailure::Unverified(judgement.reason());
                end.result = Some(Ended::Failed(why.to_string()));
            }
            ProcessStatus::Other(_) | ProcessStatus::Stale | ProcessStatus::Stopped => {}
        }
        end
    }

    fn is_open(&self) -> bool {
        self.result.is_none()
    }

    fn begin(&mut self, members: &mut Members) {
        if !self.is_open() {
            return;
        }
        self.gather(members);
        if self.leader.is_none() && self.members.is_empty() {
            self.result = Some(Ended::AlreadyGone);
        } else {
            self.signal(Signal::TERM);
        }
    }

    /// Looks who is left; whoever was not known yet gets the signal.
    fn look(&mut self, members: &mut Members, signal: Signal) {
        for member in self.gather(members) {
            if let Some(member) = self.members.get(&member) {
                note(&mut self.trouble, send(member, signal));
            }
        }
        if self.leader.is_none() && self.members.is_empty() {
            self.result = Some(Ended::Ended);
        }
    }

    /// Lets go of whoever has ended, takes hold of whoever belongs to the child, and returns the
    /// numbers of those that were not known yet.
    fn gather(&mut self, members: &mut Members) -> Vec<u32> {
        self.members.retain(|_, member| member.is_alive());
        if self.leader.as_ref().is_some_and(|leader| !leader.is_alive()) {
            self.leader = None;
        }
        let mut found = Vec::new();
        if let Some(run) = self.run.clone() {
            for pid in members.of_run(&run) {
                let is_of_run = |handle: &Handle| run_id_of(handle.pid()).as_ref() == Some(&run);
                found.extend(self.take(pid, is_of_run));
            }
        }
        if self.has_group && self.is_group_ours() {
            for pid in members.of_group(self.pid) {
                let group = self.pid;
                let is_of_group =
                    |handle: &Handle| handle.stat().is_some_and(|stat| stat.group == group);
                let taken = self.take(*pid, is_of_group);
                if let Some(pid) = taken {
                    // It was ours before it was held only if it is afterwards as well.
                    if self.is_group_ours_without(pid) {
                        found.push(pid);
                    } else {
                        self.members.remove(&pid);
                    }
                }
            }
        }
        found
    }

    /// Takes hold of somebody who is not known yet and belongs to the child.
    fn take(&mut self, pid: u32, belongs: impl Fn(&Handle) -> bool) -> Option<u32> {
        let is_leader = self.leader.as_ref().is_some_and(|leader| leader.pid() == pid);
        if is_leader || self.members.contains_key(&pid) {
            return None;
        }
        let handle = Handle::open(pid).filter(|handle| belongs(handle) && handle.is_alive())?;
        self.members.insert(pid, handle);
        Some(pid)
    }

    /// Tells whether the group is the child's: somebody verified lives in it, and while he does its
    /// number is no other group's.
    fn is_group_ours(&self) -> bool {
        self.is_group_ours_without(0)
    }

    fn is_group_ours_without(&self, pid: u32) -> bool {
        let others = self.members.values().filter(|member| member.pid() != pid);
        self.leader
            .iter()
            .chain(others)
            .any(|one| one.stat().is_some_and(|stat| stat.group == self.pid) && one.is_alive())
    }

    /// Signals the child with its group, and whoever else belongs to it.
    fn signal(&mut self, signal: Signal) {
        if !self.is_open() {
            return;
        }
        let mut is_group_told = false;
        if let Some(leader) = &self.leader {
            let told = if self.has_group { tell_group(leader, signal) } else { Ok(false) };
            is_group_told = told == Ok(true);
            if !is_group_told {
                note(&mut self.trouble, told.map(drop).and_then(|()| send(leader, signal)));
            }
        }
        for member in self.members.values() {
            let is_in_group = member.stat().is_some_and(|stat| stat.group == self.pid);
            if !(is_group_told && is_in_group) {
                note(&mut self.trouble, send(member, signal));
            }
        }
    }

    fn finish(self) -> Ended {
        self.result.unwrap_or_else(|| match self.trouble {
            Some(Errno::PERM) => Ended::Failed("it may not be signalled by this user".to_owned()),
            Some(error) => Ended::Failed(format!("it cannot be signalled: {error}")),
            None => {
                let left: Vec<String> = self
                    .leader
                    .iter()
                    .chain(self.members.values())
                    .map(|one| one.pid().to_string())
                    .collect();
                Ended::Failed(format!("it was killed and does not end: {}", left.join(", ")))
            }
        })
    }
}

fn run_id(info: &ProcessInfo) -> Option<String> {
    info.identity.as_ref()?.run_id.clone().filter(|run| !run.is_empty())
}

fn send(handle: &Handle, signal: Signal) -> Result<(), Errno> {
    handle.send(signal)?;
    // Whoever is stopped hears of it only when he goes on.
    if signal == Signal::TERM { handle.send(Signal::CONT) } else { Ok(()) }
}

fn tell_group(leader: &Handle, signal: Signal) -> Result<bool, Errno> {
    let told = leader.send_to_group(signal)?;
    if told && signal == Signal::TERM {
        leader.send_to_group(Signal::CONT)?;
    }
    Ok(told)
}

fn note(trouble: &mut Option<Errno>, sent: Result<(), Errno>) {
    if let Err(error) = sent {
        *trouble = Some(error);
    }
}

#[cfg(test)]
mod tests;
