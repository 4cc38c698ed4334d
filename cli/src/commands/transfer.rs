//! Rendering, export and import.

use std::path::Path;

use procside::{Drawing, Error, ExportFormat, Procside};
use serde_json::json;

use super::{parse, processes::answer};
use crate::{
    answer::{Answer, Answered},
    args::{DrawingFormat, TextFormat},
    text,
    ui::is_terminal,
};

pub(crate) fn render(project: &Procside, format: DrawingFormat, output: Option<&Path>) -> Answered {
    let drawing = match format {
        DrawingFormat::Md => Drawing::Markdown,
        DrawingFormat::Mermaid => Drawing::Mermaid,
    };
    written(project, project.render(None, drawing)?, output)
}

pub(crate) fn export(
    project: &Procside,
    id: &str,
    output: Option<&Path>,
    format: TextFormat,
    history: bool,
) -> Answered {
    let format = match format {
        TextFormat::Md => ExportFormat::Markdown,
        TextFormat::Yaml => ExportFormat::Yaml,
        TextFormat::Json => ExportFormat::Json,
    };
    written(project, project.export(parse::process(id)?, format, history)?, output)
}

pub(crate) fn import(project: &Procside, file: &Path, name: Option<String>) -> Answered {
    let changed = project.import(file, name)?;
    let process = &changed.process;
    let lines = format!("Imported {} {}\n", process.id, text::plain(&process.name));
    Ok(answer(&changed, lines))
}

/// Prints a text, or writes it to a file.
fn written(project: &Procside, content: String, output: Option<&Path>) -> Result<Answer, Error> {
    let Some(path) = output else {
        // What goes to a file or another program goes there as it is.
        let lines = if is_terminal() { text::plain_lines(&content) } else { content.clone() };
        return Ok(Answer::new(json!({"content": content}), lines));
    };
    project.write_file(path, &content)?;
    let shown = path.display().to_string();
    Ok(Answer::new(json!({"path": shown}), format!("Wrote {shown}\n")))
}
