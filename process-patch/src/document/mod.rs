//! A document, and what patches do to it.

mod add;
mod apply;
mod checks;
mod create;
mod edit;
mod find;
mod guard;
mod locate;
mod place;
mod remove;
mod text;

pub use apply::Options;
pub use text::{Document, hash};

pub(crate) use edit::{Edit, Edited};
pub(crate) use locate::Spot;
