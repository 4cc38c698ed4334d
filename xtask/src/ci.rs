//! The gate: format, lints, features, tests, documentation and packages, in that order.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

/// One command of the gate: its arguments to cargo, and the variable it needs, if any.
struct Stage {
    arguments: &'static [&'static str],
    variable: Option<(&'static str, &'static str)>,
}

/// The layers and the tidiness are tests of `xtask`, so the tests hold them.
const BEFORE: [Stage; 2] = [
    Stage { arguments: &["fmt", "--all", "--check"], variable: None },
    Stage {
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        variable: None,
    },
];

const AFTER: [Stage; 2] = [
    Stage { arguments: &["test", "--workspace", "--locked"], variable: None },
    Stage {
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        variable: Some(("RUSTDOCFLAGS", "-Dwarnings")),
    },
];

/// Every set of features of `procside`; all together are what the other stages build.
const FEATURES: [Stage; 3] = [
    Stage {
        arguments: &[
            "clippy",
            "-p",
            "procside",
            "-p",
            "process-store",
            "--no-default-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        variable: None,
    },
    Stage {
        arguments: &[
            "clippy",
            "-p",
            "procside",
            "-p",
            "process-store",
            "--no-default-features",
            "--features=procside/sqlite",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        variable: None,
    },
    Stage {
        arguments: &[
            "clippy",
            "-p",
            "procside",
            "-p",
            "process-store",
            "--no-default-features",
            "--features=procside/runtime",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        variable: None,
    },
];

/// What `cargo publish` would make of each crate; that it builds is what the other stages tell.
const PACKAGES: [Stage; 1] = [Stage {
    arguments: &[
        "package",
        "--workspace",
        "--exclude=procside-benches",
        "--exclude=procside-ffi",
        "--exclude=xtask",
        "--no-verify",
        "--allow-dirty",
        "--locked",
    ],
    variable: None,
}];

/// Runs the whole gate.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(root: &Path) -> io::Result<bool> {
    let stages = BEFORE.iter().chain(&FEATURES).chain(&AFTER).chain(&PACKAGES);
    run_stages(root, &stages.collect::<Vec<_>>())
}

/// Builds `procside` with every set of its features.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn features(root: &Path) -> io::Result<bool> {
    run_stages(root, &FEATURES.each_ref())
}

/// Makes the packages of all crates that can be published.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn packages(root: &Path) -> io::Result<bool> {
    run_stages(root, &PACKAGES.each_ref())
}

/// Runs the stages in order and answers whether all of them passed; stops at the first that fails.
fn run_stages(root: &Path, stages: &[&Stage]) -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (index, stage) in stages.iter().enumerate() {
        let place = format!("[{}/{}]", index + 1, stages.len());
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
    writeln!(io::stderr(), "all {} stages passed", stages.len())?;
    Ok(true)
}

impl Stage {
    /// Returns the command as one would type it.
    fn line(&self) -> String {
        let variable = self.variable.map(|(name, value)| format!("{name}={value} "));
        format!("{}cargo {}", variable.unwrap_or_default(), self.arguments.join(" "))
    }
}
