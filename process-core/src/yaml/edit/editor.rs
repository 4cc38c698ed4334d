//! The walk over old nodes and the new value.

use std::ops::Range;

use serde_json::Value;

use crate::yaml::build::{Form, Spot};
use crate::yaml::edit::source::{Odd, Source, Splice};
use crate::yaml::node::{Data, Node};

/// Collects the splices that make the old text say a new value.
pub(super) struct Editor<'t> {
    pub(super) source: Source<'t>,
    pub(super) spots: &'t [Spot],
    pub(super) comments: &'t [Range<usize>],
    pub(super) splices: Vec<Splice>,
    /// What was removed on purpose, with the comments in it.
    pub(super) removed: Vec<Range<usize>>,
}

/// What a value hangs on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// A key or dash in block style: the byte behind its colon or dash, and its own column.
    Block { after: usize, column: usize },
    /// A list or map in flow style.
    Flow,
    /// The document.
    Root,
}

impl<'t> Editor<'t> {
    pub(super) fn new(
        source: Source<'t>,
        spots: &'t [Spot],
        comments: &'t [Range<usize>],
    ) -> Editor<'t> {
        Editor { source, spots, comments, splices: Vec::new(), removed: Vec::new() }
    }

    /// Makes one old value say a new one.
    pub(super) fn change(
        &mut self,
        node: &Node,
        spot: usize,
        value: &Value,
        slot: Slot,
    ) -> Result<(), Odd> {
        if node.equals(value) {
            return Ok(());
        }
        match (&node.data, value, self.spots[spot].form) {
            (Data::Map(old), Value::Object(new), Form::BlockCollection)
                if old.iter().any(|entry| new.contains_key(&entry.key)) =>
            {
                self.block_map(old, spot, new)
            }
            (Data::Map(old), Value::Object(new), Form::FlowCollection)
                if old.iter().any(|entry| new.contains_key(&entry.key)) =>
            {
                self.flow_map(old, spot, new)
            }
            (Data::List(old), Value::Array(new), Form::BlockCollection)
                if !old.is_empty() && !new.is_empty() =>
            {
                self.block_list(node, spot, value, slot)
            }
            (Data::List(old), Value::Array(new), Form::FlowCollection)
                if !old.is_empty() && !new.is_empty() =>
            {
                self.flow_list(old, spot, new)
            }
            _ => self.replace(spot, value, slot),
        }
    }

    pub(super) fn put(&mut self, at: Range<usize>, with: impl Into<String>) {
        self.splices.push(Splice { at, with: with.into() });
    }

    /// Removes the lines from one that starts at `line_start` to the one of the byte `end`.
    pub(super) fn remove_lines(&mut self, line_start: usize, end: usize) {
        let stop = self.source.next_line(end);
        let ends_text = stop == self.source.text.len() && !self.source.text.ends_with('\n');
        let start = match ends_text {
            true => self.source.end_of_previous_line(line_start),
            false => line_start,
        };
        self.put(start..stop, "");
    }

    pub(super) fn comments_in(&self, range: &Range<usize>) -> usize {
        let from = self.comments.partition_point(|comment| comment.start < range.start);
        self.comments[from..].iter().take_while(|comment| comment.start < range.end).count()
    }

    /// Returns the spots of the items of a list.
    pub(super) fn items(&self, spot: usize) -> impl Iterator<Item = usize> + use<'t> {
        let spots = self.spots;
        let stop = spots[spot].after;
        let mut next = spot + 1;
        std::iter::from_fn(move || {
            let item = next;
            (item < stop).then(|| {
                next = spots[item].after;
                item
            })
        })
    }
}
