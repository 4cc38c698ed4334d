//! E14: settling a step by hand, at any time.

use process_engine::{Effect, effects};
use serde_json::json;

use crate::harness::Bench;

/// A step before `x`, and one behind it, so that nothing ends with it.
fn with(step: &str) -> String {
    format!("steps:\n  - {{id: first}}\n  - {step}\n  - {{id: next, depends_on: [x]}}\n")
}

/// Steps in every state from which a person may settle them, and how they come there.
const PLACES: [(&str, &str, &str); 9] = [
    ("not begun", "{id: x, depends_on: [first]}", ""),
    ("ready", "{id: x}", ""),
    ("running", "{id: x}", "0 dispatch x"),
    ("claimed", "{id: x}", "0 claim x 1h"),
    (
        "retrying",
        "{id: x, retry: {max_attempts: 2, initial_delay: 1h}}",
        "0 dispatch x / 0 fail x no",
    ),
    ("in doubt", "{id: x, delivery: at_most_once}", "0 dispatch x / 0 lost x"),
    ("approval", "{id: x, type: human_approval}", ""),
    ("timer", "{id: x, type: timer, delay: 1h}", ""),
    ("message", "{id: x, type: wait_for, message: paid}", ""),
];

fn placed(step: &str, script: &str) -> Bench {
    let mut bench = Bench::started(&with(step));
    if !script.is_empty() {
        bench.does(script);
    }
    bench
}

#[test]
fn e14_16_a_person_completes_a_step_from_everywhere() {
    for (place, step, script) in PLACES {
        let mut bench = placed(step, script);
        bench.does("1m complete x {\"n\": 1}");
        assert_eq!(bench.step("x"), "completed", "{place}");
        assert_eq!(bench.state("x").output(), Some(&json!({"n": 1})), "{place}");
        assert_eq!(bench.dispatchable(), "first#1, next#1", "{place}");
        // What follows comes once.
        bench.does("2m dispatch first / 2m ok first / 2m dispatch next / 2m ok next / 3h tick");
        assert_eq!(bench.status(), "completed", "{place}");
        assert_eq!(bench.state("x").visits(), 1, "{place}");
    }
}

#[test]
fn e14_16_a_person_fails_a_step_from_everywhere() {
    for (place, step, script) in PLACES {
        let mut bench = placed(step, script);
        bench.does("1m failed x it broke");
        assert_eq!(bench.step("x"), "failed", "{place}");
        assert_eq!(bench.state("x").error(), Some("it broke"), "{place}");
        assert_eq!(bench.status(), "failed", "{place}");
    }
}

#[test]
fn e14_17_a_step_that_a_person_skipped_is_skipped_manually() {
    for (place, step, script) in PLACES {
        let mut bench = placed(step, script);
        bench.does("1m skip x");
        assert_eq!(bench.step("x"), "skipped manual", "{place}");
        // E1.4: what follows goes on without it.
        assert_eq!(bench.dispatchable(), "first#1, next#1", "{place}");
        bench.does("2m dispatch first / 2m ok first / 2m dispatch next / 2m ok next / 3h tick");
        assert_eq!(bench.status(), "completed", "{place}");
    }
}

#[test]
fn e14_16_a_person_sets_a_step_back_from_everywhere() {
    for (place, step, script) in PLACES {
        let mut bench = placed(step, script);
        bench.does("1m reset x");
        let waits = ["approval", "timer", "message"].contains(&place);
        assert_eq!(bench.step("x"), if waits { "waiting" } else { "pending" }, "{place}");
        let visits = if place == "not begun" { 0 } else { 2 };
        assert_eq!(bench.state("x").visits(), visits, "{place}");
        bench.does("2m complete x / 2m dispatch next / 2m ok next");
        bench.does("2m dispatch first / 2m ok first / 3h tick");
        assert_eq!(bench.status(), "completed", "{place}");
    }
}

/// E14.16: a step that is over, too: what it gave and what followed is gone.
#[test]
fn e14_16_a_person_sets_back_what_is_over() {
    let mut bench = placed("{id: x}", "0 dispatch x / 0 ok x / 0 dispatch next");
    assert_eq!(bench.steps(), "first: pending, x: completed, next: in_progress");
    bench.does("1m reset x");
    assert_eq!(bench.steps(), "first: pending, x: pending, next: pending");
    assert!(bench.refuses("2m ok next token=6").starts_with("Conflict"));
    assert_eq!(bench.dispatchable(), "first#1, x#2");
}

#[test]
fn e14_16_a_late_result_is_refused() {
    for status in ["complete", "skip", "reset", "cancelled"] {
        let mut bench = placed("{id: x}", "0 dispatch x");
        let token = bench.token("x");
        bench.does(&format!("1m {status} x"));
        let refused = bench.refuses(&format!("2m ok x#1 token={token}"));
        assert!(refused.starts_with("Conflict"), "{status}: {refused}");
    }
}

/// E14.16, E4.7: whoever performs the attempt is told to stop.
#[test]
fn e14_16_the_attempt_is_stopped() {
    for status in ["complete", "failed", "skip", "reset", "cancelled"] {
        let mut bench = placed("{id: x}", "0 dispatch x");
        let visit = bench.visit("x#1");
        let from = bench.journal.len();
        bench.does(&format!("1m {status} x"));
        let asked: Vec<Effect> = bench.journal[from..].iter().flat_map(effects).collect();
        assert!(asked.contains(&Effect::Stop { visit }), "{status}: {asked:?}");
    }
}

/// E14.16: work that is held is taken from its holder.
#[test]
fn e14_16_a_claim_ends_with_the_step() {
    let mut bench = placed("{id: x}", "0 claim x 1h");
    bench.does("1m complete x by=ben");
    assert_eq!(bench.wakes_at(), None);
    assert!(bench.refuses("2m claim x 1h").starts_with("Conflict"));
}

/// E14.16: between two turns of a repeat nothing is open, and a person may settle it all the same.
#[test]
fn e14_16_a_repeat_is_settled_between_two_turns() {
    let repeat = "{id: x, repeat: {until: steps.x.output.n > 5, delay: 1h}}";
    for (command, status) in [("complete x {\"n\": 1}", "completed"), ("skip x", "skipped manual")]
    {
        let mut bench = placed(repeat, "0 dispatch x / 0 ok x {\"n\": 0}");
        bench.does(&format!("1m {command}"));
        assert_eq!(bench.step("x"), status, "{command}");
        assert_eq!(bench.dispatchable(), "first#1, next#1", "{command}");
        bench.does("2h tick");
        assert_eq!(bench.state("x").visits(), 1, "{command}: there is no other turn");
    }
}

/// E14.16: the items of a foreach are settled one by one.
#[test]
fn e14_16_the_items_of_a_foreach_are_settled_one_by_one() {
    let mut bench = placed("{id: x, foreach: {in: [a, b]}}", "");
    bench.does("1m complete x#1 {\"n\": 1} / 1m complete x#2 {\"n\": 2}");
    assert_eq!(bench.state("x").output(), Some(&json!([{"n": 1}, {"n": 2}])));
    assert_eq!(bench.dispatchable(), "first#1, next#1");
}

/// E7.4: what a step does with a failure it also does with one by hand.
#[test]
fn e14_16_a_failure_by_hand_is_handled_by_on_error() {
    let mut bench = placed("{id: x, on_error: skip_step}", "");
    bench.does("1m failed x no");
    assert_eq!(bench.step("x"), "skipped error");
    // A person who says that it failed wants no other attempt.
    let mut bench = placed("{id: x, retry: {max_attempts: 3, initial_delay: 1m}}", "0 dispatch x");
    bench.does("1m failed x no");
    assert_eq!(bench.step("x"), "failed");
}

/// E14.16: while it is paused as well.
#[test]
fn e14_16_a_person_settles_while_paused() {
    let mut bench = placed("{id: x}", "0 dispatch x / 0 pause");
    assert_eq!(bench.kinds("1m complete x"), "step_completed x#1");
    assert_eq!(bench.step("next"), "pending");
    bench.does("2m resume");
    assert_eq!(bench.dispatchable(), "first#1, next#1");
}

/// E0.5: a status that no hand gives is refused, and nothing has begun.
#[test]
fn e0_5_a_status_that_no_hand_gives_changes_nothing() {
    for (place, step, script) in PLACES {
        let mut bench = placed(step, script);
        let before = bench.steps();
        assert!(bench.refuses("1m progress x").starts_with("Conflict"), "{place}");
        assert_eq!(bench.steps(), before, "{place}");
    }
}

/// E8.4: what was done before a reset is undone as well.
#[test]
fn e8_4_a_visit_before_a_reset_by_hand_is_undone() {
    let mut bench = placed("{id: x, compensation: {type: manual}}", "0 dispatch x / 0 ok x");
    bench.does("1m reset x / 2m dispatch x / 2m ok x / 3m dispatch next");
    assert!(bench.kinds("4m fail next no").ends_with("compensation_started x#2"));
    let undone = bench.kinds("5m ok x#2");
    assert_eq!(undone, "step_compensated x#2, compensation_started x#1");
    assert!(bench.kinds("6m ok x#1").ends_with("step_compensated x#1, process_ended"));
}

/// E14.16: on the statuses that people set on a running definition.
#[test]
fn e14_16_a_status_that_is_set_settles_the_step() {
    let mut bench = placed("{id: x}", "0 dispatch x");
    assert_eq!(bench.kinds("1m status x completed"), "step_completed x#1, step_ready next#1");
    assert_eq!(bench.kinds("2m status first skipped"), "step_skipped first#1");
    bench.does("3m status x pending");
    assert_eq!(bench.steps(), "first: skipped manual, x: pending, next: pending");
    assert_eq!(bench.refuses("4m status nobody completed"), "NotFound: there is no step `nobody`");
    bench.does("5m status x failed");
    assert_eq!(bench.status(), "failed");
}

/// E14.16: outputs that are given with a status are the step's output.
#[test]
fn e14_16_outputs_that_are_set_are_the_output_of_the_step() {
    use process_core::StepStatus::Completed;
    for (outputs, expected) in [
        (vec![], json!({})),
        (vec!["{\"n\": 1}".to_owned()], json!({"n": 1})),
        (vec!["plain".to_owned()], json!("plain")),
        (vec!["a".to_owned(), "b".to_owned()], json!(["a", "b"])),
    ] {
        let mut bench = placed("{id: x}", "");
        let step = crate::harness::step_id("x");
        let input =
            process_engine::Input::SetStepStatus { step, status: Completed, outputs, note: None };
        bench.give(std::time::Duration::ZERO, "ada", input).expect("it may be set");
        assert_eq!(bench.state("x").output(), Some(&expected));
    }
}

/// E0.5: a note that is given with a status is kept.
#[test]
fn e14_16_a_note_says_why() {
    let mut bench = placed("{id: x}", "");
    assert_eq!(
        bench.does("1m skip x not today"),
        "1m step_skipped x#1 reason=manual detail=not today\n1m step_ready next#1"
    );
    assert_eq!(bench.state("x").skip_detail(), Some(&json!("not today")));
}

/// E14.16: also when it says why a step is complete.
#[test]
fn e14_16_a_note_on_a_completion_is_kept() {
    let mut bench = placed("{id: x}", "");
    bench.does("1m complete x seen by ana");
    let journal: String = bench.journal.iter().map(|event| event.to_value().to_string()).collect();
    assert!(journal.contains("seen by ana"));
}
