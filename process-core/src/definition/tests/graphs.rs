//! How steps hang together.

use expect_test::{Expect, expect};

use super::{definition, read};
use crate::definition::{ArcKind, Definition};

fn arcs(definition: &Definition) -> String {
    let id = |place: usize| definition.steps[place].id.as_str();
    let mut lines = String::new();
    for arc in definition.graph.arcs() {
        let kind = match arc.kind {
            ArcKind::Dependency => "→",
            ArcKind::Goto => "goto",
            ArcKind::Route => "route",
        };
        lines.push_str(&format!("{} {kind} {}\n", id(arc.from), id(arc.to)));
    }
    for &(from, to) in definition.graph.back() {
        lines.push_str(&format!("{} back to {}\n", id(from), id(to)));
    }
    lines
}

fn check(steps: &str, expect: Expect) {
    expect.assert_eq(&arcs(&definition(&format!("name: n\nsteps:\n{steps}"))));
}

#[test]
fn there_is_one_arc_for_each_pair_of_steps() {
    check(
        r#"  - {id: g, type: gateway, routes: [{condition: input.x == 1, next: a}, {condition: input.x == 2, next: a}, {default: true, next: b}]}
  - {id: a}
  - {id: b, depends_on: [g, a]}
  - {id: c, depends_on: [g]}
"#,
        expect![[r#"
            a → b
            g → c
            g route b
            g route a
        "#]],
    );
}

#[test]
fn a_dependency_on_the_gateway_whose_route_leads_here_is_the_route_and_never_back() {
    check(
        r#"  - {id: a, depends_on: [g]}
  - {id: g, type: gateway, routes: [{condition: input.x == 1, next: a}, {default: true, next: null}]}
"#,
        expect![[r#"
            g route a
        "#]],
    );
}

#[test]
fn routes_are_added_in_file_order_and_one_that_closes_a_loop_is_back() {
    check(
        r#"  - {id: g, type: gateway, routes: [{condition: input.x == 1, next: h}, {default: true, next: null}]}
  - {id: h, type: gateway, routes: [{condition: input.x == 1, next: g}, {default: true, next: i}]}
  - {id: i, on_error: {goto: g}}
"#,
        expect![[r#"
            g route h
            h route i
            h back to g
            i back to g
        "#]],
    );
}

#[test]
fn a_route_to_a_step_that_stands_before_it_and_does_not_lead_to_it_is_forward() {
    check(
        r#"  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: g, type: gateway, routes: [{default: true, next: a}]}
"#,
        expect![[r#"
            a → b
            g route a
        "#]],
    );
}

#[test]
fn the_order_of_adding_decides_as_asking_each_time_does() {
    // Every graph of gateways with two routes each over six steps, thinned out.
    let mut seed = 7_u32;
    for _ in 0..500 {
        let mut text = "name: n\nsteps:\n".to_owned();
        for step in 0..6 {
            let mut next = || {
                seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                (seed >> 16) % 6
            };
            let routes = format!("{{condition: input.x == 1, next: s{}}}", next());
            let depends = match next() {
                before if before < step => format!(", depends_on: [s{before}]"),
                _ => String::new(),
            };
            let last = format!("{{default: true, next: s{}}}", next());
            text.push_str(&format!(
                "  - {{id: s{step}, type: gateway, routes: [{routes}, {last}]{depends}}}\n"
            ));
        }
        let definition = read(&text).definition.unwrap_or_else(|| panic!("{text}"));
        assert_eq!(definition.graph.back(), &slowly(&definition), "{text}");
    }
}

/// Says which routes are back by asking for each one whether its target leads to it.
fn slowly(definition: &Definition) -> std::collections::BTreeSet<(usize, usize)> {
    let place = |id: &crate::StepId| definition.graph.index(id.as_str()).unwrap();
    let mut ways: Vec<(usize, usize)> = Vec::new();
    for (to, step) in definition.steps.iter().enumerate() {
        ways.extend(step.depends_on.iter().map(|id| (place(id), to)));
    }
    let mut back = std::collections::BTreeSet::new();
    for (from, step) in definition.steps.iter().enumerate() {
        for to in step.routes().iter().filter_map(|route| route.next.as_ref()).map(place) {
            let mut seen = std::collections::BTreeSet::from([to]);
            let mut open = vec![to];
            while let Some(at) = open.pop() {
                let next = ways.iter().filter(|way| way.0 == at).map(|way| way.1);
                open.extend(next.filter(|next| seen.insert(*next)));
            }
            if from == to || (!ways.contains(&(from, to)) && seen.contains(&from)) {
                back.insert((from, to));
            } else {
                ways.push((from, to));
            }
        }
    }
    back
}
