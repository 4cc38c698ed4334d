//! Cuts the text of an expression into words, numbers, quoted texts and signs.

use super::{Mistake, Names, limits::SOURCE_BYTES_MAX};

/// A piece of an expression and where it stands, in bytes of the whole text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The kinds of piece.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A number with a point or an exponent.
    Float(f64),
    /// A whole number.
    Integer(u64),
    /// A word.
    Name(String),
    /// An operator, bracket or comma; `{{` and `}}` are two of them.
    Sign(&'static str),
    /// The id of a step behind `steps.`, declared or not.
    Step(String),
    /// A text in quotes, its escapes read.
    Text(String),
}

/// Where an expression ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// With the text.
    Text,
    /// At this sign, `}}` or `%}`, perhaps with a `-` before it.
    Sign(&'static str),
}

/// The pieces of one expression.
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// Where the expression ends, before its closing sign.
    pub(super) end: usize,
    /// Where the text goes on, behind the closing sign.
    pub(super) next: usize,
    /// Whether blanks after it are cut, as `-}}` says.
    pub(super) trims: bool,
}

/// The signs, longer ones first.
const SIGNS: [&str; 31] = [
    "**", "//", "==", "!=", "<=", ">=", "&&", "||", "{{", "}}", "%}", "+", "-", "*", "/", "%", "~",
    "|", "(", ")", "[", "]", "{", "}", ",", ":", ".", "<", ">", "=", "!",
];

/// Cuts the expression that starts at a place of a text.
pub(super) fn tokens(
    text: &str,
    start: usize,
    end: End,
    names: &Names<'_>,
) -> Result<Tokens, Mistake> {
    if text.len() > SOURCE_BYTES_MAX {
        let message = format!("{} bytes are too long for an expression", text.len());
        return Err(Mistake::limit(0, message).hint(format!("at most {SOURCE_BYTES_MAX} bytes")));
    }
    let mut cutter = Cutter { text, at: start, list: Vec::new(), open: Vec::new(), names };
    loop {
        cutter.skip_blanks();
        if let End::Sign(sign) = end
            && cutter.open.is_empty()
        {
            let rest = &text[cutter.at..];
            let trims = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(sign));
            if trims || rest.starts_with(sign) {
                let next = cutter.at + usize::from(trims) + sign.len();
                return Ok(Tokens { list: cutter.list, end: cutter.at, next, trims });
            }
        }
        if cutter.at == text.len() {
            return match end {
                End::Text => {
                    let (end, next) = (text.len(), text.len());
                    Ok(Tokens { list: cutter.list, end, next, trims: false })
                }
                End::Sign(sign) => {
                    Err(Mistake::syntax(start.saturating_sub(2), format!("`{sign}` is missing"))
                        .hint("write `{% raw %}…{% endraw %}` around braces that mean themselves"))
                }
            };
        }
        cutter.cut()?;
    }
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    list: Vec<Token>,
    /// The brackets that are open, so that `}}` closes what was opened.
    open: Vec<&'static str>,
    names: &'a Names<'a>,
}

impl Cutter<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        self.list.push(Token { kind, start: self.at, end });
        self.at = end;
    }

    fn cut(&mut self) -> Result<(), Mistake> {
        let Some(first) = self.rest().chars().next() else { return Ok(()) };
        if self.is_behind_steps() && (first.is_alphanumeric() || first == '_') {
            self.step();
        } else if first.is_ascii_digit() {
            self.number()?;
        } else if is_word(first) {
            let end = self.at + word_bytes(self.rest());
            self.push(TokenKind::Name(self.text[self.at..end].to_owned()), end);
        } else if first == '\'' || first == '"' {
            self.quoted(first)?;
        } else {
            self.sign(first)?;
        }
        Ok(())
    }

    fn sign(&mut self, first: char) -> Result<(), Mistake> {
        let found = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign));
        let Some(mut sign) = found else {
            return Err(Mistake::syntax(self.at, format!("`{first}` means nothing here")));
        };
        match sign {
            // A map within a map ends with two single braces.
            "}}" if self.open.last() != Some(&"{{") => sign = "}",
            "%}" => sign = "%",
            _ => {}
        }
        match sign {
            "(" | "[" | "{" | "{{" => self.open.push(sign),
            ")" | "]" | "}" | "}}" => {
                self.open.pop();
            }
            _ => {}
        }
        self.push(TokenKind::Sign(sign), self.at + sign.len());
        Ok(())
    }

    /// Whether the last pieces are `steps` and `.`, where an id follows.
    fn is_behind_steps(&self) -> bool {
        let [before @ .., name, dot] = self.list.as_slice() else { return false };
        let is_field = before.last().is_some_and(|token| token.kind == TokenKind::Sign("."));
        dot.kind == TokenKind::Sign(".")
            && name.kind == TokenKind::Name("steps".to_owned())
            && !is_field
    }

    /// Cuts a step id: the longest declared one that ends where a word may end.
    fn step(&mut self) {
        let rest = self.rest();
        let bytes = rest.find(|c: char| !is_word(c) && c != '-').unwrap_or(rest.len());
        let ends = (1..=bytes).rev().filter(|end| {
            rest.is_char_boundary(*end) && !rest[*end..].chars().next().is_some_and(is_word)
        });
        // Ids are short: a longer word is none.
        let declared =
            ends.filter(|end| *end <= 64).find(|end| (self.names.is_step)(&rest[..*end]));
        let end = declared.unwrap_or(bytes);
        let id = rest[..end].to_owned();
        self.push(TokenKind::Step(id), self.at + end);
    }

    fn number(&mut self) -> Result<(), Mistake> {
        let rest = self.rest();
        let digits =
            |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
        let mut end = digits(rest);
        let is_index = self.list.last().is_some_and(|token| token.kind == TokenKind::Sign("."));
        let mut is_float = false;
        if !is_index {
            let behind_point = rest[end..].strip_prefix('.');
            if let Some(behind) =
                behind_point.filter(|b| b.starts_with(|c: char| c.is_ascii_digit()))
            {
                is_float = true;
                end += 1 + digits(behind);
            }
            if let Some(behind) = rest[end..].strip_prefix(['e', 'E']) {
                let sign = usize::from(behind.starts_with(['+', '-']));
                if behind[sign..].starts_with(|c: char| c.is_ascii_digit()) {
                    is_float = true;
                    end += 1 + sign + digits(&behind[sign..]);
                }
            }
        }
        let written = rest[..end].replace('_', "");
        if rest[end..].chars().next().is_some_and(is_word) {
            let message =
                format!("`{}` is no number and no name", &rest[..end + word_bytes(&rest[end..])]);
            return Err(Mistake::syntax(self.at, message).hint("put quotes around a text"));
        }
        let kind = if is_float {
            written.parse().ok().filter(|value: &f64| value.is_finite()).map(TokenKind::Float)
        } else {
            written.parse().ok().map(TokenKind::Integer)
        };
        let too_large = || Mistake::syntax(self.at, "the number is too large");
        let kind = kind.ok_or_else(too_large)?;
        self.push(kind, self.at + end);
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<(), Mistake> {
        let open = || Mistake::syntax(self.at, format!("the text has no closing {quote}"));
        let mut value = String::new();
        let mut chars = self.text[self.at..].char_indices().skip(1);
        loop {
            let (offset, c) = chars.next().ok_or_else(open)?;
            if c == quote {
                let end = self.at + offset + 1;
                self.push(TokenKind::Text(value), end);
                return Ok(());
            }
            if c != '\\' {
                value.push(c);
                continue;
            }
            let (_, escaped) = chars.next().ok_or_else(open)?;
            match escaped {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                '\\' | '\'' | '"' | '/' => value.push(escaped),
                'u' => {
                    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                    value.push(code.and_then(char::from_u32).ok_or_else(|| {
                        Mistake::syntax(self.at + offset, format!("`\\u{digits}` is no character"))
                    })?);
                }
                // As in Jinja: a backslash that escapes nothing stands for itself.
                other => value.extend(['\\', other]),
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_bytes(text: &str) -> usize {
    text.find(|c: char| !is_word(c)).unwrap_or(text.len())
}
