//! What is wrong with the text of an expression, and what to do about it.

/// Says what is wrong with an expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// A stable name in snake case.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the text, in bytes.
    pub offset: usize,
}

impl Mistake {
    /// Creates a mistake without a hint.
    pub(super) fn new(code: &'static str, offset: usize, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, offset }
    }

    /// Creates the mistake of a text that is no expression.
    pub(super) fn syntax(offset: usize, message: impl Into<String>) -> Self {
        Self::new("expression_syntax", offset, message)
    }

    /// Creates the mistake of an expression that is past a limit.
    pub(super) fn limit(offset: usize, message: impl Into<String>) -> Self {
        Self::new("expression_limit", offset, message)
    }

    /// Adds what to do about it.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the nearest known name as a hint, if there is one.
    #[must_use]
    pub(super) fn nearest<'a>(self, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let near = known
            .map(|other| (distance(name, other), other))
            .filter(|(distance, other)| *distance <= 1 + other.len() / 4)
            .min_by_key(|(distance, _)| *distance);
        match near {
            Some((_, near)) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// Returns the declared id that is one slip of the keyboard away.
pub(super) fn nearest_id(name: &str, is_step: &dyn Fn(&str) -> bool) -> Option<String> {
    /// A longer id has too many neighbours to look for, in a file full of mistakes.
    const BYTES_MAX: usize = 24;
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if name.len() > BYTES_MAX || !name.is_ascii() {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let simple = [lower.clone(), lower.replace('_', "-"), lower.replace('-', "_")];
    if let Some(id) = simple.into_iter().find(|id| is_step(id)) {
        return Some(id);
    }
    for at in 0..=lower.len() {
        let (before, after) = lower.split_at(at);
        let rest = after.get(1..);
        let swapped = match after.as_bytes() {
            [a, b, ..] => Some(format!("{before}{}{}{}", *b as char, *a as char, &after[2..])),
            _ => None,
        };
        let shorter = rest.map(|rest| format!("{before}{rest}"));
        let changed = LETTERS.chars().flat_map(|letter| {
            let longer = format!("{before}{letter}{after}");
            [Some(longer), rest.map(|rest| format!("{before}{letter}{rest}"))]
        });
        let near = [swapped, shorter].into_iter().chain(changed).flatten().find(|id| is_step(id));
        if near.is_some() {
            return near;
        }
    }
    None
}

/// Returns how many letters to add, remove or change between two short names.
fn distance(left: &str, right: &str) -> usize {
    /// No known name is this long.
    const CHARS_MAX: usize = 40;
    let left: Vec<char> = left.chars().take(CHARS_MAX).collect();
    let right: Vec<char> = right.chars().take(CHARS_MAX).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (to, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[to + 1];
            row[to + 1] = changed.min(diagonal + 1).min(row[to] + 1);
        }
    }
    row[right.len()]
}
