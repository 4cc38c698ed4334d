//! Values of keys: how each type is read and written.

use serde::de::{Deserialize, Deserializer, Error};

use super::record::{Field, Key, Presence, Record, Shown, read, read_strictly};
use super::write::Writer;
use crate::name::{Namespace, TaskId};
use crate::status::ProcessStatus;

/// Makes types fields that are read as serde does.
macro_rules! plain {
    ($($type:ty => |$value:ident, $writer:ident| $put:expr;)+) => {
        $(
            impl Field for $type {
                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::deserialize(deserializer)
                }
            }

            impl Shown for $type {
                fn presence(&self) -> Presence {
                    presence(self)
                }

                fn put(&self, $writer: &mut Writer) {
                    let $value = self;
                    $put
                }
            }
        )+
    };
}

plain! {
    u32 => |value, writer| writer.number(u64::from(*value));
    u64 => |value, writer| writer.number(*value);
    i32 => |value, writer| writer.raw(&value.to_string());
    bool => |value, writer| writer.raw(if *value { "true" } else { "false" });
    String => |value, writer| writer.text(value);
    Vec<String> => |value, writer| writer.list(value, |item, writer| writer.text(item));
    Vec<u64> => |value, writer| writer.list(value, |item, writer| writer.number(*item));
}

impl<F: Field> Field for Option<F> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        F::read(deserializer).map(Some)
    }

    fn read_text(text: &str) -> Option<Self> {
        F::read_text(text).map(Some)
    }
}

impl<S: Shown> Shown for Option<S> {
    fn presence(&self) -> Presence {
        if self.is_some() { Presence::Set } else { Presence::Absent }
    }

    fn put(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.put(writer),
            None => writer.raw("null"),
        }
    }
}

impl<R: PartialEq + Record> Field for R {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_strictly(deserializer)
    }

    fn read_text(text: &str) -> Option<Self> {
        read(text)
    }
}

impl<R: PartialEq + Record> Shown for R {
    fn presence(&self) -> Presence {
        presence(self)
    }

    fn put(&self, writer: &mut Writer) {
        writer.record(self);
    }
}

impl Field for Namespace {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Namespace::parse(&Key::deserialize(deserializer)?.0).map_err(D::Error::custom)
    }
}

impl Shown for Namespace {
    fn presence(&self) -> Presence {
        presence(self)
    }

    fn put(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

impl Field for TaskId {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        TaskId::parse(&Key::deserialize(deserializer)?.0).map_err(D::Error::custom)
    }
}

impl Shown for TaskId {
    fn presence(&self) -> Presence {
        Presence::Set
    }

    fn put(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

impl Field for ProcessStatus {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Key::deserialize(deserializer).map(|Key(status)| ProcessStatus::parse(&status))
    }
}

impl Shown for ProcessStatus {
    fn presence(&self) -> Presence {
        presence(self)
    }

    fn put(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

/// Tells whether a field without which no record is whole says anything.
fn presence<V: Default + PartialEq>(field: &V) -> Presence {
    if *field == V::default() { Presence::Blank } else { Presence::Set }
}
