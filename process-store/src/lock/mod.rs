//! The lock: a guard that the operating system holds, and a file that says who has it.
//!
//! `<target>.lock.guard` is never removed and carries an exclusive lock of the operating system;
//! it keeps programs of ours apart and ends with its holder.
//! `<target>.lock` can be seen: it contains the holder, and is what other programs respect.

mod acquire;
mod held;
mod holder;
mod identity;
mod rules;
mod visible;
mod waiter;

#[cfg(test)]
mod tests;

pub use acquire::{Lock, LockOptions, acquire};
pub use identity::{Identity, Verdict};
pub use waiter::{StdWaiter, Waiter};
