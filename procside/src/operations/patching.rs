//! Operations on documents, patches, and taking them back.

use process_patch::Relaxation;
use serde_json::Value;

use super::{
    argument::{flag, json, number, text},
    given::{Given, usage},
    table::Operation,
};
use crate::{
    answer::Answered,
    answers,
    document::PatchRequest,
    error::Error,
    parse,
    patching::{PatchTarget, read_text_file},
};

pub(super) const OPERATIONS: &[Operation] = &[
    // `text` is what the command line reads from stdin.
    Operation::new("doc", &[text("id"), text("set"), text("text"), text("note")], doc),
    // `id`, `file` and `patches` say one by one what `names` says by its order.
    Operation::new(
        "patch",
        &[
            json("names").repeated(),
            text("id"),
            text("file"),
            json("patches"),
            json("process-patch"),
            flag("in-place"),
            text("inverse"),
            text("base-hash"),
            number("relaxed"),
            flag("diff"),
            text("by"),
            text("note"),
        ],
        patch,
    ),
    Operation::new("patches", &[text("id")], |given| {
        Ok(answers::patches(&given.project.patches(given.id()?)?))
    }),
    Operation::new("undo", &[text("id"), number("patch"), text("by")], |given| {
        Ok(answers::turned(&given.acting().undo(given.id()?, given.number("patch"))?))
    }),
    Operation::new("redo", &[text("id"), number("patch"), text("by")], |given| {
        Ok(answers::turned(&given.acting().redo(given.id()?, given.number("patch"))?))
    }),
];

fn doc(given: &Given) -> Result<Answered, Error> {
    let (id, note) = (given.id()?, given.owned("note"));
    let text = match (given.text("text"), given.path("set")) {
        (Some(_), Some(_)) => return Err(usage("`doc` takes `set` or `text`, not both")),
        (Some(text), None) => text.to_owned(),
        (None, Some(path)) => read_text_file(&path)?,
        (None, None) => return Ok(answers::document(&given.project.written_document(id)?)),
    };
    Ok(answers::patched(&given.project.set_document(id, &text, None, note)?))
}

fn patch(given: &Given) -> Result<Answered, Error> {
    if let Some(patch) = given.value("process-patch") {
        return patch_process(given, patch);
    }
    let (target, patches) = target_and_patches(given)?;
    let level = given.number("relaxed").unwrap_or_default();
    let request = PatchRequest {
        patches: given.json_text(patches)?,
        base_hash: given.owned("base-hash"),
        relaxed: Relaxation::of_level(level)?,
        note: given.owned("note"),
        inverse: given.path("inverse"),
    };
    match target {
        PatchTarget::Document(_) if given.flag("in-place") => {
            Err(usage("`in-place` is for a file: the document of a process is always kept"))
        }
        PatchTarget::Document(id) => {
            Ok(answers::patched(&given.acting().patch_document(id, &request)?))
        }
        PatchTarget::File(path) => {
            let text = read_text_file(&path)?;
            let file = given.flag("in-place").then_some(path.as_path());
            let patched = given.project.patch_text_to(&text, &request, file)?;
            Ok(match file {
                Some(_) => answers::patched_in_place(&patched),
                None => answers::patched_text(&patched),
            })
        }
    }
}

fn patch_process(given: &Given, patch: &Value) -> Result<Answered, Error> {
    let barred = ["in-place", "inverse", "base-hash", "relaxed", "file", "patches"];
    if let Some(name) = barred.into_iter().find(|name| given.value(name).is_some()) {
        return Err(usage(format!("`process-patch` does not go with `{name}`")));
    }
    let names = given.texts("names");
    let id = match (names.as_slice(), given.text("id")) {
        ([], id) => parse::optional_process(id)?,
        ([id], None) => Some(parse::process(id)?),
        _ => return Err(usage("with `process-patch`, at most a process is named")),
    };
    let text = given.json_text(patch)?;
    let patched = given.acting().patch_process(id, &text, given.owned("note"))?;
    Ok(answers::process_patched(&patched))
}

/// Returns what is to be patched, and the patches.
fn target_and_patches(given: &Given) -> Result<(PatchTarget, &Value), Error> {
    let (id, file) = (given.text("id"), given.text("file"));
    let named = match given.value("names") {
        Some(Value::Array(names)) => names.as_slice(),
        Some(name) => std::slice::from_ref(name),
        None => &[],
    };
    let unclear = || usage("name the patches, with a process or a document before them");
    let root = given.project.root();
    match (named, given.value("patches"), id, file) {
        ([patches], None, None, None) => Ok((PatchTarget::Document(None), patches)),
        ([Value::String(target), patches], None, None, None) => {
            Ok((given.project.patch_target(Some(target), root)?, patches))
        }
        ([], Some(patches), id, None) => {
            Ok((PatchTarget::Document(parse::optional_process(id)?), patches))
        }
        ([], Some(patches), None, Some(file)) => {
            Ok((PatchTarget::File(given.below(file)), patches))
        }
        _ => Err(unclear()),
    }
}
