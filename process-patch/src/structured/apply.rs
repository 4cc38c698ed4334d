//! RFC 6902: a list of operations, all or nothing (P23.3).

use serde_json::Value;

use crate::error::{ErrorKind, PatchError};
use crate::structured::change::{Changed, Work};
use crate::structured::equal::is_equal;
use crate::structured::operation::{Operation, parse};
use crate::structured::place::{Place, Pointer, kind_of, value_at};

/// Returns what a patch by RFC 6902 makes of a document; the document itself stays.
///
/// # Errors
/// Each with the index of the operation: `invalid_patch` when it is malformed or passes a limit,
/// `location_not_found` when its path leads nowhere, `ambiguous_location` when several elements
/// have the id, `stale` when a `test` does not hold.
pub fn apply(document: &Value, patch: &Value) -> Result<Changed, PatchError> {
    let operations = parse(patch)?;
    let mut work = Work::new(document)?;
    for (index, operation) in operations.into_iter().enumerate() {
        perform(&mut work, operation).map_err(|mut error| {
            error.message = format!("operation {index}: {}", error.message);
            error.index = Some(index);
            error
        })?;
    }
    Ok(work.into_changed())
}

fn perform(work: &mut Work, operation: Operation) -> Result<(), PatchError> {
    match operation {
        Operation::Add { path, value } => {
            let place = Pointer::parse(&path)?.target(&work.document)?;
            work.put(&place, value)
        }
        Operation::Copy { from, path } => {
            let from = found(work, &from)?;
            let value = value_at(&work.document, &from.steps).cloned().unwrap_or_default();
            let place = Pointer::parse(&path)?.target(&work.document)?;
            work.put(&place, value)
        }
        Operation::Move { from, path } => relocate(work, &from, &path),
        Operation::Remove { path } => {
            let place = found(work, &path)?;
            work.remove(&place).map(drop)
        }
        Operation::Replace { path, value } => {
            let place = found(work, &path)?;
            work.set(&place, value)
        }
        Operation::Test { path, value } => {
            let place = found(work, &path)?;
            let stands = value_at(&work.document, &place.steps).unwrap_or(&Value::Null);
            if is_equal(stands, &value) {
                return Ok(());
            }
            let message = format!("`{path}` is not as tested: {} stands there", kind_of(stands));
            let details = serde_json::json!({ "path": path, "expected": value, "found": stands });
            Err(PatchError::new(ErrorKind::Stale, message).with_details(details))
        }
    }
}

fn relocate(work: &mut Work, from: &str, path: &str) -> Result<(), PatchError> {
    let source = found(work, from)?;
    let is_inside = |place: &Place| place.steps.starts_with(&source.steps);
    let pointer = Pointer::parse(path)?;
    if let Ok(place) = pointer.target(&work.document)
        && place.steps.len() > source.steps.len()
        && is_inside(&place)
    {
        return Err(PatchError::invalid(format!(
            "`{from}` cannot be moved into itself, to `{path}`"
        )));
    }
    if from == path {
        return Ok(());
    }
    let value = work.remove(&source)?;
    let place = pointer.target(&work.document)?;
    work.put(&place, value)
}

fn found(work: &Work, path: &str) -> Result<Place, PatchError> {
    Pointer::parse(path)?.find(&work.document)
}
