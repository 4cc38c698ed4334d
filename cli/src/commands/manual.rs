//! Completion scripts and manual pages, made from the grammar, and schemas for editors.

use std::{fs, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use procside::{Error, ErrorKind, Procside, answers};
use serde_json::json;

use crate::{
    answer::{Answer, Answered},
    args::Args,
    ui::Ui,
};

pub(crate) fn completions(shell: Shell, ui: &Ui) -> Answered {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "procside", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let text = if ui.is_json() { String::new() } else { script.clone() };
    Ok(Answer::new(json!({"script": script}), text))
}

pub(crate) fn man(dir: &Path, dry_run: bool) -> Answered {
    if dry_run {
        let text = format!("Would write manual pages to {}\n", dir.display());
        return Ok(Answer::new(json!({"pages": []}), text));
    }
    let failed = |error: std::io::Error| {
        let message = format!("cannot write manual pages to `{}`: {error}", dir.display());
        Error::new(ErrorKind::Io, message)
    };
    fs::create_dir_all(dir).map_err(failed)?;
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    write_pages(command, dir, &mut pages)?;
    pages.sort();
    let text = format!("Wrote {} manual pages to {}\n", pages.len(), dir.display());
    Ok(Answer::new(json!({"pages": pages}), text))
}

pub(crate) fn schema(is_of_definition: bool) -> Answer {
    let said = answers::schema(is_of_definition);
    let text = format!("{:#}\n", said.data["schema"]);
    Answer::of(said, text)
}

/// Writes the page of a command and those of its own commands, and notes their names.
fn write_pages(command: clap::Command, dir: &Path, pages: &mut Vec<String>) -> Result<(), Error> {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_pages(command.clone(), dir, pages)?;
    }
    let page = Man::new(command);
    let name = page.get_filename();
    let mut bytes = Vec::new();
    page.render(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Io, format!("cannot make the manual page `{name}`: {error}"))
    })?;
    Procside::write_derived_file(&dir.join(&name), &bytes)?;
    pages.push(name);
    Ok(())
}
