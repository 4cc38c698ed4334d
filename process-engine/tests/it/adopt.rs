//! E14: going on by another definition.

use crate::harness::Bench;

const OLD: &str = "steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b]}
";

/// The definition above with `a` done and `b` running.
fn begun() -> Bench {
    let mut bench = Bench::started(OLD);
    bench.does("0 dispatch a / 0 ok a {\"n\": 1} / 0 dispatch b");
    bench
}

#[test]
fn e14_18_what_is_done_stays_done() {
    let mut bench = begun();
    let new = "steps:
  - {id: c, depends_on: [b], message: 'later {{ steps.a.output.n }}'}
  - {id: b, depends_on: [a]}
  - {id: a}
  - {id: d, depends_on: [c]}
";
    bench.adopt("1m", new).expect("nothing is in the way");
    assert_eq!(bench.steps(), "c: pending, b: in_progress, a: completed, d: pending");
    bench.does("2m ok b / 2m dispatch c / 2m ok c / 2m dispatch d / 2m ok d");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.state("a").visits(), 1);
}

/// E14.18, E8.1: what was done before is undone after it, in the same order.
#[test]
fn e14_18_what_is_done_is_undone_when_the_process_fails_by_its_new_definition() {
    let text = "steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, compensation: {type: manual}, depends_on: [a]}
  - {id: c, depends_on: [b]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a / 1m dispatch b / 1m ok b");
    // Other places in the list, and one more step before the end.
    let new = "steps:
  - {id: c, depends_on: [d]}
  - {id: d, depends_on: [b]}
  - {id: b, compensation: {type: manual}, depends_on: [a]}
  - {id: a, compensation: {type: manual}}
";
    bench.adopt("2m", new).expect("nothing is in the way");
    let told = bench.does("3m dispatch d / 3m fail d broken");
    assert!(told.contains("compensation_started b"), "{told}");
    let run = bench.execution.run().expect("it runs");
    assert!(run.compensating().is_some_and(|undone| undone.token.is_some()));
}

/// E14.18, E4.8: what let a step go on once does not do so again.
#[test]
fn e14_18_an_arc_that_gave_a_visit_gives_no_other_one() {
    let text = "steps:
  - {id: a}
  - {id: slow}
  - {id: j, join: any, depends_on: [a, slow]}
  - {id: g, type: gateway, depends_on: [j], routes: [{condition: steps.j.output.again, next: j}, {default: true, next: z}]}
  - {id: z}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch j / 0 ok j {\"again\": true}");
    bench.does("1m dispatch j / 1m ok j {\"again\": false}");
    assert_eq!(bench.state("j").visits(), 2);
    bench.adopt("2m", &format!("{text}  - {{id: last, depends_on: [z]}}\n")).expect("it fits");
    assert_eq!(bench.state("j").visits(), 2);
    assert!(bench.steps().contains("j: completed"), "{}", bench.steps());
}

/// E14.18: people see the steps that there are.
#[test]
fn e14_18_the_steps_of_the_process_are_those_of_the_definition() {
    let mut bench = begun();
    let new = "steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: d, name: New, depends_on: [b]}
";
    bench.adopt("1m", new).expect("nothing is in the way");
    let process = bench.execution.process().expect("there is a process");
    let shown: Vec<&str> = process.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(shown, ["a", "b", "d"]);
}

#[test]
fn e14_19_a_step_that_began_cannot_be_removed() {
    let mut bench = begun();
    let reasons = bench.refuses_to_adopt("1m", "steps: [{id: c}]");
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].contains("`a`") && reasons[1].contains("`b`"), "{reasons:?}");
}

#[test]
fn e14_19_a_step_that_was_skipped_has_ended() {
    let text = "steps: [{id: a, condition: 1 > 2}, {id: b}]";
    let mut bench = Bench::started(text);
    assert_eq!(bench.refuses_to_adopt("1m", "steps: [{id: b}]").len(), 1);
}

#[test]
fn e14_19_a_step_that_began_cannot_be_of_another_type() {
    let mut bench = begun();
    let new = "steps:
  - {id: a, type: notification, message: Hi}
  - {id: b, type: timer, delay: 1m, depends_on: [a]}
  - {id: c, type: human_approval, depends_on: [b]}
";
    assert_eq!(bench.refuses_to_adopt("1m", new).len(), 2);
}

#[test]
fn e14_19_a_step_that_did_not_begin_may_be_anything() {
    let mut bench = begun();
    let new = "steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, type: human_approval, depends_on: [b]}
";
    bench.adopt("1m", new).expect("nothing is in the way");
    bench.does("2m ok b");
    assert_eq!(bench.waiting(), "c#1 approval");
}

#[test]
fn e14_19_a_loop_that_changed_is_refused() {
    let looping = |next: &str| {
        format!(
            "steps:
  - {{id: a}}
  - {{id: b, depends_on: [a]}}
  - {{id: g, type: gateway, depends_on: [b], routes: [{{condition: 1 > 2, next: {next}}}, {{default: true, next: z}}]}}
  - {{id: z}}
"
        )
    };
    let mut bench = Bench::started(&looping("a"));
    let reasons = bench.refuses_to_adopt("1m", &looping("b"));
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert_eq!(bench.refuses_to_adopt("1m", &looping("z")).len(), 1);
    bench.adopt("1m", &looping("a")).expect("nothing changed");
}

#[test]
fn e14_19_the_mutex_of_a_running_step_stays() {
    let step =
        |mutex: &str| format!("steps:\n  - {{id: a{mutex}}}\n  - {{id: b, depends_on: [a]}}\n");
    let mut bench = Bench::started(&step(", mutex: m"));
    bench.does("0 dispatch a");
    assert_eq!(bench.refuses_to_adopt("1m", &step("")).len(), 1);
    assert_eq!(bench.refuses_to_adopt("1m", &step(", mutex: n")).len(), 1);
    bench.does("2m ok a");
    bench.adopt("3m", &step("")).expect("it runs no more");
}

#[test]
fn e14_19_the_items_of_a_running_step_stay() {
    let step = |items: &str| format!("steps:\n  - {{id: a, foreach: {{in: {items}}}}}\n");
    let mut bench = Bench::started(&step("[1, 2]"));
    bench.does("0 dispatch a#1");
    assert_eq!(bench.refuses_to_adopt("1m", &step("[1, 2, 3]")).len(), 1);
    assert_eq!(bench.refuses_to_adopt("1m", "steps: [{id: a}]").len(), 1);
}

#[test]
fn e14_18_a_refusal_names_every_reason() {
    let old = "steps:
  - {id: a}
  - {id: b, mutex: m}
  - {id: c}
";
    let mut bench = Bench::started(old);
    bench.does("0 dispatch a / 0 dispatch b / 0 dispatch c");
    let new = "steps:
  - {id: a, type: timer, delay: 1m}
  - {id: b, mutex: n}
";
    let reasons = bench.refuses_to_adopt("1m", new);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for (reason, step) in reasons.iter().zip(["`a`", "`b`", "`c`"]) {
        assert!(reason.contains(step), "{reasons:?}");
    }
}

/// E14.20: an approval is decided by what was said when it opened.
#[test]
fn e14_20_a_waiting_approval_ends_under_its_text() {
    let approval =
        |more: &str| format!("steps:\n  - {{id: a, type: human_approval, timeout: 1h, {more}}}\n");
    let mut bench = Bench::started(&approval("on_timeout: fail, on_reject: fail"));
    bench.adopt("1m", &approval("on_timeout: approve, on_reject: skip")).expect("it may wait on");
    bench.does("1h tick");
    assert_eq!(bench.step("a"), "failed");
    let mut bench = Bench::started(&approval("on_timeout: fail, on_reject: fail"));
    bench.adopt("1m", &approval("on_timeout: approve, on_reject: skip")).expect("it may wait on");
    bench.does("2m reject a");
    assert_eq!(bench.step("a"), "failed");
}

/// E14.20: a wait ends by the expression with which it began.
#[test]
fn e14_20_a_waiting_until_ends_under_its_text() {
    let until = |n: u32| {
        format!(
            "steps:\n  - {{id: a}}\n  - {{id: u, type: wait_for, until: steps.a.output.n > {n}}}\n"
        )
    };
    let mut bench = Bench::started(&until(1));
    bench.does("0 dispatch a");
    bench.adopt("1m", &until(9)).expect("it may wait on");
    bench.does("2m ok a {\"n\": 5}");
    assert_eq!(bench.step("u"), "completed");
}

/// E14.20: what a running visit does with a failure was said when it began.
#[test]
fn e14_20_a_running_visit_ends_under_its_text() {
    let step = |more: &str| format!("steps:\n  - {{id: a, {more}}}\n");
    let mut bench = Bench::started(&step("on_error: skip_step"));
    bench.does("0 dispatch a");
    bench.adopt("1m", &step("on_error: fail_process")).expect("it may run on");
    bench.does("2m fail a no");
    assert_eq!(bench.step("a"), "skipped error");
}

/// E14.20: what is done in another attempt is what was said in the first.
#[test]
fn e14_20_another_attempt_does_what_the_first_did() {
    let retry = "retry: {max_attempts: 2, initial_delay: 1m}";
    let step = |message: &str| format!("steps:\n  - {{id: a, message: {message}, {retry}}}\n");
    let mut bench = Bench::started(&step("Old"));
    bench.does("0 dispatch a / 1m fail a no");
    bench.adopt("1m", &step("New")).expect("it may wait on");
    bench.does("2m dispatch a");
    let work = bench.state("a").visit(1).and_then(|visit| visit.work()).expect("it runs");
    assert_eq!(work["message"], "Old");
}

/// E14.20: a step that only can begin begins under the definition that holds then.
#[test]
fn e14_20_a_step_that_has_not_started_has_its_new_text() {
    let step = |message: &str| format!("steps:\n  - {{id: a, message: {message}}}\n");
    let mut bench = Bench::started(&step("Old"));
    bench.adopt("1m", &step("New")).expect("nothing is in the way");
    bench.does("2m dispatch a");
    let work = bench.state("a").visit(1).and_then(|visit| visit.work()).expect("it runs");
    assert_eq!(work["message"], "New");
}

#[test]
fn e14_21_an_ended_gateway_keeps_its_routes() {
    let gateway = |first: &str, more: &str| {
        format!(
            "steps:
  - {{id: g, type: gateway, routes: [{{condition: {first}, next: a}}, {{default: true, next: b}}{more}]}}
  - {{id: a}}
  - {{id: b}}
  - {{id: n}}
"
        )
    };
    let mut bench = Bench::started(&gateway("1 < 2", ""));
    assert_eq!(bench.steps(), "g: completed, a: pending, b: skipped route, n: pending");
    bench.does("0 dispatch a");
    bench.adopt("1m", &gateway("1 > 2", "")).expect("what was chosen stays");
    assert_eq!(bench.steps(), "g: completed, a: in_progress, b: skipped route, n: pending");
    bench.does("2m ok a");
    assert_eq!(bench.step("a"), "completed");
}

#[test]
fn e14_21_a_new_route_from_an_ended_gateway_is_dead() {
    let old = "steps:
  - {id: g, type: gateway, gateway_type: parallel, routes: [{next: a}]}
  - {id: a}
";
    let new = "steps:
  - {id: g, type: gateway, gateway_type: parallel, routes: [{next: a}, {next: n}]}
  - {id: a}
  - {id: n}
";
    let mut bench = Bench::started(old);
    bench.adopt("1m", new).expect("what was chosen stays");
    assert_eq!(bench.steps(), "g: completed, a: pending, n: skipped route");
}

#[test]
fn e14_22_a_new_arc_from_a_done_step_resolves_at_once() {
    for join in ["", ", join: any", ", join: all_completed", ", join: 1", ", join: each"] {
        let mut bench = begun();
        let new = format!("{OLD}  - {{id: d, depends_on: [a]{join}}}\n");
        bench.adopt("1m", &new).expect("nothing is in the way");
        assert_eq!(bench.dispatchable(), "d#1", "{join}");
        assert_eq!(bench.step("d"), "pending", "{join}");
    }
}

/// E14.22: an arc that fell away is waited for no more.
#[test]
fn e14_22_an_arc_that_is_gone_is_not_waited_for() {
    let mut bench = begun();
    let new = "steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [a]}
";
    bench.adopt("1m", new).expect("nothing is in the way");
    assert_eq!(bench.dispatchable(), "c#1");
}

#[test]
fn e14_23_a_new_step_before_one_that_began_is_accepted_with_a_warning() {
    let mut bench = begun();
    let new = "steps:
  - {id: a}
  - {id: n}
  - {id: b, depends_on: [a, n]}
  - {id: c, depends_on: [b]}
";
    bench.adopt("1m", new).expect("it is accepted");
    assert_eq!(bench.dispatchable(), "n#1");
    bench.does("2m ok b / 2m dispatch c / 2m ok c / 2m dispatch n / 2m ok n");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.state("b").visits(), 1);
    let warnings = bench.run().warnings();
    assert!(warnings.iter().any(|warning| warning.contains("`n`")), "{warnings:?}");
}

/// E14.18, E5.10: a foreach that nobody waits for goes on, and the process ends with it.
#[test]
fn e14_18_a_foreach_that_runs_on_is_waited_for_at_the_end() {
    let text = "steps:
  - {id: a, foreach: {in: [1], wait: false}}
  - {id: b, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 dispatch b");
    bench.adopt("1m", text).expect("nothing changed");
    bench.does("2m ok b / 3m ok a");
    assert_eq!(bench.status(), "completed");
}

/// E14.22, E5.10: `wait: false` lets followers go on at once, also those that come later.
#[test]
fn e14_22_a_new_step_behind_a_foreach_that_nobody_waits_for_begins_at_once() {
    let old = "steps:
  - {id: a, foreach: {in: [1], wait: false}}
";
    for join in ["", ", join: any", ", join: all_completed", ", join: 1", ", join: each"] {
        let new = format!("{old}  - {{id: b, depends_on: [a]{join}}}\n");
        let mut bench = Bench::started(old);
        bench.does("0 dispatch a");
        bench.adopt("1m", &new).expect("nothing is in the way");
        assert_eq!(bench.dispatchable(), "b#1", "{join}");
        bench.does("2m dispatch b / 2m ok b / 3m ok a");
        assert_eq!(bench.status(), "completed", "{join}");
        assert_eq!(bench.state("b").visits(), 1, "{join}");
    }
}

/// E14.22, E5.10: the same where the foreach is over and the process is not.
#[test]
fn e14_22_a_new_step_behind_a_foreach_that_ended_begins_at_once() {
    let old = "steps:
  - {id: a, foreach: {in: [1], wait: false}}
  - {id: z}
";
    let mut bench = Bench::started(old);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch z");
    bench.adopt("1m", &format!("{old}  - {{id: b, depends_on: [a]}}\n")).expect("it is accepted");
    assert_eq!(bench.dispatchable(), "b#1");
    bench.does("2m dispatch b / 2m ok b / 3m ok z");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e14_18_every_kind_of_wait_goes_on() {
    let text = "steps:
  - {id: ap, type: human_approval, timeout: 1h}
  - {id: ti, type: timer, delay: 1h}
  - {id: me, type: wait_for, message: paid}
  - {id: re, retry: {max_attempts: 2, initial_delay: 1h}}
  - {id: rp, repeat: {until: steps.rp.output.n > 5, delay: 1h}}
  - {id: mu, mutex: m}
  - {id: mv, mutex: m}
";
    let turned = "steps:
  - {id: mv, mutex: m}
  - {id: mu, mutex: m}
  - {id: new}
  - {id: rp, repeat: {until: steps.rp.output.n > 5, delay: 1h}}
  - {id: re, retry: {max_attempts: 2, initial_delay: 1h}}
  - {id: me, type: wait_for, message: paid}
  - {id: ti, type: timer, delay: 1h}
  - {id: ap, type: human_approval, timeout: 1h}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch re / 0 fail re no / 0 dispatch rp / 0 ok rp / 0 dispatch mu");
    bench.adopt("1m", turned).expect("nothing is in the way");
    assert_eq!(
        bench.waiting(),
        "mv#1 work, new#1 work, re#1 retry, me#1 message, ti#1 timer, ap#1 approval"
    );
    bench.does("2m message paid / 3m approve ap / 4m ok mu / 4m dispatch mv / 4m ok mv");
    bench.does("1h tick / 1h dispatch re / 1h ok re / 1h dispatch rp / 1h ok rp {\"n\": 6}");
    bench.does("1h dispatch new / 1h ok new");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e14_24_a_process_on_its_way_to_its_end_adopts_nothing_and_one_that_was_cancelled_does() {
    let mut bench = begun();
    bench.does("1m cancel");
    assert!(bench.adopt("1m", OLD).is_err(), "it is on its way to its end");
    bench.does("2m tick");
    bench.adopt("3m", OLD).expect("it goes on by it when it is tried again");
    assert_eq!(bench.status(), "cancelled");
}
