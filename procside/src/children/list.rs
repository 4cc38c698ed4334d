//! Listing children, each judged by what can be seen of it.

use process_runtime::children::{facts, left_by};
use process_store::logs;
use procreg::{Facts, Judgement, Namespace, OwnerState, ProcessInfo, ProcessStatus, judge};

use super::{
    open::Children,
    outcome::{Child, how, told},
    request::parse_namespace,
};
use crate::error::Error;

/// Which children are listed.
#[derive(Clone, Debug, Default)]
pub struct ChildFilter {
    /// Only those of this namespace.
    pub namespace: Option<String>,
    /// Stopped and stale ones too.
    pub all: bool,
}

impl Children {
    /// Lists children in the order in which they were added, each judged by what can be seen of it.
    ///
    /// No lock is taken and the registry is not written; logs that have grown too long are put away.
    ///
    /// # Errors
    /// `Invalid` for a newer version of the file or a namespace that is none, and whatever keeps the
    /// file from being read.
    pub fn list(&self, filter: &ChildFilter) -> Result<Vec<Child>, Error> {
        let children = self.judged(filter.namespace.as_deref())?;
        self.keep_logs_small(&children);
        Ok(children.into_iter().filter(|child| filter.all || child.is_live()).collect())
    }

    /// Lists those that live, or have left something that does, and that nobody alive looks after.
    ///
    /// # Errors
    /// As [`Children::list`].
    pub fn orphans(&self, namespace: Option<&str>) -> Result<Vec<Child>, Error> {
        let mut children = self.judged(namespace)?;
        let over: Vec<usize> = (0..children.len())
            .filter(|at| !children[*at].is_live() && !children[*at].is_restarting())
            .collect();
        let infos: Vec<&ProcessInfo> = over.iter().map(|at| &children[*at].info).collect();
        let left = left_by(&infos);
        for (at, left) in over.into_iter().zip(left) {
            let child = &mut children[at];
            if !left.is_empty() {
                child.reason = format!("it has ended, and {} of what it started lives", left.len());
                (child.is_orphan, child.left) = (true, left);
            }
        }
        Ok(children.into_iter().filter(|child| child.is_orphan).collect())
    }

    pub(super) fn judged(&self, namespace: Option<&str>) -> Result<Vec<Child>, Error> {
        let namespace = namespace.map(parse_namespace).transpose()?;
        let loaded = self.registry.read()?;
        self.tell(&loaded.notices);
        let is_in = |info: &&ProcessInfo| is_in(namespace.as_ref(), info);
        Ok(loaded.registry.list().filter(is_in).map(Child::of).collect())
    }

    /// Puts away logs that have grown too long, of children that write; who cannot be helped is left.
    pub(super) fn keep_logs_small(&self, children: &[Child]) {
        if self.dry {
            return;
        }
        for child in children.iter().filter(|child| child.is_live()) {
            if let Some(task) = &child.info.task_id {
                let log = self.log_of(child.info.namespace.as_str(), task.as_str());
                let _ = logs::keep_small(&log);
            }
        }
    }
}

impl Child {
    /// Judges an entry by what can be seen of its child.
    pub(super) fn of(info: &ProcessInfo) -> Self {
        let facts = facts(info);
        let judgement = judge(info, facts);
        let mut child = Self {
            status: judgement.status(),
            reason: told(judgement.reason()).to_owned(),
            certainty: judgement.certainty(),
            owner: facts.owner,
            is_orphan: false,
            left: Vec::new(),
            info: info.clone(),
        };
        child.is_orphan = child.is_live()
            && match child.status {
                ProcessStatus::Orphaned => true,
                ProcessStatus::Running => is_detached(info),
                ProcessStatus::Other(_) | ProcessStatus::Stale | ProcessStatus::Stopped => false,
            };
        if let Some(exit) = info.exit() {
            child.reason = how(exit);
            if child.gave_up() {
                child.reason.push_str(", too often: it is not started again");
            } else if child.is_restarting() {
                child.reason.push_str(", and is started again soon");
            }
        } else if child.is_live()
            && info.identity.as_ref().is_some_and(|identity| identity.ending.is_some())
        {
            child.reason = "it is being ended".to_owned();
        }
        child
    }
}

/// Judges an entry for cleaning: who was started to outlive whoever started it is nobody's.
pub(super) fn judge_for_cleaning(info: &ProcessInfo) -> Judgement {
    let seen = facts(info);
    let owner = if is_detached(info) { OwnerState::Dead } else { seen.owner };
    judge(info, Facts { owner, ..seen })
}

/// Tells whether nobody was to look after a child from the start.
pub(super) fn is_detached(info: &ProcessInfo) -> bool {
    info.identity.as_ref().is_some_and(|identity| identity.owner.is_none())
}

pub(super) fn is_in(namespace: Option<&Namespace>, info: &ProcessInfo) -> bool {
    namespace.is_none_or(|namespace| info.namespace == *namespace)
}
