//! Steps that are named: each one must be there, and be another one.

use super::Checker;
use crate::definition::nearest::nearest;
use crate::definition::reach::lead;
use crate::definition::{OnError, STEPS_MAX};
use crate::diagnostic::{Diagnostic, Place};
use crate::id::StepId;

/// The names for which a nearest one is looked for, so that many of them cost no more time.
const HINTS_MAX: usize = 100;

/// How a step is named.
#[derive(Clone, Copy)]
enum Naming {
    Cancels,
    DependsOn,
    Goto,
    Next,
}

pub(super) fn check(checker: &mut Checker<'_>) {
    let mut references = References { checker, hints: 0 };
    for step in 0..references.checker.steps().len() {
        references.step(step);
    }
    cancels_upstream(checker);
}

struct References<'c, 'a> {
    checker: &'c mut Checker<'a>,
    hints: usize,
}

impl References<'_, '_> {
    fn step(&mut self, step: usize) {
        let definition = &self.checker.steps()[step];
        for id in &definition.depends_on {
            self.reference(step, Naming::DependsOn, id, &|it| {
                it.item_place(step, "depends_on", id.as_str())
            });
        }
        for id in &definition.cancels {
            self.reference(step, Naming::Cancels, id, &|it| {
                it.item_place(step, "cancels", id.as_str())
            });
        }
        for (index, route) in definition.routes().iter().enumerate() {
            if let Some(id) = &route.next {
                self.reference(step, Naming::Next, id, &|it| it.route_place(step, index, "next"));
            }
        }
        if let Some(OnError::Goto(id)) = &definition.on_error {
            let place = self.checker.goto_place(step);
            self.reference(step, Naming::Goto, id, &|_| place);
            let target = self.checker.definition.step(id.as_str());
            if target.is_some_and(|(_, target)| target.depends_on.contains(&definition.id)) {
                let of = self.checker.id(step);
                let message = format!("`{id}` depends on `{of}`, whose failure leads to it");
                let problem = Diagnostic::error("goto_dependency", place, message);
                let hint = format!("take `{of}` out of `depends_on` of `{id}`");
                self.checker.note(problem.with_hint(hint));
            }
        }
    }

    /// Checks one name; its place is looked up only when there is something to say.
    fn reference(
        &mut self,
        step: usize,
        naming: Naming,
        id: &StepId,
        place: &dyn Fn(&Checker<'_>) -> Place,
    ) {
        let of = self.checker.id(step);
        match self.checker.definition.graph.index(id.as_str()) {
            Some(target) if target == step => {
                let (message, hint) = match naming {
                    Naming::Cancels => (format!("step `{of}` cancels itself"), None),
                    Naming::DependsOn => (format!("step `{of}` depends on itself"), None),
                    Naming::Goto => {
                        let hint = "write `retry` to try it again";
                        (format!("a failure of step `{of}` leads to itself"), Some(hint))
                    }
                    Naming::Next => (format!("a route of step `{of}` leads to itself"), None),
                };
                let place = place(self.checker);
                let problem = Diagnostic::error("self_reference", place, message);
                self.checker.note(match hint {
                    Some(hint) => problem.with_hint(hint),
                    None => problem,
                });
            }
            Some(_) => {}
            None => self.unknown(of, naming, id, place(self.checker)),
        }
    }

    fn unknown(&mut self, of: &str, naming: Naming, id: &StepId, place: Place) {
        let message = match naming {
            Naming::Cancels => format!("step `{of}` cancels the unknown step `{id}`"),
            Naming::DependsOn => format!("step `{of}` depends on the unknown step `{id}`"),
            Naming::Goto => format!("a failure of step `{of}` leads to the unknown step `{id}`"),
            Naming::Next => format!("a route of step `{of}` leads to the unknown step `{id}`"),
        };
        let mut problem = Diagnostic::error("unknown_step", place, message);
        self.hints += 1;
        if self.hints <= HINTS_MAX {
            let ids = self.checker.steps().iter().map(|step| step.id.as_str());
            if let Some(near) = nearest(id.as_str(), ids.filter(|other| *other != of)) {
                problem = problem.with_hint(format!("`{near}`?"));
            }
        }
        self.checker.note(problem);
    }
}

/// What is behind a step has not begun when it completes, what is before it has ended.
fn cancels_upstream(checker: &mut Checker<'_>) {
    let mut pairs = Vec::new();
    for (step, definition) in checker.steps().iter().enumerate() {
        for id in &definition.cancels {
            match checker.definition.graph.index(id.as_str()) {
                Some(target) if target != step && pairs.len() < STEPS_MAX => {
                    pairs.push((target, step));
                }
                _ => {}
            }
        }
    }
    if pairs.is_empty() {
        return;
    }
    let graph = &checker.definition.graph;
    let steps = checker.steps().len();
    let ways = (0..steps).map(|step| graph.followers(step).collect()).collect();
    for (pair, leads) in pairs.iter().zip(lead(&ways, &pairs)) {
        if leads {
            let (of, id) = (checker.id(pair.1), checker.id(pair.0));
            let place = checker.item_place(pair.1, "cancels", id);
            let message = format!("step `{of}` cancels `{id}`, which it comes after");
            checker.note(Diagnostic::error("cancels_upstream", place, message));
        }
    }
}
