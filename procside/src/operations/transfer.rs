//! Operations that render, export and import, and those on templates.

use super::{
    argument::{flag, text},
    given::{Given, usage},
    table::Operation,
};
use crate::{
    answer::Answered, answers, error::Error, parse, show::Drawing, transfer::ExportFormat,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("render", &[text("format"), text("output")], render),
    Operation::new(
        "export",
        &[text("id").required(), text("output"), text("format"), flag("history")],
        export,
    ),
    Operation::new("import", &[text("file").required(), text("name")], |given| {
        let file = given.below(given.need("file"));
        Ok(answers::changed(&given.project.import(&file, given.owned("name"))?))
    }),
    Operation::new("templates list", &[], |given| {
        Ok(answers::templates(&given.project.templates()?))
    })
    .also(&["templates"]),
    Operation::new("templates show", &[text("id").required()], |given| {
        let id = parse::template(given.need("id"))?;
        Ok(answers::template(&given.project.template_with_uses(&id)?))
    }),
    Operation::new(
        "templates new",
        &[text("from-process").required(), text("id").required()],
        new_template,
    ),
    Operation::new("templates remove", &[text("id").required()], |given| {
        let id = parse::template(given.need("id"))?;
        given.project.remove_template(&id)?;
        Ok(answers::template_removed(&id))
    }),
];

fn render(given: &Given) -> Result<Answered, Error> {
    let drawing = match given.text("format") {
        None | Some("md") => Drawing::Markdown,
        Some("mermaid") => Drawing::Mermaid,
        Some(other) => return Err(usage(format!("`render` has no format {other:?}"))),
    };
    written(given, &given.project.render(None, drawing)?)
}

fn export(given: &Given) -> Result<Answered, Error> {
    let format = match given.text("format") {
        None | Some("md") => ExportFormat::Markdown,
        Some("yaml") => ExportFormat::Yaml,
        Some("json") => ExportFormat::Json,
        Some(other) => return Err(usage(format!("`export` has no format {other:?}"))),
    };
    let id = parse::process(given.need("id"))?;
    written(given, &given.project.export(id, format, given.flag("history"))?)
}

fn new_template(given: &Given) -> Result<Answered, Error> {
    let from = parse::process(given.need("from-process"))?;
    let id = parse::template(given.need("id"))?;
    Ok(answers::template_kept(&given.project.new_template(from, id)?))
}

/// Answers with a text, or with the file to which it was written.
fn written(given: &Given, content: &str) -> Result<Answered, Error> {
    let Some(path) = given.path("output") else { return Ok(answers::content(content)) };
    given.project.write_file(&path, content)?;
    Ok(answers::written(&path))
}
