//! Operations on the project itself: configuration, doctor, trust, schemas.

use super::{
    argument::{flag, text},
    given::{Given, usage},
    table::Operation,
};
use crate::{answer::Answered, answers, error::Error};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("config", &[text("set").repeated()], config),
    Operation::new("doctor", &[flag("fix")], |given| {
        Ok(answers::diagnosis(&given.project.doctor(given.flag("fix"))?))
    }),
    Operation::new("reindex", &[], |given| Ok(answers::reindexed(given.project.reindex()?))),
    Operation::new("schema", &[flag("definition")], |given| {
        Ok(answers::schema(given.flag("definition")))
    }),
    Operation::new("trust", &[flag("list"), flag("revoke")], trust),
];

fn config(given: &Given) -> Result<Answered, Error> {
    let settings = given.texts("set");
    let config = if settings.is_empty() {
        given.project.config()?
    } else {
        given.project.set_config(&settings)?
    };
    Ok(answers::config(&config))
}

fn trust(given: &Given) -> Result<Answered, Error> {
    let project = &given.project;
    match (given.flag("list"), given.flag("revoke")) {
        (true, true) => Err(usage("`trust` takes `list` or `revoke`, not both")),
        (true, false) => Ok(answers::trusted_projects(&project.trusted_projects()?)),
        (false, true) => Ok(answers::revoked(project, project.revoke_trust()?)),
        (false, false) => {
            project.trust()?;
            Ok(answers::trusted(project))
        }
    }
}
