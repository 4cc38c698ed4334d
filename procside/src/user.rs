//! The configuration of whoever uses the program: `procside/config.yaml` in the folder where the
//! system keeps configuration (docs/formats/config.md).

use std::path::{Path, PathBuf};

use process_core::yaml::{self, Data};
use process_store::disk::Disk;

use crate::{
    error::{Error, ErrorKind},
    project::Surroundings,
};

/// The largest configuration that is read.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

/// What a person sets for all projects.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserConfig {
    /// Who acts, when nobody else is named.
    pub identity: Option<String>,
}

impl UserConfig {
    /// Returns the folder of the configuration: `$XDG_CONFIG_HOME/procside`, else
    /// `~/.config/procside`; `None` where neither variable names a folder.
    #[must_use]
    pub fn folder() -> Option<PathBuf> {
        let of = |name: &str| {
            let path = PathBuf::from(std::env::var_os(name)?);
            path.is_absolute().then_some(path)
        };
        let base = of("XDG_CONFIG_HOME").or_else(|| of("HOME").map(|home| home.join(".config")))?;
        Some(base.join("procside"))
    }

    /// Reads the configuration of a folder; without a file nothing is set.
    ///
    /// # Errors
    /// `Invalid` with the line of what is wrong; whatever the disk says.
    pub fn read(disk: &dyn Disk, folder: &Path) -> Result<Self, Error> {
        let path = folder.join("config.yaml");
        let bytes = match disk.read(&path, CONFIG_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == process_store::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error.into()),
        };
        let bad = |line: u32, reason: &str| {
            let place = if line == 0 { String::new() } else { format!("line {line}: ") };
            let message = format!("cannot read `{}`: {place}{reason}", path.display());
            Error::new(ErrorKind::Invalid, message)
        };
        let text = String::from_utf8(bytes).map_err(|_| bad(0, "it is not UTF-8"))?;
        let node =
            yaml::read(&text).map_err(|problem| bad(problem.place.line, &problem.message))?;
        let identity = match node.get("identity").map(|node| (&node.data, node.place.line)) {
            None | Some((Data::Null, _)) => None,
            Some((Data::Text(text), _)) if !text.trim().is_empty() => Some(text.clone()),
            Some((_, line)) => return Err(bad(line, "`identity` must be a text")),
        };
        Ok(Self { identity })
    }
}

impl Surroundings {
    /// Returns the operating system's, with what the user's configuration says of who acts.
    ///
    /// # Errors
    /// As [`UserConfig::read`].
    pub fn of_the_user() -> Result<Self, Error> {
        let mut surroundings = Self::of_the_system();
        if let Some(folder) = UserConfig::folder() {
            let config = UserConfig::read(surroundings.disk.as_ref(), &folder)?;
            surroundings.by = config.identity.unwrap_or(surroundings.by);
        }
        Ok(surroundings)
    }
}
