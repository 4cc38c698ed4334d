//! The form of a text in which it is looked for, and the way back to the bytes of the document.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::patch::Relaxation;

/// A text as it is compared.
#[derive(Debug)]
pub(super) struct Canonical<'a> {
    pub(super) text: Cow<'a, str>,
    way: Way,
}

/// The way back to the source.
#[derive(Debug)]
enum Way {
    /// Every byte is where it was, but for a CR before each of these LFs.
    Endings(Vec<usize>),
    /// Where each piece begins here, and where it stands in the source.
    Pieces(Vec<Piece>),
}

/// 32 bits are enough: only short sections are compared in this way.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: u32,
    from: u32,
    to: u32,
}

impl Piece {
    fn new(at: usize, source: Range<usize>) -> Self {
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { at: short(at), from: short(source.start), to: short(source.end) }
    }

    fn at(&self) -> usize {
        self.at as usize
    }

    fn source(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl<'a> Canonical<'a> {
    pub(super) fn new(source: &'a str, relaxation: Relaxation) -> Self {
        match relaxation {
            Relaxation::Exact => Self::with_endings(source),
            Relaxation::Blanks => Self::with_pieces(source, |piece, text| text.extend(piece.nfc())),
            Relaxation::Signs | Relaxation::Likeness => {
                Self::with_pieces(source, |piece, text| text.extend(piece.nfc().map(plain_sign)))
            }
        }
    }

    fn with_endings(source: &'a str) -> Self {
        if memchr::memchr(b'\r', source.as_bytes()).is_none() {
            return Self { text: Cow::Borrowed(source), way: Way::Endings(Vec::new()) };
        }
        let mut text = String::with_capacity(source.len());
        let mut cut = Vec::new();
        let mut from = 0;
        for at in memchr::memchr_iter(b'\r', source.as_bytes()) {
            text.push_str(&source[from..at]);
            from = at + 1;
            if source[from..].starts_with('\n') {
                cut.push(text.len());
            } else {
                text.push('\n');
            }
        }
        text.push_str(&source[from..]);
        Self { text: Cow::Owned(text), way: Way::Endings(cut) }
    }

    fn with_pieces(source: &str, mut write: impl FnMut(&str, &mut String)) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut pieces = Vec::new();
        let mut from = 0;
        while from < source.len() {
            let to = piece_end(source, from);
            pieces.push(Piece::new(text.len(), from..to));
            match &source[from..to] {
                "\r" | "\r\n" => text.push('\n'),
                piece => write(piece, &mut text),
            }
            from = to;
        }
        without_trailing_blanks(&text, &pieces)
    }

    /// Returns what stands in the source for a range; none when it begins or ends inside a piece.
    pub(super) fn source(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let pieces = match &self.way {
            Way::Endings(cut) => {
                let moved = |at: usize| at + cut.partition_point(|lf| *lf < at);
                return Some(moved(range.start)..moved(range.end));
            }
            Way::Pieces(pieces) => pieces,
        };
        let first = pieces.binary_search_by_key(&range.start, Piece::at).ok()?;
        let behind = pieces.partition_point(|piece| piece.at() < range.end);
        let ends = pieces.get(behind).map_or(self.text.len(), Piece::at);
        let last = pieces.get(behind.checked_sub(1)?)?;
        (ends == range.end).then(|| pieces[first].source().start..last.source().end)
    }
}

/// Takes the blanks before each line ending and at the end out of a text and its pieces.
fn without_trailing_blanks(written: &str, all: &[Piece]) -> Canonical<'static> {
    let mut text = String::with_capacity(written.len());
    let mut pieces: Vec<Piece> = Vec::with_capacity(all.len());
    let ends = all.iter().skip(1).map(Piece::at).chain([written.len()]);
    for (piece, end) in all.iter().zip(ends) {
        let part = &written[piece.at()..end];
        if part == "\n" {
            trim_end(&mut text, &mut pieces);
        }
        pieces.push(Piece::new(text.len(), piece.source()));
        text.push_str(part);
    }
    trim_end(&mut text, &mut pieces);
    Canonical { text: Cow::Owned(text), way: Way::Pieces(pieces) }
}

fn trim_end(text: &mut String, pieces: &mut Vec<Piece>) {
    while text.ends_with([' ', '\t']) {
        text.pop();
        pieces.pop();
    }
}

/// Returns the end of the piece: a line ending, or a letter with what is composed with it.
fn piece_end(source: &str, from: usize) -> usize {
    let rest = &source[from..];
    if rest.starts_with("\r\n") {
        return from + 2;
    }
    let mut chars = rest.char_indices();
    let first = chars.next().map_or(' ', |(_, first)| first);
    if matches!(first, '\n' | '\r') {
        return from + 1;
    }
    let joins =
        |letter: char| is_combining_mark(letter) || matches!(letter, '\u{1160}'..='\u{11ff}');
    let end = chars.find(|(_, letter)| !joins(*letter)).map_or(rest.len(), |(at, _)| at);
    from + end
}

/// Makes blanks, quotes and dashes those of ASCII.
fn plain_sign(letter: char) -> char {
    match letter {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        '\u{2018}'..='\u{201b}' | '\u{2039}' | '\u{203a}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => letter,
    }
}
