//! Files for one run of a program: nothing is acknowledged by them, so nothing is synced.

use std::{fs::File, io, path::Path};

/// Makes a file that nobody else may read; what is written goes to its end.
///
/// # Errors
/// `AlreadyExists` when anything has this name, a link included; else whatever the system says.
pub fn make_scratch(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    options.open(path)
}
