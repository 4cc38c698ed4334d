//! Cleaning up children that nobody alive looks after.

use std::time::Duration;

use process_runtime::children::{Ended, end_all, left_by};
use procreg::{
    CleaningPlan, Delta, EntryKey, Namespace, ProcessInfo, ProcessRegistry, cleaning_plan,
};

use super::{
    list::judge_for_cleaning,
    open::{Children, now_ms},
    outcome::{Child, Cleaned, Cleaning},
    request::parse_namespace,
};
use crate::error::Error;

impl Children {
    /// Tells what [`Children::clean`] would do, and does nothing.
    ///
    /// # Errors
    /// As [`Children::list`].
    pub fn plan_cleaning(&self, namespace: Option<&str>) -> Result<Cleaning, Error> {
        let namespace = namespace.map(parse_namespace).transpose()?;
        let loaded = self.registry.read()?;
        self.tell(&loaded.notices);
        let plan = plan(&loaded.registry, namespace.as_ref());
        let gone: Vec<&ProcessInfo> = plan.gone.iter().collect();
        let left = left_by(&gone);
        let mut cleaning = Cleaning { is_plan: true, ..Cleaning::default() };
        for info in &plan.signal {
            cleaning.cleaned.push(cleaned(info, Child::of(info).reason));
        }
        for (info, left) in plan.gone.iter().zip(left) {
            let child = Child::of(info);
            if left.is_empty() {
                cleaning.already_gone.push(Cleaned { reason: child.reason.clone(), child });
            } else {
                let reason = format!("it has ended, and {} of what it started lives", left.len());
                cleaning.cleaned.push(Cleaned { child: Child { left, ..child }, reason });
            }
        }
        for (info, why) in &plan.failed {
            cleaning.failed.push(cleaned(info, why.to_string()));
        }
        Ok(cleaning)
    }

    /// Ends all children that live and that nobody alive looks after, with all that they started,
    /// and removes their entries and those of children that are gone.
    ///
    /// Each is asked to end and has `grace` for it, all of them at once; then it is killed. Children
    /// whose owner lives are left alone. One that cannot be verified is not signalled.
    ///
    /// # Errors
    /// `Locked`, and whatever keeps the registry from being read or written. What could not be ended
    /// is no error, but in the answer.
    pub fn clean(&self, namespace: Option<&str>, grace: Duration) -> Result<Cleaning, Error> {
        if self.dry {
            return self.plan_cleaning(namespace);
        }
        let namespace = namespace.map(parse_namespace).transpose()?;
        let plan = self.mark(namespace.as_ref())?;
        let infos: Vec<&ProcessInfo> = plan.signal.iter().chain(&plan.gone).collect();
        let ended = end_all(&infos, grace);
        let mut cleaning = Cleaning::default();
        let mut over = Vec::with_capacity(infos.len());
        for (info, ended) in infos.into_iter().zip(ended) {
            let (list, reason) = match ended {
                Ended::AlreadyGone => (&mut cleaning.already_gone, Child::of(info).reason),
                Ended::Ended => (&mut cleaning.cleaned, "it was ended".to_owned()),
                Ended::Failed(why) => {
                    cleaning.failed.push(cleaned(info, why));
                    continue;
                }
            };
            list.push(cleaned(info, reason));
            over.push(info.key());
        }
        for (info, why) in &plan.failed {
            cleaning.failed.push(cleaned(info, why.to_string()));
        }
        self.remove(&over)?;
        Ok(cleaning)
    }

    /// Plans under the lock, and marks whoever is to be ended, so that nobody adopts him meanwhile.
    fn mark(&self, namespace: Option<&Namespace>) -> Result<CleaningPlan, Error> {
        let loaded = self.registry.read()?;
        let mut marked = plan(&loaded.registry, namespace);
        if marked.signal.is_empty() {
            self.tell(&loaded.notices);
            return Ok(marked);
        }
        let committed = self.registry.change(now_ms(), |registry| {
            marked = plan(registry, namespace);
            let marks = marked.signal.iter().map(|info| {
                let mut identity = info.identity.clone().unwrap_or_default();
                identity.ending = Some(now_ms());
                Delta::SetIdentity(info.key(), identity)
            });
            Ok::<_, Error>(marks.collect())
        })?;
        self.tell(&committed.notices);
        Ok(marked)
    }

    fn remove(&self, keys: &[EntryKey]) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let deltas: Vec<Delta> = keys.iter().cloned().map(Delta::Remove).collect();
        let committed = self.registry.commit(&deltas, now_ms())?;
        self.tell(&committed.notices);
        Ok(())
    }
}

/// Plans a cleaning; a child that is kept running by somebody who lives is left alone, also while it
/// waits to be started again.
fn plan(registry: &ProcessRegistry, namespace: Option<&Namespace>) -> CleaningPlan {
    let mut plan = cleaning_plan(registry, namespace, judge_for_cleaning);
    plan.gone.retain(|info| !Child::of(info).is_restarting());
    plan
}

pub(super) fn cleaned(info: &ProcessInfo, reason: String) -> Cleaned {
    Cleaned { child: Child::of(info), reason }
}
