//! Looks up what an expression names: values in scope, steps, fields, filters and tests.

use minijinja::Value;

use super::{
    Mistake, Root, StepField,
    ast::{Ast, Kind},
    filters::{FILTERS, filter_named},
    limits::PATH_KEYS_MAX,
    mistake::nearest_id,
    operators::operator,
    parse::{Argument, Parser},
    predicates::{PREDICATES, predicate},
    tokens::TokenKind,
};
use crate::id::StepId;

/// The names that exist everywhere, `execution` being read as `process`.
const NAMES: [&str; 6] = ["input", "steps", "process", "execution", "trigger", "now"];

/// The words that are no names.
const WORDS: [&str; 8] = ["and", "or", "not", "in", "is", "if", "else", "elif"];

/// Whether a word is an operator and so no name of a value.
pub(super) fn reserved(word: &str) -> bool {
    WORDS.contains(&word)
}

/// Whether a word names something in every expression, so that nothing else may have it.
pub(super) fn is_taken(word: &str) -> bool {
    let literals = ["true", "True", "false", "False", "none", "None", "null", "Null"];
    let items = ["item", "item_index", "loop"];
    reserved(word) || NAMES.contains(&word) || literals.contains(&word) || items.contains(&word)
}

/// Returns the field of a step with a name, if it is none of its output.
pub(super) fn step_field(name: &str) -> Option<StepField> {
    Some(match name {
        "attempts" => StepField::Attempts,
        "comment" | "comments" | "feedback" => StepField::Comment,
        "completed_at" => StepField::CompletedAt,
        "cost" => StepField::Cost,
        "decided_at" => StepField::DecidedAt,
        "decided_by" => StepField::DecidedBy,
        "decision" => StepField::Decision,
        "duration" => StepField::Duration,
        "error" => StepField::Error,
        "output" => StepField::Output,
        "skip_reason" => StepField::SkipReason,
        "started_at" => StepField::StartedAt,
        "status" => StepField::Status,
        _ => return None,
    })
}

impl Parser<'_> {
    /// Reads a name with which a path begins.
    pub(super) fn name(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        let Some(TokenKind::Name(name)) = self.peek() else {
            return Err(self.unexpected("a name"));
        };
        let names = self.around.names;
        let local = self.around.locals.iter().rposition(|local| local == name);
        let kind = match name.as_str() {
            _ if local.is_some() => Kind::Local(local.unwrap_or_default()),
            "input" => Kind::Read(Root::Input, Vec::new()),
            "process" | "execution" => Kind::Read(Root::Process, Vec::new()),
            "trigger" => Kind::Read(Root::Trigger, Vec::new()),
            "now" => Kind::Read(Root::Now, Vec::new()),
            "item" if names.has_item => Kind::Read(Root::Item, Vec::new()),
            "item_index" if names.has_item => Kind::Read(Root::ItemIndex, Vec::new()),
            name if names.item_name == Some(name) => Kind::Read(Root::Item, Vec::new()),
            "steps" => return self.step(),
            _ => return Err(self.unknown_name(name)),
        };
        self.next();
        if self.is_sign("(") {
            return Err(Mistake::syntax(offset, format!("`{name}` cannot be called"))
                .hint("there are no functions; filters are written `value | filter`"));
        }
        Ast::new(kind, offset)
    }

    fn unknown_name(&self, name: &str) -> Mistake {
        let offset = self.offset();
        let shown: String = name.chars().take(64).collect();
        let mistake = Mistake::new("unknown_name", offset, format!("unknown name `{shown}`"));
        if self.follows_hyphen() {
            return mistake.hint("`-` is minus; a field with a hyphen is written `input['a-b']`");
        }
        let names = self.around.names;
        let items = ["item", "item_index"].into_iter().filter(|_| names.has_item);
        let locals = self.around.locals.iter().map(String::as_str);
        let known = NAMES.into_iter().chain(items).chain(names.item_name).chain(locals);
        let is_step = shown == name && (names.is_step)(name);
        if is_step {
            return mistake.hint(format!("did you mean `steps.{name}`?"));
        }
        if matches!(name, "item" | "item_index") {
            return mistake.hint("there is an item only in a step with `foreach`");
        }
        let near = mistake.nearest(name, known);
        if near.hint.is_some() {
            return near;
        }
        near.hint("put quotes around a text; in scope are input, steps, process, trigger and now")
    }

    /// Reads `steps.ID`, `steps['ID']` and the field behind it.
    fn step(&mut self) -> Result<Ast, Mistake> {
        let offset = self.offset();
        self.next();
        let whole = |offset| {
            Mistake::syntax(offset, "`steps` is no value by itself")
                .hint("write `steps.ID.output`, or `steps['ID'].output` for an odd id")
        };
        let id_offset;
        let id = if self.take(".") {
            id_offset = self.offset();
            match self.next() {
                Some(TokenKind::Step(id)) => id,
                _ => return Err(whole(offset)),
            }
        } else if self.take("[") {
            id_offset = self.offset();
            let Some(TokenKind::Text(id)) = self.next() else { return Err(whole(offset)) };
            self.expect("]").map_err(|_| whole(offset))?;
            id
        } else {
            return Err(whole(offset));
        };
        let is_step = self.around.names.is_step;
        let Some(step_id) = StepId::parse(id).ok().filter(|_| is_step(id)) else {
            let shown: String = id.chars().take(64).collect();
            let mistake =
                Mistake::new("unknown_step", id_offset, format!("unknown step `{shown}`"));
            return Err(match nearest_id(id, is_step) {
                Some(near) => mistake.hint(format!("did you mean `{near}`?")),
                None => mistake,
            });
        };
        let (field, path) = self.field_of_step(id)?;
        Ast::new(Kind::Read(Root::Step(step_id, field), path), offset)
    }

    fn field_of_step(&mut self, id: &str) -> Result<(StepField, Vec<String>), Mistake> {
        let offset = self.offset();
        let field = if self.take(".") {
            match self.next() {
                Some(TokenKind::Name(field)) => Some(field),
                _ => None,
            }
        } else if self.take("[") {
            match self.next() {
                Some(TokenKind::Text(field)) if self.is_sign("]") => {
                    self.next();
                    Some(field)
                }
                _ => None,
            }
        } else {
            return Ok((StepField::All, Vec::new()));
        };
        let Some(name) = field else {
            let mistake = Mistake::syntax(offset, format!("no field of step `{id}` is named"));
            return Err(mistake.hint(format!("write `steps.{id}.output[…]`")));
        };
        if self.is_sign("(") {
            return Err(no_methods(offset, name));
        }
        Ok(match step_field(name) {
            Some(field) => (field, Vec::new()),
            None => (StepField::Output, vec![name.clone()]),
        })
    }

    /// Reads the fields and subscripts behind a value.
    pub(super) fn fields(&mut self, mut value: Ast) -> Result<Ast, Mistake> {
        loop {
            let offset = self.offset();
            let key = if self.take(".") {
                match self.next() {
                    Some(TokenKind::Name(name)) if self.is_sign("(") => {
                        return Err(no_methods(offset, name));
                    }
                    Some(TokenKind::Name(name)) => constant(name.as_str(), offset)?,
                    Some(TokenKind::Integer(index)) => constant(*index, offset)?,
                    _ => return Err(Mistake::syntax(offset, "the name of a field is missing")),
                }
            } else if self.take("[") {
                let slice = Mistake::syntax(offset, "parts of lists and texts cannot be cut out");
                let slice = slice.hint("`first`, `last` and `truncate` are filters");
                if self.is_sign(":") {
                    return Err(slice);
                }
                let key = self.expression()?;
                if self.is_sign(":") {
                    return Err(slice);
                }
                self.expect("]")?;
                key
            } else if self.is_sign("(") {
                let mistake = Mistake::syntax(offset, "a value cannot be called");
                return Err(mistake.hint("there are no functions"));
            } else {
                return Ok(value);
            };
            value = field(value, key, offset)?;
        }
    }

    /// Reads `| filter(…)` and `is test` behind a value.
    pub(super) fn filters_and_tests(&mut self, mut value: Ast) -> Result<Ast, Mistake> {
        loop {
            value = match self.peek() {
                Some(TokenKind::Sign("|")) => {
                    self.next();
                    self.filter(value)?
                }
                Some(TokenKind::Name(word)) if word == "is" => {
                    self.next();
                    self.test(value)?
                }
                _ => return Ok(value),
            };
        }
    }

    fn filter(&mut self, of: Ast) -> Result<Ast, Mistake> {
        let offset = self.offset();
        let Some(TokenKind::Name(name)) = self.peek() else {
            return Err(self.unexpected("the name of a filter"));
        };
        let Some(filter) = filter_named(name) else {
            let known = FILTERS.iter().map(|filter| filter.name);
            let mistake =
                Mistake::new("unknown_filter", offset, format!("unknown filter `{name}`"));
            let mistake = mistake.nearest(name, known.clone());
            let list = known.collect::<Vec<_>>().join(", ");
            let near = mistake.hint.as_deref().map_or(String::new(), |hint| format!("{hint} "));
            return Err(mistake.hint(format!("{near}filters: {list}")));
        };
        self.next();
        let mut arguments: Vec<Option<Ast>> = Vec::new();
        if self.take("(") {
            for (number, argument) in self.arguments()?.into_iter().enumerate() {
                let Argument { name, offset, value } = argument;
                let at = match name {
                    None => number,
                    Some(name) => filter.parameter(name).ok_or_else(|| {
                        let message = format!("`{}` has no argument `{name}`", filter.name);
                        let mistake = Mistake::syntax(offset, message);
                        mistake.nearest(name, filter.parameters.iter().copied())
                    })?,
                };
                if at >= filter.parameters.len() {
                    let most = filter.parameters.len();
                    let message = format!("`{}` takes at most {most} arguments", filter.name);
                    return Err(Mistake::syntax(offset, message));
                }
                if arguments.len() <= at {
                    arguments.resize_with(at + 1, || None);
                }
                if arguments[at].replace(value).is_some() {
                    return Err(Mistake::syntax(offset, "an argument is given twice"));
                }
            }
        }
        let given = arguments.iter().take_while(|argument| argument.is_some()).count();
        if given < filter.required {
            let missing = filter.parameters[given];
            let message = format!("`{}` needs the argument `{missing}`", filter.name);
            return Err(Mistake::syntax(offset, message));
        }
        Ast::new(Kind::Filter(filter, Box::new(of), arguments), offset)
    }

    fn test(&mut self, of: Ast) -> Result<Ast, Mistake> {
        let holds = !matches!(self.peek(), Some(TokenKind::Name(word)) if word == "not");
        if !holds {
            self.next();
        }
        let offset = self.offset();
        let Some(TokenKind::Name(name)) = self.peek() else {
            return Err(self.unexpected("the name of a test"));
        };
        let Some(test) = predicate(name) else {
            let known = PREDICATES.iter().map(|test| test.name);
            let mistake = Mistake::new("unknown_test", offset, format!("unknown test `{name}`"));
            let mistake = mistake.nearest(name, known.clone());
            let list = known.collect::<Vec<_>>().join(", ");
            let near = mistake.hint.as_deref().map_or(String::new(), |hint| format!("{hint} "));
            return Err(mistake.hint(format!("{near}tests: {list}")));
        };
        self.next();
        let mut arguments = Vec::new();
        if self.take("(") {
            arguments = self.arguments()?.into_iter().map(|argument| argument.value).collect();
        } else if test.takes_argument {
            arguments.extend(self.bare_argument()?);
        }
        if arguments.len() != usize::from(test.takes_argument) {
            let wanted = if test.takes_argument { "one argument" } else { "no argument" };
            return Err(Mistake::syntax(offset, format!("`{}` takes {wanted}", test.name)));
        }
        let argument = arguments.pop().map(Box::new);
        Ast::new(Kind::Test { test, holds, of: Box::new(of), argument }, offset)
    }
}

fn constant(value: impl Into<Value>, offset: usize) -> Result<Ast, Mistake> {
    Ast::new(Kind::Constant(value.into()), offset)
}

/// Returns a field of a value: one more key of a path, or a subscript that is looked up later.
fn field(value: Ast, key: Ast, offset: usize) -> Result<Ast, Mistake> {
    if let (Kind::Read(root, path), Kind::Constant(constant)) = (&value.kind, &key.kind)
        && *root != Root::Now
    {
        let known = match constant.as_str() {
            Some(name) => Some(name.to_owned()),
            None => constant.as_i64().filter(|_| constant.is_integer()).map(|i| i.to_string()),
        };
        if let Some(known) = known {
            let mut path = path.clone();
            path.push(known);
            if path.len() > PATH_KEYS_MAX {
                let message = format!("a path has at most {PATH_KEYS_MAX} fields");
                return Err(Mistake::limit(offset, message));
            }
            return Ast::new(Kind::Read(root.clone(), path), offset);
        }
    }
    if let Kind::Read(Root::Step(id, StepField::All), _) = &value.kind {
        let mistake = Mistake::syntax(offset, format!("no field of step `{id}` is named"));
        return Err(mistake.hint(format!("write `steps.{id}.output[…]`")));
    }
    let Some(item) = operator("[]") else { return Ok(value) };
    Ast::new(Kind::Binary(item, Box::new(value), Box::new(key)), offset)
}

fn no_methods(offset: usize, name: &str) -> Mistake {
    let mistake = Mistake::syntax(offset, format!("`.{name}(…)` cannot be called"));
    match filter_named(name) {
        Some(filter) => mistake.hint(format!("write `value | {}`", filter.name)),
        None if matches!(name, "startswith" | "endswith") => {
            mistake.hint("write `value is startingwith 'text'`, `value is endingwith 'text'`")
        }
        None => mistake.hint("there are no methods; filters are written `value | filter`"),
    }
}
