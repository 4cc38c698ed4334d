//! How the steps of a definition hang together: one arc for each pair, loops apart.

use std::collections::BTreeSet;

use super::{OnError, StepDefinition, order::Order, places::Places};

/// The arcs between steps, by their places in the list (rules E1 and E4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    places: Places,
    arcs: Vec<Arc>,
    incoming: Vec<Vec<usize>>,
    outgoing: Vec<Vec<usize>>,
    back: BTreeSet<(usize, usize)>,
}

/// A way from one step to another that is not a loop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arc {
    /// The step that it starts from.
    pub from: usize,
    /// The step that it leads to.
    pub to: usize,
    /// What decides whether it is live.
    pub kind: ArcKind,
}

/// What decides whether an arc is live.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArcKind {
    /// How the step ended.
    Dependency,
    /// Whether the step failed and its failure went here.
    Goto,
    /// Whether the gateway chose it.
    Route,
}

impl Graph {
    /// Builds the graph; steps that are named and not there give no arc.
    ///
    /// A route or goto is a loop when its target leads to it by dependencies and the routes taken
    /// as forward so far; `back` gives the loops of a definition that was stored before.
    #[must_use]
    pub fn build(steps: &[StepDefinition], back: Option<&BTreeSet<(usize, usize)>>) -> Self {
        let mut graph = Self {
            incoming: vec![Vec::new(); steps.len()],
            outgoing: vec![Vec::new(); steps.len()],
            places: Places::of(steps),
            ..Self::default()
        };
        let jumps: Vec<(usize, usize, ArcKind)> =
            (0..steps.len()).flat_map(|from| graph.jumps_of(from, &steps[from])).collect();
        let is_jump: BTreeSet<(usize, usize)> = jumps.iter().map(|jump| (jump.0, jump.1)).collect();
        let mut depends = BTreeSet::new();
        for (to, step) in steps.iter().enumerate() {
            for id in &step.depends_on {
                match graph.index(id.as_str()) {
                    Some(from) if from != to && is_jump.contains(&(from, to)) => {
                        depends.insert((from, to));
                    }
                    Some(from) if from != to => {
                        graph.add(Arc { from, to, kind: ArcKind::Dependency });
                    }
                    _ => {}
                }
            }
        }
        // A dependency on the gateway whose route leads here is that route's arc, and stands
        // before any other route, for a dependency is never a loop.
        for &(from, to, kind) in &jumps {
            if depends.contains(&(from, to)) {
                graph.add(Arc { from, to, kind });
            }
        }
        let ways: Vec<(usize, usize)> = jumps.iter().map(|jump| (jump.0, jump.1)).collect();
        let mut order = Order::new(&graph, steps.len(), &ways);
        for &(from, to, kind) in &jumps {
            let is_back = match back {
                Some(back) => back.contains(&(from, to)),
                None => from == to || !(graph.has(from, to) || order.admits(&graph, from, to)),
            };
            if is_back {
                graph.back.insert((from, to));
            } else {
                graph.add(Arc { from, to, kind });
            }
        }
        graph
    }

    fn jumps_of(&self, from: usize, step: &StepDefinition) -> Vec<(usize, usize, ArcKind)> {
        let routes = step.routes().iter().filter_map(|route| route.next.as_ref());
        let goto = match &step.on_error {
            Some(OnError::Goto(id)) => Some(id),
            Some(OnError::FailProcess | OnError::SkipStep) | None => None,
        };
        routes
            .map(|id| (id, ArcKind::Route))
            .chain(goto.map(|id| (id, ArcKind::Goto)))
            .filter_map(|(id, kind)| Some((from, self.index(id.as_str())?, kind)))
            .collect()
    }

    fn add(&mut self, arc: Arc) {
        if self.has(arc.from, arc.to) {
            return;
        }
        self.outgoing[arc.from].push(self.arcs.len());
        self.incoming[arc.to].push(self.arcs.len());
        self.arcs.push(arc);
    }

    fn has(&self, from: usize, to: usize) -> bool {
        // Of the two lists the shorter one is looked through, so that a wide fan costs no more.
        let (out, into) = (&self.outgoing[from], &self.incoming[to]);
        if out.len() <= into.len() {
            out.iter().any(|&arc| self.arcs[arc].to == to)
        } else {
            into.iter().any(|&arc| self.arcs[arc].from == from)
        }
    }

    /// Returns whether the arcs lead from one step to another.
    #[must_use]
    pub fn leads(&self, from: usize, to: usize) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            if step == to {
                return true;
            }
            open.extend(self.followers(step).filter(|next| seen.insert(*next)));
        }
        false
    }

    /// Returns the place of a step in the list.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<usize> {
        self.places.get(id)
    }

    /// Returns all arcs.
    #[must_use]
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// Returns the arcs that lead to a step, as places in [`Graph::arcs`].
    #[must_use]
    pub fn incoming(&self, step: usize) -> &[usize] {
        self.incoming.get(step).map_or(&[], Vec::as_slice)
    }

    /// Returns the arcs that start from a step, as places in [`Graph::arcs`].
    #[must_use]
    pub fn outgoing(&self, step: usize) -> &[usize] {
        self.outgoing.get(step).map_or(&[], Vec::as_slice)
    }

    /// Returns the steps to which the arcs of a step lead.
    pub fn followers(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        self.outgoing(step).iter().map(|&arc| self.arcs[arc].to)
    }

    /// Returns whether a route or goto from one step to another is a loop.
    #[must_use]
    pub fn is_back(&self, from: usize, to: usize) -> bool {
        self.back.contains(&(from, to))
    }

    /// Returns the loops, as pairs of places: where from, where to.
    #[must_use]
    pub fn back(&self) -> &BTreeSet<(usize, usize)> {
        &self.back
    }

    /// Returns a step and all that follows from it by arcs, loops apart.
    #[must_use]
    pub fn region(&self, from: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            open.extend(self.followers(step).filter(|next| seen.insert(*next)));
        }
        seen
    }
}
