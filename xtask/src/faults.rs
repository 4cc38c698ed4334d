//! Runs the program with a fault at every system call that touches a project in SQLite.

use std::env;
use std::io;
use std::path::Path;
use std::process::Command;

/// The test that does it; the gate lets it take a sample.
const TEST: &str = "faults::nothing_is_lost_or_stuck_whichever_call_fails";

/// Tries all faults, or those of this name, and answers whether none did harm.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(root: &Path, name: &str) -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--quiet", "--locked", "-p", "procside-cli", "--test", "it", "--"]);
    command.args(["--exact", TEST, "--nocapture"]);
    let status = command.env("PROCSIDE_FAULTS", name).current_dir(root).status()?;
    Ok(status.success())
}
