//! Operations on definitions in files, which run nothing.

use std::path::PathBuf;

use super::{
    argument::{flag, json, text},
    given::Given,
    running::inputs,
    table::Operation,
};
use crate::{answer::Answered, answers, definitions::Definitions, error::Error};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new(
        "validate",
        &[text("files").also(&["file"]).repeated().required(), flag("fix")],
        |given| {
            Ok(answers::checked(
                &near(given).check_files(&paths(given, "files"), given.flag("fix"))?,
            ))
        },
    ),
    Operation::new(
        "simulate",
        &[text("file").required(), text("scenario"), json("input").also(&["inputs"]).repeated()],
        simulate,
    ),
    Operation::new("test", &[text("paths").also(&["path"]).repeated()], test),
];

fn simulate(given: &Given) -> Result<Answered, Error> {
    let (file, scenario) = (given.below(given.need("file")), given.path("scenario"));
    let (input, values) = inputs(given)?;
    let trial = near(given).simulate_with(&file, scenario.as_deref(), &input, values)?;
    Ok(answers::trial(&trial))
}

fn test(given: &Given) -> Result<Answered, Error> {
    let mut paths = paths(given, "paths");
    if paths.is_empty() {
        paths.push(given.project.root().to_owned());
    }
    Ok(answers::tests(&near(given).test(&paths, &mut |_| ())?))
}

fn near(given: &Given) -> Definitions {
    Definitions::of(&given.project, given.project.root().to_owned())
}

fn paths(given: &Given, name: &str) -> Vec<PathBuf> {
    given.texts(name).iter().map(|path| given.below(path)).collect()
}
