//! One expression, checked and compiled; evaluating it gives a value or says why there is none.

use std::{fmt, sync::Arc};

use minijinja::{Error, ErrorKind, Expression as Code, Value};

use super::{
    Failure, Mistake, Read, Scope,
    emit::Emitted,
    machine::{Frame, MACHINE},
    value::{cut, from_known},
    work::Work,
};

/// An expression that can be evaluated any number of times.
pub(super) struct Compiled {
    code: Code<'static, 'static>,
    constants: Arc<[Value]>,
    /// What it reads, in the order of the text.
    pub(super) reads: Vec<Read>,
    /// Whether it names a variable of a `{% for %}`.
    pub(super) has_locals: bool,
}

/// Says why an evaluation has no value, before it is told to people.
pub(super) struct Reason {
    /// What is wrong.
    message: String,
    /// Whether something undefined is the cause.
    pub(super) is_undefined: bool,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("reads", &self.reads).finish_non_exhaustive()
    }
}

impl Compiled {
    /// Compiles what was emitted.
    pub(super) fn new(emitted: Emitted, offset: usize) -> Result<Self, Mistake> {
        let Emitted { text, reads, constants, has_locals, .. } = emitted;
        let code = MACHINE.compile_expression_owned(text).map_err(|_| {
            // Every tree has a text that compiles, unless it is too deep.
            Mistake::limit(offset, "the expression is too deep").hint("split it")
        })?;
        Ok(Self { code, constants: constants.into(), reads, has_locals })
    }

    /// Looks up all that it reads.
    pub(super) fn look_up(&self, scope: &dyn Scope, work: &Work) -> Result<Vec<Value>, Reason> {
        let value =
            |read: &Read| look_up(read, scope, work).map_err(|error| self.reason(&error, &[]));
        self.reads.iter().map(value).collect()
    }

    /// Evaluates it with the values of its reads and of the variables around it.
    pub(super) fn evaluate(
        &self,
        reads: Vec<Value>,
        locals: Vec<Value>,
        work: &Arc<Work>,
    ) -> Result<Value, Reason> {
        let constants = Arc::clone(&self.constants);
        let frame = Arc::new(Frame { reads, constants, locals, work: Arc::clone(work) });
        let result = self.code.eval(Value::from_dyn_object(Arc::clone(&frame)));
        let value = result.map_err(|error| self.reason(&error, &frame.reads))?;
        if value.is_undefined() {
            return Err(self.reason(&Error::from(ErrorKind::UndefinedError), &frame.reads));
        }
        Ok(value)
    }

    /// Says why there is no value.
    pub(super) fn reason(&self, error: &Error, values: &[Value]) -> Reason {
        let is_undefined = error.kind() == ErrorKind::UndefinedError;
        let message = match error.kind() {
            ErrorKind::UndefinedError => self.undefined(values),
            ErrorKind::OutOfFuel => "it takes too many steps".to_owned(),
            _ => error.detail().unwrap_or("it cannot be evaluated").to_owned(),
        };
        Reason { message, is_undefined }
    }

    /// Names what is undefined, of the paths that must not be if there are any.
    fn undefined(&self, values: &[Value]) -> String {
        let missing = |strict: bool| {
            let reads = self.reads.iter().zip(values);
            let missing = reads
                .filter(|(read, value)| value.is_undefined() && !(strict && read.may_be_undefined));
            missing.map(|(read, _)| format!("`{}`", cut(&read.to_string()))).collect::<Vec<_>>()
        };
        let mut names = missing(true);
        if names.is_empty() {
            names = missing(false);
        }
        match names.as_slice() {
            [] => "a part of it is undefined".to_owned(),
            [name] => format!("{name} is undefined"),
            // One of them is the cause; which one depends on the way through the expression.
            [first, ..] if names.len() > 3 => format!("{first} and others are undefined"),
            names => format!("{} are undefined", names.join(", ")),
        }
    }
}

/// Looks up one path.
pub(super) fn look_up(read: &Read, scope: &dyn Scope, work: &Work) -> Result<Value, Error> {
    match scope.known(&read.root) {
        Some(known) => from_known(known, &read.path, work),
        None => Ok(Value::UNDEFINED),
    }
}

impl Reason {
    /// Creates a reason that has to do with the result.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_undefined: false }
    }

    /// Tells it with the text of the expression.
    pub(super) fn of(self, source: &str) -> Failure {
        Failure { message: format!("cannot evaluate `{}`: {}", cut(source), self.message) }
    }
}
