//! A group of events as one row: JSON lines, and a checksum that chains it to the row before.

use process_core::{Event, ProcessId};
use serde_json::Value;

use crate::journal::JOURNAL_LINE_BYTES_MAX;

/// 128 bits of BLAKE3.
pub(super) const SUM_BYTES: usize = 16;

/// The checksum of a row, chained with that of the row before; all zeros starts a journal.
pub(super) type Sum = [u8; SUM_BYTES];

/// Where a row stands: the process, its first and its last event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) id: ProcessId,
    pub(super) seq: u64,
    pub(super) last: u64,
}

/// Writes events as a body; the number of the first one that is too long when there is one.
pub(super) fn encode(events: &[Event]) -> Result<Vec<u8>, u64> {
    let mut body = Vec::with_capacity(events.len() * 256);
    for event in events {
        let start = body.len();
        event.write_json(&mut body);
        if body.len() - start > JOURNAL_LINE_BYTES_MAX {
            return Err(event.seq);
        }
        body.push(b'\n');
    }
    Ok(body)
}

/// Returns the checksum of a row behind the one with the checksum `previous`.
pub(super) fn sum(previous: &Sum, place: Place, body: &[u8]) -> Sum {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(&place.id.number().to_le_bytes());
    hasher.update(&place.seq.to_le_bytes());
    hasher.update(&place.last.to_le_bytes());
    hasher.update(body);
    shortened(&hasher)
}

/// Returns the checksum of something that stands alone.
pub(super) fn sum_alone(body: &[u8]) -> Sum {
    let mut hasher = blake3::Hasher::new();
    hasher.update(body);
    shortened(&hasher)
}

fn shortened(hasher: &blake3::Hasher) -> Sum {
    let mut sum = Sum::default();
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..SUM_BYTES]);
    sum
}

/// Reads a body whose checksum fits, or says what is wrong with it.
pub(super) fn decode(place: Place, body: &[u8]) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let value: Value = serde_json::from_slice(line)
            .map_err(|error| format!("an event is no JSON: {error}"))?;
        let event = Event::from_value(&value)?;
        let expected = place.seq + events.len() as u64;
        if event.seq != expected {
            return Err(format!("event {} stands in the place of {expected}", event.seq));
        }
        events.push(event);
    }
    let found = place.seq + events.len() as u64 - 1;
    if events.is_empty() || found != place.last {
        return Err(format!("the events end at {found}, not at {}", place.last));
    }
    Ok(events)
}
