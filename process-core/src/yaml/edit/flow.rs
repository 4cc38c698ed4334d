//! Lists and maps in flow style.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::yaml::edit::editor::{Editor, Slot};
use crate::yaml::edit::map::indexes;
use crate::yaml::edit::matching::{in_order, matches};
use crate::yaml::edit::source::Odd;
use crate::yaml::node::{Entry, Node};
use crate::yaml::quote::{Style, inline, text};

impl Editor<'_> {
    /// Changes a flow list; both the old and the new one have items.
    pub(super) fn flow_list(
        &mut self,
        old: &[Node],
        spot: usize,
        new: &[Value],
    ) -> Result<(), Odd> {
        self.check_bracket(spot, '[')?;
        let spots: Vec<usize> = self.items(spot).collect();
        let extents: Vec<Range<usize>> =
            spots.iter().map(|spot| self.spots[*spot].start..self.spots[*spot].end).collect();
        let partners = matches(old, new);
        let stays = in_order(&partners);
        if !stays.contains(&true) {
            return self.replace(spot, &Value::Array(new.to_vec()), Slot::Flow);
        }
        let mut kept = vec![false; old.len()];
        let mut added = Vec::new();
        let mut before = None;
        for ((value, partner), stays) in new.iter().zip(&partners).zip(&stays) {
            match partner {
                Some(index) if *stays => {
                    kept[*index] = true;
                    before = Some(*index);
                    self.change(&old[*index], spots[*index], value, Slot::Flow)?;
                }
                _ => added.push((before, inline(value, Style::Flow))),
            }
        }
        self.flow_elements(&extents, &kept, added)
    }

    /// Changes a flow map of which at least one key stays.
    pub(super) fn flow_map(
        &mut self,
        old: &[Entry],
        spot: usize,
        new: &Map<String, Value>,
    ) -> Result<(), Odd> {
        self.check_bracket(spot, '{')?;
        let spots: Vec<usize> = self.items(spot).collect();
        let mut extents = Vec::new();
        let mut kept = Vec::new();
        for (entry, pair) in old.iter().zip(spots.chunks_exact(2)) {
            let (key, value) = (self.spots[pair[0]], self.spots[pair[1]]);
            let colon = self.source.sign(key.end, b':').ok();
            let end = value.end.max(colon.map_or(key.end, |colon| colon + 1));
            extents.push(key.start..end);
            kept.push(new.contains_key(&entry.key));
            match new.get(&entry.key) {
                Some(new) if value.start == value.end && !entry.value.equals(new) => {
                    let sign = if colon.is_some() { "" } else { ":" };
                    let blanks = self.source.blanks_before(end, b',');
                    self.put(end..end + blanks, format!("{sign} {}", inline(new, Style::Flow)));
                }
                Some(new) => self.change(&entry.value, pair[1], new, Slot::Flow)?,
                None => {}
            }
        }
        let indexes = indexes(old);
        let mut added = Vec::new();
        let mut before = None;
        for (key, value) in new {
            match indexes.get(key.as_str()) {
                Some(index) => before = Some(*index),
                None => {
                    let entry =
                        format!("{}: {}", text(key, Style::Flow), inline(value, Style::Flow));
                    added.push((before.or(kept.iter().rposition(|kept| *kept)), entry));
                }
            }
        }
        self.flow_elements(&extents, &kept, added)
    }

    /// Refuses what is written without brackets, as in `[key: value]`.
    fn check_bracket(&self, spot: usize, bracket: char) -> Result<(), Odd> {
        let start = self.spots[spot].start;
        if self.source.text[start..].starts_with(bracket) { Ok(()) } else { Err(Odd) }
    }

    /// Removes the elements that are not kept, and adds others behind those they follow.
    fn flow_elements(
        &mut self,
        extents: &[Range<usize>],
        kept: &[bool],
        added: Vec<(Option<usize>, String)>,
    ) -> Result<(), Odd> {
        let first = kept.iter().position(|kept| *kept).ok_or(Odd)?;
        let last = kept.iter().rposition(|kept| *kept).ok_or(Odd)?;
        for (before, text) in added {
            match before {
                Some(index) => {
                    let extent = &extents[index];
                    let gap = self.gap_before(extent.start);
                    self.put(extent.end..extent.end, format!(",{gap}{text}"));
                }
                None => {
                    let start = extents[first].start;
                    let gap = self.gap_before(start);
                    self.put(start..start, format!("{text},{gap}"));
                }
            }
        }
        for index in 0..last {
            if !kept[index] {
                self.remove_element(extents[index].start..extents[index + 1].start)?;
            }
        }
        if let Some(end) = extents[last + 1..].last().map(|extent| extent.end) {
            self.remove_element(extents[last].end..end)?;
        }
        Ok(())
    }

    fn remove_element(&mut self, range: Range<usize>) -> Result<(), Odd> {
        if self.comments_in(&range) > 0 {
            return Err(Odd);
        }
        self.put(range, "");
        Ok(())
    }

    /// Returns what separates elements: a blank, or a line break where each has its own line.
    fn gap_before(&self, start: usize) -> String {
        let line = self.source.line_start(start);
        match self.is_first_on_line(start) && line > self.source.begin {
            true => format!("{}{}", self.source.newline, &self.source.text[line..start]),
            false => " ".to_owned(),
        }
    }
}
