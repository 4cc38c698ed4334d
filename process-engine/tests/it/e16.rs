//! E16: whatever is asked of whatever definition, an unfinished process has something that wakes it.

use std::time::Duration;

use process_core::{
    Fact, ProcessStatus, StepStatus,
    definition::{Definition, read_text},
    event::{Decided, RunFact},
    money::Cost,
};
use process_engine::{ChildEnd, Decision, Input, NewMessage, Outcome, VisitRef};
use proptest::{collection, option, prelude::*, sample};
use serde_json::{Value, json};

use crate::harness::{Bench, step_id};

/// The ids of steps; a definition has the first so many of them.
const IDS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// What is asked: who, how many seconds after what was asked before, and of what.
type Asked = (&'static str, u64, Wish);

/// Something that is asked, before it is known what is there.
#[derive(Clone, Debug)]
enum Wish {
    /// Take the first that can be dispatched, or claim it.
    Take {
        claim: bool,
    },
    /// Bring a result of the running attempt of this place in the list.
    Bring {
        place: usize,
        is_good: bool,
        cost: Option<u32>,
    },
    /// Bring it with a token that is older or was never given.
    Stale {
        place: usize,
        token: u64,
    },
    Lose {
        place: usize,
    },
    Beat {
        place: usize,
    },
    Keep {
        place: usize,
    },
    /// Say how the process of the first step that waits for one stands.
    Child {
        is_good: bool,
        has_ended: bool,
    },
    /// Let happen what is due next.
    Wait,
    Ask(Input),
}

fn any_definition() -> impl Strategy<Value = Value> {
    let steps = (1..=IDS.len()).prop_flat_map(|count| {
        let steps: Vec<_> = (0..count).map(|place| any_step(place, count)).collect();
        steps
    });
    (steps, option::of(sample::select(vec!["0", "1", "3"])), any::<bool>(), any::<bool>()).prop_map(
        |(steps, budget, fails, tells)| {
            let mut definition = json!({"name": "any", "steps": steps, "max_visits": 3});
            if let Some(budget) = budget {
                let on_exceed = if fails { "fail" } else { "pause" };
                definition["budget"] = json!({"cost": budget, "on_exceed": on_exceed});
            }
            if tells {
                definition["on_success"] = json!([{"type": "log", "message": "done"}]);
                definition["on_failure"] =
                    json!([{"type": "log", "message": "{{ process.status }}"}]);
            }
            definition
        },
    )
}

fn any_step(place: usize, count: usize) -> impl Strategy<Value = Value> {
    let before = collection::vec(0..place.max(1), 0..=2);
    let anywhere = collection::vec(0..count, 1..=3);
    let parts = (any_kind(), before, anywhere, collection::vec(any_part(), 0..4), 0..count);
    parts.prop_map(move |(kind, before, anywhere, parts, other)| {
        let mut step = json!({"id": IDS[place]});
        let map = step.as_object_mut().expect("a map");
        map.extend(kind.as_object().cloned().unwrap_or_default());
        if place > 0 && !before.is_empty() {
            let before: Vec<&str> = before.iter().map(|place| IDS[*place]).collect();
            map.insert("depends_on".to_owned(), json!(before));
        }
        if map.get("type").is_some_and(|kind| kind == "gateway") {
            let is_choice = ["exclusive", "inclusive"]
                .contains(&map["gateway_type"].as_str().unwrap_or_default());
            let last = anywhere.len() - 1;
            let routes = anywhere.iter().enumerate().map(|(index, next)| {
                if !is_choice {
                    json!({"next": IDS[*next]})
                } else if index == last {
                    json!({"default": true, "next": IDS[*next]})
                } else {
                    json!({"condition": format!("steps.{}.status == 'completed'", IDS[other]), "next": IDS[*next]})
                }
            });
            map.insert("routes".to_owned(), routes.collect());
        }
        for part in parts {
            for (key, value) in part.as_object().into_iter().flatten() {
                map.insert(key.clone(), named(value, IDS[other]));
            }
        }
        step
    })
}

/// Puts the id of another step where a part names one.
fn named(value: &Value, other: &str) -> Value {
    match value {
        Value::String(text) => text.replace("OTHER", other).into(),
        Value::Array(items) => items.iter().map(|item| named(item, other)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), named(value, other))).collect()
        }
        other => other.clone(),
    }
}

fn any_kind() -> impl Strategy<Value = Value> {
    let agent = json!({"type": "agent_task", "agent": "w", "message": "Go"});
    sample::select(vec![
        json!({}),
        json!({}),
        agent.clone(),
        agent,
        json!({"type": "command", "run": ["ls"], "delivery": "at_most_once"}),
        json!({"type": "human_approval"}),
        json!({"type": "human_approval", "timeout": "1m", "on_timeout": "notify"}),
        json!({"type": "human_approval", "timeout": "1m", "on_timeout": "reject", "on_reject": "skip"}),
        json!({"type": "human_approval", "approvers": ["ada", "ben", "cy"], "min_approvals": 2}),
        json!({"type": "gateway", "gateway_type": "exclusive"}),
        json!({"type": "gateway", "gateway_type": "inclusive"}),
        json!({"type": "gateway", "gateway_type": "parallel"}),
        json!({"type": "gateway", "gateway_type": "event"}),
        json!({"type": "timer", "delay": "1m"}),
        json!({"type": "timer", "delay": "0s"}),
        json!({"type": "notification", "message": "Hi"}),
        json!({"type": "sub_process", "process": "child"}),
        json!({"type": "sub_process", "process": "child", "wait": false}),
        json!({"type": "wait_for", "message": "paid"}),
        json!({"type": "wait_for", "message": "paid", "correlation": "k", "timeout": "2m"}),
        json!({"type": "wait_for", "until": "steps.OTHER.status == 'completed'"}),
        json!({"type": "wait_for", "until": "steps.OTHER.output.n > 1", "timeout": "5m"}),
    ])
}

fn any_part() -> impl Strategy<Value = Value> {
    sample::select(vec![
        json!({"join": "any"}),
        json!({"join": "each"}),
        json!({"join": "all_completed"}),
        json!({"join": 2}),
        json!({"condition": "steps.OTHER.status == 'completed'"}),
        json!({"condition": "steps.OTHER.output.n > 1"}),
        json!({"timeout": "1m"}),
        json!({"heartbeat": "30s"}),
        json!({"retry": {"max_attempts": 2, "initial_delay": "30s"}}),
        json!({"retry": {"max_attempts": 3, "initial_delay": "0s", "jitter": 0.5}}),
        json!({"on_error": "skip_step"}),
        json!({"on_error": {"goto": "OTHER"}}),
        json!({"compensation": {"type": "manual"}}),
        json!({"compensation": {"type": "manual", "timeout": "1m",
            "retry": {"max_attempts": 2, "initial_delay": "1m"}}}),
        json!({"foreach": {"in": [1, 2, 3], "max_parallel": 2}}),
        json!({"foreach": {"in": [], "wait": false}}),
        json!({"foreach": {"in": [1, 2], "wait": false}}),
        json!({"repeat": {"until": "steps.OTHER.status == 'completed'", "max": 3, "delay": "1m"}}),
        json!({"repeat": {"until": "false", "max": 2}}),
        json!({"mutex": "m"}),
        json!({"cancels": ["OTHER"]}),
        json!({"budget": {"cost": "1"}}),
        json!({"budget": {"on_exceed": "fail"}}),
        json!({"roles": {"informed": ["ana"], "monitors": ["ben"]}}),
    ])
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let place = 0..4_usize;
    prop_oneof![
        12 => any::<bool>().prop_map(|claim| Wish::Take { claim }),
        12 => (place.clone(), sample::select(vec![true, true, true, false]), option::of(0..3_u32))
            .prop_map(|(place, is_good, cost)| Wish::Bring { place, is_good, cost }),
        1 => (place.clone(), 0..40_u64).prop_map(|(place, token)| Wish::Stale { place, token }),
        2 => place.clone().prop_map(|place| Wish::Lose { place }),
        1 => place.clone().prop_map(|place| Wish::Beat { place }),
        1 => place.prop_map(|place| Wish::Keep { place }),
        3 => (any::<bool>(), any::<bool>())
            .prop_map(|(is_good, has_ended)| Wish::Child { is_good, has_ended }),
        6 => Just(Wish::Wait),
        14 => any_input().prop_map(Wish::Ask),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let id = || sample::select(IDS.to_vec()).prop_map(step_id);
    let visit = || (id(), option::of(1..4_u32)).prop_map(|(step, visit)| VisitRef { step, visit });
    let status = sample::select(vec![
        StepStatus::Pending,
        StepStatus::InProgress,
        StepStatus::Completed,
        StepStatus::Completed,
        StepStatus::Skipped,
        StepStatus::Failed,
        StepStatus::Cancelled,
        StepStatus::Compensated,
    ]);
    let decided = prop_oneof![3 => Just(Decided::Approved), 1 => Just(Decided::Rejected)];
    let key = option::of(Just("k".to_owned()));
    let message_id = option::of(Just("m1".to_owned()));
    prop_oneof![
        5 => (visit(), decided).prop_map(|(step, decision)| Input::Decide {
            step,
            decision: Decision { decision, comment: None, via: None },
        }),
        3 => (key, message_id).prop_map(|(key, id)| {
            let (name, data) = ("paid".to_owned(), json!({"n": 2}));
            Input::Message(NewMessage { name, key, data, id })
        }),
        4 => (visit(), status).prop_map(|(step, status)| {
            Input::Settle { step, status, output: Some(json!({"n": 2})), note: None }
        }),
        2 => Just(Input::Pause),
        4 => Just(Input::Resume),
        1 => Just(Input::Cancel { reason: None }),
        2 => option::of(id()).prop_map(|from| Input::Retry { from }),
        1 => Just(Input::Compensate),
        1 => id().prop_map(|step| Input::AddItem { step, item: json!(9) }),
        1 => id().prop_map(|step| Input::Release { step: VisitRef::step(step) }),
        1 => id().prop_map(|step| Input::Feedback { step, rating: Some(3), feedback: "hm".to_owned() }),
        1 => (0..40_u64).prop_map(|effect| Input::EffectSettled { effect, is_done: true }),
        1 => visit().prop_map(|step| Input::Dispatch { step }),
    ]
}

/// Returns the input that a wish means where the process stands; `None` where it means nothing.
fn input(bench: &Bench, wish: Wish) -> Option<Input> {
    let run = bench.run();
    let running = |place: usize| {
        let running = run.running();
        let (step, visit, state) = running.get(place % running.len().max(1))?;
        Some((bench.visit(&format!("{step}#{visit}")), state.token()?))
    };
    // What is undone is performed as well.
    let undone = || {
        let token = run.compensating()?.token?;
        bench.journal.iter().rev().find_map(|event| match &event.fact {
            Fact::Run(RunFact::CompensationStarted { at, .. }) => Some((at.clone(), token)),
            _ => None,
        })
    };
    match wish {
        Wish::Take { claim } => {
            let (step, visit) = run.dispatchable().next()?;
            let step = step.clone();
            Some(if claim {
                Input::Claim { step: VisitRef::step(step), lease: Duration::from_secs(90) }
            } else {
                Input::Dispatch { step: VisitRef { step, visit: Some(visit) } }
            })
        }
        Wish::Bring { place, is_good, cost } => {
            let (visit, token) = running(place).or_else(undone)?;
            let outcome = if is_good {
                Outcome::Completed(json!({"n": 2}))
            } else {
                Outcome::Failed("no".to_owned())
            };
            let cost = cost.and_then(|cost| Cost::parse(&format!("0.{cost}0")));
            Some(Input::Result { visit, token, outcome, cost })
        }
        Wish::Stale { place, token } => {
            let visit = bench.visit(IDS[place]);
            Some(Input::LateCost { visit, token, cost: Cost::parse("0.1")? })
        }
        Wish::Lose { place } => running(place).map(|(visit, token)| Input::Lost { visit, token }),
        Wish::Beat { place } => {
            running(place).map(|(visit, token)| Input::Heartbeat { visit, token })
        }
        Wish::Keep { place } => running(place).map(|(visit, token)| Input::SaveContext {
            visit,
            token,
            context: json!({"n": 1}),
        }),
        Wish::Child { is_good, has_ended } => {
            let waiting = run.waiting();
            let child = waiting.iter().find(|one| one.waiting_for.as_str() == "sub_process")?;
            let visit = bench.visit(&format!("{}#{}", child.step, child.visit));
            if !has_ended {
                return Some(Input::ChildStarted { visit, process: "proc-002".to_owned() });
            }
            let status = if is_good { ProcessStatus::Completed } else { ProcessStatus::Failed };
            let end =
                ChildEnd { status, output: json!({"n": 2}), cost: Cost::parse("0.5"), error: None };
            Some(Input::ChildEnded { visit, end })
        }
        Wish::Wait => Some(Input::Tick),
        Wish::Ask(input) => Some(input),
    }
}

fn definition_of(value: &Value) -> Option<Definition> {
    let read = read_text(&value.to_string()).ok()?;
    let is_good = !read.problems.iter().any(process_core::Diagnostic::is_error);
    read.definition.filter(|_| is_good)
}

/// E1.23, E16.1: a goto that is not taken ends a step that joins each, and nothing else.
#[test]
fn e16_1_a_goto_that_is_not_taken_stops_nobody() {
    let text = "steps:
  - {id: a, join: each}
  - {id: d, on_error: {goto: a}}
  - {id: e, depends_on: [d]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch d / 1m ok d");
    assert_eq!(bench.steps(), "a: skipped route, d: completed, e: pending");
    assert_eq!(bench.dispatchable(), "e#1");
}

#[test]
fn e16_1_a_goto_that_is_not_taken_ends_its_target_once() {
    let text = "steps:
  - {id: a, join: each, depends_on: [x]}
  - {id: d, on_error: {goto: a}}
  - {id: x}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch d / 1m ok d / 2m dispatch x / 2m ok x");
    assert_eq!(bench.steps(), "a: skipped route, d: completed, x: completed");
    assert_eq!(bench.status(), "completed");
}

/// Takes everything that is asked; what must hold behind each input, the bench asserts.
fn drive(definition: Definition, asked: Vec<Asked>) {
    let mut bench = Bench::of(definition.into());
    bench.does("0 start");
    let mut at = Duration::ZERO;
    for (by, seconds, wish) in asked {
        at += Duration::from_secs(seconds);
        if matches!(wish, Wish::Wait)
            && let Some(next) = bench.run().wakes_at()
        {
            let next = next - crate::harness::instant(Duration::ZERO).instant();
            at = at.max(next.to_std().unwrap_or_default());
        }
        if let Some(input) = input(&bench, wish) {
            let _ = bench.give(at, by, input);
        }
    }
    finish(&mut bench, at);
}

/// Answers everything that is open: sooner or later the process ends, or waits for a person.
fn finish(bench: &mut Bench, mut at: Duration) {
    for _ in 0..400 {
        if bench.run().end().is_some() {
            return;
        }
        if bench.run().is_paused() {
            bench.give(at, "ada", Input::Resume).expect("what is paused goes on");
            continue;
        }
        // What is due comes before what is said.
        bench.give(at, "ada", Input::Tick).expect("what is due happens");
        if bench.run().end().is_some() {
            return;
        }
        let bring = || Wish::Bring { place: 0, is_good: true, cost: None };
        let next = [bring(), Wish::Take { claim: false }]
            .into_iter()
            .find_map(|wish| input(bench, wish))
            .or_else(|| answer(bench));
        match next {
            Some(next) => {
                let asked = format!("{next:?}");
                let given = bench.give(at, "ada", next);
                assert!(given.is_ok(), "{asked}: {}", given.expect_err("it was refused"));
            }
            None => match bench.run().wakes_at() {
                Some(next) => {
                    let next = next - crate::harness::instant(Duration::ZERO).instant();
                    at = at.max(next.to_std().unwrap_or_default());
                    bench.give(at, "ada", Input::Tick).expect("what is due happens");
                }
                // What is left waits for a person, and says so.
                None => {
                    let cancelled = bench.give(at, "ada", Input::Cancel { reason: None });
                    cancelled.expect("a process can be ended");
                }
            },
        }
    }
    panic!("the process comes to no end: {}, {}", bench.steps(), bench.waiting());
}

/// Returns what somebody outside may say to the first step that waits for it.
fn answer(bench: &Bench) -> Option<Input> {
    let waiting = bench.run().waiting();
    waiting.iter().find_map(|one| {
        let visit = bench.visit(&format!("{}#{}", one.step, one.visit));
        match one.waiting_for.as_str() {
            "approval" => {
                let decision = Decision { decision: Decided::Rejected, comment: None, via: None };
                let open = bench.state(one.step.as_str()).visit(one.visit)?.approval()?;
                // Whoever runs the test is one of the approvers, or anybody may decide.
                let is_said = open.1.contains(&"ada");
                (!is_said).then(|| Input::Decide { step: visit.into(), decision })
            }
            "message" => {
                let (name, key) = ("paid".to_owned(), Some("k".to_owned()));
                Some(Input::Message(NewMessage { name, key, data: json!({}), id: None }))
            }
            "sub_process" => {
                let (status, output) = (ProcessStatus::Completed, json!({}));
                let end = ChildEnd { status, output, cost: None, error: None };
                Some(Input::ChildEnded { visit, end })
            }
            "person" => Some(Input::Settle {
                step: visit.into(),
                status: StepStatus::Completed,
                output: None,
                note: None,
            }),
            _ => None,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, max_global_rejects: 60_000, ..ProptestConfig::default() })]

    #[test]
    fn e16_1_whatever_is_asked_the_process_goes_on_or_has_ended(
        definition in any_definition(),
        asked in collection::vec(
            (sample::select(vec!["ada", "ben", "cy"]), sample::select(vec![0_u64, 1, 30, 60, 200]), any_wish()),
            0..24,
        ),
    ) {
        if let Some(definition) = definition_of(&definition) {
            drive(definition, asked);
        }
    }
}

/// E0.4: what is found to go wrong stays found.
#[test]
fn e16_1_the_definitions_of_the_property_are_read() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let read = (0..400)
        .filter(|_| {
            let tree = any_definition().new_tree(&mut runner).expect("a definition");
            definition_of(&tree.current()).is_some()
        })
        .count();
    assert!(read > 100, "only {read} of 400 definitions have no errors");
}
