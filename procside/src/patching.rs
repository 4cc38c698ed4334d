//! What is patched, and texts that are read from files.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use process_core::ProcessId;
use process_patch as patch;

use crate::{
    document::{PatchRequest, PatchedText, patch_text},
    error::{Error, ErrorKind},
    project::Procside,
};

/// The longest file of patches or text that is read, in bytes.
pub const TEXT_FILE_BYTES_MAX: u64 = patch::limits::JSON_BYTES_MAX as u64;

/// What patches are for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PatchTarget {
    /// The document of a process; of the active one when none is named.
    Document(Option<ProcessId>),
    /// A file that belongs to no process.
    File(PathBuf),
}

impl Procside {
    /// Returns what a name means, of a process or of a file below `folder`: a process, when the name
    /// is the id of one that there is.
    ///
    /// # Errors
    /// Whatever keeps it from being looked at.
    pub fn patch_target(&self, name: Option<&str>, folder: &Path) -> Result<PatchTarget, Error> {
        let Some(name) = name else { return Ok(PatchTarget::Document(None)) };
        Ok(match ProcessId::parse(name) {
            Ok(id) if self.exists(id)? => PatchTarget::Document(Some(id)),
            Ok(_) | Err(_) => PatchTarget::File(folder.join(name)),
        })
    }

    /// Patches a text that belongs to no process, writes what takes the patches back where the
    /// request says so, and then the text to a file if one is named.
    ///
    /// # Errors
    /// What refused the patches; nothing is written then.
    pub fn patch_text_to(
        &self,
        text: &str,
        request: &PatchRequest,
        file: Option<&Path>,
    ) -> Result<PatchedText, Error> {
        let patched = patch_text(text, request)?;
        self.write_inverse(request, &patched.applied)?;
        if let Some(path) = file
            && patched.document != text
        {
            self.write_file(path, &patched.document)?;
        }
        Ok(patched)
    }
}

/// Reads a text from a file that somebody named, at most [`TEXT_FILE_BYTES_MAX`] of it.
///
/// # Errors
/// `NotFound`, `Denied`, `Io`; `Invalid` for what is no file; as [`read_text_from`].
pub fn read_text_file(path: &Path) -> Result<String, Error> {
    let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !about.is_file() {
        let message = format!("`{}` is no file", path.display());
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    read_text_from(file, path)
}

/// Reads a text from whatever gives bytes, at most [`TEXT_FILE_BYTES_MAX`] of it; errors name it as
/// `path`.
///
/// # Errors
/// `invalid_patch` for more bytes, and for what is not UTF-8; whatever keeps it from being read.
pub fn read_text_from(source: impl io::Read, path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = source.take(TEXT_FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    let invalid =
        |message: String| Error::new(ErrorKind::Patch(patch::ErrorKind::InvalidPatch), message);
    if bytes.len() as u64 > TEXT_FILE_BYTES_MAX {
        let message = format!("`{}` is over {TEXT_FILE_BYTES_MAX} bytes", path.display());
        return Err(invalid(message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid(format!("`{}` is not UTF-8: byte {at}", path.display()))
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, format!("there is no `{path}`")),
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::Denied, format!("cannot read `{path}`: {error}"))
        }
        _ => Error::new(ErrorKind::Io, format!("cannot read `{path}`: {error}")),
    }
}
