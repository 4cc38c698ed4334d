//! E11: processes that steps start.

use process_core::{Fact, Uid, event::RunFact};

use crate::{
    check::{check_with, definition},
    harness::Bench,
};

const PARENT: &str = "steps:
  - {id: sub, type: sub_process, process: child, input: {n: 1}}
  - {id: after, type: manual, depends_on: [sub], message: 'got {{ steps.sub.output }}'}
";

/// Returns the uid of the process that a visit asks for.
fn child_uid(bench: &Bench, step: &str) -> Uid {
    let at = bench.visit(step);
    let visit = bench.state(at.step.as_str()).visit(at.visit).expect("there is such a visit");
    visit.child().expect("the visit asks for a process").uid
}

fn sub(more: &str) -> String {
    format!("steps:\n  - {{id: sub, type: sub_process, process: child{more}}}\n")
}

/// E11.1: it is named with what it is given, and told whose it is.
#[test]
fn e11_1_a_sub_process_is_a_process_of_its_own() {
    let bench = Bench::started(PARENT);
    assert_eq!(bench.waiting(), "sub#1 sub_process");
    assert_eq!(bench.status(), "waiting");
    let visit = bench.state("sub").visit(1).expect("it began");
    let child = visit.child().expect("it asks for a process");
    assert_eq!((child.process.as_str(), &child.version, child.limit), ("child", &None, None));
    assert_eq!(child.input, serde_json::json!({"n": 1}));
}

#[test]
fn e11_2_its_output_is_one_for_each_named_output() {
    let mut bench = Bench::started(PARENT);
    bench.does("1m childstarted sub / 5m child sub completed {\"report\": 7}");
    assert_eq!(bench.state("sub").output(), Some(&serde_json::json!({"report": 7})));
    check_with(
        &[(
            "child",
            "steps: [{id: c}]\noutputs: [{name: report, value: '{{ steps.c.output.n }}'}]",
        )],
        "steps:
  - {id: sub, type: sub_process, process: child}
  - {id: after, depends_on: [sub], message: '{{ steps.sub.output.report }}'}
",
        "{steps: {sub/c: {output: {n: 7}}}, expect: {status: completed, message: {after: '7'}}}",
    );
}

#[test]
fn e11_2_with_an_output_key_it_stands_under_the_key() {
    let mut bench = Bench::started(&sub(", output_key: k"));
    bench.does("5m child sub completed {\"report\": 7}");
    assert_eq!(bench.state("sub").output(), Some(&serde_json::json!({"k": {"report": 7}})));
}

#[test]
fn e11_4_without_waiting_the_output_names_the_process() {
    let mut bench = Bench::started(
        "steps:
  - {id: sub, type: sub_process, process: child, wait: false}
  - {id: after, depends_on: [sub]}
",
    );
    assert_eq!(bench.kinds("1m childstarted sub"), "step_completed sub#1, step_ready after#1");
    assert_eq!(bench.state("sub").output(), Some(&serde_json::json!({"process": "proc-002"})));
}

#[test]
fn e11_4_the_failure_of_a_child_that_is_not_waited_for_does_not_touch_the_parent() {
    let mut bench = Bench::started(
        "steps:
  - {id: sub, type: sub_process, process: child, wait: false}
  - {id: after, depends_on: [sub]}
",
    );
    bench.does("1m childstarted sub / 2m child sub failed broken cost=0.10");
    assert_eq!(bench.steps(), "sub: completed, after: pending");
    assert_eq!(bench.status(), "in_progress");
    check_with(
        &[("child", "steps: [{id: c}]")],
        "steps:
  - {id: sub, type: sub_process, process: child, wait: false}
  - {id: after, depends_on: [sub]}
",
        "{steps: {sub/c: {error: broken, cost: '0.10', takes: 1m}, after: {takes: 5m}},
          expect: {status: completed, cost: '0.10'}}",
    );
}

/// E11.5: once, however often it is told, and also behind the end of the parent.
#[test]
fn e11_5_the_cost_of_a_child_that_is_not_waited_for_counts_once() {
    let mut bench = Bench::started(&sub(", wait: false"));
    bench.does("1m childstarted sub");
    assert_eq!(bench.status(), "completed");
    bench.does("2m child sub completed cost=0.10");
    assert_eq!(bench.spent(), "0.10");
    let _ = bench.tries("3m child sub completed cost=0.10");
    assert_eq!(bench.spent(), "0.10");
}

#[test]
fn e11_5_costs_add_up_in_the_tree() {
    let child = "steps: [{id: c, type: agent_task, agent: w, message: Go}]";
    let parent = "steps:
  - {id: a, type: agent_task, agent: w, message: Go}
  - {id: sub, type: sub_process, process: middle, depends_on: [a]}
";
    check_with(
        &[("middle", "steps: [{id: sub, type: sub_process, process: child}]"), ("child", child)],
        parent,
        "{steps: {a: {cost: '0.1'}, sub/sub/c: {cost: '0.20'}},
          expect: {status: completed, cost: '0.30'}}",
    );
}

/// E11.5: what a child spent before it was cancelled was spent.
#[test]
fn e11_5_the_cost_of_a_child_that_was_cancelled_counts() {
    let child = "steps: [{id: c}, {id: ok, type: human_approval, depends_on: [c]}]";
    check_with(
        &[("child", child)],
        "steps:
  - {id: sub, type: sub_process, process: child}
  - {id: stop, cancels: [sub]}
",
        "{steps: {sub/c: {cost: '2.00', takes: 1m}, stop: {takes: 5m}},
          expect: {status: completed, steps: {sub: cancelled}, cost: '2.00'}}",
    );
}

/// E11.5: what a child spends on undoing itself is spent as well.
#[test]
fn e11_5_the_cost_of_undoing_a_child_counts() {
    check_with(
        &[("child", "steps: [{id: c, compensation: {type: manual}}]")],
        "steps:
  - {id: sub, type: sub_process, process: child}
  - {id: bad, depends_on: [sub]}
",
        "{steps: {sub/c: {cost: '1.00'}, sub/c/compensation: {cost: '0.50'}, bad: {error: no}},
          expect: {status: failed, steps: {sub: compensated}, cost: '1.50'}}",
    );
}

#[test]
fn e11_6_a_cancelled_parent_does_not_wait_for_its_child() {
    let mut bench = Bench::started(PARENT);
    bench.does("1m childstarted sub");
    assert_eq!(bench.kinds("2m cancel"), "ending, step_cancelled sub#1, process_ended");
    check_with(
        &[("child", "steps: [{id: c}]")],
        PARENT,
        "{steps: {sub/c: {hang: true}}, cancel_at: 5m,
          expect: {status: cancelled, steps: {sub: cancelled, after: pending}, duration: 5m}}",
    );
}

#[test]
fn e11_7_a_template_that_is_missing_fails_the_step_with_not_found() {
    let mut bench = Bench::started(&sub(", on_error: skip_step"));
    bench.does("0 child sub failed not_found");
    assert_eq!(bench.step("sub"), "skipped error");
    check_with(&[], &sub(""), "{expect: {status: failed, steps: {sub: failed}}}");
}

/// E11.8: the parent's uid, the step and the visit decide it, and nothing else.
#[test]
fn e11_8_the_uid_of_a_child_comes_from_parent_step_and_visit() {
    let bench = Bench::started(PARENT);
    let again = Bench::started_with(PARENT, |start| start.seed = 99);
    assert_eq!(child_uid(&bench, "sub"), child_uid(&again, "sub"));
    assert_eq!(child_uid(&bench, "sub").as_bytes()[6] >> 4, 5);
    let other = Bench::started_with(PARENT, |start| {
        start.process.as_mut().expect("a process").uid = Uid::from_u128(2);
    });
    assert_ne!(child_uid(&bench, "sub"), child_uid(&other, "sub"));
}

#[test]
fn e11_8_each_visit_has_a_child_of_its_own() {
    let mut bench = Bench::started(PARENT);
    let first = child_uid(&bench, "sub#1");
    bench.does("1m reset sub");
    assert_ne!(child_uid(&bench, "sub#2"), first);
    let items = sub(", foreach: {in: [1, 2]}");
    let bench = Bench::started(&items);
    assert_ne!(child_uid(&bench, "sub#1"), child_uid(&bench, "sub#2"));
}

/// E11.10: a result is taken once.
#[test]
fn e11_10_a_child_that_has_ended_gives_its_result_once() {
    let mut bench = Bench::started(PARENT);
    bench.does("1m childstarted sub / 1m childstarted sub");
    bench.does("2m child sub completed cost=0.10");
    assert!(bench.refuses("3m child sub completed cost=0.10").starts_with("Conflict"));
    assert_eq!(bench.spent(), "0.10");
}

/// E11.10: nobody wants the result of a child whose step does not wait any more.
#[test]
fn e11_10_a_step_that_waits_no_more_takes_no_result() {
    let mut bench = Bench::started(PARENT);
    bench.does("1m childstarted sub / 2m skip sub");
    assert!(bench.refuses("3m child sub completed {\"report\": 7}").starts_with("Conflict"));
    assert_eq!(bench.step("sub"), "skipped manual");
}

#[test]
fn e11_10_a_failed_child_fails_its_step() {
    let mut bench = Bench::started(PARENT);
    bench.does("2m child sub failed broken cost=0.10");
    assert_eq!(bench.status(), "failed");
    assert_eq!(bench.state("sub").error(), Some("broken"));
    assert_eq!(bench.spent(), "0.10");
    let mut bench = Bench::started(PARENT);
    bench.does("2m child sub cancelled");
    assert_eq!(bench.status(), "failed");
}

/// E6.6: the timeout of the step is that of its child.
#[test]
fn e6_6_a_sub_process_has_its_timeout() {
    let mut bench = Bench::started(&sub(", timeout: 5m"));
    bench.does("1m childstarted sub");
    assert_eq!(bench.wakes_at().as_deref(), Some("5m"));
    assert_eq!(bench.kinds("6m tick"), "step_failed sub#1, ending sub, process_ended");
}

/// E11.10: a child that is asked to undo itself does so once.
#[test]
fn e8_11_a_completed_child_is_undone_once() {
    let mut bench = Bench::started("steps: [{id: c, compensation: {type: manual}}]");
    assert!(bench.refuses("0 compensate").starts_with("Conflict"));
    bench.does("0 dispatch c / 0 ok c");
    assert_eq!(bench.kinds("1m compensate"), "compensation_requested, compensation_started c#1");
    assert_eq!(bench.does("1m compensate"), "");
    assert_eq!(bench.kinds("2m ok c"), "step_compensated c#1, process_ended");
    assert_eq!(bench.does("3m compensate"), "");
    assert!(bench.run().end().is_some_and(|end| end.is_compensated));
}

/// E11.1: the link to the parent stands in the journal of the child.
#[test]
fn e11_1_the_child_names_its_parent() {
    let text = "steps: [{id: c}]";
    let parent = process_core::event::Parent {
        uid: Uid::from_u128(9),
        visit: Bench::planned(text).visit("sub#1"),
    };
    let named = parent.clone();
    let bench = Bench::started_with(text, |start| start.parent = Some(named));
    let Fact::Run(RunFact::Started(start)) = &bench.journal[0].fact else {
        panic!("the journal begins with the start");
    };
    assert_eq!(start.parent.as_ref(), Some(&parent));
    assert_eq!(start.definition, definition(text).stored());
}
