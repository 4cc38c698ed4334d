//! The project's configuration file.

use process_core::yaml::{self, Node};
use serde_json::{Map, Value};

use super::{
    Change, Files,
    index::problems,
    view::{Text, read_text},
};
use crate::{
    error::{Error, ErrorKind},
    replace::{Durability, replace},
};

/// The largest configuration file that is read.
pub const CONFIG_BYTES_MAX: usize = 1024 * 1024;

impl Files {
    /// Reads the configuration; `None` when there is no file.
    ///
    /// # Errors
    /// `Invalid` with the place of what is wrong.
    pub fn read_config(&self) -> Result<Option<(Node, String)>, Error> {
        let path = self.layout().config();
        let shown = self.layout().shown(&path);
        let invalid = |reason: String| {
            Error::new(ErrorKind::Invalid, format!("cannot read `{shown}`: {reason}")).at(&path)
        };
        let text = match read_text(self.disk(), &path)? {
            Text::Absent => return Ok(None),
            Text::Unusual(what) => return Err(invalid(format!("it is {what}"))),
            Text::Read { text, .. } if text.len() > CONFIG_BYTES_MAX => {
                return Err(invalid(format!("it is larger than {CONFIG_BYTES_MAX} bytes")));
            }
            Text::Read { text, .. } => text,
        };
        match yaml::read(&text) {
            Ok(node) => Ok(Some((node, text))),
            Err(problem) => Err(problems(&shown, &text, &[problem]).at(&path)),
        }
    }
}

impl Change<'_> {
    /// Replaces the configuration, comments kept.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn write_config(&mut self, value: &Value) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        let path = self.files.layout().config();
        let text = match self.files.read_config()? {
            Some((_, text)) if !text.trim().is_empty() => {
                let edited = yaml::edit(&text, value);
                if !edited.kept {
                    self.note(".procside.yaml is rewritten in canonical form");
                }
                edited.text
            }
            Some(_) | None => yaml::write(value),
        };
        let text = if *value == Value::Object(Map::new()) { String::new() } else { text };
        replace(self.files.disk(), &path, text.as_bytes(), Durability::SyncedWithFolder)?;
        Ok(())
    }
}
