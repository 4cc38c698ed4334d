//! Tests of journals: the chain, torn ends, changed bytes, branches.

use std::path::Path;

use serde_json::{Value, json};

use super::{Head, Journal, append, read::parse};
use crate::{
    disk::{Disk, Fault, FaultDisk},
    error::ErrorKind,
};

const PATH: &str = "/history/proc-001.yaml";

fn path() -> &'static Path {
    Path::new(PATH)
}

fn event(seq: u64, text: &str) -> Value {
    json!({"seq": seq, "at": "2026-02-10T10:00:00.000Z", "by": "ada", "type": "t", "text": text})
}

/// Returns the bytes of a journal that was written in these groups, and where each group ends.
fn written(groups: &[&[&str]]) -> (Vec<u8>, Vec<usize>) {
    let disk = FaultDisk::new();
    disk.plant_folder("/history");
    let mut head = Head::default();
    let mut ends = Vec::new();
    for group in groups {
        let first = head.revision + 1;
        let events: Vec<Value> =
            (first..).zip(group.iter()).map(|(seq, text)| event(seq, text)).collect();
        head = append(&disk, path(), &head, &events).unwrap();
        ends.push(usize::try_from(head.good_bytes).unwrap());
    }
    (disk.read(path(), u64::MAX).unwrap(), ends)
}

fn texts(journal: &Journal) -> Vec<&str> {
    journal.lines.iter().map(|line| line.event["text"].as_str().unwrap()).collect()
}

#[test]
fn a_journal_holds_nothing_but_lines_of_a_yaml_list() {
    let (bytes, _) = written(&[&["one"], &["two", "three"]]);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count(), 3);
    for line in text.lines() {
        assert!(line.starts_with("- {\"seq\":") && line.ends_with("\"}"), "{line}");
        let event: Value = serde_json::from_str(&line[2..]).unwrap();
        assert_eq!(event["sum"].as_str().unwrap().len(), 32);
    }
    let list = process_core::yaml::read(&text).unwrap().to_json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list[1]["more"], true, "a group's lines but its last say that more follows");
    assert_eq!(list[2].get("more"), None);
}

#[test]
fn hostile_texts_stay_on_one_line_that_is_json_and_yaml() {
    let hostile = "a\nb\r\u{0}\u{7f}\u{85}\u{2028}\u{2029}\u{feff}\u{fffe}😀\"\\ # : - {}";
    let (bytes, _) = written(&[&[hostile]]);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(text.lines().count(), 1);
    let list = process_core::yaml::read(&text).unwrap().to_json();
    assert_eq!(list[0]["text"], hostile);
    assert_eq!(texts(&parse(path(), &bytes).unwrap()), [hostile]);
}

#[test]
fn a_journal_cut_at_any_byte_keeps_every_whole_group_and_nothing_else() {
    let (bytes, ends) = written(&[&["one"], &["two", "three"], &["four"]]);
    for cut in 0..bytes.len() {
        let journal = parse(path(), &bytes[..cut]).unwrap();
        // The line end alone may be missing: then the line is whole all the same.
        let groups = ends.iter().filter(|end| **end <= cut + 1).count();
        let expected = [0, 1, 3, 4][groups];
        assert_eq!(journal.lines.len(), expected, "cut at {cut}");
        assert!(journal.head.good_bytes <= cut as u64);
    }
}

#[test]
fn zeros_in_place_of_a_group_are_a_torn_end() {
    let (bytes, ends) = written(&[&["one"], &["two", "three"]]);
    for from in ends[0]..bytes.len() {
        let mut zeroed = bytes.clone();
        zeroed[from..].fill(0);
        let journal = parse(path(), &zeroed).unwrap();
        assert!(journal.lines.len() == 1 || from >= bytes.len() - 1, "zeros from {from}");
    }
}

#[test]
fn zeros_before_a_whole_line_are_no_torn_end() {
    let (mut bytes, ends) = written(&[&["one"], &["two"], &["three"]]);
    bytes[ends[0] + 10..ends[1] - 10].fill(0);
    let error = parse(path(), &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.message().starts_with("history/proc-001.yaml: line 2: "), "{error}");
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let (bytes, _) = written(&[&["one"], &["two", "three"], &["four"]]);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            match parse(path(), &changed) {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "byte {at}");
                    assert!(error.message().contains(": line "), "byte {at}: {error}");
                }
                // A line end that became a carriage return or the like changes no event.
                Ok(journal) => assert_eq!(
                    texts(&journal),
                    ["one", "two", "three", "four"],
                    "byte {at} of {}, flip {flip:#x}",
                    bytes.len()
                ),
            }
        }
    }
}

#[test]
fn a_line_that_is_taken_out_or_moved_is_found() {
    let (bytes, _) = written(&[&["one"], &["two"], &["three"]]);
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for broken in [
        [lines[0], lines[2]].concat(),
        [lines[1], lines[2]].concat(),
        [lines[0], lines[2], lines[1]].concat(),
    ] {
        assert_eq!(parse(path(), broken.as_bytes()).unwrap_err().kind(), ErrorKind::Corrupt);
    }
}

#[test]
fn conflict_markers_are_named_with_their_line() {
    let (bytes, ends) = written(&[&["one"], &["two"]]);
    let mut marked = bytes[..ends[0]].to_vec();
    marked.extend(b"<<<<<<< HEAD\n");
    marked.extend(&bytes[ends[0]..]);
    let error = parse(path(), &marked).unwrap_err();
    assert_eq!(error.message(), "history/proc-001.yaml: line 2: a Git conflict marker");
}

#[test]
fn branches_of_one_journal_load_side_by_side() {
    let (common, _) = written(&[&["one"]]);
    let branch = |text: &str| {
        let disk = FaultDisk::new();
        disk.plant(PATH, &common);
        let head = parse(path(), &common).unwrap().head;
        let head = append(&disk, path(), &head, &[event(2, text)]).unwrap();
        append(&disk, path(), &head, &[event(3, text)]).unwrap();
        disk.read(path(), u64::MAX).unwrap()[common.len()..].to_vec()
    };
    let merged = [common.clone(), branch("ours"), branch("theirs")].concat();
    let journal = parse(path(), &merged).unwrap();
    assert!(journal.is_forked);
    assert_eq!(texts(&journal), ["one", "ours", "ours", "theirs", "theirs"]);
    let parents: Vec<Option<usize>> = journal.lines.iter().map(|line| line.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(1), Some(0), Some(3)]);
    let twice = [merged.clone(), branch("ours")].concat();
    assert_eq!(texts(&parse(path(), &twice).unwrap()).len(), 5, "a line that is there counts once");
}

#[test]
fn an_append_follows_the_revision_that_it_was_decided_on() {
    let disk = FaultDisk::new();
    disk.plant_folder("/history");
    let head = append(&disk, path(), &Head::default(), &[event(1, "one")]).unwrap();
    append(&disk, path(), &head, &[event(2, "two")]).unwrap();
    for stale in [head, Head::default()] {
        let refused = append(&disk, path(), &stale, &[event(2, "other")]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
    }
    let bytes = disk.read(path(), u64::MAX).unwrap();
    assert_eq!(texts(&parse(path(), &bytes).unwrap()), ["one", "two"]);
}

#[test]
fn a_torn_end_is_cut_off_by_the_next_append() {
    let (bytes, ends) = written(&[&["one"], &["two", "three"]]);
    for cut in ends[0] + 1..bytes.len() - 1 {
        let disk = FaultDisk::new();
        disk.plant(PATH, &bytes[..cut]);
        let head = parse(path(), &bytes[..cut]).unwrap().head;
        assert!(head.torn_bytes() > 0);
        append(&disk, path(), &head, &[event(2, "again")]).unwrap();
        let journal = parse(path(), &disk.read(path(), u64::MAX).unwrap()).unwrap();
        assert_eq!(texts(&journal), ["one", "again"]);
    }
}

#[test]
fn a_group_whose_write_or_sync_failed_is_not_there() {
    for (fault, at) in [(Fault::NoSpace, 1), (Fault::SyncError, 1)] {
        let disk = FaultDisk::new();
        let (bytes, _) = written(&[&["one"]]);
        disk.plant(PATH, &bytes);
        let head = parse(path(), &bytes).unwrap().head;
        let at = at + if fault == Fault::SyncError { disk.syncs() } else { disk.operations() };
        disk.plan(fault, at);
        append(&disk, path(), &head, &[event(2, "two")]).unwrap_err();
        disk.clear();
        let journal = parse(path(), &disk.read(path(), u64::MAX).unwrap()).unwrap();
        assert_eq!(texts(&journal), ["one"], "{fault:?}");
        append(&disk, path(), &journal.head, &[event(2, "two")]).unwrap();
    }
}

#[test]
fn an_event_over_the_limit_is_refused_and_nothing_is_written() {
    let disk = FaultDisk::new();
    disk.plant_folder("/history");
    let huge = "x".repeat(super::JOURNAL_LINE_BYTES_MAX);
    let refused = append(&disk, path(), &Head::default(), &[event(1, &huge)]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TooLarge);
    assert!(disk.files().is_empty());
}
