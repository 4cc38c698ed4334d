//! Lists in block style.

use serde_json::Value;

use crate::yaml::edit::editor::{Editor, Slot};
use crate::yaml::edit::matching::{in_order, matches};
use crate::yaml::edit::source::{Odd, splice};
use crate::yaml::node::{Data, Node};
use crate::yaml::write::item_lines;

/// Where one item of a block list lies.
struct At {
    /// The start of the comment lines that belong to the item, or else of its dash.
    lead: usize,
    dash: usize,
    spot: usize,
    end: usize,
}

impl Editor<'_> {
    /// Changes a block list; both the old and the new one have items.
    pub(super) fn block_list(
        &mut self,
        node: &Node,
        spot: usize,
        value: &Value,
        slot: Slot,
    ) -> Result<(), Odd> {
        let (Data::List(old), Value::Array(new)) = (&node.data, value) else {
            return Err(Odd);
        };
        let items = self.block_items(spot, slot)?;
        let column = self.source.column(items.last().ok_or(Odd)?.dash)?;
        let partners = matches(old, new);
        let stays = in_order(&partners);
        if !stays.contains(&true) {
            return self.replace(spot, value, slot);
        }
        let mut before = None;
        let mut first = String::new();
        let mut kept_first = None;
        for ((value, partner), stays) in new.iter().zip(&partners).zip(&stays) {
            let lines = match partner {
                Some(index) if *stays => {
                    let at = &items[*index];
                    self.change(&old[*index], at.spot, value, slot_of(at, column))?;
                    before = Some(*index);
                    kept_first = kept_first.or(before);
                    continue;
                }
                Some(index) => self.moved(&old[*index], &items[*index], value, column)?,
                None => self.source.lines(&item_lines(value, column)),
            };
            match before {
                Some(index) => {
                    let at = self.source.line_end(items[index].end);
                    self.put(at..at, format!("{}{lines}", self.source.newline));
                }
                None => first.push_str(&format!("{lines}{}", self.source.newline)),
            }
        }
        if let (Some(index), false) = (kept_first, first.is_empty()) {
            if !self.is_first_on_line(items[index].dash) {
                return Err(Odd);
            }
            self.put(items[index].lead..items[index].lead, first);
        }
        self.remove_items(&items, &partners, &stays)
    }

    fn block_items(&self, spot: usize, slot: Slot) -> Result<Vec<At>, Odd> {
        let mut end = match slot {
            Slot::Block { after, .. } => after,
            Slot::Flow => return Err(Odd),
            Slot::Root => self.source.begin,
        };
        let mut items = Vec::new();
        for spot in self.items(spot) {
            let mut dash = self.source.sign(end, b'-')?;
            if self.source.text[dash..].starts_with("---") {
                dash = self.source.sign(dash + 3, b'-')?;
            }
            let lead = self.lead(dash, end);
            end = self.spots[spot].end.max(dash + 1);
            items.push(At { lead, dash, spot, end });
        }
        Ok(items)
    }

    /// Returns the start of the comment lines right above a dash and as deep as it.
    fn lead(&self, dash: usize, after: usize) -> usize {
        let line = self.source.line_start(dash);
        let indent = &self.source.text[line..dash];
        let mut lead = line;
        while lead > after {
            let above = self.source.line_start(self.source.end_of_previous_line(lead));
            let is_comment = self.source.text[above..]
                .strip_prefix(indent)
                .is_some_and(|rest| rest.starts_with('#'));
            if above <= after || !is_comment {
                break;
            }
            lead = above;
        }
        lead
    }

    /// Returns the text of an item that moves, with its own changes made.
    fn moved(&mut self, old: &Node, at: &At, value: &Value, column: usize) -> Result<String, Odd> {
        if !self.is_first_on_line(at.dash) {
            return Err(Odd);
        }
        let outside = std::mem::take(&mut self.splices);
        self.change(old, at.spot, value, slot_of(at, column))?;
        let inside = std::mem::replace(&mut self.splices, outside);
        splice(self.source.text, at.lead..self.source.line_end(at.end), inside)
    }

    fn remove_items(
        &mut self,
        items: &[At],
        partners: &[Option<usize>],
        stays: &[bool],
    ) -> Result<(), Odd> {
        let mut fates = vec![Fate::Removed; items.len()];
        for (partner, stays) in partners.iter().zip(stays) {
            if let Some(index) = partner {
                fates[*index] = if *stays { Fate::Stays } else { Fate::Moved };
            }
        }
        for (at, fate) in items.iter().zip(fates) {
            if fate == Fate::Stays {
                continue;
            }
            if !self.is_first_on_line(at.dash) {
                return Err(Odd);
            }
            let mut start = at.lead;
            if fate == Fate::Removed {
                start = self.source.line_start(at.dash);
                self.removed.push(start..self.source.line_end(at.end));
            }
            self.remove_lines(start, at.end);
        }
        Ok(())
    }
}

/// What becomes of an old item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Moved,
    Removed,
    Stays,
}

fn slot_of(at: &At, column: usize) -> Slot {
    Slot::Block { after: at.dash + 1, column }
}
