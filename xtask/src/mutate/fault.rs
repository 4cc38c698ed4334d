//! A known fault, with the invariant that it breaks (docs/simulation.md).

use std::fs;
use std::io;
use std::path::Path;

/// What stands in a replacement for the question whether the fault is switched on.
const SWITCH: &str = "ON";

/// A fault that is put into the copy.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) invariant: &'static str,
    pub(super) what: &'static str,
    file: &'static str,
    find: &'static str,
    replacement: &'static str,
}

pub(super) const fn fault(
    invariant: &'static str,
    what: &'static str,
    file: &'static str,
    find: &'static str,
    replacement: &'static str,
) -> Fault {
    Fault { invariant, what, file, find, replacement }
}

impl Fault {
    /// Puts the fault into the copy, behind the switch with this number.
    ///
    /// # Errors
    /// When the file cannot be read or written, or does not hold what is to be replaced.
    pub(super) fn plant(&self, copy: &Path, number: usize) -> io::Result<()> {
        let path = copy.join(self.file);
        let text = fs::read_to_string(&path)?;
        if !text.contains(self.find) {
            let what = format!("fault {number}: `{}` does not hold `{}`", self.file, self.find);
            return Err(io::Error::other(what));
        }
        let krate = match self.file.split('/').next() {
            Some("process-core") => "crate",
            Some("process-engine") => "process_core",
            _ => "process_engine",
        };
        let question = format!("{krate}::is_planted({number})");
        let replacement = self.replacement.replace(SWITCH, &question);
        fs::write(&path, text.replacen(self.find, &replacement, 1))
    }
}
