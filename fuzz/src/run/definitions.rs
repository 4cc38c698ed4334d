//! Small definitions of every kind, made by choices.

use std::sync::Arc;

use process_core::definition::{self, Definition};
use process_core::yaml::Node;
use serde_json::{Map, Value, json};

use super::choices::Choices;

/// The ids of the steps; one holds an id of another.
pub(super) const IDS: [&str; 7] = ["a", "b", "c", "d", "a-b", "f", "g"];

/// The approvers; the last one is never asked.
pub(super) const PEOPLE: [&str; 4] = ["ada", "ben", "cleo", "dan"];

/// The messages, and the last one nobody waits for.
pub(super) const MESSAGES: [&str; 3] = ["go", "stop", "noise"];

/// The keys of messages.
pub(super) const KEYS: [&str; 2] = ["k1", "k2"];

/// Conditions that read a step; `ID` stands for its id.
const CONDITIONS: [&str; 9] = [
    "true",
    "false",
    "steps.ID.status == 'completed'",
    "steps.ID.output.n | default(0) > 1",
    "steps.ID.decision | default('none') == 'approved'",
    "input.key == 'k1'",
    "steps.ID.output.n > 1",
    "steps.ID.attempts == 2",
    "input.key",
];

const DURATIONS: [&str; 4] = ["0s", "1s", "1m", "1h"];

/// Returns a definition, or `None` when the choices make none that is valid.
pub(super) fn definition(choices: &mut Choices<'_>) -> Option<Arc<Definition>> {
    let node = Node::from_json(&value(choices));
    let read = definition::read(&node);
    if read.problems.iter().any(process_core::Diagnostic::is_error) {
        return None;
    }
    read.definition.map(Arc::new)
}

fn value(choices: &mut Choices<'_>) -> Value {
    let count = 1 + choices.below(IDS.len());
    let mut root = Map::new();
    root.insert("name".to_owned(), "made".into());
    if choices.is_one_in(4) {
        root.insert("budget".to_owned(), budget(choices));
    }
    if choices.is_one_in(2) {
        root.insert("max_visits".to_owned(), json!(1 + choices.below(3)));
    }
    if choices.is_one_in(4) {
        root.insert("stop_grace".to_owned(), choices.one(&DURATIONS).into());
    }
    let steps: Vec<Value> = (0..count).map(|place| step(choices, place, count)).collect();
    root.insert("steps".to_owned(), steps.into());
    if choices.is_one_in(3) {
        let value = format!("{{{{ steps.{}.output }}}}", IDS[choices.below(count)]);
        root.insert("outputs".to_owned(), json!([{"name": "last", "value": value}]));
    }
    if choices.is_one_in(4) {
        root.insert("on_success".to_owned(), json!([{"type": "log", "message": "done"}]));
        root.insert("on_failure".to_owned(), json!([{"type": "log", "message": "not done"}]));
    }
    Value::Object(root)
}

fn step(choices: &mut Choices<'_>, place: usize, count: usize) -> Value {
    let mut step = Map::new();
    step.insert("id".to_owned(), IDS[place].into());
    let waited_for = choices.byte();
    let before: Vec<&str> =
        (0..place).filter(|other| waited_for & (1 << other) != 0).map(|other| IDS[other]).collect();
    if before.len() > 1 {
        let join = [json!("all"), json!("all_completed"), json!("any"), json!("each"), json!(2)];
        step.insert("join".to_owned(), join[choices.below(join.len())].clone());
    }
    if !before.is_empty() {
        step.insert("depends_on".to_owned(), before.into());
    }
    kind(choices, place, count, &mut step);
    if choices.is_one_in(3) {
        step.insert("condition".to_owned(), condition(choices, place).into());
    }
    if choices.is_one_in(3) {
        let to = IDS[choices.below(count)];
        let on_error = [json!("skip_step"), json!("fail_process"), json!({"goto": to})];
        step.insert("on_error".to_owned(), on_error[choices.below(on_error.len())].clone());
    }
    if choices.is_one_in(4) {
        step.insert("timeout".to_owned(), choices.one(&DURATIONS[1..]).into());
    }
    if choices.is_one_in(6) {
        let cancelled = IDS[choices.below(count)];
        step.insert("cancels".to_owned(), json!([cancelled]));
    }
    if choices.is_one_in(6) {
        step.insert("mutex".to_owned(), choices.one(&["desk", "printer"]).into());
    }
    if choices.is_one_in(8) {
        let roles = json!({"monitors": ["ada"], "informed": ["ben"]});
        step.insert("roles".to_owned(), roles);
    }
    Value::Object(step)
}

/// Gives a step its type, with what only some types have.
fn kind(choices: &mut Choices<'_>, place: usize, count: usize, step: &mut Map<String, Value>) {
    let mut put = |key: &str, value: Value| {
        step.insert(key.to_owned(), value);
    };
    match choices.below(12) {
        kind @ 0..=5 => {
            if kind == 4 {
                put("type", "agent_task".into());
                put("agent", "writer".into());
                put("message", "Write for {{ input.key }}".into());
            }
            if kind == 5 {
                put("type", "command".into());
                put("run", json!(["echo", "{{ process.id }}"]));
            }
            performed(choices, place, &mut put);
        }
        6 => {
            put("type", "human_approval".into());
            let approvers = choices.below(4);
            put("approvers", PEOPLE[..approvers].to_vec().into());
            if approvers > 0 {
                put("min_approvals", json!(1 + choices.below(approvers)));
            }
            let on_timeout = ["fail", "notify", "approve", "reject", "skip"];
            put("on_timeout", choices.one(&on_timeout).into());
            if choices.is_one_in(2) {
                put("on_reject", choices.one(&["continue", "skip", "fail"]).into());
            }
            put("require_reason_on_reject", choices.is_one_in(2).into());
        }
        7 | 8 => gateway(choices, place, count, &mut put),
        9 => {
            put("type", "timer".into());
            put("delay", choices.one(&DURATIONS).into());
        }
        10 => {
            put("type", "wait_for".into());
            if choices.is_one_in(2) {
                put("until", condition(choices, place).into());
            } else {
                put("message", choices.one(&MESSAGES[..2]).into());
                if choices.is_one_in(2) {
                    put("correlation", "{{ input.key }}".into());
                }
            }
        }
        _ => {
            put("type", "sub_process".into());
            put("process", "child".into());
            put("wait", (!choices.is_one_in(3)).into());
            if choices.is_one_in(2) {
                put("output_key", "child".into());
            }
        }
    }
}

/// What only steps have whose attempts are performed by somebody.
fn performed(choices: &mut Choices<'_>, place: usize, put: &mut impl FnMut(&str, Value)) {
    if choices.is_one_in(4) {
        let retry = json!({
            "max_attempts": 1 + choices.below(3),
            "initial_delay": choices.one(&DURATIONS),
            "backoff": choices.one(&["fixed", "linear", "exponential"]),
            "jitter": choices.one(&[0.0, 0.5]),
        });
        put("retry", retry);
    }
    match choices.below(6) {
        4 => {
            let list = choices.one(&["{{ input.list }}", "{{ input.key }}", "{{ [] }}"]);
            let mut foreach = Map::new();
            foreach.insert("in".to_owned(), list.into());
            foreach.insert("wait".to_owned(), (!choices.is_one_in(3)).into());
            if choices.is_one_in(2) {
                foreach.insert("max_parallel".to_owned(), json!(1 + choices.below(2)));
            }
            put("foreach", Value::Object(foreach));
        }
        5 => {
            let until = condition(choices, place + 1);
            let max = 1 + choices.below(3);
            put("repeat", json!({"until": until, "max": max, "delay": choices.one(&DURATIONS)}));
        }
        _ => {}
    }
    if choices.is_one_in(4) {
        let mut compensation = Map::new();
        compensation.insert("type".to_owned(), "manual".into());
        if choices.is_one_in(2) {
            let retry = json!({"max_attempts": 2, "initial_delay": choices.one(&DURATIONS)});
            compensation.insert("retry".to_owned(), retry);
            compensation.insert("timeout".to_owned(), "1m".into());
        }
        put("compensation", Value::Object(compensation));
    }
    if choices.is_one_in(6) {
        put("heartbeat", choices.one(&DURATIONS[1..]).into());
    }
    if choices.is_one_in(6) {
        put("delivery", "at_most_once".into());
    }
    if choices.is_one_in(4) {
        put("budget", budget(choices));
    }
}

fn gateway(
    choices: &mut Choices<'_>,
    place: usize,
    count: usize,
    put: &mut impl FnMut(&str, Value),
) {
    let kind = choices.one(&["exclusive", "inclusive", "parallel", "event"]);
    let has_conditions = matches!(kind, "exclusive" | "inclusive");
    let mut routes = Vec::new();
    for _ in 0..=choices.below(3) {
        let next = IDS[choices.below(count)];
        routes.push(if has_conditions {
            json!({"condition": condition(choices, place), "next": next})
        } else {
            json!({"next": next})
        });
    }
    if has_conditions && choices.is_one_in(2) {
        let next = Some(IDS[choices.below(count)]).filter(|_| !choices.is_one_in(4));
        routes.push(json!({"default": true, "next": next}));
    }
    put("type", "gateway".into());
    put("gateway_type", kind.into());
    put("routes", routes.into());
}

/// Returns a condition over one of the steps before a place, or over the step itself.
fn condition(choices: &mut Choices<'_>, place: usize) -> String {
    let id = IDS[choices.below(place.max(1)).min(IDS.len() - 1)];
    choices.one(&CONDITIONS).replace("ID", id)
}

fn budget(choices: &mut Choices<'_>) -> Value {
    let cost = choices.one(&["0.10", "1.00", "0"]);
    json!({"cost": cost, "on_exceed": choices.one(&["pause", "fail"])})
}
