//! Children: programs that outlive whoever started them, recorded before they run.

mod end;
mod gate;
mod handle;
mod limits;
mod runs;
mod seen;
mod start;
mod startable;
mod supervise;
mod waiting;

pub use end::{Ended, GRACE, end_all, left_by};
pub(crate) use gate::{ERRORS_NUMBER, Errors, Launch, is_name_for_shells};
pub(crate) use handle::Handle;
pub use limits::Limits;
pub use runs::Runs;
pub(crate) use runs::{Left, now_ms};
pub(crate) use seen::{RUN_ID, all_processes, read_stat};
pub use seen::{facts, owner, this_owner};
pub use start::{ChildProgram, NotStarted, start};
pub(crate) use startable::why_not_startable;
pub use supervise::{
    StartFailed, Starter, Supervised, Supervision, SupervisionEnd, Told, adopted, is_ending,
    seen_exit,
};
