//! What an expression can name, and what whoever evaluates it says about that.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{id::StepId, money::Cost};

/// The names that exist where an expression stands.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Whether there is a step with this id.
    pub is_step: &'a dyn Fn(&str) -> bool,
    /// The name of the item of a foreach, beside `item` and `item_index`, if there is one.
    pub item_name: Option<&'a str>,
    /// Whether `item` and `item_index` exist.
    pub has_item: bool,
}

/// The value at which a path in an expression begins.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Root {
    /// `input`
    Input,
    /// `item`, or the name that the foreach gives it.
    Item,
    /// `item_index`
    ItemIndex,
    /// `now`
    Now,
    /// `process`
    Process,
    /// `steps.ID`, and what of it.
    Step(StepId, StepField),
    /// `trigger`
    Trigger,
}

/// What of a step an expression reads.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "each is the field of its name, docs/formats/expressions.md")]
pub enum StepField {
    /// All of the fields, as a map.
    All,
    Attempts,
    Comment,
    CompletedAt,
    Cost,
    DecidedAt,
    DecidedBy,
    Decision,
    Duration,
    Error,
    Output,
    SkipReason,
    StartedAt,
    Status,
}

/// A path that an expression reads: a root, then keys and indices that are known when it is parsed.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Read {
    /// Where the path begins.
    pub root: Root,
    /// Keys of maps; an index of a list stands as its digits.
    pub path: Vec<String>,
    /// Whether the expression goes on when there is nothing: `default(…)`, `is defined`, `and`,
    /// `or`, `not`.
    pub may_be_undefined: bool,
}

/// What is known under a root.
#[derive(Clone, Debug, PartialEq)]
pub enum Known<'a> {
    /// An amount of money: a number that is compared as a decimal.
    Cost(Cost),
    /// An instant: compared with instants and RFC 3339 texts.
    Instant(DateTime<Utc>),
    /// A length of time: a number of seconds with up to three digits behind the point.
    Milliseconds(i64),
    /// Any other value.
    Value(Cow<'a, Value>),
}

/// Tells the values under the roots while an expression is evaluated.
pub trait Scope {
    /// Returns the value, or `None` when it is undefined.
    fn known(&self, root: &Root) -> Option<Known<'_>>;
}

/// Says why an expression has no value; the step that needs it fails.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What is wrong, with the expression and the values that it saw.
    pub message: String,
}
