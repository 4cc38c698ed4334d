//! Reading a journal: every line checked, a torn end found, branches told apart.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::line::{self, Sum};
use crate::{
    disk::Disk,
    error::{Error, ErrorKind},
};

/// The longest journal that is read, in bytes; it is held in memory whole.
pub(crate) const JOURNAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What is told of a line whose checksum does not fit.
const CHANGED: &str = "the checksum does not fit: the line or one before it was changed";

/// The smallest block that a disk writes whole.
const BLOCK_BYTES: usize = 512;

/// A journal as it stands in its file.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Its lines, in the order of the file.
    pub lines: Vec<Line>,
    /// Where the next group is appended.
    pub head: Head,
    /// Whether lines follow another than the one before them: two branches were merged.
    pub is_forked: bool,
}

/// One line that stands the check.
#[derive(Clone, Debug)]
pub struct Line {
    /// The event as JSON, without what belongs to the line alone.
    pub event: Value,
    /// The index of the line that it follows; `None` at a beginning.
    pub parent: Option<usize>,
    /// Whether more of its group follows.
    pub(crate) more: bool,
    end: u64,
    sum: Sum,
}

/// The end of a journal: what an append must name, so that it never follows something else.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Head {
    /// The checksum of the last line.
    pub(super) sum: Sum,
    /// The number of the last event.
    pub revision: u64,
    /// The bytes of all whole groups.
    pub good_bytes: u64,
    /// The bytes of the file; more than the good ones when its end is torn.
    pub file_bytes: u64,
    /// Whether the last line lacks its line end.
    pub(super) unterminated: bool,
    /// Whether there is a file.
    pub exists: bool,
    /// Whether the journal's name is known to be durable.
    pub(super) is_name_durable: bool,
}

impl Head {
    /// Notes that the journal's name is durable: something stands that was written behind its sync.
    pub(crate) fn trust_name(&mut self) {
        self.is_name_durable = true;
    }

    /// Returns the bytes of a torn end: a group that was never acknowledged.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.file_bytes - self.good_bytes
    }
}

impl Journal {
    /// Returns how many lines stand before the first branch; all when there is none.
    pub(crate) fn shared(&self) -> usize {
        let odd = self
            .lines
            .iter()
            .enumerate()
            .filter(|(index, line)| line.parent != index.checked_sub(1));
        let before = odd.map(|(_, line)| line.parent.map_or(0, |parent| parent + 1));
        before.min().unwrap_or(self.lines.len())
    }
}

/// Reads a journal; a missing file is an empty one.
///
/// A torn end is no error: it was never acknowledged, and the next append cuts it off.
///
/// # Errors
/// `Corrupt` for a broken line before the end, named with its number; `TooLarge` and `NotRegular`
/// for what is no journal at all.
pub fn read(disk: &dyn Disk, path: &Path) -> Result<Journal, Error> {
    match disk.read(path, JOURNAL_BYTES_MAX) {
        Ok(bytes) => parse(path, &bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Journal::default()),
        Err(error) => Err(error),
    }
}

/// Reads the text of a journal.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Journal, Error> {
    let mut journal = Journal::default();
    let mut sums: BTreeMap<Sum, usize> = BTreeMap::new();
    let mut unterminated = false;
    let mut start = 0;
    let mut number = 0;
    while start < bytes.len() {
        number += 1;
        let end = bytes[start..].iter().position(|byte| *byte == b'\n').map(|at| start + at + 1);
        let raw = &bytes[start..end.unwrap_or(bytes.len())];
        match check(&journal.lines, &sums, raw) {
            Ok(None) => {}
            Ok(Some(mut line)) => {
                line.end = end.unwrap_or(bytes.len()) as u64;
                journal.is_forked |= line.parent != journal.lines.len().checked_sub(1);
                sums.insert(line.sum.clone(), journal.lines.len());
                journal.lines.push(line);
                unterminated = end.is_none();
            }
            Err(_) if is_torn(bytes, start, end) => break,
            Err(reason) => return Err(corrupt(path, number, &reason)),
        }
        start = end.unwrap_or(bytes.len());
    }
    // A group whose last line is missing was never acknowledged.
    while journal.lines.last().is_some_and(|line| line.more) {
        journal.lines.pop();
        unterminated = false;
    }
    let last = journal.lines.last();
    journal.head = Head {
        sum: last.map(|line| line.sum.clone()).unwrap_or_default(),
        revision: journal.lines.len() as u64,
        good_bytes: last.map_or(0, |line| line.end),
        file_bytes: bytes.len() as u64,
        unterminated,
        exists: true,
        // Whoever wrote the first group may have died before the folder was synced; the second one
        // syncs it again.
        is_name_durable: journal.lines.iter().filter(|line| !line.more).count() > 1,
    };
    Ok(journal)
}

/// Checks one line against those before it; `None` for one that stands there already.
fn check(lines: &[Line], sums: &BTreeMap<Sum, usize>, raw: &[u8]) -> Result<Option<Line>, String> {
    let text = std::str::from_utf8(raw).map_err(|_| "the line is no UTF-8".to_owned())?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if ["<<<<<<<", ">>>>>>>", "=======", "|||||||"].iter().any(|mark| text.starts_with(mark)) {
        return Err("a Git conflict marker".to_owned());
    }
    let parsed = line::parse(text)?;
    if let Some(index) = sums.get(&parsed.sum) {
        let parent = lines[*index].parent.map(|parent| lines[parent].sum.clone());
        let is_same = parsed.sum.follows(&parent.unwrap_or_default(), parsed.body);
        return if is_same { Ok(None) } else { Err(CHANGED.to_owned()) };
    }
    let parent = parent_of(lines, &parsed).ok_or(CHANGED)?;
    Ok(Some(Line { event: parsed.event, parent, more: parsed.more, end: 0, sum: parsed.sum }))
}

/// Finds the line that this one follows: as a rule the last, after a merge of branches another.
fn parent_of(lines: &[Line], parsed: &line::Parsed<'_>) -> Option<Option<usize>> {
    let follows = |index: Option<usize>| {
        let previous = index.map(|index| lines[index].sum.clone()).unwrap_or_default();
        parsed.sum.follows(&previous, parsed.body).then_some(index)
    };
    let seq = parsed.event.get("seq").and_then(Value::as_u64);
    let is_before = |index: &usize| {
        let other = lines[*index].event.get("seq").and_then(Value::as_u64);
        other.zip(seq).is_some_and(|(other, seq)| other.checked_add(1) == Some(seq))
    };
    follows(lines.len().checked_sub(1))
        .or_else(|| follows(None))
        .or_else(|| (0..lines.len()).rev().filter(is_before).find_map(|index| follows(Some(index))))
}

/// Tells what a cut-off write left from what somebody changed.
///
/// A write that did not reach the disk whole ends without its checksum, or holds the zeros of
/// blocks that were never written: a journal of ours holds no zero byte. A whole line behind it
/// shows that it was more than the end that broke.
fn is_torn(bytes: &[u8], start: usize, end: Option<usize>) -> bool {
    let (raw, rest) = bytes[start..].split_at(end.unwrap_or(bytes.len()) - start);
    let is_whole = |line: &[u8]| {
        std::str::from_utf8(line).is_ok_and(|text| line::parse(text.trim_end()).is_ok())
    };
    if rest.split(|byte| *byte == b'\n').any(is_whole) {
        return false;
    }
    if end.is_some() {
        return has_unwritten_block(raw, start);
    }
    raw.contains(&0) || !line::was_finished(&String::from_utf8_lossy(raw))
}

/// Tells zeros that begin or end where a block of the disk does from a byte that became zero.
fn has_unwritten_block(raw: &[u8], start: usize) -> bool {
    let is_zero = |at: usize| raw.get(at) == Some(&0);
    let at_edge = |at: usize| (start + at).is_multiple_of(BLOCK_BYTES);
    (0..raw.len()).any(|at| {
        let is_edge = at_edge(at) || at_edge(at + 1);
        is_zero(at) && is_edge
    })
}

fn corrupt(path: &Path, number: usize, reason: &str) -> Error {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Error::new(ErrorKind::Corrupt, format!("{folder}/{name}: line {number}: {reason}"))
        .at(path)
        .with_hint("`procside doctor` tells more; take the line back from Git or a backup")
        .with_details(serde_json::json!({"line": number}))
}
