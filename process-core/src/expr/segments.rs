//! Cuts a text into what stands for itself, values and statements.

use std::collections::BTreeMap;

use super::{
    Mistake, Names, Read, Root,
    compiled::Compiled,
    emit::emit_value,
    limits::{DEPTH_MAX, SOURCE_BYTES_MAX},
    parse::{Around, parse},
    parse_names::is_taken,
    tokens::{End, Token, TokenKind, tokens},
};

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Segment {
    /// `{% for a in list %}…{% endfor %}`
    For {
        list: Part,
        /// How many names stand before `in`.
        names: usize,
        /// Whether `loop` may be read within.
        has_loop: bool,
        body: Vec<Segment>,
    },
    /// `{% if test %}…{% elif test %}…{% else %}…{% endif %}`
    If { branches: Vec<(Part, Vec<Segment>)>, otherwise: Vec<Segment> },
    /// Text that stands for itself.
    Literal(String),
    /// `{{ value }}`
    Value(Part),
}

/// An expression within a text.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) compiled: Compiled,
    /// The number of each of its reads among those of the whole text.
    pub(super) slots: Vec<usize>,
    pub(super) source: String,
}

/// All pieces of a text and what they read.
pub(super) struct Segments {
    pub(super) list: Vec<Segment>,
    pub(super) reads: Vec<Read>,
    /// Whether the text is one `{{ value }}` and nothing else.
    pub(super) is_alone: bool,
}

/// Reads a text.
pub(super) fn segments(text: &str, names: &Names<'_>) -> Result<Segments, Mistake> {
    if text.len() > SOURCE_BYTES_MAX && (text.contains("{{") || text.contains("{%")) {
        let message = format!("{} bytes are too long for a text with expressions", text.len());
        return Err(Mistake::limit(0, message).hint(format!("at most {SOURCE_BYTES_MAX} bytes")));
    }
    let mut reader = Reader {
        text,
        names,
        at: 0,
        trims: false,
        depth: 0,
        locals: Vec::new(),
        numbers: BTreeMap::new(),
        reads: Vec::new(),
        is_alone: false,
    };
    let (list, stop) = reader.list()?;
    if let Some(stop) = stop {
        let word = stop.word;
        return Err(Mistake::syntax(stop.offset, format!("`{word}` ends nothing here")));
    }
    Ok(Segments { list, reads: reader.reads, is_alone: reader.is_alone })
}

struct Reader<'a> {
    text: &'a str,
    names: &'a Names<'a>,
    at: usize,
    /// Whether blanks at the start of the next literal are cut.
    trims: bool,
    depth: usize,
    locals: Vec<String>,
    numbers: BTreeMap<(Root, Vec<String>), usize>,
    reads: Vec<Read>,
    is_alone: bool,
}

/// A statement that ends a list of pieces: `elif`, `else`, `endif` or `endfor`.
struct Stop {
    word: String,
    tokens: Vec<Token>,
    offset: usize,
    end: usize,
}

impl Reader<'_> {
    /// Reads pieces up to the end or to a statement that ends them.
    fn list(&mut self) -> Result<(Vec<Segment>, Option<Stop>), Mistake> {
        let mut list = Vec::new();
        loop {
            let start = self.at;
            let rest = &self.text[start..];
            let mut braces = rest.match_indices('{').map(|(bytes, _)| bytes);
            let found = braces.find(|bytes| rest[bytes + 1..].starts_with(['{', '%', '#']));
            let Some(bytes) = found else {
                self.literal(&mut list, rest);
                self.at = self.text.len();
                return Ok((list, None));
            };
            let open = start + bytes;
            let trims_before = self.text[open + 2..].starts_with('-');
            let literal = &rest[..bytes];
            self.literal(&mut list, if trims_before { literal.trim_end() } else { literal });
            let inside = open + 2 + usize::from(trims_before);
            match &self.text[open..open + 2] {
                "{{" => {
                    let part = self.placeholder(inside)?;
                    self.is_alone = open == 0 && self.at == self.text.len();
                    list.push(Segment::Value(part));
                }
                "{#" => self.comment(open)?,
                _ => {
                    if let Some(stop) = self.statement(&mut list, open, inside)? {
                        return Ok((list, Some(stop)));
                    }
                }
            }
        }
    }

    fn literal(&mut self, list: &mut Vec<Segment>, text: &str) {
        let text = if self.trims { text.trim_start() } else { text };
        self.trims = false;
        match list.last_mut() {
            _ if text.is_empty() => {}
            Some(Segment::Literal(before)) => before.push_str(text),
            _ => list.push(Segment::Literal(text.to_owned())),
        }
    }

    fn placeholder(&mut self, start: usize) -> Result<Part, Mistake> {
        let found = tokens(self.text, start, End::Sign("}}"), self.names)?;
        let part = self.part(&found.list, start, found.end)?;
        self.at = found.next;
        self.trims = found.trims;
        Ok(part)
    }

    /// Compiles the expression of some tokens.
    fn part(&mut self, tokens: &[Token], start: usize, end: usize) -> Result<Part, Mistake> {
        let around = Around {
            text: self.text,
            names: self.names,
            locals: &self.locals,
            reads_braces: false,
        };
        let (ast, _) = parse(around, tokens, end)?;
        let compiled = Compiled::new(emit_value(&ast), start)?;
        let mut slots = Vec::with_capacity(compiled.reads.len());
        for read in &compiled.reads {
            let key = (read.root.clone(), read.path.clone());
            let next = self.reads.len();
            let number = *self.numbers.entry(key).or_insert(next);
            if number == next {
                self.reads.push(read.clone());
            }
            self.reads[number].may_be_undefined &= read.may_be_undefined;
            slots.push(number);
        }
        let first = tokens.first().map_or(start, |token| token.start);
        let source = self.text[first..end].trim_end().to_owned();
        Ok(Part { compiled, slots, source })
    }

    fn comment(&mut self, open: usize) -> Result<(), Mistake> {
        let Some(bytes) = self.text[open + 2..].find("#}") else {
            let mistake = Mistake::syntax(open, "the comment `{#` has no end `#}`");
            return Err(mistake.hint("write `{% raw %}{#{% endraw %}` for the signs themselves"));
        };
        self.at = open + 2 + bytes + 2;
        self.trims = bytes > 0 && self.text[..self.at - 2].ends_with('-');
        Ok(())
    }

    /// Reads a statement, with all that belongs to it.
    fn statement(
        &mut self,
        list: &mut Vec<Segment>,
        open: usize,
        inside: usize,
    ) -> Result<Option<Stop>, Mistake> {
        let found = tokens(self.text, inside, End::Sign("%}"), self.names)?;
        self.at = found.next;
        self.trims = found.trims;
        let word = match found.list.first().map(|token| &token.kind) {
            Some(TokenKind::Name(word)) => word.clone(),
            _ => String::new(),
        };
        let rest = found.list.get(1..).unwrap_or_default();
        match word.as_str() {
            "if" => {
                let segment = self.deeper(open, |reader| reader.branches(rest, found.end, open))?;
                list.push(segment);
            }
            "for" => {
                let segment = self.deeper(open, |reader| reader.turns(rest, found.end, open))?;
                list.push(segment);
            }
            "raw" if rest.is_empty() => self.raw(list, open)?,
            "elif" | "else" | "endif" | "endfor" => {
                if word != "elif" && !rest.is_empty() {
                    let message = format!("nothing may follow `{word}`");
                    return Err(Mistake::syntax(rest[0].start, message));
                }
                let (tokens, end) = (rest.to_vec(), found.end);
                return Ok(Some(Stop { word, tokens, offset: open, end }));
            }
            _ => {
                let shown: String = word.chars().take(40).collect();
                return Err(Mistake::syntax(open, format!("unknown statement `{shown}`"))
                    .hint("statements are if, elif, else, endif, for, endfor, raw and endraw"));
            }
        }
        Ok(None)
    }

    fn deeper<T>(
        &mut self,
        offset: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Mistake>,
    ) -> Result<T, Mistake> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} statements within one another");
            return Err(Mistake::limit(offset, message));
        }
        let result = read(self)?;
        self.depth -= 1;
        Ok(result)
    }

    fn branches(&mut self, tokens: &[Token], end: usize, open: usize) -> Result<Segment, Mistake> {
        let mut branches = Vec::new();
        let mut test = Some(self.part(tokens, end, end)?);
        let mut otherwise = Vec::new();
        loop {
            let (list, stop) = self.list()?;
            let is_last = test.is_none();
            match test.take() {
                Some(test) => branches.push((test, list)),
                None => otherwise = list,
            }
            match stop {
                Some(stop) if stop.word == "endif" => {
                    return Ok(Segment::If { branches, otherwise });
                }
                Some(stop) if stop.word == "elif" && !is_last => {
                    test = Some(self.part(&stop.tokens, stop.offset, stop.end)?);
                }
                Some(stop) if stop.word == "else" && !is_last => {}
                Some(stop) => return Err(misplaced(&stop, "if")),
                None => return Err(Mistake::syntax(open, "`{% endif %}` is missing")),
            }
        }
    }

    fn turns(&mut self, tokens: &[Token], end: usize, open: usize) -> Result<Segment, Mistake> {
        let mut names: Vec<String> = Vec::new();
        let mut rest = tokens;
        let rest = loop {
            let [name, sign, behind @ ..] = rest else { break None };
            let TokenKind::Name(name) = &name.kind else { break None };
            names.push(name.clone());
            match &sign.kind {
                TokenKind::Name(word) if word == "in" => break Some(behind),
                TokenKind::Sign(",") if names.len() < 2 => rest = behind,
                _ => break None,
            }
        };
        let Some(rest) = rest else {
            let mistake = Mistake::syntax(open, "`for` needs a name and a list");
            return Err(mistake.hint("write `{% for x in list %}`"));
        };
        if let Some(name) =
            names.iter().find(|name| is_taken(name) || self.names.item_name == Some(name.as_str()))
        {
            let message = format!("`{name}` has a meaning already and cannot be a variable");
            return Err(Mistake::syntax(open, message));
        }
        let list = self.part(rest, end, end)?;
        let outer = self.locals.len();
        let count = names.len();
        self.locals.push("loop".to_owned());
        self.locals.extend(names);
        let start = self.at;
        let (body, stop) = self.list()?;
        self.locals.truncate(outer);
        match stop {
            Some(stop) if stop.word == "endfor" => {
                let has_loop = self.text[start..stop.offset].contains("loop");
                Ok(Segment::For { list, names: count, has_loop, body })
            }
            Some(stop) => Err(misplaced(&stop, "for")),
            None => Err(Mistake::syntax(open, "`{% endfor %}` is missing")),
        }
    }

    /// Reads what stands for itself, whatever it looks like.
    fn raw(&mut self, list: &mut Vec<Segment>, open: usize) -> Result<(), Mistake> {
        let start = self.at;
        let mut from = start;
        while let Some(bytes) = self.text[from..].find("{%") {
            let sign = from + bytes;
            from = sign + 2;
            let inside = &self.text[from..];
            let trims_before = inside.starts_with('-');
            let word = inside.trim_start_matches('-').trim_start();
            let Some(behind) = word.strip_prefix("endraw") else { continue };
            let behind = behind.trim_start();
            let trims_behind = behind.starts_with('-');
            let Some(after) = behind.trim_start_matches('-').strip_prefix("%}") else { continue };
            let literal = &self.text[start..sign];
            self.literal(list, if trims_before { literal.trim_end() } else { literal });
            self.at = self.text.len() - after.len();
            self.trims = trims_behind;
            return Ok(());
        }
        Err(Mistake::syntax(open, "`{% endraw %}` is missing"))
    }
}

fn misplaced(stop: &Stop, within: &str) -> Mistake {
    Mistake::syntax(stop.offset, format!("`{}` cannot stand here within `{within}`", stop.word))
}
