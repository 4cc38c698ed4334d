//! Attempts that threads of the host perform, instead of the workers of the driver.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use process_engine::Cost;
use process_runtime::{Done, Failed, Handler, Performing, Signs, Stop, Work};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};

/// How long an attempt that nobody wants any more may take to give a result that still counts.
const GRACE: Duration = Duration::from_secs(10);

/// A desk: the driver lays attempts on it, and threads of the host take them.
///
/// For handlers that must not run on just any thread, or that block. A clone is the same desk. Its
/// handlers are put into a [`Team`](crate::runtime::Team), and
/// [`DriveOptions::desk`](crate::DriveOptions::desk) makes the desk say what happens; a desk belongs
/// to one driver at a time.
///
/// ```
/// use std::time::Duration;
///
/// use procside::{Desk, DriveOptions, Procside, StartRequest, Surroundings, TeamOf, Turn};
/// use procside::runtime::{Done, Team};
/// use serde_json::json;
///
/// let folder = std::env::temp_dir().join(format!("procside-desk-{}", std::process::id()));
/// # let _ = std::fs::remove_dir_all(&folder);
/// std::fs::create_dir_all(&folder)?;
/// let flow = "name: flow\nsteps:\n  - {id: a, type: agent_task, agent: writer, message: Write}\n";
/// std::fs::write(folder.join("flow.yaml"), flow)?;
/// let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
/// let start = StartRequest {
///     source: "flow.yaml".to_owned(),
///     folder: folder.clone(),
///     ..StartRequest::default()
/// };
/// let id = project.start(start)?.process.id;
///
/// let desk = Desk::new();
/// let team = Team::new().with_agent("writer", desk.handler("writer"));
/// let options =
///     DriveOptions { team: Some(TeamOf(team)), desk: Some(desk.clone()), ..Default::default() };
/// let driving = project.drive(&[id], &options)?;
/// loop {
///     match desk.wait(Duration::from_secs(5)) {
///         Turn::Attempt(attempt) => attempt.finish(Ok(Done { output: json!("text"), cost: None })),
///         Turn::Happened => {}
///         Turn::Quiet | Turn::Nothing | Turn::Over => break,
///     }
/// }
/// assert!(driving.shut_down(Duration::from_secs(5)));
/// assert_eq!(project.status(Some(id))?.process.status, procside::ProcessStatus::Completed);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Desk(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    attempts: VecDeque<Attempt>,
    /// Whether something happened that nobody was told of.
    has_happened: bool,
    is_quiet: bool,
    is_over: bool,
}

/// What a thread finds at a desk.
#[derive(Debug)]
pub enum Turn {
    /// An attempt to perform.
    Attempt(Box<Attempt>),
    /// Events became durable, or something went wrong that is tried again.
    Happened,
    /// Nothing in this time.
    Nothing,
    /// The driver is gone.
    Over,
    /// Nothing moves by itself any more: all has ended, or waits for people, messages or work that
    /// nobody here performs.
    Quiet,
}

/// An attempt that was taken from a desk; one that is dropped has failed.
pub struct Attempt {
    handler: Arc<str>,
    work: Work,
    result: oneshot::Sender<Result<Done, Failed>>,
}

/// What is asked of an attempt that somebody performs, and told of it meanwhile.
#[derive(Clone, Debug)]
pub struct AttemptLine {
    /// Takes signs of life, and what is to be kept for the next attempt.
    pub signs: Signs,
    /// Says when nobody wants the result any more.
    pub stop: Stop,
}

impl Desk {
    /// Returns a desk with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a handler that lays attempts on this desk, under a name by which whoever takes them
    /// knows what to do.
    #[must_use]
    pub fn handler(&self, name: &str) -> impl Handler + 'static {
        LaysOn { desk: self.clone(), name: name.into() }
    }

    /// Returns what there is to do, waiting for it at most so long.
    ///
    /// Each attempt is given to one thread, and so is the news that something happened.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> Turn {
        let until = Instant::now().checked_add(patience);
        let mut state = self.state();
        loop {
            if let Some(attempt) = state.next_attempt() {
                return Turn::Attempt(Box::new(attempt));
            }
            if std::mem::take(&mut state.has_happened) {
                return Turn::Happened;
            }
            if state.is_over {
                return Turn::Over;
            }
            if state.is_quiet {
                return Turn::Quiet;
            }
            let left = until.map_or(GRACE, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Turn::Nothing;
            }
            let waited = self.0.bell.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Sends every thread away that waits here; attempts that nobody took are performed by the next
    /// driver.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_over = true;
        let attempts = std::mem::take(&mut state.attempts);
        drop(state);
        self.0.bell.notify_all();
        // They go where nobody listens any more.
        for attempt in attempts {
            attempt.forget();
        }
    }

    /// Takes note of something that happened.
    pub(crate) fn note(&self) {
        self.state().has_happened = true;
        self.0.bell.notify_one();
    }

    /// Takes note of whether anything moves by itself.
    pub(crate) fn set_quiet(&self, is_quiet: bool) {
        self.state().is_quiet = is_quiet;
        self.0.bell.notify_all();
    }

    fn lay(&self, attempt: Attempt) {
        let mut state = self.state();
        if state.is_over {
            drop(state);
            attempt.forget();
            return;
        }
        state.attempts.push_back(attempt);
        drop(state);
        self.0.bell.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What it holds is right between any two statements.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("attempts", &self.state().attempts.len()).finish()
    }
}

impl State {
    /// Returns the next attempt that somebody still waits for.
    fn next_attempt(&mut self) -> Option<Attempt> {
        while let Some(attempt) = self.attempts.pop_front() {
            if attempt.is_wanted() {
                return Some(attempt);
            }
        }
        None
    }
}

impl Attempt {
    /// Returns the name of the handler that it was laid there for.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// Returns what is to be done.
    #[must_use]
    pub fn work(&self) -> &Work {
        &self.work
    }

    /// Returns what can be asked of the attempt, and told of it, by whoever performs it.
    #[must_use]
    pub fn line(&self) -> AttemptLine {
        AttemptLine { signs: self.work.signs.clone(), stop: self.work.stop.clone() }
    }

    /// Returns whether anybody still wants its result.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.result.is_closed()
    }

    /// Returns what is to be done as JSON: `process`, `step`, `visit`, `attempt`, `key`, `task`,
    /// `context` and `compensation`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let work = &self.work;
        json!({
            "process": work.process.to_string(),
            "step": work.step.to_string(),
            "visit": work.visit,
            "attempt": work.attempt,
            "key": work.key,
            "task": work.task,
            "context": work.context,
            "compensation": work.is_compensation,
        })
    }

    /// Says what came of it; a result that nobody wants any more is passed over.
    pub fn finish(self, result: Result<Done, Failed>) {
        let _ = self.result.send(result);
    }

    /// Lets go of it without a result: the driver that wanted one is gone.
    fn forget(self) {
        drop(self);
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("handler", &self.handler).field("work", &self.work).finish()
    }
}

/// Reads what came of an attempt: `{"output": JSON, "cost": "0.25"}`, or `{"error": TEXT, "cost":
/// "0.25"}`; each key may be left out, and an empty text is no output.
///
/// # Errors
/// `Invalid` for anything else.
pub fn attempt_result(text: &str) -> Result<Result<Done, Failed>, Error> {
    let bad = |message: String| Error::new(ErrorKind::Invalid, message);
    if text.trim().is_empty() {
        return Ok(Ok(Done::default()));
    }
    let value: Value = serde_json::from_str(text)
        .map_err(|error| bad(format!("the result is no JSON: {error}")))?;
    let Value::Object(map) = value else {
        return Err(bad("the result must be an object".to_owned()));
    };
    let keys = ["output", "error", "cost"];
    if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(bad(format!("the result has no key {key:?}"))
            .with_hint("it has `output` or `error`, and `cost`"));
    }
    let cost = match map.get("cost") {
        None | Some(Value::Null) => None,
        // The digits of a number in JSON may be gone already.
        Some(Value::String(text)) => {
            Some(Cost::parse(text).ok_or_else(|| bad(format!("{text:?} is no cost")))?)
        }
        Some(_) => return Err(bad("`cost` must be a text such as \"0.25\"".to_owned())),
    };
    match (map.get("error"), map.get("output")) {
        (None | Some(Value::Null), output) => {
            Ok(Ok(Done { output: output.cloned().unwrap_or_default(), cost }))
        }
        (Some(Value::String(error)), None) => Ok(Err(Failed { error: error.clone(), cost })),
        (Some(Value::String(_)), Some(_)) => {
            Err(bad("the result has `output` and `error`".to_owned()))
        }
        (Some(_), _) => Err(bad("`error` must be a text".to_owned())),
    }
}

/// Lays attempts on a desk.
struct LaysOn {
    desk: Desk,
    name: Arc<str>,
}

impl Handler for LaysOn {
    fn perform(&self, work: Work) -> Performing {
        let (result, mut given) = oneshot::channel();
        let mut stop = work.stop.clone();
        let desk = self.desk.clone();
        desk.lay(Attempt { handler: self.name.clone(), work, result });
        Box::pin(async move {
            tokio::select! {
                biased;
                given = &mut given => return outcome(given, &desk).await,
                () = stop.requested() => {}
            }
            // Whoever has begun may still give a result that counts.
            tokio::time::timeout(GRACE, given).await.map_or_else(
                |_| Err(Failed::new("it was asked to stop and did not")),
                |given| given.unwrap_or_else(|_| Err(Failed::new("nobody finished it"))),
            )
        })
    }
}

/// Returns what came of an attempt; on a desk that was closed nothing did, and nothing will.
async fn outcome(
    given: Result<Result<Done, Failed>, oneshot::error::RecvError>,
    desk: &Desk,
) -> Result<Done, Failed> {
    match given {
        Ok(result) => result,
        Err(_) if desk.state().is_over => std::future::pending().await,
        Err(_) => Err(Failed::new("nobody finished it")),
    }
}
