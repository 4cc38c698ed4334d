//! Loops: what is visited again, what is reset, and how often.

use serde_json::json;

use crate::{
    check::{check, check_with, has_no_problem, has_problem, result},
    driver::Driver,
};

const REVIEW: &str = "
steps:
  - {id: draft}
  - {id: review, depends_on: [draft]}
  - id: g
    type: gateway
    depends_on: [review]
    routes:
      - {condition: steps.review.good, next: publish}
      - {default: true, next: draft}
  - {id: publish, depends_on: [g]}
";

#[test]
fn e4_6_a_back_route_visits_its_target_again_and_leaves_the_forward_routes_open() {
    check(
        REVIEW,
        "
steps: {draft: {takes: 1m}, review: [{output: {good: false}}, {output: {good: false}}, {output: {good: true}}]}
expect:
  status: completed
  visits: {draft: 3, review: 3, g: 3, publish: 1}
  attempts: {draft: 3, publish: 1}
  duration: 3m
",
    );
}

#[test]
fn e4_1_a_route_is_a_back_route_by_how_steps_hang_together_not_by_where_they_stand() {
    // The target stands behind the gateway in the file, and leads to it.
    check(
        "
steps:
  - id: g
    type: gateway
    depends_on: [review]
    routes: [{condition: steps.review.good, next: publish}, {default: true, next: draft}]
  - {id: publish}
  - {id: draft}
  - {id: review, depends_on: [draft]}
",
        "
steps: {review: [{output: {good: false}}, {output: {good: true}}]}
expect: {status: completed, visits: {draft: 2, review: 2, g: 2, publish: 1}}
",
    );
    // The target stands before the gateway, and does not lead to it.
    check(
        "
steps:
  - {id: t}
  - {id: g, type: gateway, routes: [{condition: 'true', next: t}]}
",
        "expect: {status: completed, visits: {t: 1, g: 1}, order: [[g, before, t]]}",
    );
}

#[test]
fn e4_1_routes_are_added_in_the_order_of_the_file() {
    // Each of two gateways has a route to the other: the first in the file leads forward.
    let g = "  - {id: g, type: gateway, routes: [{condition: input.there, next: h}, {default: true, next: null}]}\n";
    let h = "  - {id: h, type: gateway, routes: [{condition: input.back, next: g}, {default: true, next: null}]}\n";
    let input = "input: {there: true, back: false}\n";
    check(
        &format!("steps:\n{g}{h}"),
        &format!("{input}expect: {{status: completed, visits: {{g: 1, h: 1}}}}"),
    );
    check(
        &format!("steps:\n{h}{g}"),
        &format!(
            "{input}expect: {{status: completed, visits: {{g: 0, h: 1}}, skip_reasons: {{g: route}}}}"
        ),
    );
    has_problem(&format!("steps:\n{g}{h}"), "info loop");
}

#[test]
fn e4_2_a_circle_of_dependencies_is_an_error() {
    has_problem(
        "steps: [{id: a, depends_on: [c]}, {id: b, depends_on: [a]}, {id: c, depends_on: [b]}]",
        "error cycle",
    );
}

#[test]
fn e4_4_validate_names_the_back_routes() {
    has_problem(REVIEW, "info loop");
    has_problem("steps: [{id: a}, {id: b, depends_on: [a], on_error: {goto: a}}]", "info loop");
    has_no_problem("steps: [{id: a, on_error: {goto: b}}, {id: b}]", "info loop");
}

#[test]
fn e4_5_a_back_route_is_never_counted_in_the_join_of_its_target() {
    for join in ["all", "any", "1", "each", "all_completed"] {
        check(
            &format!(
                "
steps:
  - {{id: a}}
  - {{id: t, depends_on: [a], join: {join}}}
  - {{id: g, type: gateway, depends_on: [t], routes: [{{condition: steps.t.again, next: t}}, {{default: true, next: u}}]}}
  - {{id: u}}
"
            ),
            "
steps: {t: [{output: {again: true}}, {output: {again: false}}]}
expect: {status: completed, steps: {u: completed}, visits: {a: 1, t: 2, g: 2, u: 1}}
",
        );
    }
}

#[test]
fn e4_6_an_inclusive_gateway_that_goes_back_and_forward_leaves_forward_open() {
    check(
        "
steps:
  - {id: a}
  - id: g
    type: gateway
    gateway_type: inclusive
    depends_on: [a]
    routes:
      - {condition: 'true', next: forward}
      - {condition: steps.a.again, next: a}
  - {id: forward}
  - {id: plain, depends_on: [g]}
",
        "
steps: {a: [{output: {again: true}, takes: 1m}, {output: {again: false}, takes: 1m}], forward: {takes: 10m}}
expect:
  status: completed
  visits: {a: 2, g: 2, forward: 1, plain: 1}
  attempts: {forward: 1, plain: 1}
  duration: 12m
",
    );
}

#[test]
fn e4_6_two_back_routes_that_are_taken_at_once_visit_both_targets_again() {
    check(
        "
steps:
  - {id: x}
  - {id: y}
  - id: g
    type: gateway
    gateway_type: inclusive
    depends_on: [x, y]
    routes:
      - {condition: steps.x.again, next: x}
      - {condition: steps.y.again, next: y}
      - {default: true, next: done}
  - {id: done}
",
        "
steps:
  x: [{output: {again: true}}, {output: {again: false}}]
  y: [{output: {again: true}}, {output: {again: false}}]
expect: {status: completed, visits: {x: 2, y: 2, g: 2, done: 1}, steps: {done: completed}}
",
    );
}

const RESET: &str = "
steps:
  - {id: t}
  - {id: check, depends_on: [t]}
  - {id: long, depends_on: [t]}
  - {id: review, type: human_approval, depends_on: [t]}
  - {id: tick, type: timer, delay: 10m, depends_on: [t]}
  - {id: note, type: wait_for, message: m, depends_on: [t]}
  - {id: child, type: sub_process, process: other, depends_on: [t]}
  - {id: many, depends_on: [t], foreach: {in: [1, 2, 3], max_parallel: 1}}
  - {id: outside, type: timer, delay: 30m}
  - {id: g, type: gateway, depends_on: [check], routes: [{condition: steps.check.again, next: t}, {default: true, next: null}]}
  - {id: end, depends_on: [long, review, tick, note, child, many, g, outside]}
outputs: [{name: note, value: '{{ steps.note.k }}'}]
";

#[test]
fn e4_7_all_that_follows_from_the_target_is_reset_and_the_mailbox_stays() {
    check_with(
        &[("other", "steps: [{id: inner}]\noutputs: [{name: x, value: '{{ steps.inner.x }}'}]")],
        RESET,
        "
steps:
  t: {takes: 1m}
  check: [{takes: 1m, output: {again: true}}, {takes: 1m, output: {again: false}}]
  long: {takes: 10m}
  review: {decision: approved, after: 10m}
  child/inner: {takes: 10m, output: {x: 1}}
  many: {takes: 5m}
messages: [{name: m, data: {k: 1}, at: 30s}, {name: m, data: {k: 2}, at: 90s}]
expect:
  status: completed
  visits: {t: 2, check: 2, g: 2, long: 2, review: 2, tick: 2, note: 2, child: 2, many: 4, outside: 1, end: 1}
  attempts: {long: 2, many: 4, end: 1}
  outputs: {note: 2}
  # The second time t ends at 3m; the three items behind it take five minutes each.
  order: [[t, before, long], [many, before, end], [outside, before, end]]
  duration: 30m
",
    );
}

#[test]
fn e4_7_the_result_of_an_attempt_that_was_reset_is_refused() {
    let mut driver = Driver::start(
        "
steps:
  - {id: t}
  - {id: check, depends_on: [t]}
  - {id: long, depends_on: [t]}
  - {id: g, type: gateway, depends_on: [check], routes: [{condition: steps.check.again, next: t}, {default: true, next: null}]}
",
    );
    driver.hand_out().completes("t", json!({}));
    driver.hand_out();
    let (visit, token) = driver.attempt("long");
    driver.completes("check", json!({"again": true}));
    let outcome = process_engine::Outcome::Completed(json!({}));
    driver.refuses(process_engine::Input::Result { visit, token, outcome, cost: None });
    driver.hand_out().completes("t", json!({}));
    driver.hand_out().completes("check", json!({"again": false}));
    driver.completes("long#2", json!({}));
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e4_8_after_a_reset_arcs_from_outside_keep_their_state_for_all() {
    check(
        "
steps:
  - {id: setup}
  - {id: never, condition: 'false'}
  - {id: t}
  - {id: j, depends_on: [t, setup]}
  - {id: k, depends_on: [t, setup, never]}
  - {id: l, depends_on: [t, setup, never], join: all_completed}
  - {id: g, type: gateway, depends_on: [j, k], routes: [{condition: steps.j.again, next: t}, {default: true, next: null}]}
",
        "
steps: {setup: {takes: 5m}, t: {takes: 1m}, j: [{output: {again: true}}, {output: {again: false}}]}
expect:
  status: completed
  visits: {setup: 1, t: 2, j: 2, k: 2, l: 0}
  steps: {l: skipped}
  duration: 6m
",
    );
}

#[test]
fn e4_8_an_arc_that_already_gave_a_visit_to_any_gives_none_again() {
    check(
        "
steps:
  - {id: x}
  - {id: t}
  - {id: j, depends_on: [x, t], join: any}
  - {id: g, type: gateway, depends_on: [t], routes: [{condition: steps.t.again, next: t}, {default: true, next: null}]}
outputs: [{name: at, value: '{{ steps.j.started_at }}'}]
",
        "
steps: {t: [{takes: 1m, output: {again: true}}, {takes: 1m, output: {again: false}}]}
expect:
  status: completed
  visits: {j: 2, t: 2, x: 1}
  outputs: {at: '2026-01-01T00:02:00.000Z'}
",
    );
}

#[test]
fn e4_8_an_arc_that_already_gave_a_visit_counts_no_more_for_n() {
    check(
        "
steps:
  - {id: x}
  - {id: t}
  - {id: one, depends_on: [t]}
  - {id: two, depends_on: [t]}
  - {id: j, depends_on: [x, one, two], join: 2}
  - {id: g, type: gateway, depends_on: [one, two], routes: [{condition: steps.two.again, next: t}, {default: true, next: null}]}
outputs: [{name: at, value: '{{ steps.j.started_at }}'}]
",
        "
steps:
  one: {takes: 1m}
  two: [{takes: 2m, output: {again: true}}, {takes: 2m, output: {again: false}}]
expect:
  status: completed
  visits: {j: 2, one: 2, two: 2}
  outputs: {at: '2026-01-01T00:04:00.000Z'}
",
    );
}

#[test]
fn e4_8_an_arc_that_already_gave_a_visit_to_each_gives_none_again() {
    check(
        "
steps:
  - {id: x}
  - {id: late}
  - {id: t}
  - {id: j, depends_on: [x, late, t], join: each}
  - {id: c, depends_on: [t]}
  - {id: g, type: gateway, depends_on: [c], routes: [{condition: steps.t.again, next: t}, {default: true, next: null}]}
",
        "
steps:
  t: [{takes: 1m, output: {again: true}}, {takes: 1m, output: {again: false}}]
  c: {takes: 10s}
  late: {takes: 90s}
expect:
  status: completed
  # x and t, then after the reset the late one and t again.
  visits: {j: 4, t: 2, c: 2}
  attempts: {j: 4}
",
    );
}

#[test]
fn e4_9_max_visits_stands_on_the_step_or_at_the_root_and_is_100() {
    for (root, step, visits) in [
        ("", "", 100),
        ("max_visits: 7\n", "", 7),
        ("max_visits: 7\n", ", max_visits: 3", 3),
        ("", ", max_visits: 1", 1),
    ] {
        let text = format!(
            "
{root}steps:
  - {{id: t{step}}}
  - {{id: g, type: gateway, depends_on: [t], routes: [{{condition: 'true', next: t}}]}}
"
        );
        let mut driver = Driver::start(&text);
        for _ in 0..visits {
            driver.hand_out().completes("t", json!({}));
        }
        assert_eq!(
            (driver.status(), driver.step("g"), driver.step("t")),
            ("failed", "failed", "completed"),
            "{text}"
        );
        let run = driver.run();
        assert_eq!(run.step("t").map(process_engine::StepState::visits), Some(visits));
    }
}

#[test]
fn e4_11_one_activation_more_than_max_visits_fails_the_gateway_with_loop_limit() {
    let data = result(
        REVIEW.replace("{id: draft}", "{id: draft, max_visits: 3}").as_str(),
        "
steps: {review: {output: {good: false}}}
expect:
  status: failed
  steps: {g: failed, publish: pending}
  visits: {draft: 3, review: 3, g: 3}
",
    );
    assert!(
        data["steps"]["g"]["error"].as_str().is_some_and(|error| error.starts_with("loop_limit"))
    );
}

#[test]
fn e4_11_a_gateway_that_fails_by_loop_limit_has_an_on_error_like_any_other() {
    check(
        "
steps:
  - {id: t, max_visits: 2}
  - {id: g, type: gateway, depends_on: [t], on_error: {goto: give-up}, routes: [{condition: 'true', next: t}, {default: true, next: u}]}
  - {id: u}
  - {id: give-up}
",
        "
expect:
  status: completed
  visits: {t: 2, g: 2}
  steps: {g: failed, u: skipped, give-up: completed}
",
    );
}

#[test]
fn e4_10_items_turns_and_attempts_do_not_count_for_max_visits() {
    check(
        "
steps:
  - {id: t, max_visits: 2, foreach: {in: [1, 2, 3, 4, 5]}, retry: {max_attempts: 2, initial_delay: 1s}}
  - {id: r, max_visits: 2, depends_on: [t], repeat: {until: steps.r.n == 3, max: 5}}
  - {id: g, type: gateway, depends_on: [r], routes: [{condition: steps.g2.status == 'pending' and steps.r.again, next: t}, {default: true, next: g2}]}
  - {id: g2}
",
        "
steps:
  t: [{output: 1}, {output: 2}, [{error: broken}, {output: 3}], {output: 4}, {output: 5}]
  r: [{output: {n: 1}}, {output: {n: 2}}, {output: {n: 3, again: true}}, {output: {n: 1}}, {output: {n: 3, again: false}}]
expect:
  status: completed
  visits: {t: 10, r: 5, g: 2, g2: 1}
  attempts: {t: 12}
",
    );
}

#[test]
fn e4_12_a_backward_goto_past_max_visits_fails_the_process() {
    check(
        "
steps:
  - {id: a, max_visits: 2}
  - {id: b, depends_on: [a], on_error: {goto: a}}
  - {id: c, depends_on: [b]}
",
        "
steps: {b: {error: broken}}
expect:
  status: failed
  visits: {a: 2, b: 2}
  steps: {a: completed, b: failed, c: pending}
",
    );
}

#[test]
fn e4_12_a_backward_goto_runs_its_way_again_and_may_succeed() {
    check(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a], on_error: {goto: a}, retry: {max_attempts: 2, initial_delay: 1m}}
  - {id: c, depends_on: [b]}
",
        "
steps: {b: [{error: broken}, {error: broken}, {error: broken}, {output: {n: 1}}]}
expect:
  status: completed
  visits: {a: 2, b: 2, c: 1}
  attempts: {a: 2, b: 4}
  steps: {b: completed}
  duration: 2m
",
    );
}
