//! YAML and JSON text in and out, with the place of every value, and edits that keep comments.
//!
//! One data model serves both: [`Node`] is a `serde_json::Value` that knows its line and column.
//! Reading follows the YAML 1.2 core schema, so `yes`, `no` and timestamps are text.
//! [`read()`] and [`read_json`] turn text into a [`Node`], [`write()`] turns a value into the one
//! canonical text, and [`edit()`] changes an existing text as little as possible.

mod build;
mod canonical;
mod edit;
mod json;
mod limits;
mod mistake;
mod node;
mod plain;
mod quote;
mod read;
mod tag;
mod write;

#[cfg(test)]
mod tests;

pub use self::edit::{Edited, edit};
pub use self::json::read_json;
pub use self::limits::{NESTING_MAX, REPEATED_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX};
pub use self::node::{Data, Entry, Node};
pub use self::read::{conflict_marker, read};
pub use self::write::write;
