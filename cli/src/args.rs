//! The command line's grammar; every command's help is its manual.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::{
    args_children::Children, args_driving::Driving, args_patching::Patching, args_running::Running,
    ui::Color,
};

/// Track multi-step processes in files that people and agents can read, diff and trust.
///
/// A project is a folder with `.ai` in it; commands find it by walking up. Exit 0 is a promise: the
/// change is durable. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict, 5 locked,
/// 6 invalid, 7 waiting, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "procside", version, propagate_version = false, disable_help_subcommand = false)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(ClapArgs, Debug)]
pub(crate) struct Common {
    /// Work as if started in this folder.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) dir: Option<PathBuf>,
    /// The process to work on, instead of the active one.
    #[arg(
        long,
        value_name = "ID",
        global = true,
        env = "PROCSIDE_PROCESS",
        hide_env_values = true
    )]
    pub(crate) process: Option<String>,
    /// Where processes are kept: `files`, or `sqlite:FILE` [default: what the project's
    /// configuration says, else `files`].
    #[arg(
        long,
        value_name = "STORE",
        global = true,
        env = "PROCSIDE_STORE",
        hide_env_values = true
    )]
    pub(crate) store: Option<String>,
    /// Answer in JSON: the envelope is all that stands on stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show what would be done, write nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Say nothing on stderr but errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to colour the output.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a process, and the project when there is none; the process becomes the active one.
    Init {
        /// Its name [default: that of the template, or of the folder].
        #[arg(short, long)]
        name: Option<String>,
        /// What it is for [default: what the template is for].
        #[arg(short, long)]
        goal: Option<String>,
        /// The template whose steps and risks it starts with.
        #[arg(short, long)]
        template: Option<String>,
        /// A word by which it is found; may be repeated.
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
    },
    /// List the processes; `*` marks the active one.
    List {
        /// Archived ones too.
        #[arg(long)]
        all: bool,
        /// Only those with this status.
        #[arg(long)]
        status: Option<String>,
        /// Only those with this tag.
        #[arg(long)]
        tag: Option<String>,
        /// Only those with this text in id, name, goal or a tag.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Go on where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show how far the active process is, what is next, and what waits for whom.
    Status {
        /// Every process that is not archived.
        #[arg(long)]
        all: bool,
    },
    /// Show a process whole.
    Show {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Make a process the active one.
    Switch {
        /// The process.
        id: String,
    },
    /// Put a process away; its file moves to the archive.
    Archive {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Take a process back from the archive, or an earlier version's content.
    Restore {
        /// The process.
        id: String,
        /// The version whose content comes back, as a version of its own.
        #[arg(long, value_name = "N")]
        version: Option<u64>,
    },
    /// Make a new process from one that is there, its steps at their beginning.
    Clone {
        /// The process.
        id: String,
        /// The name of the new one.
        #[arg(short, long)]
        name: Option<String>,
    },
    /// Add a step.
    AddStep {
        /// Its name.
        name: String,
        /// The step behind which it is put [default: the end].
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        /// More about it.
        #[arg(long)]
        description: Option<String>,
        /// What it takes; may be repeated, or several behind one option.
        #[arg(long, num_args = 1..)]
        inputs: Vec<String>,
        /// What it gives; likewise.
        #[arg(long, num_args = 1..)]
        outputs: Vec<String>,
        /// What must hold when it is done; likewise.
        #[arg(long, num_args = 1..)]
        checks: Vec<String>,
    },
    /// Give a step another status; in a process that runs by a definition, settle it by hand.
    ///
    /// There, completed, failed, skipped and cancelled end the step whatever it was doing, and pending
    /// sets it back with all that follows from it.
    Step {
        /// The step, or one of its visits: STEP#VISIT.
        id: String,
        /// pending, in_progress, waiting, completed, skipped, failed or cancelled.
        #[arg(short, long)]
        status: String,
        /// What it gave; may be repeated. In a process that runs by a definition, what is JSON is
        /// read so.
        #[arg(long = "output", value_name = "TEXT")]
        outputs: Vec<String>,
        /// A note, kept as evidence.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Show the step to take next.
    Next,
    /// Take hold of a step: nobody else can until the lease ends.
    Claim {
        /// The step, or one of its visits: STEP#VISIT.
        step: String,
        /// How long, such as 90s, 10m or 1h30m.
        #[arg(long, default_value = "10m")]
        lease: String,
        /// Who takes it [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Let go of a step.
    Release {
        /// The step, or one of its visits: STEP#VISIT.
        step: String,
        /// Who holds it [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    #[command(flatten)]
    Patching(Patching),
    #[command(flatten)]
    Running(Running),
    #[command(flatten)]
    Driving(Driving),
    #[command(flatten)]
    Children(Children),
    /// Record an answered question.
    Decide {
        /// What was asked.
        question: String,
        /// What was chosen.
        choice: String,
        /// Why.
        #[arg(short, long, value_name = "WHY", default_value = "")]
        rationale: String,
        /// What else could have been chosen; may be repeated.
        #[arg(long = "option", value_name = "O")]
        options: Vec<String>,
    },
    /// Record something that may go wrong.
    Risk {
        /// What may go wrong.
        text: String,
        /// low, medium, high or critical.
        #[arg(short, long, default_value = "medium")]
        impact: String,
        /// What is done about it.
        #[arg(short, long, default_value = "")]
        mitigation: String,
    },
    /// Record something that shows that work was done.
    Evidence {
        /// command, file, url, note, or another word.
        #[arg(value_name = "TYPE")]
        kind: String,
        /// The command line, path, address or text.
        value: String,
        /// The step that it belongs to.
        #[arg(long, value_name = "ID")]
        step: Option<String>,
    },
    /// Show what the process still lacks.
    Missing,
    /// Hold the process against the quality gates; exit 1 when it does not pass.
    Check {
        /// Warnings count as failures.
        #[arg(long)]
        fail_on_warning: bool,
    },
    /// Show every quality gate and what it found.
    Gates,
    /// Draw the process as a guide or a chart.
    Render {
        /// The form.
        #[arg(short, long, default_value = "md")]
        format: DrawingFormat,
        /// Write to this file instead of stdout.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take a version: a snapshot with a number and a reason.
    Version {
        /// The process [default: the active one].
        id: Option<String>,
        /// Why.
        #[arg(long, value_name = "WHY")]
        note: Option<String>,
    },
    /// List the versions with what changed in each, newest first.
    History {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Compare two versions, or one with the process as it stands.
    Diff {
        /// The process.
        id: String,
        /// The older version [default: the newest].
        v1: Option<u64>,
        /// The newer version [default: the process as it stands].
        v2: Option<u64>,
    },
    /// List the events, oldest first.
    #[command(visible_alias = "events")]
    Log {
        /// The process [default: the active one].
        id: Option<String>,
        /// Go on with events as they happen, until interrupted.
        #[arg(long, short)]
        follow: bool,
    },
    /// Show how the process came to be, version by version.
    Evolution {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Write a process as a text that stands alone.
    Export {
        /// The process.
        id: String,
        /// Write to this file instead of stdout.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The form.
        #[arg(long, default_value = "md")]
        format: TextFormat,
        /// With all events and versions: importing it again loses nothing.
        #[arg(long)]
        history: bool,
    },
    /// Take in a process from a file.
    Import {
        /// An export, or a process file.
        file: PathBuf,
        /// Its name here.
        #[arg(short, long)]
        name: Option<String>,
    },
    /// List, show, make or remove templates.
    Templates {
        #[command(subcommand)]
        command: Option<TemplatesCommand>,
    },
    /// Find every mistake in definitions, each with its line; exit 6 when one cannot be used.
    Validate {
        /// A definition, the id of a template, or a scenario beside its definition.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Write every other spelling in canonical form first; comments stay.
        #[arg(long)]
        fix: bool,
    },
    /// Try a definition on a virtual clock, with the outcomes that a scenario tells.
    ///
    /// Nothing is run and nothing is written. Exit 0 when it completes, 1 when it fails or is
    /// cancelled, 7 when it waits; with a scenario that expects something, 0 when it came so, else 1.
    Simulate {
        /// A definition, or the id of a template.
        file: PathBuf,
        /// What happens, and what is expected.
        #[arg(short, long, value_name = "FILE")]
        scenario: Option<PathBuf>,
        /// An input of the process; may be repeated. A value that is JSON is read so, unless the
        /// definition wants text.
        #[arg(long = "input", value_name = "NAME=VALUE")]
        inputs: Vec<String>,
    },
    /// Try every scenario that lies beside a definition; exit 1 when one does not come as expected.
    Test {
        /// Folders, definitions or scenarios [default: the folder where it is started].
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Show the configuration of the project, or set keys of it.
    Config {
        /// A key and its value; may be repeated.
        #[arg(long, value_name = "K=V")]
        set: Vec<String>,
    },
    /// Find every inconsistency; exit 1 when there is one that matters.
    Doctor {
        /// Repair what can be repaired; old files are kept beside.
        #[arg(long)]
        fix: bool,
    },
    /// Rebuild the registry from the journals.
    Reindex,
    /// Print the JSON Schema of a process file, for editors.
    Schema {
        /// That of a definition instead.
        #[arg(long)]
        definition: bool,
    },
    /// Print a shell's completion script.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages to a folder.
    Man {
        /// The folder.
        // Not `dir`: clap would take it for the folder of `-C`.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// The commands about templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplatesCommand {
    /// List them all.
    List,
    /// Show one with all that it inherits.
    Show {
        /// The template.
        id: String,
    },
    /// Keep the steps and risks of a process as a local template.
    New {
        /// The process.
        from_process: String,
        /// The id of the template.
        #[arg(long)]
        id: String,
    },
    /// Remove a local template.
    Remove {
        /// The template.
        id: String,
    },
}

/// The forms in which a process is drawn.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DrawingFormat {
    /// A Markdown guide.
    Md,
    /// A Mermaid chart.
    Mermaid,
}

/// The forms in which a process is exported.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TextFormat {
    /// A Markdown guide; it cannot be imported.
    Md,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

#[cfg(test)]
mod tests;
