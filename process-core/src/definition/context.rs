//! What is known everywhere in a definition while it is read, and where a mistake in an expression stands.

use std::collections::BTreeSet;

use crate::{
    diagnostic::{Diagnostic, Place},
    expr::{Mistake, Names},
};

/// What is known everywhere in a definition while it is read.
pub(super) struct Context<'a> {
    pub(super) problems: Vec<Diagnostic>,
    /// The ids of all steps.
    pub(super) ids: BTreeSet<&'a str>,
    /// The text that the nodes were read from, for the columns of expressions.
    pub(super) source: Option<&'a str>,
    /// Whether `item` exists, and the other name that it has.
    pub(super) item: Option<Option<String>>,
}

impl Context<'_> {
    pub(super) fn with_names<T>(&self, work: impl FnOnce(&Names<'_>) -> T) -> T {
        let is_step = |id: &str| self.ids.contains(id);
        let item_name = self.item.as_ref().and_then(Option::as_deref);
        work(&Names { is_step: &is_step, item_name, has_item: self.item.is_some() })
    }

    /// Notes what is wrong with an expression, at its place inside the text when the text tells it.
    pub(super) fn mistake(&mut self, place: Place, text: Option<&str>, mistake: Mistake) {
        let place = self.place_in(place, text.unwrap_or(""), mistake.offset);
        let mut problem = Diagnostic::error(mistake.code, place, mistake.message);
        if let Some(hint) = mistake.hint {
            problem = problem.with_hint(hint);
        }
        self.problems.push(problem);
    }

    /// Returns the place of a byte of a text that stands on one line; else that of the text.
    fn place_in(&self, place: Place, text: &str, offset: usize) -> Place {
        let Some(before) = text.get(..offset).filter(|_| place.is_known()) else { return place };
        let line = self.source.and_then(|source| {
            let source = source.strip_prefix('\u{feff}').unwrap_or(source);
            source.lines().nth(place.line as usize - 1)
        });
        let skip = place.column.saturating_sub(1) as usize;
        let written = line.map(|line| line.chars().skip(skip).collect::<String>());
        let quote = match &written {
            // What is folded, escaped or in a block has no simple place.
            Some(written) if written.starts_with(text) => 0,
            Some(written) if written.get(1..).is_some_and(|rest| rest.starts_with(text)) => 1,
            Some(_) => return place,
            None if text.contains('\n') => return place,
            None => u32::from(text.starts_with(['{', '\'', '"', '[', '!', '&', '*', '%', '@'])),
        };
        let chars = u32::try_from(before.chars().count()).unwrap_or(0);
        Place::new(place.line, place.column + quote + chars)
    }
}
