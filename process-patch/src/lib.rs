//! Changes a Markdown document by small patches, and takes them back byte for byte.
//!
//! ```text
//! JSON  ─► Input::read             a batch of patches, or an inverse
//! text  ─► Document::new           scanned once: headings, and what is open where
//! batch ─► Document::apply         each patch located, planned, made, guarded; all or none
//!       ─► Applied                 splices, changed lines, the inverse; or PatchError
//! splice ─► Outline                only what a splice touches is scanned again
//! ```
//!
//! ```
//! use process_patch::{Batch, Document, Options};
//!
//! let mut document = Document::new("# Guide\n\n## Steps\n\n- Ask\n")?;
//! let batch = Batch::read(
//!     r###"[{"operation": "append", "location": "## Steps", "content": "- Answer"}]"###,
//! )?;
//! let applied = document.apply(&batch, Options { hashes: true, ..Options::default() })?;
//! assert_eq!(document.text(), "# Guide\n\n## Steps\n\n- Ask\n- Answer\n");
//!
//! let inverse = applied.inverse().ok_or("hashes were asked for")?;
//! document.apply_inverse(&inverse, Options::default())?;
//! assert_eq!(document.text(), "# Guide\n\n## Steps\n\n- Ask\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/formats/patch.md` has the rules, by number.
//! What it does not do: it reads no file, keeps no time, renders no Markdown, and never chooses a
//! heading that is merely like the one that was named.

mod applied;
mod batch;
mod document;
mod error;
mod excerpt;
mod fields;
pub mod history;
mod inverse;
mod json;
mod likeness;
pub mod limits;
mod lines;
mod location;
mod matching;
mod outline;
mod patch;
mod scan;
pub mod splice;
mod state;
pub mod stream;
pub mod structured;
mod three_way;

pub use applied::{Applied, LineRange, MatchedWith, Outcome, Status};
pub use batch::{Batch, Input, Mode};
pub use document::{Document, Options, hash};
pub use error::{ErrorKind, PatchError};
pub use inverse::Inverse;
pub use location::Location;
pub use outline::Outline;
pub use patch::{Operation, Patch, Relaxation, Scope};
pub use scan::{Heading, Standing};
pub use splice::Splice;
pub use state::ProcessState;
pub use three_way::{Conflict, ThreeWay};
