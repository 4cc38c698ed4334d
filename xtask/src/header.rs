//! The header for C, made from the documented functions of `ffi`.
//!
//! The sources are read as rustfmt leaves them: an item begins on a line of its own, and its
//! documentation stands right above it. Whatever the header cannot say is an error, so that nothing
//! is left out silently.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Where the header lies.
pub(crate) const HEADER: &str = "ffi/include/procside.h";

/// The sources, in the order in which the header tells of them, each with the title of its part.
const SOURCES: [(&str, &str); 9] = [
    ("status.rs", "Statuses"),
    ("version.rs", "Versions"),
    ("buf.rs", "Texts that the library gives"),
    ("error.rs", "Errors"),
    ("project.rs", "Projects"),
    ("calls.rs", "Calls"),
    ("handlers.rs", "Handlers"),
    ("drive.rs", "Driving"),
    ("events.rs", "Events"),
];

const TOP: &str = "\
/*
 * procside: the SQLite of process engines, for C.
 *
 * Made by `cargo xtask header` from the sources; do not edit.
 *
 * Rules for every function:
 * - Texts go in as a pointer and a length in bytes, UTF-8; no NUL is needed.
 * - A function that can fail returns a status. `out` comes last but one and is written only on
 *   success, `err` comes last and is written only on failure; `err` may be null.
 * - Whoever gets a ps_buf or ps_error frees it. Every free and close takes null.
 * - Handles are numbers that are never given twice: one that was closed or freed, or is of another
 *   kind, gets PS_USAGE (or an empty text) instead of doing harm.
 * - All handles may be used by several threads at once. A child of fork() must not use them.
 * - No call panics or throws; a fault in the library is PS_FAILED with the kind \"internal\".
 */
#ifndef PROCSIDE_H
#define PROCSIDE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern \"C\" {
#endif
";

const END: &str = "
#ifdef __cplusplus
}
#endif

#endif
";

/// Writes the header.
///
/// # Errors
/// When a source cannot be read or said in C, or the header cannot be written.
pub(crate) fn run(root: &Path) -> io::Result<bool> {
    fs::write(root.join(HEADER), made(root)?)?;
    Ok(true)
}

/// Returns the header as the sources make it.
///
/// # Errors
/// When a source cannot be read, or says something that the header cannot.
pub(crate) fn made(root: &Path) -> io::Result<String> {
    let mut header = TOP.to_owned();
    for (name, title) in SOURCES {
        let text = fs::read_to_string(root.join("ffi/src").join(name))?;
        let items = items(&text).map_err(|why| io::Error::other(format!("{name}: {why}")))?;
        let _ = write!(header, "\n/* ---- {title} ---- */\n");
        items.iter().for_each(|item| header.push_str(item));
    }
    header.push_str(END);
    Ok(header)
}

/// Returns what the header says of each item of a source that C can see.
fn items(source: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    let mut docs: Vec<&str> = Vec::new();
    let mut is_exported = false;
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.strip_prefix(' ').unwrap_or(doc));
            continue;
        }
        if line.starts_with("#[") {
            is_exported |= line == "#[unsafe(no_mangle)]" || line == "#[repr(C)]";
            continue;
        }
        let is_public = line.starts_with("pub ") && (is_exported || is_plain(line));
        if is_public {
            let mut item = line.to_owned();
            while !item.ends_with(['{', ';']) {
                let Some(next) = lines.next() else { return Err(format!("`{item}` has no end")) };
                item.push_str(next.trim());
                item.push(' ');
                item.truncate(item.trim_end().len());
                if item.ends_with(',') {
                    item.push(' ');
                }
                item = item.trim_end_matches(' ').to_owned();
            }
            items.push(format!("\n{}{}\n", comment(&docs), declared(&item)?));
        }
        docs.clear();
        is_exported = false;
    }
    Ok(items)
}

/// Returns whether an item needs no attribute for C to see it.
fn is_plain(line: &str) -> bool {
    line.starts_with("pub const PS_") || line.starts_with("pub type ps_")
}

/// Returns documentation as a comment.
fn comment(docs: &[&str]) -> String {
    let mut comment = String::from("/**\n");
    for line in docs.iter().filter(|line| !line.starts_with("# ")) {
        let line = line.replace("*/", "* /");
        let _ = writeln!(comment, " *{}{line}", if line.is_empty() { "" } else { " " });
    }
    comment.push_str(" */\n");
    comment
}

/// Returns the declaration of an item in C.
fn declared(item: &str) -> Result<String, String> {
    if let Some(rest) = item.strip_prefix("pub const ") {
        return constant(rest).ok_or_else(|| format!("`{item}` is no number"));
    }
    if let Some(name) = item.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
        return Ok(format!("typedef struct {name} {name};"));
    }
    if let Some(rest) = item.strip_prefix("pub type ") {
        return function_type(rest);
    }
    let (_, function) = item.split_once("extern \"C\" fn ").ok_or_else(|| unknown(item))?;
    let (name, rest) = function.split_once('(').ok_or_else(|| unknown(item))?;
    let (arguments, result) = split_signature(rest).ok_or_else(|| unknown(item))?;
    let (result, arguments) = (spelled(result, "")?, in_c(arguments)?);
    Ok(format!("{}{name}({arguments});", spaced(&result)))
}

fn constant(rest: &str) -> Option<String> {
    let (name, rest) = rest.split_once(": ")?;
    let (kind, value) = rest.trim_end_matches(';').split_once(" = ")?;
    value.parse::<u32>().ok()?;
    match kind {
        "i32" => Some(format!("#define {name} {value}")),
        "u32" => Some(format!("#define {name} {value}u")),
        _ => None,
    }
}

fn function_type(rest: &str) -> Result<String, String> {
    let (name, rest) = rest.split_once(" = Option<").ok_or_else(|| unknown(rest))?;
    let (_, rest) = rest.split_once("fn(").ok_or_else(|| unknown(rest))?;
    let rest = rest.trim_end_matches(';').trim_end_matches('>').trim_end_matches([',', ' ']);
    let (arguments, result) = split_signature(rest).ok_or_else(|| unknown(rest))?;
    let (result, arguments) = (spelled(result, "")?, in_c(arguments)?);
    Ok(format!("typedef {}(*{name})({arguments});", spaced(&result)))
}

/// Splits what stands behind the opening parenthesis into arguments and result.
fn split_signature(rest: &str) -> Option<(&str, &str)> {
    let (arguments, behind) = rest.rsplit_once(')')?;
    let result = behind.trim().trim_end_matches('{').trim();
    Some((arguments, result.strip_prefix("->").map_or("()", str::trim)))
}

fn in_c(arguments: &str) -> Result<String, String> {
    let named = arguments.split(',').map(str::trim).filter(|argument| !argument.is_empty());
    let spelled: Vec<String> = named
        .map(|argument| {
            let (name, kind) = argument.split_once(": ").ok_or_else(|| unknown(argument))?;
            spelled(kind, name)
        })
        .collect::<Result<_, _>>()?;
    Ok(if spelled.is_empty() { "void".to_owned() } else { spelled.join(", ") })
}

/// Returns a type in C, with the name of what has it.
fn spelled(kind: &str, name: &str) -> Result<String, String> {
    if let Some(inner) = kind.strip_prefix("*mut ") {
        return spelled(inner, &format!("*{name}"));
    }
    if let Some(inner) = kind.strip_prefix("*const ") {
        return Ok(format!("const {}", spelled(inner, &format!("*{name}"))?));
    }
    let base = match kind {
        "()" | "c_void" => "void",
        "c_char" => "char",
        "i32" => "int32_t",
        "i64" => "int64_t",
        "u32" => "uint32_t",
        "u64" => "uint64_t",
        "usize" => "size_t",
        own if own.starts_with("ps_") => own,
        other => return Err(format!("C has no name for `{other}`")),
    };
    Ok(if name.is_empty() { base.to_owned() } else { format!("{base} {name}") })
}

/// Returns a type with a blank behind it, unless it ends with the sign of a pointer.
fn spaced(kind: &str) -> String {
    if kind.ends_with('*') { kind.to_owned() } else { format!("{kind} ") }
}

fn unknown(item: &str) -> String {
    format!("`{item}` cannot be said in C")
}
