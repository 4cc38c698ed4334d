//! E15: what attempts keep, what people say, and who is told.

use serde_json::{Value, json};

use crate::harness::Bench;

const RETRY: &str = "steps:
  - {id: a, retry: {max_attempts: 3, initial_delay: 1m, backoff: fixed}}
  - {id: z}
";

/// Returns what is to be told, by the role and what became of the step.
fn notices(bench: &Bench) -> Vec<String> {
    let text = |notice: &Value, key: &str| notice[key].as_str().unwrap_or_default().to_owned();
    let told = bench.run().notices().values();
    told.map(|notice| {
        format!("{} {} {}", text(notice, "role"), notice["recipients"], text(notice, "status"))
    })
    .collect()
}

#[test]
fn e15_1_the_context_is_handed_to_the_next_attempt() {
    let mut bench = Bench::started(RETRY);
    bench.does(
        "0 dispatch a / 0 context a {\"page\": 1} / 0 context a {\"page\": 2} / 1m fail a no",
    );
    bench.does("2m dispatch a");
    let context = bench.state("a").visit(1).and_then(|visit| visit.context()).cloned();
    assert_eq!(context, Some(json!({"page": 2})), "the last word counts");
}

/// E15.1: an attempt that is dispatched again finds what it kept, and so does one after a timeout.
#[test]
fn e15_1_the_context_survives_a_loss() {
    let mut bench = Bench::started(RETRY);
    bench.does("0 dispatch a / 0 context a {\"page\": 2} / 1m lost a");
    let context = bench.state("a").visit(1).and_then(|visit| visit.context()).cloned();
    assert_eq!(context, Some(json!({"page": 2})));
}

#[test]
fn e15_1_only_the_running_attempt_keeps_something() {
    let mut bench = Bench::started(RETRY);
    assert!(bench.refuses("0 context a token=1 {\"n\": 1}").starts_with("Conflict"));
    bench.does("0 dispatch a / 1m fail a no");
    assert!(bench.refuses("1m context a {\"n\": 1}").starts_with("Conflict"));
}

#[test]
fn e15_1_a_context_has_at_most_a_mebibyte() {
    let mut bench = Bench::started(RETRY);
    bench.does("0 dispatch a");
    let text = |bytes: usize| format!("0 context a {{\"t\": \"{}\"}}", "x".repeat(bytes));
    // `{"t":""}` are 8 bytes.
    let refused = bench.refuses(&text(1024 * 1024 - 7));
    assert!(refused.starts_with("Invalid: a context"), "{refused}");
    bench.does(&text(1024 * 1024 - 8));
}

#[test]
fn e15_2_feedback_is_recorded_and_listed() {
    let mut bench = Bench::started(RETRY);
    bench.does("0 feedback a too slow / 1m feedback z well done");
    let said: Vec<(&str, &str)> =
        bench.run().feedback().iter().map(|one| (one.step.as_str(), one.text.as_str())).collect();
    assert_eq!(said, [("a", "too slow"), ("z", "well done")]);
    assert!(bench.refuses("2m feedback nobody hm").starts_with("NotFound"));
    assert!(bench.refuses("2m feedback a").starts_with("Invalid"));
}

#[test]
fn e15_2_feedback_is_taken_behind_the_end() {
    let mut bench = Bench::started(RETRY);
    bench.does("0 cancel / 1m feedback a next time");
    assert_eq!(bench.run().feedback().len(), 1);
}

#[test]
fn e15_3_those_who_are_informed_and_monitor_are_told() {
    let text = "steps:
  - {id: a, roles: {informed: [ana], monitors: [ben, cy]}}
  - {id: z}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a");
    assert_eq!(
        notices(&bench),
        ["informed [\"ana\"] completed", "monitors [\"ben\",\"cy\"] completed"]
    );
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 fail a no");
    assert_eq!(notices(&bench), ["informed [\"ana\"] failed", "monitors [\"ben\",\"cy\"] failed"]);
    let mut bench = Bench::started(text);
    bench.does("0 skip a");
    assert_eq!(
        notices(&bench),
        ["informed [\"ana\"] skipped", "monitors [\"ben\",\"cy\"] skipped"]
    );
}

/// E15.3: that a step was cancelled is an end of it too.
#[test]
fn e15_3_they_are_told_that_a_step_was_cancelled() {
    let text = "steps:
  - {id: a, type: human_approval, roles: {informed: [ana]}}
  - {id: b, cancels: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch b / 0 ok b");
    assert_eq!(bench.step("a"), "cancelled");
    assert_eq!(notices(&bench), ["informed [\"ana\"] cancelled"]);
}

/// E15.3: a foreach is one step, however many items it has.
#[test]
fn e15_3_they_are_told_of_a_foreach_once() {
    for (items, ids) in [("[]", 0), ("[1, 2]", 2)] {
        let text = format!(
            "steps:\n  - {{id: a, foreach: {{in: {items}}}, roles: {{informed: [ana]}}}}\n  - {{id: z}}\n"
        );
        let mut bench = Bench::started(&text);
        for item in 1..=ids {
            bench.does(&format!("0 dispatch a#{item} / 0 ok a#{item}"));
        }
        assert_eq!(bench.step("a"), "completed");
        assert_eq!(notices(&bench), ["informed [\"ana\"] completed"], "{items}");
    }
}

#[test]
fn e15_4_on_success_tells_when_the_process_has_completed() {
    let text = "steps: [{id: a}]
outputs: [{name: n, value: '{{ steps.a.output.n }}'}]
on_success: [{type: log, message: 'got {{ steps.a.output.n }}'}]
on_failure: [{type: log, message: broken}]
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a");
    assert_eq!(bench.kinds("0 ok a {\"n\": 1}"), "step_completed a#1, notice_due, process_ended");
    let told: Vec<&Value> = bench.run().notices().values().collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["message"], "got 1");
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 fail a no");
    let told: Vec<&Value> = bench.run().notices().values().collect();
    assert_eq!((told.len(), &told[0]["message"]), (1, &json!("broken")));
}

/// E0.8, E0.10: what was not settled belongs to the state, also behind the end.
#[test]
fn e0_8_what_is_to_be_told_stays_until_it_is_settled() {
    let mut bench = Bench::started("steps: [{id: a}]\non_success: [{type: log, message: done}]\n");
    bench.does("0 dispatch a / 0 ok a");
    let effect = *bench.run().notices().keys().next().expect("there is something to tell");
    assert_eq!(bench.kinds(&format!("1m settled {effect}")), "effect_settled");
    assert!(bench.run().notices().is_empty());
    assert_eq!(bench.does(&format!("2m settled {effect}")), "");
    assert_eq!(bench.does("2m settled 1"), "");
}

#[test]
fn e15_2_a_rating_is_one_to_five_and_needs_no_words() {
    let mut bench = Bench::started(RETRY);
    assert_eq!(
        bench.refuses("0 feedback a rating=0"),
        "Invalid: a rating is a whole number from 1 to 5"
    );
    assert!(bench.refuses("0 feedback a rating=6 good").starts_with("Invalid"));
    bench.does("0 feedback a rating=5 / 1m feedback a rating=2 too slow");
    let said: Vec<(Option<u8>, &str)> =
        bench.run().feedback().iter().map(|one| (one.rating, one.text.as_str())).collect();
    assert_eq!(said, [(Some(5), ""), (Some(2), "too slow")]);
}
