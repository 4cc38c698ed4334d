//! Which lines are headings: compared with pulldown-cmark, the oracle.

use std::path::PathBuf;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use process_patch::Outline;

/// Top-level headings as the oracle sees them: level, and where they begin.
fn oracle(text: &str) -> Vec<(u8, usize)> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                if depth == 0 {
                    found.push((level as u8, line_start(text, range.start)));
                }
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Heading(_)) => depth -= 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind(['\n', '\r']).map_or(0, |at| at + 1)
}

fn ours(text: &str) -> Vec<(u8, usize)> {
    let outline = Outline::new(text);
    outline.headings().iter().map(|heading| (heading.level(), heading.start())).collect()
}

/// The examples of the specification, from the tests of pulldown-cmark where cargo keeps its sources.
fn examples() -> Vec<String> {
    let folder = sources().into_iter().find(|folder| folder.join("tests/suite/spec.rs").is_file());
    let suite =
        folder.expect("cargo keeps the sources of pulldown-cmark").join("tests/suite/spec.rs");
    let source = std::fs::read_to_string(suite).expect("the suite can be read");
    let texts = source.split("let original = r##\"").skip(1);
    texts
        .map(|rest| rest.split("\"##;").next().expect("a split has a first part").to_owned())
        .collect()
}

/// Folders that hold sources of pulldown-cmark.
fn sources() -> Vec<PathBuf> {
    let homes = [std::env::var_os("CARGO_HOME").map(PathBuf::from)];
    let of_user = std::env::home_dir().map(|home| home.join(".cargo"));
    let entries = |folder: PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let vendored = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vendor");
    let homes = homes.into_iter().flatten().chain(of_user);
    let registries = homes.flat_map(|home| entries(home.join("registry/src")));
    let packages = registries.chain([vendored]).flat_map(entries);
    packages
        .filter(|path| {
            path.to_string_lossy().contains("pulldown-cmark-0.1")
                || path.ends_with("pulldown-cmark")
        })
        .collect()
}

#[test]
fn every_example_of_the_specification_has_the_headings_of_the_oracle() {
    let examples = examples();
    assert!(examples.len() > 600, "{} examples", examples.len());
    let mut wrong = Vec::new();
    for example in &examples {
        let cr_lf = example.replace('\n', "\r\n");
        for text in [example, &cr_lf, &format!("{example}\n# End\n")] {
            // Front matter is ours alone.
            if !text.starts_with("---") && ours(text) != oracle(text) {
                wrong.push(format!("{text:?}: {:?} is not {:?}", ours(text), oracle(text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for example in &examples {
        assert_eq!(ours(&example.replace('\n', "\r")), ours(example), "{example:?} with lone CRs");
    }
}

/// Pieces that meet each other in all ways.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "# A",
        "## B ##",
        "###",
        "#x",
        "text",
        "more text",
        "===",
        "---",
        "--",
        "=",
        "***",
        "```",
        "```sh",
        "~~~",
        "````",
        "``` a`b",
        "<!--",
        "-->",
        "<div>",
        "</div>",
        "<pre>",
        "</pre>",
        "<a href=\"x\">",
        "<?php",
        "?>",
        "<!X",
        ">",
        "> q",
        "> # q",
        "> ```",
        "> > d",
        "- a",
        "-",
        "- # a",
        "- ```",
        "* b",
        "+ c",
        "1. x",
        "2) y",
        "10. z",
        "    code",
        "\tcode",
        "  text",
        "   - i",
        "     deep",
        "\t- t",
        "[a]: /u",
        "[a]: /u 'title'",
        "[a]:",
        "/u",
        "'title'",
        "\\# x",
        "- - a",
        "> - a",
        "1.",
        "é",
        "a  ",
        "  ",
        "\t",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mixture_has_the_headings_of_the_oracle(
        lines in prop::collection::vec((piece(), prop::sample::select(vec!["", "", "", "  ", " ", "> ", "- "])), 0..12),
    ) {
        // A first line of dashes would be front matter, which is ours alone.
        let text: String = std::iter::once("\n".to_owned()).chain(lines.iter().map(|(line, before)| format!("{before}{line}\n"))).collect();
        prop_assert_eq!(ours(&text), oracle(&text), "{:?}", text);
    }
}
