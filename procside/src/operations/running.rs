//! Operations on processes that run by a definition.

use process_core::event::Decided;
use process_engine::NewMessage;
use serde_json::{Map, Value, json as json_value};

use super::{
    argument::{flag, json, number, text},
    foreground,
    given::{Given, usage},
    table::Operation,
};
use crate::{
    answer::Answered,
    answers,
    error::{Error, ErrorKind},
    parse,
    start::StartRequest,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new(
        "run",
        &[
            text("source").also(&["file", "template", "id"]).required(),
            json("input").also(&["inputs"]).repeated(),
            text("input-file"),
            flag("detach"),
            text("key"),
            flag("yes"),
            number("concurrency"),
        ],
        run,
    ),
    Operation::new("approvals", &[number("limit")], approvals),
    Operation::new(
        "approve",
        &[text("id").required(), text("step").required(), text("comment"), text("by")],
        |given| decide(given, Decided::Approved),
    ),
    Operation::new(
        "reject",
        &[text("id").required(), text("step").required(), text("comment"), text("by")],
        |given| decide(given, Decided::Rejected),
    ),
    Operation::new(
        "message",
        &[text("name").required(), text("to"), text("key"), json("data"), text("id")],
        message,
    ),
    Operation::new("pause", &[text("id")], |given| {
        Ok(answers::changed(&given.project.pause(given.id()?)?))
    }),
    Operation::new("resume", &[text("id")], |given| {
        Ok(answers::changed(&given.project.resume(given.id()?)?))
    }),
    Operation::new("cancel", &[text("id"), text("reason")], |given| {
        Ok(answers::changed(&given.project.cancel(given.id()?, given.owned("reason"))?))
    }),
    Operation::new("retry", &[text("id").required(), text("from"), flag("newest")], retry),
    Operation::new("adopt", &[text("id").required(), text("file").required()], |given| {
        let (id, root) = (given.id()?, given.project.root().to_owned());
        Ok(answers::changed(&given.project.adopt(id, &root, given.need("file"))?))
    }),
    Operation::new(
        "add-item",
        &[text("id").required(), text("step").required(), json("item").required()],
        add_item,
    ),
    Operation::new(
        "feedback",
        &[
            text("id").required(),
            text("step").required(),
            number("rating").required(),
            text("note"),
        ],
        feedback,
    ),
    Operation::new("cost", &[text("id")], |given| {
        Ok(answers::cost(&given.project.cost(given.id()?)?))
    }),
];

fn run(given: &Given) -> Result<Answered, Error> {
    let project = &given.project;
    let is_detached = given.flag("detach");
    if !is_detached {
        foreground::check(given)?;
    }
    let (input, values) = inputs(given)?;
    let started = project.start(StartRequest {
        source: given.need("source").to_owned(),
        folder: project.root().to_owned(),
        input,
        values,
        input_file: given.path("input-file"),
        key: given.owned("key"),
        becomes_active: true,
        trigger: None,
    })?;
    if is_detached || project.is_dry_run() {
        return Ok(answers::changed(&started));
    }
    foreground::drive(given, started)
}

/// Input as `NAME=VALUE`, and input as JSON.
pub(super) type Inputs = (Vec<(String, String)>, Map<String, Value>);

/// Returns input: as `NAME=VALUE`, one or a list, or as an object of JSON.
pub(super) fn inputs(given: &Given) -> Result<Inputs, Error> {
    match given.value("input") {
        Some(Value::Object(values)) => Ok((Vec::new(), values.clone())),
        Some(value) if !value.is_string() && !value.is_array() => {
            Err(usage("`input` must be an object, or texts `NAME=VALUE`"))
        }
        _ => {
            let texts = given.texts("input");
            let named = texts.iter().map(|text| parse::named_value(text)).collect::<Result<_, _>>();
            Ok((named?, Map::new()))
        }
    }
}

fn approvals(given: &Given) -> Result<Answered, Error> {
    Ok(answers::approvals(&given.project.listed_approvals(given.count("limit"))?))
}

fn decide(given: &Given, decision: Decided) -> Result<Answered, Error> {
    let visit = parse::visit(given.need("step"))?;
    let (id, comment) = (given.id()?, given.owned("comment"));
    let changed = given.acting().decide_approval(id, visit.clone(), decision, comment)?;
    Ok(answers::step(&changed, &visit.step))
}

fn message(given: &Given) -> Result<Answered, Error> {
    let message = NewMessage {
        name: given.need("name").to_owned(),
        key: given.owned("key"),
        id: given.owned("id"),
        data: given.json("data")?.unwrap_or_else(|| json_value!({})),
    };
    let to = parse::optional_process(given.text("to"))?;
    Ok(answers::changed(&given.project.message(to, message)?))
}

fn retry(given: &Given) -> Result<Answered, Error> {
    let id = given.id()?;
    let from = given.text("from").map(parse::step).transpose()?;
    let changed = if given.flag("newest") {
        given.project.retry_newest(id, from)?
    } else {
        given.project.retry(id, from)?
    };
    Ok(answers::changed(&changed))
}

fn add_item(given: &Given) -> Result<Answered, Error> {
    let step = parse::step(given.need("step"))?;
    let item = given.json("item")?.unwrap_or_default();
    let changed = given.project.add_item(given.id()?, step.clone(), item)?;
    Ok(answers::step(&changed, &step))
}

fn feedback(given: &Given) -> Result<Answered, Error> {
    let step = parse::step(given.need("step"))?;
    let rating = given.number("rating").map(u8::try_from).transpose().map_err(|_| {
        Error::new(ErrorKind::Usage, "`rating` of `feedback` must be a number to 255")
    })?;
    let changed = given.project.feedback(given.id()?, step.clone(), rating, given.owned("note"))?;
    Ok(answers::step(&changed, &step))
}
