//! Writes the tree of an expression as the text that is compiled.
//!
//! The text holds our own names only: paths are `r0`, `r1`, …, literals `k0`, `k1`, …, and every
//! operator is one of our filters, so that neither a value nor a literal can become code.

use std::{collections::BTreeMap, fmt::Write as _};

use minijinja::Value;

use super::{
    Read, Root,
    ast::{Ast, Kind},
};

/// What an expression is compiled from.
#[derive(Default)]
pub(super) struct Emitted {
    pub(super) text: String,
    pub(super) reads: Vec<Read>,
    pub(super) constants: Vec<Value>,
    /// Whether it names a variable of a `{% for %}`.
    pub(super) has_locals: bool,
    is_condition: bool,
    numbers: BTreeMap<(Root, Vec<String>), usize>,
}

/// Whether an expression may go on when a part of it is undefined.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Undefined {
    Fails,
    Passes,
}

/// Writes a condition, in which operands are booleans.
pub(super) fn emit_condition(ast: &Ast) -> Emitted {
    let mut emitted = Emitted { is_condition: true, ..Emitted::default() };
    emitted.write(ast, Undefined::Fails);
    emitted
}

/// Writes an expression of any value.
pub(super) fn emit_value(ast: &Ast) -> Emitted {
    let mut emitted = Emitted::default();
    emitted.write(ast, Undefined::Fails);
    emitted
}

impl Emitted {
    fn write(&mut self, ast: &Ast, undefined: Undefined) {
        match &ast.kind {
            Kind::And(left, right) => self.chain(left, " and ", right, true),
            Kind::Or(left, right) => self.chain(left, " or ", right, false),
            Kind::Binary(operator, left, right) => {
                // A field of what is undefined is undefined, too.
                let is_field = operator.sign == "[]";
                self.operand(left, if is_field { undefined } else { Undefined::Fails });
                let _ = write!(self.text, "|{}(", operator.name);
                self.write(right, Undefined::Fails);
                self.text.push(')');
            }
            Kind::Choice { then, test, otherwise } => {
                self.text.push('(');
                self.operand(then, undefined);
                self.text.push_str(" if ");
                self.operand(test, Undefined::Fails);
                self.text.push_str(if self.is_condition { "|c_test" } else { "|t_test" });
                self.text.push_str(" else ");
                self.operand(otherwise, undefined);
                self.text.push(')');
            }
            Kind::Constant(value) => self.constant(value.clone()),
            Kind::Filter(filter, of, arguments) => {
                let is_default = filter.is_lenient();
                self.operand(of, if is_default { Undefined::Passes } else { Undefined::Fails });
                let _ = write!(self.text, "|f_{}", filter.name);
                self.arguments(arguments, if is_default { undefined } else { Undefined::Fails });
            }
            Kind::List(items) => {
                self.text.push('[');
                for item in items {
                    self.given(item);
                    self.text.push_str(", ");
                }
                self.text.push(']');
            }
            Kind::Local(number) => {
                self.has_locals = true;
                let _ = write!(self.text, "l{number}");
            }
            Kind::Map(entries) => {
                self.text.push('{');
                for (key, value) in entries {
                    self.constant(Value::from(key.as_str()));
                    self.text.push_str(": ");
                    self.given(value);
                    self.text.push_str(", ");
                }
                self.text.push('}');
            }
            Kind::Negative(of) => {
                self.operand(of, Undefined::Fails);
                self.text.push_str("|negative");
            }
            Kind::Not(of) => {
                self.operand(of, Undefined::Passes);
                self.text.push_str(if self.is_condition { "|c_not" } else { "|t_not" });
            }
            Kind::Read(root, path) => {
                let may_be_undefined = undefined == Undefined::Passes;
                let next = self.reads.len();
                let key = (root.clone(), path.clone());
                let number = *self.numbers.entry(key).or_insert(next);
                if number == next {
                    let (root, path) = (root.clone(), path.clone());
                    self.reads.push(Read { root, path, may_be_undefined });
                }
                self.reads[number].may_be_undefined &= may_be_undefined;
                let _ = write!(self.text, "r{number}");
            }
            Kind::Test { test, holds, of, argument } => {
                let passes = if test.is_lenient { Undefined::Passes } else { Undefined::Fails };
                self.operand(of, passes);
                let _ = write!(self.text, "|{}_{}", if *holds { "is" } else { "not" }, test.name);
                if let Some(argument) = argument {
                    self.text.push('(');
                    self.write(argument, Undefined::Fails);
                    self.text.push(')');
                }
            }
        }
    }

    /// Writes `left and right`; a chain of the same operator needs no parentheses.
    fn chain(&mut self, left: &Ast, word: &str, right: &Ast, is_and: bool) {
        for (number, part) in [left, right].into_iter().enumerate() {
            if number == 1 {
                self.text.push_str(word);
            }
            let continues = number == 0
                && match part.kind {
                    Kind::And(..) => is_and,
                    Kind::Or(..) => !is_and,
                    _ => false,
                };
            if continues {
                self.write(part, Undefined::Passes);
                continue;
            }
            self.operand(part, Undefined::Passes);
            if self.is_condition && !part.is_boolean() {
                self.text.push_str("|c_truth");
            }
        }
    }

    /// Writes a part so that a filter may follow it.
    fn operand(&mut self, ast: &Ast, undefined: Undefined) {
        let is_chain = matches!(ast.kind, Kind::And(..) | Kind::Or(..));
        if is_chain {
            self.text.push('(');
        }
        self.write(ast, undefined);
        if is_chain {
            self.text.push(')');
        }
    }

    /// Writes a part of a list or map, which cannot be undefined.
    fn given(&mut self, ast: &Ast) {
        self.operand(ast, Undefined::Fails);
        if !matches!(ast.kind, Kind::Constant(_)) {
            self.text.push_str("|given");
        }
    }

    fn constant(&mut self, value: Value) {
        let _ = write!(self.text, "k{}", self.constants.len());
        self.constants.push(value);
    }

    fn arguments(&mut self, arguments: &[Option<Ast>], undefined: Undefined) {
        if arguments.is_empty() {
            return;
        }
        self.text.push('(');
        for argument in arguments {
            match argument {
                Some(argument) => self.write(argument, undefined),
                None => self.constant(Value::from(())),
            }
            self.text.push_str(", ");
        }
        self.text.push(')');
    }
}
