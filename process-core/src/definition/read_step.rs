//! Reading one step: what every step has, and what its type brings.

use std::time::Duration;

use super::context::Context;
use super::keys::{COMPENSATION, COMPENSATION_TYPES, Level, STEP, STEP_BUDGET, STEP_TYPES};
use super::read::{Presence, empty_text};
use super::read_kind::read_wait_for;
use super::read_kind::{read_approval, read_command, read_gateway, read_sub_process, read_timer};
use super::read_rules::{read_foreach, read_on_error, read_repeat, read_retry, read_roles};
use super::reader::{MapReader, NOTHING};
use super::types::{OPTIONS, TYPES, step_type};
use super::{
    Channel, Compensation, Delivery, Join, Notification, OnExceed, StepBudget, StepDefinition,
    StepKind,
};
use crate::{
    diagnostic::Diagnostic,
    expr::Text,
    fields::text_of,
    id::StepId,
    yaml::{Data, Node},
};

/// The step id that `STEP/compensation` leaves no room for (docs/formats/expressions.md).
const COMPENSATION_ID: &str = "compensation";

/// Reads a step; the fallback is its id when the file gives none that can be used.
pub(super) fn read_step(
    node: &Node,
    fallback: StepId,
    context: &mut Context<'_>,
) -> Option<StepDefinition> {
    let type_name = type_name_of(node);
    let level: &'static Level = step_type(type_name).map_or(&NOTHING, |kind| kind.level);
    let what = match node.get("id").and_then(text_of) {
        Some(id) => format!("step `{}`", super::values::short(id)),
        None => format!("step {}", fallback.as_str().trim_start_matches('s')),
    };
    context.item = None;
    let mut map = MapReader::new(node, [&STEP, level], what, context)?.with_others(&TYPES);
    let id = read_id(&mut map, fallback);
    map.word("type", |word| STEP_TYPES.iter().position(|name| *name == word));
    let name = map.text("name");
    let description = map.text("description");
    let condition = map.expression("condition");
    let foreach =
        map.node("foreach").and_then(|node| read_foreach(node, map.what().to_owned(), map.context));
    map.context.item = map.node("foreach").map(|node| {
        node.get("as").and_then(text_of).filter(|name| *name != "item").map(str::to_owned)
    });
    let kind = step_type(type_name).and_then(|_| read_kind(&mut map, type_name));
    let what = map.what().to_owned();
    let retry = map.node("retry").and_then(|node| read_retry(node, &what, map.context));
    let repeat = map.node("repeat").and_then(|node| read_repeat(node, &what, map.context));
    let compensation =
        map.node("compensation").and_then(|node| read_compensation(node, &what, map.context));
    map.at_most_one(&["foreach", "repeat"]);
    let roles = map.node("roles").and_then(|node| read_roles(node, &what, map.context));
    let roles = roles.unwrap_or_default();
    let step = StepDefinition {
        id,
        name,
        description,
        // What could not be read has an error beside it, so that this stand-in never runs.
        kind: kind.unwrap_or(StepKind::Manual { message: None }),
        depends_on: map.step_ids("depends_on"),
        join: read_join(&mut map),
        condition,
        timeout: map.duration("timeout"),
        retry,
        on_error: read_on_error(&mut map),
        compensation: compensation.map(Box::new),
        foreach,
        repeat,
        mutex: map.text("mutex"),
        cancels: map.step_ids("cancels"),
        heartbeat: map.duration("heartbeat"),
        delivery: map.word("delivery", Delivery::parse).unwrap_or_default(),
        budget: map.node("budget").and_then(|node| read_budget(node, &what, map.context)),
        max_visits: map.whole("max_visits"),
        monitors: roles.monitors,
        informed: roles.informed,
        roles_extra: roles.extra,
        inputs: map.texts("inputs"),
        outputs: map.texts("outputs"),
        checks: map.texts("checks"),
        place: node.place,
        extra: map.rest(),
    };
    context.item = None;
    Some(step)
}

/// Returns the name of a type: `manual` when nothing is said, and none when it is no text.
fn type_name_of(node: &Node) -> &str {
    match node.get("type").map(|node| &node.data) {
        None | Some(Data::Null) => "manual",
        Some(Data::Text(name)) => name,
        Some(Data::Bool(_) | Data::Number(_) | Data::List(_) | Data::Map(_)) => "",
    }
}

fn read_id(map: &mut MapReader<'_, '_, '_>, fallback: StepId) -> StepId {
    let noted = map.context.problems.len();
    let id = map.step_id("id");
    if id.as_ref().is_some_and(|id| id.as_str() == COMPENSATION_ID) {
        let hint = "choose another id: `STEP/compensation` is how a compensation is named";
        map.error_with_hint("reserved_name", "id", "`compensation` is no step id", hint);
    }
    if id.is_none() && map.context.problems.len() == noted {
        let message = format!("{} has no `id`, and is called `{fallback}`", map.what());
        let problem = Diagnostic::warning("missing_id", map.node.place, message);
        let name = map.node.get("name").and_then(text_of).and_then(super::values::right_id);
        let hint = format!("write `id: {}`", name.unwrap_or_else(|| fallback.to_string()));
        map.context.problems.push(problem.with_hint(hint));
    }
    id.unwrap_or(fallback)
}

fn read_join(map: &mut MapReader<'_, '_, '_>) -> Join {
    let Some(node) = map.node("join") else { return Join::All };
    match &node.data {
        Data::Number(_) => map.whole("join").map_or(Join::All, Join::Count),
        Data::Text(text) => Join::parse(text).unwrap_or_else(|| {
            let message = format!("`join` of {} is {:?}", map.what(), super::values::short(text));
            let hint = "write all, all_completed, any, each or a number";
            map.error_with_hint("unknown_word", "join", message, hint);
            Join::All
        }),
        _ => {
            map.wrong_type(node, "join", "a word or a number");
            Join::All
        }
    }
}

fn read_kind(map: &mut MapReader<'_, '_, '_>, name: &str) -> Option<StepKind> {
    match name {
        "agent_task" => {
            let model = map.template("model");
            let temperature = map.number("temperature");
            let temperature =
                temperature.and_then(|_| Some(map.node.get("temperature")?.to_json()));
            let (agent, message) = read_agent(map)?;
            Some(StepKind::AgentTask { agent, message, model, temperature })
        }
        "command" => read_command(map).map(|command| StepKind::Command(Box::new(command))),
        "human_approval" => Some(StepKind::Approval(Box::new(read_approval(map)))),
        "gateway" => Some(StepKind::Gateway(read_gateway(map))),
        "timer" => read_timer(map).map(StepKind::Timer),
        "notification" => read_notification(map, Presence::Required)
            .map(|notification| StepKind::Notification(Box::new(notification))),
        "sub_process" => {
            read_sub_process(map).map(|process| StepKind::SubProcess(Box::new(process)))
        }
        "wait_for" => read_wait_for(map).map(StepKind::WaitFor),
        _ => Some(StepKind::Manual { message: map.template("message") }),
    }
}

/// Reads who is asked what. A task that says neither is a sketch: whoever takes it sees its name.
fn read_agent(map: &mut MapReader<'_, '_, '_>) -> Option<(Option<Text>, Option<Text>)> {
    let is_sketch = map.node.get("agent").is_none() && map.node.get("message").is_none();
    if is_sketch {
        map.node("agent");
        map.node("message");
        let message = format!("{} names neither `agent` nor `message`", map.what());
        let problem = Diagnostic::warning("missing_agent", map.node.place, message);
        let hint = "anybody may take it; write both to have it performed";
        map.context.problems.push(problem.with_hint(hint));
        return Some((None, None));
    }
    let agent = map.required("agent", MapReader::template);
    let message = map.required("message", MapReader::template);
    Some((Some(agent?), Some(message?)))
}

/// Reads what a notification tells, and how.
pub(super) fn read_notification(
    map: &mut MapReader<'_, '_, '_>,
    presence: Presence,
) -> Option<Notification> {
    let channel = map.word("channel", Channel::parse).unwrap_or_default();
    let message = match presence {
        Presence::Required => map.required("message", MapReader::template),
        Presence::Optional if map.node.get("message").is_none() => {
            map.node("message");
            empty_text()
        }
        Presence::Optional => map.template("message"),
    };
    let recipients = map.templates("recipients");
    let url = map.template("url");
    let mut options = Vec::new();
    for key in OPTIONS {
        if let Some(node) = map.node(key) {
            options.push((key.to_owned(), map.tree(node)));
        }
    }
    Some(Notification { channel, message: message?, recipients, url, options })
}

fn read_compensation(node: &Node, step: &str, context: &mut Context<'_>) -> Option<Compensation> {
    let type_name = type_name_of(node);
    let allowed = COMPENSATION_TYPES.contains(&type_name);
    let level: &'static Level =
        step_type(type_name).filter(|_| allowed).map_or(&NOTHING, |kind| kind.level);
    let what = format!("the compensation of {step}");
    let mut map =
        MapReader::new(node, [&COMPENSATION, level], what.as_str(), context)?.with_others(&TYPES);
    map.required("type", |map, key| {
        map.word(key, |word| COMPENSATION_TYPES.iter().position(|name| *name == word))
    });
    let kind = if allowed { read_kind(&mut map, type_name) } else { None };
    let retry = map.node("retry").and_then(|node| read_retry(node, &what, map.context));
    let timeout = map.duration("timeout");
    let extra = map.rest();
    Some(Compensation { kind: kind?, retry, timeout, extra })
}

fn read_budget(node: &Node, step: &str, context: &mut Context<'_>) -> Option<StepBudget> {
    let what = format!("the budget of {step}");
    let mut map = MapReader::new(node, [&STEP_BUDGET, &NOTHING], what, context)?;
    Some(StepBudget {
        cost: map.cost("cost"),
        on_exceed: map.word("on_exceed", OnExceed::parse),
        extra: map.rest(),
    })
}

/// How long it is waited before the second attempt when nothing says so.
pub(super) const INITIAL_DELAY: Duration = Duration::from_secs(1);
