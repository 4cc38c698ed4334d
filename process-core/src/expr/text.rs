//! Texts in which `{{ … }}` stands for values.

use std::{fmt, sync::Arc};

use minijinja::{Error, Value as Datum};
use serde_json::Value;

use super::{
    Failure, Mistake, Names, Read, Scope,
    compiled::{Reason, look_up},
    limits::{OUTPUT_BYTES_MAX, TURN_WORK},
    segments::{Part, Segment, segments},
    value::{View, fails, items, show, to_json, to_text, view},
    work::Work,
};

/// A text in which `{{ … }}` stands for values; alone it is the value itself.
#[derive(Clone)]
pub struct Text(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: String,
    /// The text, when there is nothing to evaluate.
    constant: Option<String>,
    segments: Vec<Segment>,
    reads: Vec<Read>,
    is_alone: bool,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Text").field(&self.0.source).finish()
    }
}

/// Two are equal when they are written in the same way.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Text {}

impl Text {
    /// Parses and compiles a text.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str, names: &Names<'_>) -> Result<Self, Mistake> {
        let mut found = segments(text, names)?;
        let constant = match found.list.as_slice() {
            [] => Some(String::new()),
            [Segment::Literal(literal)] => Some(literal.clone()),
            _ => None,
        };
        // Most texts are plain, and a definition may have thousands of them.
        if constant.is_some() {
            found.list = Vec::new();
        }
        found.list.shrink_to_fit();
        Ok(Self(Arc::new(Inner {
            source: text.to_owned(),
            constant,
            segments: found.list,
            reads: found.reads,
            is_alone: found.is_alone,
        })))
    }

    /// Returns the text as it is written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Returns what it reads, in the order of the text.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.0.reads
    }

    /// Returns the text when there is no expression in it.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        self.0.constant.as_deref()
    }

    /// Returns the value: the native one of a single expression, else text.
    ///
    /// # Errors
    /// Whatever keeps an expression from having a value; undefined is one.
    pub fn value(&self, scope: &dyn Scope) -> Result<Value, Failure> {
        match self.0.segments.as_slice() {
            [Segment::Value(part)] if self.0.is_alone => {
                let mut run = Run::new(&self.0.reads, scope);
                let value = run.evaluate(part)?;
                to_json(&value, &run.work).map_err(|error| failure(part, &error))
            }
            _ => self.render(scope).map(Value::from),
        }
    }

    /// Returns the text with every expression in it written out.
    ///
    /// # Errors
    /// Whatever keeps an expression from having a value; undefined is one.
    pub fn render(&self, scope: &dyn Scope) -> Result<String, Failure> {
        if let Some(constant) = &self.0.constant {
            return Ok(constant.clone());
        }
        let mut run = Run::new(&self.0.reads, scope);
        run.write(&self.0.segments)?;
        Ok(run.output)
    }

    /// Returns the text as [`Text::render`] does, but for `${` that comes out of an expression: that
    /// becomes `$${`, so that no value can name a secret (docs/formats/definition.md).
    ///
    /// # Errors
    /// As [`Text::render`].
    pub fn render_naming_no_secret(&self, scope: &dyn Scope) -> Result<String, Failure> {
        if let Some(constant) = &self.0.constant {
            return Ok(constant.clone());
        }
        let mut run = Run::new(&self.0.reads, scope);
        run.secret_free = Some(false);
        run.write(&self.0.segments)?;
        Ok(run.output)
    }
}

/// One evaluation of a text.
struct Run<'a> {
    scope: &'a dyn Scope,
    reads: &'a [Read],
    /// What was looked up, each path once.
    values: Vec<Option<Datum>>,
    /// The variables of the `{% for %}` around the current place.
    locals: Vec<Datum>,
    work: Arc<Work>,
    output: String,
    /// Whether values must name no secret; then, whether the output ends with a value.
    secret_free: Option<bool>,
}

impl<'a> Run<'a> {
    fn new(reads: &'a [Read], scope: &'a dyn Scope) -> Self {
        Self {
            scope,
            reads,
            values: vec![None; reads.len()],
            locals: Vec::new(),
            work: Arc::new(Work::new()),
            output: String::new(),
            secret_free: None,
        }
    }

    fn write(&mut self, segments: &[Segment]) -> Result<(), Failure> {
        for segment in segments {
            match segment {
                Segment::Literal(text) => self.push_written(text)?,
                Segment::Value(part) => {
                    let value = self.evaluate(part)?;
                    let text = to_text(&value, &self.work);
                    self.push_value(&text.map_err(|error| failure(part, &error))?)?;
                }
                Segment::If { branches, otherwise } => {
                    let mut chosen = otherwise;
                    for (test, body) in branches {
                        if self.evaluate(test)?.is_true() {
                            chosen = body;
                            break;
                        }
                    }
                    self.write(chosen)?;
                }
                Segment::For { list, names, has_loop, body } => {
                    let value = self.evaluate(list)?;
                    let outer = self.locals.len();
                    let length = value.len().unwrap_or_default();
                    let items = turns(&value).map_err(|error| failure(list, &error))?;
                    for (number, item) in items.enumerate() {
                        let charged = self.work.charge(TURN_WORK);
                        charged.map_err(|error| failure(list, &error))?;
                        let turn = if *has_loop { turn(number, length) } else { Datum::UNDEFINED };
                        self.locals.push(turn);
                        let fields = fields(item, *names).map_err(|error| failure(list, &error))?;
                        self.locals.extend(fields);
                        self.write(body)?;
                        self.locals.truncate(outer);
                    }
                }
            }
        }
        Ok(())
    }

    /// Appends what stands in the definition.
    fn push_written(&mut self, text: &str) -> Result<(), Failure> {
        // A value that ends in `$` must not make a secret of the `{` behind it.
        if self.secret_free == Some(true) && self.output.ends_with('$') && text.starts_with('{') {
            self.push("$")?;
        }
        self.secret_free = self.secret_free.map(|_| text.is_empty());
        self.push(text)
    }

    /// Appends what an expression gave.
    fn push_value(&mut self, text: &str) -> Result<(), Failure> {
        if self.secret_free.is_none() || text.is_empty() {
            return self.push(text);
        }
        if self.output.ends_with('$') && text.starts_with('{') {
            self.push("$")?;
        }
        self.secret_free = Some(true);
        self.push(&text.replace("${", "$${"))
    }

    fn push(&mut self, text: &str) -> Result<(), Failure> {
        if self.output.len() + text.len() > OUTPUT_BYTES_MAX {
            let message = format!("the text becomes longer than {OUTPUT_BYTES_MAX} bytes");
            return Err(Failure { message });
        }
        self.output.push_str(text);
        Ok(())
    }

    fn evaluate(&mut self, part: &Part) -> Result<Datum, Failure> {
        self.work.charge(TURN_WORK).map_err(|error| failure(part, &error))?;
        let mut reads = Vec::with_capacity(part.slots.len());
        for slot in &part.slots {
            let value = match &self.values[*slot] {
                Some(value) => value.clone(),
                None => look_up(&self.reads[*slot], self.scope, &self.work)
                    .map_err(|error| failure(part, &error))?,
            };
            self.values[*slot] = Some(value.clone());
            reads.push(value);
        }
        let locals = if part.compiled.has_locals { self.locals.clone() } else { Vec::new() };
        let value = part.compiled.evaluate(reads, locals, &self.work);
        value.map_err(|reason: Reason| reason.of(&part.source))
    }
}

fn failure(part: &Part, error: &Error) -> Failure {
    part.compiled.reason(error, &[]).of(&part.source)
}

/// Returns what a `{% for %}` goes through: the items of a list, the keys of a map.
fn turns(value: &Datum) -> Result<impl Iterator<Item = Datum>, Error> {
    match view(value) {
        View::List | View::Map => items(value),
        _ => Err(fails(format!("{} is no list", show(value)))),
    }
}

/// Returns the variables of one turn.
fn fields(item: Datum, names: usize) -> Result<Vec<Datum>, Error> {
    if names == 1 {
        return Ok(vec![item]);
    }
    match view(&item) {
        View::List if item.len() == Some(names) => Ok(items(&item)?.collect()),
        _ => Err(fails(format!("{} is no list of {names} items", show(&item)))),
    }
}

/// Returns `loop`.
fn turn(number: usize, length: usize) -> Datum {
    Datum::from_pairs([
        ("index", Datum::from(number + 1)),
        ("index0", Datum::from(number)),
        ("first", Datum::from(number == 0)),
        ("last", Datum::from(number + 1 == length)),
        ("length", Datum::from(length)),
    ])
}
