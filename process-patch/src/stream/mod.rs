//! Patches that arrive as a stream of JSON, in pieces that may end anywhere.
//!
//! What is told on the way is a preview; the batch is what the whole text says, at its end.

mod envelope;
mod event;
mod lexer;
mod limits;
mod parser;
mod shape;
mod text;

pub use event::{ContentField, StreamEvent};
pub use limits::{NESTING_MAX, PATCHES_MAX, STREAM_BYTES_MAX};
pub use parser::PatchStream;
