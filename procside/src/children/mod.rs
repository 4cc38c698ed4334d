//! Children: operating-system processes that were started here, found again, and cleaned up
//! (docs/guides/children.md).

pub mod answers;
mod clean;
mod doctor;
mod end;
mod list;
mod logs;
mod open;
mod outcome;
mod request;
mod spawn;
mod starting;
mod supervise;

pub use list::ChildFilter;
pub use logs::{ChildLogs, FOLLOWED_BYTES_MAX, LOG_SHOWN_BYTES_MAX, LogFollower, LogPiece};
pub use open::{Children, ChildrenOptions};
pub use outcome::{Child, Cleaned, Cleaning, EndedChild, Spawned};
pub use process_runtime::children::{SupervisionEnd, Told};
pub use procreg::{
    Certainty, ChildIdentity, ChildLimits, EntryKey, Exit, Kept, NameError, Namespace, Owner,
    OwnerState, ProcessInfo, ProcessMetadata, ProcessStatus as ChildStatus, RestartPolicy,
    RestartState, TaskId, Which,
};
pub(crate) use request::parse_restart;
pub use request::{SpawnLimits, SpawnRequest};
