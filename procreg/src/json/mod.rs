//! Records as JSON in which nothing is lost: keys that nobody knows, the order of all, and how
//! values were spelt.

mod kept;
mod list;
mod record;
mod values;
mod write;

pub use kept::Kept;
pub(crate) use list::{each_item, each_record};
pub(crate) use record::{Field, Key, Presence, Record, Shown, read, record, replace};
pub(crate) use write::Writer;
