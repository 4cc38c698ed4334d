//! What every check has at hand: the definition, and where everything stands.

use crate::definition::{ArcKind, Definition, StepDefinition};
use crate::{
    diagnostic::{Diagnostic, Place},
    fields::text_of,
    yaml::{Data, Node},
};

/// A definition that is checked.
pub(super) struct Checker<'a> {
    pub(super) definition: &'a Definition,
    pub(super) nodes: &'a [Node],
    pub(super) problems: &'a mut Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn steps(&self) -> &'a [StepDefinition] {
        &self.definition.steps
    }

    pub(super) fn id(&self, step: usize) -> &'a str {
        self.definition.steps[step].id.as_str()
    }

    /// Returns the place of a key's value, or of the step when it is absent.
    pub(super) fn place(&self, step: usize, key: &str) -> Place {
        self.nodes[step].get(key).map_or(self.nodes[step].place, |node| node.place)
    }

    /// Returns the place of one text of a list, or of the list.
    pub(super) fn item_place(&self, step: usize, key: &str, text: &str) -> Place {
        let found = self.nodes[step].get(key).and_then(|node| match &node.data {
            Data::List(items) => items.iter().find(|item| text_of(item) == Some(text)),
            _ => None,
        });
        found.map_or_else(|| self.place(step, key), |node| node.place)
    }

    /// Returns the place of a key of a route, or of the route.
    pub(super) fn route_place(&self, step: usize, route: usize, key: &str) -> Place {
        let routes = self.nodes[step].get("routes").map(|node| &node.data);
        let Some(Data::List(routes)) = routes else { return self.nodes[step].place };
        let Some(route) = routes.get(route) else { return self.nodes[step].place };
        route.get(key).map_or(route.place, |node| node.place)
    }

    /// Returns the place of the target of `on_error`.
    pub(super) fn goto_place(&self, step: usize) -> Place {
        let goto = self.nodes[step].get("on_error").and_then(|node| node.get("goto"));
        goto.map_or_else(|| self.place(step, "on_error"), |node| node.place)
    }

    /// Returns whether a key was written and holds something.
    pub(super) fn has(&self, step: usize, key: &str) -> bool {
        self.nodes[step].get(key).is_some_and(|node| node.data != Data::Null)
    }

    /// Returns the steps before a step, and what decides about the arcs from them.
    pub(super) fn before(&self, step: usize) -> impl Iterator<Item = (usize, ArcKind)> + '_ {
        let graph = &self.definition.graph;
        graph.incoming(step).iter().map(|&arc| (graph.arcs()[arc].from, graph.arcs()[arc].kind))
    }

    pub(super) fn note(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}
