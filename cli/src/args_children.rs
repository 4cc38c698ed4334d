//! The grammar of what starts, finds and ends children.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

/// The commands about children: operating-system processes that were started here.
#[derive(Debug, Subcommand)]
pub(crate) enum Children {
    /// List the children that run: what was started here, in which namespace, and whose it is.
    ///
    /// Each is looked at: `running` is verified to be the one that was started, `orphaned` has lost
    /// whoever looked after it, `stopped` was seen to end, `stale` has ended unseen or cannot be
    /// verified.
    Ps {
        /// Only those of this namespace.
        #[arg(long, short, value_name = "N")]
        namespace: Option<String>,
        /// Stopped and stale ones too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        registry: Registry,
    },
    /// Start a program as a child that outlives this command; it returns when the child runs.
    ///
    /// Nothing runs that is not recorded durably. What the child writes goes to a log. Nobody looks
    /// after it, unless `--restart` starts somebody who does.
    Spawn(Spawn),
    /// List the children that live and that nobody alive looks after.
    Orphans {
        /// Only those of this namespace.
        #[arg(long, short, value_name = "N")]
        namespace: Option<String>,
        #[command(flatten)]
        registry: Registry,
    },
    /// End the children that nobody alive looks after, with all that they started, and forget those
    /// that are gone; without `--yes`, show what would be done.
    ///
    /// Each is asked to end (TERM), all at once; who still lives after the grace is killed. A child
    /// that cannot be verified to be the one that was started is not signalled: it has failed, and
    /// the exit code is 1.
    Clean {
        /// Do it.
        #[arg(long, short)]
        yes: bool,
        /// Only those of this namespace.
        #[arg(long, short, value_name = "N")]
        namespace: Option<String>,
        /// How long they have to end by themselves, such as 500ms, 5s or 1m.
        #[arg(long, value_name = "TIME", default_value = "5s")]
        grace: String,
        #[command(flatten)]
        registry: Registry,
    },
    /// End a child with all that it started; it is not started again.
    Kill {
        /// Its number, or its task.
        #[arg(value_name = "PID|TASK")]
        which: String,
        /// Only among those of this namespace.
        #[arg(long, short, value_name = "N")]
        namespace: Option<String>,
        /// How long it has to end by itself, such as 500ms, 5s or 1m.
        #[arg(long, value_name = "TIME", default_value = "5s")]
        grace: String,
        #[command(flatten)]
        registry: Registry,
    },
    /// Show what a child has written; of a long log, the last MiB.
    Logs {
        /// Its task, or its number.
        #[arg(value_name = "TASK|PID")]
        which: String,
        /// Only among those of this namespace.
        #[arg(long, short, value_name = "N")]
        namespace: Option<String>,
        /// Go on as it writes, until it has ended or this is interrupted.
        #[arg(long, short)]
        follow: bool,
        #[command(flatten)]
        registry: Registry,
    },
    /// Look after the children as a whole; alone, `children doctor`.
    #[command(name = "children")]
    Whole {
        #[command(subcommand)]
        command: Option<ChildrenCommand>,
    },
    /// Keep a child running, as `spawn --restart` asks on standard input.
    #[command(hide = true)]
    SuperviseChild,
}

/// The commands about all children.
#[derive(Debug, Subcommand)]
pub(crate) enum ChildrenCommand {
    /// Find what somebody has to look after: orphans, children that cannot be verified, tasks with
    /// two children, children that ended too often, a registry that was broken; exit 1 when there is
    /// something.
    Doctor {
        #[command(flatten)]
        registry: Registry,
    },
}

/// Where children are recorded.
#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct Registry {
    /// The registry's file [default: .loopwork/processes.json of the project, or of this folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    /// Write only the keys of the original format to it, and all the rest beside it.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// What is started, and how.
#[derive(ClapArgs, Debug)]
pub(crate) struct Spawn {
    /// The namespace that it belongs to [default: default].
    #[arg(long, short, value_name = "N")]
    pub(crate) namespace: Option<String>,
    /// What it works on; a task has one child at a time [default: the next free of task-1, task-2 …].
    #[arg(long, short, value_name = "T")]
    pub(crate) task: Option<String>,
    /// Whether it is started again when it ends.
    #[arg(long, value_name = "WHEN", default_value = "never")]
    pub(crate) restart: Restart,
    /// What it may use: memory=512M, cpu=60s, files=256, processes=64; several with commas.
    #[arg(long = "limit", value_name = "LIMIT")]
    pub(crate) limits: Vec<String>,
    #[command(flatten)]
    pub(crate) registry: Registry,
    /// The program and its arguments.
    #[arg(value_name = "CMD", required = true, last = true)]
    pub(crate) command: Vec<String>,
}

/// When a child that ended is started again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Restart {
    /// It is left ended, and nobody looks after it.
    Never,
    /// When it did not end with exit code 0.
    OnFailure,
    /// However it ended.
    Always,
}
