//! Patches of documents, beside what a user would take instead.

use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use procside::patch::{Batch, Document, Inverse, Options, Outline};
use pulldown_cmark::{Event, Parser, Tag};
use serde_json::{Value, json};
use yrs::{Doc, GetString as _, Text as _, Transact as _, undo::UndoManager};

use crate::{Result, median, ms, require, tell};

/// How many patches are applied, and taken back.
const PATCHES: usize = 1_000;

/// How often the patches are timed.
const RUNS: usize = 7;

/// How often peers are timed that take long.
const RUNS_OF_PEERS: usize = 3;

/// How many patches a peer gets that takes the whole document into its hands for each.
const PATCHES_OF_SLOW_PEERS: usize = 50;

/// The lengths of the documents, in bytes, and what the figures call them.
const SIZES: [(usize, &str); 2] = [(100_000, "100kb"), (1_000_000, "1mb")];

/// Measures patches of documents.
///
/// # Errors
/// When a patch does not do what it must; its figures would mean nothing.
pub(crate) fn figures() -> Result<()> {
    for (bytes, name) in SIZES {
        let text = document(bytes);
        ours(&text, name)?;
        peers(&text, name)?;
    }
    let text = document(1_000_000);
    cold(&text)?;
    scanning(&text)
}

/// A document of sections with a list and a paragraph each, of this length or a little more.
fn document(bytes: usize) -> String {
    let mut text = String::from("# Plan\n");
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        text.push_str(&format!(
            "\n## Section {number}\n\n- first of {number}\n- second of {number}\n\nWhat section {number} is \
             about, in words that make a line as long as people write them.\n\n```sh\n# no heading \
             {number}\nmake {number}\n```\n"
        ));
    }
    text
}

fn sections(text: &str) -> usize {
    text.matches("\n## Section ").count()
}

/// The sections that the patches touch, in an order that looks like chance and is not.
fn places(text: &str) -> impl Iterator<Item = usize> {
    let count = sections(text);
    (0..PATCHES).map(move |index| (index * 7_919) % count + 1)
}

/// Patches of each kind, each for a section that it names.
fn patches(text: &str) -> Result<Vec<Batch>> {
    let patches = places(text).enumerate().map(|(index, section)| {
        let location = format!("## Section {section}");
        let patch = match index % 3 {
            0 => json!({"operation": "append", "location": location, "content": format!("Added {index}.")}),
            1 => json!({"operation": "insert", "location": location, "content": format!("Put in {index}.")}),
            _ => json!({"operation": "update", "location": location,
                "old_content": format!("What section {section} is"),
                "new_content": format!("What section {section} is by now, {index},")}),
        };
        Ok(Batch::from_json(json!([patch]))?)
    });
    patches.collect()
}

fn ours(text: &str, name: &str) -> Result<()> {
    let patches = patches(text)?;
    for (hashes, more) in [(false, ""), (true, "_with_hashes")] {
        let options = Options { hashes, ..Options::default() };
        let mut undo: Vec<Vec<procside::patch::Splice>> = Vec::new();
        let mut last = Document::new(text)?;
        let mut applies = Vec::new();
        let mut undoes = Vec::new();
        for _ in 0..=RUNS {
            let mut document = Document::new(text)?;
            undo.clear();
            let start = std::time::Instant::now();
            for patch in &patches {
                let applied = document.apply(patch, options)?;
                undo.push(procside::patch::splice::invert(&applied.splices));
            }
            applies.push(start.elapsed());
            let start = std::time::Instant::now();
            for splices in undo.iter().rev() {
                document.splice_all(splices)?;
            }
            undoes.push(start.elapsed());
            last = document;
        }
        require(last.text() == text, "taking everything back did not give the text")?;
        tell(&format!("patches_1000_{name}{more}_ms"), ms(middle(&mut applies)), "ms")?;
        tell(&format!("undos_1000_{name}{more}_ms"), ms(middle(&mut undoes)), "ms")?;
    }
    Ok(())
}

fn middle(taken: &mut [Duration]) -> Duration {
    taken.sort();
    taken[taken.len() / 2]
}

fn peers(text: &str, name: &str) -> Result<()> {
    let rescan = median(1, || {
        let mut document = text.to_owned();
        for section in places(text).take(PATCHES_OF_SLOW_PEERS) {
            let place = heading(&document, &format!("Section {section}")).ok_or("no heading")?;
            document.insert_str(place.end, "\nAdded.\n");
        }
        Ok(black_box(document))
    })?;
    of_slow(&format!("peer_pulldown_rescan_{name}_ms"), rescan)?;
    let diffs = median(1, || {
        let mut document = text.to_owned();
        for section in places(text).take(PATCHES_OF_SLOW_PEERS) {
            let old = format!("- first of {section}\n");
            let new = format!("- first of {section}\n- another one\n");
            let changed = document.replacen(&old, &new, 1);
            let patch = diffy::create_patch(&document, &changed);
            document = diffy::apply(&document, &patch)?;
        }
        Ok(black_box(document))
    })?;
    of_slow(&format!("peer_diffy_{name}_ms"), diffs)?;
    let json_taken = median(RUNS_OF_PEERS, || {
        let mut value: Value = json!({"sections": text.split("\n## ").map(|part| json!({"text": part})).collect::<Vec<_>>()});
        for (index, section) in places(text).enumerate() {
            let path = format!("/sections/{section}/added{index}");
            let patch: json_patch::Patch =
                serde_json::from_value(json!([{"op": "add", "path": path, "value": "Added."}]))?;
            json_patch::patch(&mut value, &patch)?;
        }
        Ok(black_box(value))
    })?;
    tell(&format!("peer_json_patch_1000_{name}_ms"), ms(json_taken), "ms")?;
    let crdt = median(RUNS_OF_PEERS, || {
        let doc = Doc::new();
        let shared = doc.get_or_insert_text("document");
        shared.push(&mut doc.transact_mut(), text);
        let mut undo: UndoManager<()> = UndoManager::new();
        undo.expand_scope(&doc, &shared);
        for section in places(text) {
            // It knows no sections: where one begins is known beforehand here, which flatters it.
            let at = u32::try_from(section * (text.len() / (sections(text) + 1)))?;
            shared.insert(&mut doc.transact_mut(), at, "\nAdded.\n");
            undo.reset();
        }
        let length = shared.get_string(&doc.transact()).len();
        require(length > text.len(), "the text did not grow")?;
        Ok((doc, undo))
    })?;
    tell(&format!("peer_yrs_1000_{name}_ms"), ms(crdt), "ms")
}

/// Tells what a thousand patches would take a peer of which fewer were timed.
fn of_slow(figure: &str, taken: Duration) -> Result<()> {
    let many = ms(taken) * PATCHES as f64 / PATCHES_OF_SLOW_PEERS as f64;
    tell(figure, many, "ms")
}

/// Finds a heading with a reader that has to read the whole text.
fn heading(text: &str, title: &str) -> Option<Range<usize>> {
    let mut inside = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => inside = Some(range),
            Event::Text(found) if &*found == title => {
                if let Some(range) = inside {
                    return Some(range);
                }
            }
            Event::End(_) => inside = None,
            _ => {}
        }
    }
    None
}

/// One patch of a document that nobody has looked at before.
fn cold(text: &str) -> Result<()> {
    let last = format!("## Section {}", sections(text));
    let patch = json!([{"operation": "append", "location": last, "content": "Added."}]);
    let batch = Batch::from_json(patch)?;
    for (hashes, more) in [(false, ""), (true, "_with_hashes")] {
        let options = Options { hashes, ..Options::default() };
        let taken = median(RUNS * 3, || {
            let mut document = Document::new(text)?;
            let applied = document.apply(&batch, options)?;
            Ok((document, applied.inverse().map(|inverse: Inverse| inverse.splices)))
        })?;
        tell(&format!("patch_cold_1mb{more}_ms"), ms(taken), "ms")?;
    }
    Ok(())
}

fn scanning(text: &str) -> Result<()> {
    let taken = median(RUNS * 3, || Ok(black_box(Outline::new(text))))?;
    let rate = text.len() as f64 / 1e6 / taken.as_secs_f64();
    tell("scan_mb_per_s", rate, "MB/s")?;
    let taken = median(RUNS, || Ok(black_box(Parser::new(text).count())))?;
    tell("peer_pulldown_scan_mb_per_s", text.len() as f64 / 1e6 / taken.as_secs_f64(), "MB/s")
}
