//! Approvals: what a decision gives, what a rejection does, what happens when nobody decides.

use process_core::{
    Fact,
    definition::OnReject,
    event::{Decided, RunFact},
};
use process_engine::{Input, RejectedKind};
use serde_json::json;

use crate::{
    check::{check, definition, has_problem},
    driver::{Driver, decide},
};

#[test]
fn e9_1_an_approval_is_decided_with_who_when_and_a_comment_and_e9_2_gives_that_as_output() {
    for (spelling, decision) in [
        ("approved", "approved"),
        ("approve", "approved"),
        ("rejected", "rejected"),
        ("reject", "rejected"),
    ] {
        check(
            "
steps:
  - {id: r, type: human_approval, on_reject: continue}
outputs: [{name: all, value: '{{ steps.r.output }}'}]
",
            &format!(
                "
steps: {{r: {{decision: {spelling}, by: ana@example.com, comment: Good, after: 1h}}}}
expect:
  status: completed
  outputs: {{all: {{decision: {decision}, comment: Good, decided_by: ana@example.com, decided_at: '2026-01-01T01:00:00.000Z'}}}}
"
            ),
        );
    }
}

#[test]
fn e9_2_the_output_is_there_also_when_it_ends_skipped_or_failed_by_a_rejection() {
    check(
        "
steps:
  - {id: skip, type: human_approval, on_reject: skip}
  - {id: fail, type: human_approval, on_reject: fail, on_error: {goto: t}}
  - {id: both, type: human_approval, on_reject: fail, on_error: skip_step}
  - {id: t, depends_on: [skip], message: '{{ steps.skip.decision }} {{ steps.skip.comment }} {{ steps.fail.decision }} {{ steps.fail.decided_by }} {{ steps.fail.status }}'}
  - {id: u, depends_on: [both], message: '{{ steps.both.status }} {{ steps.both.skip_reason }} {{ steps.both.decision }} {{ steps.both.decided_by }}'}
",
        "
steps:
  skip: {decision: rejected, comment: never}
  fail: {decision: rejected, by: bo}
  both: {decision: rejected, by: cy}
expect:
  status: completed
  message: {t: rejected never rejected bo failed, u: skipped error rejected cy}
",
    );
}

#[test]
fn e9_3_a_decided_approval_refuses_a_second_decision() {
    let mut driver = Driver::start("steps: [{id: r, type: human_approval}, {id: a}]");
    driver.says("ana", "r", Decided::Approved);
    let rejected = driver.refuses_by("bo", decide("r", Decided::Rejected));
    assert_eq!(rejected.kind(), RejectedKind::AlreadyDecided);
    driver.refuses_by("ana", decide("r", Decided::Approved));
    driver.refuses(decide("a", Decided::Approved));
    assert_eq!(driver.step("r"), "completed");
}

#[test]
fn e9_3_an_approval_that_has_not_opened_refuses_a_decision() {
    let mut driver =
        Driver::start("steps: [{id: a}, {id: r, type: human_approval, depends_on: [a]}]");
    let rejected = driver.refuses(decide("r", Decided::Approved));
    assert_eq!(rejected.kind(), RejectedKind::Conflict);
}

#[test]
fn e9_7_rejected_under_continue_completes_with_the_decision_rejected() {
    check(
        "
steps:
  - {id: r, type: human_approval, on_reject: continue}
  - {id: t, depends_on: [r], condition: steps.r.decision == 'rejected'}
",
        "steps: {r: {decision: rejected}}\nexpect: {status: completed, steps: {r: completed, t: completed}}",
    );
}

#[test]
fn e9_8_rejected_under_skip_is_skipped_with_the_reason_rejected() {
    check(
        "
steps:
  - {id: r, type: human_approval, on_reject: skip}
  - {id: t, depends_on: [r]}
",
        "steps: {r: {decision: rejected}}\nexpect: {status: completed, skip_reasons: {r: rejected}, steps: {t: completed}}",
    );
}

#[test]
fn e9_9_rejected_under_fail_fails_and_goes_the_way_of_on_error() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: r, type: human_approval, on_reject: fail, depends_on: [a], retry: {max_attempts: 3, initial_delay: 1m}}
  - {id: t, depends_on: [r]}
",
        "steps: {r: {decision: rejected}}\nexpect: {status: failed, steps: {r: failed, t: pending}, compensated: [a], duration: 0s}",
    );
    check(
        "
steps:
  - {id: r, type: human_approval, on_reject: fail, on_error: {goto: repair}}
  - {id: repair}
",
        "steps: {r: {decision: rejected}}\nexpect: {status: completed, steps: {r: failed, repair: completed}}",
    );
}

#[test]
fn e9_10_without_on_reject_the_definition_says_what_a_rejection_does() {
    let outcome = |more: &str, others: &str| {
        let text =
            format!("steps:\n  - {{id: r, type: human_approval{more}}}\n  - {{id: s}}\n{others}");
        definition(&text).reject_outcome(0)
    };
    let reads =
        |condition: &str| format!("  - {{id: t, depends_on: [r], condition: \"{condition}\"}}\n");
    let route = |condition: &str| {
        format!(
            "  - {{id: g, type: gateway, depends_on: [r], routes: [{{condition: \"{condition}\", next: s}}, {{default: true, next: null}}]}}\n"
        )
    };
    assert_eq!(outcome("", ""), OnReject::Fail);
    assert_eq!(outcome(", on_error: skip_step", ""), OnReject::Skip);
    for condition in [
        "steps.r.decision == 'approved'",
        "steps.r.status == 'completed'",
        "steps.r.output.decision == 'rejected'",
    ] {
        assert_eq!(outcome("", &reads(condition)), OnReject::Continue, "{condition}");
        assert_eq!(outcome("", &route(condition)), OnReject::Continue, "{condition}");
        assert_eq!(
            outcome(", on_error: {goto: s}", &reads(condition)),
            OnReject::Continue,
            "{condition}"
        );
        // What on_error says comes first, and what on_reject says before all.
        assert_eq!(outcome(", on_error: skip_step", &reads(condition)), OnReject::Skip);
        assert_eq!(outcome(", on_reject: fail", &reads(condition)), OnReject::Fail);
    }
    for condition in
        ["steps.r.comment == 'x'", "steps.r.decided_by == 'ana'", "steps.s.decision == 'approved'"]
    {
        assert_eq!(outcome("", &reads(condition)), OnReject::Fail, "{condition}");
    }
    // A message or an until that reads it is none.
    let message = "  - {id: t, depends_on: [r], message: '{{ steps.r.decision }}'}\n";
    assert_eq!(outcome("", message), OnReject::Fail);
    let until = "  - {id: t, type: wait_for, until: \"steps.r.decision == 'approved'\"}\n";
    assert_eq!(outcome("", until), OnReject::Fail);
}

#[test]
fn e9_10_a_rejection_goes_the_way_that_follows_from_the_definition() {
    check(
        "steps: [{id: r, type: human_approval}, {id: t, depends_on: [r]}]",
        "steps: {r: {decision: rejected}}\nexpect: {status: failed, steps: {r: failed, t: pending}}",
    );
    check(
        "steps: [{id: r, type: human_approval, on_error: skip_step}, {id: t, depends_on: [r]}]",
        "steps: {r: {decision: rejected}}\nexpect: {status: completed, skip_reasons: {r: rejected}, steps: {t: completed}}",
    );
    check(
        "steps: [{id: r, type: human_approval}, {id: t, depends_on: [r], condition: \"steps.r.decision == 'approved'\"}]",
        "steps: {r: {decision: rejected}}\nexpect: {status: completed, steps: {r: completed}, skip_reasons: {t: condition}}",
    );
}

#[test]
fn e9_11_the_outcome_of_a_rejection_is_fixed_when_the_approval_opens() {
    let driver = Driver::start(
        "
steps:
  - {id: r, type: human_approval}
  - {id: s, type: human_approval, on_error: skip_step}
  - {id: t, depends_on: [s], condition: \"steps.r.decision == 'approved'\"}
",
    );
    let outcomes: Vec<(String, String)> = driver
        .journal
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Run(RunFact::ApprovalOpened { at, request, .. }) => {
                Some((at.step.to_string(), request.on_reject.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        outcomes,
        [("r".to_owned(), "continue".to_owned()), ("s".to_owned(), "skip".to_owned())]
    );
    has_problem("steps: [{id: r, type: human_approval}]", "info reject_outcome");
}

#[test]
fn e9_12_the_timeout_is_the_approvals_and_retry_does_not_open_it_again() {
    check(
        "
steps:
  - {id: r, type: human_approval, timeout: 1h, retry: {max_attempts: 3, initial_delay: 1m}, on_error: {goto: t}}
  - {id: t}
",
        "expect: {status: completed, steps: {r: failed, t: completed}, visits: {r: 1}, duration: 1h}",
    );
}

#[test]
fn e9_13_a_timeout_fires_without_anybody_asking_and_an_approval_after_it_is_a_conflict() {
    let mut driver = Driver::start("steps: [{id: r, type: human_approval, timeout: 1h}]");
    let rejected = driver.at("61m").refuses(decide("r", Decided::Approved));
    assert!(
        matches!(rejected.kind(), RejectedKind::Conflict | RejectedKind::AlreadyDecided),
        "{rejected}"
    );
    driver.tick();
    assert_eq!((driver.status(), driver.step("r")), ("failed", "failed"));
    // At the very instant the timer comes first.
    let mut driver = Driver::start("steps: [{id: r, type: human_approval, timeout: 1h}]");
    driver.at("1h").refuses(decide("r", Decided::Approved));
    let mut driver = Driver::start("steps: [{id: r, type: human_approval, timeout: 1h}]");
    driver.at("59m").says("ana", "r", Decided::Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e9_14_on_timeout_is_fail_when_nothing_is_said() {
    check(
        "steps: [{id: r, type: human_approval, timeout: 1h}, {id: t, depends_on: [r]}]",
        "expect: {status: failed, steps: {r: failed, t: pending}, duration: 1h}",
    );
    check(
        "steps: [{id: r, type: human_approval, timeout: 1h, on_error: skip_step}, {id: t, depends_on: [r]}]",
        "expect: {status: completed, skip_reasons: {r: error}, steps: {t: completed}, duration: 1h}",
    );
}

#[test]
fn e9_15_notify_tells_once_and_goes_on_waiting() {
    let mut driver = Driver::start(
        "steps: [{id: r, type: human_approval, approvers: [ana, bo], timeout: 1h, on_timeout: notify}]",
    );
    driver.at("1h").tick();
    driver.at("3h").tick();
    driver.at("30h").tick();
    assert_eq!((driver.count("approval_overdue"), driver.run().notices().len()), (1, 1));
    let notice = driver.run().notices().values().next().cloned().unwrap_or_default();
    assert_eq!(notice["recipients"], json!(["ana", "bo"]));
    assert_eq!((driver.status(), driver.step("r")), ("waiting", "waiting"));
    driver.at("31h").says("bo", "r", Decided::Approved);
    assert_eq!(driver.status(), "completed");
    check(
        "steps: [{id: r, type: human_approval, timeout: 1h, on_timeout: notify}]",
        "expect: {status: waiting, waiting: [{step: r, for: approval}]}",
    );
}

#[test]
fn e9_16_skip_skips_with_the_reason_timeout() {
    check(
        "steps: [{id: r, type: human_approval, timeout: 1h, on_timeout: skip}, {id: t, depends_on: [r]}]",
        "expect: {status: completed, skip_reasons: {r: timeout}, steps: {t: completed}, duration: 1h}",
    );
}

#[test]
fn e9_17_approve_and_reject_decide_it_and_decided_by_is_timeout() {
    check(
        "
steps:
  - {id: r, type: human_approval, timeout: 1h, on_timeout: approve}
  - {id: s, type: human_approval, timeout: 1h, on_timeout: reject, on_reject: continue}
  - {id: u, type: human_approval, timeout: 1h, on_timeout: reject, on_reject: skip}
  - {id: v, type: human_approval, timeout: 1h, on_timeout: reject, on_error: {goto: w}}
  - {id: w}
outputs:
  - {name: r, value: '{{ steps.r.decision }} {{ steps.r.decided_by }} {{ steps.r.decided_at }}'}
  - {name: s, value: '{{ steps.s.decision }} {{ steps.s.decided_by }}'}
  - {name: u, value: '{{ steps.u.decision }} {{ steps.u.decided_by }}'}
  - {name: v, value: '{{ steps.v.decision }} {{ steps.v.decided_by }}'}
",
        "
expect:
  status: completed
  steps: {r: completed, s: completed, u: skipped, v: failed, w: completed}
  skip_reasons: {u: rejected}
  outputs: {r: approved timeout 2026-01-01T01:00:00.000Z, s: rejected timeout, u: rejected timeout, v: rejected timeout}
",
    );
}

#[test]
fn e9_12_the_timeout_of_an_approval_runs_from_its_opening() {
    check(
        "
steps:
  - {id: holder, mutex: m}
  - {id: r, type: human_approval, mutex: m, timeout: 1h, on_timeout: skip}
",
        "steps: {holder: {takes: 2h}}\nexpect: {status: completed, skip_reasons: {r: timeout}, duration: 3h}",
    );
}

#[test]
fn e9_13_a_timeout_that_came_due_while_the_process_was_paused_fires_at_resume() {
    let mut driver = Driver::start(
        "steps: [{id: r, type: human_approval, timeout: 1h}, {id: s, type: human_approval, timeout: 2h, on_timeout: skip}]",
    );
    driver.gives(Input::Pause);
    driver.at("90m").tick();
    assert_eq!(driver.step("r"), "waiting");
    driver.gives(Input::Resume);
    assert_eq!(
        (driver.status(), driver.step("r"), driver.step("s")),
        ("failed", "failed", "cancelled")
    );
}

#[test]
fn e9_7_an_approval_in_a_foreach_is_one_decision_per_item() {
    check(
        "
steps:
  - {id: r, type: human_approval, on_reject: continue, foreach: {in: [ana, bo]}, title: 'for {{ item }}', approvers: ['{{ item }}']}
outputs: [{name: all, value: \"{{ steps.r.output | map(attribute='decided_by') | join(',') }}\"}]
",
        "
steps: {r: {decision: approved}}
expect: {status: completed, visits: {r: 2}, outputs: {all: 'ana,bo'}}
",
    );
}
