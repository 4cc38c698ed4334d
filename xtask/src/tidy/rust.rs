//! Rules for one Rust file: its first line, its length, its attributes, and calls that may panic.

use crate::repository::{Role, RustFile};
use crate::source::{self, Kind};
use crate::tidy::text;
use crate::violation::Violation;

/// A file longer than this has more than one subject.
const LINES_MAX: usize = 600;

/// A subject takes at least a few words.
const SUBJECT_WORDS_MIN: usize = 3;

/// Attributes that hide a fault instead of naming it, each with what to do instead.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("allow", "use `#[expect(…, reason = \"…\")]`"),
    ("ignore", "a test runs or does not exist"),
    ("should_panic", "assert what is returned instead"),
];

/// Macros that stand for code that is missing.
const MISSING: [&str; 2] = ["todo", "unimplemented"];

pub(crate) fn violations(rust_file: &RustFile<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut add = |line: usize, message: String| {
        violations.push(Violation::at(rust_file.path, line, message));
    };
    if let Some(message) = subject(rust_file.text) {
        add(1, message);
    }
    let length = rust_file.text.lines().count();
    if length > LINES_MAX && rust_file.role == Role::Product {
        add(0, format!("has {length} lines, more than {LINES_MAX}"));
    }
    for (line, tokens) in source::attributes(&rust_file.code) {
        for (name, advice) in ATTRIBUTES {
            if tokens.iter().any(|token| token.is_ident(name)) {
                add(line, format!("attribute `{name}`: {advice}"));
            }
        }
    }
    for pair in rust_file.code.windows(2) {
        let called = MISSING.into_iter().find(|name| pair[0].is_ident(name) && pair[1].is('!'));
        if let Some(name) = called {
            add(pair[0].line, format!("`{name}!` stands for missing code"));
        }
        let unwraps = pair[0].is('.') && pair[1].is_ident("unwrap");
        if unwraps && rust_file.role == Role::Product {
            add(pair[1].line, "`unwrap` outside tests: return the error, or `expect`".to_owned());
        }
    }
    for token in &rust_file.tokens {
        let (Kind::Comment(words) | Kind::Ident(words)) = &token.kind else {
            continue;
        };
        for (ahead, line) in words.lines().enumerate() {
            if let Some(mark) = text::unfinished_mark(line) {
                add(token.line + ahead, text::left_over(mark));
            }
        }
    }
    if rust_file.name() == "mod.rs"
        && let Some(line) = first_logic(rust_file)
    {
        add(line, "`mod.rs` is a table of contents: docs, `mod` and `use` only".to_owned());
    }
    violations
}

/// Returns what is wrong with the opening paragraph of a file, if anything is.
fn subject(text: &str) -> Option<String> {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let paragraph = lines.join(" ");
    if paragraph.is_empty() {
        return Some("does not begin with a `//!` line that states its subject".to_owned());
    }
    let words = paragraph.split_whitespace().count();
    if words < SUBJECT_WORDS_MIN || !paragraph.ends_with('.') {
        let message = "is no subject: it takes three words or more and ends with a full stop";
        return Some(format!("`{paragraph}` {message}"));
    }
    None
}

/// Returns the line of the first thing that is neither an attribute, a `mod NAME;` nor a `use`.
fn first_logic(rust_file: &RustFile<'_>) -> Option<usize> {
    let code = &rust_file.code;
    let mut at = 0;
    while let Some(token) = code.get(at) {
        let start = token.line;
        if token.is('#') {
            let open = at + 1 + usize::from(code.get(at + 1).is_some_and(|next| next.is('!')));
            at = source::closing(code, open) + 1;
            continue;
        }
        if token.is_ident("pub") {
            at += 1;
            if code.get(at).is_some_and(|next| next.is('(')) {
                at = source::closing(code, at) + 1;
            }
        }
        let length = code.iter().skip(at).position(|token| token.is(';'));
        let end = length.map_or(code.len(), |length| at + length);
        let item = &code[at.min(end)..end];
        let plain = match item.first().and_then(|first| first.ident()) {
            Some("mod") => item.len() == 2,
            Some("use") => true,
            _ => false,
        };
        if !plain {
            return Some(start);
        }
        at = end + 1;
    }
    None
}
