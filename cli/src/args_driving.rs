//! The grammar of what drives processes.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// The commands that drive processes.
#[derive(Debug, Subcommand)]
pub(crate) enum Driving {
    /// Start a process by a definition and drive it, until it has ended or only people or messages
    /// can move it.
    ///
    /// Exit 0: completed. 1: failed or cancelled. 7: it waits for a person, a message, or work that
    /// no agent here does; `approvals`, `message` and `next` move it on, and `run ID` or `work`
    /// drives it further. 130: interrupted; nothing that was done is lost.
    ///
    /// Naming a definition's file is consent to the programs that it starts; any other definition
    /// needs `trust`, except in a project that you made.
    Run(Run),
    /// Let definitions in this project start programs and send things.
    ///
    /// A project that you made is trusted from the start; one that was copied or cloned is not, and
    /// its commands, agents and notifications wait.
    Trust {
        /// List the projects that are trusted.
        #[arg(long, conflicts_with = "revoke")]
        list: bool,
        /// Take the trust in this project back.
        #[arg(long)]
        revoke: bool,
    },
    /// Drive every process of the project and start what its templates schedule, until told to stop.
    ///
    /// It ends within 10 seconds of SIGTERM or Ctrl-C. What was being performed then is performed
    /// again, as the same attempt, by whoever drives the process next.
    Work {
        /// At most so many attempts at once [default: that of the configuration, else 16].
        #[arg(long, value_name = "N")]
        concurrency: Option<usize>,
    },
}

/// What is started, and how.
#[derive(ClapArgs, Debug)]
pub(crate) struct Run {
    /// A definition's file, the id of a template, or the process to go on with.
    #[arg(value_name = "FILE|TEMPLATE|ID")]
    pub(crate) source: String,
    /// A value of its input; may be repeated.
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    /// A YAML or JSON file of input; `--input` counts over it.
    #[arg(long, value_name = "FILE")]
    pub(crate) input_file: Option<PathBuf>,
    /// Return when the start is durable; somebody else drives it.
    #[arg(long)]
    pub(crate) detach: bool,
    /// The name under which it is started once: the same key gives the same process.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Approve what waits for a decision, in the name of those who may.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// At most so many attempts at once [default: that of the configuration, else 16].
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
}
