//! What is worth knowing about a definition that is right: its loops, what a rejection does.

use super::Checker;
use crate::definition::{MAX_VISITS, OnReject, StepKind};
use crate::diagnostic::Diagnostic;

pub(super) fn check(checker: &mut Checker<'_>) {
    loops(checker);
    rejections(checker);
}

fn loops(checker: &mut Checker<'_>) {
    let definition = checker.definition;
    for &(from, to) in definition.graph.back() {
        if from == to {
            continue;
        }
        let (id, target) = (checker.id(from), &definition.steps[to]);
        let max = target.max_visits.or(definition.max_visits).unwrap_or(MAX_VISITS);
        let routes = definition.steps[from].routes();
        let route = routes.iter().position(|route| route.next.as_ref() == Some(&target.id));
        let place = match route {
            Some(route) => checker.route_place(from, route, "next"),
            None => checker.goto_place(from),
        };
        let message = format!("the way from `{id}` back to `{}` is a loop", target.id);
        let problem = Diagnostic::info("loop", place, message);
        let hint = format!("`{}` runs at most {max} times, see `max_visits`", target.id);
        checker.note(problem.with_hint(hint));
    }
}

/// Says what a rejection does where the file does not (rule E9).
fn rejections(checker: &mut Checker<'_>) {
    let definition = checker.definition;
    let readers = definition.decisions_read();
    for (step, approval) in definition.steps.iter().enumerate() {
        let StepKind::Approval(kind) = &approval.kind else { continue };
        if kind.on_reject.is_some() {
            continue;
        }
        let outcome = definition.reject_outcome_with(step, &readers);
        let why = match outcome {
            OnReject::Continue => "continues, for a condition reads its decision",
            OnReject::Fail => "fails",
            OnReject::Skip => "is skipped, as its `on_error` says",
        };
        let message = format!("rejected, step `{}` {why}", approval.id);
        let problem = Diagnostic::info("reject_outcome", checker.place(step, "id"), message);
        let hint = format!("write `on_reject: {}` to say so", outcome.as_str());
        checker.note(problem.with_hint(hint));
    }
}
