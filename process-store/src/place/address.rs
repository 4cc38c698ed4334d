//! The text that names a place.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// What is before the path of an SQLite file.
const SQLITE: &str = "sqlite:";

/// Where processes are kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Address {
    /// In the files of the project.
    #[default]
    Files,
    /// In this SQLite file.
    Sqlite(PathBuf),
}

impl Address {
    /// Reads `files` or `sqlite:FILE`; a path is relative to `folder`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        let path = text.strip_prefix(SQLITE).filter(|path| !path.is_empty());
        match (text, path) {
            ("files", _) => Ok(Self::Files),
            (_, Some(path)) => Ok(Self::Sqlite(folder.join(path))),
            (_, None) => Err(Error::new(ErrorKind::Invalid, format!("{text:?} names no store"))
                .with_hint("a store is `files` or `sqlite:FILE`")),
        }
    }
}
