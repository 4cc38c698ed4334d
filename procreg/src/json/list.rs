//! How a list is read: item by item, up to a limit.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::record::{Record, read_strictly};

/// Hands each item of a list to `each`, as JSON; an error if it is no list.
///
/// Of a list of more than `max` items so many and one more are handed over, and the rest is passed
/// over.
pub(crate) fn each_item<'de, D: Deserializer<'de>>(
    deserializer: D,
    max: usize,
    each: impl FnMut(&'de str),
) -> Result<(), D::Error> {
    deserializer.deserialize_seq(Items { max, each })
}

/// Hands each item of a list to `each`, as a record; an error if one of them is none, if `each`
/// does not take it, or if there are more than `max`.
pub(crate) fn each_record<'de, R: Record, D: Deserializer<'de>>(
    deserializer: D,
    max: usize,
    each: impl FnMut(R) -> bool,
) -> Result<(), D::Error> {
    deserializer.deserialize_seq(Records { max, each, record: PhantomData })
}

struct Items<F> {
    max: usize,
    each: F,
}

impl<'de, F: FnMut(&'de str)> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(item) = list.next_element::<&RawValue>()? {
            if count <= self.max {
                (self.each)(item.get());
            }
            count += 1;
        }
        Ok(())
    }
}

struct Records<R, F> {
    max: usize,
    each: F,
    record: PhantomData<R>,
}

impl<'de, R: Record, F: FnMut(R) -> bool> Visitor<'de> for Records<R, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(record) = list.next_element_seed(Whole::<R>(PhantomData))? {
            count += 1;
            if count > self.max || !(self.each)(record) {
                return Err(A::Error::custom("not a list of whole records"));
            }
        }
        Ok(())
    }
}

/// A record in which every value is of its kind.
struct Whole<R>(PhantomData<R>);

impl<'de, R: Record> DeserializeSeed<'de> for Whole<R> {
    type Value = R;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<R, D::Error> {
        read_strictly(deserializer)
    }
}
