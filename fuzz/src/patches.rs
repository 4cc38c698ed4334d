//! What must hold for patches, streams of them, histories of documents and changes of JSON.

use process_patch::history::{Decided, Entry, History, Stamp};
use process_patch::splice::{apply, compose, invert, rebase};
use process_patch::stream::{PatchStream, StreamEvent};
use process_patch::structured::{self, Changed, apply_edits};
use process_patch::{Batch, Document, Location, Options, Outline, PatchError, Splice};
use serde_json::{Value, json};

/// Texts of streams that are cut at every byte; longer ones are cut here and there.
const CUTS_MAX: usize = 400;

/// What a patch may bring: each kind of block, and some that end badly.
const CONTENTS: [&str; 24] = [
    "x",
    "- a",
    "  - b",
    "1. c",
    "### N\n\nx",
    "## M",
    "# L",
    "S\n---",
    "S\n===",
    "```\nf\n```",
    "```\nf",
    "~~~ x",
    "<!-- c -->",
    "<!-- c",
    "<div>",
    "    code",
    "> q",
    "> # q",
    "a\r\nb",
    "é  ",
    "***",
    "[a]: b",
    "| a |\n|---|\n| b |",
    "- a\n\n  # h\n\n- b",
];

/// What a change of a document may bring.
const INSERTS: [&str; 8] = ["", "x", "\n", "- é\n", "# h\n", "  y", "```\n", "one\ntwo"];

/// A stream tells the same however it is cut, and takes what serde_json takes.
pub(crate) fn patch_stream(bytes: &[u8]) {
    let whole = streamed(&[bytes]);
    let step = (bytes.len() / CUTS_MAX).max(1);
    for cut in (0..=bytes.len()).step_by(step) {
        let (front, back) = bytes.split_at(cut);
        assert_eq!(streamed(&[front, back]), whole, "cut at {cut}");
    }
    assert_eq!(streamed(&bytes.chunks(1).collect::<Vec<_>>()), whole, "byte by byte");
    let (events, Ok(batch)) = whole else {
        return;
    };
    if bytes.first().is_some_and(|first| b"[{".contains(first)) {
        let read: Value = serde_json::from_slice(bytes).expect("the stream took it for JSON");
        assert_eq!(read, batch);
    }
    let opened = events.iter().filter(|event| matches!(event, StreamEvent::PatchOpened { .. }));
    let closed = events.iter().filter(|event| matches!(event, StreamEvent::PatchClosed { .. }));
    assert_eq!(opened.count(), closed.count(), "what was opened was closed");
}

/// Returns the events, neighbouring pieces of a text joined, and what came in the end.
fn streamed(pieces: &[&[u8]]) -> (Vec<StreamEvent>, Result<Value, PatchError>) {
    let mut stream = PatchStream::new();
    let mut events = Vec::new();
    // A refusal comes again at the end.
    let _ = pieces.iter().try_for_each(|piece| stream.push(piece, &mut events));
    let mut joined: Vec<StreamEvent> = Vec::new();
    for event in events {
        match (joined.last_mut(), event) {
            (
                Some(StreamEvent::ContentDelta { index, field, text }),
                StreamEvent::ContentDelta { index: other, field: same, text: more },
            ) if (*index, *field) == (other, same) => text.push_str(&more),
            (_, event) => joined.push(event),
        }
    }
    (joined, stream.finish())
}

/// Patches are refused and change nothing, or go back to the byte.
///
/// The first two bytes are the length of the document, then comes the document, then the patches:
/// JSON, or three bytes for each to choose one.
pub(crate) fn patch_document(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_at_checked(2) else {
        return;
    };
    let length = usize::from(length[0]) | usize::from(length[1]) << 8;
    let (text, choices) = rest.split_at(rest.len().min(length));
    let (text, patches) = (String::from_utf8_lossy(text), String::from_utf8_lossy(choices));
    let batch = match Batch::read(&patches) {
        Ok(batch) => batch,
        Err(_) => Batch::from_json(chosen_batch(&text, choices)).expect("each patch is one"),
    };
    let mut document = Document::new(&*text).expect("it is short");
    let mut history = History::new(&*text);
    match document.apply(&batch, Options { hashes: true, ..Options::default() }) {
        Err(error) => {
            assert_eq!(document.text(), text, "refused: {error}");
            let _ = (error.for_model(), error.to_json());
        }
        Ok(applied) => {
            let after = document.text().to_owned();
            assert_eq!(apply(&text, &applied.splices).as_ref(), Ok(&after));
            assert_eq!(document.outline().headings(), Outline::new(&after).headings());
            for (patch, outcome) in batch.patches.iter().zip(&applied.outcomes) {
                let adds = patch
                    .as_ref()
                    .is_ok_and(|patch| ["append", "insert"].contains(&patch.operation.name()));
                let splices = &applied.splices[outcome.splices.clone()];
                assert!(
                    !adds || splices.iter().all(|splice| splice.removed.is_empty()),
                    "{patch:?}"
                );
            }
            let inverse = applied.inverse().expect("the hashes were asked for");
            assert_eq!(apply(&after, &inverse.splices).as_deref(), Ok(&*text));
            let stamp = |id: &str| Stamp { id: id.to_owned(), ..Stamp::default() };
            let entry = taken(history.patch(stamp("patch"), Vec::new(), applied.splices));
            history.append(entry.expect("it fits")).expect("it fits");
            let undo = history.undo(stamp("undo")).expect("it is the newest");
            history.append(undo).expect("it fits");
            assert_eq!(history.text(), text);
        }
    }
    // What a stream takes is what a file says.
    let mut stream = PatchStream::new();
    if stream.push(patches.as_bytes(), &mut Vec::new()).is_ok()
        && let Ok(streamed) = stream.finish_batch()
    {
        assert_eq!(streamed, batch);
    }
}

/// Returns patches for a text: three bytes choose operation, place and content of each.
fn chosen_batch(text: &str, choices: &[u8]) -> Value {
    let outline = Outline::new(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let patches = choices.chunks_exact(3).take(20).map(|choice| {
        let [operation, place, content] = [choice[0], choice[1], choice[2]].map(usize::from);
        let heading = outline.headings().get(place % (outline.headings().len() + 2));
        let location = match heading {
            Some(heading) => {
                format!("{} {}", "#".repeat(heading.level().into()), heading.title(text))
            }
            None if place % 2 == 0 => String::new(),
            None => "## New".to_owned(),
        };
        let content = CONTENTS[content % CONTENTS.len()];
        let line = lines.get(place % (lines.len() + 1)).unwrap_or(&"x");
        let old = if line.trim().is_empty() { "x" } else { line };
        let mut patch = match operation % 5 {
            0 => json!({"operation": "append", "content": content}),
            1 => json!({"operation": "append", "content": content, "scope": "body"}),
            2 => json!({"operation": "insert", "content": content}),
            3 => json!({"operation": "update", "old_content": old, "new_content": content}),
            _ => json!({"operation": "delete", "content": old}),
        };
        // A heading that has no text can be no location.
        let is_one = Location::parse(&location).is_ok();
        patch["location"] = if is_one { location.into() } else { "".into() };
        if is_one && heading.is_some() && operation % 16 > 7 {
            patch["occurrence"] = json!(place % 3 + 1);
        }
        patch
    });
    json!({ "mode": "each", "patches": patches.collect::<Vec<_>>() })
}

/// A history replays to each of its texts, and what is carried over something else commutes.
///
/// The first byte is the length of the first text, then comes the text, then four bytes a change.
pub(crate) fn patch_history(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else {
        return;
    };
    let (text, choices) = rest.split_at(rest.len().min(usize::from(*length)));
    let first = String::from_utf8_lossy(text).into_owned();
    let mut history = History::new(first.clone());
    let mut texts = vec![first.clone()];
    for (number, choice) in choices.chunks_exact(4).take(200).enumerate() {
        let stamp = Stamp { id: format!("id-{number}"), ..Stamp::default() };
        let of = u64::from(choice[1]);
        let entry = match choice[0] % 8 {
            0 => history.undo(stamp),
            1 => history.redo(stamp),
            2 => history.undo_entry(stamp, of),
            3 => history.redo_entry(stamp, of),
            4 => taken(Ok(history.set(stamp, INSERTS[usize::from(choice[1] % 8)]))),
            _ => {
                let splice = chosen(history.text(), choice);
                commutes(history.text(), std::slice::from_ref(&splice), choices);
                taken(history.patch(stamp, Vec::new(), vec![splice]))
            }
        };
        if let Ok(entry) = entry {
            history.append(entry).expect("it was decided for this history");
            texts.push(history.text().to_owned());
        }
    }
    let stored = serde_json::to_string(history.entries()).expect("entries are JSON");
    let entries: Vec<Entry> = serde_json::from_str(&stored).expect("it was written so");
    let again = History::replay(first, entries).expect("the same entries");
    assert_eq!(again.text(), history.text());
    for (revision, text) in texts.iter().enumerate() {
        let revision = revision as u64;
        assert_eq!(history.text_at(revision).as_ref(), Some(text), "revision {revision}");
        let since = history.since(revision).expect("it is there");
        assert_eq!(apply(text, &since).as_deref(), Ok(history.text()), "since {revision}");
    }
}

fn taken(decided: Result<Decided, PatchError>) -> Result<Entry, PatchError> {
    match decided.expect("the change was made for the text") {
        Decided::Append(entry) => Ok(*entry),
        Decided::AlreadyApplied(number) => panic!("entry {number} has the id of no other"),
    }
}

fn chosen(text: &str, choice: &[u8]) -> Splice {
    let mut bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bounds.push(text.len());
    let first = usize::from(choice[1]) % bounds.len();
    let last = (first + usize::from(choice[2] % 8)).min(bounds.len() - 1);
    Splice {
        offset: bounds[first],
        removed: text[bounds[first]..bounds[last]].to_owned(),
        inserted: INSERTS[usize::from(choice[3] % 8)].to_owned(),
    }
}

/// Either of two changes goes over the other and makes the same, or neither does.
fn commutes(text: &str, ours: &[Splice], choices: &[u8]) {
    for choice in choices.chunks_exact(4).take(8) {
        let theirs = [chosen(text, choice)];
        let after = |splices: &[Splice]| apply(text, splices).expect("made for it");
        match (rebase(text, ours, &theirs), rebase(text, &theirs, ours)) {
            (Ok(ours_behind), Ok(theirs_behind)) => {
                let left = apply(&after(&theirs), &ours_behind).expect("it was carried");
                let right = apply(&after(ours), &theirs_behind).expect("it was carried");
                assert_eq!(left, right, "{ours:?} and {theirs:?}");
                let sum = compose(ours, &theirs_behind).expect("they follow");
                assert_eq!(after(&sum), right);
                assert_eq!(apply(&right, &invert(&sum)).as_deref(), Ok(text));
            }
            (Err(_), Err(_)) => {}
            (ours, theirs) => panic!("{ours:?} but {theirs:?}"),
        }
    }
}

/// A change of JSON is refused, or goes back to the byte.
///
/// The bytes are a list of the document, and of patches.
pub(crate) fn json_patch(bytes: &[u8]) {
    let Ok(Value::Array(values)) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let Some((document, patches)) = values.split_first() else {
        return;
    };
    for patch in patches {
        for changed in [structured::apply(document, patch), structured::merge(document, patch)] {
            let Ok(Changed { document: after, edits }) = &changed else { continue };
            let back = apply_edits(after, &structured::invert(edits)).expect("its inverse");
            assert_eq!(back.to_string(), document.to_string(), "{patch}");
            let forth = apply_edits(&back, edits).expect("the same edits");
            assert_eq!(forth.to_string(), after.to_string(), "{patch}");
        }
        // Edits that somebody else wrote are refused, or fit.
        let Ok(edits) = serde_json::from_value::<Vec<structured::Edit>>(patch.clone()) else {
            continue;
        };
        if let Ok(after) = apply_edits(document, &edits) {
            let back = apply_edits(&after, &structured::invert(&edits)).expect("its inverse");
            assert_eq!(&back, document);
        }
    }
}
