//! Repeat: turns until something holds.

use crate::check::{check, result};

#[test]
fn e5_12_repeat_makes_turns_until_it_holds_with_a_delay_between_them() {
    check(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.done, max: 10, delay: 5m}}
  - {id: t, depends_on: [poll], message: '{{ steps.poll.n }}'}
outputs: [{name: at, value: '{{ steps.poll.started_at }} {{ steps.poll.completed_at }}'}]
",
        "
steps: {poll: [{output: {n: 1, done: false}, takes: 1m}, {output: {n: 2}, takes: 1m}, {output: {n: 3, done: true}, takes: 1m}]}
expect:
  status: completed
  visits: {poll: 3, t: 1}
  attempts: {poll: 3}
  message: {t: '3'}
  outputs: {at: '2026-01-01T00:00:00.000Z 2026-01-01T00:13:00.000Z'}
  duration: 13m
",
    );
}

#[test]
fn e5_13_each_turn_is_a_visit_with_its_own_attempts() {
    check(
        "
steps:
  - {id: poll, retry: {max_attempts: 2, initial_delay: 1m}, repeat: {until: steps.poll.n == 2, max: 2, delay: 10m}}
",
        "
steps: {poll: [{error: broken}, {output: {n: 1}}, {error: broken}, {output: {n: 2}}]}
expect: {status: completed, visits: {poll: 2}, attempts: {poll: 4}, duration: 12m}
",
    );
}

#[test]
fn e5_14_when_max_is_reached_the_step_fails_with_repeat_limit() {
    let data = result(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.done, max: 3, delay: 1m}}
",
        "
steps: {poll: {output: {done: false}}}
expect: {status: failed, steps: {poll: failed}, visits: {poll: 3}, duration: 2m}
",
    );
    assert!(
        data["steps"]["poll"]["error"]
            .as_str()
            .is_some_and(|error| error.starts_with("repeat_limit"))
    );
}

#[test]
fn e5_14_repeat_limit_goes_the_way_of_on_error() {
    check(
        "
steps:
  - {id: poll, on_error: skip_step, repeat: {until: steps.poll.done, max: 2}}
  - {id: t, depends_on: [poll]}
  - {id: other, on_error: {goto: repair}, repeat: {until: steps.other.done, max: 2}}
  - {id: repair}
",
        "
expect:
  status: completed
  visits: {poll: 2, other: 2}
  skip_reasons: {poll: error}
  steps: {t: completed, other: failed, repair: completed}
",
    );
}

#[test]
fn e5_12_a_turn_that_fails_fails_the_step() {
    check(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.done, max: 5}}
",
        "
steps: {poll: [{output: {n: 1}}, {error: broken}, {output: {done: true}}]}
expect: {status: failed, steps: {poll: failed}, visits: {poll: 2}}
",
    );
}

#[test]
fn e5_12_an_error_in_until_fails_the_step_and_undefined_means_not_yet() {
    check(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.n > 1, max: 5}}
",
        "
steps: {poll: [{output: {}}, {output: {n: text}}]}
expect: {status: failed, steps: {poll: failed}, visits: {poll: 2}}
",
    );
}

#[test]
fn e5_12_the_condition_of_a_repeat_is_evaluated_once_and_its_mutex_is_free_between_turns() {
    check(
        "
steps:
  - {id: poll, mutex: m, condition: steps.other.status == 'pending', repeat: {until: steps.poll.n == 2, max: 5, delay: 10m}}
  - {id: wait, type: timer, delay: 1m}
  - {id: other, mutex: m, depends_on: [wait]}
",
        "
steps: {poll: [{output: {n: 1}, takes: 2m}, {output: {n: 2}, takes: 2m}], other: {takes: 3m}}
expect:
  status: completed
  visits: {poll: 2}
  duration: 14m
",
    );
}

#[test]
fn e5_12_repeat_over_an_approval_asks_until_it_is_approved() {
    check(
        "
steps:
  - {id: ask, type: human_approval, on_reject: continue, repeat: {until: steps.ask.decision == 'approved', max: 5, delay: 1h}}
  - {id: t, depends_on: [ask], message: '{{ steps.ask.comment }}'}
",
        "
steps:
  ask: [{decision: rejected, after: 10m}, {decision: approved, after: 10m, comment: at last}]
expect:
  status: completed
  visits: {ask: 2}
  message: {t: at last}
",
    );
}

#[test]
fn e5_12_repeat_in_a_loop_begins_with_its_first_turn_again() {
    check(
        "
steps:
  - {id: a}
  - {id: poll, depends_on: [a], repeat: {until: steps.poll.done, max: 2, delay: 1m}}
  - {id: g, type: gateway, depends_on: [poll], routes: [{condition: steps.a.more, next: a}, {default: true, next: null}]}
",
        "
steps:
  a: [{output: {more: true}}, {output: {more: false}}]
  poll: [{output: {}}, {output: {done: true}}, {output: {}}, {output: {done: true}}]
expect: {status: completed, visits: {a: 2, poll: 4, g: 2}, duration: 2m}
",
    );
}

#[test]
fn e5_12_a_repeat_is_reset_between_two_turns() {
    check(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: poll, depends_on: [a], repeat: {until: steps.poll.done, max: 3, delay: 10m}}
  - {id: g, type: gateway, depends_on: [b], routes: [{condition: steps.b.more, next: a}, {default: true, next: null}]}
",
        "
steps:
  b: [{output: {more: true}, takes: 5m}, {output: {more: false}}]
  poll: [{output: {}}, {output: {}}, {output: {done: true}}]
expect: {status: completed, visits: {a: 2, poll: 3}, duration: 15m}
",
    );
}
