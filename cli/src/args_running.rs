//! The grammar of what is asked of a process that runs by a definition.

use clap::Subcommand;

/// The commands about processes that run by a definition.
#[derive(Debug, Subcommand)]
pub(crate) enum Running {
    /// List what waits for a decision, in all processes, longest waiting first.
    Approvals {
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Approve what waits for a decision.
    ///
    /// It guards against mistakes, not against people: whoever can write the project can decide under
    /// any name.
    Approve {
        /// The process.
        id: String,
        /// The step, or one of its visits: STEP#VISIT.
        step: String,
        /// Why.
        #[arg(short, long, value_name = "TEXT")]
        comment: Option<String>,
        /// Who decides [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Reject what waits for a decision; `show` tells what that does to the process.
    Reject {
        /// The process.
        id: String,
        /// The step, or one of its visits: STEP#VISIT.
        step: String,
        /// Why.
        #[arg(short, long, value_name = "TEXT")]
        comment: Option<String>,
        /// Who decides [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Bring a message to whoever waits for it, or will.
    ///
    /// Without a process it goes to the one that has waited longest for its name and key. If none
    /// waits and only one may, that one keeps it; if several may, it is a conflict that lists them.
    Message {
        /// Its name.
        name: String,
        /// The process.
        // Not `process`: clap would take it for the common option.
        #[arg(value_name = "PROCESS")]
        to: Option<String>,
        /// The key by which it finds whoever waits for it.
        #[arg(short, long)]
        key: Option<String>,
        /// What it says [default: {}].
        #[arg(short, long, value_name = "JSON")]
        data: Option<String>,
        /// What tells it from others: a message of that id that comes again changes nothing.
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Stop a process for the time being: nothing new begins until it is resumed.
    ///
    /// What runs may end, decisions and messages are taken, and clocks run on: what came due meanwhile
    /// happens when the process is resumed.
    Pause {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Let a paused process go on.
    Resume {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// End a process; what was done is undone where the definition says how.
    Cancel {
        /// The process [default: the active one].
        id: Option<String>,
        /// Why.
        #[arg(short, long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Try again what failed or was cancelled, and all that follows from it.
    Retry {
        /// The process.
        id: String,
        /// This step and all that follows from it instead.
        #[arg(long, value_name = "STEP")]
        from: Option<String>,
        /// By its template or definition as it stands today.
        #[arg(long)]
        newest: bool,
    },
    /// Go on by another definition; what is done stays done.
    ///
    /// It is refused with every reason when what is done has no place in it. With `--dry-run` it only
    /// tells whether it could be.
    Adopt {
        /// The process.
        id: String,
        /// The definition, or the id of a template.
        file: String,
    },
    /// Give a step that runs once for each item of a list another item, while it runs.
    AddItem {
        /// The process.
        id: String,
        /// The step.
        step: String,
        /// The item.
        #[arg(value_name = "JSON")]
        item: String,
    },
    /// Say how well a step went, so that others learn from it.
    Feedback {
        /// The process.
        id: String,
        /// The step.
        step: String,
        /// From 1, the worst, to 5, the best.
        #[arg(long, value_name = "N")]
        rating: u8,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Show what a process cost, with all that it started.
    Cost {
        /// The process [default: the active one].
        id: Option<String>,
    },
}
