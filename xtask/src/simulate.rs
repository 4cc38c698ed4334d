//! Runs the simulated worlds of `process-runtime`, built for speed.

use std::env;
use std::io;
use std::path::Path;
use std::process::Command;

/// Runs the simulation with these arguments and answers whether nothing was wrong.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--release", "--locked"]);
    command.args(["-p", "process-runtime", "--example", "simulate", "--"]);
    let status = command.args(arguments).current_dir(root).status()?;
    Ok(status.success())
}
