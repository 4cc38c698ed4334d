//! What a program writes, kept so that a driver after this one can read it too.
//!
//! | the program | its outputs are | after the death of its driver |
//! |---|---|---|
//! | was given no secret | files in the folder of its run | can be read, also when it has ended |
//! | was given a secret, on Linux | memory, for it may write the secret | can be read while it runs |
//! | was given a secret, elsewhere | files without a name | are lost |

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use process_store::scratch::make_scratch;

use crate::children::{ERRORS_NUMBER, Errors};

/// The most bytes that a program may write to each of its outputs: that of a step's output.
pub(super) const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The file of the standard output, in the folder of a run.
pub(crate) const STDOUT: &str = "stdout";

/// The file of the standard error, in the folder of a run.
pub(crate) const STDERR: &str = "stderr";

/// Both outputs of a program.
#[derive(Debug)]
pub(super) struct Outputs {
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

/// One output of a program.
#[derive(Debug)]
pub(super) struct Output {
    file: File,
    /// How long it was when it was looked at.
    length: u64,
}

impl Outputs {
    /// Makes the outputs of a program in the folder of its run.
    pub(super) fn new(folder: &Path, is_secret: bool) -> io::Result<(Self, Errors)> {
        if !is_secret {
            let stderr = folder.join(STDERR);
            let outputs = Self {
                stdout: Output::make(&folder.join(STDOUT))?,
                stderr: Output::make(&stderr)?,
            };
            return Ok((outputs, Errors::File(stderr)));
        }
        let (stdout, _) = nameless(folder, STDOUT)?;
        let (stderr, path) = nameless(folder, STDERR)?;
        let outputs = Self { stdout: Output::of(stdout), stderr: Output::of(stderr) };
        Ok((outputs, Errors::File(path)))
    }

    /// Finds the outputs of a program that somebody else started, while it runs or afterwards.
    pub(super) fn left(folder: &Path, leader: Option<u32>) -> io::Result<Self> {
        let open = |name: &str, number: u32| {
            File::open(folder.join(name)).or_else(|error| match leader {
                Some(pid) => File::open(format!("/proc/{pid}/fd/{number}")),
                None => Err(error),
            })
        };
        Ok(Self {
            stdout: Output::of(open(STDOUT, 1)?),
            stderr: Output::of(open(STDERR, ERRORS_NUMBER)?),
        })
    }
}

/// Makes a file that goes with whoever has it open, and the path under which it is opened until
/// then.
#[cfg(target_os = "linux")]
fn nameless(_folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create};

    let file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    fcntl_setfl(&file, OFlags::APPEND)?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    Ok((file, path.into()))
}

/// Makes a file that goes with the run.
#[cfg(not(target_os = "linux"))]
fn nameless(folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    let path = folder.join(format!("{name}-private"));
    Ok((Output::make(&path)?.file, path))
}

/// Returns a file without a name that a program can read a text from.
pub(super) fn input(text: &str) -> io::Result<File> {
    use std::io::{Seek, Write};

    #[cfg(target_os = "linux")]
    let mut file = {
        use rustix::fs::{MemfdFlags, memfd_create};

        File::from(memfd_create("stdin", MemfdFlags::CLOEXEC)?)
    };
    #[cfg(not(target_os = "linux"))]
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

impl Output {
    fn make(path: &Path) -> io::Result<Self> {
        Ok(Self::of(make_scratch(path)?))
    }

    fn of(file: File) -> Self {
        Self { file, length: 0 }
    }

    /// Returns what the program writes to.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Returns whether something was written since the last time.
    pub(super) fn look(&mut self) -> bool {
        let length = self.file.metadata().map_or(self.length, |found| found.len());
        std::mem::replace(&mut self.length, length) != length
    }

    /// Returns whether more was written than is kept.
    pub(super) fn is_over(&self) -> bool {
        self.length > OUTPUT_BYTES_MAX as u64
    }

    /// Returns what was written, as far as it is kept.
    pub(super) fn read(&self) -> Vec<u8> {
        let length = self.file.metadata().map_or(0, |found| found.len());
        let length = usize::try_from(length).unwrap_or(OUTPUT_BYTES_MAX).min(OUTPUT_BYTES_MAX);
        let mut bytes = vec![0; length];
        let mut read = 0;
        while read < length {
            match self.file.read_at(&mut bytes[read..], read as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        bytes.truncate(read);
        bytes
    }
}
