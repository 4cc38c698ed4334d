//! Messages and the process's own data: who waits for them, and who gets them (rule E12).

use process_core::{
    definition::{StepKind, WaitFor},
    event::RunFact,
    expr::{Expression, Root},
};
use serde_json::{Map, Value};

use super::{Deciding, failure::Attempt};
use crate::run::{Key, Run, RunScope};

impl Deciding<'_> {
    /// Gives one message to whoever has waited longest for it.
    pub(super) fn match_messages(&mut self) -> bool {
        while let Some(name) = self.changed.messages.first().cloned() {
            if let Some((key, number)) = self.run().and_then(|run| run.matched(&name)) {
                let Some(run) = self.run() else { return false };
                let output = run.mailbox.messages.get(&number).map(|it| it.data.clone());
                let at = run.at(key);
                self.emit(RunFact::StepCompleted {
                    at,
                    output: output.unwrap_or_default().into(),
                    cost: None,
                    routes: None,
                    back: Vec::new(),
                    message: Some(number),
                });
                return true;
            }
            self.changed.messages.remove(&name);
        }
        false
    }

    /// Looks at the expressions that wait and read what has changed.
    pub(super) fn settle_until(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        if run.untils.is_empty() {
            self.changed.steps.clear();
            return false;
        }
        let mut found: Option<(Key, Result<(), String>)> = None;
        for key in run.untils.iter().copied() {
            let (definition, place) = run.text_of(key);
            let Some(until) = until_of(&definition.steps[place].kind) else { continue };
            if !self.concerns(key.0, until) {
                continue;
            }
            let scope = RunScope { now: None, ..run.scope_of(key, self.now) };
            match until.holds_yet(&scope) {
                Ok(true) => found = Some((key, Ok(()))),
                Ok(false) => continue,
                Err(failure) => found = Some((key, Err(failure.to_string()))),
            }
            break;
        }
        let Some((key, result)) = found else {
            self.changed.steps.clear();
            self.changed.is_process = false;
            return false;
        };
        match result {
            Ok(()) => {
                let at = run.at(key);
                self.emit(RunFact::StepCompleted {
                    at,
                    output: Value::Object(Map::new()).into(),
                    cost: None,
                    routes: None,
                    back: Vec::new(),
                    message: None,
                });
            }
            Err(error) => self.fail_visit(key, Attempt::unstarted(format!("until: {error}"))),
        }
        true
    }

    /// Returns whether an expression reads something that has changed.
    fn concerns(&self, step: usize, until: &Expression) -> bool {
        let Some(run) = self.run() else { return false };
        self.changed.steps.contains(step)
            || until.reads().iter().any(|read| match &read.root {
                Root::Step(id, _) => {
                    let read = run.definition.graph.index(id.as_str());
                    read.is_some_and(|read| self.changed.steps.contains(read))
                }
                Root::Process => self.changed.is_process,
                Root::Input | Root::Item | Root::ItemIndex | Root::Now | Root::Trigger => false,
            })
    }
}

fn until_of(kind: &StepKind) -> Option<&Expression> {
    if let StepKind::WaitFor(WaitFor::Until(until)) = kind { Some(until) } else { None }
}

impl Run {
    /// Returns the oldest message of a name that somebody waits for, and who.
    fn matched(&self, name: &str) -> Option<(Key, u64)> {
        let waiters = self.waiters.get(name)?;
        let numbers = self.mailbox.by_name.get(name)?;
        numbers.iter().find_map(|number| {
            let message = self.mailbox.messages.get(number)?;
            let waiter = waiters.iter().find(|turn| {
                let Some(visit) = self.visit((turn.1, turn.2)) else { return false };
                // What came behind the end of a wait is too late for it, also while paused.
                let is_late = visit.alarms.iter().any(|alarm| alarm.at <= message.at);
                let wanted = visit.message.as_ref();
                !is_late && wanted.is_some_and(|(_, key)| key.is_none() || *key == message.key)
            })?;
            Some(((waiter.1, waiter.2), *number))
        })
    }

    /// Returns whether a message is there that a step will wait for when it opens.
    pub(super) fn has_message_for(&self, step: usize) -> bool {
        let StepKind::WaitFor(WaitFor::Message { name, correlation }) =
            &self.step_definition(step).kind
        else {
            return false;
        };
        let scope = self.scope(self.started_at);
        let Ok(name) = name.render(&scope) else { return false };
        let wanted = match correlation.as_ref().map(|text| text.render(&scope)) {
            None => None,
            Some(Ok(key)) => Some(key),
            Some(Err(_)) => return false,
        };
        let numbers = self.mailbox.by_name.get(&name).into_iter().flatten();
        let mut messages = numbers.filter_map(|number| self.mailbox.messages.get(number));
        messages.any(|message| wanted.is_none() || message.key == wanted)
    }
}
