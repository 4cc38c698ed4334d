//! What tells a process apart from every other one, anywhere.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::id::InvalidId;

/// A UUID that tells a process apart from one with the same id in another branch or project.
///
/// It is written as 36 characters, in lower case and with hyphens; every spelling of a UUID is read.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Uid(Uuid);

impl Uid {
    /// Returns the uid with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Returns the uid of this number.
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// Returns the uid of zeros, which no process has.
    #[must_use]
    pub const fn nil() -> Self {
        Self(Uuid::nil())
    }

    /// Parses a UUID.
    ///
    /// # Errors
    /// [`InvalidId`] for every other text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let rule = "it is a UUID, such as 01890a5d-ac96-774b-bcce-b302099a8057";
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId::new(text, "unique", rule))
    }

    /// Returns the uid that a name has below this one: the same for the same two, always.
    #[must_use]
    pub fn derived(self, name: &[u8]) -> Self {
        Self(Uuid::new_v5(&self.0, name))
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Returns its upper and its lower half.
    #[must_use]
    pub fn halves(self) -> (u64, u64) {
        self.0.as_u64_pair()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
