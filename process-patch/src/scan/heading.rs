//! A heading, and how the texts of headings are compared.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A top-level heading of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Heading {
    pub(crate) key: u64,
    pub(crate) start: u32,
    pub(crate) text_start: u32,
    pub(crate) text_end: u32,
    pub(crate) body: u32,
    pub(crate) level: u8,
}

impl Heading {
    /// Takes the heading in; a text is at most as long as 32 bits count.
    pub(super) fn new(bytes: &[u8], level: u8, lines: Range<usize>, text: Range<usize>) -> Self {
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let content = std::str::from_utf8(&bytes[text.clone()]).unwrap_or_default();
        Self {
            key: key(content),
            start: short(lines.start),
            text_start: short(text.start),
            text_end: short(text.end),
            body: short(lines.end),
            level,
        }
    }

    /// Returns the level, from 1 to 6.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Returns where the first line of the heading begins, in bytes.
    pub fn start(&self) -> usize {
        self.start as usize
    }

    /// Returns where its last line ends, in bytes: behind the line ending, if it has one.
    pub fn end(&self) -> usize {
        self.body as usize
    }

    /// Returns its text in the document: as source, without signs and closing signs.
    pub fn text<'a>(&self, document: &'a str) -> &'a str {
        document.get(self.text_start as usize..self.text_end as usize).unwrap_or_default()
    }

    /// Returns it as a location writes it: signs, and the text with single blanks.
    pub fn title(&self, document: &str) -> String {
        let signs = "#".repeat(usize::from(self.level));
        let text = collapsed(self.text(document));
        if text.is_empty() { signs } else { format!("{signs} {text}") }
    }

    /// Moves it by what [`shift`] says.
    #[inline]
    pub(crate) fn shifted(mut self, by: u32) -> Self {
        self.start = self.start.wrapping_add(by);
        self.text_start = self.text_start.wrapping_add(by);
        self.text_end = self.text_end.wrapping_add(by);
        self.body = self.body.wrapping_add(by);
        self
    }
}

/// Returns by how much places behind a splice move: what it adds, or the complement of what it takes.
pub(crate) fn shift(removed: usize, inserted: usize) -> u32 {
    let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    short(inserted).wrapping_sub(short(removed))
}

/// Takes the closing signs of an ATX heading away.
pub(crate) fn without_closing(text: &str) -> &str {
    let text = text.trim_matches([' ', '\t']);
    let open = text.trim_end_matches('#');
    if open.is_empty() || open.ends_with([' ', '\t']) {
        open.trim_end_matches([' ', '\t'])
    } else {
        text
    }
}

/// Returns the form in which texts of headings are compared: single blanks, NFC.
pub(crate) fn normalized(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => collapsed(text).into_owned(),
        IsNormalized::Maybe | IsNormalized::No => {
            collapsed(&text.nfc().collect::<String>()).into_owned()
        }
    }
}

/// Returns a number that is equal for texts that compare equal; FNV-1a of the compared form.
pub(crate) fn key(text: &str) -> u64 {
    if text.is_ascii() { key_of(text.as_bytes()) } else { key_of(normalized(text).as_bytes()) }
}

fn key_of(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut gap = false;
    let mut begun = false;
    for &byte in bytes {
        if is_blank(byte) {
            gap = begun;
            continue;
        }
        if gap {
            add(b' ');
            gap = false;
        }
        begun = true;
        add(byte);
    }
    hash
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Makes runs of blanks and line endings one blank, and takes them off both ends.
fn collapsed(text: &str) -> Cow<'_, str> {
    let blank = [' ', '\t', '\n', '\r'];
    let text = text.trim_matches(blank);
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(|&byte| byte == b' ' || !is_blank(byte))
        && !bytes.windows(2).any(|pair| pair == b"  ");
    if plain {
        return Cow::Borrowed(text);
    }
    let words: Vec<&str> = text.split(blank).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}
