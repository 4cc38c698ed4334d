//! A registry as the text of its file; `docs/formats/children.md` states the format.

use serde::Deserializer;
use serde::de::Error;

use crate::info::ProcessInfo;
use crate::json::{Field, Kept, Presence, Record, Shown, Writer, each_item, read, record};
use crate::limits::ENTRIES_MAX;
use crate::registry::ProcessRegistry;

#[cfg(test)]
mod tests;

/// The version of the format that this version writes, and the only one that it reads.
const VERSION: u64 = 1;

/// The keys of the document at the root, which is all that strict files have.
const STRICT_ROOT: [&str; 4] = ["version", "parentPid", "processes", "lastUpdated"];

/// The keys of the document in an entry.
const STRICT_ENTRY: [&str; 7] =
    ["pid", "command", "args", "namespace", "taskId", "startTime", "status"];

/// The keys by which an entry of the second file finds its own in the first.
const LINK: [&str; 2] = ["pid", "startTime"];

/// How many keys the format has at the root and in an entry.
const KEYS_ROOT: u8 = ProcessRegistry::KEYS.len() as u8;
const KEYS_ENTRY: u8 = ProcessInfo::KEYS.len() as u8;

/// About how long an entry is, so that the text of a file seldom moves while it grows.
const ENTRY_BYTES: usize = 700;

/// Why a text is no registry that can be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Misfit {
    /// It has another version, so that it must be left alone.
    #[error("its version is {version}, and this program reads version {VERSION}")]
    Newer {
        /// The version, as JSON.
        version: String,
    },
    /// It is no JSON.
    #[error("it is no JSON: {message}")]
    NotJson {
        /// What the reader says, with line and column.
        message: String,
    },
    /// It is JSON, but no registry.
    #[error("it is no registry: {what}")]
    NotRegistry {
        /// What is wrong.
        what: &'static str,
    },
    /// It holds more entries than a registry may.
    #[error("it holds more than {ENTRIES_MAX} entries")]
    TooMany,
}

impl ProcessRegistry {
    /// Reads the text of a file.
    ///
    /// What stands among the entries and is none is kept as it stands and counted by
    /// [`ProcessRegistry::unreadable`].
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(text: &str) -> Result<ProcessRegistry, Misfit> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Some(registry) = read::<ProcessRegistry>(text) else {
            return Err(match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => Misfit::NotRegistry { what: "it is not an object" },
                Err(error) => Misfit::NotJson { message: error.to_string() },
            });
        };
        if let Some((_, version)) = registry.kept.raw().find(|(name, _)| *name == "version") {
            return Err(Misfit::Newer { version: version.to_owned() });
        }
        if registry.kept.raw().any(|(name, _)| name == "processes") {
            return Err(Misfit::NotRegistry { what: "`processes` is not a list" });
        }
        if !registry.items.is_read {
            return Err(Misfit::NotRegistry { what: "there is no list `processes`" });
        }
        if registry.len() > ENTRIES_MAX {
            return Err(Misfit::TooMany);
        }
        Ok(registry)
    }

    /// Returns the text of a file with everything in it.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_of(|_| true, |_| true)
    }

    /// Returns the text of a file with the keys of the document only; the rest is in
    /// [`ProcessRegistry::render_side`].
    #[must_use]
    pub fn render_strict(&self) -> String {
        self.render_of(|key| STRICT_ROOT.contains(&key), |key| STRICT_ENTRY.contains(&key))
    }

    /// Returns the text of the second file of a strict registry: what the first one has no keys
    /// for.
    ///
    /// `removed` are entries that the first file may still hold when a crash comes between.
    #[must_use]
    pub fn render_side<'a>(&'a self, removed: impl IntoIterator<Item = &'a ProcessInfo>) -> String {
        let mut writer = Writer::with_capacity(self.len() * ENTRY_BYTES);
        writer.open('{');
        writer.key("version");
        writer.number(VERSION);
        writer.key("registry");
        writer.record_of(self, |key| !STRICT_ROOT.contains(&key));
        writer.key("processes");
        let entries: Vec<&ProcessInfo> = self.list().chain(removed).collect();
        writer.list(&entries, |info, writer| {
            writer.record_of(*info, |key| LINK.contains(&key) || !STRICT_ENTRY.contains(&key));
        });
        writer.close('}', false);
        writer.raw("\n");
        writer.into_text()
    }

    /// Adds what the second file of a strict registry says, to the entries with the same number
    /// and time of start; what the entries say themselves goes before it.
    ///
    /// # Errors
    /// Why it cannot be read; nothing was added.
    pub fn take_side(&mut self, text: &str) -> Result<(), Misfit> {
        let side = match read::<Side>(text) {
            Some(side) if side.version == 1 => side,
            Some(_) => return Err(Misfit::NotRegistry { what: "its version is not 1" }),
            None => return Err(Misfit::NotRegistry { what: "it is not an object" }),
        };
        self.revision = self.revision.or(side.registry.revision);
        self.kept.inherit_behind(&side.registry.kept, KEYS_ROOT);
        for found in side.processes.0 {
            let Some(info) = self.started_at(found.pid, found.start_time) else {
                continue;
            };
            info.parent_pid = info.parent_pid.or(found.parent_pid);
            info.kept.inherit_behind(&found.kept, KEYS_ENTRY);
            info.identity = info.identity.take().or(found.identity);
        }
        Ok(())
    }

    fn render_of(
        &self,
        in_root: impl Fn(&str) -> bool,
        in_entry: impl Fn(&str) -> bool + Copy,
    ) -> String {
        let mut writer = Writer::with_capacity(self.len() * ENTRY_BYTES);
        writer.record_with(self, in_root, |key, writer| {
            if ProcessRegistry::KEYS[key] == "processes" {
                self.items.put_with(writer, in_entry);
            } else {
                self.field(key).put(writer);
            }
        });
        writer.raw("\n");
        writer.into_text()
    }
}

record!(ProcessRegistry {
    "version" => version,
    "parentPid" => parent_pid,
    "processes" => items,
    "lastUpdated" => last_updated,
    "revision" => revision,
});

/// The version of the format, of which there is one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Version;

impl Field for Version {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::read(deserializer)? {
            VERSION => Ok(Version),
            other => Err(D::Error::custom(format_args!("version {other}"))),
        }
    }
}

impl Shown for Version {
    fn presence(&self) -> Presence {
        // A file without one gets one, unless there is another kind of value in its place.
        Presence::Set
    }

    fn put(&self, writer: &mut Writer) {
        writer.number(VERSION);
    }
}

/// The second file of a strict registry.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Side {
    version: u32,
    registry: Rest,
    processes: Entries,
    kept: Kept,
}

/// What the root of a strict file has no keys for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Rest {
    revision: Option<u64>,
    kept: Kept,
}

/// Entries with the keys that a strict file does not have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Entries(Vec<ProcessInfo>);

record!(Side { "version" => version, "registry" => registry, "processes" => processes });

record!(Rest { "revision" => revision });

impl Field for Entries {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = Entries::default();
        // A strict file may hold so many, and as many again were removed from it.
        each_item(deserializer, 2 * ENTRIES_MAX, |text| {
            entries.0.extend(read::<ProcessInfo>(text));
        })?;
        Ok(entries)
    }
}

impl Shown for Entries {
    fn presence(&self) -> Presence {
        Presence::Set
    }

    fn put(&self, writer: &mut Writer) {
        writer.list(&self.0, |info, writer| writer.record(info));
    }
}
