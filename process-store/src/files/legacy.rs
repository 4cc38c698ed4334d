//! The layout for a single process, and histories that older programs kept.

use std::path::Path;

use process_core::{
    Fact, Process, ProcessId, RegistryFact, Timestamp,
    model::Defaults,
    yaml::{self, Data, Node},
};
use process_engine::{Import, Input, LegacyEntry};

use super::{
    Change, Files, Record,
    document::FoundDocument,
    index::problems,
    view::{Found, Text, View, read_text},
};
use crate::error::{Error, ErrorKind};

/// The source of a process that was the only one of its project.
pub(crate) const LEGACY_SOURCE: &str = "process.yaml";

/// Why the first version of such a process is taken.
const LEGACY_REASON: &str = "Migrated from single-process format";

impl Files {
    /// Returns whether the project has the layout for a single process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn is_legacy(&self) -> Result<bool, Error> {
        Ok(self.disk().stat(&self.layout().legacy_process())?.is_some())
    }

    /// Reads the only process of the layout for a single process, without migrating it.
    ///
    /// # Errors
    /// `Invalid` with every problem of the file.
    pub fn read_legacy(
        &self,
        id: ProcessId,
        now: &Timestamp,
    ) -> Result<Option<(Process, String)>, Error> {
        let path = self.layout().legacy_process();
        let text = match read_text(self.disk(), &path)? {
            Text::Absent => return Ok(None),
            Text::Read { text, .. } => text,
            Text::Unusual(what) => {
                let message = format!("cannot read `{}`: it is {what}", self.layout().shown(&path));
                return Err(Error::new(ErrorKind::NotRegular, message).at(path));
            }
        };
        let defaults = Defaults { id, uid: self.fresh_uid(), now: now.clone() };
        let process = yaml::read(&text)
            .map_err(|problem| vec![problem])
            .and_then(|node| Process::read_any_id(&node, &defaults))
            .map_err(|found| problems(&self.layout().shown(&path), &text, &found).at(&path))?;
        Ok(Some((process, text)))
    }
}

impl Change<'_> {
    /// Migrates the layout for a single process: the new files are durable before the old ones go,
    /// and a second run finds nothing to do.
    pub(super) fn migrate(&mut self) -> Result<(), Error> {
        let files = self.files;
        if !files.is_legacy()? {
            return Ok(());
        }
        let (process, source) = (files.layout().legacy_process(), files.layout().legacy_history());
        let is_shown;
        if let Some(id) = self.migrated()? {
            is_shown = self.finish_migration(id)?;
        } else {
            let id = self.next_id()?;
            let Some((process, text)) = files.read_legacy(id, &self.now)? else { return Ok(()) };
            let (entries, _) = read_history(files, &source)?;
            let (uid, is_archived) = (process.uid, process.is_archived());
            let import = Import {
                process,
                source: LEGACY_SOURCE.to_owned(),
                document: None,
                versions: Vec::new(),
                entries,
                version_reason: Some(LEGACY_REASON.to_owned()),
            };
            files.lay_out()?;
            let mut record = Record::empty(id, files.layout().view(id, false));
            // The text is the base of the new file, so that its comments come along.
            record.found = Found {
                path: files.layout().view(id, false),
                view: View::Stale { text },
                bytes: 0,
                stat: None,
                second: None,
                misplaced: false,
                document: FoundDocument::default(),
            };
            self.commit(&mut record, vec![Input::Import(Box::new(import))])?;
            is_shown = matches!(record.found.view, View::Current { .. });
            let source = LEGACY_SOURCE.to_owned();
            let mut facts = vec![RegistryFact::ProcessImported { process: id, uid, source }];
            if !is_archived {
                facts.push(RegistryFact::Switched { process: id });
            }
            self.record(facts)?;
            self.note(format!("the single-process layout was migrated to {id}"));
        }
        // What the new file was to take over stays until it stands there.
        if !is_shown {
            return Ok(());
        }
        files.disk().sync_folder(&files.layout().processes())?;
        for path in [process, source] {
            if files.disk().stat(&path)?.is_some() {
                files.disk().remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// Returns the only process of an unmigrated project as it would be taken in.
    pub(super) fn legacy_record(&self, id: ProcessId) -> Result<Option<Record>, Error> {
        let found = self.files.read_legacy(id, &self.now)?;
        Ok(found.map(|(process, _)| Record::of_process(process)))
    }

    /// Returns the process that an interrupted migration has made durable already.
    fn migrated(&self) -> Result<Option<ProcessId>, Error> {
        let files = self.files;
        for id in files.ids()? {
            let Some(record) = files.read_process(id)? else { continue };
            let whole = record.events.iter().find_map(|event| match &event.fact {
                Fact::Imported { source, process, .. } if source == LEGACY_SOURCE => Some(process),
                _ => None,
            });
            let Some(whole) = whole else { continue };
            let Some((legacy, _)) = files.read_legacy(id, &self.now)? else { continue };
            let same = Process { uid: whole.uid, revision: whole.revision, ..legacy };
            if same.content() == whole.content() {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Makes up for what an interrupted migration left undone; returns whether the file stands.
    fn finish_migration(&mut self, id: ProcessId) -> Result<bool, Error> {
        let mut record = self.load(id)?;
        if matches!(record.found.view, View::Absent)
            && let Some((_, text)) = self.files.read_legacy(id, &self.now)?
        {
            record.found.view = View::Stale { text };
        }
        self.commit(&mut record, Vec::new())?;
        let is_shown = matches!(record.found.view, View::Current { .. });
        let is_known = |fact: &RegistryFact| matches!(fact, RegistryFact::ProcessImported { process, .. } if *process == id);
        if self.global.events.iter().any(|event| is_known(&event.fact)) {
            return Ok(is_shown);
        }
        let (uid, source) = (record.process()?.uid, LEGACY_SOURCE.to_owned());
        self.record(vec![
            RegistryFact::ProcessImported { process: id, uid, source },
            RegistryFact::Switched { process: id },
        ])?;
        Ok(is_shown)
    }
}

/// Reads a history that an older program kept, and whether there is one.
///
/// # Errors
/// `Corrupt` for a file that is neither such a history nor absent.
pub(crate) fn read_history(files: &Files, path: &Path) -> Result<(Vec<LegacyEntry>, bool), Error> {
    let shown = files.layout().shown(path);
    let corrupt = |reason: &str| {
        Error::new(ErrorKind::Corrupt, format!("cannot read `{shown}`: {reason}"))
            .at(path)
            .with_hint("mend the file, or move it away")
    };
    let text = match read_text(files.disk(), path)? {
        Text::Absent => return Ok((Vec::new(), false)),
        Text::Read { text, .. } => text,
        Text::Unusual(what) => return Err(corrupt(&format!("it is {what}"))),
    };
    if text.trim().is_empty() {
        return Ok((Vec::new(), true));
    }
    let node = yaml::read(&text).map_err(|problem| corrupt(&problem.to_string()))?;
    let items = node.get("entries").unwrap_or(&node);
    let Data::List(items) = &items.data else {
        return Err(corrupt("it holds no list of entries"));
    };
    let mut entries: Vec<LegacyEntry> = Vec::with_capacity(items.len());
    for item in items {
        entries.push(entry_of(item).ok_or_else(|| {
            corrupt(&format!("line {}: an entry has no `timestamp`", item.place.line))
        })?);
    }
    Ok((entries, true))
}

fn entry_of(item: &Node) -> Option<LegacyEntry> {
    let text = |key: &str| item.get(key).and_then(|node| node.to_json().as_str().map(String::from));
    let at = Timestamp::parse(&text("timestamp")?)?;
    Some(LegacyEntry { at, kind: text("type").unwrap_or_default(), entry: item.to_json() })
}
