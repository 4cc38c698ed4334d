//! Completion scripts and manual pages, made from the grammar.

use std::{fs, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;
use procside::{Error, ErrorKind};
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
    clap_mangen::generate_to(Args::command(), dir).map_err(failed)?;
    let mut pages: Vec<String> = fs::read_dir(dir)
        .map_err(failed)?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("procside") && name.ends_with(".1"))
        .collect();
    pages.sort();
    let text = format!("Wrote {} manual pages to {}\n", pages.len(), dir.display());
    Ok(Answer::new(json!({"pages": pages}), text))
}
