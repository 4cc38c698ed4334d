//! Driving processes: to their end, or until only people can move them.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use process_core::{Event, ProcessId, definition::Definition, event::Decided};
use process_engine::{Decision, Input, VisitRef};
use process_runtime::{
    Driver, NewRun, NotStarted, Observer, Parts, Quiet, Team, Templates,
    drive::{Refused, Scope},
    handlers::NotificationHandler,
};
use serde_json::Value;
use tokio::{runtime::Runtime, sync::mpsc};

use crate::{
    config::Config,
    desk::Desk,
    error::{Error, ErrorKind},
    project::Procside,
    team::{limit_of, notifications},
};

/// How processes are driven.
#[derive(Clone, Debug, Default)]
pub struct DriveOptions {
    /// How many attempts are performed at once [default: 16].
    pub concurrency: Option<usize>,
    /// Handlers beside those of the configuration, or in their place.
    pub team: Option<TeamOf>,
    /// The desk that says what happens, in place of [`Driving::next`] and [`Driving::wait`].
    pub desk: Option<Desk>,
}

/// Handlers of a program that embeds this library.
#[derive(Clone)]
pub struct TeamOf(pub Team);

impl std::fmt::Debug for TeamOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TeamOf(..)")
    }
}

/// Something that happens while processes are driven.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A line for people: a notification to the log, or a notice.
    Said {
        /// The line.
        line: String,
    },
    /// Events became durable.
    Stored {
        /// The process.
        process: ProcessId,
        /// The events.
        events: Vec<Event>,
    },
    /// Something goes wrong that is tried again.
    Trouble {
        /// The process.
        process: ProcessId,
        /// What.
        message: String,
    },
}

/// Processes that are being driven; they stand still when this is dropped.
pub struct Driving {
    driver: Driver,
    runtime: Runtime,
    progress: mpsc::UnboundedReceiver<Progress>,
    quiet: Quiet,
    /// Says that something is driven.
    _held: Arc<()>,
}

impl Procside {
    /// Drives these processes, and those that their steps start.
    ///
    /// # Errors
    /// `Invalid` for a configuration that cannot be read, and whatever keeps threads from starting.
    pub fn drive(&self, ids: &[ProcessId], options: &DriveOptions) -> Result<Driving, Error> {
        self.driving(Scope::Only(ids.iter().copied().collect::<BTreeSet<_>>()), options)
    }

    /// Drives every process of the project.
    ///
    /// # Errors
    /// `Invalid` for a configuration that cannot be read, and whatever keeps threads from starting.
    pub fn drive_all(&self, options: &DriveOptions) -> Result<Driving, Error> {
        self.driving(Scope::All, options)
    }

    /// Checks whether this project can be driven so, before anything is started.
    ///
    /// # Errors
    /// `Invalid` for a configuration that cannot be read, and for a limit that is none.
    pub fn check_drive(&self, options: &DriveOptions) -> Result<(), Error> {
        limit_of(&Config::of(self.files())?, options).map(|_| ())
    }

    fn driving(&self, scope: Scope, options: &DriveOptions) -> Result<Driving, Error> {
        let config = Config::of(self.files())?;
        let (sender, progress) = mpsc::unbounded_channel();
        let notifications = notifications(&config, options.desk.clone(), sender.clone());
        let team = self.team(&config, options, notifications.clone())?;
        let desk = options.desk.clone();
        let (store, held) = self.store_to_drive(desk.is_some())?;
        let (project, clock) = (self.clone(), self.surroundings.clock.clone());
        let parts = Parts {
            store,
            team,
            templates: Arc::new(Named(self.clone())),
            observer: Arc::new(Teller { progress: sender, notifications, desk }),
            may_execute: Arc::new(move |execution| project.may_execute(execution)),
            clock,
            by: self.identity().to_owned(),
            scope,
        };
        let driver = Driver::start(parts).map_err(|error| {
            Error::new(ErrorKind::Io, format!("cannot start the threads of the driver: {error}"))
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(
            |error| Error::new(ErrorKind::Io, format!("cannot wait for the driver: {error}")),
        )?;
        let quiet = driver.quiet();
        Ok(Driving { driver, runtime, progress, quiet, _held: held })
    }
}

impl Driving {
    /// Returns what happened next, or `None` when nothing did in this time or nothing moves by
    /// itself any more.
    pub fn next(&mut self, patience: Duration) -> Option<Progress> {
        if let Ok(progress) = self.progress.try_recv() {
            return Some(progress);
        }
        if self.is_quiet() {
            return None;
        }
        let (progress, quiet) = (&mut self.progress, &mut self.quiet);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                next = progress.recv() => next,
                () = quiet.becomes(true) => None,
                () = tokio::time::sleep(patience) => None,
            }
        })
    }

    /// Returns whether nothing moves by itself any more: all has ended, or waits for people,
    /// messages or work that nobody here performs.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet.is_quiet() && self.progress.is_empty()
    }

    /// Looks at once for what others appended, so that [`Driving::is_quiet`] speaks of it when this
    /// returns.
    pub fn look(&self) {
        self.runtime.block_on(self.driver.look());
    }

    /// Asks something of a process; what follows is durable when this returns.
    ///
    /// # Errors
    /// Why it is refused, or cannot be kept.
    pub fn ask(&self, process: ProcessId, by: &str, input: Input) -> Result<Vec<Event>, Error> {
        self.runtime.block_on(self.driver.ask(process, by, input)).map_err(
            |refused| match refused {
                Refused::Rejected(rejected) => rejected.into(),
                Refused::Store(error) => error.into(),
            },
        )
    }

    /// Decides an approval in somebody's name; it is durable when this returns.
    ///
    /// # Errors
    /// `AlreadyDecided`, `Forbidden` for somebody who is none of the approvers, `Conflict` where no
    /// approval waits.
    pub fn decide(
        &self,
        process: ProcessId,
        step: &VisitRef,
        by: &str,
        decision: Decided,
        comment: Option<String>,
        via: Option<String>,
    ) -> Result<(), Error> {
        let decision = Decision { decision, comment, via };
        let input = Input::Decide { step: step.clone(), decision };
        self.ask(process, by, input).map(|_| ())
    }

    /// Returns what happened next, or `None` when nothing did in this time.
    pub fn wait(&mut self, patience: Duration) -> Option<Progress> {
        let progress = &mut self.progress;
        self.runtime.block_on(async {
            tokio::time::timeout(patience, progress.recv()).await.unwrap_or_default()
        })
    }

    /// Starts a process and drives it; it is durable when this returns. One that was started under
    /// the same key, or with the same uid, is returned in its place.
    ///
    /// # Errors
    /// Why it cannot be started, or cannot be kept.
    pub fn start(&self, new: NewRun) -> Result<ProcessId, Error> {
        match self.runtime.block_on(self.driver.start_process(new)) {
            Ok(id) | Err(NotStarted::Exists(id)) => Ok(id),
            Err(NotStarted::Rejected(rejected)) => Err(rejected.into()),
            Err(NotStarted::Store(error)) => Err(error.into()),
        }
    }

    /// Begins nothing any more, and lets what is performed end; returns whether it did in this time.
    #[must_use]
    pub fn shut_down(self, patience: Duration) -> bool {
        self.runtime.block_on(self.driver.shut_down(patience))
    }
}

/// Finds what steps name: the templates of a project, and the definitions beside their own.
struct Named(Procside);

impl Templates for Named {
    fn find(
        &self,
        parent: ProcessId,
        name: &str,
        version: Option<&str>,
    ) -> Result<Arc<Definition>, String> {
        let found = self.0.definition_named(parent, name).map_err(|error| error.to_string())?;
        let found = found.ok_or_else(|| format!("there is no template `{name}`"))?;
        match version {
            Some(wanted) if found.version.as_deref() != Some(wanted) => {
                let there = found.version.as_deref().unwrap_or("none");
                Err(format!("template `{name}` has version {there}, not {wanted}"))
            }
            Some(_) | None => Ok(found),
        }
    }
}

/// Tells what happens to whoever drives.
struct Teller {
    progress: mpsc::UnboundedSender<Progress>,
    notifications: NotificationHandler,
    desk: Option<Desk>,
}

impl Teller {
    fn say(&self, progress: impl FnOnce() -> Progress) {
        match &self.desk {
            Some(desk) => desk.note(),
            // Whoever listens no longer needs to know.
            None => drop(self.progress.send(progress())),
        }
    }
}

impl Observer for Teller {
    fn stored(&self, process: ProcessId, events: &[Event]) {
        self.say(|| Progress::Stored { process, events: events.to_vec() });
    }

    fn tell(&self, process: ProcessId, effect: u64, notice: &Value) -> Result<(), String> {
        let told = self.notifications.tell(&format!("{process}/{effect}"), notice);
        let told = tokio::runtime::Handle::current().block_on(told);
        told.map(|_| ()).map_err(|failed| {
            self.say(|| Progress::Trouble { process, message: failed.error.clone() });
            failed.error
        })
    }

    fn trouble(&self, process: ProcessId, error: &process_store::Error) {
        self.say(|| Progress::Trouble { process, message: error.to_string() });
    }

    fn quiet(&self, is_quiet: bool) {
        if let Some(desk) = &self.desk {
            desk.set_quiet(is_quiet);
        }
    }
}
