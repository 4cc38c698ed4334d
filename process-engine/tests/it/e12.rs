//! E12: messages, the mailbox, and waiting for the process's own data.

use serde_json::json;

use crate::harness::Bench;

fn waits(more: &str) -> String {
    format!("steps:\n  - {{id: a, type: wait_for, message: paid{more}}}\n  - {{id: z}}\n")
}

#[test]
fn e12_1_a_message_finds_its_waiter_by_name_and_key() {
    let mut bench = Bench::started(&waits(", correlation: A-1"));
    assert_eq!(bench.kinds("1m message other key=A-1"), "message_received");
    assert_eq!(bench.kinds("2m message paid key=A-2"), "message_received");
    assert_eq!(bench.kinds("3m message paid"), "message_received");
    assert_eq!(bench.waiting(), "a#1 message, z#1 work");
    let found = bench.kinds("4m message paid key=A-1");
    assert_eq!(found, "message_received, step_completed a#1");
}

/// E12.1: the key is rendered when the step opens.
#[test]
fn e12_1_a_correlation_is_rendered() {
    let text = "steps:
  - {id: order}
  - {id: a, type: wait_for, message: paid, correlation: '{{ steps.order.output.id }}', depends_on: [order]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch order / 1m ok order {\"id\": 12}");
    assert_eq!(bench.run().waits().len(), 1);
    assert_eq!(bench.run().waits()[0].2, Some("12"));
    bench.does("2m message paid key=12");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e12_2_a_message_goes_to_whoever_has_waited_longest() {
    let text = "steps:
  - {id: first, type: wait_for, message: paid, depends_on: [late]}
  - {id: second, type: wait_for, message: paid}
  - {id: late, type: timer, delay: 1m}
";
    let mut bench = Bench::started(text);
    bench.does("1m tick");
    assert_eq!(bench.kinds("2m message paid"), "message_received, step_completed second#1");
    assert_eq!(bench.step("first"), "waiting");
}

/// E12.2: who stood in the queue of a mutex has not waited for the message.
#[test]
fn e12_2_waiting_begins_when_the_step_opens() {
    let text = "steps:
  - {id: holder, mutex: m}
  - {id: queued, type: wait_for, message: paid, mutex: m}
  - {id: late, type: timer, delay: 1m}
  - {id: waiter, type: wait_for, message: paid, depends_on: [late]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch holder / 1m tick / 2m ok holder");
    assert_eq!(bench.waiting(), "queued#1 message, waiter#1 message");
    assert_eq!(bench.kinds("3m message paid"), "message_received, step_completed waiter#1");
}

#[test]
fn e12_2_of_those_that_wait_since_one_instant_the_first_of_the_file_gets_it() {
    let text = "steps:
  - {id: b, type: wait_for, message: paid}
  - {id: a, type: wait_for, message: paid}
";
    let mut bench = Bench::started(text);
    assert_eq!(bench.kinds("1m message paid"), "message_received, step_completed b#1");
}

#[test]
fn e12_2_a_message_is_used_once() {
    let text = "steps:
  - {id: a, type: wait_for, message: paid}
  - {id: b, type: wait_for, message: paid}
";
    let mut bench = Bench::started(text);
    bench.does("1m message paid {\"n\": 1}");
    assert_eq!(bench.steps(), "a: completed, b: waiting");
    bench.does("2m message paid {\"n\": 2}");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.state("b").output(), Some(&json!({"n": 2})));
}

#[test]
fn e12_3_a_step_without_correlation_takes_any_key() {
    for key in ["", "key=A-1"] {
        let mut bench = Bench::started(&waits(""));
        bench.does(&format!("1m message paid {key}"));
        assert_eq!(bench.step("a"), "completed", "{key}");
    }
}

#[test]
fn e12_4_a_message_that_comes_early_waits_in_the_mailbox() {
    let text = "steps:
  - {id: a}
  - {id: b, type: wait_for, message: paid, depends_on: [a]}
  - {id: c, type: wait_for, message: paid, depends_on: [b]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m message paid {\"n\": 1} / 2m message paid {\"n\": 2} / 3m ok a");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.state("b").output(), Some(&json!({"n": 1})), "the oldest goes first");
    assert_eq!(bench.state("c").output(), Some(&json!({"n": 2})));
}

/// E4.7: a reset leaves the mailbox as it is.
#[test]
fn e4_7_the_mailbox_survives_a_reset() {
    let text = "steps:
  - {id: a}
  - {id: b, type: wait_for, message: paid, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m message paid {\"n\": 1} / 2m reset a");
    bench.does("3m dispatch a / 4m ok a");
    assert_eq!(bench.state("b").output(), Some(&json!({"n": 1})));
}

#[test]
fn e12_5_the_output_is_the_data_of_the_message() {
    let mut bench = Bench::started(&waits(""));
    bench.does("1m message paid {\"amount\": 12.50}");
    assert_eq!(bench.state("a").output(), Some(&json!({"amount": 12.50})));
}

#[test]
fn e12_5_the_output_of_until_and_timer_is_an_empty_map() {
    let text = "steps:
  - {id: t, type: timer, delay: 1m}
  - {id: u, type: wait_for, until: \"steps.t.status == 'completed'\"}
";
    let mut bench = Bench::started(text);
    bench.does("1m tick");
    assert_eq!(bench.state("t").output(), Some(&json!({})));
    assert_eq!(bench.state("u").output(), Some(&json!({})));
}

#[test]
fn e12_8_a_mailbox_holds_a_thousand_messages() {
    let mut bench = Bench::started("steps: [{id: a}]").hurried();
    for _ in 0..1_000 {
        // What comes a thousand times is checked where it comes once.
        let input = process_engine::Input::Message(process_engine::NewMessage {
            name: "paid".to_owned(),
            ..process_engine::NewMessage::default()
        });
        let now = crate::harness::instant(std::time::Duration::from_secs(60));
        let events = bench.execution.advance(&now, "ada", input).expect("there is room");
        bench.journal.extend(events);
    }
    assert_eq!(bench.refuses("2m message paid"), "Conflict: the mailbox of the process is full");
    assert_eq!(bench.refuses("2m message other"), "Conflict: the mailbox of the process is full");
}

#[test]
fn e12_8_a_mailbox_holds_sixteen_mebibytes() {
    let mut bench = Bench::started("steps: [{id: a}]").hurried();
    let big = "x".repeat(7 * 1024 * 1024);
    for minute in 1..=2 {
        bench.does(&format!("{minute}m message paid {{\"text\": \"{big}\"}}"));
    }
    let refused = bench.refuses(&format!("3m message paid {{\"text\": \"{big}\"}}"));
    assert_eq!(refused, "Conflict: the mailbox of the process is full");
    bench.does("4m message paid");
}

/// E12.8: what was taken makes room.
#[test]
fn e12_8_a_message_that_was_taken_makes_room() {
    let text = "steps:
  - {id: a}
  - {id: b, type: wait_for, message: paid, depends_on: [a]}
  - {id: z}
";
    let mut bench = Bench::started(text).hurried();
    let big = "x".repeat(7 * 1024 * 1024);
    bench.does(&format!("1m message paid {{\"text\": \"{big}\"}}"));
    bench.does(&format!("2m message paid {{\"text\": \"{big}\"}}"));
    bench.does("3m dispatch a / 3m ok a");
    bench.does(&format!("4m message paid {{\"text\": \"{big}\"}}"));
}

#[test]
fn e12_9_a_message_with_an_id_that_came_before_changes_nothing() {
    let text = "steps:
  - {id: a, type: wait_for, message: paid}
  - {id: b, type: wait_for, message: paid, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("1m message paid id=m1");
    assert_eq!(bench.step("a"), "completed");
    assert_eq!(bench.does("2m message paid id=m1"), "");
    assert_eq!(bench.step("b"), "waiting");
    bench.does("3m message paid id=m2");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e12_11_until_is_evaluated_when_a_name_changes_that_it_reads() {
    let text = "steps:
  - {id: a}
  - {id: u, type: wait_for, until: steps.a.output.n > 1}
";
    let mut bench = Bench::started(text);
    assert_eq!(bench.waiting(), "a#1 work, u#1 until");
    bench.does("0 dispatch a");
    let done = bench.kinds("1m ok a {\"n\": 2}");
    assert_eq!(done, "step_completed a#1, step_completed u#1, process_ended");
}

#[test]
fn e12_11_until_goes_on_to_a_fixpoint_in_the_order_of_the_file() {
    let text = "steps:
  - {id: u1, type: wait_for, until: \"steps.u2.status == 'completed'\"}
  - {id: u2, type: wait_for, until: \"steps.a.status == 'completed'\"}
  - {id: u3, type: wait_for, until: \"steps.u1.status == 'completed'\"}
  - {id: a}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a");
    assert_eq!(
        bench.kinds("1m ok a"),
        "step_completed a#1, step_completed u2#1, step_completed u1#1, step_completed u3#1, \
         process_ended"
    );
}

#[test]
fn e12_11_until_sees_what_was_spent() {
    let text = "steps:
  - {id: a, type: agent_task, agent: w, message: Go}
  - {id: u, type: wait_for, until: steps.a.cost > 0}
  - {id: z}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a");
    let old = bench.token("a");
    bench.does("1m lost a");
    bench.does(&format!("2m latecost a cost=1 token={old}"));
    assert_eq!(bench.step("u"), "completed");
}

/// E2.10: an expression that can have no value at all fails the step.
#[test]
fn e12_11_until_with_a_wrong_type_fails_the_step() {
    let text = "steps:
  - {id: a}
  - {id: u, type: wait_for, until: steps.a.output.n}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m ok a {\"n\": 2}");
    assert_eq!(bench.step("u"), "failed");
}

/// E6.6: the time of a wait runs from its beginning.
#[test]
fn e12_5_a_wait_that_is_over_fails_the_step() {
    let mut bench = Bench::started(&waits(", timeout: 5m"));
    assert_eq!(bench.wakes_at().as_deref(), Some("5m"));
    let over = "step_failed a#1, ending a, process_ended";
    assert_eq!(bench.kinds("5m tick"), over);
}

#[test]
fn e12_9_a_message_that_comes_again_behind_the_end_changes_nothing() {
    let mut bench = Bench::started("steps:\n  - {id: a, type: wait_for, message: paid}\n");
    bench.does("1m message paid id=m1");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.does("2m message paid id=m1"), "");
    assert!(bench.refuses("2m message paid id=m2").starts_with("Conflict"));
}

#[test]
fn e12_6_whoever_brings_a_message_sees_who_waits_for_it() {
    let text = "steps:
  - {id: a, type: wait_for, message: paid, correlation: A-1}
  - {id: b, type: wait_for, message: sent, depends_on: [a]}
";
    let bench = Bench::started(text);
    let run = bench.run();
    assert!(run.waits_for_message_since("paid", Some("A-1")).is_some());
    assert!(run.waits_for_message_since("paid", Some("A-2")).is_none());
    assert!(run.waits_for_message_since("sent", None).is_none());
    assert!(run.may_wait_for_message("sent") && !run.may_wait_for_message("lost"));
}
