//! What is to be done to clean a namespace of children that nobody owns.

use crate::info::ProcessInfo;
use crate::judge::{Certainty, Judgement, Reason};
use crate::key::EntryKey;
use crate::name::Namespace;
use crate::registry::ProcessRegistry;
use crate::status::ProcessStatus;

#[cfg(test)]
mod tests;

/// What is to be done about the children of a namespace.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CleaningPlan {
    /// Verified orphans: end each, then remove its entry.
    pub signal: Vec<ProcessInfo>,
    /// Gone already: remove the entry.
    pub gone: Vec<ProcessInfo>,
    /// Left alone, each with the reason.
    pub failed: Vec<(ProcessInfo, CleaningFailure)>,
}

/// Why a child is left alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CleaningFailure {
    /// Its number is one that is never signalled.
    #[error("its number is that of this program, of an ancestor of it, or of the system")]
    Protected,
    /// Nobody can tell whether it lives, or whether it is the one that was started.
    #[error("it cannot be verified: {}", told(.0))]
    Unverified(Reason),
}

impl CleaningPlan {
    /// Returns the keys of the entries that are to be removed without further ado.
    pub fn to_remove(&self) -> impl Iterator<Item = EntryKey> {
        self.gone.iter().map(ProcessInfo::key)
    }
}

/// Plans how to clean a namespace, or all of them.
///
/// | judged | what to do |
/// |---|---|
/// | running | nothing: it has an owner |
/// | orphaned, may be signalled | signal |
/// | orphaned, protected | failed |
/// | stopped | gone |
/// | stale, certain or probable | gone |
/// | stale, unknown | failed |
pub fn cleaning_plan(
    registry: &ProcessRegistry,
    namespace: Option<&Namespace>,
    mut judgement: impl FnMut(&ProcessInfo) -> Judgement,
) -> CleaningPlan {
    let mut plan = CleaningPlan::default();
    let is_in = |info: &&ProcessInfo| namespace.is_none_or(|name| info.namespace == *name);
    for info in registry.list().filter(is_in) {
        let judgement = judgement(info);
        let info = info.clone();
        match (judgement.status(), judgement.certainty()) {
            (ProcessStatus::Running | ProcessStatus::Other(_), _) => {}
            (ProcessStatus::Orphaned, _) if judgement.may_signal() => plan.signal.push(info),
            (ProcessStatus::Orphaned, _) => plan.failed.push((info, CleaningFailure::Protected)),
            (ProcessStatus::Stale, Certainty::Unknown) => {
                plan.failed.push((info, CleaningFailure::Unverified(judgement.reason())));
            }
            (ProcessStatus::Stopped, _)
            | (ProcessStatus::Stale, Certainty::Certain | Certainty::Probable) => {
                plan.gone.push(info);
            }
        }
    }
    plan
}

fn told(reason: &Reason) -> &'static str {
    match reason {
        Reason::Elsewhere => "it was started on another host or in another namespace",
        Reason::Ended => "it has ended",
        Reason::ExitSeen => "its end was seen",
        Reason::NumberReused => "its number belongs to another one",
        Reason::OwnerGone => "its owner is gone",
        Reason::OwnerLives => "its owner lives",
        Reason::OwnerUnknown => "nobody knows about its owner",
        Reason::Rebooted => "the machine was started anew since then",
        Reason::Unverified => {
            "something has its number, and nobody can tell whether it is the child"
        }
        Reason::Unseen => "nobody can tell whether anything has its number",
    }
}
