//! Operations that make, list, show and put away processes.

use super::{
    argument::{flag, number, text},
    given::Given,
    table::Operation,
};
use crate::{answer::Answered, answers, error::Error, init::NewProcess, list::Filter, parse};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new(
        "init",
        &[text("name"), text("goal"), text("template"), text("tag").also(&["tags"]).repeated()],
        init,
    ),
    Operation::new(
        "list",
        &[
            flag("all"),
            text("status"),
            text("tag"),
            text("search"),
            number("limit"),
            text("cursor"),
        ],
        list,
    ),
    Operation::new("status", &[flag("all")], status),
    Operation::new("show", &[text("id")], |given| {
        Ok(answers::status(&given.project.status(given.id()?)?))
    }),
    Operation::new("switch", &[text("id").required()], |given| {
        Ok(answers::switched(&given.project.switch(parse::process(given.need("id"))?)?))
    }),
    Operation::new("archive", &[text("id")], |given| {
        Ok(answers::changed(&given.project.archive(given.id()?)?))
    }),
    Operation::new("restore", &[text("id").required(), number("version")], restore),
    Operation::new("clone", &[text("id").required(), text("name")], |given| {
        let source = parse::process(given.need("id"))?;
        Ok(answers::changed(&given.project.clone_process(source, given.owned("name"))?))
    }),
];

fn init(given: &Given) -> Result<Answered, Error> {
    let template = given.text("template").map(parse::template).transpose()?;
    let changed = given.project.init(NewProcess {
        name: given.owned("name"),
        goal: given.owned("goal"),
        template,
        tags: given.texts("tag"),
    })?;
    Ok(answers::changed(&changed))
}

fn list(given: &Given) -> Result<Answered, Error> {
    let listing = given.project.list(&Filter {
        all: given.flag("all"),
        status: given.text("status").map(parse::process_status).transpose()?,
        tag: given.owned("tag"),
        search: given.owned("search"),
        limit: given.count("limit"),
        cursor: given.owned("cursor"),
    })?;
    Ok(answers::listing(&listing))
}

fn status(given: &Given) -> Result<Answered, Error> {
    if given.flag("all") {
        let (listing, statuses) = given.project.status_of_all()?;
        return Ok(answers::statuses(&listing, &statuses));
    }
    Ok(answers::status(&given.project.status(None)?))
}

fn restore(given: &Given) -> Result<Answered, Error> {
    let id = parse::process(given.need("id"))?;
    let changed = match given.number("version") {
        Some(version) => given.project.restore_version(id, version)?,
        None => given.project.unarchive(id)?,
    };
    Ok(answers::changed(&changed))
}
