//! Whether a program can be started, asked before the gate is built.
//!
//! Behind the gate the shell would find out, too late to tell it from the program's own end.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, CWD, Mode, OFlags, access, openat};

/// How much of a file tells what it is.
const HEAD_BYTES: u64 = 4096;

/// How programs of the machine begin.
const MAGIC: [&[u8]; 6] = [
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
];

const NO_FILE: &str = "there is no such file, or the interpreter in its first line does not exist";
const NOT_EXECUTABLE: &str = "it may not be executed";
const NO_PROGRAM: &str = "its file is no program that this machine can run";

/// Returns why a program cannot be started in a folder; nothing when it can, as far as anybody
/// knows before it is tried.
pub(crate) fn why_not_startable(
    name: &str,
    folder: &Path,
    env: &[(String, String)],
) -> Option<&'static str> {
    if name.contains('/') {
        return why_not(&folder.join(name));
    }
    let path = env.iter().rev().find(|(name, _)| name == "PATH");
    let Some(path) = path.map(|(_, path)| OsString::from(path)).or_else(|| env::var_os("PATH"))
    else {
        return Some("`PATH` is not set");
    };
    let mut why = "no program in `PATH` has this name";
    for place in env::split_paths(&path) {
        let place = if place.as_os_str().is_empty() { PathBuf::from(".") } else { place };
        match why_not(&folder.join(place).join(name)) {
            None => return None,
            Some(NOT_EXECUTABLE) => why = NOT_EXECUTABLE,
            // The shell, too, looks no further behind one that it may execute.
            Some(NO_PROGRAM) => return Some(NO_PROGRAM),
            Some(_) => {}
        }
    }
    Some(why)
}

fn why_not(path: &Path) -> Option<&'static str> {
    let Ok(found) = path.metadata() else { return Some(NO_FILE) };
    let is_executable = found.permissions().mode() & 0o111 != 0;
    if !found.is_file() || !is_executable || access(path, Access::EXEC_OK).is_err() {
        return Some(NOT_EXECUTABLE);
    }
    // What may be executed and not be read is left to the system.
    let head = head(path)?;
    if let Some(rest) = head.strip_prefix(b"#!") {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let interpreter = line.split_ascii_whitespace().next().unwrap_or_default();
        return (!Path::new(interpreter).exists()).then_some(NO_FILE);
    }
    let is_program = MAGIC.iter().any(|magic| head.starts_with(magic));
    (!is_program).then_some(NO_PROGRAM)
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).ok()?);
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    Some(head)
}
