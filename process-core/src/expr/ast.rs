//! The tree of an expression, its names looked up.

use minijinja::Value;

use super::{
    Mistake, Root, filters::Filter, limits::HEIGHT_MAX, operators::Operator, predicates::Predicate,
};

/// An expression or a part of one.
#[derive(Debug)]
pub(super) struct Ast {
    pub(super) kind: Kind,
    /// How many parts hang on one another below this one.
    height: u16,
}

/// The kinds of expression.
#[derive(Debug)]
pub(super) enum Kind {
    /// `a and b`
    And(Box<Ast>, Box<Ast>),
    /// `a + b`, `a < b`, `a in b`
    Binary(&'static Operator, Box<Ast>, Box<Ast>),
    /// `a if test else b`
    Choice { then: Box<Ast>, test: Box<Ast>, otherwise: Box<Ast> },
    /// A literal.
    Constant(Value),
    /// `a | filter(b)`; an argument that is left out is `None`.
    Filter(&'static Filter, Box<Ast>, Vec<Option<Ast>>),
    /// `[a, b]`
    List(Vec<Ast>),
    /// The variable of a `{% for %}`, by its number.
    Local(usize),
    /// `{'key': a}`
    Map(Vec<(String, Ast)>),
    /// `-a`
    Negative(Box<Ast>),
    /// `not a`
    Not(Box<Ast>),
    /// `a or b`
    Or(Box<Ast>, Box<Ast>),
    /// A path that is known.
    Read(Root, Vec<String>),
    /// `a is test`, `a is not test(b)`
    Test { test: &'static Predicate, holds: bool, of: Box<Ast>, argument: Option<Box<Ast>> },
}

impl Ast {
    /// Creates a part, unless too many hang on one another.
    pub(super) fn new(kind: Kind, offset: usize) -> Result<Self, Mistake> {
        let height = 1 + kind.parts().into_iter().map(|part| part.height).max().unwrap_or(0);
        if height > HEIGHT_MAX {
            let message = format!("more than {HEIGHT_MAX} operators hang on one another");
            return Err(Mistake::limit(offset, message).hint("split it"));
        }
        Ok(Self { kind, height })
    }

    /// Whether it gives a boolean whenever it gives anything.
    pub(super) fn is_boolean(&self) -> bool {
        match &self.kind {
            Kind::Binary(operator, ..) => operator.gives_boolean,
            Kind::Test { .. } | Kind::Not(_) => true,
            Kind::And(left, right) | Kind::Or(left, right) => {
                left.is_boolean() && right.is_boolean()
            }
            Kind::Choice { .. }
            | Kind::Constant(_)
            | Kind::Filter(..)
            | Kind::List(_)
            | Kind::Local(_)
            | Kind::Map(_)
            | Kind::Negative(_)
            | Kind::Read(..) => false,
        }
    }

    /// Whether it needs no parentheses before an operator.
    pub(super) fn is_simple(&self) -> bool {
        matches!(
            self.kind,
            Kind::Constant(_)
                | Kind::Filter(..)
                | Kind::List(_)
                | Kind::Local(_)
                | Kind::Map(_)
                | Kind::Read(..)
        )
    }
}

impl Kind {
    fn parts(&self) -> Vec<&Ast> {
        match self {
            Self::And(left, right) | Self::Or(left, right) | Self::Binary(_, left, right) => {
                vec![left, right]
            }
            Self::Choice { then, test, otherwise } => vec![then, test, otherwise],
            Self::Constant(_) | Self::Local(_) | Self::Read(..) => Vec::new(),
            Self::Filter(_, of, arguments) => {
                let arguments = arguments.iter().flatten();
                std::iter::once(of.as_ref()).chain(arguments).collect()
            }
            Self::List(items) => items.iter().collect(),
            Self::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
            Self::Negative(of) | Self::Not(of) => vec![of],
            Self::Test { of, argument, .. } => {
                std::iter::once(of.as_ref()).chain(argument.as_deref()).collect()
            }
        }
    }
}
