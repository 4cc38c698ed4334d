//! Conditions: expressions that are true or false.

use std::{fmt, sync::Arc};

use minijinja::Value as Datum;
use serde_json::{Map, Value};

use super::{
    Failure, Mistake, Names, Read, Scope,
    compiled::{Compiled, Reason},
    emit::emit_condition,
    parse::{Around, Braces, parse},
    seen::seen,
    tokens::{End, Token, TokenKind, tokens},
    value::{View, show, view},
    work::Work,
};

/// A condition: true or false, nothing else (rule E2).
#[derive(Clone)]
pub struct Expression(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: String,
    compiled: Compiled,
    has_braces_in_quotes: bool,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.0.source).finish()
    }
}

/// Two are equal when their canonical texts are.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Expression {}

impl Expression {
    /// Parses and compiles a condition; braces around it or around parts of it are read.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str, names: &Names<'_>) -> Result<Self, Mistake> {
        let tokens = tokens(text, 0, End::Text, names)?;
        let around = Around { text, names, locals: &[], reads_braces: true };
        let (ast, braces) = parse(around, &tokens.list, text.len())?;
        let compiled = Compiled::new(emit_condition(&ast), 0)?;
        let is_placeholder = |token: &Token| match &token.kind {
            TokenKind::Text(text) => text.contains("{{"),
            TokenKind::Float(_)
            | TokenKind::Integer(_)
            | TokenKind::Name(_)
            | TokenKind::Sign(_)
            | TokenKind::Step(_) => false,
        };
        let has_braces_in_quotes = tokens.list.iter().any(is_placeholder);
        let source = without_braces(text, &tokens.list, &braces);
        Ok(Self(Arc::new(Inner { source, compiled, has_braces_in_quotes })))
    }

    /// Returns the canonical text, without braces.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Returns what it reads, in the order of the text.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.0.compiled.reads
    }

    /// Whether a text in quotes looks like a placeholder; it is a text all the same.
    #[must_use]
    pub fn has_braces_in_quotes(&self) -> bool {
        self.0.has_braces_in_quotes
    }

    /// Returns whether it holds.
    ///
    /// # Errors
    /// Whatever keeps it from being true or false.
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, Failure> {
        self.evaluate(scope).map_err(|reason| reason.of(self.source()))
    }

    /// Returns whether it holds already: an undefined name means not yet.
    ///
    /// # Errors
    /// Whatever else keeps it from being true or false.
    pub fn holds_yet(&self, scope: &dyn Scope) -> Result<bool, Failure> {
        match self.evaluate(scope) {
            Err(reason) if reason.is_undefined => Ok(false),
            result => result.map_err(|reason| reason.of(self.source())),
        }
    }

    /// Returns the values that it reads, by their paths; a large one is cut.
    #[must_use]
    pub fn seen(&self, scope: &dyn Scope) -> Map<String, Value> {
        seen(self.reads(), scope)
    }

    fn evaluate(&self, scope: &dyn Scope) -> Result<bool, Reason> {
        let compiled = &self.0.compiled;
        let work = Arc::new(Work::new());
        let reads = compiled.look_up(scope, &work)?;
        let value: Datum = compiled.evaluate(reads, Vec::new(), &work)?;
        match view(&value) {
            View::Bool(holds) => Ok(holds),
            View::Instant(_)
            | View::List
            | View::Map
            | View::Null
            | View::Number(_)
            | View::Text(_)
            | View::Undefined => {
                Err(Reason::new(format!("a condition is true or false, this is {}", show(&value))))
            }
        }
    }
}

/// Returns the text with `(…)` for braces that need it, and nothing for the others.
fn without_braces(text: &str, tokens: &[Token], braces: &[Braces]) -> String {
    // What stands in place of the bytes from one place to another.
    let mut edits: Vec<(usize, usize, &str)> = Vec::new();
    for pair in braces {
        let inner_start = tokens.get(pair.open + 1).map_or(text.len(), |token| token.start);
        let inner_end = tokens.get(pair.close.wrapping_sub(1)).map_or(0, |token| token.end);
        let (open, close) = if pair.is_compound { ("(", ")") } else { ("", "") };
        edits.push((tokens[pair.open].start, inner_start, open));
        edits.push((inner_end, tokens[pair.close].end, close));
    }
    edits.sort_by_key(|edit| (edit.0, edit.1));
    let mut source = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, instead) in edits {
        push(&mut source, &text[at..start]);
        push(&mut source, instead);
        at = end;
    }
    push(&mut source, &text[at..]);
    source.trim().to_owned()
}

/// Adds a piece, keeping words apart that only braces kept apart.
fn push(source: &mut String, piece: &str) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if source.ends_with(is_word) && piece.starts_with(is_word) {
        source.push(' ');
    }
    source.push_str(piece);
}
