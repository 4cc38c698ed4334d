//! Steps that wait for each other in a circle, so that none of them ever begins.

use std::collections::BTreeMap;

use super::Checker;
use crate::definition::reach::{Ways, circles};
use crate::diagnostic::Diagnostic;

/// The steps of a circle that a message spells out.
const SPELLED_MAX: usize = 12;

/// Notes every circle of dependencies; returns which steps are in one.
pub(super) fn check(checker: &mut Checker<'_>) -> Vec<bool> {
    let graph = &checker.definition.graph;
    let steps = checker.steps();
    let ways: Ways = steps
        .iter()
        .enumerate()
        .map(|(place, step)| {
            let ids = step.depends_on.iter();
            ids.filter_map(|id| graph.index(id.as_str())).filter(|on| *on != place).collect()
        })
        .collect();
    let circle = circles(&ways);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (step, circle) in circle.iter().enumerate() {
        members.entry(*circle).or_default().push(step);
    }
    let mut circled = vec![false; steps.len()];
    for members in members.into_values().filter(|members| members.len() > 1) {
        members.iter().for_each(|step| circled[*step] = true);
        note(checker, &ways, &circle, members[0]);
    }
    circled
}

fn note(checker: &mut Checker<'_>, ways: &Ways, circle: &[usize], start: usize) {
    let path = shortest(ways, circle, start);
    let ids: Vec<&str> = path.iter().map(|step| checker.id(*step)).collect();
    let spelled = match ids.len() {
        0..=SPELLED_MAX => ids.join(" → "),
        len => {
            let (first, last) = (ids[..SPELLED_MAX - 1].join(" → "), ids[len - 1]);
            format!("{first} → … {} more … → {last}", len - SPELLED_MAX)
        }
    };
    let place = match ids.get(1) {
        Some(next) => checker.item_place(start, "depends_on", next),
        None => checker.place(start, "depends_on"),
    };
    let message = format!("steps depend on each other in a circle: {spelled}");
    let problem = Diagnostic::error("cycle", place, message);
    checker.note(problem.with_hint("a loop is a route of a gateway back to an earlier step"));
}

/// Returns the shortest way from a step to itself within its circle.
fn shortest(ways: &Ways, circle: &[usize], start: usize) -> Vec<usize> {
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(step) = open.pop_front() {
        for &next in ways[step].iter().filter(|next| circle[**next] == circle[start]) {
            if next == start {
                let mut path = vec![start, step];
                let mut at = step;
                while at != start {
                    at = from[&at];
                    path.push(at);
                }
                path.reverse();
                return if step == start { vec![start, start] } else { path };
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = from.entry(next) {
                entry.insert(step);
                open.push_back(next);
            }
        }
    }
    vec![start]
}
