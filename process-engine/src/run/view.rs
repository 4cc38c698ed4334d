//! The process as people see it, kept in step with its run.

use chrono::{DateTime, Utc};
use process_core::{Process, Timestamp};

use super::state::Run;

impl Run {
    /// Shows on the process where one step stands.
    ///
    /// `at` is the instant of the event, which is most often the one to be shown.
    pub(crate) fn show_step(&self, step: usize, process: &mut Process, at: &Timestamp) {
        let (Some(state), Some(definition)) =
            (self.steps.get(step), self.definition.steps.get(step))
        else {
            return;
        };
        // The list is the definition's unless somebody moved a step by hand.
        let shown = match process.steps.get(step) {
            Some(shown) if shown.id == definition.id => Some(step),
            _ => process.position(&definition.id),
        };
        let Some(shown) = shown.and_then(|shown| process.steps.get_mut(shown)) else { return };
        shown.status = state.status();
        show_instant(&mut shown.started_at, state.started_at(), at);
        show_instant(&mut shown.completed_at, state.ended_at(), at);
    }

    /// Shows on the process where all of it stands.
    pub(crate) fn show(&self, process: &mut Process, at: &Timestamp) {
        for step in 0..self.steps.len() {
            self.show_step(step, process, at);
        }
        process.status = self.status();
    }
}

fn show_instant(shown: &mut Option<Timestamp>, wanted: Option<DateTime<Utc>>, at: &Timestamp) {
    if shown.as_ref().map(Timestamp::instant) == wanted {
        return;
    }
    // Writing an instant out costs more than all else of an event.
    *shown = match wanted {
        Some(wanted) if wanted == at.instant() => Some(at.clone()),
        wanted => wanted.map(Timestamp::from_instant),
    };
}
