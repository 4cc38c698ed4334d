//! What a compensator may say: the output of its visit, its item, and the way that led to it.

use process_engine::Outcome;
use serde_json::{Value, json};

use crate::driver::{Driver, cancel};

/// Lets everything be undone; returns what each compensator was told, in order.
fn undone(driver: &mut Driver) -> Vec<String> {
    let mut told = Vec::new();
    while driver.run().compensating().is_some() {
        told.push(driver.undo()["message"].as_str().unwrap_or_default().to_owned());
        driver.compensates(Outcome::Completed(Value::Null));
    }
    told
}

#[test]
fn e8_5_what_a_compensator_says_may_use_the_output_of_its_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a, compensation: {type: agent_task, agent: w, message: 'remove {{ steps.a.output.path }} of {{ input.who }}'}}
  - {id: b, depends_on: [a]}
"
        .replace("steps:", "input: {who: {type: string, default: ana}}\nsteps:")
        .as_str(),
    );
    driver.hand_out().completes("a", json!({"path": "x.md"}));
    driver.hand_out().fails("b");
    assert_eq!(undone(&mut driver), ["remove x.md of ana"]);
}

#[test]
fn e8_5_in_a_loop_each_compensator_sees_the_output_of_its_own_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: draft, compensation: {type: manual, message: 'draft {{ steps.draft.n }}'}}
  - {id: g, type: gateway, depends_on: [draft], routes: [{condition: steps.draft.n == 3, next: bad}, {default: true, next: draft}]}
  - {id: bad}
",
    );
    for n in 1..=3 {
        driver.hand_out().completes("draft", json!({"n": n}));
    }
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["draft 3", "draft 2", "draft 1"]);
}

#[test]
fn e8_5_in_a_loop_each_compensator_sees_the_steps_on_its_own_way() {
    let mut driver = Driver::start(
        "
steps:
  - {id: draft}
  - {id: print, depends_on: [draft], compensation: {type: manual, message: 'shred {{ steps.draft.n }} {{ steps.print.copies }}'}}
  - {id: g, type: gateway, depends_on: [print], routes: [{condition: steps.draft.n == 2, next: bad}, {default: true, next: draft}]}
  - {id: bad}
",
    );
    for n in 1..=2 {
        driver.hand_out().completes("draft", json!({"n": n}));
        driver.hand_out().completes("print", json!({"copies": n * 10}));
    }
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["shred 2 20", "shred 1 10"]);
}

#[test]
fn e8_5_behind_each_every_compensator_sees_its_own_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, compensation: {type: manual, message: 't {{ steps.t.n }}'}}
  - {id: u, depends_on: [t], join: each, compensation: {type: manual, message: 'u {{ steps.t.n }} {{ steps.u.n }}'}}
  - {id: bad, depends_on: [u]}
",
    );
    driver.hand_out().completes("a", json!({}));
    driver.completes("b", json!({}));
    driver.hand_out();
    driver.completes("t#2", json!({"n": "second"}));
    driver.completes("t#1", json!({"n": "first"}));
    driver.hand_out();
    driver.completes("u#1", json!({"n": 1}));
    driver.completes("u#2", json!({"n": 2}));
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["u first 2", "u second 1", "t first", "t second"]);
}

#[test]
fn e8_4_items_are_compensated_with_item_in_scope_and_the_output_of_their_visit() {
    let mut driver = Driver::start(
        "
steps:
  - id: call
    foreach: {in: [ana, bo, cy], as: who}
    compensation: {type: manual, message: 'undo {{ item }} {{ who }} {{ item_index }} {{ steps.call.output.n }}'}
  - {id: bad, depends_on: [call]}
",
    );
    driver.hand_out();
    for (visit, n) in [(2, 20), (1, 10), (3, 30)] {
        driver.completes(&format!("call#{visit}"), json!({"n": n}));
    }
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["undo cy cy 2 30", "undo ana ana 0 10", "undo bo bo 1 20"]);
}

#[test]
fn e8_4_items_of_a_foreach_that_failed_are_compensated_with_the_output_of_their_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: call, foreach: {in: [ana, bo]}, compensation: {type: manual, message: 'undo {{ item }} {{ steps.call.n }}'}}
",
    );
    driver.hand_out().completes("call#1", json!({"n": 10}));
    driver.fails("call#2");
    assert_eq!(undone(&mut driver), ["undo ana 10"]);
    assert_eq!(driver.status(), "failed");
}

#[test]
fn e8_4_items_of_a_foreach_in_a_loop_are_compensated_with_the_item_of_their_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: list}
  - {id: call, depends_on: [list], foreach: {in: '{{ steps.list.items }}'}, compensation: {type: manual, message: '{{ item }} of {{ steps.list.name }}'}}
  - {id: g, type: gateway, depends_on: [call], routes: [{condition: steps.list.more, next: list}, {default: true, next: bad}]}
  - {id: bad}
",
    );
    driver
        .hand_out()
        .completes("list", json!({"items": ["a", "b"], "name": "first", "more": true}));
    driver.hand_out().completes("call#1", json!({}));
    driver.completes("call#2", json!({}));
    driver.hand_out().completes("list", json!({"items": ["c"], "name": "second", "more": false}));
    driver.hand_out().completes("call#3", json!({}));
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["c of second", "b of first", "a of first"]);
}

#[test]
fn e8_4_turns_are_compensated_with_the_output_of_their_visit() {
    let mut driver = Driver::start(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.n == 3, max: 5}, compensation: {type: manual, message: 'turn {{ steps.poll.n }}'}}
  - {id: bad, depends_on: [poll]}
",
    );
    for n in 1..=3 {
        driver.hand_out().completes("poll", json!({"n": n}));
        driver.tick();
    }
    driver.hand_out().fails("bad");
    assert_eq!(undone(&mut driver), ["turn 3", "turn 2", "turn 1"]);
}

#[test]
fn e8_5_a_compensator_may_say_how_its_step_and_others_stand() {
    let mut driver = Driver::start(
        "
steps:
  - {id: ask, type: human_approval, compensation: {type: notification, message: \"{{ steps.ask.decision }} by {{ steps.ask.decided_by }}, {{ steps.b.status }}: {{ steps.b.error | default('-') }}\"}}
  - {id: b, depends_on: [ask]}
",
    );
    driver.says("ana", "ask", process_core::event::Decided::Approved);
    driver.hand_out().fails("b");
    assert_eq!(undone(&mut driver), ["approved by ana, failed: broken"]);
}

#[test]
fn e8_5_a_cancel_amid_a_loop_undoes_every_visit_with_its_own_output() {
    let mut driver = Driver::start(
        "
steps:
  - {id: draft, compensation: {type: manual, message: 'draft {{ steps.draft.n }}'}}
  - {id: ask, type: human_approval, on_reject: continue, depends_on: [draft], compensation: {type: manual, message: 'said {{ steps.ask.decision }} on {{ steps.draft.n }}'}}
  - {id: g, type: gateway, depends_on: [ask], routes: [{condition: \"steps.ask.decision == 'approved'\", next: null}, {default: true, next: draft}]}
",
    );
    driver.hand_out().completes("draft", json!({"n": 1}));
    driver.says("ana", "ask", process_core::event::Decided::Rejected);
    driver.hand_out().completes("draft", json!({"n": 2}));
    driver.gives(cancel());
    assert_eq!(undone(&mut driver), ["draft 2", "said rejected on 1", "draft 1"]);
    assert_eq!(driver.status(), "cancelled");
}
