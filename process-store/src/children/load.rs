//! Reading a registry.

use std::path::Path;
use std::time::Duration;

use procreg::{Misfit, ProcessRegistry};

use super::commit::Broken;
use super::notice::ChildrenNotice;
use super::open::{Children, FILE_BYTES_MAX};
use crate::error::{Error, ErrorKind};

/// How often a file that cannot be read is read again: a program that writes it in place is done
/// after a moment.
const TRIES_MAX: u32 = 5;

/// How long such a moment is.
const TRY_PAUSE: Duration = Duration::from_millis(20);

const NO_TEXT: &str = "it is no text in UTF-8";

/// A registry as it was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Loaded {
    /// What it says; empty if there is no file.
    pub registry: ProcessRegistry,
    /// What the user should be told.
    pub notices: Vec<ChildrenNotice>,
}

/// What was found in the place of a file.
pub(super) enum Found {
    Missing,
    Corrupt(Broken),
    Good(ProcessRegistry),
}

impl Children {
    /// Reads the registry without its lock.
    ///
    /// A file that cannot be read is left as it is, and the previous content is returned.
    ///
    /// # Errors
    /// `Invalid` if the file has a newer version, `TooLarge` if it is larger than
    /// [`FILE_BYTES_MAX`] or has too many entries, `NotRegular` if it is no file.
    pub fn read(&self) -> Result<Loaded, Error> {
        let mut tries = 1;
        let found = loop {
            match self.find(&self.path)? {
                Found::Corrupt(_) if tries < TRIES_MAX => {
                    tries += 1;
                    self.waiter.sleep(TRY_PAUSE);
                }
                found => break found,
            }
        };
        let mut notices = Vec::new();
        let mut registry = match found {
            Found::Missing => ProcessRegistry::new(),
            Found::Good(registry) => registry,
            Found::Corrupt(Broken { reason, .. }) => {
                let backup = self.find_backup();
                notices.push(ChildrenNotice::Corrupt {
                    path: self.path.clone(),
                    reason,
                    kept: None,
                    backup: backup.is_some().then(|| self.backup()),
                });
                backup.unwrap_or_default()
            }
        };
        if let Some(Broken { reason, .. }) = self.add_side(&mut registry)? {
            notices.push(ChildrenNotice::SideLost { path: self.side(), reason, kept: None });
        }
        self.notice_unreadable(&registry, &mut notices);
        Ok(Loaded { registry, notices })
    }

    /// Reads one file as a registry.
    pub(super) fn find(&self, path: &Path) -> Result<Found, Error> {
        let bytes = match self.disk.read(path, FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(error),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Ok(Found::Corrupt(Broken { bytes, reason: NO_TEXT.to_owned() }));
        };
        match ProcessRegistry::read(text) {
            Ok(registry) => Ok(Found::Good(registry)),
            Err(misfit @ (Misfit::NotJson { .. } | Misfit::NotRegistry { .. })) => {
                let reason = misfit.to_string();
                Ok(Found::Corrupt(Broken { bytes, reason }))
            }
            Err(misfit @ Misfit::Newer { .. }) => Err(refused(path, ErrorKind::Invalid, &misfit)),
            Err(misfit @ Misfit::TooMany) => Err(refused(path, ErrorKind::TooLarge, &misfit)),
        }
    }

    /// Returns the previous content, if it can be read.
    pub(super) fn find_backup(&self) -> Option<ProcessRegistry> {
        match self.find(&self.backup()) {
            Ok(Found::Good(registry)) => Some(registry),
            // Whatever is wrong with it, there is nothing else to fall back on.
            Ok(Found::Missing | Found::Corrupt(_)) | Err(_) => None,
        }
    }

    /// Adds what stands beside a strict registry; `Some` if that file cannot be read.
    pub(super) fn add_side(&self, registry: &mut ProcessRegistry) -> Result<Option<Broken>, Error> {
        let bytes = match self.disk.read(&self.side(), FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let result = match std::str::from_utf8(&bytes) {
            Ok(text) => registry.take_side(text).map_err(|misfit| misfit.to_string()),
            Err(_) => Err(NO_TEXT.to_owned()),
        };
        Ok(result.err().map(|reason| Broken { bytes, reason }))
    }

    pub(super) fn notice_unreadable(
        &self,
        registry: &ProcessRegistry,
        notices: &mut Vec<ChildrenNotice>,
    ) {
        let count = registry.unreadable().count();
        if count > 0 {
            notices.push(ChildrenNotice::Unreadable { path: self.path.clone(), count });
        }
    }
}

fn refused(path: &Path, kind: ErrorKind, misfit: &Misfit) -> Error {
    Error::new(kind, format!("cannot read `{}`: {misfit}", path.display())).at(path)
}
