//! Finds the text that an update or a delete names, in one section.

mod canonical;
mod exact;
mod find;
mod nearest;
mod similar;

pub(crate) use find::{Found, Match, find};
pub(crate) use nearest::closest_lines;
