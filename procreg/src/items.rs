//! What stands in the list of a registry, in its order, found by number.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserializer;

use crate::info::ProcessInfo;
use crate::json::{Field, Presence, Shown, Writer, each_item, each_record, read};
use crate::key::EntryKey;
use crate::limits::ENTRIES_MAX;

/// The list of a registry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items {
    /// By the place in the list, which only grows.
    by_place: BTreeMap<u64, Item>,
    by_pid: BTreeMap<u32, BTreeSet<u64>>,
    next: u64,
    /// Whether it was read from a list, rather than made where there was none.
    pub(crate) is_read: bool,
}

/// What stands in the list of a registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    Entry(Box<ProcessInfo>),
    /// JSON that is no entry, and stays as it stands.
    Unreadable(Box<str>),
}

impl Items {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Item> {
        self.by_place.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_place.len()
    }

    pub(crate) fn clear(&mut self) {
        self.by_place.clear();
        self.by_pid.clear();
    }

    pub(crate) fn push(&mut self, item: Item) {
        let place = self.next;
        self.next += 1;
        if let Item::Entry(info) = &item {
            self.by_pid.entry(info.pid).or_default().insert(place);
        }
        self.by_place.insert(place, item);
    }

    /// Returns the places of all entries with this number.
    pub(crate) fn places(&self, pid: u32) -> impl Iterator<Item = u64> {
        self.by_pid.get(&pid).into_iter().flatten().copied()
    }

    /// Returns the place of the entry that is meant: one that is not over, and of several the
    /// newest.
    pub(crate) fn find(&self, key: &EntryKey) -> Option<u64> {
        let entries = self.places(key.pid).filter_map(|place| Some((place, self.at(place)?)));
        let fitting = entries.filter(|(_, info)| key.fits(info));
        let best =
            fitting.max_by_key(|(place, info)| (!info.status.is_over(), info.start_time, *place));
        best.map(|(place, _)| place)
    }

    pub(crate) fn at(&self, place: u64) -> Option<&ProcessInfo> {
        self.by_place.get(&place)?.entry()
    }

    /// Returns an entry, of which everything but its number may be changed.
    pub(crate) fn at_mut(&mut self, place: u64) -> Option<&mut ProcessInfo> {
        match self.by_place.get_mut(&place)? {
            Item::Entry(info) => Some(info),
            Item::Unreadable(_) => None,
        }
    }

    pub(crate) fn remove_where(&mut self, is_meant: impl Fn(&ProcessInfo) -> bool) {
        let entries =
            self.by_place.iter().filter_map(|(place, item)| Some((*place, item.entry()?)));
        let meant: Vec<u64> =
            entries.filter(|(_, info)| is_meant(info)).map(|(place, _)| place).collect();
        for place in meant {
            self.take(place);
        }
    }

    pub(crate) fn take(&mut self, place: u64) -> Option<ProcessInfo> {
        let Some(Item::Entry(info)) = self.by_place.remove(&place) else {
            return None;
        };
        if let Some(places) = self.by_pid.get_mut(&info.pid) {
            places.remove(&place);
            if places.is_empty() {
                self.by_pid.remove(&info.pid);
            }
        }
        Some(*info)
    }
}

impl Item {
    pub(crate) fn entry(&self) -> Option<&ProcessInfo> {
        match self {
            Item::Entry(info) => Some(info),
            Item::Unreadable(_) => None,
        }
    }
}

/// Two are equal that have the same in the same order.
impl PartialEq for Items {
    fn eq(&self, other: &Items) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Items {}

impl Field for Items {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = Items { is_read: true, ..Items::default() };
        each_record(deserializer, ENTRIES_MAX, |info| {
            let is_entry = is_entry(&info);
            items.push(Item::Entry(Box::new(info)));
            is_entry
        })?;
        Ok(items)
    }

    /// Reads entry by entry, where not all of them are as the format says.
    fn read_text(text: &str) -> Option<Self> {
        let mut items = Items { is_read: true, ..Items::default() };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let list = each_item(&mut deserializer, ENTRIES_MAX, |text| {
            items.push(match read::<ProcessInfo>(text).filter(is_entry) {
                Some(info) => Item::Entry(Box::new(info)),
                None => Item::Unreadable(text.into()),
            });
        });
        list.is_ok().then_some(items)
    }
}

impl Shown for Items {
    fn presence(&self) -> Presence {
        Presence::Set
    }

    fn put(&self, writer: &mut Writer) {
        self.put_with(writer, |_| true);
    }
}

impl Items {
    /// Writes the list with only those keys of its entries that are asked for.
    pub(crate) fn put_with(&self, writer: &mut Writer, is_wanted: impl Fn(&str) -> bool + Copy) {
        let items: Vec<&Item> = self.iter().collect();
        writer.list(&items, |item, writer| match item {
            Item::Entry(info) => writer.record_of(info.as_ref(), is_wanted),
            Item::Unreadable(text) => writer.raw(text),
        });
    }
}

/// Tells whether an entry says whom it is about: a number, and a namespace if it names one.
fn is_entry(info: &ProcessInfo) -> bool {
    info.pid != 0 && !info.kept.raw().any(|(name, _)| name == "pid" || name == "namespace")
}
