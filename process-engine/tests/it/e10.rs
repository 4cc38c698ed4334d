//! Timers: durable, never early, once; and what clock times mean.

use serde_json::json;

use crate::{
    check::{check, has_problem},
    driver::Driver,
};

#[test]
fn e10_1_a_timer_is_never_early_and_fires_once() {
    let mut driver = Driver::start(
        "steps: [{id: t, type: timer, delay: 10m}, {id: a}, {id: b, depends_on: [t]}]",
    );
    assert!(driver.at("0s").tick().is_empty());
    assert!(driver.at("9m").tick().is_empty());
    assert_eq!(driver.run().wakes_at(), Some(crate::driver::instant("10m").instant()));
    driver.at("10m").tick();
    assert_eq!(driver.step("t"), "completed");
    assert!(driver.at("11m").tick().is_empty());
    assert_eq!(driver.count("step_completed"), 1);
}

#[test]
fn e10_1_a_timer_that_came_due_while_nobody_ran_fires_late_and_its_follower_begins_then() {
    let mut driver = Driver::start(
        "steps: [{id: t, type: timer, delay: 10m}, {id: u, type: timer, delay: 10m, depends_on: [t]}]",
    );
    driver.at("2h").tick();
    assert_eq!((driver.step("t"), driver.step("u")), ("completed", "waiting"));
    assert!(driver.at("129m").tick().is_empty());
    driver.at("130m").tick();
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e10_1_a_clock_that_was_set_back_makes_no_timer_early_or_twice() {
    let mut driver = Driver::start(
        "steps: [{id: a}, {id: t, type: timer, delay: 10m, depends_on: [a]}, {id: b, depends_on: [t]}]",
    );
    driver.hand_out();
    driver.at("1h").completes("a", json!({}));
    assert!(driver.at("30m").tick().is_empty());
    assert!(driver.at("69m").tick().is_empty());
    driver.at("70m").tick();
    assert!(driver.at("5m").tick().is_empty());
    assert_eq!(driver.step("t"), "completed");
}

#[test]
fn e10_1_the_delay_of_a_timer_may_be_an_expression() {
    check(
        "
steps:
  - {id: a}
  - {id: t, type: timer, delay: '{{ steps.a.minutes }}m', depends_on: [a]}
",
        "steps: {a: {output: {minutes: 7}}}\nexpect: {status: completed, duration: 7m}",
    );
    check(
        "
steps:
  - {id: a}
  - {id: t, type: timer, delay: '{{ steps.a.minutes }}', depends_on: [a], on_error: skip_step}
",
        "steps: {a: {output: {minutes: soon}}}\nexpect: {status: completed, skip_reasons: {t: error}}",
    );
}

/// When a timer that was opened at an instant ends.
fn ends(now: &str, timer: &str, end: &str) {
    check(
        &format!(
            "steps: [{{id: t, type: timer, {timer}}}]\noutputs: [{{name: at, value: '{{{{ steps.t.completed_at }}}}'}}]"
        ),
        &format!("now: {now}\nexpect: {{status: completed, outputs: {{at: '{end}'}}}}"),
    );
}

#[test]
fn e10_2_clock_times_are_local_to_timezone_which_is_utc_when_nothing_is_said() {
    ends("2026-03-02T08:00:00Z", "wait_until: '09:30'", "2026-03-02T09:30:00.000Z");
    ends(
        "2026-03-02T08:00:00Z",
        "wait_until: '09:30', timezone: Europe/Paris",
        "2026-03-02T08:30:00.000Z",
    );
    ends(
        "2026-07-02T07:00:00Z",
        "wait_until: '09:30', timezone: Europe/Paris",
        "2026-07-02T07:30:00.000Z",
    );
    ends(
        "2026-03-02T08:00:00Z",
        "wait_until: '09:30', timezone: Asia/Kolkata",
        "2026-03-03T04:00:00.000Z",
    );
    ends(
        "2026-03-02T23:30:00Z",
        "wait_until: '09:30', timezone: Pacific/Auckland",
        "2026-03-03T20:30:00.000Z",
    );
}

#[test]
fn e10_3_a_clock_time_means_later_today_or_else_tomorrow_and_exactly_now_is_now() {
    ends("2026-03-02T09:29:59Z", "wait_until: '09:30'", "2026-03-02T09:30:00.000Z");
    ends("2026-03-02T09:30:00Z", "wait_until: '09:30'", "2026-03-02T09:30:00.000Z");
    ends("2026-03-02T09:30:01Z", "wait_until: '09:30'", "2026-03-03T09:30:00.000Z");
    ends("2026-12-31T23:59:59Z", "wait_until: '00:00'", "2027-01-01T00:00:00.000Z");
    // Late in the evening in UTC it is tomorrow already elsewhere.
    ends(
        "2026-03-02T22:00:00Z",
        "wait_until: '08:00', timezone: Asia/Tokyo",
        "2026-03-02T23:00:00.000Z",
    );
}

#[test]
fn e10_4_a_clock_time_in_a_gap_is_the_first_instant_after_it_and_one_that_comes_twice_is_the_first()
{
    // On 2026-03-29 clocks in Paris go from 02:00 to 03:00.
    ends(
        "2026-03-29T00:00:00Z",
        "wait_until: '02:30', timezone: Europe/Paris",
        "2026-03-29T01:00:00.000Z",
    );
    // The gap is over: the next 02:30 is tomorrow's.
    ends(
        "2026-03-29T01:00:01Z",
        "wait_until: '02:30', timezone: Europe/Paris",
        "2026-03-30T00:30:00.000Z",
    );
    ends(
        "2026-03-28T12:00:00Z",
        "wait_until: '02:00', timezone: Europe/Paris",
        "2026-03-29T01:00:00.000Z",
    );
    // On 2026-10-25 they go from 03:00 to 02:00.
    ends(
        "2026-10-24T22:30:00Z",
        "wait_until: '02:30', timezone: Europe/Paris",
        "2026-10-25T00:30:00.000Z",
    );
    // Between the two: the first one is gone, and the second one is not meant.
    ends(
        "2026-10-25T00:45:00Z",
        "wait_until: '02:30', timezone: Europe/Paris",
        "2026-10-26T01:30:00.000Z",
    );
    // On 2026-03-08 clocks in New York go from 02:00 to 03:00, on 2026-11-01 from 02:00 to 01:00.
    ends(
        "2026-03-08T05:00:00Z",
        "wait_until: '02:15', timezone: America/New_York",
        "2026-03-08T07:00:00.000Z",
    );
    ends(
        "2026-11-01T04:00:00Z",
        "wait_until: '01:15', timezone: America/New_York",
        "2026-11-01T05:15:00.000Z",
    );
    // Lord Howe Island goes half an hour only.
    ends(
        "2026-10-03T12:00:00Z",
        "wait_until: '02:15', timezone: Australia/Lord_Howe",
        "2026-10-03T15:30:00.000Z",
    );
}

#[test]
fn e10_5_an_instant_that_has_gone_by_fires_at_once() {
    ends("2026-03-02T09:00:00Z", "wait_until: '2026-03-01T09:00:00Z'", "2026-03-02T09:00:00.000Z");
    ends(
        "2026-03-02T09:00:00Z",
        "wait_until: '2026-03-02T10:00:00+01:00'",
        "2026-03-02T09:00:00.000Z",
    );
    ends("2026-03-02T09:00:00Z", "wait_until: '2026-03-05T09:00:00Z'", "2026-03-05T09:00:00.000Z");
    ends("2026-03-02T09:00:00Z", "delay: 0s", "2026-03-02T09:00:00.000Z");
}

#[test]
fn e10_6_a_day_is_24_hours_also_when_the_clocks_change() {
    ends("2026-03-28T12:00:00Z", "delay: 1d", "2026-03-29T12:00:00.000Z");
    ends("2026-03-28T12:00:00Z", "delay: 1d12h30m", "2026-03-30T00:30:00.000Z");
}

#[test]
fn e10_1_timers_in_a_loop_and_in_a_foreach_each_have_their_own_end() {
    check(
        "
steps:
  - {id: t, type: timer, delay: '{{ item }}', foreach: {in: [3m, 1m, 2m]}}
  - {id: u, type: timer, delay: 1m, depends_on: [t], repeat: {until: steps.a.n == 1, max: 4}, on_error: skip_step}
  - {id: a, depends_on: [t]}
",
        "
steps: {a: {output: {n: 1}, takes: 150s}}
expect: {status: completed, visits: {t: 3, u: 3}, duration: 6m}
",
    );
}

#[test]
fn e10_1_timers_that_are_due_at_one_instant_fire_in_the_order_of_the_file() {
    let mut driver = Driver::start(
        "
steps:
  - {id: c, type: timer, delay: 10m}
  - {id: b, type: timer, delay: 5m}
  - {id: a, type: timer, delay: 10m}
",
    );
    let events = driver.at("1h").tick();
    let steps: Vec<&str> = events
        .iter()
        .filter_map(|event| event.fact.step().map(process_core::StepId::as_str))
        .collect();
    assert_eq!(steps, ["b", "c", "a"]);
}

#[test]
fn e10_2_an_unknown_zone_is_an_error_of_the_definition_or_fails_the_step() {
    has_problem(
        "steps: [{id: t, type: timer, wait_until: '09:30', timezone: Europe/Pariz}]",
        "error bad_zone",
    );
    check(
        "
steps:
  - {id: a}
  - {id: t, type: timer, wait_until: '09:30', timezone: '{{ steps.a.zone }}', depends_on: [a], on_error: skip_step}
",
        "steps: {a: {output: {zone: Nowhere}}}\nexpect: {status: completed, skip_reasons: {t: error}}",
    );
}

#[test]
fn e10_8_webhook_triggers_are_read_and_validate_says_needs_server() {
    let problems =
        crate::check::problems("triggers: [{type: webhook, id: new-report}]\nsteps: [{id: a}]");
    assert!(problems.iter().any(|problem| problem.contains("needs_server")), "{problems:?}");
}
