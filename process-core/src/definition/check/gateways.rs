//! Gateways: one default, targets that fit, no second way past a route.

use super::Checker;
use crate::definition::reach::{lead, ways_with_loops};
use crate::definition::{ArcKind, GatewayKind, Join, StepKind};
use crate::diagnostic::Diagnostic;

pub(super) fn check(checker: &mut Checker<'_>) {
    for step in 0..checker.steps().len() {
        let StepKind::Gateway(gateway) = &checker.steps()[step].kind else { continue };
        let mut defaults =
            gateway.routes.iter().enumerate().filter(|(_, route)| route.is_default).skip(1);
        if let Some((route, _)) = defaults.next() {
            let message = format!("gateway `{}` has several defaults", checker.id(step));
            let place = checker.route_place(step, route, "default");
            checker.note(Diagnostic::error("several_defaults", place, message));
        }
        if gateway.kind == GatewayKind::Event {
            event_targets(checker, step);
        }
    }
    routes_with_dependencies(checker);
}

/// What an event gateway opens must wait by itself, for nothing else (rule E3).
fn event_targets(checker: &mut Checker<'_>, step: usize) {
    for (index, route) in checker.steps()[step].routes().iter().enumerate() {
        let Some(target) = route.next.as_ref() else { continue };
        let Some((place, target)) = checker.definition.step(target.as_str()) else { continue };
        let waits = matches!(target.kind, StepKind::WaitFor(_) | StepKind::Timer(_));
        let alone = checker.before(place).all(|(from, _)| from == step);
        let (message, hint) = if !waits {
            let kind = target.kind.type_name();
            let message = format!("the event gateway leads to `{}`, a {kind}", target.id);
            (message, "lead to wait_for and timer steps, and go on behind them")
        } else if !alone {
            let message = format!("`{}` behind an event gateway has other dependencies", target.id);
            (message, "leave its `depends_on` out")
        } else {
            continue;
        };
        let place = checker.route_place(step, index, "next");
        checker.note(Diagnostic::error("event_target", place, message).with_hint(hint));
    }
}

/// One live arc is enough, so that another dependency starts a step whose route was not chosen.
fn routes_with_dependencies(checker: &mut Checker<'_>) {
    let mut pairs = Vec::new();
    for (step, definition) in checker.steps().iter().enumerate() {
        let waits_for_all = definition.join == Join::AllCompleted;
        let arcs: Vec<(usize, ArcKind)> = checker.before(step).collect();
        if waits_for_all || !arcs.iter().any(|(_, kind)| *kind == ArcKind::Dependency) {
            continue;
        }
        // A step with several gateways before it is where their ways meet.
        let mut gateways = arcs.iter().filter(|(_, kind)| *kind == ArcKind::Route);
        if let (Some((gateway, _)), None) = (gateways.next(), gateways.next()) {
            // Behind an event gateway it is an error of its own.
            let gate = &checker.steps()[*gateway].kind;
            if matches!(gate, StepKind::Gateway(gate) if gate.kind == GatewayKind::Event) {
                continue;
            }
            let others = arcs.iter().filter(|(_, kind)| *kind == ArcKind::Dependency);
            pairs.extend(others.map(|(other, _)| (*gateway, *other, step)));
        }
    }
    if pairs.is_empty() {
        return;
    }
    let asked: Vec<(usize, usize)> = pairs.iter().map(|pair| (pair.0, pair.1)).collect();
    let ways = ways_with_loops(&checker.definition.graph, checker.steps().len());
    for ((gateway, other, step), is_behind) in pairs.into_iter().zip(lead(&ways, &asked)) {
        if is_behind {
            continue;
        }
        let (id, other) = (checker.id(step), checker.id(other));
        let gateway = checker.id(gateway);
        let place = checker.item_place(step, "depends_on", other);
        let message = format!("`{id}` runs after `{other}` although `{gateway}` did not choose it");
        let problem = Diagnostic::warning("route_and_dependency", place, message);
        let hint = format!("let `{gateway}` depend on `{other}`, or write `join: all_completed`");
        checker.note(problem.with_hint(hint));
    }
}
