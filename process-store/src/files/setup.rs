//! Finding a project, and laying out a new one.

use std::path::{Path, PathBuf};

use super::{Files, layout::FOLDER};
use crate::{
    disk::{Disk, FileKind},
    error::{Error, ErrorKind},
    replace::{Durability, folder_of, replace},
};

/// What Git does with journals: two branches' lines are both kept, and `doctor` chains them anew.
pub(super) const GIT_ATTRIBUTES: &str = "history/*.yaml merge=union\n";

/// What Git leaves alone: locks and unfinished replacements.
const GIT_IGNORE: &str = "*.lock\n*.lock.guard\n.*.tmp-*\n";

/// Finds the project that a folder belongs to: the nearest one upwards that holds `.ai`.
///
/// # Errors
/// Whatever keeps a folder on the way from being looked at.
pub fn find_root(disk: &dyn Disk, start: &Path) -> Result<Option<PathBuf>, Error> {
    for folder in start.ancestors() {
        match disk.list(&folder.join(FOLDER)) {
            Ok(_) => return Ok(Some(folder.to_owned())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotRegular) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

impl Files {
    /// Makes the folder that makes this a project, so that its lock can be taken.
    ///
    /// Nothing else is made before the lock is held: whoever holds it removes what looks like a
    /// left-over, and several programs may begin at once.
    ///
    /// # Errors
    /// Whatever the disk says, such as a file in place of the folder.
    pub fn found(&self) -> Result<(), Error> {
        self.make_durable_folder(self.layout().folder())
    }

    /// Lays out an empty project; what is there already stays. The caller holds the lock.
    ///
    /// # Errors
    /// Whatever the disk says, such as a file in place of a folder.
    pub(crate) fn lay_out(&self) -> Result<(), Error> {
        let layout = self.layout();
        let mut made = Vec::new();
        let folders = [
            layout.folder().to_owned(),
            layout.processes(),
            layout.history(),
            layout.all_versions(),
        ];
        for folder in folders {
            if self.make_folder(&folder)? {
                made.push(folder);
            }
        }
        // Whoever made the folders of a project without a journal may have died before the syncs.
        let is_young = self.disk().stat(&layout.global())?.is_none();
        if is_young || !made.is_empty() {
            let synced = self
                .disk()
                .sync_folder(layout.folder())
                .and_then(|()| self.disk().sync_folder(layout.root()));
            if let Err(error) = synced {
                self.remove_folders(&made);
                return Err(error);
            }
        }
        for (name, text) in [(".gitattributes", GIT_ATTRIBUTES), (".gitignore", GIT_IGNORE)] {
            let path = layout.folder().join(name);
            if is_young && self.disk().stat(&path)?.is_none() {
                replace(self.disk(), &path, text.as_bytes(), Durability::Derived)?;
            }
        }
        Ok(())
    }

    /// Takes folders back whose names could not be made durable: a later sync would succeed
    /// without making up for the one that failed, a folder made anew is a new name.
    fn remove_folders(&self, made: &[PathBuf]) {
        for folder in made.iter().rev() {
            // Best effort: what counts is the error that led here.
            let _ = self.disk().remove_folder(folder);
        }
    }

    /// Makes a folder whose name is durable when this returns, also when somebody else made it and
    /// died before the sync.
    pub(crate) fn make_durable_folder(&self, path: &Path) -> Result<(), Error> {
        let is_new = self.make_folder(path)?;
        self.disk().sync_folder(folder_of(path)).inspect_err(|_| {
            if is_new {
                self.remove_folders(&[path.to_owned()]);
            }
        })
    }

    /// Makes the folder of the journals; its name is made durable with the first line of one.
    pub(crate) fn make_history(&self, is_first_line: bool) -> Result<(), Error> {
        let folder = self.layout().history();
        if is_first_line || self.disk().stat(&folder)?.is_none() {
            self.make_durable_folder(&folder)
        } else {
            self.make_folder(&folder).map(|_| ())
        }
    }

    /// Makes a folder of the project; a link in its place is refused, for it may lead outside.
    pub(crate) fn make_folder(&self, path: &Path) -> Result<bool, Error> {
        match self.disk().stat(path)?.map(|stat| stat.kind) {
            Some(FileKind::Folder) => Ok(false),
            None => self.disk().create_folder(path).map(|()| true),
            Some(FileKind::File | FileKind::Link | FileKind::Other) => Err(self.not_a_folder(path)),
        }
    }

    /// Lists a folder of the project; a missing one is empty, a link in its place is refused.
    pub(crate) fn list(&self, path: &Path) -> Result<Vec<crate::disk::Entry>, Error> {
        match self.disk().stat(path)?.map(|stat| stat.kind) {
            Some(FileKind::Folder) => self.disk().list(path),
            None => Ok(Vec::new()),
            Some(FileKind::File | FileKind::Link | FileKind::Other) => Err(self.not_a_folder(path)),
        }
    }

    fn not_a_folder(&self, path: &Path) -> Error {
        let message = format!("`{}` is not a folder", self.layout().shown(path));
        Error::new(ErrorKind::NotRegular, message)
            .at(path)
            .with_hint("move it away; procside never follows a link inside its folder")
    }
}
