//! The gate: a child exists, and has an identity, before it does anything.
//!
//! ```text
//! spawn ─► /bin/sh waits at the gate, its standard error ─► its identity is recorded durably
//!     ─► the gate opens ─► standard error is opened anew ─► the program runs
//! ```
//!
//! If whoever started it dies before the gate opens, the gate closes, and the shell ends without
//! having run anything.
//! The shell either becomes the program, or stays as the leader of its group and writes down how it
//! ended, so that somebody who did not start it can know.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, PipeReader, PipeWriter, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use super::limits::Limits;

/// The shell that stands behind the gate; every Unix has it there.
const SHELL: &str = "/bin/sh";

/// What the shell does: `$1` is the file of the standard error, `$2` that of the exit.
///
/// The program runs in a shell of its own, so that a name that the shell knows (`echo`, `kill`)
/// means the program.
/// A signal to the group ends the program, and leaves the shell there to write down its exit; what
/// the shell itself has to say about that is nobody's.
const SCRIPT: &str = r#"IFS= read -r go <&2 && [ "$go" = go ] || exit 125
if [ -n "$1" ]; then exec 3>>"$1"; else exec 3>&1; fi
exit=$2
shift 2
[ -n "$exit" ] || exec "$@" 2>&3 3>&-
exec 2>/dev/null
trap : HUP INT QUIT TERM USR1 USR2 ALRM
(exec "$@" 2>&3 3>&-)
code=$?
echo "$code" >"$exit"
exit "$code""#;

/// Where the shell that stays has the standard error of its program open.
pub(crate) const ERRORS_NUMBER: u32 = 3;

/// What the shell reads when the gate opens.
const OPEN: &[u8] = b"go\n";

/// Where the standard error of a child goes.
#[derive(Clone, Debug)]
pub(crate) enum Errors {
    /// To the end of a file, which is opened when the gate is.
    File(PathBuf),
    /// To wherever its standard output goes.
    WithOutput,
}

/// A program that is to be a child.
#[derive(Debug)]
pub(crate) struct Launch {
    /// The program and its arguments; not empty.
    pub(crate) run: Vec<String>,
    /// Variables beside those of our own environment.
    pub(crate) env: Vec<(String, String)>,
    /// Variables of our own environment that it does not get.
    pub(crate) env_removed: &'static [&'static str],
    /// The folder in which it runs.
    pub(crate) cwd: PathBuf,
    /// Its standard input; nothing when there is none.
    pub(crate) stdin: Option<File>,
    /// Its standard output.
    pub(crate) stdout: File,
    /// Its standard error.
    pub(crate) stderr: Errors,
    /// The file in which its exit code is written down, with 128 and the number for a signal.
    pub(crate) exit: Option<PathBuf>,
    /// What it may use.
    pub(crate) limits: Limits,
}

/// A child that waits at the gate; it ends without having run anything when this is dropped.
#[derive(Debug)]
pub(crate) struct Gated {
    child: Option<Child>,
    gate: Option<PipeWriter>,
    /// While it is open, writing to a child that is gone raises no signal against us.
    _waits: PipeReader,
}

impl Launch {
    /// Starts the child, which waits at the gate as the leader of a group of its own.
    ///
    /// # Errors
    /// Whatever keeps it from being started, with the error of the system.
    pub(crate) fn start(self) -> io::Result<Gated> {
        let (waits, gate) = io::pipe()?;
        let errors = match self.stderr {
            Errors::File(path) => path.into_os_string(),
            Errors::WithOutput => OsString::new(),
        };
        let mut command = Command::new(SHELL);
        command.args(["-c", SCRIPT, SHELL]).arg(errors);
        command.arg(self.exit.map(PathBuf::into_os_string).unwrap_or_default());
        command.args(&self.run).current_dir(&self.cwd);
        self.env_removed.iter().for_each(|name| {
            command.env_remove(name);
        });
        // A shell hands on only variables whose names it could use itself (`is_name_for_shells`).
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(self.stdin.map_or_else(Stdio::null, Stdio::from));
        let own = waits.try_clone()?;
        command.stdout(self.stdout).stderr(waits).process_group(0);
        let child = command.spawn()?;
        let gated = Gated { child: Some(child), gate: Some(gate), _waits: own };
        self.limits.apply(gated.pid())?;
        Ok(gated)
    }
}

impl Gated {
    /// Returns the number of the child, which nobody else gets before it is waited for.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Lets the program run.
    ///
    /// # Errors
    /// Whatever keeps the gate from being written to.
    pub(crate) fn open(mut self) -> io::Result<Child> {
        if let Some(mut gate) = self.gate.take() {
            gate.write_all(OPEN)?;
        }
        self.child.take().ok_or_else(|| io::Error::other("the gate was opened before"))
    }
}

impl Drop for Gated {
    fn drop(&mut self) {
        // The shell reads the end of the gate, and ends.
        drop(self.gate.take());
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }
}

/// Tells whether shells hand on a variable of this name; most drop any other.
pub(crate) fn is_name_for_shells(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_part) && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
