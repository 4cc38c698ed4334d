//! The page about expressions says what the code does.

use super::{check, holds};
use crate::expr::{filters::FILTERS, predicates::PREDICATES};

const PAGE: &str = include_str!("../../../../docs/formats/expressions.md");

/// Returns the part of the page under a heading.
fn part(heading: &str) -> &'static str {
    let start = PAGE.find(&format!("\n## {heading}\n")).expect("the page has this heading");
    let rest = &PAGE[start + 4..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn every_filter_and_test_is_on_the_page() {
    let is_named = |part: &str, name: &str| {
        part.contains(&format!("`{name}`")) || part.contains(&format!("`{name}("))
    };
    for filter in FILTERS {
        assert!(is_named(part("Filters"), filter.name), "{}", filter.name);
        for parameter in filter.parameters {
            assert!(part("Filters").contains(parameter), "{} {parameter}", filter.name);
        }
    }
    for test in PREDICATES {
        assert!(is_named(part("Tests"), test.name), "{}", test.name);
    }
}

#[test]
fn the_examples_hold() {
    let rows = part("Examples").lines().filter(|line| line.starts_with("| `"));
    let mut count = 0;
    for row in rows {
        let row = row.replace("\\|", "\u{1}");
        let cells: Vec<String> = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').replace('\u{1}', "|"))
            .collect();
        check(cells[2] == "true", &[cells[1].as_str()]);
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn the_message_on_the_page_is_the_one_that_is_given() {
    assert!(part("Mistakes and failures").contains(&holds("input.five > 3")));
}
