//! Tests of the rules, one file for each area; what they share stands in `bench.rs`.

pub(crate) mod bench;

mod claims;
mod documents;
mod edits;
mod import;
mod records;
mod rejections;
mod replay;
mod steps;
mod transitions;
mod versions;
