//! Mutex and cancels.

use crate::check::{check, has_no_problem, has_problem};

#[test]
fn e5_15_steps_that_share_a_mutex_never_run_at_the_same_time() {
    check(
        "
steps:
  - {id: a, mutex: m}
  - {id: b, mutex: m}
  - {id: c, mutex: other}
  - {id: d, mutex: m}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, c: {takes: 4m}, d: {takes: 3m}}
expect:
  status: completed
  order: [[a, before, b], [b, before, d]]
  duration: 6m
",
    );
}

#[test]
fn e5_16_the_step_that_has_been_ready_longest_goes_first() {
    check(
        "
steps:
  - {id: later, mutex: m, depends_on: [wait]}
  - {id: wait}
  - {id: holder, mutex: m}
  - {id: sooner, mutex: m, depends_on: [soon]}
  - {id: soon}
",
        "
steps: {holder: {takes: 10m}, wait: {takes: 2m}, soon: {takes: 1m}, later: {takes: 1m}, sooner: {takes: 1m}}
expect: {status: completed, order: [[holder, before, sooner], [sooner, before, later]], duration: 12m}
",
    );
}

#[test]
fn e5_16_of_steps_that_became_ready_at_once_the_order_of_the_file_decides() {
    check(
        "
steps:
  - {id: holder, mutex: m}
  - {id: a}
  - {id: one, mutex: m, depends_on: [a]}
  - {id: two, mutex: m, depends_on: [a]}
  - {id: three, mutex: m, depends_on: [a]}
",
        "
steps: {holder: {takes: 10m}, a: {takes: 1m}, one: {takes: 1m}, two: {takes: 1m}, three: {takes: 1m}}
expect: {status: completed, order: [[holder, before, one], [one, before, two], [two, before, three]]}
",
    );
}

#[test]
fn e5_17_a_mutex_is_free_between_retries() {
    check(
        "
steps:
  - {id: a, mutex: m, retry: {max_attempts: 2, initial_delay: 10m}}
  - {id: b, mutex: m}
",
        "
steps: {a: [{error: broken, takes: 1m}, {takes: 1m}], b: {takes: 5m}}
expect: {status: completed, attempts: {a: 2, b: 1}, duration: 12m}
",
    );
}

#[test]
fn e5_17_a_retry_waits_for_the_mutex_that_another_step_took() {
    check(
        "
steps:
  - {id: a, mutex: m, retry: {max_attempts: 2, initial_delay: 10m}}
  - {id: b, mutex: m}
  - {id: c, mutex: m}
outputs: [{name: c, value: '{{ steps.c.started_at }}'}]
",
        "
steps: {a: [{error: broken, takes: 1m}, {takes: 1m}], b: {takes: 30m}, c: {takes: 1m}}
expect:
  status: completed
  # c has been ready longer than the second attempt of a.
  outputs: {c: '2026-01-01T00:31:00.000Z'}
  duration: 33m
",
    );
}

#[test]
fn e5_17_a_mutex_is_held_while_an_approval_or_timer_is_open() {
    check(
        "
steps:
  - {id: review, type: human_approval, mutex: m}
  - {id: tick, type: timer, delay: 10m, mutex: m}
  - {id: c, mutex: m}
",
        "
steps: {review: {decision: approved, after: 1h}}
expect: {status: completed, order: [[review, before, tick], [tick, before, c]], duration: 70m}
",
    );
}

#[test]
fn e5_17_a_mutex_is_free_when_its_holder_fails_is_skipped_or_is_cancelled() {
    check(
        "
steps:
  - {id: a, mutex: m, on_error: skip_step}
  - {id: b, mutex: m, on_error: {goto: e}}
  - {id: c, mutex: m}
  - {id: d, mutex: m}
  - {id: e, mutex: m}
  - {id: x, type: timer, delay: 3m, cancels: [c]}
",
        "
steps: {a: {error: broken, takes: 1m}, b: {error: broken, takes: 1m}, c: {takes: 1h}, d: {takes: 1m}, e: {takes: 1m}}
expect: {status: completed, steps: {c: cancelled, d: completed, e: completed}, duration: 5m}
",
    );
}

#[test]
fn e5_15_a_loop_that_resets_the_holder_frees_the_mutex() {
    check(
        "
steps:
  - {id: t}
  - {id: holder, mutex: m, depends_on: [t]}
  - {id: b, depends_on: [t]}
  - {id: wait, type: timer, delay: 1m}
  - {id: other, mutex: m, depends_on: [wait]}
  - {id: g, type: gateway, depends_on: [b], routes: [{condition: steps.b.more, next: t}, {default: true, next: null}]}
",
        "
steps: {b: [{output: {more: true}, takes: 5m}, {output: {more: false}}], holder: {takes: 10m}, other: {takes: 1m}}
expect:
  status: completed
  # The one that waits gets it, and the second visit of the holder comes behind it.
  visits: {holder: 2, other: 1}
  duration: 16m
",
    );
}

#[test]
fn e5_18_a_step_that_completes_cancels_the_steps_in_its_cancels() {
    check(
        "
steps:
  - {id: x, cancels: [run, wait, ask, many, poll, tick, retrying, done]}
  - {id: run}
  - {id: wait, type: wait_for, message: m}
  - {id: ask, type: human_approval}
  - {id: many, foreach: {in: [1, 2, 3], max_parallel: 1}}
  - {id: poll, repeat: {until: steps.poll.done, max: 9, delay: 1h}}
  - {id: tick, type: timer, delay: 2h}
  - {id: retrying, retry: {max_attempts: 3, initial_delay: 1h}}
  - {id: done}
  - {id: after, depends_on: [run, wait, ask, many, poll, tick, retrying]}
  - {id: fine, depends_on: [done]}
",
        "
steps: {x: {takes: 1m}, run: {takes: 1h}, many: {takes: 40s}, retrying: {error: broken}}
messages: [{name: m, at: 2m}]
expect:
  status: completed
  steps: {run: cancelled, wait: cancelled, ask: cancelled, many: cancelled, poll: cancelled, tick: cancelled,
          retrying: cancelled, done: completed, after: skipped, fine: completed}
  skip_reasons: {after: upstream}
  duration: 1m
",
    );
}

#[test]
fn e5_18_no_other_end_of_a_step_cancels() {
    check(
        "
steps:
  - {id: a, cancels: [t], on_error: skip_step}
  - {id: b, cancels: [t], condition: 'false'}
  - {id: c, cancels: [t], type: human_approval, on_reject: skip}
  - {id: d, cancels: [t], on_error: {goto: e}}
  - {id: e}
  - {id: t}
",
        "
steps: {a: {error: broken}, c: {decision: rejected}, d: {error: broken}, t: {takes: 1m}}
expect: {status: completed, steps: {t: completed}, duration: 1m}
",
    );
}

#[test]
fn e5_18_a_foreach_cancels_when_the_whole_has_completed() {
    check(
        "
steps:
  - {id: many, cancels: [quick, slow], foreach: {in: [1, 2]}}
  - {id: quick}
  - {id: slow}
",
        "
steps: {many: [{takes: 1m}, {takes: 10m}], quick: {takes: 5m}, slow: {takes: 1h}}
expect: {status: completed, steps: {quick: completed, slow: cancelled}, duration: 10m}
",
    );
}

#[test]
fn e5_18_a_foreach_that_fails_cancels_nothing_and_an_empty_one_does() {
    check(
        "
steps:
  - {id: many, cancels: [t], on_error: {goto: repair}, foreach: {in: [1, 2], max_parallel: 1}}
  - {id: none, cancels: [gone], foreach: {in: []}}
  - {id: repair}
  - {id: t}
  - {id: gone}
",
        "
steps: {many: [{takes: 1m}, {takes: 1m, error: broken}], t: {takes: 5m}, gone: {takes: 1h}}
expect:
  status: completed
  steps: {many: failed, repair: completed, t: completed, gone: cancelled}
  duration: 5m
",
    );
}

#[test]
fn e5_18_a_repeat_cancels_when_the_whole_has_completed() {
    check(
        "
steps:
  - {id: poll, cancels: [quick, slow], repeat: {until: steps.poll.done, max: 3, delay: 1m}}
  - {id: quick}
  - {id: slow}
",
        "
steps: {poll: [{output: {}}, {output: {}}, {output: {done: true}}], quick: {takes: 90s}, slow: {takes: 1h}}
expect: {status: completed, steps: {quick: completed, slow: cancelled}, duration: 2m}
",
    );
}

#[test]
fn e5_18_a_step_that_was_cancelled_may_be_visited_again_by_a_loop() {
    check(
        "
steps:
  - {id: t}
  - {id: long, depends_on: [t]}
  - {id: x, depends_on: [t], cancels: [long]}
  - {id: g, type: gateway, depends_on: [x, long], routes: [{condition: steps.x.more, next: t}, {default: true, next: null}]}
",
        "
steps: {x: [{output: {more: true}, takes: 1m}, {output: {more: false}, takes: 5m}], long: [{takes: 1h}, {takes: 1m}]}
expect:
  status: completed
  visits: {t: 2, long: 2, x: 2}
  steps: {long: completed}
  duration: 6m
",
    );
}

#[test]
fn e5_19_a_step_that_cancels_itself_or_a_step_upstream_is_an_error() {
    has_problem("steps: [{id: a, cancels: [a]}]", "error self_reference");
    has_problem(
        "steps: [{id: a}, {id: b, depends_on: [a]}, {id: c, depends_on: [b], cancels: [a]}]",
        "error cancels_upstream",
    );
    has_problem(
        "
steps:
  - {id: g, type: gateway, routes: [{condition: 'true', next: c}, {default: true, next: null}]}
  - {id: c, cancels: [g]}
",
        "error cancels_upstream",
    );
    has_no_problem(
        "steps: [{id: a}, {id: b, depends_on: [a], cancels: [c]}, {id: c, depends_on: [a]}]",
        "error",
    );
}
