//! The gate: format, lints, tests and documentation, in that order.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

/// One command of the gate: its arguments to cargo, and the variable it needs, if any.
struct Stage {
    arguments: &'static [&'static str],
    variable: Option<(&'static str, &'static str)>,
}

/// The layers and the tidiness are tests of this crate, so the third stage holds them.
const STAGES: [Stage; 4] = [
    Stage { arguments: &["fmt", "--all", "--check"], variable: None },
    Stage {
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        variable: None,
    },
    Stage { arguments: &["test", "--workspace", "--locked"], variable: None },
    Stage {
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        variable: Some(("RUSTDOCFLAGS", "-Dwarnings")),
    },
];

/// Runs the stages in order and answers whether all of them passed; stops at the first that fails.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(root: &Path) -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (index, stage) in STAGES.iter().enumerate() {
        let place = format!("[{}/{}]", index + 1, STAGES.len());
        writeln!(io::stderr(), "{place} {}", stage.line())?;
        let mut command = Command::new(&cargo);
        command.args(stage.arguments).current_dir(root);
        if let Some((name, value)) = stage.variable {
            command.env(name, value);
        }
        let status = command.status()?;
        if !status.success() {
            writeln!(io::stderr(), "{place} failed: {status}")?;
            return Ok(false);
        }
    }
    writeln!(io::stderr(), "all {} stages passed", STAGES.len())?;
    Ok(true)
}

impl Stage {
    /// Returns the command as one would type it.
    fn line(&self) -> String {
        let variable = self.variable.map(|(name, value)| format!("{name}={value} "));
        format!("{}cargo {}", variable.unwrap_or_default(), self.arguments.join(" "))
    }
}
