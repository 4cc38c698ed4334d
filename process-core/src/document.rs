//! The document of a process, and the entries that change it or the process, and take that back.

use serde::{Deserialize, Serialize};

/// The longest document of a process, in bytes: a whole one must fit in a line of the journal, in
/// JSON, beside the one that it replaces.
pub const DOCUMENT_BYTES_MAX: usize = 2 << 20;

/// The most ids of one entry: of its batch, and of each patch in it.
pub const ENTRY_IDS_MAX: usize = 10_001;

/// One change that somebody made by a patch, and that can be taken back.
///
/// Entries count from 1 over the whole process, those of its document and those of itself alike.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// Its number.
    pub number: u64,
    /// What made it.
    pub kind: EntryKind,
    /// The entry that it takes back, or makes anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The ids that its author gave to the batch and its patches; none is taken twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Why, in its author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What makes an entry.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A batch of patches.
    Patch,
    /// An entry that was taken back is made anew.
    Redo,
    /// An earlier version of the process was taken back.
    Restore,
    /// Another text was put in the place of the document.
    Set,
    /// An entry is taken back.
    Undo,
}

impl EntryKind {
    /// Returns the canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Redo => "redo",
            Self::Restore => "restore",
            Self::Set => "set",
            Self::Undo => "undo",
        }
    }
}

/// Replaces one text by another at one place of a document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Splice {
    /// Where, in bytes from the start of the text as the splices before this one left it.
    pub offset: usize,
    /// The text that stands there and goes.
    pub removed: String,
    /// The text that comes in its place.
    pub inserted: String,
}

impl Splice {
    /// Returns the splice that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let (removed, inserted) = (self.inserted.clone(), self.removed.clone());
        Self { offset: self.offset, removed, inserted }
    }
}

/// Returns what the splices make of a text, or `None` when one of them does not fit.
#[must_use]
pub fn spliced(text: &str, splices: &[Splice]) -> Option<String> {
    let mut text = text.to_owned();
    for splice in splices {
        let end = splice.offset.checked_add(splice.removed.len())?;
        if text.get(splice.offset..end)? != splice.removed {
            return None;
        }
        text.replace_range(splice.offset..end, &splice.inserted);
    }
    Some(text)
}

/// Returns the one splice that makes the second text of the first, none when they are the same.
#[must_use]
pub fn splice_between(from: &str, to: &str) -> Option<Splice> {
    if from == to {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let before = same(&mut from.chars().zip(to.chars()));
    let (rest, new) = (&from[before..], &to[before..]);
    let behind = same(&mut rest.chars().rev().zip(new.chars().rev()));
    Some(Splice {
        offset: before,
        removed: rest[..rest.len() - behind].to_owned(),
        inserted: new[..new.len() - behind].to_owned(),
    })
}

/// Returns splices that were made for one text as they are for another, or `None` when they touch
/// what lies between the two.
#[must_use]
pub fn rebased(splices: &[Splice], from: &str, to: &str) -> Option<Vec<Splice>> {
    let Some(between) = splice_between(from, to) else { return Some(splices.to_vec()) };
    let mut end = between.offset + between.removed.len();
    let mut start = between.offset;
    let mut moved = Vec::with_capacity(splices.len());
    for splice in splices {
        let behind = splice.offset.checked_add(splice.removed.len())?;
        let mut splice = splice.clone();
        if behind < start {
            // What lies between moves with every splice before it.
            start = start - splice.removed.len() + splice.inserted.len();
            end = end - splice.removed.len() + splice.inserted.len();
        } else if splice.offset > end {
            splice.offset = splice.offset - between.removed.len() + between.inserted.len();
        } else {
            return None;
        }
        moved.push(splice);
    }
    Some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splice(offset: usize, removed: &str, inserted: &str) -> Splice {
        Splice { offset, removed: removed.to_owned(), inserted: inserted.to_owned() }
    }

    #[test]
    fn each_splice_sees_what_the_one_before_left() {
        let splices = [splice(0, "a", "xyz"), splice(3, "b", "")];
        assert_eq!(spliced("abc", &splices).as_deref(), Some("xyzc"));
    }

    #[test]
    fn a_splice_that_does_not_fit_changes_nothing() {
        for bad in [splice(0, "b", "x"), splice(9, "", "x"), splice(usize::MAX, "a", "x")] {
            assert_eq!(spliced("abc", &[splice(0, "a", "y"), bad]), None);
        }
        // Within a letter of several bytes.
        assert_eq!(spliced("ä", &[splice(1, "", "x")]), None);
    }

    #[test]
    fn splices_move_with_what_another_side_changed() {
        // The other side made `two` of `b`.
        let (from, to) = ("a..b..c", "a..two..c");
        let both = [splice(0, "a", "one"), splice(8, "c", "three")];
        assert_eq!(spliced(from, &both).as_deref(), Some("one..b..three"));
        let moved = rebased(&both, from, to).expect("it fits");
        assert_eq!(spliced(to, &moved).as_deref(), Some("one..two..three"));
        assert_eq!(rebased(&[splice(3, "b", "x")], from, to), None);
        // Where both write at one place nobody can say whose comes first.
        assert_eq!(rebased(&[splice(3, "", "x")], from, to), None);
    }

    #[test]
    fn what_lies_between_two_texts_is_no_longer_than_it_must_be() {
        let cases = [("abc", "aXc"), ("", "a"), ("a", ""), ("aa", "aaa"), ("äö", "äü"), ("x", "y")];
        for (from, to) in cases {
            let found = splice_between(from, to).expect("it fits");
            assert_eq!(spliced(from, std::slice::from_ref(&found)).as_deref(), Some(to));
            assert!(found.removed.len() <= 2 && found.inserted.len() <= 2, "{found:?}");
        }
        assert_eq!(splice_between("same", "same"), None);
    }
}
