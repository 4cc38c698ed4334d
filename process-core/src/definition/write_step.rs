//! Writing one step in its canonical form.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::model::MAX_VISITS;
use super::read_step::INITIAL_DELAY;
use super::write::{put_list, version_value};
use super::{
    Approval, Backoff, Command, Compensation, Delivery, Foreach, Gateway, GatewayKind, Join,
    Notification, OnError, OnTimeout, Repeat, Retry, Route, StepBudget, StepDefinition, StepKind,
    SubProcess, Timer, TimerEnd, WaitFor,
};
use crate::{
    expr::{Text, TextTree},
    fields::MapWriter,
    id::StepId,
    time::duration_text,
};

/// Returns a step as canonical JSON.
pub(super) fn step_value(step: &StepDefinition) -> Value {
    let mut map = MapWriter::default();
    map.put("id", step.id.as_str());
    map.put_some("name", step.name.as_ref());
    map.put_some("description", step.description.as_ref());
    map.put("type", step.kind.type_name());
    put_ids(&mut map, "depends_on", &step.depends_on);
    if step.join != Join::All {
        map.put("join", step.join.to_value());
    }
    if let Some(condition) = &step.condition {
        map.put("condition", condition.source());
    }
    if let Some(foreach) = &step.foreach {
        map.put("foreach", foreach_value(foreach));
    }
    if let Some(repeat) = &step.repeat {
        map.put("repeat", repeat_value(repeat));
    }
    put_kind(&mut map, &step.kind);
    put_duration(&mut map, "timeout", step.timeout);
    if let Some(retry) = &step.retry {
        map.put("retry", retry_value(retry));
    }
    if let Some(on_error) = &step.on_error {
        map.put("on_error", on_error_value(on_error));
    }
    if let Some(compensation) = &step.compensation {
        map.put("compensation", compensation_value(compensation));
    }
    put_rules(&mut map, step);
    map.finish(&step.extra)
}

fn put_rules(map: &mut MapWriter, step: &StepDefinition) {
    map.put_some("mutex", step.mutex.as_ref());
    put_ids(map, "cancels", &step.cancels);
    put_duration(map, "heartbeat", step.heartbeat);
    if step.delivery != Delivery::default() {
        map.put("delivery", step.delivery.as_str());
    }
    if let Some(budget) = &step.budget {
        map.put("budget", step_budget_value(budget));
    }
    if let Some(max_visits) = step.max_visits {
        map.put("max_visits", max_visits);
    }
    if !(step.monitors.is_empty() && step.informed.is_empty() && step.roles_extra.is_empty()) {
        let mut roles = MapWriter::default();
        put_words(&mut roles, "monitors", &step.monitors);
        put_words(&mut roles, "informed", &step.informed);
        map.put("roles", roles.finish(&step.roles_extra));
    }
    put_words(map, "inputs", &step.inputs);
    put_words(map, "outputs", &step.outputs);
    put_words(map, "checks", &step.checks);
}

fn put_kind(map: &mut MapWriter, kind: &StepKind) {
    match kind {
        StepKind::AgentTask { agent, message, model, temperature } => {
            put_text(map, "agent", agent.as_ref());
            put_text(map, "message", message.as_ref());
            put_text(map, "model", model.as_ref());
            if let Some(temperature) = temperature {
                map.put("temperature", temperature.clone());
            }
        }
        StepKind::Approval(approval) => put_approval(map, approval),
        StepKind::Command(command) => put_command(map, command),
        StepKind::Gateway(gateway) => put_gateway(map, gateway),
        StepKind::Manual { message } => put_text(map, "message", message.as_ref()),
        StepKind::Notification(notification) => {
            map.put("channel", notification.channel.as_str());
            map.put("message", notification.message.source());
            for (key, value) in notification_keys(notification) {
                map.put(&key, value);
            }
        }
        StepKind::SubProcess(process) => put_sub_process(map, process),
        StepKind::Timer(timer) => put_timer(map, timer),
        StepKind::WaitFor(WaitFor::Message { name, correlation }) => {
            map.put("message", name.source());
            put_text(map, "correlation", correlation.as_ref());
        }
        StepKind::WaitFor(WaitFor::Until(until)) => map.put("until", until.source()),
    }
}

fn put_approval(map: &mut MapWriter, approval: &Approval) {
    put_text(map, "title", approval.title.as_ref());
    put_texts(map, "approvers", &approval.approvers);
    if let Some(min_approvals) = approval.min_approvals {
        map.put("min_approvals", min_approvals);
    }
    put_texts(map, "artifacts", &approval.artifacts);
    if approval.on_timeout != OnTimeout::default() {
        map.put("on_timeout", approval.on_timeout.as_str());
    }
    map.put_some("on_reject", approval.on_reject.map(super::OnReject::as_str).as_ref());
    if approval.require_reason_on_reject {
        map.put("require_reason_on_reject", true);
    }
}

fn put_command(map: &mut MapWriter, command: &Command) {
    match &command.run[..] {
        [script] if command.shell => map.put("run", script.source()),
        run => put_texts(map, "run", run),
    }
    if command.shell {
        map.put("shell", true);
    }
    if !command.env.is_empty() {
        let env = command.env.iter();
        let env = env.map(|(name, text)| (name.clone(), Value::from(text.source())));
        map.put("env", Value::Object(env.collect()));
    }
    put_text(map, "cwd", command.cwd.as_ref());
    put_text(map, "stdin", command.stdin.as_ref());
}

fn put_gateway(map: &mut MapWriter, gateway: &Gateway) {
    if gateway.kind != GatewayKind::default() {
        map.put("gateway_type", gateway.kind.as_str());
    }
    map.put("routes", gateway.routes.iter().map(route_value).collect::<Value>());
}

fn route_value(route: &Route) -> Value {
    let mut map = MapWriter::default();
    if let Some(condition) = &route.condition {
        map.put("condition", condition.source());
    }
    if route.is_default {
        map.put("default", true);
    }
    map.put("next", route.next.as_ref().map_or(Value::Null, |id| Value::from(id.as_str())));
    map.finish(&route.extra)
}

/// Returns the keys of a notification beside its channel and message.
pub(super) fn notification_keys(notification: &Notification) -> Map<String, Value> {
    let mut keys = Map::new();
    if !notification.recipients.is_empty() {
        let recipients: Vec<&str> = notification.recipients.iter().map(Text::source).collect();
        keys.insert("recipients".to_owned(), json!(recipients));
    }
    if let Some(url) = &notification.url {
        keys.insert("url".to_owned(), Value::from(url.source()));
    }
    keys.extend(trees(&notification.options));
    keys
}

fn put_sub_process(map: &mut MapWriter, process: &SubProcess) {
    map.put("process", process.process.source());
    if let Some(version) = &process.version {
        map.put("version", version_value(version));
    }
    if !process.input.is_empty() {
        map.put("input", Value::Object(trees(&process.input)));
    }
    map.put_some("output_key", process.output_key.as_ref());
    if !process.wait {
        map.put("wait", false);
    }
}

fn put_timer(map: &mut MapWriter, timer: &Timer) {
    match &timer.end {
        TimerEnd::Delay(delay) => map.put("delay", delay.source()),
        TimerEnd::Until { at, timezone } => {
            map.put("wait_until", at.source());
            put_text(map, "timezone", timezone.as_ref());
        }
    }
}

fn foreach_value(foreach: &Foreach) -> Value {
    let mut map = MapWriter::default();
    map.put("in", foreach.items.to_value());
    map.put_some("as", foreach.name.as_ref());
    if let Some(max_parallel) = foreach.max_parallel {
        map.put("max_parallel", max_parallel);
    }
    if !foreach.wait {
        map.put("wait", false);
    }
    map.finish(&foreach.extra)
}

fn repeat_value(repeat: &Repeat) -> Value {
    let mut map = MapWriter::default();
    map.put("until", repeat.until.source());
    if repeat.max != MAX_VISITS {
        map.put("max", repeat.max);
    }
    if !repeat.delay.is_zero() {
        map.put("delay", duration_text(repeat.delay));
    }
    map.finish(&repeat.extra)
}

fn retry_value(retry: &Retry) -> Value {
    let mut map = MapWriter::default();
    map.put("max_attempts", retry.max_attempts);
    if retry.initial_delay != INITIAL_DELAY {
        map.put("initial_delay", duration_text(retry.initial_delay));
    }
    if retry.backoff != Backoff::default() {
        map.put("backoff", retry.backoff.as_str());
    }
    if retry.multiplier.to_bits() != 2.0_f64.to_bits() {
        map.put("multiplier", number_value(retry.multiplier));
    }
    put_duration(&mut map, "max_delay", retry.max_delay);
    if retry.jitter > 0.0 {
        map.put("jitter", number_value(retry.jitter));
    }
    map.finish(&retry.extra)
}

/// Returns a number without a point where it needs none.
fn number_value(number: f64) -> Value {
    let text = number.to_string();
    text.parse::<u64>().map_or_else(|_| Value::from(number), Value::from)
}

fn on_error_value(on_error: &OnError) -> Value {
    match on_error {
        OnError::FailProcess => Value::from("fail_process"),
        OnError::SkipStep => Value::from("skip_step"),
        OnError::Goto(step) => json!({"goto": step.as_str()}),
    }
}

fn compensation_value(compensation: &Compensation) -> Value {
    let mut map = MapWriter::default();
    map.put("type", compensation.kind.type_name());
    put_kind(&mut map, &compensation.kind);
    put_duration(&mut map, "timeout", compensation.timeout);
    if let Some(retry) = &compensation.retry {
        map.put("retry", retry_value(retry));
    }
    map.finish(&compensation.extra)
}

fn step_budget_value(budget: &StepBudget) -> Value {
    let mut map = MapWriter::default();
    map.put_some("cost", budget.cost.as_ref());
    map.put_some("on_exceed", budget.on_exceed.map(super::OnExceed::as_str).as_ref());
    map.finish(&budget.extra)
}

fn trees(trees: &[(String, TextTree)]) -> Map<String, Value> {
    trees.iter().map(|(key, tree)| (key.clone(), tree.to_value())).collect()
}

fn put_text(map: &mut MapWriter, key: &str, text: Option<&Text>) {
    if let Some(text) = text {
        map.put(key, text.source());
    }
}

fn put_texts(map: &mut MapWriter, key: &str, texts: &[Text]) {
    put_list(map, key, texts.iter().map(|text| Value::from(text.source())));
}

fn put_words(map: &mut MapWriter, key: &str, words: &[String]) {
    put_list(map, key, words.iter().map(|word| Value::from(word.as_str())));
}

fn put_ids(map: &mut MapWriter, key: &str, ids: &[StepId]) {
    put_list(map, key, ids.iter().map(|id| Value::from(id.as_str())));
}

fn put_duration(map: &mut MapWriter, key: &str, duration: Option<Duration>) {
    map.put_some(key, duration.map(duration_text).as_ref());
}
