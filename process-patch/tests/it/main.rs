//! What a user of the crate relies on, area by area.

mod blocks;
mod cases;
mod corpus;
mod documents;
mod history;
mod oracle;
mod properties;
mod replay;
mod splices;
mod streams;
mod structured;
