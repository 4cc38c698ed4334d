//! RFC 7396: a map of what is to be otherwise, in which null removes (P23.5).

use serde_json::{Map, Value};

use crate::error::PatchError;
use crate::structured::change::{Changed, Work};
use crate::structured::limits::Budget;
use crate::structured::place::{Place, Step, value_at};

/// Returns what a merge patch makes of a document; the document itself stays.
///
/// # Errors
/// `invalid_patch` when the document or the patch passes a limit.
pub fn merge(document: &Value, patch: &Value) -> Result<Changed, PatchError> {
    Budget::of("the patch").spend(patch, 0)?;
    let mut work = Work::new(document)?;
    let mut root = Place { steps: Vec::new(), is_by_id: false };
    merge_at(&mut work, &mut root, patch)?;
    Ok(work.into_changed())
}

fn merge_at(work: &mut Work, place: &mut Place, patch: &Value) -> Result<(), PatchError> {
    let stands = value_at(&work.document, &place.steps);
    let (Value::Object(patch), Some(Value::Object(_))) = (patch, stands) else {
        let value = without_nulls(patch);
        return match stands {
            Some(stands) if *stands == value => Ok(()),
            _ => work.put(place, value),
        };
    };
    for (key, value) in patch {
        place.steps.push(Step::Key(key.clone()));
        let is_there = value_at(&work.document, &place.steps).is_some();
        match (value, is_there) {
            (Value::Null, true) => work.remove(place).map(drop)?,
            (Value::Null, false) => {}
            (value, _) => merge_at(work, place, value)?,
        }
        place.steps.pop();
    }
    Ok(())
}

/// Returns what a patch puts where no map stands: itself, less the nulls of its maps.
fn without_nulls(patch: &Value) -> Value {
    let Value::Object(map) = patch else {
        return patch.clone();
    };
    let kept = map.iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<Map<_, _>>(),
    )
}
