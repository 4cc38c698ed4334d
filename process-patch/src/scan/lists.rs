//! Lists at the root that a new item may join.

use super::heading::Heading;
use super::scanner::{Container, Scanner, Sink};

/// A list at the root of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RootList {
    /// Its bullet, or the sign behind its numbers.
    pub(crate) sign: u8,
    /// Whether blank lines stand between its items, or between blocks of an item.
    pub(crate) is_loose: bool,
}

/// Returns the list that is the last block before `to`; nothing is open at `from`.
pub(crate) fn trailing_list(text: &str, from: usize, to: usize) -> Option<RootList> {
    let mut scanner = Scanner::new(&text[..to], from);
    while scanner.at() < to {
        scanner.step(&mut Nothing);
    }
    root_list(&scanner)
}

/// Returns the list that is the first block from `from`, where nothing is open, up to `to`.
pub(crate) fn leading_list(text: &str, from: usize, to: usize) -> Option<RootList> {
    let mut scanner = Scanner::new(&text[..to], from);
    let mut found: Option<(usize, RootList)> = None;
    while scanner.at() < to {
        let start = scanner.at();
        scanner.step(&mut Nothing);
        let list = root_list(&scanner).map(|list| (scanner.list.number, list));
        match (found, list) {
            (Some((number, _)), Some((other, _))) if number != other => break,
            (Some(_), None) => break,
            (None, None) if !text[start..scanner.at()].trim_ascii().is_empty() => return None,
            _ => found = list,
        }
    }
    found.map(|(_, list)| list)
}

fn root_list(scanner: &Scanner<'_>) -> Option<RootList> {
    match scanner.containers.first() {
        Some(Container::Item { sign, .. }) => {
            Some(RootList { sign: *sign, is_loose: scanner.list.is_loose })
        }
        Some(Container::Quote) | None => None,
    }
}

/// Takes nothing: only what is open counts.
struct Nothing;

impl Sink for Nothing {
    fn heading(&mut self, _heading: Heading) {}

    fn free(&mut self, _offset: usize) -> bool {
        true
    }
}
