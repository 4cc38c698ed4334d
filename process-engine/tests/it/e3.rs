//! Gateways that choose: exclusive, inclusive, parallel.

use crate::check::{check, has_no_problem, has_problem, result};

const EXCLUSIVE: &str = "
steps:
  - {id: a}
  - id: g
    type: gateway
    depends_on: [a]
    routes:
      - {condition: steps.a.n > 10, next: x}
      - {condition: steps.a.n > 5, next: y}
      - {condition: steps.a.other > 5, next: w}
      - {default: true, next: z}
  - {id: w}
  - {id: x}
  - {id: y}
  - {id: z}
";

#[test]
fn e3_1_an_exclusive_gateway_takes_the_first_true_route_and_evaluates_no_more() {
    check(
        EXCLUSIVE,
        "
steps: {a: {output: {n: 7}}}
expect:
  status: completed
  steps: {x: skipped, y: completed, z: skipped, w: skipped}
  skip_reasons: {x: route, z: route, w: route}
",
    );
}

#[test]
fn e3_2_without_a_true_route_the_default_is_taken_wherever_it_stands() {
    check(
        EXCLUSIVE,
        "
steps: {a: {output: {n: 1, other: 1}}}
expect: {status: completed, steps: {z: completed, w: skipped, x: skipped, y: skipped}}
",
    );
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{default: true, next: x}, {condition: 'true', next: y}]}
  - {id: x}
  - {id: y}
",
        "expect: {status: completed, steps: {x: skipped, y: completed}}",
    );
}

#[test]
fn e3_2_without_a_true_route_and_a_default_the_gateway_fails_with_no_route() {
    let data = result(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: x}]}
  - {id: x}
",
        "expect: {status: failed, steps: {g: failed, x: pending}}",
    );
    assert!(
        data["steps"]["g"]["error"].as_str().is_some_and(|error| error.starts_with("no_route"))
    );
}

#[test]
fn e3_3_an_error_in_a_condition_that_is_evaluated_fails_the_gateway_in_spite_of_a_default() {
    check(
        EXCLUSIVE,
        "
steps: {a: {output: {n: 1}}}
expect: {status: failed, steps: {g: failed, z: pending}}
",
    );
    check(
        "
steps:
  - id: g
    type: gateway
    gateway_type: inclusive
    routes: [{condition: 'true', next: x}, {condition: input.missing > 1, next: y}, {default: true, next: z}]
  - {id: x}
  - {id: y}
  - {id: z}
",
        "expect: {status: failed, steps: {g: failed, x: pending, z: pending}}",
    );
}

const INCLUSIVE: &str = "
steps:
  - {id: a}
  - id: g
    type: gateway
    gateway_type: inclusive
    depends_on: [a]
    routes:
      - {condition: steps.a.n > 1, next: x}
      - {default: true, next: z}
      - {condition: steps.a.n > 5, next: y}
  - {id: x}
  - {id: y}
  - {id: z}
outputs: [{name: routes, value: '{{ steps.g.output }}'}]
";

#[test]
fn e3_4_an_inclusive_gateway_takes_all_true_routes_and_the_default_only_when_none_is() {
    check(
        INCLUSIVE,
        "
steps: {a: {output: {n: 7}}}
expect:
  status: completed
  steps: {x: completed, y: completed, z: skipped}
  skip_reasons: {z: route}
  outputs: {routes: {routes: [x, y]}}
",
    );
    check(
        INCLUSIVE,
        "
steps: {a: {output: {n: 1}}}
expect:
  status: completed
  steps: {x: skipped, y: skipped, z: completed}
  outputs: {routes: {routes: [z]}}
",
    );
}

#[test]
fn e3_4_an_inclusive_gateway_without_true_route_and_default_fails_with_no_route() {
    let data = result(
        "
steps:
  - {id: g, type: gateway, gateway_type: inclusive, on_error: skip_step, routes: [{condition: 'false', next: x}]}
  - {id: x}
",
        "
expect:
  status: completed
  steps: {g: skipped, x: skipped}
  skip_reasons: {g: error, x: upstream}
",
    );
    assert!(
        data["steps"]["g"]["error"].as_str().is_some_and(|error| error.starts_with("no_route"))
    );
}

#[test]
fn e3_5_a_parallel_gateway_takes_all_routes() {
    check(
        "
steps:
  - {id: g, type: gateway, gateway_type: parallel, routes: [{next: x}, {next: y}, {next: null}]}
  - {id: x}
  - {id: y}
outputs: [{name: routes, value: '{{ steps.g.output }}'}]
",
        "
steps: {x: {takes: 1m}, y: {takes: 1m}}
expect:
  status: completed
  steps: {x: completed, y: completed}
  duration: 1m
  outputs: {routes: {routes: [x, y]}}
",
    );
}

#[test]
fn e3_6_a_condition_on_a_route_of_a_parallel_or_event_gateway_is_an_error() {
    for kind in ["parallel", "event"] {
        has_problem(
            &format!(
                "steps: [{{id: g, type: gateway, gateway_type: {kind}, routes: [{{condition: 'true', next: t}}]}}, {{id: t, type: timer, delay: 1s}}]"
            ),
            "error condition_not_allowed",
        );
        has_no_problem(
            &format!(
                "steps: [{{id: g, type: gateway, gateway_type: {kind}, routes: [{{next: t}}]}}, {{id: t, type: timer, delay: 1s}}]"
            ),
            "error",
        );
    }
}

#[test]
fn e3_7_a_route_without_condition_that_is_not_the_default_is_an_error() {
    for kind in ["exclusive", "inclusive"] {
        has_problem(
            &format!(
                "steps: [{{id: g, type: gateway, gateway_type: {kind}, routes: [{{next: t}}]}}, {{id: t}}]"
            ),
            "error missing_condition",
        );
    }
}

#[test]
fn e3_8_a_route_that_was_not_chosen_is_dead_also_when_the_target_lists_the_gateway() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: x}, {default: true, next: y}]}
  - {id: x, depends_on: [g]}
  - {id: y, depends_on: [g]}
",
        "
expect:
  status: completed
  steps: {x: skipped, y: completed}
  skip_reasons: {x: route}
  visits: {y: 1}
",
    );
}

#[test]
fn e3_9_a_plain_follower_follows_the_gateway_whatever_it_chose() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: x}, {default: true, next: null}]}
  - {id: x}
  - {id: follower, depends_on: [g]}
",
        "expect: {status: completed, steps: {g: completed, x: skipped, follower: completed}}",
    );
}

#[test]
fn e3_10_next_null_means_that_nothing_follows() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'true', next: null}, {default: true, next: x}]}
  - {id: x}
outputs: [{name: route, value: '{{ steps.g.output }}'}]
",
        "
expect:
  status: completed
  steps: {g: completed, x: skipped}
  skip_reasons: {x: route}
  outputs: {route: {route: null}}
",
    );
}

#[test]
fn e3_11_a_gateway_that_fails_and_is_skipped_has_dead_routes_and_live_followers() {
    check(
        "
steps:
  - {id: g, type: gateway, on_error: skip_step, routes: [{condition: input.missing > 1, next: x}, {default: true, next: y}]}
  - {id: x}
  - {id: y, depends_on: [g]}
  - {id: follower, depends_on: [g]}
  - {id: behind, depends_on: [x, follower]}
",
        "
expect:
  status: completed
  steps: {g: skipped, x: skipped, y: skipped, follower: completed, behind: completed}
  skip_reasons: {g: error, x: upstream, y: upstream}
",
    );
}

#[test]
fn e3_11_a_gateway_whose_failure_goes_to_a_goto_has_dead_routes_and_dead_followers() {
    check(
        "
steps:
  - {id: g, type: gateway, on_error: {goto: repair}, routes: [{condition: input.missing > 1, next: x}, {default: true, next: y}]}
  - {id: x}
  - {id: y}
  - {id: repair}
  - {id: follower, depends_on: [g]}
",
        "
expect:
  status: completed
  steps: {g: failed, x: skipped, y: skipped, follower: skipped, repair: completed}
",
    );
}

#[test]
fn e3_12_a_gateway_is_exclusive_when_nothing_is_said_and_e3_13_its_output_is_its_route() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'true', next: x}, {condition: 'true', next: y}]}
  - {id: x}
  - {id: y}
  - {id: t, depends_on: [g], condition: steps.g.route == 'x' and steps.g.output.route == 'x'}
outputs: [{name: route, value: '{{ steps.g.output }}'}]
",
        "
expect:
  status: completed
  steps: {x: completed, y: skipped, t: completed}
  outputs: {route: {route: x}}
",
    );
}

#[test]
fn e3_1_a_gateway_with_a_false_condition_of_its_own_chooses_nothing() {
    check(
        "
steps:
  - {id: a}
  - {id: g, type: gateway, depends_on: [a], condition: steps.a.n > 1, routes: [{condition: 'true', next: x}, {default: true, next: y}]}
  - {id: x}
  - {id: y}
  - {id: z, depends_on: [x, y, a]}
",
        "
steps: {a: {output: {n: 0}}}
expect:
  status: completed
  steps: {z: completed}
  skip_reasons: {g: condition, x: upstream, y: upstream}
",
    );
}

#[test]
fn e3_8_a_target_of_two_gateways_runs_when_one_of_them_chose_it() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: t}, {default: true, next: null}]}
  - {id: slow}
  - {id: h, type: gateway, depends_on: [slow], routes: [{condition: 'true', next: t}]}
  - {id: t}
  - {id: both, join: all_completed}
  - {id: i, type: gateway, gateway_type: parallel, depends_on: [g, h], routes: [{next: both}]}
",
        "
steps: {slow: {takes: 1m}}
expect:
  status: completed
  steps: {t: completed, both: completed}
  order: [[slow, before, t]]
",
    );
}
