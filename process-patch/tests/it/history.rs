//! Undo, redo, and what a stored history says.

use process_patch::history::{Decided, ENTRIES_MAX, Entry, EntryKind, History, Stamp};
use process_patch::splice::{apply, compose};
use process_patch::{Batch, ErrorKind, Options, Splice};
use proptest::prelude::*;
use serde_json::json;

use crate::splices::{choices, splice, splices_for, texts};

const TEXT: &str = "# T\n\none\n\ntwo\n\nthree\n";

fn stamp(id: &str) -> Stamp {
    Stamp { id: id.to_owned(), at: "2026-02-10T10:00:00Z".into(), by: "ada".into(), note: None }
}

/// Makes changes by words, and returns what comes of each, with the text where it is another.
///
/// `a=b` replaces the one `a` by `b`; `u`, `r` undo and redo; `u3`, `r3` those of an entry.
fn story(history: &mut History, words: &str) -> Vec<String> {
    let mut told = Vec::new();
    for word in words.split_whitespace() {
        let stamp = stamp(&format!("id-{}", history.revision() + 1));
        let number = word[1..].parse::<u64>();
        let decided = match (word.split_once('='), &word[..1], number) {
            (Some((from, to)), ..) => {
                let offset = history.text().find(from).expect("it stands there");
                decided(history.patch(stamp, vec![], vec![splice(offset, from, to)]))
            }
            (None, "u", Ok(number)) => history.undo_entry(stamp, number),
            (None, "r", Ok(number)) => history.redo_entry(stamp, number),
            (None, "u", Err(_)) => history.undo(stamp),
            (None, "r", Err(_)) => history.redo(stamp),
            (None, other, _) => panic!("{other} is no word"),
        };
        told.push(match decided {
            Ok(entry) => {
                let of = entry.of.map(|of| format!(" of {of}")).unwrap_or_default();
                let line = format!("{} {:?}{of}", entry.number, entry.kind);
                history.append(entry).expect("it was decided for it");
                let words: Vec<&str> = history.text().split_whitespace().skip(2).collect();
                format!("{line}: {}", words.join(" "))
            }
            Err(error) if error.details["later"].is_array() => {
                format!("{:?} with {}", error.kind, error.details["later"])
            }
            Err(error) => format!("{:?}: {}", error.kind, error.message),
        });
    }
    told
}

fn decided(
    decided: Result<Decided, process_patch::PatchError>,
) -> Result<Entry, process_patch::PatchError> {
    match decided? {
        Decided::Append(entry) => Ok(*entry),
        Decided::AlreadyApplied(number) => panic!("entry {number} has it"),
    }
}

fn check(words: &str, expected: &[&str]) -> History {
    let mut history = History::new(TEXT);
    assert_eq!(story(&mut history, words), expected, "{words}");
    replays(&history, TEXT);
    history
}

/// P20.3: every prefix makes the text of its revision, through JSON as well.
fn replays(history: &History, base: &str) {
    let stored = serde_json::to_string(history.entries()).expect("entries are JSON");
    let entries: Vec<Entry> = serde_json::from_str(&stored).expect("it was written so");
    assert_eq!(entries, history.entries());
    let mut again = History::new(base);
    for entry in entries {
        assert_eq!(history.text_at(again.revision()).as_deref(), Some(again.text()));
        again.append(entry).expect("it was appended before");
    }
    assert_eq!(again.text(), history.text());
    assert_eq!((again.next_undo(), again.next_redo()), (history.next_undo(), history.next_redo()));
    assert_eq!(history.text_at(history.revision() + 1), None);
}

/// P20.5, P20.6: as in an editor.
#[test]
fn undo_goes_back_and_redo_comes_forth() {
    let history = check(
        "one=1 two=2 three=3 u u u u r r r r",
        &[
            "1 Patch: 1 two three",
            "2 Patch: 1 2 three",
            "3 Patch: 1 2 3",
            "4 Undo of 3: 1 2 three",
            "5 Undo of 2: 1 two three",
            "6 Undo of 1: one two three",
            "Conflict: there is nothing to undo",
            "7 Redo of 1: 1 two three",
            "8 Redo of 2: 1 2 three",
            "9 Redo of 3: 1 2 3",
            "Conflict: there is nothing to redo",
        ],
    );
    assert_eq!(history.entries().len(), 9);
    assert!(!history.is_undone(1) && history.next_undo() == Some(3));
}

/// P20.6: a change ends plain redo; what was undone is reached by its number.
#[test]
fn an_undone_branch_stays_reachable() {
    check(
        "one=1 two=2 u three=3 r r2 u u u r4",
        &[
            "1 Patch: 1 two three",
            "2 Patch: 1 2 three",
            "3 Undo of 2: 1 two three",
            "4 Patch: 1 two 3",
            "Conflict: there is nothing to redo",
            "5 Redo of 2: 1 2 3",
            "6 Undo of 4: 1 2 three",
            "7 Undo of 2: 1 two three",
            "8 Undo of 1: one two three",
            "9 Redo of 4: one two 3",
        ],
    );
}

/// P20.5: an older change is taken back where nothing overlaps, else the later ones are named.
#[test]
fn an_older_change_is_taken_back_or_its_followers_are_named() {
    check(
        "one=1 two=2 1=uno 2=dos u1 u2 three=3 u3 u1 u4 u2 u1",
        &[
            "1 Patch: 1 two three",
            "2 Patch: 1 2 three",
            "3 Patch: uno 2 three",
            "4 Patch: uno dos three",
            "Conflict with [3]",
            "Conflict with [4]",
            "5 Patch: uno dos 3",
            "6 Undo of 3: 1 dos 3",
            "7 Undo of 1: one dos 3",
            "8 Undo of 4: one 2 3",
            "9 Undo of 2: one two 3",
            "Conflict: entry 1 is undone",
        ],
    );
}

/// P20.6: a redo that needs what was undone names the undo.
#[test]
fn a_redo_names_the_undo_that_it_needs_taken_back() {
    check(
        "one=1 1=uno u u r2 r r r2",
        &[
            "1 Patch: 1 two three",
            "2 Patch: uno two three",
            "3 Undo of 2: 1 two three",
            "4 Undo of 1: one two three",
            "Conflict with [4]",
            "5 Redo of 1: 1 two three",
            "6 Redo of 2: uno two three",
            "Conflict: entry 2 is in effect",
        ],
    );
}

/// P20.5: several later changes that overlap are all named.
#[test]
fn every_overlapping_change_is_named() {
    let mut history = History::new("a b c d\n");
    let told = story(&mut history, "b=BBBB d=D BBBB=BxB xB=y u1");
    assert_eq!(told[4], "Conflict with [3,4]");
}

#[test]
fn an_undo_of_nothing_says_so() {
    check(
        "u r u1 u0 one=1 u u2 r1 r4",
        &[
            "Conflict: there is nothing to undo",
            "Conflict: there is nothing to redo",
            "InvalidPatch: there is no entry 1: the last one is 0",
            "InvalidPatch: there is no entry 0: the last one is 0",
            "1 Patch: 1 two three",
            "2 Undo of 1: one two three",
            "InvalidPatch: entry 2 is an undo of entry 1",
            "3 Redo of 1: 1 two three",
            "InvalidPatch: there is no entry 4: the last one is 3",
        ],
    );
}

/// P20.5: two lines that were appended one after the other can be taken back in any order.
#[test]
fn appended_lines_are_taken_back_in_any_order() {
    let mut history = History::new("- a\n");
    for (number, line) in ["- b\n", "- c\n"].into_iter().enumerate() {
        let splices = vec![splice(history.text().len(), "", line)];
        let entry = decided(history.patch(stamp(&number.to_string()), vec![], splices));
        history.append(entry.expect("it fits")).expect("it fits");
    }
    assert_eq!(story(&mut history, "u1").len(), 1);
    assert_eq!(history.text(), "- a\n- c\n");
    assert_eq!(story(&mut history, "u2 r1"), ["4 Undo of 2: ", "5 Redo of 1: - b"]);
    assert_eq!(history.text(), "- a\n- b\n");
}

/// P20.5: where the first of them had to end a line first, it does not take that end along.
#[test]
fn an_undo_does_not_join_lines() {
    let mut history = History::new("- a");
    for (number, line) in ["\n- b\n", "- c\n"].into_iter().enumerate() {
        let splices = vec![splice(history.text().len(), "", line)];
        let entry = decided(history.patch(stamp(&number.to_string()), vec![], splices));
        history.append(entry.expect("it fits")).expect("it fits");
    }
    assert_eq!(story(&mut history, "u1"), ["Conflict with [2]"]);
}

/// P20.5: what was appended below a heading does not stay behind when the heading goes.
#[test]
fn a_heading_is_not_taken_from_above_its_text() {
    let mut history = History::new("## S\n\ntext\n");
    for (number, text) in ["\n### A\n", "\nof A\n"].into_iter().enumerate() {
        let splices = vec![splice(history.text().len(), "", text)];
        let entry = decided(history.patch(stamp(&number.to_string()), vec![], splices));
        history.append(entry.expect("it fits")).expect("it fits");
    }
    assert_eq!(story(&mut history, "u1"), ["Conflict with [2]"]);
}

/// P20.4: a new text is one entry, undone like any other; what stays counts as kept.
#[test]
fn a_new_text_is_one_entry() {
    let mut history = History::new(TEXT);
    story(&mut history, "one=1");
    let text = history.text().replace("two", "2");
    let Decided::Append(entry) = history.set(stamp("set"), &text) else { panic!("it is another") };
    assert_eq!(entry.kind, EntryKind::Set);
    assert_eq!(entry.splices, [splice(8, "two\n", "2\n")]);
    history.append(*entry).expect("it fits");
    assert_eq!(
        story(&mut history, "u1 u u u"),
        [
            "3 Undo of 1: one 2 three",
            "4 Undo of 2: one two three",
            "Conflict: there is nothing to undo",
            "Conflict: there is nothing to undo",
        ]
    );
    let Decided::Append(same) = history.set(stamp("same"), TEXT) else {
        panic!("it has no id yet")
    };
    assert_eq!(same.splices, []);
}

/// P20.9: what came before is known by the id of its batch, or those of its patches.
#[test]
fn a_repeated_id_is_already_applied() {
    let mut history = History::new("a b c\n");
    let batch = |history: &History, id: &str, patches: &[&str], from: &str, to: &str| {
        let offset = history.text().find(from).unwrap_or(0);
        let ids = patches.iter().map(|id| (*id).to_owned()).collect();
        history.patch(stamp(id), ids, vec![splice(offset, from, to)])
    };
    let entry = decided(batch(&history, "b1", &["p1", "p2"], "a", "A")).expect("it fits");
    history.append(entry).expect("it fits");
    let again = batch(&history, "b1", &[], "a", "A").expect("a success");
    assert_eq!(again, Decided::AlreadyApplied(1));
    let again = batch(&history, "b2", &["p2", "p1"], "a", "A").expect("a success");
    assert_eq!(again, Decided::AlreadyApplied(1));
    let error = batch(&history, "b3", &["p2", "p3"], "b", "B").expect_err("half of it is new");
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(error.details["entries"], json!([1]));
    assert_eq!((history.seen("p2"), history.seen("p3")), (Some(1), None));
    // An undo does not make it new.
    story(&mut history, "u");
    let again = batch(&history, "b1", &[], "a", "A").expect("a success");
    assert_eq!(again, Decided::AlreadyApplied(1));
    assert_eq!(history.set(stamp("b1"), "x"), Decided::AlreadyApplied(1));
    let error = history.redo(stamp("b1")).expect_err("the id is taken");
    assert_eq!(error.kind, ErrorKind::InvalidPatch);
}

/// P20.7: a change for an older revision is carried over, or the entries in its way are named.
#[test]
fn a_change_for_an_older_revision_is_carried() {
    let mut history = History::new(TEXT);
    story(&mut history, "one=eleven two=2 2=dos");
    let carried = history.carry(&[splice(15, "three", "3")], 0).expect("nothing overlaps");
    assert_eq!(carried, [splice(18, "three", "3")]);
    let error = history.carry(&[splice(10, "two", "II")], 0).expect_err("it overlaps");
    assert_eq!((error.kind, &error.details["later"]), (ErrorKind::Conflict, &json!([2, 3])));
    assert_eq!(history.since(1).expect("it is there"), [splice(13, "two", "dos")]);
    assert_eq!(history.since(3).expect("it is there"), []);
    assert!(history.since(4).is_err() && history.carry(&[], 4).is_err());
    assert_eq!(history.find_revision(|text| text == TEXT), Some(0));
    assert_eq!(history.find_revision(|text| text.contains('2')), Some(2));
    assert_eq!(history.find_revision(|text| text.is_empty()), None);
}

/// P20.2: unknown keys survive; known ones that are absent are left out.
#[test]
fn an_entry_keeps_what_it_does_not_know() {
    let value = json!({
        "number": 1, "id": "b1", "at": "t", "by": "ada", "kind": "patch",
        "splices": [{"offset": 0, "removed": "", "inserted": "x"}],
        "mood": {"b": 1, "a": [2]}, "weather": null,
    });
    let entry = Entry::from_value(value.clone()).expect("it is one");
    assert_eq!(entry.to_value().to_string(), value.to_string());
    let history = History::replay("", [entry]).expect("it fits");
    assert_eq!(history.entries()[0].to_value().to_string(), value.to_string());
    for (key, broken) in [("number", json!("1")), ("kind", json!("other")), ("by", json!(null))] {
        let mut value = value.clone();
        value[key] = broken;
        let error = Entry::from_value(value).expect_err("it is broken");
        assert!(error.starts_with(&format!("`{key}` of an entry: ")), "{error}");
    }
    assert!(Entry::from_value(json!([])).is_err());
}

/// P20.3: what does not follow changes nothing.
#[test]
fn an_entry_that_does_not_follow_is_refused() {
    let entry = |number, kind, of, splices| Entry {
        number,
        id: format!("id-{number}"),
        at: String::new(),
        by: String::new(),
        note: None,
        kind,
        of,
        patch_ids: vec![],
        splices,
        hash_before: None,
        hash_after: None,
        more: serde_json::Map::new(),
    };
    let mut history = History::new("a");
    let mut unnamed = entry(1, EntryKind::Patch, None, vec![]);
    unnamed.id.clear();
    let mut wordy = entry(1, EntryKind::Patch, None, vec![]);
    wordy.note = Some("x".repeat(70_000));
    let refused = [
        (entry(2, EntryKind::Patch, None, vec![]), ErrorKind::InvalidPatch),
        (entry(1, EntryKind::Patch, Some(1), vec![]), ErrorKind::InvalidPatch),
        (entry(1, EntryKind::Undo, None, vec![]), ErrorKind::InvalidPatch),
        (entry(1, EntryKind::Undo, Some(1), vec![]), ErrorKind::InvalidPatch),
        (entry(1, EntryKind::Set, None, vec![splice(0, "b", "c")]), ErrorKind::Stale),
        (
            entry(1, EntryKind::Set, None, vec![splice(0, "", &"x".repeat(17 << 20))]),
            ErrorKind::InvalidPatch,
        ),
        (unnamed, ErrorKind::InvalidPatch),
        (wordy, ErrorKind::InvalidPatch),
    ];
    for (entry, kind) in refused {
        assert_eq!(history.append(entry).expect_err("it does not follow").kind, kind);
        assert_eq!((history.text(), history.revision()), ("a", 0));
    }
}

/// P20.8: a full history refuses.
#[test]
fn a_history_has_an_end() {
    let mut history = History::new("");
    let entry = decided(history.patch(stamp("first"), vec![], vec![])).expect("it fits");
    for number in 1..=ENTRIES_MAX as u64 {
        let entry = Entry { number, id: number.to_string(), ..entry.clone() };
        history.append(entry).expect("there is room");
    }
    let last = Entry { number: ENTRIES_MAX as u64 + 1, ..entry };
    assert_eq!(history.append(last).expect_err("it is full").kind, ErrorKind::InvalidPatch);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// P20.1, P20.3, P20.5, P20.6: whatever is done, undone and redone, each prefix makes its text,
    /// and undoing everything makes the first one.
    #[test]
    fn any_story_replays(
        text in texts(),
        steps in proptest::collection::vec((0_usize..6, 0_usize..12, choices(3)), 0..20),
    ) {
        let mut history = History::new(text.clone());
        let mut texts = vec![text.clone()];
        for (step, number, choices) in steps {
            let stamp = stamp(&format!("id-{}", history.revision()));
            let number = number as u64;
            let entry = match step {
                0 => history.undo(stamp),
                1 => history.redo(stamp),
                2 => history.undo_entry(stamp, number),
                3 => history.redo_entry(stamp, number),
                _ => {
                    let splices = splices_for(history.text(), &choices);
                    decided(history.patch(stamp, vec![], splices))
                }
            };
            match entry {
                Ok(entry) => {
                    history.append(entry).expect("it was decided for it");
                    texts.push(history.text().to_owned());
                }
                Err(error) => prop_assert!(
                    matches!(error.kind, ErrorKind::Conflict | ErrorKind::InvalidPatch), "{:?}", error
                ),
            }
        }
        replays(&history, &text);
        for (revision, text) in texts.iter().enumerate() {
            prop_assert_eq!(history.text_at(revision as u64), Some(text.clone()));
            let since = history.since(revision as u64).expect("it is there");
            prop_assert_eq!(&apply(text, &since).expect("it fits"), history.text());
        }
        let all: Vec<Splice> = history.entries().iter().flat_map(|it| it.splices.clone()).collect();
        prop_assert_eq!(compose(&all, &[]).expect("they follow"), history.since(0).expect("there"));
    }

    /// P20.5: undo without anything in between goes back to the first text, byte for byte.
    #[test]
    fn undoing_everything_makes_the_first_text(
        text in texts(), steps in proptest::collection::vec(choices(4), 0..10),
    ) {
        let mut history = History::new(text.clone());
        for choices in &steps {
            let splices = splices_for(history.text(), choices);
            let id = stamp(&history.revision().to_string());
            let entry = decided(history.patch(id, vec![], splices)).expect("made for it");
            history.append(entry).expect("made for it");
        }
        let last = history.text().to_owned();
        for _ in &steps {
            let entry = history.undo(stamp(&history.revision().to_string())).expect("newest first");
            history.append(entry).expect("decided for it");
        }
        prop_assert_eq!(history.text(), &text);
        for _ in &steps {
            let entry = history.redo(stamp(&history.revision().to_string())).expect("the way back");
            history.append(entry).expect("decided for it");
        }
        prop_assert_eq!(history.text(), &last);
    }
}

/// P20.4, P20.9: from a batch to an entry: ids that came before are passed over, and known again.
#[test]
fn a_document_knows_the_ids_of_its_history() {
    let batch = |text: &str| Batch::read(text).expect("it is a batch");
    let mut history = History::new("# T\n\n## A\n\none\n\n## B\n\ntwo\n");
    let first = batch(
        r###"{"id": "b1", "patches": [
            {"id": "p1", "operation": "append", "location": "## A", "content": "a"},
            {"id": "p2", "operation": "update", "location": "## B", "old_content": "two", "new_content": "2"}
        ]}"###,
    );
    let mut document = history.document().expect("it is short");
    let applied = document.apply(&first, Options::default()).expect("it fits");
    let ids = vec!["p1".to_owned(), "p2".to_owned()];
    let entry = decided(history.patch(stamp("b1"), ids, applied.splices)).expect("it fits");
    history.append(entry).expect("it fits");
    assert_eq!(history.text(), document.text());

    let mut document = history.document().expect("it is short");
    let again = document.apply(&first, Options::default()).expect("a success");
    assert!(again.already_applied && again.splices.is_empty());
    assert_eq!(history.patch(stamp("b1"), vec![], vec![]), Ok(Decided::AlreadyApplied(1)));
}
