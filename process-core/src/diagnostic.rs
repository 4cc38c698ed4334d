//! Problems found in a document, with the place where each one is.

use std::collections::BTreeMap;
use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The number of problems that [`render`] shows in full: more than that, nobody reads.
pub const RENDERED_MAX: usize = 50;

/// The characters of one source line that [`render`] shows: about what a wide terminal holds.
const WINDOW_CHARS: usize = 140;

/// The characters kept to the left of the problem when a long line is cut.
const WINDOW_BEFORE_CHARS: usize = 60;

/// The characters of a message, a hint or a source name that [`render`] shows.
const TEXT_CHARS_MAX: usize = 1_000;

/// Says how bad a problem is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// The document can be used, but probably does not say what was meant.
    Warning,
    /// A spelling of another program that is read as ours.
    Dialect,
    /// Something worth knowing.
    Info,
}

impl Severity {
    /// Returns the name used in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Dialect => "dialect",
            Severity::Info => "info",
        }
    }
}

/// A place in a text, counted from 1 as editors do.
///
/// Columns count characters, not bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The line, or 0 if it is unknown.
    pub line: u32,
    /// The column, or 0 if it is unknown.
    pub column: u32,
}

impl Place {
    /// The place of something that has no source text.
    pub const UNKNOWN: Place = Place { line: 0, column: 0 };

    /// Returns the place at this line and column.
    pub fn new(line: u32, column: u32) -> Place {
        Place { line, column }
    }

    /// Returns whether the line is known.
    pub fn is_known(self) -> bool {
        self.line > 0
    }
}

/// One problem in a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name in snake case that programs can match on.
    pub code: &'static str,
    /// Where it is.
    pub place: Place,
    /// What is wrong: lower case, no full stop, no advice.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Creates a problem that makes the document unusable.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, code, place, message: message.into(), hint: None }
    }

    /// Creates a problem that leaves the document usable.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, place, message) }
    }

    /// Creates a remark about a spelling of another program.
    pub fn dialect(code: &'static str, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Dialect, ..Diagnostic::error(code, place, message) }
    }

    /// Creates something worth knowing.
    pub fn info(code: &'static str, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Info, ..Diagnostic::error(code, place, message) }
    }

    /// Returns whether the problem makes the document unusable.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns the problem with this advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the JSON object that `--json` and the servers show.
    pub fn to_json(&self) -> Value {
        json!({
            "severity": self.severity.as_str(),
            "code": self.code,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "hint": self.hint,
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_known() {
            write!(f, "line {}: ", self.place.line)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// Renders problems for people, each with the line it is about.
///
/// The text is plain, without colour.
/// Nothing in the source, its name or the messages can reach the terminal as a control character,
/// and long lines are cut to a window around the problem.
pub fn render(diagnostics: &[Diagnostic], source_name: &str, source: &str) -> String {
    let shown = &diagnostics[..diagnostics.len().min(RENDERED_MAX)];
    let lines = lines_of(shown, source);
    let name = visible(source_name);
    let mut out = String::new();
    for diagnostic in shown {
        let line = lines.get(&diagnostic.place.line).copied();
        out.push_str(&render_one(diagnostic, &name, line));
        out.push_str("\n\n");
    }
    let hidden = diagnostics.len() - shown.len();
    if hidden > 0 {
        out.push_str(&format!("and {hidden} more\n"));
    } else if out.ends_with('\n') {
        out.pop();
    }
    out
}

/// Picks the lines that the problems are about in one walk over the source.
fn lines_of<'a>(diagnostics: &[Diagnostic], source: &'a str) -> BTreeMap<u32, &'a str> {
    let mut wanted: Vec<u32> = diagnostics.iter().map(|diagnostic| diagnostic.place.line).collect();
    wanted.sort_unstable();
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    (1u32..).zip(source.lines()).filter(|(line, _)| wanted.binary_search(line).is_ok()).collect()
}

fn render_one(diagnostic: &Diagnostic, name: &str, line: Option<&str>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Dialect => Level::NOTE,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code);
    let mut group = Group::with_title(title);
    let place = diagnostic.place;
    let origin = Origin::path(name);
    match line {
        Some(line) => {
            let (window, start) = window(line, place.column);
            let end = start + mark_len(&window[start..]);
            let origin = origin.line(place.line as usize).char_column(place.column.max(1) as usize);
            group = group.element(origin).element(
                Snippet::source(window)
                    .line_start(place.line as usize)
                    .annotation(AnnotationKind::Primary.span(start..end)),
            );
        }
        None if place.is_known() => group = group.element(origin.line(place.line as usize)),
        None => group = group.element(origin),
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(visible(hint)));
    }
    let text = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(200).render(&[group]);
    // The origin is given apart from the snippet, because it must not count in the cut line; the
    // renderer marks that with a line of its own, which says nothing.
    text.lines().filter(|line| line.trim() != ":::").collect::<Vec<_>>().join("\n")
}

/// Cuts a line around a column and returns the byte at which the column starts in the cut.
fn window(line: &str, column: u32) -> (String, usize) {
    let column = column.max(1) as usize - 1;
    let skipped = if column < WINDOW_CHARS - 20 { 0 } else { column - WINDOW_BEFORE_CHARS };
    let mut cut = String::new();
    let mut start = None;
    if skipped > 0 {
        cut.push_str("...");
    }
    let mut rest = line.chars().skip(skipped);
    for index in skipped..skipped + WINDOW_CHARS {
        if index == column {
            start = Some(cut.len());
        }
        let Some(character) = rest.next() else { break };
        cut.push(visible_character(character));
    }
    if rest.next().is_some() {
        cut.push_str("...");
    }
    let start = start.unwrap_or(cut.len());
    (cut, start)
}

/// Returns the length in bytes of the word that a mark underlines.
fn mark_len(rest: &str) -> usize {
    const MARKED_CHARS_MAX: usize = 40;
    rest.char_indices()
        .take(MARKED_CHARS_MAX)
        .take_while(|(index, character)| *index == 0 || !character.is_whitespace())
        .map(|(index, character)| index + character.len_utf8())
        .last()
        .unwrap_or(0)
}

fn visible(text: &str) -> String {
    let mut out: String = text.chars().take(TEXT_CHARS_MAX).map(visible_character).collect();
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        out.push_str("...");
    }
    out
}

/// Replaces what a terminal would obey instead of showing.
fn visible_character(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    }
}
