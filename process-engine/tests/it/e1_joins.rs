//! Joins: how many arcs a step waits for.

use crate::check::check;

const THREE: &str = "
  - {id: a}
  - {id: b}
  - {id: c}
";

fn three(join: &str, more: &str) -> String {
    format!(
        "steps:{THREE}  - {{id: t, depends_on: [a, b, c]{join}}}\n{more}outputs:\n  - {{name: at, value: '{{{{ steps.t.started_at }}}}'}}\n"
    )
}

const MINUTES: &str = "steps: {a: {takes: 1m}, b: {takes: 2m}, c: {takes: 3m}}";

#[test]
fn e1_8_all_waits_until_no_arc_is_open_and_one_is_live() {
    check(
        &three("", ""),
        &format!(
            "{MINUTES}
expect: {{status: completed, outputs: {{at: '2026-01-01T00:03:00.000Z'}}, visits: {{t: 1}}}}"
        ),
    );
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: slow}
  - {id: t, depends_on: [dim, slow]}
",
        "
steps: {slow: {takes: 1m}}
expect: {status: completed, steps: {dim: skipped, t: completed}, order: [[slow, before, t]]}
",
    );
}

#[test]
fn e1_9_all_with_all_arcs_dead_is_skipped() {
    check(
        "
steps:
  - {id: a, condition: 'false'}
  - {id: b, condition: 'false'}
  - {id: t, depends_on: [a, b]}
",
        "expect: {status: completed, steps: {t: skipped}, skip_reasons: {t: upstream}}",
    );
}

#[test]
fn e1_10_all_completed_is_skipped_unless_all_arcs_are_live() {
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: lit}
  - {id: failed, on_error: skip_step}
  - {id: t, depends_on: [dim, lit], join: all_completed}
  - {id: u, depends_on: [failed, lit], join: all_completed}
",
        "
steps: {failed: {error: broken}}
expect:
  status: completed
  steps: {t: skipped, u: completed}
  skip_reasons: {t: upstream}
",
    );
}

#[test]
fn e1_10_all_completed_waits_for_every_arc_before_it_is_skipped() {
    // All arcs must be live: what is certain at once may be told at once or at the end, but the
    // step never runs.
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: slow}
  - {id: t, depends_on: [dim, slow], join: all_completed}
  - {id: u, depends_on: [t, slow]}
",
        "
steps: {slow: {takes: 1m}}
expect: {status: completed, steps: {t: skipped, u: completed}, duration: 1m}
",
    );
}

#[test]
fn e1_11_any_begins_at_the_first_live_arc_and_once_only() {
    check(
        &three(", join: any", ""),
        &format!(
            "{MINUTES}
expect: {{status: completed, outputs: {{at: '2026-01-01T00:01:00.000Z'}}, visits: {{t: 1}}, duration: 3m}}"
        ),
    );
}

#[test]
fn e1_11_any_is_not_begun_by_a_dead_arc() {
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: slow}
  - {id: t, depends_on: [dim, slow], join: any}
  - {id: gone, depends_on: [dim], join: any}
outputs:
  - {name: at, value: '{{ steps.t.started_at }}'}
",
        "
steps: {slow: {takes: 1m}}
expect:
  status: completed
  outputs: {at: '2026-01-01T00:01:00.000Z'}
  steps: {gone: skipped}
  skip_reasons: {gone: upstream}
",
    );
}

#[test]
fn e1_11_a_step_that_any_does_not_wait_for_still_fails_the_process() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: any}
",
        "
steps: {b: {error: broken, takes: 1m}}
expect: {status: failed, steps: {a: completed, t: completed, b: failed}}
",
    );
}

#[test]
fn e1_12_n_begins_at_the_nth_live_arc() {
    check(
        &three(", join: 2", ""),
        &format!(
            "{MINUTES}
expect: {{status: completed, outputs: {{at: '2026-01-01T00:02:00.000Z'}}, visits: {{t: 1}}, duration: 3m}}"
        ),
    );
}

#[test]
fn e1_12_n_is_skipped_as_soon_as_it_is_out_of_reach() {
    check(
        "
steps:
  - {id: a, condition: 'false'}
  - {id: b, condition: 'false'}
  - {id: slow}
  - {id: t, depends_on: [a, b, slow], join: 2}
  - {id: u, depends_on: [t], join: any}
  - {id: lit}
  - {id: v, depends_on: [u, lit]}
outputs:
  - {name: at, value: '{{ steps.v.started_at }}'}
",
        "
steps: {slow: {takes: 1h}}
expect:
  status: completed
  steps: {t: skipped, u: skipped, v: completed}
  skip_reasons: {t: upstream, u: upstream}
  outputs: {at: '2026-01-01T00:00:00.000Z'}
",
    );
}

#[test]
fn e1_12_n_counts_dead_arcs_for_nothing_and_may_be_all() {
    check(
        "
steps:
  - {id: dim, condition: 'false'}
  - {id: a}
  - {id: b}
  - {id: two, depends_on: [dim, a, b], join: 2}
  - {id: three, depends_on: [dim, a, b], join: 3}
  - {id: one, depends_on: [a, b], join: 1}
outputs:
  - {name: at, value: '{{ steps.two.started_at }}'}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}}
expect:
  status: completed
  steps: {two: completed, three: skipped, one: completed}
  outputs: {at: '2026-01-01T00:02:00.000Z'}
  visits: {one: 1, two: 1}
",
    );
}

#[test]
fn e1_8_an_inclusive_fork_meets_again_in_a_default_join() {
    check(
        "
steps:
  - id: g
    type: gateway
    gateway_type: inclusive
    routes:
      - {condition: 'true', next: a}
      - {condition: 'false', next: b}
      - {condition: '2 > 1', next: c}
  - {id: a}
  - {id: b}
  - {id: c}
  - {id: t, depends_on: [a, b, c]}
  - {id: any, depends_on: [b, a, c], join: any}
  - {id: two, depends_on: [a, b, c], join: 2}
  - {id: each, depends_on: [a, b, c], join: each}
  - {id: all, depends_on: [a, b, c], join: all_completed}
",
        "
steps: {a: {takes: 1m}, c: {takes: 2m}}
expect:
  status: completed
  steps: {a: completed, b: skipped, c: completed, t: completed, all: skipped}
  skip_reasons: {b: route, all: upstream}
  order: [[a, before, t], [c, before, t], [c, before, two]]
  visits: {t: 1, any: 1, two: 1, each: 2}
",
    );
}

#[test]
fn e1_8_skips_pass_through_a_chain_of_gateways_to_one_join() {
    check(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'false', next: h}, {default: true, next: a}]}
  - {id: h, type: gateway, gateway_type: parallel, routes: [{next: b}, {next: i}]}
  - {id: i, type: gateway, gateway_type: inclusive, routes: [{condition: 'true', next: c}, {default: true, next: d}]}
  - {id: a}
  - {id: b}
  - {id: c}
  - {id: d}
  - {id: t, depends_on: [a, b, c, d]}
",
        "
expect:
  status: completed
  steps: {a: completed, t: completed}
  skip_reasons: {h: route, b: upstream, i: upstream, c: upstream, d: upstream}
",
    );
}
