//! Gateways: which routes are taken (rule E3).

use process_core::{
    StepId,
    definition::{Definition, Gateway, GatewayKind, OnReject, Route},
    event::RunFact,
};
use serde_json::Value;

use super::{Deciding, failure::Attempt, join::map_of};
use crate::run::Key;

impl Deciding<'_> {
    /// Takes the routes of a gateway, or fails it.
    pub(super) fn take_routes(&mut self, key: Key, gateway: &Gateway) {
        let Some(run) = self.run() else { return };
        let scope = run.scope_of(key, self.now);
        let holds = |route: &Route| match &route.condition {
            None => Ok(true),
            Some(condition) => {
                let holds = condition.holds(&scope);
                holds.map_err(|failure| format!("a route has no value: {failure}"))
            }
        };
        let mut error = None;
        let conditional = gateway.routes.iter().filter(|route| !route.is_default);
        let mut chosen: Vec<&Route> = Vec::new();
        match gateway.kind {
            GatewayKind::Event | GatewayKind::Parallel => chosen.extend(&gateway.routes),
            GatewayKind::Exclusive => {
                // The first true one ends the search; so does an error.
                for route in conditional {
                    match holds(route) {
                        Ok(false) => continue,
                        Ok(true) => chosen.push(route),
                        Err(failure) => error = Some(failure),
                    }
                    break;
                }
            }
            GatewayKind::Inclusive => {
                for route in conditional {
                    match holds(route) {
                        Ok(false) => {}
                        Ok(true) => chosen.push(route),
                        Err(failure) => error = error.or(Some(failure)),
                    }
                }
            }
        }
        if let Some(error) = error {
            self.fail_visit(key, Attempt::unstarted(error));
            return;
        }
        let is_choice = matches!(gateway.kind, GatewayKind::Exclusive | GatewayKind::Inclusive);
        if is_choice && chosen.is_empty() {
            chosen.extend(gateway.routes.iter().find(|route| route.is_default));
        }
        if is_choice && chosen.is_empty() {
            let error = "no_route: no condition of a route holds, and there is no default";
            self.fail_visit(key, Attempt::unstarted(error.to_owned()));
            return;
        }
        let mut routes: Vec<StepId> = Vec::new();
        for next in chosen.iter().filter_map(|route| route.next.as_ref()) {
            if !routes.contains(next) {
                routes.push(next.clone());
            }
        }
        let output = match gateway.kind {
            GatewayKind::Exclusive => {
                map_of("route", routes.first().map_or(Value::Null, |id| id.as_str().into()))
            }
            GatewayKind::Event | GatewayKind::Inclusive | GatewayKind::Parallel => {
                map_of("routes", routes.iter().map(|id| Value::from(id.as_str())).collect())
            }
        };
        let place = |id: &StepId| run.definition.graph.index(id.as_str());
        let is_back =
            |id: &&StepId| place(id).is_some_and(|to| run.definition.graph.is_back(key.0, to));
        let back: Vec<StepId> = routes.iter().filter(is_back).cloned().collect();
        if let Some(error) = back.iter().filter_map(place).find_map(|to| run.loop_limit(to)) {
            self.fail_visit(key, Attempt::unstarted(error));
            return;
        }
        let at = run.at(key);
        self.emit(RunFact::StepCompleted {
            at,
            output: output.into(),
            cost: None,
            routes: Some(routes),
            back,
            message: None,
        });
    }
}

impl crate::run::Run {
    /// Returns why a step may not be visited once more by a loop, if it may not (rule E4).
    pub(super) fn loop_limit(&self, target: usize) -> Option<String> {
        let own = self.step_definition(target).max_visits;
        let limit =
            own.or(self.definition.max_visits).unwrap_or(process_core::definition::MAX_VISITS);
        // The first visit counts; those that a loop asked for follow it.
        let visits = self.steps[target].loops + 1;
        (visits >= limit).then(|| {
            let id = self.id(target);
            format!("loop_limit: step `{id}` was visited {visits} times, and {limit} is the most")
        })
    }
}

/// Returns what a rejection does, as the journal spells it (rule E9).
pub(crate) fn reject_outcome(definition: &Definition, step: usize) -> &'static str {
    match definition.reject_outcome(step) {
        OnReject::Continue => "continue",
        OnReject::Fail => "fail",
        OnReject::Skip => "skip",
    }
}
