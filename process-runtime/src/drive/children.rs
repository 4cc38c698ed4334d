//! Processes that steps start: found or made, ended, undone, and their results brought back
//! (rule E11).

use chrono::TimeDelta;
use process_engine::{
    ChildEnd, ChildLink, ChildWish, Cost, Input, Outcome, Process, ProcessId, ProcessStatus, Run,
    Timestamp, VisitId,
};
use serde_json::Value;

use super::{
    action::{Action, NoChild},
    core::{Core, Scope},
    held::{Held, Place, Request},
};

/// How long it takes until a process is looked for again in a store that failed, in milliseconds.
const SEEK_AGAIN_MS: i64 = 500;

impl Core {
    /// Looks for the process that a visit started, as long as that matters.
    pub(super) fn seek_child(&mut self, id: ProcessId, visit: &VisitId) {
        let Some(run) = self.run_of(id) else { return };
        if let Some(link) = run.child_link(visit) {
            self.find_child(id, link);
        }
    }

    fn find_child(&mut self, id: ProcessId, link: ChildLink) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let uid = held.execution().and_then(|execution| Some(execution.process()?.uid));
        let Some(parent_uid) = uid else { return };
        if held.children.contains_key(&link.visit) || !held.seeking.insert(link.visit.clone()) {
            return;
        }
        let level = held.level + 1;
        self.act(Action::FindChild { parent: id, parent_uid, link, level });
    }

    pub(super) fn child_found(
        &mut self,
        now: &Timestamp,
        parent: ProcessId,
        visit: VisitId,
        found: Result<Option<ProcessId>, NoChild>,
    ) {
        let Some(held) = self.held.get_mut(&parent) else { return };
        held.seeking.remove(&visit);
        let level = held.level + 1;
        match found {
            Ok(Some(child)) => {
                held.children.insert(visit.clone(), child);
                if let Scope::Only(ids) = &mut self.scope {
                    ids.insert(child);
                }
                let held = self.held.entry(child).or_default();
                (held.parent, held.level) = (Some((parent, visit.clone())), level);
                if matches!(held.place, Place::Parked) {
                    self.reload(child);
                }
                let process = child.to_string();
                self.ask(now, parent, Request::own(Input::ChildStarted { visit, process }));
            }
            Ok(None) => self.no_child(now, parent, visit),
            Err(NoChild::Store(error)) => {
                let at = now.instant() + TimeDelta::milliseconds(SEEK_AGAIN_MS);
                (held.retry_at, held.must_recover) = (Some(at), true);
                self.set_wake(parent, Some(at));
                self.act(Action::Trouble { process: parent, error });
                self.go(now, parent);
            }
            Err(NoChild::Never(error)) => {
                let end = ChildEnd {
                    status: ProcessStatus::Failed,
                    output: Value::Null,
                    cost: None,
                    error: Some(error),
                };
                self.ask(now, parent, Request::own(Input::ChildEnded { visit, end }));
            }
        }
    }

    /// There is no process to undo where none was ever made.
    fn no_child(&mut self, now: &Timestamp, parent: ProcessId, visit: VisitId) {
        let Some(held) = self.held.get_mut(&parent) else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else {
            // It is asked for again when the parent is here.
            held.must_recover = true;
            let at = now.instant() + TimeDelta::milliseconds(SEEK_AGAIN_MS);
            held.retry_at = Some(held.retry_at.map_or(at, |other| other.min(at)));
            return self.set_wake(parent, Some(at));
        };
        let undone = run.compensating().filter(|_| run.undone_visit().as_ref() == Some(&visit));
        if let Some(token) = undone.and_then(|undone| undone.token) {
            let outcome = Outcome::Failed("not_found: the process was never made".to_owned());
            let input = Input::Result { visit, token, outcome, cost: None };
            return self.ask(now, parent, Request::own(input));
        }
        self.go(now, parent);
    }

    /// Undoes the process that a visit started; its visit is undone when that one is.
    pub(super) fn undo_child(
        &mut self,
        now: &Timestamp,
        id: ProcessId,
        visit: &VisitId,
        token: u64,
    ) {
        let known = self.held.get(&id).and_then(|held| held.children.get(visit).copied());
        if let Some(child) = known {
            let held = self.held.entry(child).or_default();
            held.undo = Some((id, visit.clone(), token));
            if matches!(held.place, Place::Parked) {
                self.reload(child);
            }
            self.go(now, child);
            return;
        }
        let run = self.run_of(id);
        let child = run.and_then(|run| run.visit_at(visit)?.child().cloned());
        if let Some(child) = child {
            // It ran to its end once, so it is there and is not made.
            let wish = ChildWish::End;
            self.find_child(id, ChildLink { visit: visit.clone(), child, wish });
        }
    }

    /// Does for the processes below one what its state asks for, and for the one above what this
    /// one's asks for.
    pub(super) fn tend(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get(&id) else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else { return };
        let undoing =
            run.compensating().and_then(|undone| Some((run.undone_visit()?, undone.token?)));
        let unwanted: Vec<ProcessId> = held
            .children
            .iter()
            .filter(|(visit, _)| {
                run.child_link(visit).is_some_and(|link| link.wish == ChildWish::End)
            })
            .map(|(_, child)| *child)
            .collect();
        let children: Vec<ProcessId> = held.children.values().copied().collect();
        let undone = undoing.filter(|(visit, _)| {
            let child = held.children.get(visit).and_then(|child| self.held.get(child));
            child.is_some_and(|child| child.undo.is_none())
        });
        for child in unwanted {
            self.end_child(now, child);
        }
        if let Some((visit, token)) = undone {
            self.undo_child(now, id, &visit, token);
        }
        for child in children {
            // It may have ended while this one was elsewhere.
            self.child_ended(now, child);
        }
        self.report_undone(now, id);
        self.child_ended(now, id);
    }

    /// Cancels a process whose step does not wait for it any more.
    fn end_child(&mut self, now: &Timestamp, child: ProcessId) {
        let Some(held) = self.held.get_mut(&child) else { return };
        if std::mem::replace(&mut held.is_unwanted, true) {
            return;
        }
        let reason = Some("the step does not wait for it any more".to_owned());
        self.ask(now, child, Request::own(Input::Cancel { reason }));
    }

    /// Brings the end of a process back to the step that started it.
    pub(super) fn child_ended(&mut self, now: &Timestamp, child: ProcessId) {
        let Some(held) = self.held.get_mut(&child) else { return };
        if held.undo.is_some() {
            return;
        }
        let Some((parent, visit)) = held.parent.clone() else { return };
        if let Some(execution) = held.execution() {
            held.end = execution.run().and_then(end_of);
        }
        let Some(end) = held.end.clone() else { return };
        let is_unwanted = held.is_unwanted;
        let Some(above) = self.held.get_mut(&parent) else { return };
        let wish = above
            .execution()
            .and_then(|execution| execution.run())
            .map(|run| run.child_link(&visit).map(|link| link.wish));
        match wish {
            // The parent looks for its children when it is here.
            None => {
                if matches!(above.place, Place::Parked) && above.retry_at.is_none() {
                    self.reload(parent);
                }
                return;
            }
            // What an unwanted process cost is counted when its end was asked for.
            Some(None) if !is_unwanted => {}
            Some(_) => {
                above
                    .queue
                    .push_back(Request::own(Input::ChildEnded { visit: visit.clone(), end }));
            }
        }
        // It stays known: a child that cost nothing leaves no event, and is not looked for again.
        if let Some(held) = self.held.get_mut(&child) {
            (held.parent, held.end) = (None, None);
        }
        self.go(now, parent);
    }

    /// Says that a process has undone itself, or cannot.
    fn report_undone(&mut self, now: &Timestamp, child: ProcessId) {
        let Some(held) = self.held.get_mut(&child) else { return };
        let Some((parent, visit, token)) = held.undo.clone() else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else { return };
        let process = held.execution().and_then(|execution| execution.process());
        let is_archived = process.is_some_and(Process::is_archived);
        let Some(end) = run.end() else {
            // One that nobody waited for may still run (rule E11.6).
            let may_end = run.ending().is_none() && !is_archived;
            if may_end && !std::mem::replace(&mut held.is_unwanted, true) {
                let reason = Some("the process that started it is undone".to_owned());
                self.ask(now, child, Request::own(Input::Cancel { reason }));
            }
            return;
        };
        let (end, spent) = (end.clone(), run.spent());
        let counted = self
            .run_of(parent)
            .and_then(|run| run.visit_at(&visit))
            .map_or(Cost::ZERO, process_engine::Visit::cost);
        let is_undone = end.is_compensated || end.status == ProcessStatus::Cancelled;
        let outcome = if is_undone {
            Outcome::Completed(Value::Null)
        } else if end.status == ProcessStatus::Completed && !is_archived {
            self.ask(now, child, Request::own(Input::Compensate));
            return;
        } else if is_archived {
            Outcome::Failed("the process is archived".to_owned())
        } else {
            Outcome::Failed(format!("the process is {}", end.status))
        };
        // What undoing it cost comes on top of what it cost before.
        let cost = spent.minus(counted);
        let cost = (!cost.is_zero()).then_some(cost);
        if let Some(held) = self.held.get_mut(&child) {
            (held.undo, held.parent) = (None, None);
        }
        if let Some(held) = self.held.get_mut(&parent) {
            held.children.remove(&visit);
        }
        self.ask(now, parent, Request::own(Input::Result { visit, token, outcome, cost }));
    }

    fn run_of(&self, id: ProcessId) -> Option<&Run> {
        self.held.get(&id).and_then(Held::execution)?.run()
    }
}

/// Returns how a process ended, as the step that started it takes it; `None` while it goes on.
fn end_of(run: &Run) -> Option<ChildEnd> {
    let end = run.end()?;
    Some(ChildEnd {
        status: end.status,
        output: Value::Object(end.outputs.clone()),
        cost: Some(run.spent()),
        error: end.error.clone(),
    })
}
