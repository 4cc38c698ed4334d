//! Joins: as many arcs as they count, and what a skipped dependency means for them.

use super::Checker;
use crate::definition::Join;
use crate::diagnostic::Diagnostic;

pub(super) fn check(checker: &mut Checker<'_>) {
    for (step, definition) in checker.steps().iter().enumerate() {
        let arcs = checker.definition.graph.incoming(step).len();
        let id = checker.id(step);
        let place = checker.place(step, "join");
        match definition.join {
            Join::Count(count) if count as usize > arcs && arcs > 0 => {
                let message =
                    format!("step `{id}` waits for {count} steps, and has {arcs} before it");
                checker.note(Diagnostic::error("join_too_many", place, message));
            }
            _ if checker.has(step, "join") && arcs == 0 => {
                let message = format!("step `{id}` has a `join` and nothing before it");
                let problem = Diagnostic::warning("join_without_dependencies", place, message);
                checker.note(problem.with_hint("write `depends_on`, or leave `join` out"));
            }
            Join::All if arcs > 1 && !checker.has(step, "join") => conditional(checker, step),
            _ => {}
        }
    }
}

/// A step that is skipped by its condition keeps a default join from nothing (rule E1).
fn conditional(checker: &mut Checker<'_>, step: usize) {
    let before: Vec<usize> = checker.before(step).map(|(from, _)| from).collect();
    let Some(from) = before.into_iter().find(|from| checker.steps()[*from].condition.is_some())
    else {
        return;
    };
    let (id, other) = (checker.id(step), checker.id(from));
    let place = checker.item_place(step, "depends_on", other);
    let message = format!("step `{id}` runs also when `{other}` is skipped by its condition");
    let problem = Diagnostic::info("conditional_dependency", place, message);
    checker.note(problem.with_hint("write `join: all_completed` if it may not, else `join: all`"));
}
