//! Arcs: which become live, which dead, and what a step that is skipped gives as its reason.

use process_core::StepStatus;
use serde_json::json;

use crate::{
    check::{check, has_no_problem, has_problem},
    driver::{Driver, settle},
};

#[test]
fn e1_1_an_arc_stays_open_until_the_step_before_is_over() {
    check(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [a, b]}
outputs:
  - {name: at, value: '{{ steps.c.started_at }}'}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect:
  status: completed
  order: [[a, before, b], [b, before, c]]
  outputs: {at: '2026-01-01T00:03:00.000Z'}
  duration: 3m
",
    );
}

#[test]
fn e1_2_several_routes_to_one_step_are_one_arc_that_is_live_when_any_was_chosen() {
    check(
        "
steps:
  - {id: a}
  - id: g
    type: gateway
    depends_on: [a]
    routes:
      - {condition: steps.a.n > 10, next: t}
      - {condition: steps.a.n > 5, next: u}
      - {default: true, next: t}
  - {id: t, depends_on: [g]}
  - {id: u}
",
        "
steps: {a: {output: {n: 1}}}
expect:
  status: completed
  steps: {t: completed, u: skipped}
  skip_reasons: {u: route}
  visits: {t: 1}
",
    );
}

#[test]
fn e1_2_an_inclusive_gateway_that_chooses_two_routes_to_one_step_visits_it_once() {
    check(
        "
steps:
  - id: g
    type: gateway
    gateway_type: inclusive
    routes:
      - {condition: 'true', next: t}
      - {condition: '1 < 2', next: t}
      - {condition: 'false', next: u}
  - {id: t, join: each}
  - {id: u}
",
        "
expect:
  status: completed
  visits: {t: 1}
  attempts: {t: 1}
  steps: {t: completed, u: skipped}
",
    );
}

#[test]
fn e1_3_a_completed_step_lets_its_followers_go_on_and_is_compensated_later() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b]}
",
        "
steps: {c: {error: broken}}
expect:
  status: failed
  steps: {a: compensated, b: completed, c: failed}
  compensated: [a]
",
    );
}

#[test]
fn e1_4_a_step_that_is_skipped_by_error_rejection_or_timeout_makes_its_arcs_live() {
    check(
        "
steps:
  - {id: a, on_error: skip_step}
  - {id: b, type: human_approval, on_reject: skip}
  - {id: c, type: human_approval, timeout: 1h, on_timeout: skip}
  - {id: d, depends_on: [a]}
  - {id: e, depends_on: [b]}
  - {id: f, depends_on: [c]}
  - {id: all, depends_on: [a, b, c], join: all_completed}
",
        "
steps:
  a: {error: broken}
  b: {decision: rejected}
expect:
  status: completed
  steps: {a: skipped, b: skipped, c: skipped, d: completed, e: completed, f: completed,
          all: completed}
  skip_reasons: {a: error, b: rejected, c: timeout}
  duration: 1h
",
    );
}

#[test]
fn e1_4_a_step_that_a_person_skips_makes_its_arcs_live() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b], join: all_completed}
",
    );
    driver.gives(settle("a", StepStatus::Skipped));
    // Also one that has not begun.
    driver.hand_out().completes("b", json!({}));
    driver.hand_out();
    assert_eq!(
        (driver.step("a"), driver.step("b"), driver.step("c")),
        ("skipped", "completed", "in_progress")
    );

    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b], join: all_completed}
",
    );
    driver.gives(settle("b", StepStatus::Skipped));
    driver.hand_out();
    assert_eq!(
        (driver.step("a"), driver.step("b"), driver.step("c")),
        ("in_progress", "skipped", "in_progress")
    );
    driver.completes("a", json!({}));
    driver.completes("c", json!({}));
    assert_eq!((driver.status(), driver.step("b")), ("completed", "skipped"));
}

#[test]
fn e1_5_a_step_that_is_skipped_by_condition_route_or_upstream_makes_its_arcs_dead() {
    check(
        "
steps:
  - {id: a, condition: 'false'}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b]}
  - {id: d, depends_on: [c]}
  - {id: g, type: gateway, routes: [{condition: 'false', next: x}, {default: true, next: null}]}
  - {id: x}
  - {id: y, depends_on: [x]}
  - {id: z, depends_on: [y, d]}
",
        "
expect:
  status: completed
  steps: {a: skipped, b: skipped, c: skipped, d: skipped, x: skipped, y: skipped, z: skipped}
  skip_reasons: {a: condition, b: upstream, c: upstream, d: upstream, x: route, y: upstream,
                 z: upstream}
  visits: {a: 0, b: 0, x: 0}
",
    );
}

#[test]
fn e1_6_a_cancelled_step_makes_its_arcs_dead() {
    check(
        "
steps:
  - {id: x, cancels: [running, never]}
  - {id: running}
  - {id: slow}
  - {id: never, depends_on: [slow]}
  - {id: b, depends_on: [running]}
  - {id: c, depends_on: [never]}
  - {id: d, depends_on: [b, c, x]}
",
        "
steps: {x: {takes: 1m}, running: {takes: 1h}, slow: {takes: 2m}}
expect:
  status: completed
  steps: {running: cancelled, never: cancelled, b: skipped, c: skipped, d: completed}
  skip_reasons: {b: upstream, c: upstream}
  duration: 2m
",
    );
}

#[test]
fn e1_7_a_failure_that_goes_to_a_goto_makes_ordinary_arcs_dead_and_the_goto_live() {
    check(
        "
steps:
  - {id: a, on_error: {goto: repair}}
  - {id: b, depends_on: [a]}
  - {id: repair}
  - {id: c, depends_on: [repair]}
  - {id: d, depends_on: [b, c]}
",
        "
steps: {a: {error: broken}}
expect:
  status: completed
  steps: {a: failed, b: skipped, repair: completed, c: completed, d: completed}
  skip_reasons: {b: upstream}
  visits: {repair: 1}
",
    );
}

#[test]
fn e1_16_the_reason_is_route_if_any_own_arc_died_by_route_else_upstream() {
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: g, type: gateway, depends_on: [dim], routes: [{default: true, next: t}]}
  - {id: h, type: gateway, routes: [{condition: 'false', next: t}, {default: true, next: null}]}
  - {id: t, depends_on: [dim]}
  - {id: u, depends_on: [dim, t]}
",
        "
expect:
  status: completed
  steps: {g: skipped, t: skipped, u: skipped}
  skip_reasons: {g: upstream, t: route, u: upstream}
",
    );
}

#[test]
fn e1_16_all_completed_that_misses_a_route_gives_route_as_its_reason() {
    check(
        "
steps:
  - {id: a}
  - {id: g, type: gateway, routes: [{condition: 'false', next: t}, {default: true, next: null}]}
  - {id: t, depends_on: [a], join: all_completed}
",
        "
expect: {status: completed, steps: {t: skipped}, skip_reasons: {t: route}}
",
    );
}

#[test]
fn e1_17_out_of_reach_and_dead_any_or_each_give_upstream_also_behind_a_route() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: any}, {condition: 'false', next: each},
     {condition: 'false', next: two}, {default: true, next: null}]}
  - {id: dim, condition: 'false'}
  - {id: lit}
  - {id: any, depends_on: [dim], join: any}
  - {id: each, depends_on: [dim], join: each}
  - {id: two, depends_on: [lit], join: 2}
  - {id: only, depends_on: [g]}
",
        "
expect:
  status: completed
  steps: {any: skipped, each: skipped, two: skipped, only: completed}
  skip_reasons: {any: upstream, each: upstream, two: upstream}
  visits: {any: 0, each: 0, two: 0}
",
    );
}

#[test]
fn e1_18_the_targets_of_a_skipped_gateway_are_skipped_by_upstream() {
    check(
        "
steps:
  - {id: g, type: gateway, condition: 'false', routes: [{condition: 'true', next: t}, {default: true, next: u}]}
  - {id: p, type: gateway, gateway_type: parallel, depends_on: [t], routes: [{next: v}, {next: w}]}
  - {id: t}
  - {id: u}
  - {id: v}
  - {id: w}
  - {id: plain, depends_on: [g]}
",
        "
expect:
  status: completed
  skip_reasons: {g: condition, t: upstream, u: upstream, p: upstream, v: upstream, w: upstream,
                 plain: upstream}
",
    );
}

const ROUTE_AND_DEPENDENCY: &str = "
steps:
  - {id: a}
  - {id: g, type: gateway, routes: [{condition: 'false', next: t}, {default: true, next: null}]}
  - {id: t, depends_on: [a]}
";

#[test]
fn e1_19_a_route_target_with_another_dependency_runs_although_its_route_was_not_chosen() {
    check(ROUTE_AND_DEPENDENCY, "expect: {status: completed, steps: {t: completed}}");
    has_problem(ROUTE_AND_DEPENDENCY, "warning route_and_dependency");
    has_no_problem(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: t}, {default: true, next: b}]}
  - {id: b}
  - {id: t, depends_on: [b]}
",
        "warning route_and_dependency",
    );
}

#[test]
fn e1_20_a_join_of_more_than_the_arcs_is_an_error() {
    has_problem(
        "steps: [{id: a}, {id: b}, {id: c, depends_on: [a, b], join: 3}]",
        "error join_too_many",
    );
    has_no_problem("steps: [{id: a}, {id: b}, {id: c, depends_on: [a, b], join: 2}]", "error");
    // Two routes to one step are one arc, and a back route is none.
    has_problem(
        "
steps:
  - {id: g, type: gateway, gateway_type: parallel, routes: [{next: t}, {next: t}]}
  - {id: t, join: 2}
",
        "error join_too_many",
    );
    has_problem(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], join: 2}
  - {id: g, type: gateway, depends_on: [t], routes: [{condition: 'false', next: t}, {default: true, next: null}]}
",
        "error join_too_many",
    );
}

#[test]
fn e1_21_a_join_without_dependencies_is_a_warning() {
    has_problem("steps: [{id: a, join: any}]", "warning join_without_dependencies");
    has_problem("steps: [{id: a, join: each}]", "warning join_without_dependencies");
    check(
        "steps: [{id: a, join: any}, {id: b, join: each}]",
        "expect: {status: completed, visits: {a: 1, b: 1}}",
    );
}

#[test]
fn e1_22_a_default_join_over_a_step_with_a_condition_is_noted() {
    let text = "steps: [{id: a, condition: 'true'}, {id: b}, {id: c, depends_on: [a, b]}]";
    has_problem(text, "info conditional_dependency");
    let text =
        "steps: [{id: a, condition: 'true'}, {id: b}, {id: c, depends_on: [a, b], join: all}]";
    has_no_problem(text, "info conditional_dependency");
}

#[test]
fn e1_23_a_goto_arc_guards_its_target_whatever_its_dependencies_did() {
    check(
        "
steps:
  - {id: a, on_error: {goto: repair}}
  - {id: b}
  - {id: repair, depends_on: [b]}
  - {id: any, depends_on: [b], join: any}
  - {id: c, on_error: {goto: any}}
  - {id: d, depends_on: [repair, any]}
",
        "
expect:
  status: completed
  steps: {a: completed, repair: skipped, any: skipped, d: skipped}
  skip_reasons: {repair: route, any: route, d: upstream}
",
    );
}

#[test]
fn e1_23_one_live_goto_arc_is_enough_and_its_target_still_waits_for_the_others() {
    check(
        "
steps:
  - {id: a, on_error: {goto: repair}}
  - {id: b, on_error: {goto: repair}}
  - {id: c}
  - {id: repair, depends_on: [c]}
outputs:
  - {name: at, value: '{{ steps.repair.started_at }}'}
",
        "
steps: {a: {error: broken, takes: 1m}, b: {takes: 2m}, c: {takes: 3m}}
expect:
  status: completed
  steps: {a: failed, b: completed, repair: completed}
  visits: {repair: 1}
  outputs: {at: '2026-01-01T00:03:00.000Z'}
",
    );
}

#[test]
fn e1_23_a_goto_guards_the_join_of_a_target_with_any() {
    check(
        "
steps:
  - {id: quick}
  - {id: a, on_error: {goto: t}}
  - {id: t, depends_on: [quick], join: any}
outputs:
  - {name: at, value: '{{ steps.t.started_at }}'}
",
        "
steps: {a: {error: broken, takes: 5m}}
expect:
  status: completed
  steps: {t: completed}
  outputs: {at: '2026-01-01T00:05:00.000Z'}
  visits: {t: 1}
",
    );
}

#[test]
fn e1_5_a_chain_of_a_thousand_skips_ends() {
    let mut text = String::from("steps:\n  - {id: s0, condition: 'false'}\n");
    for step in 1..1000 {
        text.push_str(&format!("  - {{id: s{step}, depends_on: [s{}]}}\n", step - 1));
    }
    let mut driver = Driver::unstarted();
    driver.gives(crate::driver::start(&text, json!({})));
    assert_eq!((driver.status(), driver.step("s999")), ("completed", "skipped"));
    assert_eq!(driver.count("step_skipped"), 1000);
}
