//! Turns the pieces of an expression into its tree, by the precedence of Jinja.

use minijinja::Value;

use super::{
    Mistake, Names,
    ast::{Ast, Kind},
    limits::DEPTH_MAX,
    operators::{Operator, operator},
    parse_names::reserved,
    tokens::{Token, TokenKind},
};

/// How tightly operators bind; a filter, a field and a test bind tighter than all.
mod power {
    pub(super) const ANY: u8 = 0;
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const COMPARISON: u8 = 4;
    pub(super) const SUM: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const PRODUCT: u8 = 7;
    pub(super) const POWER: u8 = 8;
}

/// A `{{ … }}` within a condition: the tokens of its braces, by their numbers.
pub(super) struct Braces {
    pub(super) open: usize,
    pub(super) close: usize,
    /// Whether `(…)` is to stand in its place.
    pub(super) is_compound: bool,
}

/// What is around an expression.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) text: &'a str,
    pub(super) names: &'a Names<'a>,
    /// The names of the variables of `{% for %}`, the innermost last.
    pub(super) locals: &'a [String],
    /// Whether `{{ e }}` within it means `(e)`.
    pub(super) reads_braces: bool,
}

/// Reads the tree of an expression that ends at `end`.
pub(super) fn parse(
    around: Around<'_>,
    tokens: &[Token],
    end: usize,
) -> Result<(Ast, Vec<Braces>), Mistake> {
    let mut parser = Parser { around, tokens, end, at: 0, depth: 0, braces: Vec::new() };
    if tokens.is_empty() {
        return Err(Mistake::syntax(end, "the expression is empty"));
    }
    let ast = parser.expression()?;
    match parser.peek() {
        None => Ok((ast, parser.braces)),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

/// Reads tokens one by one.
pub(super) struct Parser<'a> {
    pub(super) around: Around<'a>,
    tokens: &'a [Token],
    end: usize,
    at: usize,
    depth: usize,
    braces: Vec<Braces>,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Option<&'a TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(super) fn next(&mut self) -> Option<&'a TokenKind> {
        let kind = self.peek();
        self.at += usize::from(kind.is_some());
        kind
    }

    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |token| token.start)
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Sign(found)) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Name(found)) if found == word)
    }

    /// Goes on if the sign is next.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), Mistake> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    /// The piece before the next one touches it, as the `-` in `a-b` does.
    pub(super) fn follows_hyphen(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.is_some_and(|token| token.kind == TokenKind::Sign("-") && token.end == self.offset())
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Mistake {
        let offset = self.offset();
        let Some(token) = self.tokens.get(self.at) else {
            return Mistake::syntax(offset, format!("{wanted} is missing at the end"));
        };
        let found: String = self.around.text[token.start..token.end].chars().take(40).collect();
        let mistake = Mistake::syntax(offset, format!("expected {wanted}, found `{found}`"));
        match &token.kind {
            TokenKind::Sign("=") => mistake.hint("write == to compare"),
            TokenKind::Sign("{{") => mistake.hint("braces stand around a value, not within one"),
            TokenKind::Name(_) | TokenKind::Text(_) => mistake.hint(
                "join parts with an operator such as `and`, `==` or `~`; put quotes around a text",
            ),
            _ => mistake,
        }
    }

    /// Reads a part one level deeper.
    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Mistake>,
    ) -> Result<T, Mistake> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} levels within one another");
            return Err(Mistake::limit(self.offset(), message));
        }
        let result = read(self)?;
        self.depth -= 1;
        Ok(result)
    }

    /// Reads `a` or `a if test else b`.
    pub(super) fn expression(&mut self) -> Result<Ast, Mistake> {
        self.deeper(|parser| {
            let then = parser.binary(power::ANY)?;
            let offset = parser.offset();
            if !parser.take_word("if") {
                return Ok(then);
            }
            let test = parser.binary(power::ANY)?;
            if !parser.take_word("else") {
                let mistake = Mistake::syntax(parser.offset(), "`if` has no `else`");
                return Err(mistake.hint("write `a if test else b`"));
            }
            let otherwise = parser.expression()?;
            let (then, test, otherwise) = (Box::new(then), Box::new(test), Box::new(otherwise));
            Ast::new(Kind::Choice { then, test, otherwise }, offset)
        })
    }

    fn binary(&mut self, least: u8) -> Result<Ast, Mistake> {
        let mut left = self.prefix()?;
        loop {
            let offset = self.offset();
            let Some((infix, power, tokens)) = self.infix().filter(|found| found.1 >= least) else {
                return Ok(left);
            };
            self.at += tokens;
            let right = Box::new(self.binary(power + 1)?);
            let kind = match infix {
                Infix::And => Kind::And(Box::new(left), right),
                Infix::Or => Kind::Or(Box::new(left), right),
                Infix::Checked(operator) => Kind::Binary(operator, Box::new(left), right),
            };
            left = Ast::new(kind, offset)?;
            let again = self.infix().is_some_and(|found| found.1 == power::COMPARISON);
            if power == power::COMPARISON && again {
                let mistake =
                    Mistake::syntax(self.offset(), "comparisons cannot follow one another");
                return Err(mistake.hint("write `1 < x and x < 3`"));
            }
        }
    }

    /// Returns the operator that is next, how it binds, and of how many pieces it is.
    fn infix(&self) -> Option<(Infix, u8, usize)> {
        let checked =
            |name: &str, power: u8| operator(name).map(|op| (Infix::Checked(op), power, 1));
        match self.peek()? {
            TokenKind::Name(word) => match word.as_str() {
                "or" => Some((Infix::Or, power::OR, 1)),
                "and" => Some((Infix::And, power::AND, 1)),
                "in" => checked("in", power::COMPARISON),
                "not" => match self.tokens.get(self.at + 1).map(|token| &token.kind) {
                    Some(TokenKind::Name(word)) if word == "in" => {
                        operator("not in").map(|op| (Infix::Checked(op), power::COMPARISON, 2))
                    }
                    _ => None,
                },
                _ => None,
            },
            TokenKind::Sign(sign) => match *sign {
                "||" => Some((Infix::Or, power::OR, 1)),
                "&&" => Some((Infix::And, power::AND, 1)),
                "==" | "!=" | "<" | "<=" | ">" | ">=" => checked(sign, power::COMPARISON),
                "+" | "-" => checked(sign, power::SUM),
                "~" => checked(sign, power::TEXT),
                "*" | "/" | "//" | "%" => checked(sign, power::PRODUCT),
                "**" => checked(sign, power::POWER),
                _ => None,
            },
            TokenKind::Float(_)
            | TokenKind::Integer(_)
            | TokenKind::Step(_)
            | TokenKind::Text(_) => None,
        }
    }

    fn prefix(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        if self.take_word("not") || self.take("!") {
            let of = self.deeper(|parser| parser.binary(power::AND + 1))?;
            return Ast::new(Kind::Not(Box::new(of)), offset);
        }
        let value = self.unary()?;
        self.filters_and_tests(value)
    }

    /// Reads a value with its fields, perhaps behind a minus, but without filters.
    fn unary(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        if !self.take("-") {
            let value = self.primary()?;
            return self.fields(value);
        }
        let of = self.deeper(|parser| parser.unary())?;
        if let Kind::Constant(value) = &of.kind
            && value.is_number()
        {
            let negative = match value.as_i64() {
                Some(whole) if value.is_integer() => whole.checked_neg().map(Value::from),
                _ if value.is_integer() => None,
                _ => f64::try_from(value.clone()).ok().map(|float| Value::from(-float)),
            };
            if let Some(negative) = negative {
                return Ast::new(Kind::Constant(negative), offset);
            }
        }
        Ast::new(Kind::Negative(Box::new(of)), offset)
    }

    fn primary(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        let constant = |value: Value| Ast::new(Kind::Constant(value), offset);
        match self.peek() {
            Some(TokenKind::Float(value)) => {
                self.at += 1;
                constant(Value::from(*value))
            }
            Some(TokenKind::Integer(value)) => {
                self.at += 1;
                constant(Value::from(*value))
            }
            Some(TokenKind::Text(value)) => {
                self.at += 1;
                constant(Value::from(value.as_str()))
            }
            Some(TokenKind::Name(word)) => match word.as_str() {
                "true" | "True" => self.word(Value::from(true), offset),
                "false" | "False" => self.word(Value::from(false), offset),
                "none" | "None" | "null" | "Null" => self.word(Value::from(()), offset),
                word if reserved(word) => Err(self.unexpected("a value")),
                _ => self.name(),
            },
            Some(TokenKind::Sign("(")) => self.parentheses(),
            Some(TokenKind::Sign("[")) => {
                self.at += 1;
                let items = self.items("]", Self::expression)?;
                Ast::new(Kind::List(items), offset)
            }
            Some(TokenKind::Sign("{")) => {
                self.at += 1;
                let entries = self.items("}", Self::entry)?;
                Ast::new(Kind::Map(entries), offset)
            }
            Some(TokenKind::Sign("{{")) if self.around.reads_braces => self.in_braces(),
            Some(TokenKind::Sign(_) | TokenKind::Step(_)) | None => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, value: Value, offset: usize) -> Result<Ast, Mistake> {
        self.at += 1;
        Ast::new(Kind::Constant(value), offset)
    }

    /// Reads `(a)`, or `(a, b)`, which is a list.
    fn parentheses(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        self.at += 1;
        if self.take(")") {
            return Ast::new(Kind::List(Vec::new()), offset);
        }
        let first = self.expression()?;
        if self.take(")") {
            return Ok(first);
        }
        self.expect(",")?;
        let mut items = vec![first];
        items.extend(self.items(")", Self::expression)?);
        Ast::new(Kind::List(items), offset)
    }

    fn in_braces(&mut self) -> Result<Ast, Mistake> {
        let open = self.at;
        self.at += 1;
        if self.is_sign("}}") {
            return Err(Mistake::syntax(self.offset(), "there is nothing between the braces"));
        }
        let number = self.braces.len();
        self.braces.push(Braces { open, close: open, is_compound: false });
        let ast = self.expression()?;
        let close = self.at;
        self.expect("}}")?;
        let is_alone = open == 0 && self.peek().is_none();
        let is_filter = matches!(ast.kind, Kind::Filter(..));
        let has_field = self.is_sign(".") || self.is_sign("[");
        let is_compound = !is_alone && (!ast.is_simple() || is_filter && has_field);
        self.braces[number] = Braces { open, close, is_compound };
        Ok(ast)
    }

    /// Reads parts that commas separate, up to the closing sign.
    fn items<T>(
        &mut self,
        close: &str,
        read: impl Fn(&mut Self) -> Result<T, Mistake>,
    ) -> Result<Vec<T>, Mistake> {
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(read(self)?);
            if !self.take(",") {
                self.expect(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn entry(&mut self) -> Result<(String, Ast), Mistake> {
        let Some(TokenKind::Text(key)) = self.peek() else {
            return Err(self.unexpected("a key in quotes"));
        };
        self.at += 1;
        self.expect(":")?;
        Ok((key.clone(), self.expression()?))
    }

    /// Reads what a call holds between its parentheses: values, some of them named.
    pub(super) fn arguments(&mut self) -> Result<Vec<Argument<'a>>, Mistake> {
        self.items(")", |parser| {
            let offset = parser.offset();
            let equals = parser.tokens.get(parser.at + 1).map(|token| &token.kind);
            let name = match parser.peek() {
                Some(TokenKind::Name(name)) if equals == Some(&TokenKind::Sign("=")) => {
                    parser.at += 2;
                    Some(name.as_str())
                }
                _ => None,
            };
            Ok(Argument { name, offset, value: parser.expression()? })
        })
    }

    /// Reads the argument of a test that has no parentheses, as in `is divisibleby 3`.
    pub(super) fn bare_argument(&mut self) -> Result<Option<Ast>, Mistake> {
        let begins = match self.peek() {
            Some(TokenKind::Name(word)) => !reserved(word),
            Some(TokenKind::Sign(sign)) => matches!(*sign, "[" | "{" | "{{"),
            Some(TokenKind::Float(_) | TokenKind::Integer(_) | TokenKind::Text(_)) => true,
            Some(TokenKind::Step(_)) | None => false,
        };
        if begins { self.deeper(|parser| parser.unary()).map(Some) } else { Ok(None) }
    }
}

/// A value between the parentheses of a filter or test.
pub(super) struct Argument<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) offset: usize,
    pub(super) value: Ast,
}

/// An operator between two values.
enum Infix {
    And,
    Checked(&'static Operator),
    Or,
}
