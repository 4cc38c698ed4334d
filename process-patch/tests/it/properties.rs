//! What holds for any text and any patches.

use proptest::prelude::*;

use process_patch::{
    Batch, Document, Heading, Location, Mode, Operation, Options, Outline, Patch, Relaxation,
    Scope, Splice,
};

const HASHED: Options = Options { hashes: true, relaxed: Relaxation::Exact };

/// Lines that meet each other in all ways, with all endings.
fn text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# A",
        "## B",
        "### C",
        "## B",
        "# A ##",
        "D",
        "===",
        "---",
        "text",
        "more text",
        "",
        "",
        "",
        "  ",
        "- a",
        "- b",
        "* a",
        "1. x",
        "2. y",
        "  nested",
        "    code",
        "```",
        "```sh",
        "~~~",
        "<!--",
        "-->",
        "<div>",
        "> q",
        "# é",
        "\u{301}",
        "[a]: /u",
        "a`b",
        "x  ",
        "\t- t",
        "## ",
    ]);
    let ending = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r"]);
    let start = prop::sample::select(vec!["", "", "", "\u{feff}", "---\nk: v\n---\n", "---\n"]);
    let lines = prop::collection::vec((line, ending), 0..14);
    (start, lines, any::<bool>()).prop_map(|(start, lines, ended)| {
        let mut text = start.to_owned();
        for (line, ending) in lines {
            text.push_str(line);
            text.push_str(ending);
        }
        if !ended {
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
        }
        text
    })
}

fn location() -> impl Strategy<Value = Location> {
    let texts = prop::sample::select(vec![
        "",
        "# A",
        "## B",
        "### C",
        "B",
        "A",
        "D",
        "# é",
        "# A > ## B",
        "## New",
        "# A > ## New",
        "# B",
    ]);
    texts.prop_map(|text| Location::parse(text).expect("these are locations"))
}

fn operation() -> impl Strategy<Value = Operation> {
    let scope = prop::sample::select(vec![Scope::Section, Scope::Body]);
    prop_oneof![
        (text(), scope, any::<bool>()).prop_map(|(content, scope, create)| Operation::Append {
            content,
            scope,
            create
        }),
        (text(), any::<bool>()).prop_map(|(content, create)| Operation::Insert { content, create }),
        (text(), text()).prop_map(|(old_content, new_content)| Operation::Update {
            old_content: if old_content.len() > 8 { "text".into() } else { old_content },
            new_content
        }),
        prop::option::of(prop::sample::select(vec!["text", "a", "- a", "```", "-->", "## B"]))
            .prop_map(|content| Operation::Delete { content: content.map(str::to_owned) }),
    ]
}

fn patch() -> impl Strategy<Value = Patch> {
    let occurrence = prop::sample::select(vec![None, None, Some(1), Some(2)]);
    let relaxed =
        prop::sample::select(vec![None, Some(Relaxation::Signs), Some(Relaxation::Likeness)]);
    (location(), operation(), occurrence, relaxed).prop_map(
        |(location, operation, occurrence, relaxed)| {
            let mut patch = Patch::new(location, operation);
            patch.occurrence = occurrence;
            patch.relaxed = relaxed;
            patch
        },
    )
}

/// Makes the splices on a text by themselves.
fn spliced(text: &str, splices: &[Splice]) -> String {
    let mut text = text.to_owned();
    for splice in splices {
        let end = splice.offset + splice.removed.len();
        assert_eq!(&text[splice.offset..end], splice.removed);
        text.replace_range(splice.offset..end, &splice.inserted);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_outline_after_splices_is_that_of_a_new_scan(
        text in text(),
        splices in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), text()), 1..6),
    ) {
        let mut document = Document::new(text).unwrap();
        for (from, to, inserted) in splices {
            let places: Vec<usize> =
                document.text().char_indices().map(|(at, _)| at).chain([document.text().len()]).collect();
            let (from, to) = (*from.get(&places), *to.get(&places));
            let (from, to) = (from.min(to), from.max(to));
            let removed = document.text()[from..to].to_owned();
            document.splice_all(&[Splice { offset: from, removed, inserted }]).unwrap();
            let anew = Outline::new(document.text());
            prop_assert_eq!(document.outline().headings(), anew.headings(), "{:?}", document.text());
            prop_assert_eq!(document.outline().standing_at_end(), anew.standing_at_end());
        }
    }

    #[test]
    fn a_batch_is_all_or_nothing_and_its_inverse_is_exact(
        text in text(),
        patches in prop::collection::vec(patch(), 0..4),
        each in any::<bool>(),
    ) {
        let mut document = Document::new(text.clone()).unwrap();
        let mut batch = Batch::from(patches);
        batch.mode = if each { Mode::Each } else { Mode::All };
        match document.apply(&batch, HASHED) {
            Ok(applied) => {
                prop_assert_eq!(spliced(&text, &applied.splices), document.text());
                applied.to_json(document.text());
                document.apply_inverse(&applied.inverse().unwrap(), HASHED).unwrap();
            }
            Err(error) => {
                error.for_model();
            }
        }
        prop_assert_eq!(document.text(), text);
    }

    #[test]
    fn an_insert_or_append_removes_no_byte(text in text(), patch in patch()) {
        let mut document = Document::new(text).unwrap();
        let adds = matches!(patch.operation, Operation::Append { .. } | Operation::Insert { .. });
        if let Ok(applied) = document.apply(&Batch::from(vec![patch]), Options::default()) {
            for splice in applied.splices.iter().filter(|_| adds) {
                prop_assert_eq!(splice.removed.as_str(), "");
            }
        }
    }

    #[test]
    fn headings_outside_of_the_section_stay(text in text(), patch in patch()) {
        let before = Document::new(text).unwrap();
        let mut after = before.clone();
        let Ok(applied) = after.apply(&Batch::from(vec![patch]), Options::default()) else { return Ok(()) };
        let Some(splice) = applied.splices.first() else { return Ok(()) };
        let old_end = splice.offset + splice.removed.len();
        let shown = |document: &Document, heading: &Heading| (heading.start(), heading.title(document.text()));
        let now: Vec<_> = after.outline().headings().iter().map(|heading| shown(&after, heading)).collect();
        for heading in before.outline().headings() {
            let (start, title) = shown(&before, heading);
            let start = match () {
                () if heading.end() <= splice.offset => start,
                () if start >= old_end => start + splice.inserted.len() - splice.removed.len(),
                () => continue,
            };
            prop_assert!(now.contains(&(start, title)), "{:?} -> {:?}", before.text(), after.text());
        }
    }

    #[test]
    fn nothing_panics_on_any_json(text in ".{0,40}", operation in ".{0,8}", json in ".{0,60}") {
        let mut document = Document::new(text.clone()).unwrap();
        let _ = Batch::read(&json);
        let made = serde_json::json!([{"operation": operation, "location": text, "content": json}]);
        if let Ok(batch) = Batch::from_json(made) {
            let _ = document.apply(&batch, HASHED);
        }
    }
}
