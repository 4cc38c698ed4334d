//! What people ask of a process that runs by a definition, each one input.

use std::path::Path;

use process_core::{ProcessId, StepId};
use process_engine::Input;
use serde_json::{Value, json};

use crate::{definitions::Definitions, error::Error, outcome::Changed, project::Procside};

impl Procside {
    /// Stops a process for the time being: nothing is dispatched and no route is taken until it goes
    /// on. What runs may end, and clocks run on.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a process that is paused, is ending or has ended.
    pub fn pause(&self, id: Option<ProcessId>) -> Result<Changed, Error> {
        self.change(id, vec![Input::Pause])
    }

    /// Lets a paused process go on; what came due meanwhile happens in the order in which it was due.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a process that is not paused.
    pub fn resume(&self, id: Option<ProcessId>) -> Result<Changed, Error> {
        self.change(id, vec![Input::Resume])
    }

    /// Ends a process; what was done is undone. A second cancel on the way to the end changes
    /// nothing.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a process that has ended.
    pub fn cancel(&self, id: Option<ProcessId>, reason: Option<String>) -> Result<Changed, Error> {
        self.change(id, vec![Input::Cancel { reason }])
    }

    /// Tries again what failed or was cancelled, or a step and all that follows from it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when there is nothing to try again.
    pub fn retry(&self, id: Option<ProcessId>, from: Option<StepId>) -> Result<Changed, Error> {
        self.change(id, vec![Input::Retry { from }])
    }

    /// Tries again as [`Procside::retry`] does, by the definition as it stands today: that of the
    /// template or file by which the process was started.
    ///
    /// # Errors
    /// As [`Procside::retry`] and [`Procside::adopt`]; `NotFound` when that is not known.
    pub fn retry_newest(
        &self,
        id: Option<ProcessId>,
        from: Option<StepId>,
    ) -> Result<Changed, Error> {
        self.change_with(id, |execution| {
            let mut inputs = Vec::new();
            if let (Some(process), Some(run)) = (execution.process(), execution.run()) {
                let newest = self.newest_definition(process)?;
                if newest.stored() != run.definition().stored() {
                    inputs.push(Input::Adopt(newest));
                }
            }
            inputs.push(Input::Retry { from: from.clone() });
            Ok(inputs)
        })
    }

    /// Goes on by another definition, a file or a template; what is done stays done.
    ///
    /// # Errors
    /// `Invalid` with every problem of the definition; `Conflict` with every reason why what is done
    /// has no place in it; `NotFound`.
    pub fn adopt(
        &self,
        id: Option<ProcessId>,
        folder: &Path,
        source: &str,
    ) -> Result<Changed, Error> {
        let definitions = Definitions::of(self, folder.to_owned());
        let found = self.found_definition(&definitions, source)?;
        self.change_with(id, |execution| {
            let mut inputs = vec![Input::Adopt(found.definition.clone())];
            let Some(process) = execution.process() else { return Ok(inputs) };
            // From here on the process is of that file or template, as far as `retry --newest` goes.
            let ways = [
                ("/definition", &process.definition, found.path.as_ref()),
                ("/template", &process.template, found.template.as_ref()),
            ];
            let patch: Vec<Value> = ways
                .into_iter()
                .filter_map(|(path, from, to)| match (from, to) {
                    (from, Some(to)) if from.as_ref() != Some(to) => {
                        Some(json!({"op": "add", "path": path, "value": to}))
                    }
                    (Some(_), None) => Some(json!({"op": "remove", "path": path})),
                    _ => None,
                })
                .collect();
            if !patch.is_empty() {
                inputs.push(Input::Edit { patch: patch.into() });
            }
            Ok(inputs)
        })
    }

    /// Gives a foreach that runs another item.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a step that is no foreach, or does not run.
    pub fn add_item(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        item: Value,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::AddItem { step, item }])
    }

    /// Records how well a step went, from 1 to 5, so that others learn from it; taken behind the end
    /// as well.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for another rating, or neither rating nor note.
    pub fn feedback(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        rating: Option<u8>,
        note: Option<String>,
    ) -> Result<Changed, Error> {
        let feedback = note.unwrap_or_default();
        self.change(id, vec![Input::Feedback { step, rating, feedback }])
    }
}
