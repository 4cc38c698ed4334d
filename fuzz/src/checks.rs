//! The checks behind the fuzz targets, shared with the tests that replay the corpus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use process_core::model::Defaults;
use process_core::{Process, ProcessId, StepId, Timestamp, Uid, model, yaml};
use process_store::disk::FaultDisk;
use process_store::files::{Files, Options, Record};
use process_store::journal::{self, Journal};
use process_store::lock::StdWaiter;
use process_store::{Error, ErrorKind};
use serde_json::{Value, json};

/// The folder of the project on the fault disk.
const ROOT: &str = "/project";

/// The fixed process beside which the bytes stand when they are not a process themselves.
const PROCESS: &str =
    "id: proc-001\nname: Move the wiki\nsteps:\n  - id: s1\n    name: Copy # by night\n";

/// What is read comes back equal from what is written, and an edit says what was asked for.
pub(crate) fn process_yaml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(node) = yaml::read(text) else { return };
    let value = node.to_json();
    assert_eq!(read_value(&yaml::write(&value)), value, "written and read");
    let Ok(process) = Process::read_any_id(&node, &defaults()) else {
        return;
    };
    let content = process.to_value();
    let written = yaml::write(&content);
    // A key that says nothing is kept as such where it is read, and need not be written.
    assert_eq!(read_process(&written).to_value(), content, "written and read");
    assert_eq!(yaml::write(&content), written, "written twice");
    assert_eq!(yaml::edit(&written, &content).text, written, "edited to what it says");

    let mut changed = process;
    changed.name.push_str(" – and more");
    changed.goal = "two\nlines: # no comment\n".to_owned();
    changed.steps.reverse();
    if let Ok(id) = StepId::parse("added-by-the-check") {
        changed.steps.push(model::Step::new(id, "- [an odd] {name}"));
    }
    if duplicates(&changed) {
        return;
    }
    for wanted in [content, changed.to_value()] {
        let edited = yaml::edit(text, &wanted).text;
        assert_eq!(read_value(&edited), wanted, "edited");
    }
    let edited = read_process(&yaml::edit(text, &changed.to_value()).text);
    assert_eq!(edited.to_value(), changed.to_value(), "edited");
}

/// A journal is read or refused; what is read stays, and what was changed is never told.
pub(crate) fn journal(bytes: &[u8]) {
    let (disk, files) = project();
    let path = files.layout().journal(process_id());
    disk.plant(&path, bytes);
    look(&files);
    if let Ok(journal) = journal::read(&disk, &path) {
        assert_eq!(journal.head.file_bytes, bytes.len() as u64);
        assert!(journal.head.good_bytes <= journal.head.file_bytes);
        one_byte_changed(bytes, &journal);
        append(&disk, &path, &journal);
    }
    sums_made_anew(bytes);
}

/// What another program left is taken in whole, or refused without a trace.
pub(crate) fn import(bytes: &[u8]) {
    let (_, files) = project();
    let layout = files.layout();
    let (view, legacy) = (layout.view(process_id(), false), layout.legacy_process());
    take_in(&[(&view, bytes)]);
    take_in(&[(&legacy, bytes)]);
    take_in(&[(&legacy, PROCESS.as_bytes()), (&layout.legacy_history(), bytes)]);
    take_in(&[(&view, PROCESS.as_bytes()), (&layout.journal(process_id()), bytes)]);
    take_in(&[(&view, PROCESS.as_bytes()), (&layout.registry(), bytes)]);
    let version = layout.versions(process_id()).join("v1-initial.yaml");
    take_in(&[(&view, PROCESS.as_bytes()), (&version, bytes)]);
}

/// Changes one byte that the bytes themselves choose; the journal tells a beginning of what it told.
fn one_byte_changed(bytes: &[u8], journal: &Journal) {
    if bytes.is_empty() || journal.is_forked || journal.head.torn_bytes() > 0 {
        return;
    }
    let fold = |sum: u32, byte: &u8| sum.wrapping_mul(31).wrapping_add(u32::from(*byte));
    let sum = bytes.iter().fold(7, fold);
    let (at, byte) = (sum as usize % bytes.len(), sum.to_be_bytes()[0]);
    for byte in [byte, 0, b'\n', b'\r', bytes[at] ^ 1] {
        let mut changed = bytes.to_vec();
        changed[at] = byte;
        let (disk, path) = (FaultDisk::new(), Path::new("/journal"));
        disk.plant(path, &changed);
        let Ok(read) = journal::read(&disk, path) else {
            continue;
        };
        let before = journal.lines.iter().take(read.lines.len());
        assert!(read.lines.iter().map(|line| &line.event).eq(before.map(|line| &line.event)));
        let is_told = read.head.torn_bytes() > 0 || changed == bytes;
        assert!(is_told || read.lines.len() == journal.lines.len(), "byte {at}: lost silently");
    }
}

/// Appends behind a journal; everything in front of it is told as before.
fn append(disk: &FaultDisk, path: &Path, journal: &Journal) {
    let event = json!({"seq": journal.head.revision + 1, "appended": true});
    let head = journal::append(disk, path, &journal.head, std::slice::from_ref(&event))
        .expect("nothing fails on this disk");
    let read = journal::read(disk, path).expect("what was appended can be read");
    assert_eq!(read.head.revision, head.revision);
    assert_eq!(read.head.torn_bytes(), 0);
    let told = read.lines.iter().map(|line| &line.event);
    let wanted = journal.lines.iter().map(|line| &line.event).chain([&event]);
    assert!(told.eq(wanted), "what was there is told as before");
}

/// Takes every line for an event of a journal whose sums are right, as an odd program would.
fn sums_made_anew(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"- "));
    let events: Vec<Value> = lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .map(|mut event: Value| {
            if let Value::Object(map) = &mut event {
                map.shift_remove("sum");
                map.shift_remove("more");
            }
            event
        })
        .filter(|event| event.as_object().is_some_and(|map| !map.is_empty()))
        .collect();
    if events.is_empty() {
        return;
    }
    let (disk, files) = project();
    let path = files.layout().journal(process_id());
    disk.plant_folder(files.layout().history());
    let appended = journal::append(&disk, &path, &journal::Head::default(), &events);
    assert!(appended.is_ok());
    let read = journal::read(&disk, &path).expect("what was appended can be read");
    assert!(read.lines.iter().map(|line| &line.event).eq(&events), "what was appended is told");
    look(&files);
}

/// Looks at the process in every way that the store has; whatever is found is no reason to panic.
fn look(files: &Files) {
    let (id, now) = (process_id(), now());
    let record = files.read_process(id);
    if let Ok(Some(record)) = &record {
        // A journal that makes no process is an error with a name, like every other.
        let _ = (record.shown(&now), record.entry());
    }
    if let Ok(mut change) = files.dry_run(&now, "fuzz")
        && let Ok(mut record) = change.load(id)
    {
        let _ = change.commit(&mut record, Vec::new());
    }
    files.index(&now).expect("one process is no reason to list none");
}

/// Puts files into an empty project, and changes its process.
fn take_in(planted: &[(&Path, &[u8])]) {
    let (disk, files) = project();
    for (path, bytes) in planted {
        disk.plant(path, bytes);
    }
    let before = tree(&disk);
    look(&files);
    assert_eq!(tree(&disk), before, "looking leaves no trace");
    match change(&files) {
        Ok(record) => {
            let process = record.process().expect("what was taken in is a process").to_value();
            let again = files.read_process(process_id()).expect("its journal can be read");
            let again = again.expect("it has a journal");
            let stays = again.process().expect("a process that was there").to_value();
            assert_eq!(stays, process, "what was taken in stays");
            let journal = files.layout().journal(process_id());
            let told = disk.files().remove(&journal);
            change(&files).expect("what was taken in can be changed");
            assert_eq!(disk.files().remove(&journal), told, "nothing is taken in twice");
            let settled = tree(&disk);
            change(&files).expect("what was taken in can be changed");
            assert_eq!(tree(&disk), settled, "nothing is left to take in");
        }
        Err(error) => assert_eq!(tree(&disk), before, "{error}: a refusal leaves no trace"),
    }
}

fn change(files: &Files) -> Result<Record, Error> {
    let mut change = files.change(&now(), "fuzz")?;
    let mut record = change.load(process_id())?;
    change.commit(&mut record, Vec::new())?;
    let notices = change.finish();
    let failed = notices.iter().find(|notice| notice.0.contains("could not be written"));
    match failed {
        Some(notice) => Err(Error::new(ErrorKind::Io, notice.0.clone())),
        None => Ok(record),
    }
}

/// Returns every file; the guard of the lock stays behind by design.
fn tree(disk: &FaultDisk) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = disk.files();
    files.retain(|path, _| !path.to_string_lossy().ends_with(".lock.guard"));
    files
}

fn project() -> (FaultDisk, Files) {
    let disk = FaultDisk::new();
    disk.plant_folder(ROOT);
    let (shared, waiter) = (Arc::new(disk.clone()), Arc::new(StdWaiter));
    let files = Files::new(shared, waiter, ROOT, Options::default(), || Uid::from_u128(7));
    files.found().expect("nothing fails on this disk");
    (disk, files)
}

fn read_value(text: &str) -> Value {
    yaml::read(text).unwrap_or_else(|problem| panic!("{problem}: {text:?}")).to_json()
}

fn read_process(text: &str) -> Process {
    let node = yaml::read(text).unwrap_or_else(|problem| panic!("{problem}: {text:?}"));
    Process::read(&node, &defaults()).unwrap_or_else(|problems| panic!("{problems:?}: {text:?}"))
}

/// Tells whether two steps have one id, which no file may say.
fn duplicates(process: &Process) -> bool {
    let mut ids: Vec<&StepId> = process.steps.iter().map(|step| &step.id).collect();
    ids.sort_unstable();
    ids.windows(2).any(|pair| pair[0] == pair[1])
}

fn defaults() -> Defaults {
    Defaults { id: process_id(), uid: Uid::from_u128(7), now: now() }
}

fn process_id() -> ProcessId {
    ProcessId::from_number(1).expect("1 is the number of a process")
}

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").expect("the text is an instant")
}
