//! An order of steps that is kept while ways between them are added, so that a loop is seen at once.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::Graph;
use super::reach::{Ways, circles};

/// The rank of each step: an arc leads from a lower one to a higher one.
///
/// Ways are added one by one; what is looked through for each is only what lies between the ranks
/// of its two ends (the way of Pearce and Kelly), which for a file in reading order is nothing.
pub(super) struct Order {
    rank: Vec<usize>,
    /// The search that saw a step last.
    seen: Vec<usize>,
    search: usize,
}

impl Order {
    /// Ranks the steps by the arcs that are there, and by their places where those say nothing.
    ///
    /// The ways are those that are to be added. Of two circles that they and the arcs draw, the one
    /// that leads to the other comes first: no way between circles can ever close a loop.
    /// Steps that depend on each other in a circle come last in it; that is an error of its own.
    pub(super) fn new(graph: &Graph, steps: usize, ways: &[(usize, usize)]) -> Self {
        let mut open: Vec<usize> = (0..steps).map(|step| graph.incoming(step).len()).collect();
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..steps).filter(|step| open[*step] == 0).map(Reverse).collect();
        let mut rank = vec![usize::MAX; steps];
        let mut next = 0;
        while let Some(Reverse(step)) = ready.pop() {
            rank[step] = next;
            next += 1;
            for follower in graph.followers(step) {
                open[follower] -= 1;
                if open[follower] == 0 {
                    ready.push(Reverse(follower));
                }
            }
        }
        for rank in rank.iter_mut().filter(|rank| **rank == usize::MAX) {
            *rank = next;
            next += 1;
        }
        let mut all: Ways = (0..steps).map(|step| graph.followers(step).collect()).collect();
        ways.iter().for_each(|&(from, to)| all[from].push(to));
        let circle = circles(&all);
        let mut order: Vec<usize> = (0..steps).collect();
        order.sort_unstable_by_key(|step| (Reverse(circle[*step]), rank[*step]));
        order.iter().enumerate().for_each(|(place, step)| rank[*step] = place);
        Self { rank, seen: vec![0; steps], search: 0 }
    }

    /// Makes room for a way between two steps; returns `false` when it would close a loop.
    pub(super) fn admits(&mut self, graph: &Graph, from: usize, to: usize) -> bool {
        if from == to {
            return false;
        }
        let (low, high) = (self.rank[to], self.rank[from]);
        if high < low {
            return true;
        }
        let forward = self.search(to, |step| graph.followers(step), |rank| rank <= high);
        if forward.contains(&from) {
            return false;
        }
        let back = self.search(
            from,
            |step| graph.incoming(step).iter().map(|&arc| graph.arcs()[arc].from),
            |rank| rank >= low,
        );
        self.reorder(back, forward);
        true
    }

    /// Returns a step and those that can be gone to from it within some ranks.
    fn search<I: Iterator<Item = usize>>(
        &mut self,
        start: usize,
        next: impl Fn(usize) -> I,
        within: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        self.search += 1;
        self.seen[start] = self.search;
        let mut found = vec![start];
        let mut at = 0;
        while at < found.len() {
            for step in next(found[at]) {
                if self.seen[step] != self.search && within(self.rank[step]) {
                    self.seen[step] = self.search;
                    found.push(step);
                }
            }
            at += 1;
        }
        found
    }

    /// Gives the ranks of both groups to the first one and then to the second one.
    fn reorder(&mut self, mut first: Vec<usize>, mut second: Vec<usize>) {
        first.sort_unstable_by_key(|step| self.rank[*step]);
        second.sort_unstable_by_key(|step| self.rank[*step]);
        let steps: Vec<usize> = first.into_iter().chain(second).collect();
        let mut ranks: Vec<usize> = steps.iter().map(|step| self.rank[*step]).collect();
        ranks.sort_unstable();
        for (step, rank) in steps.into_iter().zip(ranks) {
            self.rank[step] = rank;
        }
    }
}
