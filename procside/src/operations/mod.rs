//! Every operation by its name: what the command line can do, for programs that speak JSON.
//!
//! A row of the table is an operation: its name and arguments are those of the command, and its
//! answer is the command's envelope. What needs a terminal or never ends is not in the table:
//! `work`, `completions`, `man`, `log --follow`, `logs --follow`, `doc --edit`, and what stdin would give.
//! A new operation is a row in the file of its subject.

mod argument;
mod call;
#[cfg(all(unix, feature = "runtime"))]
mod children;
mod definitions;
mod foreground;
mod given;
mod patching;
mod processes;
mod running;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod transfer;
mod upkeep;
mod versions;

pub use argument::{Argument, ArgumentKind};
pub use call::{Called, REQUEST_BYTES_MAX, call, call_text};
pub use table::{COMMON, Operation, find, table};
