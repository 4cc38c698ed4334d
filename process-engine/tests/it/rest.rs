//! Rules of several sections that no other file quotes.

use process_core::{ProcessStatus, StepStatus, event::SkipReason};
use process_engine::Execution;
use serde_json::json;

use crate::{
    check::{check, has_no_problem, has_problem},
    harness::Bench,
};

/// E2.11: what is not listed is found when the definition is read.
#[test]
fn e2_11_only_listed_filters_and_tests_are_there() {
    let condition = |text: &str| {
        format!("steps: [{{id: a}}, {{id: b, depends_on: [a], condition: \"{text}\"}}]")
    };
    for text in ["(steps.a.output | debug) == 1", "(steps.a.output | pprint) == 1"] {
        has_problem(&condition(text), "error unknown_filter");
    }
    has_problem(&condition("steps.a.output is odd_one"), "error unknown_test");
    has_no_problem(&condition("(steps.a.output.n | default(1)) == 1"), "error");
    has_no_problem(&condition("steps.a.output.n is defined"), "error");
}

#[test]
fn e2_11_arithmetic_and_comparison_are_checked() {
    for text in ["1 / steps.a.output.zero == 1", "steps.a.output.zero < 'x'", "1 + 'x' == 2"] {
        check(
            &format!(
                "steps: [{{id: a}}, {{id: b, depends_on: [a], condition: \"{text}\", on_error: skip_step}}]"
            ),
            "steps: {a: {output: {zero: 0}}}\nexpect: {status: completed, skip_reasons: {b: error}}",
        );
    }
}

#[test]
fn e2_28_a_field_of_undefined_is_undefined() {
    check(
        "
steps: [{id: a}]
outputs:
  - {name: one, value: \"{{ steps.a.output.x.y.z | default('none') }}\"}
  - {name: two, value: \"{{ steps.a.output.x.y is defined }}\"}
  - {name: three, value: \"{{ steps.a.output['x'][0].y | default('none') }}\"}
",
        "steps: {a: {output: {n: 1}}}\nexpect: {status: completed, outputs: {one: none, two: false, three: none}}",
    );
}

#[test]
fn e6_19_a_task_of_an_agent_that_is_not_declared_is_work_that_anyone_takes() {
    for who in ["ana", "some-agent"] {
        let mut bench =
            Bench::started("steps: [{id: a, type: agent_task, agent: nobody, message: Go}]");
        assert_eq!(bench.waiting(), "a#1 work");
        bench.does(&format!("1m claim a 10m by={who} / 2m ok a {{\"n\": 1}}"));
        assert_eq!(bench.status(), "completed");
        assert_eq!(bench.state("a").output(), Some(&json!({"n": 1})));
    }
}

/// E9.20: whoever says a name is taken for the one who has it.
#[test]
fn e9_20_a_name_is_believed() {
    let text = "steps: [{id: ok, type: human_approval, approvers: [ana, bob], min_approvals: 2}]";
    let mut bench = Bench::started(text);
    assert!(bench.refuses("1m approve ok by=eve").contains("eve"));
    bench.does("2m approve ok by=ana / 3m approve ok by=bob");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e11_3_output_key_belongs_to_sub_processes_only() {
    let sub = "steps: [{id: a, type: sub_process, process: p, output_key: k}]";
    has_no_problem(sub, "error");
    has_no_problem(sub, "warning key_of_another_type");
    for kind in [
        "type: manual",
        "type: agent_task, agent: w, message: Go",
        "type: command, command: [make]",
        "type: timer, delay: 1m",
        "type: wait_for, message: m",
    ] {
        let text = format!("steps: [{{id: a, {kind}, output_key: k}}]");
        has_problem(&text, "warning key_of_another_type");
    }
}

#[test]
fn e12_10_until_may_not_use_now() {
    let until =
        |text: &str| format!("steps: [{{id: b}}, {{id: a, type: wait_for, until: \"{text}\"}}]");
    has_problem(&until("now > '2026-01-01T00:00:00Z'"), "error now_in_until");
    has_problem(&until("steps.b.status == 'completed' and now == now"), "error now_in_until");
    // A field and a text of that name are not meant.
    has_no_problem(&until("steps.b.output.now == 'now'"), "error");
}

#[test]
fn e14_1_these_are_the_statuses_of_a_process() {
    let all = ProcessStatus::ALL.map(ProcessStatus::as_str).join(", ");
    let rule = "planned, in_progress, waiting, paused, blocked, completed, failed, cancelled";
    assert_eq!(all, rule);
    let mut bench = Bench::started(
        "steps: [{id: a}, {id: w, type: wait_for, until: 'false', depends_on: [a]}]",
    );
    assert_eq!(bench.status(), "in_progress");
    bench.does("1m dispatch a / 2m pause");
    assert_eq!(bench.status(), "paused");
    bench.does("3m resume / 4m ok a");
    assert_eq!(bench.status(), "blocked");
    bench.does("5m cancel");
    assert_eq!(bench.status(), "cancelled");
    let mut bench = Bench::started("steps: [{id: w, type: wait_for, message: m}]");
    assert_eq!(bench.status(), "waiting");
    bench.does("1m message m");
    assert_eq!(bench.status(), "completed");
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("1m dispatch a / 1m fail a no");
    assert_eq!(bench.status(), "failed");
}

#[test]
fn e14_5_these_are_the_statuses_of_a_step() {
    let all = StepStatus::ALL.map(StepStatus::as_str).join(", ");
    let rule = "pending, in_progress, waiting, completed, skipped, failed, cancelled, compensated";
    assert_eq!(all, rule);
    let mut bench = Bench::started(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b}
  - {id: c, condition: 'false'}
  - {id: d, type: wait_for, message: m}
  - {id: e, depends_on: [a]}
  - {id: f, depends_on: [e]}
",
    );
    bench.does("1m dispatch a / 1m ok a / 2m dispatch b / 2m ok b / 3m dispatch e");
    let steps =
        "a: completed, b: completed, c: skipped condition, d: waiting, e: in_progress, f: pending";
    assert_eq!(bench.steps(), steps);
    bench.does("4m fail e no");
    bench.does("5m ok a");
    assert_eq!(bench.step("a"), "compensated");
    assert_eq!((bench.step("d"), bench.step("e")), ("cancelled".to_owned(), "failed".to_owned()));
}

#[test]
fn e14_6_these_are_the_reasons_of_a_skip() {
    let reasons = ["condition", "route", "upstream", "error", "rejected", "timeout", "manual"];
    let read = reasons.map(|reason| {
        let read: SkipReason = serde_json::from_value(json!(reason)).expect("a reason");
        read.as_str()
    });
    assert_eq!(read, reasons);
    check(
        "
steps:
  - {id: condition, condition: 'false'}
  - {id: upstream, depends_on: [condition]}
  - id: g
    type: gateway
    routes: [{to: route, condition: 'false'}, {to: other, default: true}]
  - {id: route, depends_on: [g]}
  - {id: other, depends_on: [g]}
  - {id: error, on_error: skip_step}
  - {id: rejected, type: human_approval, on_reject: skip}
  - {id: timeout, type: human_approval, timeout: 5m, on_timeout: skip}
",
        "
steps: {error: {error: no}, rejected: {decision: rejected, comment: No}}
expect:
  status: completed
  skip_reasons: {condition: condition, upstream: upstream, route: route, error: error, rejected: rejected, timeout: timeout}
",
    );
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("1m skip a");
    assert_eq!(bench.step("a"), "skipped manual");
}

#[test]
fn e14_7_ready_is_no_status() {
    assert!(StepStatus::ALL.iter().all(|status| status.as_str() != "ready"));
    let bench = Bench::started("steps: [{id: a}, {id: b, depends_on: [a]}]");
    assert_eq!(bench.steps(), "a: pending, b: pending");
    assert_eq!(bench.dispatchable(), "a#1");
}

#[test]
fn e14_8_original_spellings_are_read() {
    assert_eq!(StepStatus::parse("running"), Some(StepStatus::InProgress));
    assert_eq!(StepStatus::parse("waiting_approval"), Some(StepStatus::Waiting));
    assert_eq!(ProcessStatus::parse("running"), Some(ProcessStatus::InProgress));
    assert_eq!(ProcessStatus::parse("waiting_approval"), Some(ProcessStatus::Waiting));
    check(
        "steps: [{id: a}, {id: ok, type: human_approval}]",
        "steps: {a: {hang: true}}\nexpect: {status: running, steps: {a: running, ok: waiting_approval}}",
    );
}

/// E14.15: what was read goes on as what was not.
#[test]
fn e14_15_replay_is_reading_a_journal_into_a_state() {
    let text = "steps: [{id: a}, {id: b, depends_on: [a]}]";
    let mut bench = Bench::started(text);
    bench.does("1m dispatch a / 2m ok a {\"n\": 1}");
    let events = bench.journal.len();
    let mut replayed = Bench::replayed(bench.journal.clone(), text);
    assert!(Execution::replay(&bench.journal) == bench.execution);
    // Reading adds nothing.
    assert_eq!(replayed.journal.len(), events);
    assert_eq!(replayed.does("3m dispatch b"), bench.does("3m dispatch b"));
}
