//! Maps in block style.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::yaml::edit::editor::{Editor, Slot};
use crate::yaml::edit::source::Odd;
use crate::yaml::node::Entry;
use crate::yaml::write::entry_lines;

/// Where one entry of a block map lies.
struct At {
    key: usize,
    value_spot: usize,
    /// The byte behind the colon.
    after: usize,
    end: usize,
}

impl Editor<'_> {
    /// Changes a block map of which at least one key stays.
    pub(super) fn block_map(
        &mut self,
        old: &[Entry],
        spot: usize,
        new: &Map<String, Value>,
    ) -> Result<(), Odd> {
        let entries = self.block_entries(spot)?;
        let first = entries.first().ok_or(Odd)?;
        let column = self.source.column(first.key)?;
        let stays: Vec<bool> = old.iter().map(|entry| new.contains_key(&entry.key)).collect();
        for (entry, at) in old.iter().zip(&entries) {
            if let Some(value) = new.get(&entry.key) {
                let slot = Slot::Block { after: at.after, column };
                self.change(&entry.value, at.value_spot, value, slot)?;
            }
        }
        self.insert_entries(old, &entries, &stays, new, column)?;
        self.remove_entries(&entries, &stays)
    }

    fn block_entries(&self, spot: usize) -> Result<Vec<At>, Odd> {
        let mut entries = Vec::new();
        let mut spots = self.items(spot);
        while let (Some(key), Some(value_spot)) = (spots.next(), spots.next()) {
            let after = self.source.sign(self.spots[key].end, b':')? + 1;
            let end = self.spots[value_spot].end.max(after);
            entries.push(At { key: self.spots[key].start, value_spot, after, end });
        }
        Ok(entries)
    }

    /// Adds each new key behind the key that precedes it in the new value, or else at the end.
    fn insert_entries(
        &mut self,
        old: &[Entry],
        entries: &[At],
        stays: &[bool],
        new: &Map<String, Value>,
        column: usize,
    ) -> Result<(), Odd> {
        let indexes = indexes(old);
        let last = stays.iter().rposition(|stays| *stays).ok_or(Odd)?;
        let mut before = None;
        let mut without = Vec::new();
        for (key, value) in new {
            if let Some(index) = indexes.get(key.as_str()) {
                before = Some(*index);
                continue;
            }
            let lines = entry_lines(key, value, column);
            match before {
                Some(index) => self.insert_below(entries[index].end, &lines),
                None => without.push(lines),
            }
        }
        for lines in without {
            self.insert_below(entries[last].end, &lines);
        }
        Ok(())
    }

    /// Adds lines below the line of a byte.
    pub(super) fn insert_below(&mut self, end: usize, lines: &str) {
        let at = self.source.line_end(end);
        self.put(at..at, format!("{}{}", self.source.newline, self.source.lines(lines)));
    }

    fn remove_entries(&mut self, entries: &[At], stays: &[bool]) -> Result<(), Odd> {
        let first_kept = stays.iter().position(|stays| *stays).ok_or(Odd)?;
        let mut begin = 0;
        if first_kept > 0 && !self.is_first_on_line(entries[0].key) {
            begin = self.remove_behind_dash(entries, first_kept);
        }
        for (at, stays) in entries.iter().zip(stays).skip(begin) {
            if *stays {
                continue;
            }
            if !self.is_first_on_line(at.key) {
                return Err(Odd);
            }
            let start = self.source.line_start(at.key);
            self.removed.push(start..self.source.line_end(at.end));
            self.remove_lines(start, at.end);
        }
        Ok(())
    }

    /// Removes the first entries of a map that starts on the line of a dash.
    ///
    /// Returns how many entries that took care of.
    fn remove_behind_dash(&mut self, entries: &[At], first_kept: usize) -> usize {
        let extent = |at: &At| -> Range<usize> { at.key..self.source.line_end(at.end) };
        let whole = entries[0].key..entries[first_kept].key;
        let extents: Vec<Range<usize>> = entries[..first_kept].iter().map(extent).collect();
        let inside: usize = extents.iter().map(|extent| self.comments_in(extent)).sum();
        if inside == self.comments_in(&whole) {
            self.removed.extend(extents);
            self.put(whole, "");
            return first_kept;
        }
        // A comment between the entries stays, below a dash on a line of its own.
        let dash = self.source.text[..entries[0].key].trim_end_matches(' ').len();
        let end = extents[0].end;
        self.removed.push(extents[0].clone());
        self.put(dash..end, "");
        1
    }

    pub(super) fn is_first_on_line(&self, at: usize) -> bool {
        self.source.is_blank(self.source.line_start(at)..at)
    }
}

/// Returns the position of each key.
pub(super) fn indexes(entries: &[Entry]) -> BTreeMap<&str, usize> {
    entries.iter().enumerate().map(|(index, entry)| (entry.key.as_str(), index)).collect()
}
