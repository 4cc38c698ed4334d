//! From a parsed command line to the command.

use std::path::{Path, PathBuf};

use procside::{Definitions, Error, ErrorKind, Procside, Surroundings, parse};
use serde_json::json;

use super::{
    children, definitions, driving, inspect, manual, patching, processes, record, running, steps,
    templates, transfer, upkeep, versions,
};
use crate::{
    answer::{Answer, Answered},
    args::{Args, Command, Common},
    args_driving::Driving,
    args_patching::Patching,
    ui::Ui,
};

/// Runs a command.
pub(crate) fn run(args: Args, ui: &Ui) -> Answered {
    let Args { common, command } = args;
    match command {
        Command::Children(command) => children::run(&common, folder(&common)?, command, ui),
        Command::Completions { shell } => return manual::completions(shell, ui),
        Command::Man { folder } => manual::man(&below(&common, folder), common.dry_run),
        Command::Schema { definition } => return Ok(manual::schema(definition)),
        Command::Simulate { file, scenario, inputs } => {
            let scenario = scenario.map(|path| below(&common, path));
            let file = below(&common, file);
            definitions::simulate(&open_definitions(&common)?, &file, scenario.as_deref(), &inputs)
        }
        Command::Test { paths } => {
            let mut paths: Vec<PathBuf> =
                paths.into_iter().map(|path| below(&common, path)).collect();
            if paths.is_empty() {
                paths.push(folder(&common)?.to_owned());
            }
            definitions::test(&open_definitions(&common)?, &paths, ui)
        }
        Command::Validate { files, fix } => {
            let files: Vec<PathBuf> = files.into_iter().map(|path| below(&common, path)).collect();
            definitions::validate(&open_definitions(&common)?, &files, fix)
        }
        command => run_in_project(&common, command, ui),
    }
    .map(|answer| tell_dry_run(answer, &common))
}

fn tell_dry_run(answer: Answer, common: &Common) -> Answer {
    let notice = common.dry_run.then(|| "dry run: nothing was written".to_owned());
    answer.with_notices(notice.into_iter().collect())
}

fn run_in_project(common: &Common, command: Command, ui: &Ui) -> Answered {
    let makes_project = matches!(
        command,
        // A document that is patched by itself belongs to no project.
        Command::Init { .. }
            | Command::Import { .. }
            | Command::Driving(Driving::Run(_))
            | Command::Patching(Patching::Patch(_))
    );
    let project = open(common, makes_project)?;
    let answered = run_with(project.clone(), common, command, ui);
    project.take_notices().iter().for_each(|notice| ui.tell(notice));
    answered
}

fn run_with(project: Procside, common: &Common, command: Command, ui: &Ui) -> Answered {
    match command {
        Command::AddStep { name, after, description, inputs, outputs, checks } => {
            steps::add(&project, name, after, description, inputs, outputs, checks)
        }
        Command::Archive { id } => processes::archive(&project, id),
        Command::Check { fail_on_warning } => inspect::check(&project, fail_on_warning),
        Command::Claim { step, lease, by } => steps::claim(project, &step, &lease, by),
        Command::Clone { id, name } => processes::clone(&project, &id, name),
        Command::Config { set } => upkeep::config(&project, &set),
        Command::Decide { question, choice, rationale, options } => {
            record::decide(&project, question, choice, rationale, options)
        }
        Command::Diff { id, v1, v2 } => versions::diff(&project, &id, v1, v2),
        Command::Doctor { fix } => upkeep::doctor(&project, fix),
        Command::Evidence { kind, value, step } => record::evidence(&project, kind, value, step),
        Command::Evolution { id } => versions::evolution(&project, id),
        Command::Export { id, output, format, history } => {
            let output = output.map(|path| below(common, path));
            transfer::export(&project, &id, output.as_deref(), format, history, ui)
        }
        Command::Gates => inspect::gates(&project),
        Command::History { id } => versions::history(&project, id),
        Command::Import { file, name } => transfer::import(&project, &below(common, file), name),
        Command::Init { name, goal, template, tags } => {
            processes::init(&project, name, goal, template, tags)
        }
        Command::List { all, status, tag, search, limit, cursor } => {
            let filter = processes::filter(all, status, tag, search, limit, cursor)?;
            processes::list(&project, &filter, ui)
        }
        Command::Log { id, follow } => versions::log(&project, id, follow, ui),
        Command::Missing => inspect::missing(&project),
        Command::Next => steps::next(&project),
        Command::Reindex => upkeep::reindex(&project),
        Command::Release { step, by } => steps::release(project, &step, by),
        Command::Render { format, output } => {
            let output = output.map(|path| below(common, path));
            transfer::render(&project, format, output.as_deref(), ui)
        }
        Command::Restore { id, version } => processes::restore(&project, &id, version),
        Command::Risk { text, impact, mitigation } => {
            record::risk(&project, text, impact, mitigation)
        }
        Command::Driving(command) => driving::run(&project, folder(common)?, command, ui),
        Command::Patching(command) => patching::run(project, folder(common)?, command, ui),
        Command::Running(command) => running::run(project, folder(common)?, command),
        Command::Show { id } => processes::show(&project, id),
        Command::Status { all } => processes::status(&project, all),
        Command::Step { id, status, outputs, note } => {
            steps::set_status(&project, &id, &status, outputs, note)
        }
        Command::Switch { id } => processes::switch(&project, &id),
        Command::Templates { command } => templates::run(&project, command),
        Command::Version { id, note } => versions::take(&project, id, note),
        Command::Children(_)
        | Command::Completions { .. }
        | Command::Man { .. }
        | Command::Schema { .. }
        | Command::Simulate { .. }
        | Command::Test { .. }
        | Command::Validate { .. } => Ok(Answer::new(json!({}), "")),
    }
}

/// Returns a path as it is meant: relative to the folder that `-C` names.
fn below(common: &Common, path: PathBuf) -> PathBuf {
    match &common.dir {
        Some(dir) => dir.join(path),
        None => path,
    }
}

/// Returns the folder in which the program works.
fn folder(common: &Common) -> Result<&Path, Error> {
    let dir = common.dir.as_deref().unwrap_or(Path::new("."));
    if !dir.is_dir() {
        let message = format!("there is no folder `{}`", dir.display());
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    Ok(dir)
}

fn open_definitions(common: &Common) -> Result<Definitions, Error> {
    let definitions = Definitions::near(folder(common)?, Surroundings::of_the_system())?;
    Ok(definitions.with_dry_run(common.dry_run))
}

fn open(common: &Common, makes_project: bool) -> Result<Procside, Error> {
    let dir = folder(common)?;
    let surroundings = Surroundings::of_the_user()?;
    let project = if makes_project {
        Procside::open_or_new(dir, surroundings)?
    } else {
        Procside::open_with(dir, surroundings)?
    };
    // A variable that is set to nothing names no store; an option with nothing is a mistake.
    let is_set = std::env::var_os("PROCSIDE_STORE").is_some_and(|store| store.is_empty());
    let project = match common.store.as_deref().filter(|store| !(is_set && store.is_empty())) {
        Some(store) => project.with_store(store, dir)?,
        None => project,
    };
    // A variable that is set to nothing names no process; an option with nothing is a mistake.
    let is_set = std::env::var_os("PROCSIDE_PROCESS").is_some_and(|id| id.is_empty());
    let id = common.process.as_deref().filter(|id| !(is_set && id.is_empty()));
    let id = id.map(parse::process).transpose()?;
    Ok(project.with_process(id).with_dry_run(common.dry_run))
}
