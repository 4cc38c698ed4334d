//! Tests of the texts that people read.

use super::plain_document;

#[test]
fn a_document_on_a_terminal_keeps_its_lines_and_tabs_and_nothing_that_a_terminal_obeys() {
    let text = "a\tb\nc\u{1b}[31md\re\u{9b}2J\u{7f}";
    assert_eq!(plain_document(text), "a\tb\nc[31mde2J");
}
