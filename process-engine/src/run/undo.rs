//! The way to a bad end: what is dropped, and what is undone.

use chrono::{DateTime, Utc};
use process_core::{ProcessStatus, event::VisitId, money::Cost};

use super::{
    Alarm, AlarmKind, Ending,
    state::{Key, Run, Visit},
};

impl Run {
    pub(super) fn begin_ending(
        &mut self,
        status: ProcessStatus,
        error: &str,
        until: DateTime<Utc>,
    ) {
        self.ending =
            Some(Ending { status, is_compensation: false, error: error.to_owned(), until });
        self.failing = None;
        self.looping.clear();
        self.joins.clear();
        self.cancelling.clear();
        let step = self.definition.steps.len();
        self.alarms.insert(Alarm { at: until, step, visit: 0, kind: AlarmKind::Grace });
        let ready: Vec<Key> = self
            .open
            .iter()
            .copied()
            .filter(|key| self.visit(*key).is_some_and(Visit::is_untouched))
            .collect();
        for key in ready {
            self.withdraw(key);
        }
        let untouched: Vec<(usize, u32)> = self
            .groups
            .iter()
            .copied()
            .filter(|(step, _)| self.steps[*step].started_at.is_none())
            .collect();
        for group in untouched {
            self.groups.remove(&group);
            let step = &mut self.steps[group.0];
            if step.activations.remove(&group.1).is_some() {
                step.activations_open = step.activations_open.saturating_sub(1);
            }
        }
        self.ready.clear();
        self.opening.clear();
        self.mutexes.clear();
    }

    pub(super) fn compensation_failed(
        &mut self,
        at: &VisitId,
        error: &str,
        cost: Option<Cost>,
        retry_at: Option<DateTime<Utc>>,
    ) {
        let Some(key) = self.key(at) else { return };
        self.drop_compensation_alarm();
        self.add_cost(key, cost.unwrap_or_default());
        if let Some(at) = retry_at {
            let kind = AlarmKind::CompensationRetry;
            let alarm = Alarm { at, step: key.0, visit: key.1, kind };
            self.alarms.insert(alarm);
            if let Some(compensating) = &mut self.compensating {
                (compensating.token, compensating.alarm) = (None, Some(alarm));
            }
            return;
        }
        self.compensating = None;
        self.undo.retain(|other| *other != key);
        self.left.push(key);
        self.steps[key.0].compensation_error = Some(error.to_owned());
    }

    pub(super) fn drop_compensation_alarm(&mut self) {
        let alarm = self.compensating.as_mut().and_then(|compensating| compensating.alarm.take());
        if let Some(alarm) = alarm {
            self.alarms.remove(&alarm);
        }
    }
}
