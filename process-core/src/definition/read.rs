//! Reading a definition, with every problem at once.

use std::collections::{BTreeMap, BTreeSet};

use super::check::check;
use super::context::Context;
use super::dialect::normalise;
use super::keys::{
    ANNOUNCEMENT, BACK_ROUTES, BUDGET, INPUT, KEPT, Level, OUTPUT, ROOT, TRIGGER, TRIGGERS,
};
use super::read_step::{read_notification, read_step};
use super::reader::{MapReader, NOTHING};
use super::stored::StoredForm;
use super::types::NOTIFICATION;
use super::{
    Announcement, Budget, Channel, Definition, Graph, InputField, InputType, OnExceed, Output,
    StepDefinition, Trigger,
};
use crate::{
    diagnostic::{Diagnostic, Place},
    expr::{Names, Text},
    fields::text_of,
    id::StepId,
    yaml::{Data, Node},
};

/// The most steps of a definition.
pub const STEPS_MAX: usize = 10_000;

/// What reading a definition gave.
#[derive(Clone, Debug)]
pub struct ReadDefinition {
    /// The definition, if there is so much of it that it means something; usable without errors only.
    pub definition: Option<Definition>,
    /// Every problem, in the order of the file.
    pub problems: Vec<Diagnostic>,
}

/// Reads a definition in its canonical form or any dialect.
#[must_use]
pub fn read(node: &Node) -> ReadDefinition {
    let mut problems = Vec::new();
    let node = normalise(node, &mut problems);
    read_canonical(&node, None, Loops::Found, problems)
}

/// Reads a definition from YAML text; expressions get their exact columns.
///
/// # Errors
/// The problem that keeps the text from being YAML.
pub fn read_text(text: &str) -> Result<ReadDefinition, Diagnostic> {
    let mut problems = Vec::new();
    let node = normalise(&crate::yaml::read(text)?, &mut problems);
    Ok(read_canonical(&node, Some(text), Loops::Found, problems))
}

/// Reads a definition that was stored: its loops are those that it names (rule E4).
pub(super) fn read_stored(node: &Node) -> ReadDefinition {
    read_canonical(node, None, Loops::Stored, Vec::new())
}

/// Where the loops of a definition come from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Loops {
    Found,
    Stored,
}

fn read_canonical(
    node: &Node,
    source: Option<&str>,
    loops: Loops,
    problems: Vec<Diagnostic>,
) -> ReadDefinition {
    let steps = match node.get("steps").map(|steps| &steps.data) {
        Some(Data::List(steps)) => steps.as_slice(),
        _ => &[],
    };
    let ids = steps.iter().filter_map(|step| text_of(step.get("id")?)).collect();
    let mut context = Context { problems, ids, source, item: None };
    let definition = read_root(node, loops, &mut context);
    let mut problems = context.problems;
    // A step that could not be read has no place in the list, so nothing is checked by places then;
    // what is stored was checked before.
    let whole = definition.as_ref().filter(|it| it.steps.len() == steps.len());
    if let Some(definition) = whole.filter(|_| loops == Loops::Found) {
        check(definition, steps, &mut problems);
    }
    // Stable, so that problems at one place stay in the order in which they were found.
    problems.sort_by_key(|problem| problem.place);
    ReadDefinition { definition, problems }
}

fn read_root(node: &Node, loops: Loops, context: &mut Context<'_>) -> Option<Definition> {
    let mut root = MapReader::new(node, [&ROOT, &NOTHING], "the definition", context)?;
    let name = root.text("name");
    if name.is_none() && node.get("name").is_none() {
        let problem = Diagnostic::warning("missing_name", node.place, "the definition has no name");
        root.context.problems.push(problem.with_hint("write `name: …` as its first line"));
    }
    let steps = read_steps(&mut root);
    let input = read_inputs(&mut root);
    let budget = root.node("budget").and_then(|node| read_budget(node, root.context));
    let triggers = root.list("triggers");
    let triggers = triggers.iter().filter_map(|node| read_trigger(node, root.context)).collect();
    let outputs = root.list("outputs");
    let outputs: Vec<Output> =
        outputs.iter().filter_map(|node| read_output(node, root.context)).collect();
    let back = match loops {
        Loops::Found => None,
        Loops::Stored => read_back_routes(node, &steps),
    };
    let mut definition = Definition {
        name: name.unwrap_or_else(|| "unnamed".to_owned()),
        version: root.version("version"),
        description: root.text("description"),
        input,
        budget,
        max_visits: root.whole("max_visits"),
        stop_grace: root.duration("stop_grace"),
        triggers,
        outputs,
        on_success: read_announcements(&mut root, "on_success"),
        on_failure: read_announcements(&mut root, "on_failure"),
        extra: match loops {
            Loops::Found => root.rest_but(&KEPT),
            Loops::Stored => root.rest_but(&[&KEPT[..], &[BACK_ROUTES]].concat()),
        },
        graph: Graph::build(&steps, back.as_ref()),
        steps,
        form: StoredForm::default(),
    };
    if loops == Loops::Stored {
        definition.extra.shift_remove(BACK_ROUTES);
    }
    Some(definition)
}

fn read_steps(root: &mut MapReader<'_, '_, '_>) -> Vec<StepDefinition> {
    let Some(nodes) = root.required("steps", |root, key| {
        let nodes = root.list(key);
        (!nodes.is_empty()).then_some(nodes)
    }) else {
        return Vec::new();
    };
    if let Some(node) = nodes.get(STEPS_MAX) {
        let message = format!("the definition has {} steps, more than {STEPS_MAX}", nodes.len());
        root.context.problems.push(Diagnostic::error("too_many_steps", node.place, message));
        return Vec::new();
    }
    let mut steps = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let fallback = StepId::numbered(index as u64 + 1);
        steps.extend(read_step(node, fallback, root.context));
    }
    check_ids(&steps, nodes, &mut root.context.problems);
    steps
}

fn check_ids(steps: &[StepDefinition], nodes: &[Node], problems: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, Place> = BTreeMap::new();
    let place_of =
        |step: &StepDefinition, node: &Node| node.get("id").map_or(step.place, |n| n.place);
    let same = steps.len() == nodes.len();
    for (index, step) in steps.iter().enumerate() {
        let place = if same { place_of(step, &nodes[index]) } else { step.place };
        match first.get(step.id.as_str()) {
            Some(other) => {
                let message =
                    format!("step id `{}` is given twice, first on line {}", step.id, other.line);
                problems.push(Diagnostic::error("duplicate_id", place, message));
            }
            None => {
                first.insert(step.id.as_str(), place);
            }
        }
    }
}

fn read_back_routes(node: &Node, steps: &[StepDefinition]) -> Option<BTreeSet<(usize, usize)>> {
    let places: BTreeMap<&str, usize> =
        steps.iter().enumerate().map(|(place, step)| (step.id.as_str(), place)).collect();
    let Data::List(pairs) = &node.get(BACK_ROUTES)?.data else { return None };
    let pairs = pairs.iter().filter_map(|pair| {
        let Data::List(pair) = &pair.data else { return None };
        let [from, to] = pair.as_slice() else { return None };
        Some((*places.get(text_of(from)?)?, *places.get(text_of(to)?)?))
    });
    Some(pairs.collect())
}

fn read_inputs(root: &mut MapReader<'_, '_, '_>) -> Vec<InputField> {
    let Some(node) = root.node("input") else { return Vec::new() };
    let Data::Map(entries) = &node.data else {
        root.wrong_type(node, "input", "a map from names to what they are");
        return Vec::new();
    };
    let mut inputs = Vec::new();
    for entry in entries {
        let what = format!("input `{}`", entry.key);
        let levels = [&INPUT, &NOTHING];
        let Some(mut map) = MapReader::new(&entry.value, levels, what, root.context) else {
            continue;
        };
        let kind = map.word("type", InputType::parse);
        let default = map.node("default").map(Node::to_json);
        if let (Some(kind), Some(value)) = (kind, &default)
            && !kind.holds(value)
        {
            let message = format!("`default` of {} is no {}", map.what(), kind.as_str());
            map.error("wrong_type", "default", message);
        }
        inputs.push(InputField {
            name: entry.key.clone(),
            kind,
            is_required: map.truth("required").unwrap_or(false),
            default,
            description: map.text("description"),
            extra: map.rest(),
        });
    }
    inputs
}

fn read_budget(node: &Node, context: &mut Context<'_>) -> Option<Budget> {
    let mut map = MapReader::new(node, [&BUDGET, &NOTHING], "the budget", context)?;
    Some(Budget {
        cost: map.cost("cost"),
        on_exceed: map.word("on_exceed", OnExceed::parse).unwrap_or_default(),
        extra: map.rest(),
    })
}

fn read_trigger(node: &Node, context: &mut Context<'_>) -> Option<Trigger> {
    let name = node.get("type").and_then(text_of);
    let kind = name.and_then(|name| TRIGGERS.iter().find(|kind| kind.name == name));
    let level: &'static Level = kind.map_or(&NOTHING, |kind| kind.level);
    let map = MapReader::new(node, [&TRIGGER, level], "a trigger", context)?;
    let mut map = map.with_others(&TRIGGERS);
    map.required("type", |map, key| {
        map.word(key, |word| TRIGGERS.iter().find(|kind| kind.name == word))
    });
    let kind = kind?;
    match kind.name {
        "schedule" => {
            let cron = map.required("cron", MapReader::text);
            let timezone = map.text("timezone");
            if let Some(Err(reason)) = cron.as_deref().map(super::cron::check_cron) {
                map.error_with_hint("bad_cron", "cron", reason, "write it as \"0 9 * * 1-5\"");
            }
            super::cron::check_zone(&mut map, timezone.as_deref());
            let id = map.text("id");
            Some(Trigger::Schedule { id, cron: cron?, timezone, extra: map.rest() })
        }
        "webhook" => {
            let message = "a webhook trigger starts something only while a server runs";
            let problem = Diagnostic::info("needs_server", node.place, message);
            map.context.problems.push(problem.with_hint("start it with `procside serve`"));
            Some(Trigger::Webhook { id: map.text("id"), extra: map.rest() })
        }
        _ => Some(Trigger::Manual { extra: map.rest() }),
    }
}

fn read_output(node: &Node, context: &mut Context<'_>) -> Option<Output> {
    let mut map = MapReader::new(node, [&OUTPUT, &NOTHING], "an output", context)?;
    let name = map.required("name", MapReader::text);
    let value = map.required("value", MapReader::template);
    let description = map.text("description");
    let extra = map.rest();
    Some(Output { name: name?, value: value?, description, extra })
}

fn read_announcements(root: &mut MapReader<'_, '_, '_>, key: &'static str) -> Vec<Announcement> {
    let nodes = root.list(key);
    let mut announcements = Vec::new();
    for node in nodes {
        let levels = [&ANNOUNCEMENT, &NOTIFICATION];
        let what = format!("an entry of `{key}`");
        let Some(mut map) = MapReader::new(node, levels, what, root.context) else { continue };
        let is_log = map.required("type", |map, key| {
            map.word(key, |word| matches!(word, "log" | "notification").then_some(word == "log"))
        });
        let mut notification = read_notification(&mut map, Presence::Optional);
        if is_log == Some(true)
            && notification.as_ref().is_some_and(|it| it.channel != Channel::Log)
        {
            let message = format!("{} is a log and has a `channel`", map.what());
            map.error_with_hint("either_or", "channel", message, "write `type: notification`");
        }
        let extra = map.rest();
        if let (Some(true), Some(notification)) = (is_log, &mut notification) {
            notification.channel = Channel::Log;
        }
        announcements.extend(notification.map(|notification| Announcement { notification, extra }));
    }
    announcements
}

/// Whether the message of a notification must be there.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Presence {
    Optional,
    Required,
}

/// Returns the text without a word in it.
pub(super) fn empty_text() -> Option<Text> {
    let names = Names { is_step: &|_| false, item_name: None, has_item: false };
    Text::parse("", &names).ok()
}
