//! What the end of a program means for the attempt that it performed.

use std::{ffi::OsStr, path::Path};

use super::{
    child::{Ended, Exit, Reason},
    context::Left,
    outputs::OUTPUT_BYTES_MAX,
    program::{Program, Ran},
    reading::last_lines,
    secrets::Masker,
};
use crate::handler::{Sign, Signs};

/// Says what the end of a program means for the attempt.
pub(super) fn ran(program: &Program, ended: Ended, signs: &Signs, masker: &Masker) -> Ran {
    let name = program.run.first().map_or("", String::as_str);
    let name = Path::new(name).file_name().and_then(OsStr::to_str).unwrap_or(name);
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let is_success = ended.exit.is_some_and(Exit::is_success);
    let mut error = match ended.reason {
        Some(Reason::Overflow(stream)) => {
            let limit = OUTPUT_BYTES_MAX / (1024 * 1024);
            Some(format!("`{name}` wrote more than {limit} MiB to its {stream}, and was ended"))
        }
        Some(Reason::Late(timeout)) => {
            Some(format!("`{name}` took longer than {timeout:?}, and was ended"))
        }
        Some(Reason::Stopped) if is_success => None,
        Some(Reason::Stopped) => Some(format!("`{name}` was stopped")),
        None if is_success => None,
        None => Some(format!("`{name}` {}", how(ended.exit))),
    };
    if let Some(error) = &mut error {
        // An output that was cut off may end within a secret.
        let is_whole = !matches!(ended.reason, Some(Reason::Overflow(_)));
        let lines = if is_whole { last_lines(&stderr, masker) } else { String::new() };
        if !lines.is_empty() {
            error.push_str(": ");
            error.push_str(&lines);
        }
        if !ended.is_gone {
            error.push_str("; not all that it started could be ended");
        }
    }
    match ended.context.left(masker) {
        Left::Nothing => {}
        Left::Refused(why) => {
            if let Some(error) = &mut error {
                error.push_str("; ");
                error.push_str(&why);
            }
        }
        Left::Something(context) => signs.say(Sign::Context(context)),
    }
    Ran {
        stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
        error: error.map(|error| masker.mask(&error).into_owned()),
    }
}

fn how(exit: Option<Exit>) -> String {
    match exit {
        None => "ended, and nobody saw how".to_owned(),
        Some(Exit::Code(code)) => format!("ended with exit code {code}"),
        Some(Exit::Signal(signal)) => {
            format!("was ended by signal {signal}{}", signal_name(signal))
        }
    }
}

/// Returns the name of a signal that ends programs, as it is told behind its number.
fn signal_name(signal: i32) -> &'static str {
    match signal {
        1 => " (HUP)",
        2 => " (INT)",
        3 => " (QUIT)",
        4 => " (ILL)",
        6 => " (ABRT)",
        8 => " (FPE)",
        9 => " (KILL)",
        11 => " (SEGV)",
        13 => " (PIPE)",
        14 => " (ALRM)",
        15 => " (TERM)",
        _ => "",
    }
}
