//! What is to be done about the tasks that a program finds again after it died.

use crate::identity::Exit;
use crate::info::ProcessInfo;
use crate::judge::{Certainty, Judgement, Reason};
use crate::key::EntryKey;
use crate::name::{Namespace, TaskId};
use crate::registry::ProcessRegistry;
use crate::status::ProcessStatus;

#[cfg(test)]
mod tests;

/// What is to be done about one task.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Adoption {
    /// Its child lives and is verified: become its owner.
    Adopt(EntryKey),
    /// A person has to say; starting it might do its work twice.
    CannotTell {
        /// The child in question.
        key: EntryKey,
        /// Why nobody can tell.
        why: Doubt,
    },
    /// Nothing of it is left, or nobody saw its end: start it.
    Start,
    /// It ended, and how was recorded.
    TakeExit(EntryKey, Exit),
}

/// Why nobody can tell what became of a task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// Its child lives, and so does another owner of it.
    Owned,
    /// More than one child of it lives.
    Several,
    /// Its child cannot be verified.
    Unverified(Reason),
}

/// Plans what to do about tasks of a namespace, in the order in which they are given.
///
/// `judgement` says what an entry is worth; whoever asks is an owner like another, and what it
/// owns already is judged as running with [`OwnerState::This`](crate::OwnerState::This), which
/// `is_own` tells.
///
/// | children of the task | what to do |
/// |---|---|
/// | one lives, verified, orphaned or with an owner that is not known, or owned by whoever asks | adopt |
/// | one lives and has another owner | cannot tell: owned |
/// | several live | cannot tell: several |
/// | none is known to live, one cannot be verified | cannot tell: unverified |
/// | all over, the newest with a recorded exit | take the exit |
/// | all over otherwise, or none | start |
pub fn adoption_plan<'a>(
    registry: &ProcessRegistry,
    namespace: &Namespace,
    tasks: impl IntoIterator<Item = &'a TaskId>,
    mut judgement: impl FnMut(&ProcessInfo) -> Judgement,
    mut is_own: impl FnMut(&ProcessInfo) -> bool,
) -> Vec<(TaskId, Adoption)> {
    let mut children: std::collections::BTreeMap<&TaskId, Vec<&ProcessInfo>> = Default::default();
    for info in registry.list_by_namespace(namespace) {
        if let Some(task) = &info.task_id {
            children.entry(task).or_default().push(info);
        }
    }
    let plan = tasks.into_iter().map(|task| {
        let children = children.get(task).map_or(&[][..], Vec::as_slice);
        (task.clone(), adoption(children, &mut judgement, &mut is_own))
    });
    plan.collect()
}

fn adoption(
    children: &[&ProcessInfo],
    judgement: &mut impl FnMut(&ProcessInfo) -> Judgement,
    is_own: &mut impl FnMut(&ProcessInfo) -> bool,
) -> Adoption {
    let judged: Vec<(&ProcessInfo, Judgement)> =
        children.iter().map(|info| (*info, judgement(info))).collect();
    let mut living = judged.iter().filter(|(_, judgement)| judgement.is_live());
    if let Some((info, judgement)) = living.next() {
        let key = info.key();
        if living.next().is_some() {
            return Adoption::CannotTell { key, why: Doubt::Several };
        }
        return match judgement.reason() {
            Reason::OwnerLives if !is_own(info) => Adoption::CannotTell { key, why: Doubt::Owned },
            _ => Adoption::Adopt(key),
        };
    }
    let doubtful = judged.iter().find(|(_, judgement)| {
        judgement.status() == ProcessStatus::Stale && judgement.certainty() == Certainty::Unknown
    });
    if let Some((info, judgement)) = doubtful {
        let why = Doubt::Unverified(judgement.reason());
        return Adoption::CannotTell { key: info.key(), why };
    }
    let newest = judged.iter().max_by_key(|(info, _)| info.start_time);
    match newest.and_then(|(info, _)| Some((info.key(), info.exit()?.clone()))) {
        Some((key, exit)) => Adoption::TakeExit(key, exit),
        None => Adoption::Start,
    }
}
