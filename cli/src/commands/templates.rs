//! The commands about templates.

use procside::{Procside, answers, parse};

use crate::{
    answer::{Answer, Answered},
    args::TemplatesCommand,
    text,
};

pub(crate) fn run(project: &Procside, command: Option<TemplatesCommand>) -> Answered {
    match command.unwrap_or(TemplatesCommand::List) {
        TemplatesCommand::List => {
            let templates = project.templates()?;
            let lines = text::templates(&templates.templates);
            Ok(Answer::of(answers::templates(&templates), lines))
        }
        TemplatesCommand::Show { id } => {
            let found = project.template_with_uses(&parse::template(&id)?)?;
            let lines = text::template(&found);
            Ok(Answer::of(answers::template(&found), lines))
        }
        TemplatesCommand::New { from_process, id } => {
            let found =
                project.new_template(parse::process(&from_process)?, parse::template(&id)?)?;
            let lines = format!("Kept template {}\n", found.template.id);
            Ok(Answer::of(answers::template_kept(&found), lines))
        }
        TemplatesCommand::Remove { id } => {
            let id = parse::template(&id)?;
            project.remove_template(&id)?;
            Ok(Answer::of(answers::template_removed(&id), format!("Removed template {id}\n")))
        }
    }
}
