//! What a writer wants changed, told so that it can be done to whatever others have made of the
//! registry meanwhile.

use crate::identity::{ChildIdentity, Exit};
use crate::info::ProcessInfo;
use crate::key::EntryKey;
use crate::limits::{COMMAND_BYTES_MAX, ENTRIES_MAX};
use crate::name::Namespace;
use crate::status::ProcessStatus;

/// One change of a registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delta {
    /// Adds a child.
    ///
    /// The entry of the same child is replaced, with its unknown keys kept; an entry of another
    /// child that had this number becomes stale.
    Add(ProcessInfo),
    /// Removes all entries, or those of a namespace.
    Clear {
        /// Of which namespace; without one, of all.
        namespace: Option<Namespace>,
    },
    /// Removes an entry.
    Remove(EntryKey),
    /// Records that the end of a child was seen, and how; it is stopped from then on.
    SeenExit(EntryKey, Exit),
    /// Replaces the identity of an entry, as whoever adopts a child does; keys of other versions
    /// stay.
    SetIdentity(EntryKey, ChildIdentity),
    /// Gives an entry another status.
    UpdateStatus(EntryKey, ProcessStatus),
}

/// What became of a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was made.
    Changed,
    /// There is no such entry; somebody else may have removed it.
    Missing,
    /// The entry has a status that this one does not follow on, so it keeps its own.
    Superseded,
    /// It was so already.
    Unchanged,
}

/// Why a change cannot be made; nothing of it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The command with its arguments is too long.
    #[error("child {pid}: its command is {bytes} bytes long; at most {COMMAND_BYTES_MAX} are kept")]
    CommandTooLong {
        /// The number of the child.
        pid: u32,
        /// How long.
        bytes: usize,
    },
    /// The registry holds as many entries as it may.
    #[error("child {pid} cannot be added: the registry holds {ENTRIES_MAX} entries")]
    Full {
        /// The number of the child.
        pid: u32,
    },
    /// No child has this number: 0, or larger than the system's type.
    #[error("{pid} is no number of a child")]
    NoPid {
        /// The number.
        pid: u32,
    },
}
