//! The blocks of a Markdown text, as far as they decide which lines are top-level headings.
//!
//! It follows the block rules of CommonMark 0.31 line by line and knows no inline markup.
//! Between two top-level blocks nothing is open, so a scan may begin and end at such a place; that
//! is what makes it possible to scan only what was touched.

mod cursor;
mod heading;
mod html;
mod lists;
mod opaque;
mod reference;
mod scanner;
mod starts;

pub use heading::Heading;
pub use scanner::Standing;

pub(crate) use heading::{key, normalized, shift, without_closing};
pub(crate) use lists::{leading_list, trailing_list};
pub(crate) use opaque::opaque_end;
pub(crate) use scanner::{Scanner, Sink};
