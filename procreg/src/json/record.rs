//! How a record is read: keys that are known into its fields, all others kept.
//!
//! Nearly every record is as the format says, and is read in one go. Where a value is of another
//! kind, the record is read again with each value by itself, and what does not fit is kept.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::kept::{Kept, Slot};
use super::write::Writer;
use crate::limits::KEYS_MAX;

/// Whether a key of the format has a value in a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Presence {
    /// It has none and is not written.
    Absent,
    /// It has the value that stands for none; what was read in its place goes before it.
    Blank,
    /// It has a value.
    Set,
}

/// A JSON object of a format, with a place for what the format does not know.
pub(crate) trait Record: Default {
    /// The keys of the format, in its order.
    const KEYS: &'static [&'static str];

    fn kept(&self) -> &Kept;

    fn kept_mut(&mut self) -> &mut Kept;

    /// Returns the field of a key, by its place in the format.
    fn field(&self, key: usize) -> &dyn Shown;

    /// Reads the value of a key.
    fn accept<'de, D: Deserializer<'de>>(&mut self, key: usize, value: D) -> Result<(), D::Error>;

    /// Reads the value of a key as far as it goes; false if it is of another kind.
    fn accept_text(&mut self, key: usize, text: &str) -> bool;
}

/// A field of a record, as it is read.
pub(crate) trait Field: Sized + Shown {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads what a text says, as far as it goes.
    fn read_text(text: &str) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Self::read(&mut deserializer).ok()
    }
}

/// A field of a record, as it is written.
pub(crate) trait Shown {
    fn presence(&self) -> Presence;

    fn put(&self, writer: &mut Writer);
}

/// Makes a type a [`Record`]: the keys of the format in its order, each with its field.
///
/// The type has a field `kept` beside them.
macro_rules! record {
    ($record:ident { $($key:literal => $field:ident),+ $(,)? }) => {
        impl $crate::json::Record for $record {
            const KEYS: &'static [&'static str] = &[$($key),+];

            fn kept(&self) -> &$crate::json::Kept {
                &self.kept
            }

            fn kept_mut(&mut self) -> &mut $crate::json::Kept {
                &mut self.kept
            }

            fn field(&self, key: usize) -> &dyn $crate::json::Shown {
                let fields: [&dyn $crate::json::Shown; Self::KEYS.len()] = [$(&self.$field),+];
                fields[key]
            }

            fn accept<'de, D: serde::Deserializer<'de>>(
                &mut self,
                key: usize,
                value: D,
            ) -> Result<(), D::Error> {
                match Self::KEYS[key] {
                    $($key => self.$field = $crate::json::Field::read(value)?,)+
                    _ => {}
                }
                Ok(())
            }

            fn accept_text(&mut self, key: usize, text: &str) -> bool {
                match Self::KEYS[key] {
                    $($key => $crate::json::replace(
                        &mut self.$field,
                        $crate::json::Field::read_text(text),
                    ),)+
                    _ => false,
                }
            }
        }
    };
}

pub(crate) use record;

/// Puts a value into a field, if there is one.
pub(crate) fn replace<V>(field: &mut V, value: Option<V>) -> bool {
    match value {
        Some(value) => {
            *field = value;
            true
        }
        None => false,
    }
}

/// Reads a record; `None` if the text is no JSON object, or one of more than [`KEYS_MAX`] keys.
pub(crate) fn read<R: Record>(text: &str) -> Option<R> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let record = read_strictly(&mut deserializer).ok().filter(|_| deserializer.end().is_ok());
    record.or_else(|| read_leniently(text))
}

/// Reads a record in one go; an error if a value is of another kind.
pub(crate) fn read_strictly<'de, R: Record, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<R, D::Error> {
    deserializer.deserialize_map(RecordVisitor(PhantomData))
}

/// Reads a record value by value, and keeps those that are of another kind.
fn read_leniently<R: Record>(text: &str) -> Option<R> {
    let Fields(fields) = serde_json::from_str(text).ok()?;
    let mut record = R::default();
    let mut slots = Vec::with_capacity(fields.len());
    let last = R::KEYS.iter().map(|key| fields.iter().rposition(|(name, _)| name == key));
    let last: Vec<Option<usize>> = last.collect();
    for (at, (name, value)) in fields.into_iter().enumerate() {
        let key = key_of::<R>(&name);
        // Of a key that stands twice, the last value counts, as in JavaScript.
        if key.is_none_or(|key| last[key] == Some(at)) {
            let key = key.filter(|key| record.accept_text(*key, value.get()));
            note(&mut slots, key, name, value);
        }
    }
    *record.kept_mut() = kept_of(&record, slots);
    Some(record)
}

fn key_of<R: Record>(name: &str) -> Option<usize> {
    R::KEYS.iter().position(|key| *key == name)
}

/// Notes a key that was read, or keeps it with its value.
fn note(slots: &mut Vec<Slot>, key: Option<usize>, name: Cow<'_, str>, value: &RawValue) {
    slots.push(match key {
        Some(key) => Slot::Known(key as u8),
        None => Slot::Raw { name: name.into(), text: value.get().into() },
    });
}

fn kept_of<R: Record>(record: &R, mut slots: Vec<Slot>) -> Kept {
    let mut seen = 0_u64;
    slots.retain(|slot| match slot {
        Slot::Known(key) => {
            let is_first = seen >> key & 1 == 0;
            seen |= 1 << key;
            is_first
        }
        Slot::Raw { .. } => true,
    });
    let is_whole = (0..R::KEYS.len())
        .all(|key| seen >> key & 1 == 1 || record.field(key).presence() == Presence::Absent);
    if is_whole { Kept::of_whole(slots) } else { Kept::of(slots) }
}

struct RecordVisitor<R>(PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for RecordVisitor<R> {
    type Value = R;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let mut record = R::default();
        let mut slots = Vec::with_capacity(R::KEYS.len());
        while let Some(Key(name)) = map.next_key()? {
            require_room::<A::Error>(slots.len())?;
            match key_of::<R>(&name) {
                Some(key) => {
                    map.next_value_seed(Place { record: &mut record, key })?;
                    slots.push(Slot::Known(key as u8));
                }
                None => note(&mut slots, None, name, map.next_value()?),
            }
        }
        *record.kept_mut() = kept_of(&record, slots);
        Ok(record)
    }
}

/// Where a value goes.
struct Place<'a, R> {
    record: &'a mut R,
    key: usize,
}

impl<'de, R: Record> DeserializeSeed<'de> for Place<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.record.accept(self.key, deserializer)
    }
}

/// The members of an object, in order, with their values as they stand.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A key or another text, borrowed from the text unless it contains escapes.
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some((Key(name), value)) = map.next_entry()? {
                    require_room::<A::Error>(fields.len())?;
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

fn require_room<E: Error>(keys: usize) -> Result<(), E> {
    if keys < KEYS_MAX { Ok(()) } else { Err(E::custom("too many keys")) }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
