//! Rendering, export and import.

use std::path::Path;

use procside::{Drawing, Error, ExportFormat, Procside, answers, parse};

use super::processes::answer;
use crate::{
    answer::{Answer, Answered},
    args::{DrawingFormat, TextFormat},
    text,
    ui::Ui,
};

pub(crate) fn render(
    project: &Procside,
    format: DrawingFormat,
    output: Option<&Path>,
    ui: &Ui,
) -> Answered {
    let drawing = match format {
        DrawingFormat::Md => Drawing::Markdown,
        DrawingFormat::Mermaid => Drawing::Mermaid,
    };
    written(project, &project.render(None, drawing)?, output, ui)
}

pub(crate) fn export(
    project: &Procside,
    id: &str,
    output: Option<&Path>,
    format: TextFormat,
    history: bool,
    ui: &Ui,
) -> Answered {
    let format = match format {
        TextFormat::Md => ExportFormat::Markdown,
        TextFormat::Yaml => ExportFormat::Yaml,
        TextFormat::Json => ExportFormat::Json,
    };
    written(project, &project.export(parse::process(id)?, format, history)?, output, ui)
}

pub(crate) fn import(project: &Procside, file: &Path, name: Option<String>) -> Answered {
    let changed = project.import(file, name)?;
    let process = &changed.process;
    let lines = format!("Imported {} {}\n", process.id, text::plain(&process.name));
    Ok(answer(&changed, lines))
}

/// Prints a text, or writes it to a file.
fn written(
    project: &Procside,
    content: &str,
    output: Option<&Path>,
    ui: &Ui,
) -> Result<Answer, Error> {
    let Some(path) = output else {
        let exit = if ui.is_json() { 0 } else { ui.content(content) };
        return Ok(Answer::of(answers::content(content), "").with_exit(exit));
    };
    project.write_file(path, content)?;
    Ok(Answer::of(answers::written(path), format!("Wrote {}\n", path.display())))
}
