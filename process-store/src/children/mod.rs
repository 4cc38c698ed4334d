//! The children registry in its file (docs/formats/children.md).

mod change;
mod commit;
mod folder;
mod load;
mod notice;
mod open;
mod writer;

#[cfg(test)]
mod tests;

pub use commit::Committed;
pub use load::Loaded;
pub use notice::ChildrenNotice;
pub use open::{Children, ChildrenOptions, FILE_BYTES_MAX};
pub use writer::ChildrenWriter;
