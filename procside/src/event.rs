//! What events consist of: the journal of a process, one fact after the other.

pub use process_core::{
    RegistryEvent, RegistryFact, Shared,
    document::{Entry, EntryKind, Splice},
    event::{
        ApprovalRequest, Decided, GroupEnd, Parent, ResetCause, RunFact, SkipReason, Start, VisitId,
    },
};
