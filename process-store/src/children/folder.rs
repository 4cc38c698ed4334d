//! The folder of a registry: made when it is missing, never through a link.

use std::path::Path;

use crate::disk::{Disk, FileKind};
use crate::error::Error;
use crate::replace::folder_of;

/// Makes the folder of a file if it is missing; the one above it must exist.
///
/// # Errors
/// `NotRegular` if something that is no folder has its name, a link to one included; `NotFound` if
/// the folder above it is missing.
pub(super) fn make(disk: &dyn Disk, path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    let what = match disk.stat(folder)? {
        Some(stat) => match stat.kind {
            FileKind::Folder => return Ok(()),
            FileKind::File => "a file",
            FileKind::Link => "a link",
            FileKind::Other => "a pipe or a device",
        },
        None => {
            disk.create_folder(folder)?;
            return disk.sync_folder(folder_of(folder));
        }
    };
    Err(Error::not_folder("write to", folder, what))
}
