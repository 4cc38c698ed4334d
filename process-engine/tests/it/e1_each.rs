//! The join `each`: one visit for each arc that comes alive.

use crate::check::check;

#[test]
fn e1_13_each_gives_a_visit_for_each_arc_that_comes_alive() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: dim, condition: 'false'}
  - {id: t, depends_on: [a, b, dim], join: each}
  - {id: dead, depends_on: [dim], join: each}
outputs:
  - {name: at, value: '{{ steps.t.started_at }}'}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect:
  status: completed
  visits: {t: 2, dead: 0}
  attempts: {t: 2}
  steps: {t: completed, dead: skipped}
  skip_reasons: {dead: upstream}
  outputs: {at: '2026-01-01T00:02:00.000Z'}
",
    );
}

#[test]
fn e1_13_visits_of_each_overlap() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, t: {takes: 10m}}
expect: {status: completed, visits: {t: 2}, duration: 12m}
",
    );
}

#[test]
fn e1_14_a_default_join_behind_several_visits_runs_once_when_all_are_over() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: u, type: agent_task, agent: w, message: 'got {{ steps.t.output.n }}', depends_on: [t]}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, t: [{output: {n: 1}, takes: 10m}, {output: {n: 2}, takes: 1m}]}
expect:
  status: completed
  visits: {t: 2, u: 1}
  # The second visit ends first; the last visit is the one with the highest number.
  message: {u: got 2}
  duration: 11m
",
    );
}

#[test]
fn e1_14_a_follower_waits_for_arcs_that_may_still_bring_a_visit() {
    check(
        "
steps:
  - {id: a}
  - {id: slow}
  - {id: t, depends_on: [a, slow], join: each}
  - {id: u, depends_on: [t]}
outputs:
  - {name: at, value: '{{ steps.u.started_at }}'}
",
        "
steps: {slow: {takes: 1h}}
expect:
  status: completed
  visits: {t: 2, u: 1}
  outputs: {at: '2026-01-01T01:00:00.000Z'}
",
    );
}

#[test]
fn e1_15_for_one_run_per_visit_the_follower_needs_each_as_well() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: u, depends_on: [t], join: each}
  - {id: v, depends_on: [u], join: each}
  - {id: any, depends_on: [u], join: any}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect: {status: completed, visits: {t: 2, u: 2, v: 2, any: 1}}
",
    );
}

#[test]
fn e1_13_one_visit_that_is_left_out_takes_nothing_back_from_the_others() {
    // The condition holds for the first visit and not for the second.
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, condition: steps.b.status != 'completed'}
  - {id: u, type: agent_task, agent: w, message: 'got {{ steps.t.output.n }}', depends_on: [t]}
outputs:
  - {name: n, value: '{{ steps.t.output.n }}'}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, t: {output: {n: 1}}}
expect:
  status: completed
  steps: {t: completed, u: completed}
  visits: {t: 1}
  message: {u: got 1}
  outputs: {n: 1}
",
    );
}

#[test]
fn e1_13_a_visit_behind_one_that_was_left_out_runs() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, condition: steps.b.status == 'completed'}
  - {id: u, depends_on: [t]}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect:
  status: completed
  steps: {t: completed, u: completed}
  visits: {t: 1}
",
    );
}

#[test]
fn e1_13_a_visit_that_fails_and_is_skipped_leaves_the_others_alone() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: c}
  - {id: t, depends_on: [a, b, c], join: each, on_error: skip_step}
  - {id: u, depends_on: [t], join: each}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, c: {takes: 3m}, t: [{output: {n: 1}}, {error: broken}, {output: {n: 3}}]}
expect:
  status: completed
  visits: {t: 3, u: 3}
  steps: {t: completed, u: completed}
",
    );
}

#[test]
fn e1_13_each_behind_a_gateway_counts_the_routes_that_were_chosen() {
    check(
        "
steps:
  - id: g
    type: gateway
    gateway_type: inclusive
    routes:
      - {condition: 'true', next: a}
      - {condition: 'true', next: t}
      - {condition: 'false', next: b}
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: u, depends_on: [t, b], join: each}
",
        "
steps: {a: {takes: 1m}}
expect: {status: completed, visits: {t: 2, u: 2}, skip_reasons: {b: route}}
",
    );
}

#[test]
fn e1_13_a_gateway_that_is_visited_several_times_sends_each_visit_its_own_way() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - id: g
    type: gateway
    depends_on: [a, b]
    join: each
    routes:
      - {condition: steps.b.status == 'completed', next: y}
      - {default: true, next: x}
  - {id: x, join: each}
  - {id: y, join: each}
  - {id: z, depends_on: [g], join: each}
  - {id: both, depends_on: [x, y]}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect:
  status: completed
  visits: {g: 2, x: 1, y: 1, z: 2, both: 1}
  order: [[x, before, y], [y, before, both]]
",
    );
}

#[test]
fn e1_13_each_of_a_foreach_visits_runs_all_items_for_each_arc() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, foreach: {in: [1, 2, 3]}}
  - {id: u, depends_on: [t], join: each}
  - {id: v, depends_on: [t]}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, t: {takes: 10m}}
expect: {status: completed, visits: {t: 6, u: 2, v: 1}, duration: 12m}
",
    );
}
