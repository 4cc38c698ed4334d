//! Operations on steps, and on what is recorded beside them.

use process_engine::NewStep;

use super::{
    argument::{flag, json, text},
    given::Given,
    table::Operation,
};
use crate::{answer::Answered, answers, error::Error, parse};

/// How long a claim holds when nobody says so.
const LEASE: &str = "10m";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new(
        "add-step",
        &[
            text("name").required(),
            text("after"),
            text("description"),
            text("inputs").repeated(),
            text("outputs").repeated(),
            text("checks").repeated(),
        ],
        add_step,
    ),
    Operation::new(
        "step",
        &[
            text("id").also(&["step"]).required(),
            text("status").required(),
            json("output").also(&["outputs"]).repeated(),
            text("note"),
        ],
        step,
    ),
    Operation::new("next", &[], |given| Ok(answers::ready(&given.project.ready(None)?))),
    Operation::new("claim", &[text("step").required(), text("lease"), text("by")], claim),
    Operation::new("release", &[text("step").required(), text("by")], release),
    Operation::new(
        "decide",
        &[
            text("question").required(),
            text("choice").required(),
            text("rationale"),
            text("option").also(&["options"]).repeated(),
        ],
        decide,
    ),
    Operation::new("risk", &[text("text").required(), text("impact"), text("mitigation")], risk),
    Operation::new(
        "evidence",
        &[text("kind").also(&["type"]).required(), text("value").required(), text("step")],
        evidence,
    ),
    Operation::new("missing", &[], |given| Ok(answers::missing(&given.project.missing(None)?))),
    Operation::new("check", &[flag("fail-on-warning")], |given| {
        Ok(answers::check(&given.project.check(None, given.flag("fail-on-warning"))?))
    }),
    Operation::new("gates", &[], |given| Ok(answers::check(&given.project.check(None, false)?))),
];

fn add_step(given: &Given) -> Result<Answered, Error> {
    let step = NewStep {
        name: given.need("name").to_owned(),
        description: given.owned("description"),
        after: given.text("after").map(parse::step).transpose()?,
        inputs: given.texts("inputs"),
        outputs: given.texts("outputs"),
        checks: given.texts("checks"),
    };
    Ok(answers::changed_step(&given.project.add_step(None, step)?))
}

fn step(given: &Given) -> Result<Answered, Error> {
    let visit = parse::visit(given.need("id"))?;
    let status = parse::step_status(given.need("status"))?;
    let (outputs, note) = (given.texts("output"), given.owned("note"));
    let changed = given.project.set_step_status(None, visit.clone(), status, outputs, note)?;
    Ok(answers::step(&changed, &visit.step))
}

fn claim(given: &Given) -> Result<Answered, Error> {
    let visit = parse::visit(given.need("step"))?;
    let lease = parse::duration(given.text("lease").unwrap_or(LEASE))?;
    let changed = given.acting().claim(None, visit.clone(), lease)?;
    Ok(answers::step(&changed, &visit.step))
}

fn release(given: &Given) -> Result<Answered, Error> {
    let visit = parse::visit(given.need("step"))?;
    let changed = given.acting().release(None, visit.clone())?;
    Ok(answers::step(&changed, &visit.step))
}

fn decide(given: &Given) -> Result<Answered, Error> {
    let changed = given.project.decide(
        None,
        given.need("question").to_owned(),
        given.need("choice").to_owned(),
        given.owned("rationale").unwrap_or_default(),
        given.texts("option"),
    )?;
    Ok(answers::changed(&changed))
}

fn risk(given: &Given) -> Result<Answered, Error> {
    let changed = given.project.risk(
        None,
        given.need("text").to_owned(),
        given.text("impact").unwrap_or("medium").to_owned(),
        given.owned("mitigation").unwrap_or_default(),
    )?;
    Ok(answers::changed(&changed))
}

fn evidence(given: &Given) -> Result<Answered, Error> {
    let step = given.text("step").map(parse::step).transpose()?;
    let (kind, value) = (given.need("kind").to_owned(), given.need("value").to_owned());
    Ok(answers::changed(&given.project.evidence(None, kind, value, step)?))
}
