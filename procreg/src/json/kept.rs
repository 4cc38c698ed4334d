//! What a record holds beside the values that this version knows.

/// The keys of a record as they were read: their order, and the text of those that this version
/// does not know or does not understand.
///
/// A record that was made here has none, and is written in the order of the format.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept(
    /// Without a value, all keys of the format are written, in its order.
    Option<Vec<Slot>>,
);

/// One key of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Slot {
    /// A key of the format, by its place in it; its value stands in the record.
    Known(u8),
    /// A key that is kept with its value, as JSON.
    Raw { name: Box<str>, text: Box<str> },
}

impl Kept {
    /// Returns the keys that are kept as they stand, each with its value as JSON.
    pub fn raw(&self) -> impl Iterator<Item = (&str, &str)> {
        self.slots().unwrap_or_default().iter().filter_map(|slot| match slot {
            Slot::Known(_) => None,
            Slot::Raw { name, text } => Some((name.as_ref(), text.as_ref())),
        })
    }

    /// Takes over from the record that this one replaces: what it kept and this one does not have.
    pub(crate) fn inherit(&mut self, old: &Kept) {
        match self.0 {
            None => self.0.clone_from(&old.0),
            Some(_) => self.inherit_behind(old, 0),
        }
    }

    /// Takes over what another part of the same record kept, behind all of this one, which has so
    /// many keys in its format.
    pub(crate) fn inherit_behind(&mut self, other: &Kept, keys: u8) {
        let missing: Vec<Slot> = other
            .raw()
            .filter(|(name, _)| !self.raw().any(|(there, _)| there == *name))
            .map(|(name, text)| Slot::Raw { name: name.into(), text: text.into() })
            .collect();
        if !missing.is_empty() {
            self.0.get_or_insert_with(|| (0..keys).map(Slot::Known).collect()).extend(missing);
        }
    }

    pub(super) fn of(slots: Vec<Slot>) -> Kept {
        Kept(Some(slots))
    }

    /// Returns the keys of a record that has all that the format asks for: in the order of the
    /// format, there is nothing to remember.
    pub(super) fn of_whole(slots: Vec<Slot>) -> Kept {
        let is_raw = slots.iter().any(|slot| matches!(slot, Slot::Raw { .. }));
        let is_plain = slots.is_sorted_by(|one, next| match (one, next) {
            (Slot::Known(one), Slot::Known(next)) => one < next,
            (Slot::Known(_) | Slot::Raw { .. }, Slot::Known(_) | Slot::Raw { .. }) => false,
        });
        Kept((is_raw || !is_plain).then_some(slots))
    }

    pub(super) fn slots(&self) -> Option<&[Slot]> {
        self.0.as_deref()
    }
}
