//! What an insert or an append does to the blocks around it, as pulldown-cmark sees them.

use proptest::prelude::*;
use pulldown_cmark::{Event, Parser};

use process_patch::{Batch, Document, Location, Operation, Options, Patch, Scope};

/// Returns the blocks at the root, each with its source.
fn blocks(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        if depth == 0 {
            found.push(text[range].trim_end());
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

/// Joins neighbouring lists of one marker, and takes blank lines out.
fn with_lists_joined(blocks: &[&str]) -> Vec<String> {
    let marker =
        |block: &str| block.trim_start().chars().next().filter(|sign| "-*1".contains(*sign));
    let mut joined: Vec<String> = Vec::new();
    for block in blocks {
        let lines: Vec<&str> = block.lines().filter(|line| !line.trim().is_empty()).collect();
        let block = lines.join("\n");
        let is_list =
            marker(&block).is_some() && !block.starts_with("***") && !block.starts_with("---");
        match joined.last_mut() {
            Some(last) if is_list && marker(last) == marker(&block) => {
                last.push('\n');
                last.push_str(&block);
            }
            _ => joined.push(block),
        }
    }
    joined
}

/// Lines that meet each other in many ways.
fn lines(of: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), 1..10).prop_map(|lines| lines.join("\n"))
}

fn document() -> impl Strategy<Value = String> {
    lines(vec![
        "# A", "## B", "C", "===", "---", "text", "", "", "", "", "- a", "* a", "1. a", "  - b",
        "  more", "    code", "> q", "```", "```", "<div>", "<!--", "-->", "***",
    ])
}

/// Content that stands by itself: indented, it may be meant for the item before it.
fn content() -> impl Strategy<Value = String> {
    let starts = vec!["### N", "text", "- x", "* x", "1. x", "> q", "***", "```\nx\n```", "<b>"];
    let mut more = starts.clone();
    more.extend(["", "", "", "  more"]);
    (prop::sample::select(starts), lines(more)).prop_map(|(first, rest)| format!("{first}\n{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn added_text_leaves_the_blocks_around_it_as_they_are(
        text in document(),
        content in content(),
        location in prop::sample::select(vec!["", "# A", "## B", "C"]),
        choice in 0..3,
    ) {
        let added = content.trim_matches('\n').trim_end().to_owned();
        let operation = match choice {
            0 => Operation::Insert { content, create: false },
            1 => Operation::Append { content, scope: Scope::Section, create: false },
            _ => Operation::Append { content, scope: Scope::Body, create: false },
        };
        let mut document = Document::new(text.as_str()).unwrap();
        let start = document.outline().opaque_end();
        let patch = Patch::new(Location::parse(location).unwrap(), operation);
        if document.apply(&Batch::from(vec![patch]), Options::default()).is_err() {
            return Ok(());
        }
        let before = blocks(&text[start..]);
        let after = blocks(&document.text()[document.outline().opaque_end()..]);
        let fits = (0..=before.len()).any(|at| {
            let expected = [&before[..at], &blocks(&added), &before[at..]].concat();
            with_lists_joined(&expected) == with_lists_joined(&after)
        });
        prop_assert!(fits, "{:?} + {:?} -> {:?}: {:?}", text, added, document.text(), after);
    }
}
