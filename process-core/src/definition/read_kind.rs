//! Reading what a step type brings.

use super::context::Context;
use super::cron::{check_zone, is_wait_until};
use super::keys::{ROUTE, Shape};
use super::reader::{MapReader, NOTHING};
use super::values::{bad_duration, duration_of};
use super::{
    Approval, Command, Gateway, GatewayKind, OnReject, OnTimeout, Route, SubProcess, Timer,
    TimerEnd, WaitFor,
};
use crate::{
    diagnostic::Diagnostic,
    expr::Text,
    fields::text_of,
    yaml::{Data, Node},
};

pub(super) fn read_command(map: &mut MapReader<'_, '_, '_>) -> Option<Command> {
    let shell = map.truth("shell").unwrap_or(false);
    let run = map.required("run", |map, key| read_run(map, key, shell));
    let env = match map.node("env") {
        None => Vec::new(),
        Some(node) => read_env(map, node),
    };
    let cwd = map.template("cwd");
    let stdin = map.template("stdin");
    Some(Command { run: run?, shell, env, cwd, stdin })
}

fn read_run(map: &mut MapReader<'_, '_, '_>, key: &'static str, shell: bool) -> Option<Vec<Text>> {
    let node = map.node(key)?;
    match &node.data {
        Data::List(items) if shell && items.len() > 1 => {
            let message = format!("`run` of {} is a list, and a shell reads one text", map.what());
            map.error_with_hint("wrong_type", key, message, "leave `shell` out, or write one text");
            None
        }
        Data::List(items) if items.is_empty() => {
            let message = format!("`run` of {} names no program", map.what());
            map.error("missing_key", key, message);
            None
        }
        Data::Text(text) if !shell => {
            let words: Vec<String> =
                text.split_whitespace().map(|word| format!("{word:?}")).collect();
            let message = format!("`run` of {} must be a list of texts, not text", map.what());
            let list = super::values::short(&words.join(", "));
            let hint = format!("write [{list}], or `shell: true` beside it");
            map.error_with_hint("wrong_type", key, message, hint);
            None
        }
        Data::List(_) | Data::Text(_) => {
            secrets(map, node, shell);
            Some(map.templates(key))
        }
        _ => {
            map.wrong_type(node, key, "a list of texts");
            None
        }
    }
}

/// A secret in arguments would be seen by everybody on the machine (docs/formats/definition.md).
fn secrets(map: &mut MapReader<'_, '_, '_>, node: &Node, shell: bool) {
    let one = std::slice::from_ref(node);
    let items = if let Data::List(items) = &node.data { items.as_slice() } else { one };
    for item in items {
        let Some(name) = text_of(item).and_then(secret_name) else { continue };
        let hint = "name it in `env`, and read it from there";
        let problem = if shell {
            let message = format!("`${{{name}}}` in `run` of {} is the shell's", map.what());
            Diagnostic::warning("secret_in_run", item.place, message)
        } else {
            let message = format!("`${{{name}}}` in `run` of {} is left as it is", map.what());
            Diagnostic::error("secret_in_run", item.place, message)
        };
        map.context.problems.push(problem.with_hint(hint));
    }
}

/// Returns the first name that stands as `${NAME}`.
fn secret_name(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| {
        let rest = &text[at + 2..];
        let name = &rest[..rest.find('}')?];
        let holds = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (!name.is_empty() && name.bytes().all(holds)).then_some(name)
    })
}

fn read_env<'n>(map: &mut MapReader<'n, '_, '_>, node: &'n Node) -> Vec<(String, Text)> {
    let Data::Map(entries) = &node.data else {
        map.wrong_type(node, "env", "a map from names to texts");
        return Vec::new();
    };
    let mut env = Vec::new();
    for entry in entries {
        if let Some(text) = map.template_at(&entry.value, &entry.key) {
            env.push((entry.key.clone(), text));
        }
    }
    env
}

pub(super) fn read_approval(map: &mut MapReader<'_, '_, '_>) -> Approval {
    let approvers = map.templates("approvers");
    let min_approvals = map.whole("min_approvals");
    let is_list = matches!(map.node.get("approvers").map(|n| &n.data), Some(Data::List(_)));
    if let Some(min) = min_approvals.filter(|min| is_list && *min as usize > approvers.len())
        && !approvers.is_empty()
        && approvers.iter().all(|approver| approver.constant().is_some())
    {
        let message = format!(
            "`min_approvals` of {} is {min}, and it has {} approvers",
            map.what(),
            approvers.len()
        );
        map.error("out_of_range", "min_approvals", message);
    }
    let description = map.node("description").filter(|node| text_of(node).is_some());
    Approval {
        title: map.template("title"),
        description: description.and_then(|node| map.template_at(node, "description")),
        approvers,
        min_approvals,
        artifacts: map.templates("artifacts"),
        on_timeout: map.word("on_timeout", OnTimeout::parse).unwrap_or_default(),
        on_reject: map.word("on_reject", OnReject::parse),
        require_reason_on_reject: map.truth("require_reason_on_reject").unwrap_or(false),
    }
}

pub(super) fn read_gateway(map: &mut MapReader<'_, '_, '_>) -> Gateway {
    let kind = map.word("gateway_type", GatewayKind::parse).unwrap_or_default();
    let what = map.what().to_owned();
    let nodes = map.required("routes", |map, key| {
        let nodes = map.list(key);
        (!nodes.is_empty()).then_some(nodes)
    });
    let nodes = nodes.unwrap_or(&[]);
    let routes = nodes.iter().filter_map(|node| read_route(node, kind, &what, map.context));
    Gateway { kind, routes: routes.collect() }
}

fn read_route(
    node: &Node,
    kind: GatewayKind,
    of: &str,
    context: &mut Context<'_>,
) -> Option<Route> {
    let what = format!("a route of {of}");
    let mut map = MapReader::new(node, [&ROUTE, &NOTHING], what, context)?;
    let condition = map.expression("condition");
    let is_default = map.truth("default").unwrap_or(false);
    let next = map.step_id("next");
    // `next: null` says that nothing follows; no `next` at all says nothing (docs/formats/definition.md).
    if node.get("next").is_none() {
        map.missing("next");
    }
    let asks = matches!(kind, GatewayKind::Exclusive | GatewayKind::Inclusive);
    let has_condition = node.get("condition").is_some_and(|node| node.data != Data::Null);
    if asks && !is_default && !has_condition {
        let message = format!("{} has no `condition`", map.what());
        map.error_with_hint("missing_condition", "next", message, "or write `default: true`");
    }
    if has_condition && (!asks || is_default) {
        let why = if asks { "it is the default" } else { "all routes of this gateway are taken" };
        let message = format!("{} has a `condition`, and {why}", map.what());
        map.error_with_hint("condition_not_allowed", "condition", message, "leave it out");
    }
    if is_default && !asks {
        let message = format!("{} is the default, and all routes are taken", map.what());
        let problem = Diagnostic::warning("default_says_nothing", map.place_of("default"), message);
        map.context.problems.push(problem.with_hint("leave `default` out"));
    }
    let extra = map.rest();
    Some(Route { condition, is_default, next, extra })
}

pub(super) fn read_timer(map: &mut MapReader<'_, '_, '_>) -> Option<Timer> {
    map.at_most_one(&["delay", "wait_until"]);
    let what = map.what().to_owned();
    let timezone = map.template("timezone");
    let zone = timezone.as_ref().and_then(Text::constant).map(str::to_owned);
    check_zone(map, zone.as_deref());
    let until = map.template("wait_until");
    let delay_node = map.node("delay");
    if let Some(node) = delay_node {
        let delay = match &node.data {
            Data::Text(_) => map.template("delay"),
            _ => None,
        };
        let is_fixed = delay.as_ref().is_none_or(|delay| delay.constant().is_some());
        if let Some(hint) = duration_of(node).err().filter(|_| is_fixed) {
            // A mistake in an expression was noted when it was read.
            if delay.is_some() || text_of(node).is_none() {
                let (code, message) = bad_duration("delay", &what, node);
                map.error_with_hint(code, "delay", message, hint);
            }
        }
        return delay.map(|delay| Timer { end: TimerEnd::Delay(delay) });
    }
    if map.node.get("wait_until").is_none() {
        let message = format!("{what} has no `delay` and no `wait_until`");
        let problem = Diagnostic::error("missing_key", map.node.place, message);
        map.context.problems.push(problem);
    }
    let until = until?;
    if until.constant().is_some_and(|text| !is_wait_until(text)) {
        let message = format!("`wait_until` of {what} is no clock time and no instant");
        let hint = "write \"09:30\" or \"2026-02-10T10:00:00Z\"";
        map.error_with_hint("bad_instant", "wait_until", message, hint);
    }
    Some(Timer { end: TimerEnd::Until { at: until, timezone } })
}

pub(super) fn read_sub_process(map: &mut MapReader<'_, '_, '_>) -> Option<SubProcess> {
    let process = map.required("process", MapReader::template);
    let version = map.version("version");
    let input = map.trees("input");
    let output_key = map.text("output_key");
    let wait = map.truth("wait").unwrap_or(true);
    Some(SubProcess { process: process?, version, input, output_key, wait })
}

pub(super) fn read_wait_for(map: &mut MapReader<'_, '_, '_>) -> Option<WaitFor> {
    debug_assert!(map.key("until").is_some_and(|key| matches!(key.shape, Shape::Expression)));
    map.at_most_one(&["message", "until"]);
    let message = map.template("message");
    let correlation = map.template("correlation");
    let until = map.expression("until");
    if map.node.get("message").is_none() && map.node.get("until").is_none() {
        let message = format!("{} has no `message` and no `until`", map.what());
        let problem = Diagnostic::error("missing_key", map.node.place, message);
        map.context.problems.push(problem);
    }
    if let Some(until) = &until {
        if until.reads().iter().any(|read| read.root == crate::expr::Root::Now) {
            let message = format!("`until` of {} reads `now`, which is no event", map.what());
            map.error_with_hint("now_in_until", "until", message, "use a timer, or `timeout`");
        }
        if correlation.is_some() {
            let message = format!("{} has a `correlation` and no `message`", map.what());
            map.error("either_or", "correlation", message);
        }
    }
    match (message, until) {
        (Some(name), _) => Some(WaitFor::Message { name, correlation }),
        (None, Some(until)) => Some(WaitFor::Until(until)),
        (None, None) => None,
    }
}
