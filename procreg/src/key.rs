//! What tells an entry apart from others that had or will have its number.

use crate::info::ProcessInfo;

/// Which entry is meant: a number, and which of those that had it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct EntryKey {
    /// The number.
    pub pid: u32,
    /// Which one.
    pub which: Which,
}

/// Which of the entries that have one number.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Which {
    /// The one that [`ProcessRegistry::get`](crate::ProcessRegistry::get) returns.
    Newest,
    /// The one whose identity says so.
    Started {
        /// In clock ticks since the boot.
        ticks: u64,
        /// The boot.
        boot_id: Option<String>,
    },
    /// The one without a start time in its identity that was started then, in milliseconds since
    /// 1970.
    StartedAt(u64),
}

impl EntryKey {
    /// Means the newest entry with this number.
    #[must_use]
    pub fn newest(pid: u32) -> EntryKey {
        EntryKey { pid, which: Which::Newest }
    }

    /// Means this entry.
    #[must_use]
    pub fn of(info: &ProcessInfo) -> EntryKey {
        let identity = info.identity.as_ref();
        let which = match identity.and_then(|identity| identity.start_time) {
            Some(ticks) => Which::Started {
                ticks,
                boot_id: identity.and_then(|identity| identity.boot_id.clone()),
            },
            None => Which::StartedAt(info.start_time),
        };
        EntryKey { pid: info.pid, which }
    }

    /// Tells whether this entry may be meant; of several, `Newest` means the one that
    /// [`ProcessRegistry::get`](crate::ProcessRegistry::get) returns.
    #[must_use]
    pub fn fits(&self, info: &ProcessInfo) -> bool {
        self.pid == info.pid && (self.which == Which::Newest || *self == EntryKey::of(info))
    }
}
