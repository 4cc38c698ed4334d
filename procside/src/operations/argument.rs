//! What an operation takes.

/// An argument of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name: that of the long option, or of the argument of the command.
    pub name: &'static str,
    /// Other names that it answers to.
    pub also: &'static [&'static str],
    /// What it may be.
    pub kind: ArgumentKind,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether it may be a list of such values.
    pub is_repeated: bool,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArgumentKind {
    /// True or false.
    Flag,
    /// Any JSON; what a text means, the operation says.
    Json,
    /// A whole number from 0.
    Number,
    /// A text.
    Text,
}

impl ArgumentKind {
    /// Returns what it may be, in words.
    pub(super) fn as_words(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Json => "JSON",
            Self::Number => "a whole number from 0",
            Self::Text => "a text",
        }
    }
}

impl Argument {
    const fn new(name: &'static str, kind: ArgumentKind) -> Self {
        Self { name, also: &[], kind, is_required: false, is_repeated: false }
    }

    /// Returns this argument as one that must be given.
    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Returns this argument as one that may be a list.
    pub(super) const fn repeated(self) -> Self {
        Self { is_repeated: true, ..self }
    }

    /// Returns this argument with other names.
    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Returns whether it answers to this name; `-` and `_` are the same.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        is_same(self.name, name) || self.also.iter().any(|other| is_same(other, name))
    }
}

fn is_same(one: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| plain(a) == plain(b))
}

/// Returns an argument that is a text.
pub(super) const fn text(name: &'static str) -> Argument {
    Argument::new(name, ArgumentKind::Text)
}

/// Returns an argument that is true or false.
pub(super) const fn flag(name: &'static str) -> Argument {
    Argument::new(name, ArgumentKind::Flag)
}

/// Returns an argument that is a whole number.
pub(super) const fn number(name: &'static str) -> Argument {
    Argument::new(name, ArgumentKind::Number)
}

/// Returns an argument that is any JSON.
pub(super) const fn json(name: &'static str) -> Argument {
    Argument::new(name, ArgumentKind::Json)
}
