//! How large a registry and its parts may be.

/// Entries of one registry: reading and writing so many still takes less than a second.
pub const ENTRIES_MAX: usize = 100_000;

/// Bytes of a command with all its arguments: what Linux takes for one argument, and far below
/// what it takes in all, so that a registry holds whatever can be started in earnest.
pub const COMMAND_BYTES_MAX: usize = 128 * 1024;

/// Bytes of the name of a namespace or a task: they stand in every entry and every message.
pub const NAME_BYTES_MAX: usize = 200;

/// Keys of one object: a few times as many as any version will have, so that no object costs much
/// more memory than its text.
pub const KEYS_MAX: usize = 1_000;

/// Crashes that are remembered of one child: more than any policy looks at.
pub const CRASHES_MAX: usize = 100;
