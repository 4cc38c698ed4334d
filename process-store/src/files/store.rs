//! Files as a store.

use process_core::{Event, ProcessId, RegistryFact, Uid, id::PROCESS_NUMBER_MAX};
use process_engine::Execution;
use serde_json::json;

use super::{
    Change, Files, Record,
    change::forked,
    document::Sheet,
    drive::End,
    view::{EDITOR, View},
    watch::FilesWatch,
};
use crate::{
    error::{Error, ErrorKind},
    store::{Group, Page, Query, Store, Watch, key_of, page_of},
};

/// How many ends of journals are kept; each holds the text of a process's file.
const ENDS_MAX: usize = 1_000;

impl Store for Files {
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        let Some(last) = groups.iter().filter_map(|group| group.events.last()).next_back() else {
            return groups.iter().map(|group| group.process().map(|_| ())).collect();
        };
        let mut change = match self.change(&last.at, &last.by) {
            Ok(change) => change,
            Err(error) => return groups.iter().map(|_| Err(error.clone())).collect(),
        };
        let told = groups.iter().map(|group| change.append_group(group)).collect();
        // What could not be derived is made up for by the next change.
        let _ = change.finish();
        told
    }

    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        let events = self.read_process(id)?.map(|record| record.events).unwrap_or_default();
        Ok(events.into_iter().filter(|event| event.seq > after).collect())
    }

    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error> {
        let index = self.index(&self.present())?;
        let mut entries = index.registry.processes.iter();
        Ok(entries.find(|entry| entry.key.as_deref() == Some(key)).map(|entry| entry.id))
    }

    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error> {
        let index = self.index(&self.present())?;
        let mut entries = index.registry.processes.iter();
        Ok(entries.find(|entry| entry.uid == Some(uid)).map(|entry| entry.id))
    }

    fn leave(&self, id: ProcessId) {
        self.leave_process(id);
    }

    fn list(&self, query: &Query) -> Result<Page, Error> {
        let index = self.index(&self.present())?;
        let page = page_of(index.registry.processes.into_iter(), query);
        Ok(Page { notices: index.notices, ..page })
    }

    fn load(&self, id: ProcessId) -> Result<Option<Execution>, Error> {
        if let Some(record) = self.read_process(id)?
            && record.fork.is_none()
            && matches!(record.found.view, View::Current { .. })
            && matches!(record.found.document.sheet, Sheet::Absent | Sheet::Current { .. })
            && !record.is_document_behind()
            && !record.found.misplaced
            && record.found.second.is_none()
        {
            return self.keep_end(record).map(Some);
        }
        if !self.exists()? {
            return Ok(None);
        }
        let mut change = self.change(&self.present(), EDITOR)?;
        let loaded = match change.load(id) {
            Ok(mut record) => change.commit(&mut record, Vec::new()).map(|()| Some(record)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let record = match loaded {
            Ok(Some(record)) if record.fork.is_some() => Err(forked(&record)),
            Ok(Some(record)) => self.keep_end(record).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let _ = change.finish();
        record
    }

    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error> {
        let change = self.change(&self.present(), EDITOR)?;
        let first = self.number_max(&change.global)?.saturating_add(1);
        let behind = first.saturating_add(count);
        if behind - 1 > PROCESS_NUMBER_MAX {
            return Err(Error::new(ErrorKind::Invalid, "there is no process number left"));
        }
        self.set_reserved(behind - 1)?;
        Ok((first..behind).filter_map(ProcessId::from_number).collect())
    }

    fn take(&self, id: ProcessId) -> Result<bool, Error> {
        self.take_process(id)
    }

    fn watch(&self) -> Box<dyn Watch> {
        Box::new(FilesWatch::new(self.clone()))
    }
}

impl Files {
    /// Keeps where a journal ends, so that a group behind it is appended without reading it again.
    fn keep_end(&self, record: Record) -> Result<Execution, Error> {
        let stat = self.disk().stat(&self.layout().journal(record.id))?;
        let end = End { head: record.head, found: record.found, stat };
        let mut ends = self.shared.ends();
        if ends.len() >= ENDS_MAX {
            ends.pop_first();
        }
        ends.insert(record.id, end);
        Ok(record.execution)
    }

    /// Returns the end of a journal that was kept, when nobody has touched the files since.
    fn kept_end(&self, id: ProcessId) -> Result<Option<End>, Error> {
        let Some(end) = self.shared.ends().remove(&id) else { return Ok(None) };
        let is_same = self.disk().stat(&self.layout().journal(id))? == end.stat
            && self.disk().stat(&end.found.path)? == end.found.stat
            && self.disk().stat(&end.found.document.path)? == end.found.document.stat;
        Ok(is_same.then_some(end))
    }
}

impl Change<'_> {
    fn append_group(&mut self, group: &Group) -> Result<(), Error> {
        let process = group.process()?;
        if let Some(last) = group.events.last() {
            (self.now, self.by) = (last.at.clone(), last.by.clone());
        }
        let id = group.id;
        let mut record = if group.expected == 0 {
            self.require_free(group)?;
            self.files.lay_out()?;
            Record::empty(id, self.files.layout().view(id, false))
        } else {
            self.record_at(id, group.expected)?
        };
        self.store(&mut record, group.execution.as_ref().clone(), group.events.clone())?;
        self.files.keep_end(record)?;
        if group.expected == 0 {
            let (uid, template) = (process.uid, process.template.clone());
            let mut facts = vec![RegistryFact::ProcessCreated { process: id, uid, template }];
            if group.becomes_active {
                facts.push(RegistryFact::Switched { process: id });
            }
            self.record_behind(facts);
        }
        Ok(())
    }

    /// Returns the record of a process that is at this revision, by what is kept of it or anew.
    fn record_at(&self, id: ProcessId, expected: u64) -> Result<Record, Error> {
        if let Some(End { head, found, .. }) = self.files.kept_end(id)?
            && head.revision == expected
        {
            return Ok(Record {
                head,
                found,
                ..Record::empty(id, self.files.layout().journal(id))
            });
        }
        let conflict = |what: String| {
            Err(Error::new(ErrorKind::Conflict, format!("cannot append to {id}: {what}")))
        };
        match self.files.read_process(id)? {
            None => conflict("there is no such process".to_owned()),
            Some(record) if record.fork.is_some() => Err(forked(&record)),
            Some(record) if record.execution.revision() != expected => {
                let found = record.execution.revision();
                conflict(format!("it is at event {found}, not at {expected}"))
            }
            // It comes first, with the next load.
            Some(Record { found, .. }) if matches!(found.view, View::Edited { .. }) => {
                conflict("its file was edited by hand".to_owned())
            }
            Some(Record { found, .. }) if matches!(found.document.sheet, Sheet::Edited { .. }) => {
                conflict("its document was edited by hand".to_owned())
            }
            Some(record) => Ok(record),
        }
    }

    /// Refuses an id, uid or key that a process has already.
    fn require_free(&self, group: &Group) -> Result<(), Error> {
        let (files, id) = (self.files, group.id);
        let layout = files.layout();
        for path in [layout.journal(id), layout.view(id, false), layout.view(id, true)] {
            if files.disk().stat(&path)?.is_some() {
                let message = format!("cannot make {id}: it exists already");
                return Err(Error::new(ErrorKind::Conflict, message).at(path));
            }
        }
        let uid = group.execution.process().map(|process| process.uid);
        let key = key_of(&group.execution);
        let index = files.index_with(&self.global, &self.now, &self.touched)?;
        for entry in &index.registry.processes {
            let same = if entry.uid.is_some() && entry.uid == uid {
                "uid"
            } else if key.is_some() && entry.key.as_deref() == key {
                "key"
            } else {
                continue;
            };
            let message = format!("cannot make {id}: {} has its {same} already", entry.id);
            return Err(Error::new(ErrorKind::Conflict, message)
                .with_details(json!({"process": entry.id.to_string()})));
        }
        Ok(())
    }
}
