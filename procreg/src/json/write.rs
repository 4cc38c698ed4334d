//! How a record is written: as `JSON.stringify(value, null, 2)` does.

use super::kept::Slot;
use super::record::{Presence, Record};

/// A JSON text that is being written, indented by two blanks.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: String,
    depth: usize,
    is_first: bool,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Writer {
        Writer { out: String::with_capacity(bytes), ..Writer::default() }
    }

    pub(crate) fn into_text(self) -> String {
        self.out
    }

    pub(crate) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(crate) fn number(&mut self, number: u64) {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
    }

    pub(crate) fn text(&mut self, text: &str) {
        let is_plain =
            text.bytes().all(|byte| (0x20..0x80).contains(&byte) && byte != b'"' && byte != b'\\');
        if is_plain {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        } else {
            let quoted = serde_json::to_string(text).expect("a text always serialises");
            self.out.push_str(&quoted);
        }
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&T, &mut Writer)) {
        self.open('[');
        for item in items {
            self.next();
            write(item, self);
        }
        self.close(']', items.is_empty());
    }

    pub(crate) fn record<R: Record>(&mut self, record: &R) {
        self.record_of(record, |_| true);
    }

    /// Writes a record with only those keys that are asked for.
    pub(crate) fn record_of<R: Record>(&mut self, record: &R, is_wanted: impl Fn(&str) -> bool) {
        self.record_with(record, is_wanted, |key, writer| record.field(key).put(writer));
    }

    /// As [`Writer::record_of`], with the values of the format's keys written by the caller.
    pub(crate) fn record_with<R: Record>(
        &mut self,
        record: &R,
        is_wanted: impl Fn(&str) -> bool,
        put: impl Fn(usize, &mut Writer),
    ) {
        let slots = record.kept().slots();
        let mut members = Members { record, is_wanted, put, written: 0, is_empty: true };
        self.open('{');
        for slot in slots.unwrap_or_default() {
            match slot {
                Slot::Known(key) => members.put(usize::from(*key), self),
                Slot::Raw { name, text } => members.put_raw(name, text, self),
            }
        }
        for key in 0..R::KEYS.len() {
            // What was read without a value stays without one.
            if slots.is_none() || record.field(key).presence() == Presence::Set {
                members.put(key, self);
            }
        }
        let is_empty = members.is_empty;
        self.close('}', is_empty);
    }

    pub(crate) fn key(&mut self, name: &str) {
        self.next();
        self.text(name);
        self.out.push_str(": ");
    }

    pub(crate) fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth += 1;
        self.is_first = true;
    }

    pub(crate) fn next(&mut self) {
        if !self.is_first {
            self.out.push(',');
        }
        self.is_first = false;
        self.line();
    }

    pub(crate) fn close(&mut self, bracket: char, is_empty: bool) {
        self.depth -= 1;
        if !is_empty {
            self.line();
        }
        self.is_first = false;
        self.out.push(bracket);
    }

    fn line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth / 4 {
            self.out.push_str("        ");
        }
        self.out.push_str(&"      "[..self.depth % 4 * 2]);
    }
}

/// The members of one object while they are written.
struct Members<'a, R, W, P> {
    record: &'a R,
    is_wanted: W,
    put: P,
    /// A bit for each key of the format.
    written: u64,
    is_empty: bool,
}

impl<R: Record, W: Fn(&str) -> bool, P: Fn(usize, &mut Writer)> Members<'_, R, W, P> {
    fn put(&mut self, key: usize, writer: &mut Writer) {
        let name = R::KEYS[key];
        let is_absent = self.record.field(key).presence() == Presence::Absent;
        if is_absent || self.written >> key & 1 == 1 || !(self.is_wanted)(name) {
            return;
        }
        self.written |= 1 << key;
        self.is_empty = false;
        writer.key(name);
        (self.put)(key, writer);
    }

    fn put_raw(&mut self, name: &str, text: &str, writer: &mut Writer) {
        let key = R::KEYS.iter().position(|key| *key == name);
        if let Some(key) = key {
            // A value that was set since then goes before the one that was read.
            if self.record.field(key).presence() == Presence::Set {
                return self.put(key, writer);
            }
            self.written |= 1 << key;
        }
        if (self.is_wanted)(name) {
            self.is_empty = false;
            writer.key(name);
            writer.raw(text);
        }
    }
}
