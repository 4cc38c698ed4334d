//! A folder for one bench, on the disk that the build is on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder that goes with the value.
///
/// It lies in the target folder, for temporary files are often kept in memory, where a sync costs
/// nothing.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let name = format!("{name}-{}", std::process::id());
        let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        fs::create_dir_all(folder.path())?;
        Ok(folder)
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed goes with the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}
