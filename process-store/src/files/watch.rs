//! Seeing which processes change: by what the disk says of their files, without reading them.

use std::collections::BTreeMap;

use process_core::ProcessId;

use super::Files;
use crate::{
    disk::Stat,
    error::Error,
    store::{Standing, Watch},
};

/// What the disk says of a process's journal and of its file.
type Seen = (Option<Stat>, Option<Stat>);

/// Sees what changes in a project, by a program or by hand.
pub(super) struct FilesWatch {
    files: Files,
    seen: Option<BTreeMap<ProcessId, Seen>>,
}

impl FilesWatch {
    pub(super) fn new(files: Files) -> Self {
        Self { files, seen: None }
    }

    fn look(&self) -> Result<BTreeMap<ProcessId, Seen>, Error> {
        let (disk, layout) = (self.files.disk(), self.files.layout());
        let ids = self.files.ids()?.into_iter();
        let look =
            |id| Ok((id, (disk.stat(&layout.journal(id))?, disk.stat(&layout.view(id, false))?)));
        ids.map(look).collect()
    }
}

impl Watch for FilesWatch {
    fn poll(&mut self) -> Result<Vec<Standing>, Error> {
        // What changes behind this look is told by the next one.
        let now = self.look()?;
        let told = match &self.seen {
            Some(before) => {
                let has_changed = |(id, seen): &(&ProcessId, &Seen)| before.get(id) != Some(seen);
                now.iter().filter(has_changed).map(|(id, _)| unknown(*id)).collect()
            }
            None => {
                let index = self.files.index(&self.files.present())?;
                let entries = index.registry.processes.iter();
                let open = entries.filter(|entry| !entry.status.is_terminal() && !entry.archived);
                open.map(|entry| unknown(entry.id)).collect()
            }
        };
        self.seen = Some(now);
        Ok(told)
    }
}

/// Returns where a process stands that would have to be loaded to know.
fn unknown(id: ProcessId) -> Standing {
    Standing { id, revision: 0, wakes_at: None, is_busy: true, is_over: false }
}
