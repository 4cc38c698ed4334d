//! The statuses: the exit codes of the command line.

/// It was done.
pub const PS_OK: i32 = 0;

/// It failed in some other way; of a process that ran, it ended failed or cancelled.
pub const PS_FAILED: i32 = 1;

/// The call makes no sense: a null, a handle that is none, a request that cannot be read.
pub const PS_USAGE: i32 = 2;

/// There is no such project, process, step, version, template or file.
pub const PS_NOT_FOUND: i32 = 3;

/// Somebody was there first, or the process stands elsewhere.
pub const PS_CONFLICT: i32 = 4;

/// Somebody held the lock of the project for five seconds.
pub const PS_LOCKED: i32 = 5;

/// A text or a file makes no sense, breaks its format or is over a limit.
pub const PS_INVALID: i32 = 6;

/// A process waits for something outside.
pub const PS_WAITING: i32 = 7;

/// What a handler returns that will say with ps_complete what came of the attempt.
pub const PS_LATER: i32 = 100;

/// Nothing moves by itself any more: all has ended, or waits for people, messages or work that
/// nobody here performs.
pub const PS_DRIVE_IDLE: i32 = 0;

/// Something happened, or a handler was called; there may be more.
pub const PS_DRIVE_PROGRESS: i32 = 1;

/// Nothing happened in this time, and something goes on.
pub const PS_DRIVE_TIMEOUT: i32 = 2;
