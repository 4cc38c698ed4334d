//! Foreach and repeat: one visit for each item or turn (rule E5).

use chrono::TimeDelta;
use process_core::{
    Shared,
    definition::OnError,
    event::{GroupEnd, RunFact, VisitId},
};
use serde_json::Value;

use super::{Deciding, failure::Attempt};
use crate::run::{Group, Run};

/// The most items of a foreach: each is a visit, and as many as a definition can have steps.
const ITEMS_MAX: usize = 100_000;

impl Deciding<'_> {
    /// Begins a foreach with the items that its list has.
    pub(super) fn open_foreach(&mut self, step: usize, after: Vec<VisitId>) {
        let Some(run) = self.run() else { return };
        let definition = run.definition_handle();
        let Some(foreach) = &definition.steps[step].foreach else { return };
        let keys: Vec<_> = after.iter().filter_map(|at| run.key(at)).collect();
        let scope =
            crate::run::RunScope { run, now: Some(self.now), after: &keys, own: None, item: None };
        let error = match foreach.items.value(&scope) {
            Ok(Value::Array(items)) if items.len() > ITEMS_MAX => {
                format!("foreach: {} items, and {ITEMS_MAX} are the most", items.len())
            }
            Ok(Value::Array(items)) => {
                let (step, group) = (run.id(step), run.next_group(step));
                self.emit(RunFact::GroupOpened { step, group, items, after });
                return;
            }
            Ok(other) => format!("foreach: a list is needed, not {}", shown(&other)),
            Err(failure) => format!("foreach: {failure}"),
        };
        let key = run.next_visit(step);
        self.fail_visit(key, Attempt::unstarted(error));
    }

    /// Goes on with the first foreach or repeat of which something changed.
    pub(super) fn settle_groups(&mut self) -> bool {
        if std::mem::take(&mut self.changed.everything) {
            let Some(run) = self.run() else { return false };
            let groups: Vec<_> = run.groups.iter().copied().collect();
            let names: Vec<String> = run.waiters.keys().cloned().collect();
            let steps = 0..run.steps.len();
            self.changed.groups.extend(groups);
            self.changed.messages.extend(names);
            self.changed.steps.insert_all(steps);
        }
        while let Some(group) = self.changed.groups.first().copied() {
            if self.settle_group(group.0, group.1) {
                return true;
            }
            self.changed.groups.remove(&group);
        }
        false
    }

    /// Begins the next item or turn, or ends the group; `false` when it waits for what is open.
    fn settle_group(&mut self, step: usize, number: u32) -> bool {
        let Some(run) = self.run() else { return false };
        if !run.looping.is_empty() {
            return false;
        }
        let Some(activation) = run.steps[step].activations.get(&number) else { return false };
        let open = activation.open;
        match &activation.group {
            Some(Group::Foreach { items, next, outputs, error }) => {
                let definition = run.step_definition(step);
                let skips = definition.on_error == Some(OnError::SkipStep);
                let stops = error.is_some() && !skips;
                let most = definition.foreach.as_ref().and_then(|foreach| foreach.max_parallel);
                if !stops && *next < items.len() && most.is_none_or(|most| open < most.max(1)) {
                    let index = u32::try_from(*next).ok();
                    let at = run.at(run.next_visit(step));
                    let (after, group) = (Vec::new(), Some(number));
                    self.emit(RunFact::StepReady { at, after, group, index });
                    return true;
                }
                if open > 0 {
                    return false;
                }
                let end = match error {
                    Some(error) if stops => (run.group_failure(step), None, Some(error.clone())),
                    _ => {
                        (Ok(GroupEnd::Completed), Some(Value::Array(outputs.clone()).into()), None)
                    }
                };
                self.end_group(step, number, end);
                true
            }
            Some(Group::Repeat { error: Some(error), .. }) if open == 0 => {
                let end = (run.group_failure(step), None, Some(error.clone()));
                self.end_group(step, number, end);
                true
            }
            Some(Group::Repeat { turns, next_at: None, .. }) if open == 0 => {
                let turns = *turns;
                self.next_turn(step, number, turns);
                true
            }
            Some(Group::Repeat { .. }) | None => false,
        }
    }

    /// Begins another turn of a repeat, or ends it.
    fn next_turn(&mut self, step: usize, number: u32, turns: u32) {
        let Some(run) = self.run() else { return };
        let definition = run.definition_handle();
        let Some(repeat) = &definition.steps[step].repeat else { return };
        let key = (step, run.steps[step].visits.last_number());
        let holds = repeat.until.holds_yet(&run.scope_of(key, self.now));
        let end = match holds {
            Err(failure) => {
                let error = format!("repeat: {failure}");
                (run.group_failure(step), None, Some(error))
            }
            Ok(true) => (Ok(GroupEnd::Completed), run.steps[step].output.clone(), None),
            Ok(false) if turns >= repeat.max => {
                let error = format!("repeat_limit: not so after {turns} turns");
                (run.group_failure(step), None, Some(error))
            }
            Ok(false) => {
                let delay = TimeDelta::from_std(repeat.delay).unwrap_or(TimeDelta::MAX);
                let at_instant = self.now.checked_add_signed(delay).unwrap_or(self.now);
                let step = run.id(step);
                self.emit(RunFact::RepeatScheduled { step, group: number, at_instant });
                return;
            }
        };
        self.end_group(step, number, end);
    }

    fn end_group(
        &mut self,
        step: usize,
        group: u32,
        end: (Result<GroupEnd, String>, Option<Shared>, Option<String>),
    ) {
        let Some(run) = self.run() else { return };
        let step = run.id(step);
        let (end, output, error) = match end {
            (Ok(end), output, error) => (end, output, error),
            (Err(limit), output, _) => (GroupEnd::Failed, output, Some(limit)),
        };
        self.emit(RunFact::GroupEnded { step, group, end, output, error });
    }
}

impl Run {
    /// Returns how a foreach or repeat that failed ends, or why a loop may not be taken.
    fn group_failure(&self, step: usize) -> Result<GroupEnd, String> {
        match &self.step_definition(step).on_error {
            None | Some(OnError::FailProcess) => Ok(GroupEnd::Failed),
            Some(OnError::SkipStep) => Ok(GroupEnd::Skipped),
            Some(OnError::Goto(target)) => match self.goto_limit(step, target) {
                None => Ok(GroupEnd::Goto(target.clone())),
                Some(limit) => Err(limit),
            },
        }
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
