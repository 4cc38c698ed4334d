//! Documents and patches.

use std::{
    env, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process,
};

use procside::{Error, ErrorKind, PatchRequest, ProcessId, Procside, Turned, patch, patch_text};
use serde_json::Value;

use super::{parse, processes::answer, steps::named};
use crate::{
    answer::{Answer, Answered},
    args_patching::{Patch, Patching},
    text,
    ui::Ui,
};

/// The longest file of patches or text that is read.
const FILE_BYTES_MAX: u64 = patch::limits::JSON_BYTES_MAX as u64;

pub(crate) fn run(project: Procside, folder: &Path, command: Patching, ui: &Ui) -> Answered {
    match command {
        Patching::Doc { id, edit, set, note } => {
            let id = parse::optional_process(id)?;
            match (edit, set) {
                (true, _) => edited(&project, id, note),
                (false, Some(file)) => {
                    let text = read_text(&below(folder, file))?;
                    told(&project.set_document(id, &text, None, note)?, false)
                }
                (false, None) => shown(&project, id, ui),
            }
        }
        Patching::Patch(request) => patched(project, folder, request, ui),
        Patching::Patches { id } => {
            let patches = project.patches(parse::optional_process(id)?)?;
            let lines = text::patches(&patches);
            Ok(Answer::new(patches.to_value(), lines).with_notices(patches.notices))
        }
        Patching::Redo { id, patch, by } => {
            let turned = named(project, by).redo(parse::optional_process(id)?, patch)?;
            Ok(turned_answer(&turned, "made anew"))
        }
        Patching::Undo { id, patch, by } => {
            let turned = named(project, by).undo(parse::optional_process(id)?, patch)?;
            Ok(turned_answer(&turned, "taken back"))
        }
    }
}

fn shown(project: &Procside, id: Option<ProcessId>, ui: &Ui) -> Answered {
    let document = project.document(id)?;
    if document.text.is_none() {
        let message = format!("{} has no document", document.process);
        return Err(Error::new(ErrorKind::NotFound, message)
            .with_hint("`procside doc --set FILE` or `procside patch` makes one"));
    }
    let text = document.text.as_deref().unwrap_or_default();
    let exit = if ui.is_json() { 0 } else { ui.content(text) };
    Ok(Answer::new(document.to_value(), "").with_notices(document.notices).with_exit(exit))
}

/// Has a person change the document in an editor.
fn edited(project: &Procside, id: Option<ProcessId>, note: Option<String>) -> Answered {
    let before = project.document(id)?;
    let (process, before) = (before.process, before.text.unwrap_or_default());
    let editor = env::var("VISUAL").or_else(|_| env::var("EDITOR")).unwrap_or_default();
    let mut words = editor.split_whitespace();
    let Some(program) = words.next() else {
        return Err(Error::new(ErrorKind::Invalid, "no editor is named")
            .with_hint("set VISUAL or EDITOR, or use `procside doc --set FILE`"));
    };
    let path = env::temp_dir().join(format!("{process}-{}.md", process::id()));
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        let message = format!("cannot {what} `{}`: {error}", path.display());
        Error::new(ErrorKind::Io, message)
    };
    Procside::write_derived_file(&path, before.as_bytes())?;
    let status = process::Command::new(program).args(words).arg(&path).status();
    let after = read_text(&path);
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            let kept = format!("your text is in `{}`", path.display());
            let message = format!("the editor `{program}` ended with {status}");
            return Err(Error::new(ErrorKind::Io, message).with_hint(kept));
        }
        Err(error) => return Err(failed("open the editor for", &error)),
    }
    // What cannot be taken stays where its author finds it.
    let keep = |error: Error| {
        let kept = format!("your text is in `{}`", path.display());
        error.with_hint(kept)
    };
    let changed = project
        .set_document(Some(process), &after.map_err(keep)?, Some(&before), note)
        .map_err(keep)?;
    // A left-over in the folder for them does no harm.
    let _ = fs::remove_file(&path);
    told(&changed, false)
}

fn patched(project: Procside, folder: &Path, request: Patch, ui: &Ui) -> Answered {
    if let Some(file) = &request.of_process {
        let ([] | [_]) = request.names.as_slice() else {
            return Err(usage("with `--process-patch`, at most a process is named"));
        };
        let id = parse::optional_process(request.names.first().cloned())?;
        let patch = read_text(&below(folder, file.clone()))?;
        let patched = named(project, request.by).patch_process(id, &patch, request.note)?;
        let line = match patched.entry {
            Some(number) => format!("{} is changed: entry {number}\n", patched.changed.process.id),
            None => format!("{} stays as it is\n", patched.changed.process.id),
        };
        let mut answer = answer(&patched.changed, line);
        answer.data = patched.to_value();
        return Ok(answer);
    }
    let (target, patches) = match request.names.as_slice() {
        [patches] => (None, patches),
        [target, patches] => (Some(target), patches),
        _ => return Err(usage("name the patches, with a process or a document before them")),
    };
    let wanted = PatchRequest {
        patches: read_text(&below(folder, patches.into()))?,
        base_hash: request.base_hash.clone(),
        relaxed: patch::Relaxation::of_level(request.relaxed.into())?,
        note: request.note.clone(),
        inverse: request.inverse.clone().map(|path| below(folder, path)),
    };
    let id = match target {
        None => None,
        Some(target) => match ProcessId::parse(target) {
            Ok(id) if project.exists(id)? => Some(id),
            _ => {
                return file_patched(
                    &project,
                    &below(folder, target.into()),
                    &wanted,
                    &request,
                    ui,
                );
            }
        },
    };
    if request.in_place {
        return Err(usage("`--in-place` is for a file: the document of a process is always kept"));
    }
    let changed = named(project, request.by).patch_document(id, &wanted)?;
    told(&changed, request.diff)
}

/// Patches a document that belongs to no process.
fn file_patched(
    project: &Procside,
    path: &Path,
    wanted: &PatchRequest,
    request: &Patch,
    ui: &Ui,
) -> Answered {
    let is_stdin = path.as_os_str() == "-";
    if is_stdin && request.in_place {
        return Err(usage("`--in-place` is for a file, and stdin is none"));
    }
    if is_stdin && request.names.last().is_some_and(|patches| patches == "-") {
        return Err(usage("stdin cannot be the document and the patches"));
    }
    let before = read_text(path)?;
    let patched = patch_text(&before, wanted)?;
    project.write_inverse(wanted, &patched.applied)?;
    let mut data = patched.to_value();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if request.in_place {
        if patched.document != before {
            project.write_file(path, &patched.document)?;
        }
        if let Value::Object(data) = &mut data {
            data.shift_remove("document");
        }
    }
    let warnings = warnings(&patched.applied);
    let content = match (request.diff, request.in_place) {
        (true, _) => patched.unified(&name),
        (false, true) => format!("{} is patched\n", path.display()),
        (false, false) => patched.document.clone(),
    };
    let exit = if ui.is_json() { 0 } else { ui.content(&content) };
    Ok(Answer::new(data, "").with_notices(warnings).with_exit(exit))
}

fn told(changed: &procside::Patched, with_diff: bool) -> Answered {
    let name = format!("{}.md", changed.process);
    let mut lines = match changed.entry {
        Some(number) => format!("{name} is changed: entry {number}\n"),
        None if changed.text.applied.already_applied => {
            format!("{name} has these patches already\n")
        }
        None => format!("{name} stays as it is\n"),
    };
    if with_diff {
        lines = text::plain_document(&changed.text.unified(&name));
    }
    let mut notices = warnings(&changed.text.applied);
    notices.extend(changed.notices.clone());
    Ok(Answer::new(changed.to_value(), lines).with_notices(notices))
}

fn turned_answer(turned: &Turned, verb: &str) -> Answer {
    let process = turned.changed.process.id;
    let number = turned.entry.map(|number| format!(" (entry {number})")).unwrap_or_default();
    let mut answer =
        answer(&turned.changed, format!("entry {} of {process} is {verb}{number}\n", turned.of));
    answer.data = turned.to_value();
    answer
}

fn usage(message: &str) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

fn below(folder: &Path, path: PathBuf) -> PathBuf {
    if path.as_os_str() == "-" { path } else { folder.join(path) }
}

/// Reads a text that a person named; `-` is stdin.
fn read_text(path: &Path) -> Result<String, Error> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, format!("there is no `{}`", path.display()))
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::Denied, format!("cannot read `{}`: {error}", path.display()))
        }
        _ => Error::new(ErrorKind::Io, format!("cannot read `{}`: {error}", path.display())),
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let about = fs::metadata(path).map_err(failed)?;
        if !about.is_file() {
            let message = format!("`{}` is no file", path.display());
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        let file = fs::File::open(path).map_err(failed)?;
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    let invalid =
        |message: String| Error::new(ErrorKind::Patch(patch::ErrorKind::InvalidPatch), message);
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("`{}` is over {FILE_BYTES_MAX} bytes", path.display());
        return Err(invalid(message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid(format!("`{}` is not UTF-8: byte {at}", path.display()))
    })
}

fn warnings(applied: &patch::Applied) -> Vec<String> {
    applied.outcomes.iter().flat_map(|outcome| outcome.warnings.iter().cloned()).collect()
}
