//! Two processes that two branches gave one id: one keeps it, the others get ids of their own.

use std::path::Path;

use process_core::{ProcessId, RegistryFact, Uid};
use serde_json::Value;

use super::{
    chain::{Root, roots_of, text_of},
    repair::Repair,
};
use crate::{
    error::Error,
    journal::{JOURNAL_BYTES_MAX, Journal},
    replace::{Aside, Durability, folder_of, keep_aside, replace},
};

impl Repair<'_> {
    /// Moves all processes but the first made out of a journal, and returns what is left of it.
    ///
    /// Each journal is durable before the old one is replaced, and a run after a crash finds it.
    pub(super) fn split(
        &mut self,
        id: ProcessId,
        path: &Path,
        journal: &Journal,
    ) -> Result<Vec<u8>, Error> {
        self.begin()?;
        let mut roots = roots_of(journal).into_iter();
        let Some(keeper) = roots.next() else {
            return Ok(Vec::new());
        };
        let mut is_clear = !keeper.is_forked;
        for root in roots {
            is_clear &= root.uid() != keeper.uid();
            self.move_out(id, &root, &keeper, journal)?;
        }
        if !is_clear {
            // Nobody can tell an edit from what another branch wrote there.
            for view in [false, true].map(|archived| self.files.layout().view(id, archived)) {
                if self.files.disk().stat(&view)?.is_some() {
                    keep_aside(self.files.disk(), &view, Aside::Rejected)?;
                    self.files.disk().sync_folder(folder_of(&view))?;
                }
            }
        }
        text_of(path, &keeper.values(journal))
    }

    fn move_out(
        &mut self,
        id: ProcessId,
        root: &Root,
        keeper: &Root,
        journal: &Journal,
    ) -> Result<(), Error> {
        let values = root.values(journal);
        let uid = if root.uid() == keeper.uid() { self.change.fresh_uid() } else { root.uid() };
        let process = match self.moved(id, &values, uid)? {
            Some(process) => process,
            None => {
                let process = self.change.next_id()?;
                let path = self.files.layout().journal(process);
                let text = text_of(&path, &renamed(&values, process, uid))?;
                replace(self.files.disk(), &path, &text, Durability::SyncedWithFolder)?;
                process
            }
        };
        let is_recorded = self.change.global.events.iter().any(|event| {
            matches!(&event.fact, RegistryFact::ProcessRenumbered { process: other, .. }
                if *other == process)
        });
        if !is_recorded {
            let fact = RegistryFact::ProcessRenumbered { process, from: id, uid };
            self.change.record(vec![fact])?;
        }
        let mut record = self.change.load(process)?;
        self.change.derive(&mut record, &[]);
        Ok(())
    }

    /// Finds the process to which a repair that was cut off has moved these events.
    fn moved(
        &self,
        from: ProcessId,
        values: &[(Value, bool)],
        uid: Uid,
    ) -> Result<Option<ProcessId>, Error> {
        for id in self.files.ids()? {
            if id == from {
                continue;
            }
            let path = self.files.layout().journal(id);
            let Ok(bytes) = self.files.disk().read(&path, JOURNAL_BYTES_MAX) else {
                continue;
            };
            if bytes.starts_with(&text_of(&path, &renamed(values, id, uid))?) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// Returns the events of a process as those of the process with this id.
fn renamed(values: &[(Value, bool)], id: ProcessId, uid: Uid) -> Vec<(Value, bool)> {
    let renamed = values.iter().map(|(event, more)| {
        let mut event = event.clone();
        for pointer in ["/process", "/content/process"] {
            if let Some(Value::Object(process)) = event.pointer_mut(pointer)
                && process.contains_key("id")
            {
                process.insert("id".to_owned(), id.to_string().into());
                process.insert("uid".to_owned(), uid.to_string().into());
            }
        }
        (event, *more)
    });
    renamed.collect()
}
