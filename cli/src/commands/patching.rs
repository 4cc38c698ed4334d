//! Documents and patches.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
};

use procside::{
    Error, ErrorKind, PatchRequest, PatchTarget, ProcessId, Procside, Turned, answers, parse,
    patch, read_text_file, read_text_from,
};

use super::steps::named;
use crate::{
    answer::{Answer, Answered},
    args_patching::{Patch, Patching},
    text,
    ui::Ui,
};

pub(crate) fn run(project: Procside, folder: &Path, command: Patching, ui: &Ui) -> Answered {
    match command {
        Patching::Doc { id, edit, set, note } => {
            let id = parse::optional_process(id.as_deref())?;
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
            let patches = project.patches(parse::optional_process(id.as_deref())?)?;
            let lines = text::patches(&patches);
            Ok(Answer::of(answers::patches(&patches), lines))
        }
        Patching::Redo { id, patch, by } => {
            let turned = named(project, by).redo(parse::optional_process(id.as_deref())?, patch)?;
            Ok(turned_answer(&turned, "made anew"))
        }
        Patching::Undo { id, patch, by } => {
            let turned = named(project, by).undo(parse::optional_process(id.as_deref())?, patch)?;
            Ok(turned_answer(&turned, "taken back"))
        }
    }
}

fn shown(project: &Procside, id: Option<ProcessId>, ui: &Ui) -> Answered {
    let document = project.written_document(id)?;
    let text = document.text.as_deref().unwrap_or_default();
    let exit = if ui.is_json() { 0 } else { ui.content(text) };
    Ok(Answer::of(answers::document(&document), "").with_exit(exit))
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
        let id = parse::optional_process(request.names.first().map(String::as_str))?;
        let patch = read_text(&below(folder, file.clone()))?;
        let patched = named(project, request.by).patch_process(id, &patch, request.note)?;
        let line = match patched.entry {
            Some(number) => format!("{} is changed: entry {number}\n", patched.changed.process.id),
            None => format!("{} stays as it is\n", patched.changed.process.id),
        };
        return Ok(Answer::of(answers::process_patched(&patched), line));
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
    let id = match project.patch_target(target.map(String::as_str), folder)? {
        PatchTarget::Document(id) => id,
        PatchTarget::File(path) => {
            // Stdin lies in no folder.
            let path = if target.is_some_and(|name| name == "-") { "-".into() } else { path };
            return file_patched(&project, &path, &wanted, &request, ui);
        }
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
    let file = request.in_place.then_some(path);
    let patched = project.patch_text_to(&before, wanted, file)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let content = match (request.diff, request.in_place) {
        (true, _) => patched.unified(&name),
        (false, true) => format!("{} is patched\n", path.display()),
        (false, false) => patched.document.clone(),
    };
    let exit = if ui.is_json() { 0 } else { ui.content(&content) };
    let said = match file {
        Some(_) => answers::patched_in_place(&patched),
        None => answers::patched_text(&patched),
    };
    Ok(Answer::of(said, "").with_exit(exit))
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
    Ok(Answer::of(answers::patched(changed), lines))
}

fn turned_answer(turned: &Turned, verb: &str) -> Answer {
    let process = turned.changed.process.id;
    let number = turned.entry.map(|number| format!(" (entry {number})")).unwrap_or_default();
    let lines = format!("entry {} of {process} is {verb}{number}\n", turned.of);
    Answer::of(answers::turned(turned), lines)
}

fn usage(message: &str) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

fn below(folder: &Path, path: PathBuf) -> PathBuf {
    if path.as_os_str() == "-" { path } else { folder.join(path) }
}

/// Reads a text that a person named; `-` is stdin.
fn read_text(path: &Path) -> Result<String, Error> {
    if path.as_os_str() == "-" {
        return read_text_from(io::stdin().lock(), path);
    }
    read_text_file(path)
}
