//! The scan itself: line by line, with what is open at the end of each.
//!
//! | open at the root | the next line |
//! |---|---|
//! | nothing | may be anything; a scan may begin here |
//! | a paragraph | continues it, underlines it, or begins a block that may interrupt it |
//! | a fence, or HTML of kinds 1 to 5 | belongs to it until its end |
//! | HTML of kinds 6 and 7 | belongs to it until a blank line |
//! | indented code | belongs to it while it is indented or blank |
//! | a quote or a list | belongs to it while its marks say so, or lazily in a paragraph |

use super::cursor::{Cursor, Indent};
use super::heading::{Heading, without_closing};
use super::opaque::line_at;
use super::{html, reference, starts};

/// How deep containers are told apart; what is deeper counts as text of the deepest.
const CONTAINERS_MAX: usize = 256;

/// What is open where a line begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Nothing: a block may begin.
    Free,
    /// Something that a blank line and an unindented text end.
    Block,
    /// A fence that only its own end ends.
    Fence,
    /// HTML, such as a comment, that only its own end ends.
    Html,
}

/// Takes what a scan finds.
pub(crate) trait Sink {
    /// Takes the next top-level heading.
    fn heading(&mut self, heading: Heading);

    /// Hears that nothing is open at the beginning of this line; answers whether to go on.
    fn free(&mut self, offset: usize) -> bool;
}

/// A scan of a text, at the beginning of one of its lines.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) containers: Vec<Container>,
    leaf: Leaf,
    /// The open paragraph without the marks of its containers, if it may be definitions alone.
    definitions: Vec<u8>,
    /// Of the list at the root, if there is one.
    pub(super) list: List,
}

/// A block that holds blocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Container {
    Quote,
    Item {
        sign: u8,
        /// How far its blocks are indented.
        columns: usize,
        /// Whether it holds a block.
        filled: bool,
    },
}

/// What is known of the list at the root.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct List {
    /// Which list of the scan it is.
    pub(super) number: usize,
    /// Whether blank lines stand between its items, or between blocks of an item.
    pub(super) is_loose: bool,
    /// Whether the line before was blank.
    gap: bool,
}

/// The innermost block, which holds text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Leaf {
    None,
    Fence { sign: u8, length: usize },
    Html(u8),
    Indented,
    Paragraph { start: usize },
}

impl<'a> Scanner<'a> {
    /// Begins where nothing is open.
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        let bytes = text.as_bytes();
        Self {
            bytes,
            at,
            containers: Vec::new(),
            leaf: Leaf::None,
            definitions: Vec::new(),
            list: List::default(),
        }
    }

    /// Returns where the next line begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Returns what is open here.
    pub(crate) fn standing(&self) -> Standing {
        match self.leaf {
            _ if !self.containers.is_empty() => Standing::Block,
            Leaf::None => Standing::Free,
            Leaf::Fence { .. } => Standing::Fence,
            Leaf::Html(1..=5) => Standing::Html,
            Leaf::Html(_) | Leaf::Indented | Leaf::Paragraph { .. } => Standing::Block,
        }
    }

    /// Answers whether a fence, or HTML that only its own end ends, is open, however deep it is.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.leaf, Leaf::Fence { .. } | Leaf::Html(1..=5))
    }

    /// Returns how many quotes and list items are open here.
    pub(crate) fn depth(&self) -> usize {
        self.containers.len()
    }

    /// Scans until the sink has enough or the text ends, and answers whether it ended.
    pub(crate) fn run(&mut self, sink: &mut impl Sink) -> bool {
        while self.at < self.bytes.len() {
            if self.leaf == Leaf::None && self.containers.is_empty() && !sink.free(self.at) {
                return false;
            }
            self.step(sink);
        }
        true
    }

    /// Scans one line.
    #[inline]
    pub(crate) fn step(&mut self, sink: &mut impl Sink) {
        let start = self.at;
        let (line, next) = line_at(self.bytes, start);
        self.at = next;
        if self.containers.is_empty() {
            let first = line.first().copied();
            match (self.leaf, first) {
                // Neither a letter nor what is not ASCII begins anything but a paragraph.
                (Leaf::None, Some(b'A'..=b'Z' | b'a'..=b'z' | 128..)) => {
                    self.leaf = Leaf::Paragraph { start };
                    return;
                }
                (Leaf::Paragraph { .. }, Some(b'A'..=b'Z' | b'a'..=b'z' | 128..)) => return,
                (Leaf::None | Leaf::Paragraph { .. }, None) => {
                    self.leaf = Leaf::None;
                    return;
                }
                (Leaf::Fence { sign, .. }, Some(byte)) if byte != sign && byte != b' ' => return,
                _ => {}
            }
        }
        self.whole_line(line, start, sink);
    }

    fn whole_line(&mut self, line: &[u8], start: usize, sink: &mut impl Sink) {
        let mut cursor = Cursor::new(line);
        let matched = self.match_containers(&mut cursor);
        let all = matched == self.containers.len();
        if all && self.continues_leaf(&cursor) {
            return;
        }
        self.note_gap(&cursor, matched);
        let mut line =
            Line { start, matched, in_paragraph: all && self.is_paragraph(), opened: false };
        while self.open(&mut line, &mut cursor, sink) {}
    }

    /// Returns how many of the open containers the line belongs to by its marks.
    fn match_containers(&self, cursor: &mut Cursor<'_>) -> usize {
        let mut matched = 0;
        for container in &self.containers {
            let indent = cursor.indent();
            let byte = cursor.line().get(indent.at);
            match container {
                Container::Quote if indent.columns < 4 && byte == Some(&b'>') => {
                    cursor.skip_marker(indent, 1);
                    cursor.skip_columns(1);
                }
                Container::Item { filled: true, .. } if byte.is_none() => {
                    cursor.skip_columns(indent.columns);
                }
                Container::Item { columns, .. } if byte.is_some() && indent.columns >= *columns => {
                    cursor.skip_columns(*columns);
                }
                Container::Quote | Container::Item { .. } => break,
            }
            matched += 1;
        }
        matched
    }

    /// Answers whether the line belongs to the leaf and begins nothing; ends the leaf otherwise.
    fn continues_leaf(&mut self, cursor: &Cursor<'_>) -> bool {
        let indent = cursor.indent();
        let text = &cursor.line()[indent.at..];
        match self.leaf {
            Leaf::None => false,
            Leaf::Fence { sign, length } => {
                if indent.columns < 4 && starts::closes_fence(text, sign, length) {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Html(kind @ 1..=5) => {
                if html::ends(kind, text) {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Html(_) => {
                if text.is_empty() {
                    self.leaf = Leaf::None;
                }
                !text.is_empty()
            }
            Leaf::Indented => {
                let continues = indent.columns >= 4 && !text.is_empty();
                if !continues {
                    self.leaf = Leaf::None;
                }
                continues
            }
            Leaf::Paragraph { .. } => {
                if text.is_empty() {
                    self.leaf = Leaf::None;
                }
                false
            }
        }
    }

    /// Keeps account of blank lines in the list at the root.
    fn note_gap(&mut self, cursor: &Cursor<'_>, matched: usize) {
        let indent = cursor.indent();
        let text = &cursor.line()[indent.at..];
        if text.is_empty() {
            self.list.gap = true;
            return;
        }
        if self.list.gap && matched == 1 && matches!(self.containers[0], Container::Item { .. }) {
            let sign = match self.containers.get(1) {
                Some(Container::Item { sign, .. }) if indent.columns < 4 => Some(*sign),
                _ => None,
            };
            let inner = starts::marker(text, false).map(|marker| marker.sign);
            // Blank lines between the items of an inner list are that list's.
            self.list.is_loose |= sign.is_none() || sign != inner;
        }
        if matched > 0 {
            self.list.gap = false;
        }
    }

    fn is_paragraph(&self) -> bool {
        matches!(self.leaf, Leaf::Paragraph { .. })
    }

    /// Opens the next block of the line; answers whether the line may open more.
    fn open(&mut self, line: &mut Line, cursor: &mut Cursor<'_>, sink: &mut impl Sink) -> bool {
        let indent = cursor.indent();
        let text = &cursor.line()[indent.at..];
        let shallow = indent.columns < 4;
        match text.first() {
            None => {
                self.close(line);
                false
            }
            Some(b'>') if shallow => {
                self.open_quote(line, cursor, indent);
                self.containers.len() < CONTAINERS_MAX
            }
            Some(_) if shallow && self.open_leaf(line, text, indent, sink) => false,
            Some(b'*' | b'+' | b'-' | b'0'..=b'9') if shallow => {
                if let Some(marker) = starts::marker(text, line.in_paragraph) {
                    self.open_item(line, cursor, indent, marker);
                    self.containers.len() < CONTAINERS_MAX
                } else {
                    self.add_text(line, text);
                    false
                }
            }
            Some(_) if !shallow && (line.opened || !self.is_paragraph()) => {
                self.close(line);
                self.begin(Leaf::Indented);
                false
            }
            Some(_) => {
                self.add_text(line, text);
                false
            }
        }
    }

    /// Opens a block of text that its first line decides, and answers whether there is one.
    fn open_leaf(
        &mut self,
        line: &Line,
        text: &[u8],
        indent: Indent,
        sink: &mut impl Sink,
    ) -> bool {
        match text[0] {
            b'#' => {
                let Some(level) = starts::atx_level(text) else { return false };
                self.close(line);
                self.begin(Leaf::None);
                if self.containers.is_empty() {
                    sink.heading(self.atx(line.start, level, text, indent));
                }
                true
            }
            b'`' | b'~' => {
                let Some((sign, length)) = starts::fence(text) else { return false };
                self.close(line);
                self.begin(Leaf::Fence { sign, length });
                true
            }
            b'<' => {
                let may_interrupt = !line.in_paragraph && (line.opened || !self.is_paragraph());
                let kind = html::start(text).filter(|kind| *kind < 7 || may_interrupt);
                let Some(kind) = kind else { return false };
                self.close(line);
                self.begin(if html::ends(kind, text) { Leaf::None } else { Leaf::Html(kind) });
                true
            }
            b'=' | b'-' if line.in_paragraph && self.underline(line, text, sink) => true,
            b'*' | b'-' | b'_' if starts::is_break(text) => {
                self.close(line);
                self.begin(Leaf::None);
                true
            }
            _ => false,
        }
    }

    /// Ends the open paragraph as a heading if this line underlines it.
    fn underline(&mut self, line: &Line, text: &[u8], sink: &mut impl Sink) -> bool {
        let (Some(level), Leaf::Paragraph { start }) = (starts::setext_level(text), self.leaf)
        else {
            return false;
        };
        if let Some((_, text)) = self.definitions.split_first()
            && !self.containers.is_empty()
        {
            if reference::definitions_end(text) == text.len() {
                return false;
            }
        } else if self.containers.is_empty() {
            let paragraph = &self.bytes[start..line.start];
            let from = start + reference::definitions_end(paragraph);
            if from == line.start {
                return false;
            }
            let content = self.bytes[from..line.start].trim_ascii();
            let inset = self.bytes[from..].len() - self.bytes[from..].trim_ascii_start().len();
            let range = from + inset..from + inset + content.len();
            sink.heading(Heading::new(self.bytes, level, from..self.at, range));
        }
        self.leaf = Leaf::None;
        true
    }

    fn atx(&self, start: usize, level: u8, text: &[u8], indent: Indent) -> Heading {
        let signs = usize::from(level);
        let content = std::str::from_utf8(&text[signs..]).unwrap_or_default();
        let inset = content.len() - content.trim_start_matches([' ', '\t']).len();
        let from = start + indent.at + signs + inset;
        let length = without_closing(content).len();
        Heading::new(self.bytes, level, start..self.at, from..from + length)
    }

    fn open_quote(&mut self, line: &mut Line, cursor: &mut Cursor<'_>, indent: Indent) {
        self.close(line);
        cursor.skip_marker(indent, 1);
        cursor.skip_columns(1);
        self.push(Container::Quote, line);
    }

    fn open_item(
        &mut self,
        line: &mut Line,
        cursor: &mut Cursor<'_>,
        indent: Indent,
        marker: starts::Marker,
    ) {
        if line.matched == 0 && !line.opened {
            let continued = matches!(
                self.containers.first(),
                Some(Container::Item { sign, .. }) if *sign == marker.sign
            );
            if continued {
                self.list.is_loose |= self.list.gap;
            } else {
                self.list.number += 1;
                self.list.is_loose = false;
            }
            self.list.gap = false;
        }
        self.close(line);
        cursor.skip_marker(indent, marker.length);
        let inner = cursor.indent();
        let is_empty = inner.at == cursor.line().len();
        let gap = if is_empty || !(1..=4).contains(&inner.columns) { 1 } else { inner.columns };
        cursor.skip_columns(gap.min(inner.columns));
        let columns = indent.columns + marker.length + gap;
        self.push(Container::Item { sign: marker.sign, columns, filled: false }, line);
    }

    fn push(&mut self, container: Container, line: &mut Line) {
        self.fill();
        self.containers.push(container);
        self.leaf = Leaf::None;
        line.matched = self.containers.len();
        line.opened = true;
        line.in_paragraph = false;
    }

    /// Adds the line to the open paragraph, also lazily, or begins one.
    fn add_text(&mut self, line: &Line, text: &[u8]) {
        if self.is_paragraph() && (line.in_paragraph || !line.opened) {
            self.note_definitions(text);
            return;
        }
        self.close(line);
        self.begin(Leaf::Paragraph { start: line.start });
        self.definitions.clear();
        if !self.containers.is_empty() && text[0] == b'[' {
            self.definitions.push(b'\n');
            self.note_definitions(text);
        }
    }

    fn note_definitions(&mut self, text: &[u8]) {
        if !self.definitions.is_empty() {
            self.definitions.extend_from_slice(text);
            self.definitions.push(b'\n');
        }
    }

    /// Closes what the line does not belong to.
    fn close(&mut self, line: &Line) {
        if line.matched < self.containers.len() {
            self.containers.truncate(line.matched);
            self.leaf = Leaf::None;
        }
    }

    fn begin(&mut self, leaf: Leaf) {
        self.fill();
        self.leaf = leaf;
    }

    fn fill(&mut self) {
        if let Some(Container::Item { filled, .. }) = self.containers.last_mut() {
            *filled = true;
        }
    }
}

/// What is known of the line so far.
#[derive(Debug)]
struct Line {
    start: usize,
    /// How many containers it belongs to.
    matched: usize,
    /// Whether the open paragraph is in the innermost of them.
    in_paragraph: bool,
    /// Whether it has opened a container itself.
    opened: bool,
}
