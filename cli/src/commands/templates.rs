//! The commands about templates.

use procside::Procside;
use serde_json::json;

use super::parse;
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
            Ok(Answer::new(templates.to_value(), lines).with_notices(templates.notices))
        }
        TemplatesCommand::Show { id } => {
            let found = project.template_with_uses(&parse::template(&id)?)?;
            let lines = text::template(&found);
            let data = json!({"template": found.to_value(), "problems": found.problems_value()});
            Ok(Answer::new(data, lines))
        }
        TemplatesCommand::New { from_process, id } => {
            let found =
                project.new_template(parse::process(&from_process)?, parse::template(&id)?)?;
            let lines = format!("Kept template {}\n", found.template.id);
            Ok(Answer::new(json!({"template": found.to_value()}), lines))
        }
        TemplatesCommand::Remove { id } => {
            let id = parse::template(&id)?;
            project.remove_template(&id)?;
            Ok(Answer::new(json!({"removed": id.to_string()}), format!("Removed template {id}\n")))
        }
    }
}
