//! Writing to the terminal: the one place that prints.

use std::io::{self, IsTerminal, Write};

use clap::{ValueEnum, error::ErrorKind as ClapKind};
use procside::{Answered, Error, ErrorKind};
use serde_json::Value;

use crate::answer::{self, Answer};

/// When output is coloured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a command's words go.
pub(crate) struct Ui {
    json: bool,
    quiet: bool,
}

impl Ui {
    pub(crate) fn new(json: bool, quiet: bool, color: Color) -> Self {
        match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        Self { json, quiet }
    }

    /// Returns whether answers are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints the answer and returns the exit code.
    pub(crate) fn finish(&self, answered: answer::Answered) -> u8 {
        match answered {
            Ok(answer) => self.answer(&answer),
            Err(error) => self.error(&error),
        }
    }

    /// Prints data as it comes; `false` when nobody reads any more.
    pub(crate) fn stream(&self, text: &str) -> bool {
        self.write(text).is_ok()
    }

    /// Prints a document and returns the exit code: a program or a file gets every byte of it, a
    /// terminal nothing that it would obey.
    pub(crate) fn content(&self, text: &str) -> u8 {
        let written = if is_terminal() {
            write_exactly(&crate::text::plain_document(text))
        } else {
            write_exactly(text)
        };
        self.exit_of(written, 0)
    }

    /// Tells people something on stderr.
    pub(crate) fn tell(&self, text: &str) {
        if !self.quiet {
            // Nobody is left to tell that stderr is gone.
            let text = crate::text::plain_lines(text);
            let _ = writeln!(anstream::stderr(), "procside: {text}");
        }
    }

    /// Tells people on stderr what happens, as it happens.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            let text = crate::text::plain_lines(text);
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    fn answer(&self, answer: &Answer) -> u8 {
        for notice in &answer.notices {
            self.tell(notice);
        }
        let text = if self.json {
            envelope(&Answered::envelope(&answer.data))
        } else {
            answer.text.clone()
        };
        self.print(&text, answer.exit)
    }

    fn error(&self, error: &Error) -> u8 {
        let exit = error.kind().exit_code();
        if self.json {
            return self.print(&envelope(&error.envelope()), exit);
        }
        let mut text = format!("error: {}\n", crate::text::plain_lines(error.message()));
        if let Some(rendered) = error.details().and_then(|details| details["rendered"].as_str()) {
            text.push_str(&crate::text::plain_lines(rendered));
            text.push('\n');
        }
        if let Some(hint) = error.hint() {
            text.push_str(&format!("hint: {}\n", crate::text::plain_lines(hint)));
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
        exit
    }

    /// Prints to stdout; output that cannot be written is a failure, a reader that left is none.
    fn print(&self, text: &str, exit: u8) -> u8 {
        self.exit_of(self.write(text), exit)
    }

    fn write(&self, text: &str) -> io::Result<()> {
        if self.json { write_exactly(text) } else { write_coloured(text) }
    }

    fn exit_of(&self, written: io::Result<()>, exit: u8) -> u8 {
        match written {
            Ok(()) => exit,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit,
            Err(error) => {
                self.tell(&format!("cannot write the answer: {error}"));
                if exit == 0 { 1 } else { exit }
            }
        }
    }
}

/// Returns whether people read stdout.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Prints what clap has to say about a command line, and returns the exit code.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        // Help and version are what was asked for.
        return if error.print().is_ok() { 0 } else { 1 };
    }
    let wants_json =
        std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if !wants_json {
        let _ = error.print();
        return ErrorKind::Usage.exit_code();
    }
    let text = error.render().to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let hint = match error.kind() {
        ClapKind::InvalidSubcommand | ClapKind::MissingSubcommand => {
            "`procside help` lists the commands"
        }
        _ => "`procside help COMMAND` tells how a command is written",
    };
    let error = Error::new(ErrorKind::Usage, message).with_hint(hint);
    let _ = write_exactly(&envelope(&error.envelope()));
    error.kind().exit_code()
}

/// Writes what has no colours, so that nothing is taken out of it.
fn write_exactly(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Writes text for people, with its colours where they are wanted.
fn write_coloured(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Returns JSON without control characters; what JSON itself leaves as it is, a terminal obeys.
fn envelope(value: &Value) -> String {
    escaped(if is_terminal() { format!("{value:#}\n") } else { format!("{value}\n") })
}

/// Returns JSON as one line without control characters.
pub(crate) fn line(value: &Value) -> String {
    escaped(format!("{value}\n"))
}

fn escaped(text: String) -> String {
    if !text.contains(is_obeyed) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_obeyed(c: char) -> bool {
    c.is_control() && c != '\n'
}
