//! The table of operations.

#[cfg(all(unix, feature = "runtime"))]
use super::children;
use super::{
    argument::{Argument, flag, text},
    definitions,
    given::Given,
    patching, processes, running, steps, transfer, upkeep, versions,
};
use crate::{answer::Answered, error::Error};

/// What performs an operation.
pub(super) type Perform = fn(&Given) -> Result<Answered, Error>;

/// An operation that can be called by its name.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name: that of the command, such as `add-step` or `templates show`.
    pub name: &'static str,
    /// Other names that it answers to.
    pub also: &'static [&'static str],
    /// What it takes, beside what all of them take.
    pub arguments: &'static [Argument],
    pub(super) perform: Perform,
}

/// What every operation takes.
pub const COMMON: &[Argument] = &[text("process"), text("store"), flag("dry-run")];

/// The rows of the table, by subject.
const SUBJECTS: &[&[Operation]] = &[
    processes::OPERATIONS,
    steps::OPERATIONS,
    patching::OPERATIONS,
    running::OPERATIONS,
    versions::OPERATIONS,
    transfer::OPERATIONS,
    definitions::OPERATIONS,
    upkeep::OPERATIONS,
    #[cfg(all(unix, feature = "runtime"))]
    children::OPERATIONS,
];

/// Returns every operation.
pub fn table() -> impl Iterator<Item = &'static Operation> {
    SUBJECTS.iter().copied().flatten()
}

/// Returns the operation of this name; `-` and `_` are the same.
#[must_use]
pub fn find(name: &str) -> Option<&'static Operation> {
    let name = name.replace('_', "-");
    table().find(|operation| operation.name == name || operation.also.contains(&name.as_str()))
}

impl Operation {
    pub(super) const fn new(
        name: &'static str,
        arguments: &'static [Argument],
        perform: Perform,
    ) -> Self {
        Self { name, also: &[], arguments, perform }
    }

    /// Returns this operation with other names.
    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Returns the argument of this name, its own or one that every operation takes.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().chain(COMMON).find(|argument| argument.is_named(name))
    }
}
