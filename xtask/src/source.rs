//! Rust source as tokens: enough of the language to know names from comments and strings.
//!
//! A search for `std::fs` in plain text would miss `use std::{fs, io}` and stumble over comments.
//! Hence tokens, and paths with their groups written out.

#[cfg(test)]
mod tests;

/// A token and the line it begins on, counted from one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
}

/// What the checks tell apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A comment with its text, also a documentation comment.
    Comment(String),
    /// An identifier or keyword; a raw one without its `r#`.
    Ident(String),
    /// A string, character, lifetime or number; what it says is no code.
    Literal,
    /// The `::` between two segments of a path.
    PathSeparator,
    /// Any other single character.
    Punct(char),
}

/// A path as it is written, a group of a `use` taken apart into its members.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// Splits Rust source into tokens; comments are among them.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: text.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    lexer.run();
    lexer.tokens
}

/// Returns the tokens that are code, without comments.
pub(crate) fn code(tokens: &[Token]) -> Vec<Token> {
    let is_code = |token: &&Token| !matches!(token.kind, Kind::Comment(_));
    tokens.iter().filter(is_code).cloned().collect()
}

/// Returns every path in the code, a single name being a path of one segment.
pub(crate) fn paths(code: &[Token]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < code.len() {
        if code[at].ident().is_some() {
            at = path_tree(code, at, &[], &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

/// Returns the attributes of the code: the line, and the tokens between the brackets.
pub(crate) fn attributes(code: &[Token]) -> Vec<(usize, &[Token])> {
    let mut attributes = Vec::new();
    for (start, token) in code.iter().enumerate() {
        if !token.is('#') {
            continue;
        }
        let inner = code.get(start + 1).is_some_and(|token| token.is('!'));
        let open = start + 1 + usize::from(inner);
        if code.get(open).is_some_and(|token| token.is('[')) {
            let close = closing(code, open);
            attributes.push((token.line, &code[open + 1..close]));
        }
    }
    attributes
}

/// Returns the place of the bracket that closes the one at `open`, or the end of the code.
pub(crate) fn closing(code: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Punct('(' | '[' | '{') => depth += 1,
            Kind::Punct(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            Kind::Comment(_)
            | Kind::Ident(_)
            | Kind::Literal
            | Kind::PathSeparator
            | Kind::Punct(_) => {}
        }
    }
    code.len()
}

impl Token {
    /// Returns the name, if the token is one.
    pub(crate) fn ident(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ident(name) => Some(name),
            Kind::Comment(_) | Kind::Literal | Kind::PathSeparator | Kind::Punct(_) => None,
        }
    }

    /// Answers whether the token is this character.
    pub(crate) fn is(&self, punct: char) -> bool {
        self.kind == Kind::Punct(punct)
    }

    /// Answers whether the token is this name.
    pub(crate) fn is_ident(&self, name: &str) -> bool {
        self.ident() == Some(name)
    }
}

/// Reads the path, or the rest of a path, that begins at `at`; returns the place behind it.
fn path_tree(code: &[Token], mut at: usize, prefix: &[String], paths: &mut Vec<Path>) -> usize {
    let mut segments = prefix.to_vec();
    let line = code[at].line;
    while let Some(token) = code.get(at) {
        if let Some(name) = token.ident() {
            segments.push(name.to_owned());
            at += 1;
            if code.get(at).is_some_and(|next| next.kind == Kind::PathSeparator) {
                at += 1;
                continue;
            }
        } else if token.is('*') && !segments.is_empty() {
            segments.push("*".to_owned());
            at += 1;
        } else if token.is('{') && !segments.is_empty() {
            return path_group(code, at, &segments, paths);
        }
        break;
    }
    paths.push(Path { segments, line });
    at
}

/// Reads the members of the group that opens at `open`; returns the place behind it.
fn path_group(code: &[Token], open: usize, prefix: &[String], paths: &mut Vec<Path>) -> usize {
    let mut at = open + 1;
    while let Some(token) = code.get(at) {
        if token.is('}') {
            return at + 1;
        }
        if token.ident().is_some() || token.is('*') || token.is('{') {
            at = path_tree(code, at, prefix, paths);
            if code.get(at).is_some_and(|token| token.is_ident("as")) {
                at += 2;
            }
        } else {
            at += 1;
        }
    }
    at
}

struct Lexer {
    rest: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn run(&mut self) {
        while let Some(character) = self.peek(0) {
            match character {
                '/' if self.peek(1) == Some('/') => self.line_comment(),
                '/' if self.peek(1) == Some('*') => self.block_comment(),
                '"' => self.string(),
                '\'' => self.quote(),
                ':' if self.peek(1) == Some(':') => {
                    self.push(Kind::PathSeparator, self.line);
                    self.skip(2);
                }
                _ if is_word(character) => self.word(),
                _ => {
                    if !character.is_whitespace() {
                        self.push(Kind::Punct(character), self.line);
                    }
                    self.skip(1);
                }
            }
        }
    }

    fn line_comment(&mut self) {
        let (start, line) = (self.at, self.line);
        while self.peek(0).is_some_and(|character| character != '\n') {
            self.skip(1);
        }
        self.push(Kind::Comment(self.rest[start..self.at].iter().collect()), line);
    }

    fn block_comment(&mut self) {
        let (start, line) = (self.at, self.line);
        let mut depth = 0_usize;
        while let Some(character) = self.peek(0) {
            match (character, self.peek(1)) {
                ('/', Some('*')) => {
                    depth += 1;
                    self.skip(2);
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    self.skip(2);
                    if depth == 0 {
                        break;
                    }
                }
                _ => self.skip(1),
            }
        }
        self.push(Kind::Comment(self.rest[start..self.at].iter().collect()), line);
    }

    /// Reads `"…"`, standing on its first quote.
    fn string(&mut self) {
        self.push(Kind::Literal, self.line);
        self.skip(1);
        while let Some(character) = self.peek(0) {
            match character {
                '\\' => self.skip(2),
                '"' => {
                    self.skip(1);
                    break;
                }
                _ => self.skip(1),
            }
        }
    }

    /// Reads `#"…"#` with any number of hashes, standing behind the `r`.
    fn raw_string(&mut self, hashes: usize) {
        self.push(Kind::Literal, self.line);
        self.skip(hashes + 1);
        while let Some(character) = self.peek(0) {
            let ends = character == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            self.skip(1);
            if ends {
                self.skip(hashes);
                break;
            }
        }
    }

    /// Reads a character such as `'x'`, or a lifetime such as `'a`.
    fn quote(&mut self) {
        self.push(Kind::Literal, self.line);
        self.skip(1);
        if self.peek(0) == Some('\\') {
            self.skip(2);
            while self.peek(0).is_some_and(|character| character != '\'') {
                self.skip(1);
            }
            self.skip(1);
        } else if self.peek(1) == Some('\'') {
            self.skip(2);
        } else {
            while self.peek(0).is_some_and(is_word) {
                self.skip(1);
            }
        }
    }

    /// Reads a name, a number, or the prefix of a string together with the string.
    fn word(&mut self) {
        let (start, line) = (self.at, self.line);
        while self.peek(0).is_some_and(is_word) {
            self.skip(1);
        }
        let word: String = self.rest[start..self.at].iter().collect();
        let hashes = (0..).take_while(|&ahead| self.peek(ahead) == Some('#')).count();
        let quoted = self.peek(hashes) == Some('"');
        match word.as_str() {
            "r" | "br" | "cr" if quoted => self.raw_string(hashes),
            "b" | "c" if quoted && hashes == 0 => self.string(),
            "b" if self.peek(0) == Some('\'') => self.quote(),
            "r" if hashes == 1 && self.peek(1).is_some_and(is_word) => {
                self.skip(1);
                self.word();
            }
            _ if word.starts_with(|first: char| first.is_ascii_digit()) => {
                self.push(Kind::Literal, line);
            }
            _ => self.push(Kind::Ident(word), line),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            if self.peek(0) == Some('\n') {
                self.line += 1;
            }
            self.at += 1;
        }
        self.at = self.at.min(self.rest.len());
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.tokens.push(Token { kind, line });
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}
