//! Looking at `registry.yaml`, beside what the journals say.

use std::collections::{BTreeMap, BTreeSet};

use process_core::{
    ProcessId,
    registry::{ProcessEntry, Registry},
};

use super::{
    code::{
        REGISTRY_CORRUPT, REGISTRY_MISSING, REGISTRY_STALE, REGISTRY_TOO_NEW,
        REGISTRY_UNKNOWN_PROCESS,
    },
    examine::{Examination, Expected},
};
use crate::files::index::RegistryFile;

impl Examination<'_> {
    /// Looks at the registry, after all processes.
    pub(super) fn registry(&mut self) {
        let path = self.files.layout().registry();
        match self.files.read_registry() {
            Err(error) => self.unreadable(&path, &error),
            Ok(RegistryFile::Absent) => {
                let has_journal = self.global.as_ref().is_some_and(|global| global.head.exists);
                if has_journal || !self.ids.is_empty() {
                    self.findings.add(REGISTRY_MISSING, &path, "there is no registry");
                }
            }
            Ok(RegistryFile::Newer) => {
                let message = "it is from a newer version: use a newer procside";
                self.findings.add(REGISTRY_TOO_NEW, &path, message);
            }
            Ok(RegistryFile::Broken(reason)) => {
                let is_blank = self.files.disk().stat(&path);
                let is_blank = is_blank.is_ok_and(|stat| stat.is_some_and(|stat| stat.len == 0));
                if is_blank && self.files.disk().read(&path, 1).is_ok() {
                    self.findings.add(REGISTRY_MISSING, &path, "the registry is empty");
                } else {
                    self.findings.add(REGISTRY_CORRUPT, &path, reason);
                }
            }
            Ok(RegistryFile::Read { registry, .. }) => {
                let stale = self.stale(&registry);
                stale.into_iter().for_each(|message| {
                    self.findings.add(REGISTRY_STALE, &path, message);
                });
            }
        }
    }

    /// Returns what a registry says otherwise than the journals.
    fn stale(&mut self, registry: &Registry) -> Vec<String> {
        let mut messages = Vec::new();
        let mut listed = BTreeSet::new();
        for entry in &registry.processes {
            let id = entry.id;
            if !self.ids.contains(&id) {
                let message = format!("{id} is listed and has neither journal nor file");
                let path = self.files.layout().registry();
                self.findings.add(REGISTRY_UNKNOWN_PROCESS, &path, message);
            } else if !listed.insert(id) {
                messages.push(format!("{id} is listed twice"));
            } else if let Some(what) =
                self.entries.get(&id).and_then(|expected| differs(entry, expected))
            {
                messages.push(format!("it shows another {what} of {id} than its journal"));
            }
        }
        // A process that is not taken in yet is listed by the change that does that.
        let missing = self
            .entries
            .iter()
            .filter(|(id, expected)| expected.entry.revision.is_some() && !listed.contains(id));
        messages.extend(missing.map(|(id, _)| format!("{id} is not listed")));
        messages.extend(self.stale_head(registry));
        messages
    }

    /// Returns what a registry says otherwise of the active process and of templates.
    fn stale_head(&self, registry: &Registry) -> Vec<String> {
        let Some(global) = &self.global else {
            return Vec::new();
        };
        let entries: BTreeMap<ProcessId, ProcessEntry> =
            self.entries.iter().map(|(id, expected)| (*id, expected.entry.clone())).collect();
        // What cannot be listed is told by then.
        let Ok(index) = self.files.index_with(global, self.now, &entries) else {
            return Vec::new();
        };
        let mut messages = Vec::new();
        if index.registry.active != registry.active {
            let name = |id: Option<ProcessId>| id.map_or("none".to_owned(), |id| id.to_string());
            messages.push(format!(
                "it says that the active process is {}, the journal {}",
                name(registry.active),
                name(index.registry.active)
            ));
        }
        if index.registry.templates != registry.templates {
            messages.push("it shows another use of templates than the journal".to_owned());
        }
        if index.registry.global_bytes != registry.global_bytes && global.head.torn_bytes() == 0 {
            messages.push("it shows an earlier state of `history/global.yaml`".to_owned());
        }
        messages
    }
}

/// Names the first thing that an entry says otherwise than the process.
fn differs(found: &ProcessEntry, expected: &Expected) -> Option<&'static str> {
    let entry = &expected.entry;
    let always = [("revision", found.revision != entry.revision)];
    let in_full = [
        ("name", found.name != entry.name),
        ("goal", found.goal != entry.goal),
        ("status", found.status != entry.status),
        ("archiving", (found.archived, &found.archived_at) != (entry.archived, &entry.archived_at)),
        ("progress", found.progress != entry.progress),
        ("template", found.template != entry.template),
        ("tags", found.tags != entry.tags),
        ("uid", found.uid != entry.uid),
        ("time", found.created_at != entry.created_at || found.updated_at != entry.updated_at),
    ];
    let in_full = in_full.into_iter().filter(|_| expected.in_full);
    always.into_iter().chain(in_full).find(|(_, differs)| *differs).map(|(what, _)| what)
}
