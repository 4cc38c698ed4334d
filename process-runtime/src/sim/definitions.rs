//! Definitions of chance, with every kind of step.

use std::sync::Arc;

use process_engine::definition::{Definition, read_text};
use serde_json::{Map, Value, json};

use super::random::Random;

/// The ids of the steps; one holds an id of another.
pub(super) const IDS: [&str; 7] = ["a", "b", "c", "d", "a-b", "f", "g"];

/// The approvers; the last one is never asked.
pub(super) const PEOPLE: [&str; 4] = ["ada", "ben", "cleo", "dan"];

/// The messages, and the last one nobody waits for.
pub(super) const MESSAGES: [&str; 3] = ["go", "stop", "noise"];

/// The keys of messages.
pub(super) const KEYS: [&str; 2] = ["k1", "k2"];

/// Conditions that read a step; `ID` stands for its id.
const CONDITIONS: [&str; 7] = [
    "true",
    "false",
    "steps.ID.status == 'completed'",
    "steps.ID.output.n | default(0) > 1",
    "steps.ID.decision | default('none') == 'approved'",
    "input.key == 'k1'",
    "steps.ID.attempts == 2",
];

const DURATIONS: [&str; 5] = ["0s", "1s", "10s", "1m", "1h"];

/// How often a definition is made anew that is not valid.
const TRIES_MAX: usize = 64;

/// Returns a definition; `children` names the templates that its steps may start. There is none only
/// by a chance that nobody sees.
pub(super) fn definition(
    random: &mut Random,
    children: &[&'static str],
) -> Option<Arc<Definition>> {
    (0..TRIES_MAX).find_map(|_| read(&value(random, children)))
}

/// Returns the definition that a value says, when it is valid.
pub(super) fn read(value: &Value) -> Option<Arc<Definition>> {
    let read = read_text(&value.to_string()).ok()?;
    if read.problems.iter().any(|problem| problem.is_error()) {
        return None;
    }
    read.definition.map(Arc::new)
}

fn value(random: &mut Random, children: &[&'static str]) -> Value {
    let count = 1 + random.below(IDS.len());
    let mut root = Map::new();
    root.insert("name".to_owned(), "made".into());
    if random.is_one_in(3) {
        root.insert("budget".to_owned(), budget(random));
    }
    root.insert("max_visits".to_owned(), json!(1 + random.below(3)));
    if random.is_one_in(3) {
        root.insert("stop_grace".to_owned(), random.text(&DURATIONS).into());
    }
    let steps: Vec<Value> = (0..count).map(|place| step(random, place, count, children)).collect();
    root.insert("steps".to_owned(), steps.into());
    if random.is_one_in(3) {
        let value = format!("{{{{ steps.{}.output }}}}", IDS[random.below(count)]);
        root.insert("outputs".to_owned(), json!([{"name": "last", "value": value}]));
    }
    if random.is_one_in(3) {
        root.insert("on_success".to_owned(), json!([{"type": "log", "message": "done"}]));
        root.insert("on_failure".to_owned(), json!([{"type": "log", "message": "not done"}]));
    }
    Value::Object(root)
}

fn step(random: &mut Random, place: usize, count: usize, children: &[&'static str]) -> Value {
    let mut step = Map::new();
    step.insert("id".to_owned(), IDS[place].into());
    // One after the other, all at once, or anything between.
    let density = 1 + random.below(4);
    let before: Vec<&str> =
        (0..place).filter(|_| random.is_one_in(density)).map(|other| IDS[other]).collect();
    if before.len() > 1 {
        let join = [json!("all"), json!("all_completed"), json!("any"), json!("each"), json!(2)];
        step.insert("join".to_owned(), join[random.below(join.len())].clone());
    }
    if !before.is_empty() {
        step.insert("depends_on".to_owned(), before.into());
    }
    kind(random, place, count, children, &mut step);
    if random.is_one_in(4) {
        step.insert("condition".to_owned(), condition(random, place).into());
    }
    if random.is_one_in(3) {
        let to = IDS[random.below(count)];
        let on_error = [json!("skip_step"), json!("fail_process"), json!({"goto": to})];
        step.insert("on_error".to_owned(), on_error[random.below(on_error.len())].clone());
    }
    if random.is_one_in(3) {
        step.insert("timeout".to_owned(), random.text(&DURATIONS[1..]).into());
    }
    if random.is_one_in(8) {
        let cancelled = IDS[random.below(count)];
        step.insert("cancels".to_owned(), json!([cancelled]));
    }
    if random.is_one_in(5) {
        step.insert("mutex".to_owned(), random.text(&["desk", "printer"]).into());
    }
    if random.is_one_in(8) {
        let roles = json!({"monitors": ["ada"], "informed": ["ben"]});
        step.insert("roles".to_owned(), roles);
    }
    Value::Object(step)
}

/// Gives a step its type, with what only some types have.
fn kind(
    random: &mut Random,
    place: usize,
    count: usize,
    children: &[&'static str],
    step: &mut Map<String, Value>,
) {
    let mut put = |key: &str, value: Value| {
        step.insert(key.to_owned(), value);
    };
    match random.below(14) {
        0..=2 => performed(random, place, &mut put),
        3 | 4 => {
            put("type", "agent_task".into());
            put("agent", random.text(&["writer", "reader", "{{ input.key }}"]).into());
            put("message", "Write for {{ input.key }}".into());
            performed(random, place, &mut put);
        }
        5 | 6 => {
            put("type", "command".into());
            put("run", json!(["echo", "{{ process.id }}"]));
            performed(random, place, &mut put);
        }
        7 => {
            put("type", "notification".into());
            put("channel", "log".into());
            put("message", "Note {{ input.key }}".into());
        }
        8 => approval(random, &mut put),
        9 | 10 => gateway(random, place, count, &mut put),
        11 => {
            put("type", "timer".into());
            put("delay", random.text(&DURATIONS).into());
        }
        12 => {
            put("type", "wait_for".into());
            if random.is_one_in(3) {
                put("until", condition(random, place).into());
            } else {
                put("message", random.text(&MESSAGES[..2]).into());
                if random.is_one_in(2) {
                    put("correlation", "{{ input.key }}".into());
                }
            }
        }
        _ => match random.any(children) {
            Some(child) => {
                put("type", "sub_process".into());
                put("process", (*child).into());
                put("wait", (!random.is_one_in(3)).into());
                if random.is_one_in(2) {
                    put("output_key", "child".into());
                }
            }
            None => performed(random, place, &mut put),
        },
    }
}

fn approval(random: &mut Random, put: &mut impl FnMut(&str, Value)) {
    put("type", "human_approval".into());
    let approvers = random.below(4);
    put("approvers", PEOPLE[..approvers].to_vec().into());
    if approvers > 0 {
        put("min_approvals", json!(1 + random.below(approvers)));
    }
    put("on_timeout", random.text(&["fail", "notify", "approve", "reject", "skip"]).into());
    if random.is_one_in(2) {
        put("on_reject", random.text(&["continue", "skip", "fail"]).into());
    }
    put("require_reason_on_reject", random.is_one_in(2).into());
}

/// What only steps have whose attempts are performed by somebody.
fn performed(random: &mut Random, place: usize, put: &mut impl FnMut(&str, Value)) {
    if random.is_one_in(3) {
        let retry = json!({
            "max_attempts": 1 + random.below(3),
            "initial_delay": random.text(&DURATIONS),
            "backoff": random.text(&["fixed", "linear", "exponential"]),
            "jitter": if random.is_one_in(2) { 0.5 } else { 0.0 },
        });
        put("retry", retry);
    }
    match random.below(6) {
        4 => {
            let list = random.text(&["{{ input.list }}", "{{ input.list }}", "{{ [] }}"]);
            let mut foreach = Map::new();
            foreach.insert("in".to_owned(), list.into());
            foreach.insert("wait".to_owned(), (!random.is_one_in(3)).into());
            if random.is_one_in(2) {
                foreach.insert("max_parallel".to_owned(), json!(1 + random.below(2)));
            }
            put("foreach", Value::Object(foreach));
        }
        5 => {
            let until = condition(random, place + 1);
            let max = 1 + random.below(3);
            put("repeat", json!({"until": until, "max": max, "delay": random.text(&DURATIONS)}));
        }
        _ => {}
    }
    if random.is_one_in(3) {
        let mut compensation = Map::new();
        compensation.insert("type".to_owned(), "manual".into());
        if random.is_one_in(2) {
            let retry = json!({"max_attempts": 2, "initial_delay": random.text(&DURATIONS)});
            compensation.insert("retry".to_owned(), retry);
            compensation.insert("timeout".to_owned(), "1m".into());
        }
        put("compensation", Value::Object(compensation));
    }
    if random.is_one_in(6) {
        put("heartbeat", random.text(&DURATIONS[1..]).into());
    }
    if random.is_one_in(6) {
        put("delivery", "at_most_once".into());
    }
    if random.is_one_in(4) {
        put("budget", budget(random));
    }
}

fn gateway(random: &mut Random, place: usize, count: usize, put: &mut impl FnMut(&str, Value)) {
    let kind = random.text(&["exclusive", "inclusive", "parallel", "event"]);
    let has_conditions = matches!(kind, "exclusive" | "inclusive");
    let mut routes = Vec::new();
    for _ in 0..=random.below(3) {
        let next = IDS[random.below(count)];
        routes.push(if has_conditions {
            json!({"condition": condition(random, place), "next": next})
        } else {
            json!({"next": next})
        });
    }
    if has_conditions && !random.is_one_in(4) {
        let next = Some(IDS[random.below(count)]).filter(|_| !random.is_one_in(4));
        routes.push(json!({"default": true, "next": next}));
    }
    put("type", "gateway".into());
    put("gateway_type", kind.into());
    put("routes", routes.into());
}

/// Returns a condition over one of the steps before a place, or over the step itself.
pub(super) fn condition(random: &mut Random, place: usize) -> String {
    let id = IDS[random.below(place.max(1)).min(IDS.len() - 1)];
    random.text(&CONDITIONS).replace("ID", id)
}

fn budget(random: &mut Random) -> Value {
    let cost = random.text(&["0.10", "0.30", "1.00", "0"]);
    json!({"cost": cost, "on_exceed": random.text(&["pause", "fail"])})
}
