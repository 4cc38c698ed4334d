//! Deciding and applying: what stands in events, and that a journal gives the state.

use process_core::{
    Event, Fact, StepStatus,
    definition::Definition,
    event::{Decided, RunFact},
};
use process_engine::{Execution, Input, Outcome, Rejected, VisitRef};
use serde_json::{Value, json};

use crate::driver::{
    BEGINNING, Driver, cancel, claim, decide, id, kind, message, settle, start, stored,
};

/// A bit of everything.
const ALL: &str = "
input: {who: {type: string, default: ana}}
budget: {cost: '9.00'}
steps:
  - {id: a, type: agent_task, agent: w, message: 'for {{ input.who }} at {{ now }}', timeout: 1h, heartbeat: 10m, budget: {cost: '0.50'}, compensation: {type: manual, message: 'undo {{ steps.a.n }}'}}
  - {id: tick, type: timer, delay: 10m, depends_on: [a]}
  - {id: ask, type: human_approval, title: 'good, {{ input.who }}?', approvers: ['{{ input.who }}'], timeout: 2h, on_timeout: notify, depends_on: [a]}
  - {id: many, foreach: {in: '{{ steps.a.list }}'}, depends_on: [a], message: '{{ item }}'}
  - {id: g, type: gateway, gateway_type: inclusive, depends_on: [a], routes: [{condition: steps.a.n > 1, next: x}, {default: true, next: y}]}
  - {id: x, retry: {max_attempts: 3, initial_delay: 1m}, message: x}
  - {id: y}
  - {id: w, type: wait_for, message: 'paid-{{ input.who }}', correlation: '{{ steps.a.n }}', timeout: 3h, depends_on: [a]}
  - {id: off, condition: steps.a.n > 100, depends_on: [a]}
  - {id: end, depends_on: [tick, ask, many, x, w, off]}
";

fn fact(driver: &Driver, wanted: &str, step: &str) -> Value {
    let found = driver
        .journal
        .iter()
        .map(Event::to_value)
        .find(|event| event["type"] == wanted && event["step"] == step);
    found.unwrap_or_else(|| {
        panic!(
            "no {wanted} of {step} in {:#?}",
            driver.journal.iter().map(kind).collect::<Vec<_>>()
        )
    })
}

fn all() -> Driver {
    let mut driver = Driver::start(ALL);
    driver.hand_out().completes("a", json!({"n": 3, "list": ["p", "q"]}));
    driver.hand_out();
    driver.at("1m").fails("x");
    driver
}

#[test]
fn e0_1_apply_never_evaluates_so_that_events_of_another_time_give_the_same_state() {
    // What is applied is the journal, written and read, and nothing beside it.
    let driver = all();
    let written: Vec<Event> = driver
        .journal
        .iter()
        .map(|event| Event::from_value(&event.to_value()).expect("what was written is read"))
        .collect();
    assert_eq!(Execution::replay(&written), driver.execution);
}

#[test]
fn e0_2_everything_that_was_evaluated_stands_in_the_events() {
    let driver = all();
    let work = fact(&driver, "step_started", "a");
    assert_eq!(work["work"]["message"], format!("for ana at {BEGINNING}"));
    assert!(work["token"].is_u64() && work["reserved"] == "0.50", "{work}");
    assert_eq!(
        (&work["deadline"], &work["alive_until"]),
        (&json!("2026-01-01T01:00:00Z"), &json!("2026-01-01T00:10:00Z"))
    );
    assert_eq!(fact(&driver, "timer_started", "tick")["until"], "2026-01-01T00:10:00Z");
    let ask = fact(&driver, "approval_opened", "ask");
    assert_eq!(
        (&ask["request"]["title"], &ask["request"]["approvers"]),
        (&json!("good, ana?"), &json!(["ana"]))
    );
    assert_eq!(ask["deadline"], "2026-01-01T02:00:00Z");
    assert_eq!(fact(&driver, "group_opened", "many")["items"], json!(["p", "q"]));
    assert_eq!(fact(&driver, "step_completed", "g")["routes"], json!(["x"]));
    let wait = fact(&driver, "wait_started", "w");
    assert_eq!(
        (&wait["name"], &wait["key"], &wait["deadline"]),
        (&json!("paid-ana"), &json!("3"), &json!("2026-01-01T03:00:00Z"))
    );
    let skipped = fact(&driver, "step_skipped", "off");
    assert_eq!(
        (&skipped["reason"], &skipped["detail"]["condition"]),
        (&json!("condition"), &json!("steps.a.n > 100"))
    );
    assert_eq!(fact(&driver, "attempt_failed", "x")["retry_at"], "2026-01-01T00:02:00Z");
}

#[test]
fn e0_3_started_carries_the_whole_definition_and_the_seed() {
    let driver = all();
    let Fact::Run(RunFact::Started(start)) = &driver.journal[0].fact else {
        panic!("the first event is {:?}", driver.journal[0].fact);
    };
    assert_eq!(start.seed, 7);
    assert_eq!(Definition::from_value(&start.definition).as_ref(), Ok(driver.run().definition()));
    assert_eq!(start.input, json!({"who": "ana"}));
}

#[test]
fn e0_3_adopted_carries_the_whole_definition() {
    let mut driver = Driver::start("steps: [{id: a}, {id: b, depends_on: [a]}]");
    let new = stored("steps: [{id: a}, {id: b, depends_on: [a]}, {id: c, depends_on: [b]}]");
    let events = driver.gives(Input::Adopt(new.clone()));
    let Some(Fact::Run(RunFact::Adopted { definition, .. })) =
        events.first().map(|event| &event.fact)
    else {
        panic!("{events:?}");
    };
    let read = Definition::from_value(definition).expect("a definition");
    let ids = |definition: &Definition| {
        definition.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&read), ids(&new));
}

#[test]
fn e0_4_a_replay_gives_the_state_for_every_prefix_and_goes_on_from_there() {
    let driver = all();
    let mut grown = Execution::default();
    for (index, event) in driver.journal.iter().enumerate() {
        grown.apply(event);
        assert_eq!(
            Execution::replay(&driver.journal[..=index]),
            grown,
            "behind event {}",
            event.seq
        );
        // Whoever opens the journal there draws the conclusions that were not stored.
        let mut opened = grown.clone();
        let at = event.at.clone();
        let more = opened.advance(&at, "ada", Input::Tick).expect("a process that was started");
        let stored: Vec<Event> = driver.journal[..=index].iter().chain(&more).cloned().collect();
        assert_eq!(Execution::replay(&stored), opened);
        let again = opened.advance(&at, "ada", Input::Tick).expect("a process that was started");
        assert!(again.is_empty(), "behind event {}: {again:?}", event.seq);
    }
    assert_eq!(grown, driver.execution);
}

#[test]
fn e0_5_a_refused_input_changes_nothing() {
    // The driver compares the state before and after each refusal.
    let mut driver = all();
    let (visit, token) = driver.attempt("many#1");
    for input in [
        start(ALL, json!({})),
        decide("ask", Decided::Approved),
        decide("end", Decided::Approved),
        settle("nowhere", StepStatus::Completed),
        settle("a", StepStatus::Completed),
        settle("many", StepStatus::Completed),
        Input::Resume,
        Input::Compensate,
        Input::Dispatch { step: VisitRef::step(id("end")) },
        Input::Dispatch { step: VisitRef::step(id("x")) },
        Input::Dispatch { step: VisitRef::step(id("tick")) },
        Input::Result {
            visit: visit.clone(),
            token: token + 1,
            outcome: Outcome::Completed(json!({})),
            cost: None,
        },
        Input::Heartbeat { visit: visit.clone(), token: token + 1 },
        Input::Lost { visit, token: token + 1 },
        Input::AddItem { step: id("a"), item: json!(1) },
        Input::Release { step: VisitRef::step(id("x")) },
        Input::Retry { from: Some(id("end")) },
        Input::Retry { from: None },
        message("", json!({})),
    ] {
        driver.refuses(input);
    }
}

#[test]
fn e0_5_a_step_that_has_not_begun_and_is_settled_as_something_odd_stays_as_it_is() {
    for status in [StepStatus::InProgress, StepStatus::Waiting, StepStatus::Compensated] {
        let mut driver = Driver::start("steps: [{id: a}, {id: b, depends_on: [a]}]");
        driver.refuses(settle("b", status));
        driver.refuses(settle("a", status));
        assert_eq!((driver.step("a"), driver.step("b")), ("pending", "pending"));
    }
}

#[test]
fn e0_5_a_claim_that_cannot_be_renewed_stays_as_it_is() {
    let mut driver = Driver::start("steps: [{id: a}, {id: b}]");
    driver.gives(claim("a", "1h"));
    driver.gives(Input::Pause);
    driver.refuses(claim("a", "2h"));
    assert_eq!(driver.step("a"), "in_progress");
    driver.gives(Input::Resume);
    driver.gives(claim("a", "2h"));
    // The same on the way to an end.
    driver.gives(cancel());
    driver.refuses(claim("a", "2h"));
    assert_eq!(driver.step("a"), "in_progress");
    driver.completes("a", json!({}));
    assert_eq!((driver.step("a"), driver.status()), ("completed", "cancelled"));
}

#[test]
fn e0_5_a_refusal_takes_back_what_was_due_before_it() {
    let mut driver =
        Driver::start("steps: [{id: t, type: timer, delay: 10m}, {id: a, depends_on: [t]}]");
    driver.at("20m").refuses(Input::Resume);
    assert_eq!(driver.step("t"), "waiting");
    let events = driver.tick();
    assert!(!events.is_empty());
    assert_eq!(driver.step("t"), "completed");
}

#[test]
fn e0_5_before_the_start_everything_is_refused() {
    let mut driver = Driver::unstarted();
    for input in [
        Input::Tick,
        cancel(),
        Input::Pause,
        message("m", json!({})),
        decide("a", Decided::Approved),
    ] {
        driver.refuses(input);
    }
    let rejected = driver.refuses(Input::Tick);
    assert!(matches!(rejected, Rejected::NotStarted | Rejected::NotCreated), "{rejected}");
}

#[test]
fn e0_8_an_effect_that_is_not_settled_belongs_to_the_state() {
    let text = "
steps: [{id: a, roles: {informed: [boss]}}]
on_success: [{type: log, message: 'done by {{ process.name }}'}]
";
    let mut driver = Driver::start(text);
    driver.hand_out().completes("a", json!({}));
    // E0.10: also behind the terminal status.
    assert_eq!((driver.status(), driver.run().notices().len()), ("completed", 2));
    let replayed = Execution::replay(&driver.journal);
    let effects: Vec<u64> = replayed.run().expect("a run").notices().keys().copied().collect();
    assert_eq!(effects.len(), 2);
    for effect in &effects {
        assert_eq!(driver.journal[(*effect - 1) as usize].seq, *effect);
        assert_eq!(kind(&driver.journal[(*effect - 1) as usize]), "notice_due");
    }
    driver.gives(Input::EffectSettled { effect: effects[0], is_done: true });
    assert_eq!(driver.run().notices().len(), 1);
    // E0.9: what was given up is settled as well.
    driver.gives(Input::EffectSettled { effect: effects[1], is_done: false });
    assert!(driver.run().notices().is_empty());
    assert!(driver.gives(Input::EffectSettled { effect: effects[1], is_done: true }).is_empty());
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e0_11_step_completed_comes_exactly_once_a_visit() {
    let mut driver = all();
    driver.completes("many#1", json!(1));
    driver.completes("many#2", json!(2));
    driver.at("2m").tick();
    driver.hand_out().completes("x", json!({}));
    driver.at("10m").tick();
    driver.says("ana", "ask", Decided::Approved);
    driver.gives(Input::Message(process_engine::NewMessage {
        name: "paid-ana".to_owned(),
        key: Some("3".to_owned()),
        data: json!({}),
        id: None,
    }));
    driver.hand_out().completes("end", json!({}));
    assert_eq!(driver.status(), "completed");
    let mut completed: Vec<String> = driver
        .journal
        .iter()
        .map(Event::to_value)
        .filter(|event| event["type"] == "step_completed")
        .map(|event| format!("{}#{}", event["step"].as_str().unwrap_or_default(), event["visit"]))
        .collect();
    completed.sort();
    assert_eq!(
        completed,
        ["a#1", "ask#1", "end#1", "g#1", "many#1", "many#2", "tick#1", "w#1", "x#1"]
    );
}
