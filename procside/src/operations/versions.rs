//! Operations on versions, differences and events.

use super::{
    argument::{number, text},
    given::Given,
    table::Operation,
};
use crate::{answer::Answered, answers, error::Error, parse, versions::REASON_DEFAULT};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("version", &[text("id"), text("note")], |given| {
        let reason = given.text("note").unwrap_or(REASON_DEFAULT).to_owned();
        Ok(answers::versioned(&given.project.take_version(given.id()?, reason)?))
    }),
    Operation::new("history", &[text("id")], |given| {
        Ok(answers::history(&given.project.history(given.id()?)?))
    }),
    Operation::new("evolution", &[text("id")], |given| {
        Ok(answers::evolution(&given.project.history(given.id()?)?))
    }),
    Operation::new("diff", &[text("id").required(), number("v1"), number("v2")], diff),
    Operation::new("log", &[text("id")], |given| {
        Ok(answers::log(&given.project.log(given.id()?)?))
    })
    .also(&["events"]),
];

fn diff(given: &Given) -> Result<Answered, Error> {
    let id = Some(parse::process(given.need("id"))?);
    let (from, to) = (given.number("v1"), given.number("v2"));
    Ok(answers::comparison(&given.project.diff(id, from, to)?))
}
