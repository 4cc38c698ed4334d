//! The journal of the registry itself.

use std::collections::BTreeMap;

use process_core::{
    ProcessId, RegistryEvent, RegistryFact, Timestamp, registry::Registry, yaml::Node,
};
use serde_json::Value;

use super::Files;
use crate::{
    error::{Error, ErrorKind},
    journal::{self, Head},
};

/// What the registry's journal says.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// Its events, oldest first.
    pub events: Vec<RegistryEvent>,
    /// The process that was last switched to.
    pub active: Option<ProcessId>,
    /// The highest number that a process was ever given.
    pub number_max: u32,
    /// How many processes were made from a template, and when the last one.
    pub uses: BTreeMap<String, (u64, Timestamp)>,
    /// What the registry of an older program said when it was taken in.
    pub imported: Option<Registry>,
    /// Whether this is what the registry shows of the journal, and the events were not read.
    pub(crate) is_shown: bool,
    pub(crate) head: Head,
}

impl Files {
    /// Reads the journal of the registry; a missing one is empty.
    ///
    /// # Errors
    /// `Corrupt` for a broken line.
    pub fn read_global(&self) -> Result<Global, Error> {
        let path = self.layout().global();
        let journal = journal::read(self.disk(), &path)?;
        let mut events = Vec::with_capacity(journal.lines.len());
        for (index, line) in journal.lines.iter().enumerate() {
            events.push(RegistryEvent::from_value(&line.event).map_err(|reason| {
                let message = format!("history/global.yaml: line {}: {reason}", index + 1);
                Error::new(ErrorKind::Corrupt, message).at(&path)
            })?);
        }
        if journal.is_forked {
            // What two branches did to the registry never clashes: the later one counts.
            events.sort_by_key(|event| event.at.instant());
            for (seq, event) in (1..).zip(&mut events) {
                event.seq = seq;
            }
        }
        let mut global = Global { head: journal.head, ..Global::default() };
        for event in events {
            global.apply(event);
        }
        Ok(global)
    }
}

impl Global {
    /// Returns what a registry that is up to date shows of its journal.
    pub(crate) fn shown_by(registry: &Registry) -> Self {
        let bytes = registry.global_bytes.unwrap_or_default();
        let mut shown = Self { active: registry.active, is_shown: true, ..Self::default() };
        (shown.head.exists, shown.head.good_bytes, shown.head.file_bytes) = (true, bytes, bytes);
        shown
    }

    /// Returns the length of the journal, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.head.file_bytes
    }

    pub(crate) fn append(
        &mut self,
        files: &Files,
        at: &Timestamp,
        by: &str,
        facts: Vec<RegistryFact>,
    ) -> Result<(), Error> {
        let events: Vec<RegistryEvent> = (self.head.revision + 1..)
            .zip(facts)
            .map(|(seq, fact)| RegistryEvent { seq, at: at.clone(), by: by.to_owned(), fact })
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        let values: Vec<Value> = events.iter().map(RegistryEvent::to_value).collect();
        let path = files.layout().global();
        self.head = journal::append(files.disk(), &path, &self.head, &values)?;
        for event in events {
            self.apply(event);
        }
        Ok(())
    }

    fn apply(&mut self, event: RegistryEvent) {
        match &event.fact {
            RegistryFact::ProcessCreated { process, template, .. } => {
                self.number_max = self.number_max.max(process.number());
                if let Some(template) = template {
                    let count = self.uses.get(template).map_or(0, |(count, _)| *count);
                    self.uses.insert(template.clone(), (count + 1, event.at.clone()));
                }
            }
            RegistryFact::ProcessImported { process, .. }
            | RegistryFact::ProcessRenumbered { process, .. } => {
                self.number_max = self.number_max.max(process.number());
            }
            RegistryFact::RegistryImported { registry } => {
                // It was read before it was stored.
                self.imported = Registry::read(&Node::from_json(registry)).ok();
                if let Some(imported) = &self.imported {
                    self.active = imported.active.or(self.active);
                    for template in &imported.templates {
                        let last = template.last_used.clone().unwrap_or(event.at.clone());
                        self.uses.insert(template.id.clone(), (template.usage_count, last));
                    }
                }
            }
            RegistryFact::Switched { process } => self.active = Some(*process),
            RegistryFact::TemplateRemoved { .. } | RegistryFact::TemplateSaved { .. } => {}
        }
        self.events.push(event);
    }
}
