//! Steps that can never run.

use super::Checker;
use crate::definition::{Arc, ArcKind, GatewayKind, StepKind};
use crate::diagnostic::Diagnostic;
use crate::expr::Expression;

/// Notes every step to which no way leads; those in a circle have an error of their own.
pub(super) fn check(checker: &mut Checker<'_>, circled: &[bool]) {
    let graph = &checker.definition.graph;
    let steps = checker.steps();
    let never = |step: usize| is_always(steps[step].condition.as_ref(), "false");
    let mut reached = vec![false; steps.len()];
    let mut open: Vec<usize> =
        (0..steps.len()).filter(|step| graph.incoming(*step).is_empty() && !never(*step)).collect();
    open.iter().for_each(|step| reached[*step] = true);
    while let Some(step) = open.pop() {
        let gone = |arc: &Arc| match arc.kind {
            ArcKind::Dependency | ArcKind::Goto => true,
            ArcKind::Route => is_ever_chosen(checker, arc.from, arc.to),
        };
        for &arc in graph.outgoing(step) {
            let arc = graph.arcs()[arc];
            if !reached[arc.to] && !never(arc.to) && gone(&arc) {
                reached[arc.to] = true;
                open.push(arc.to);
            }
        }
    }
    for step in (0..steps.len()).filter(|step| !reached[*step] && !circled[*step]) {
        let message = format!("step `{}` can never run", checker.id(step));
        let place = checker.place(step, "id");
        let problem = Diagnostic::warning("unreachable", place, message);
        let hint = match never(step) {
            true => "its condition is never true",
            false => "no way leads to it from a step that can run",
        };
        checker.note(problem.with_hint(hint));
    }
}

fn is_always(condition: Option<&Expression>, word: &str) -> bool {
    condition.is_some_and(|condition| condition.source().trim().eq_ignore_ascii_case(word))
}

/// Returns whether any route from a gateway to a step can be chosen.
fn is_ever_chosen(checker: &Checker<'_>, from: usize, to: usize) -> bool {
    let StepKind::Gateway(gateway) = &checker.steps()[from].kind else { return true };
    let target = &checker.steps()[to].id;
    let mut is_decided = false;
    for route in &gateway.routes {
        let leads = route.next.as_ref() == Some(target);
        if leads
            && !route.is_default
            && !is_always(route.condition.as_ref(), "false")
            && !is_decided
        {
            return true;
        }
        // Behind a route that is always chosen, an exclusive gateway looks no further.
        is_decided |= gateway.kind == GatewayKind::Exclusive
            && !route.is_default
            && is_always(route.condition.as_ref(), "true");
    }
    // The default stands for all that holds nowhere, wherever it is in the list.
    gateway
        .routes
        .iter()
        .any(|route| route.is_default && route.next.as_ref() == Some(target) && !is_decided)
}
