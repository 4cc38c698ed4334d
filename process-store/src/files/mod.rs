//! Processes in files that people can read and diff (docs/formats/README.md).

mod adopt;
mod change;
mod config;
mod derive;
mod doctor;
mod document;
mod drive;
mod global;
mod index;
mod layout;
mod legacy;
mod open;
mod record;
mod setup;
mod store;
mod templates;
mod versions;
mod view;
mod watch;

#[cfg(test)]
mod tests;

pub(crate) use change::unknown;
pub use change::{Change, Notice};
pub use config::CONFIG_BYTES_MAX;
pub use doctor::Problem;
pub(crate) use doctor::is_of_index;
pub use document::{FoundDocument, Sheet};
pub use global::Global;
pub use index::Index;
pub use layout::{FOLDER, Layout};
pub use open::{Files, Options};
pub use record::Record;
pub use setup::find_root;
pub use templates::LocalTemplate;
pub use view::{Found, View};
