//! Ending one child by its number or its task.

use std::{
    thread,
    time::{Duration, Instant},
};

use process_runtime::children::{Ended, end_all, owner};
use procreg::{Delta, EntryKey, Exit, Owner, OwnerState, ProcessInfo, ProcessRegistry};
use serde_json::json;

use super::{
    clean::cleaned,
    list::is_in,
    open::{Children, now_ms, unknown},
    outcome::{Child, Cleaning, EndedChild, owner_is_alive},
    request::parse_namespace,
};
use crate::error::{Error, ErrorKind};

/// How long it is waited until the owner of a child has recorded its end.
const OWNER_WAIT: Duration = Duration::from_secs(2);

/// How long it is waited until an owner that has nothing left to look after is gone.
const OWNER_END_WAIT: Duration = Duration::from_millis(500);

/// How often is looked.
const LOOK: Duration = Duration::from_millis(5);

impl Children {
    /// Ends a child, named by its number or its task, with all that it started; it is not started
    /// again.
    ///
    /// It is asked to end and has `grace` for it; then it is killed. Its entry stays, as stopped.
    ///
    /// # Errors
    /// `NotFound` when there is no such child, `Conflict` when several children have this task, with
    /// `details.pids`; `Locked`, and whatever keeps the registry from being read or written. One that
    /// could not be ended is in the answer.
    pub fn end(
        &self,
        which: &str,
        namespace: Option<&str>,
        grace: Duration,
    ) -> Result<EndedChild, Error> {
        let loaded = self.registry.read()?;
        self.tell(&loaded.notices);
        let info = find(&loaded.registry, which, namespace)?.clone();
        let child = Child::of(&info);
        let mut cleaning = Cleaning { is_plan: self.dry, ..Cleaning::default() };
        if self.dry {
            let list =
                if child.is_live() { &mut cleaning.cleaned } else { &mut cleaning.already_gone };
            list.push(cleaned(&info, child.reason.clone()));
            return Ok(EndedChild { child, cleaning });
        }
        let was_restarting = child.is_restarting();
        if child.keeps_running() {
            self.mark_ending(&info)?;
        }
        match end_all(&[&info], grace).remove(0) {
            Ended::AlreadyGone if was_restarting => {
                let reason = "it had ended, and is not started again".to_owned();
                cleaning.cleaned.push(cleaned(&info, reason));
            }
            Ended::AlreadyGone => cleaning.already_gone.push(cleaned(&info, child.reason.clone())),
            Ended::Ended => cleaning.cleaned.push(cleaned(&info, "it was ended".to_owned())),
            Ended::Failed(why) => cleaning.failed.push(cleaned(&info, why)),
        }
        let key = info.key();
        if cleaning.failed.is_empty() && child.is_live() {
            self.see_end(&key, child.owner)?;
        }
        let owner = info.identity.as_ref().and_then(|identity| identity.owner.as_ref());
        if let Some(owner) = owner.filter(|_| child.keeps_running()) {
            wait_for_end_of(owner);
        }
        let loaded = self.registry.read()?;
        let child = loaded.registry.entry(&key).map_or(child, Child::of);
        Ok(EndedChild { child, cleaning })
    }

    /// Says durably that a child's end is wanted, so that nobody starts it again.
    fn mark_ending(&self, info: &ProcessInfo) -> Result<(), Error> {
        let key = info.key();
        self.registry.change(now_ms(), |registry| {
            let identity = registry.entry(&key).and_then(|info| info.identity.clone());
            let mark = identity.map(|mut identity| {
                identity.ending = Some(now_ms());
                Delta::SetIdentity(key.clone(), identity)
            });
            Ok::<_, Error>(mark.into_iter().collect())
        })?;
        Ok(())
    }

    /// Waits until the owner of a child has recorded its end, who alone knows how it ended; where
    /// nobody does, that it ended is recorded here.
    fn see_end(&self, key: &EntryKey, owner: OwnerState) -> Result<(), Error> {
        let is_seen = |registry: &ProcessRegistry| {
            registry.entry(key).is_none_or(|info| info.exit().is_some())
        };
        let since = Instant::now();
        while owner_is_alive(owner) == Some(true) && since.elapsed() < OWNER_WAIT {
            if is_seen(&self.registry.read()?.registry) {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        let exit = Exit { at: now_ms(), ..Exit::default() };
        self.registry.commit(&[Delta::SeenExit(key.clone(), exit)], now_ms())?;
        Ok(())
    }
}

/// Returns the entry that a number or a task names: one that lives before one that is over, and of
/// those the newest.
pub(super) fn find<'a>(
    registry: &'a ProcessRegistry,
    which: &str,
    namespace: Option<&str>,
) -> Result<&'a ProcessInfo, Error> {
    let namespace = namespace.map(parse_namespace).transpose()?;
    let namespace = namespace.as_ref();
    let number = which.parse::<u32>().ok().and_then(|pid| registry.get(pid));
    if let Some(info) = number.filter(|info| is_in(namespace, info)) {
        return Ok(info);
    }
    let named = |info: &&ProcessInfo| {
        is_in(namespace, info) && info.task_id.as_ref().is_some_and(|task| task.as_str() == which)
    };
    let found: Vec<(&ProcessInfo, Child)> =
        registry.list().filter(named).map(|info| (info, Child::of(info))).collect();
    let counts = |child: &Child| child.is_live() || child.is_restarting();
    let living: Vec<&ProcessInfo> =
        found.iter().filter(|(_, child)| counts(child)).map(|(info, _)| *info).collect();
    match living.as_slice() {
        [info] => Ok(info),
        [] => found
            .iter()
            .map(|(info, _)| *info)
            .max_by_key(|info| info.start_time)
            .ok_or_else(|| unknown(which)),
        several => {
            let pids: Vec<u32> = several.iter().map(|info| info.pid).collect();
            let message = format!("{} children have the task `{which}`", pids.len());
            let hint = "name one by its number, or by `--namespace`";
            let details = json!({"pids": pids});
            Err(Error::new(ErrorKind::Conflict, message).with_hint(hint).with_details(details))
        }
    }
}

/// Waits a moment for the end of an owner that is there for one child only; another kind stays.
fn wait_for_end_of(one: &Owner) {
    let since = Instant::now();
    while owner(one) == OwnerState::Alive && since.elapsed() < OWNER_END_WAIT {
        thread::sleep(LOOK);
    }
}
