//! What an entry says about its child, judged by what can be seen of it.

use crate::info::ProcessInfo;
use crate::status::ProcessStatus;

#[cfg(test)]
mod tests;

/// What can be seen of a child from here, by whoever looks.
///
/// The default is that nothing is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// What has its number.
    pub alive: Alive,
    /// Whether what has its number started when the child did.
    pub identity: IdentityMatch,
    /// What became of whoever started or adopted it.
    pub owner: OwnerState,
    /// Whether this is the boot during which it ran.
    pub boot: Sameness,
    /// Whether its number holds here: the same host and the same namespace of numbers.
    pub namespace: Sameness,
    /// Whether its number is that of whoever looks, or of one of its ancestors.
    pub is_protected: bool,
}

/// What has a number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Alive {
    /// Something that runs or is stopped.
    Alive,
    /// Nothing.
    Dead,
    /// It cannot be seen.
    #[default]
    Unknown,
    /// Something that has ended and waits to be noticed.
    Zombie,
}

/// Whether what has a number is what the entry is about.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IdentityMatch {
    /// It started at another time.
    Differs,
    /// It started at the same time.
    Matches,
    /// The entry does not say when it started, or the system does not.
    #[default]
    Unknown,
}

/// What became of the owner of a child.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OwnerState {
    /// It lives, and is not whoever looks.
    Alive,
    /// It is gone.
    Dead,
    /// It is whoever looks.
    This,
    /// The entry does not say who it is, or it cannot be told from others.
    #[default]
    Unknown,
}

/// Whether two places or times are the same.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sameness {
    /// They differ.
    Other,
    /// They are the same.
    Same,
    /// One of them is not known.
    #[default]
    Unknown,
}

/// What is to be thought of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Judgement {
    standing: Standing,
    reason: Reason,
    certainty: Certainty,
    may_signal: bool,
}

/// The statuses that a judgement has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Orphaned,
    Running,
    Stale,
    Stopped,
}

/// Why an entry is judged so.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// Its number holds on another host or in another namespace.
    Elsewhere,
    /// Nothing has its number, or only what is left of it, and nobody saw its end.
    Ended,
    /// Its end was seen.
    ExitSeen,
    /// Its number belongs to another one by now.
    NumberReused,
    /// It lives and its owner does not.
    OwnerGone,
    /// It lives and so does its owner.
    OwnerLives,
    /// It lives, and nobody knows about its owner.
    OwnerUnknown,
    /// The machine was started anew since then.
    Rebooted,
    /// Something has its number, but nobody can tell whether it is the child.
    Unverified,
    /// Nobody can tell whether anything has its number.
    Unseen,
}

/// How far a judgement goes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Certainty {
    /// Nobody can tell; what is said is the careful answer.
    Unknown,
    /// Most likely so, and no harm in taking it so.
    Probable,
    /// So it is.
    Certain,
}

impl Judgement {
    /// Returns the status that the entry should have.
    #[must_use]
    pub fn status(&self) -> ProcessStatus {
        match self.standing {
            Standing::Orphaned => ProcessStatus::Orphaned,
            Standing::Running => ProcessStatus::Running,
            Standing::Stale => ProcessStatus::Stale,
            Standing::Stopped => ProcessStatus::Stopped,
        }
    }

    /// Returns why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns how sure that is.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// Tells whether the child lives and is verified to be the one that the entry is about, and
    /// neither number 0 or 1, nor whoever looks, nor an ancestor: only then it may be signalled.
    #[must_use]
    pub fn may_signal(&self) -> bool {
        self.may_signal
    }

    /// Tells whether the child is known to live or taken to.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.standing {
            Standing::Orphaned | Standing::Running => true,
            Standing::Stale | Standing::Stopped => false,
        }
    }
}

/// Judges an entry; the first row that fits counts.
///
/// | exit seen | namespace | boot | alive | identity | owner | status | reason | certainty |
/// |---|---|---|---|---|---|---|---|---|
/// | yes | | | | | | stopped | exit seen | certain |
/// | | other | | | | | stale | elsewhere | unknown |
/// | | same | other | | | | stale | rebooted | certain |
/// | | unknown | other | | | | stale | elsewhere | unknown |
/// | | | | unknown | | | stale | unseen | unknown |
/// | | same | | dead, zombie | | | stale | ended | certain |
/// | | unknown | | dead, zombie | | | stale | ended | probable |
/// | | same | | alive | differs | | stale | number reused | certain |
/// | | unknown | | alive | differs | | stale | number reused | probable |
/// | | | | alive | unknown | | stale | unverified | unknown |
/// | | | unknown | alive | matches | | stale | unverified | unknown |
/// | | unknown | same | alive | matches | | stale | unverified | unknown |
/// | | same | same | alive | matches | alive, this | running | owner lives | certain |
/// | | same | same | alive | matches | dead | orphaned | owner gone | certain |
/// | | same | same | alive | matches | unknown | running | owner unknown | probable |
///
/// Only the last three verify the identity, and only they allow a signal.
/// A status `stopped` without a recorded exit counts as an exit that was seen.
#[must_use]
pub fn judge(info: &ProcessInfo, facts: Facts) -> Judgement {
    let is_ended = info.exit().is_some() || info.status == ProcessStatus::Stopped;
    let (standing, reason, certainty) = if is_ended {
        (Standing::Stopped, Reason::ExitSeen, Certainty::Certain)
    } else {
        stand(facts)
    };
    let is_verified = match standing {
        Standing::Orphaned | Standing::Running => true,
        Standing::Stale | Standing::Stopped => false,
    };
    let may_signal = is_verified && !facts.is_protected && info.pid > 1;
    Judgement { standing, reason, certainty, may_signal }
}

fn stand(facts: Facts) -> (Standing, Reason, Certainty) {
    use Certainty::{Certain, Probable, Unknown};
    use Standing::{Orphaned, Running, Stale};

    let by_place = match facts.namespace {
        Sameness::Same => Certain,
        Sameness::Other | Sameness::Unknown => Probable,
    };
    match (facts.namespace, facts.boot) {
        (Sameness::Other, _) | (Sameness::Unknown, Sameness::Other) => {
            return (Stale, Reason::Elsewhere, Unknown);
        }
        (Sameness::Same, Sameness::Other) => return (Stale, Reason::Rebooted, Certain),
        (Sameness::Same | Sameness::Unknown, Sameness::Same | Sameness::Unknown) => {}
    }
    match facts.alive {
        Alive::Unknown => return (Stale, Reason::Unseen, Unknown),
        Alive::Dead | Alive::Zombie => return (Stale, Reason::Ended, by_place),
        Alive::Alive => {}
    }
    match facts.identity {
        IdentityMatch::Differs => return (Stale, Reason::NumberReused, by_place),
        IdentityMatch::Unknown => return (Stale, Reason::Unverified, Unknown),
        IdentityMatch::Matches => {}
    }
    if (facts.namespace, facts.boot) != (Sameness::Same, Sameness::Same) {
        return (Stale, Reason::Unverified, Unknown);
    }
    match facts.owner {
        OwnerState::Alive | OwnerState::This => (Running, Reason::OwnerLives, Certain),
        OwnerState::Dead => (Orphaned, Reason::OwnerGone, Certain),
        OwnerState::Unknown => (Running, Reason::OwnerUnknown, Probable),
    }
}
