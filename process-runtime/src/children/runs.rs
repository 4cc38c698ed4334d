//! The programs of attempts: recorded before they run, and found again by whoever drives next.
//!
//! ```text
//! .loopwork/processes.json           an entry for each, from before it runs until its result is kept
//! .loopwork/runs/<run id>/           stdout, stderr, exit, context.json
//! ```
//!
//! The id of a run is made of the process and the attempt, so that the next driver knows it.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use process_store::{
    Error,
    children::{Children, ChildrenOptions, ChildrenWriter},
    disk::OsDisk,
};
use procreg::{
    Certainty, ChildIdentity, Delta, EntryKey, Namespace, ProcessInfo, ProcessMetadata, Reason,
    TaskId, judge,
};
use uuid::Uuid;

use super::seen::{facts, identity_of, lives, this_owner};

/// The registry of a project, below its root.
const REGISTRY: &str = ".loopwork/processes.json";

/// The folders of runs, beside the registry.
const RUNS: &str = "runs";

/// How long what a run left is kept behind its end: until then its result is surely stored.
const KEPT: Duration = Duration::from_secs(10);

/// How long whoever waits at a gate that closed may take to end on a busy machine.
const GATE_WAIT: Duration = Duration::from_secs(2);

/// How often is looked for that.
const GATE_LOOK: Duration = Duration::from_millis(10);

/// How many bytes of an argument are recorded.
const ARGUMENT_BYTES_MAX: usize = 512;

/// How many arguments are recorded.
const ARGUMENTS_MAX: usize = 64;

/// The programs of attempts of one project, kept in its registry of children.
///
/// Clones share one; when the last is dropped, what ended is removed from the registry.
#[derive(Clone, Debug)]
pub struct Runs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: ChildrenWriter,
    folder: PathBuf,
    finished: Mutex<Vec<Finished>>,
}

/// A run that is over, and is forgotten when its result is surely stored.
#[derive(Debug)]
struct Finished {
    at: Instant,
    key: EntryKey,
    folder: PathBuf,
}

/// What a driver before this one left of a run.
#[derive(Debug)]
pub(crate) enum Left {
    /// It runs.
    Alive(ProcessInfo),
    /// It has ended.
    Ended(ProcessInfo),
    /// Nothing of it runs, and nothing was recorded.
    Nothing,
    /// It ended with the machine.
    Torn(ProcessInfo),
    /// Nobody can tell.
    Unknown,
}

impl Runs {
    /// Returns the runs of the project in a folder; nothing is read or made by that.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let path = root.join(REGISTRY);
        let folder = path.with_file_name(RUNS);
        let children = Children::open(Arc::new(OsDisk), path, ChildrenOptions::default())
            .expect("the path ends with the name of a file");
        let registry = ChildrenWriter::new(children);
        Self(Arc::new(Inner { registry, folder, finished: Mutex::default() }))
    }

    /// Returns the id of the run that performs an attempt of a process.
    pub(crate) fn id_of(uid: &str, key: &str, is_compensation: bool) -> String {
        let what = if is_compensation { "undo" } else { "do" };
        Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{uid} {what} {key}").as_bytes()).to_string()
    }

    /// Returns the folder of a run.
    pub(crate) fn folder_of(&self, run_id: &str) -> PathBuf {
        self.0.folder.join(run_id)
    }

    /// Makes the folder of a run, empty; nobody else may read it.
    ///
    /// # Errors
    /// Whatever keeps it from being made; a link is never followed.
    pub(crate) fn make_folder(&self, run_id: &str) -> Result<PathBuf, String> {
        let failed = |path: &Path, error: io::Error| {
            format!("cannot make the folder `{}`: {error}", path.display())
        };
        self.0.registry.children().prepare().map_err(|error| error.to_string())?;
        make_private(&self.0.folder).map_err(|error| failed(&self.0.folder, error))?;
        let folder = self.folder_of(run_id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&folder, error));
            }
            _ => {}
        }
        make_private(&folder).map_err(|error| failed(&folder, error))?;
        Ok(folder)
    }

    /// Records a program that waits at its gate, durably.
    ///
    /// # Errors
    /// Whatever keeps the registry from being written.
    pub(crate) fn record(
        &self,
        pid: u32,
        run: &[String],
        task: &str,
        run_id: &str,
    ) -> Result<EntryKey, Error> {
        let identity = ChildIdentity {
            run_id: Some(run_id.to_owned()),
            group: true,
            owner: Some(this_owner()),
            log: Some(format!("{RUNS}/{run_id}/stdout")),
            ..identity_of(pid)
        };
        let metadata = ProcessMetadata {
            command: run.first().map(|name| shortened(name)).unwrap_or_default(),
            args: run.iter().skip(1).take(ARGUMENTS_MAX).map(|arg| shortened(arg)).collect(),
            namespace: Namespace::default(),
            task_id: TaskId::parse(task).ok(),
            start_time: now_ms(),
            parent_pid: Some(std::process::id()),
            identity: Some(identity),
        };
        let info = ProcessInfo::new(pid, metadata);
        let key = info.key();
        let forgotten = self.forgettable(KEPT);
        let mut deltas = removals(&forgotten);
        deltas.push(Delta::Add(info));
        self.0.registry.commit(deltas, now_ms())?;
        remove_folders(&forgotten);
        Ok(key)
    }

    /// Looks for what a driver before this one left of a run.
    ///
    /// # Errors
    /// Whatever keeps the registry from being read.
    pub(crate) fn left(&self, run_id: &str) -> Result<Left, Error> {
        // A run without a folder never was: most are looked for in vain, and cost nothing so.
        if !self.folder_of(run_id).exists() {
            return Ok(Left::Nothing);
        }
        let registry = self.0.registry.children().read()?.registry;
        let is_it = |info: &&ProcessInfo| {
            info.identity.as_ref().and_then(|identity| identity.run_id.as_deref()) == Some(run_id)
        };
        let Some(info) = registry.list().filter(is_it).max_by_key(|info| info.start_time) else {
            // It never got through its gate, or somebody cleaned it away.
            return Ok(if is_gone_soon(run_id) { Left::Nothing } else { Left::Unknown });
        };
        let judgement = judge(info, facts(info));
        Ok(match (judgement.is_live(), judgement.certainty()) {
            (true, _) => Left::Alive(info.clone()),
            // What outlived the boot of the machine may be torn.
            (false, Certainty::Certain) if judgement.reason() == Reason::Rebooted => {
                Left::Torn(info.clone())
            }
            (false, Certainty::Certain) => Left::Ended(info.clone()),
            (false, Certainty::Probable | Certainty::Unknown) => Left::Unknown,
        })
    }

    /// Answers for a child from here on.
    ///
    /// # Errors
    /// Whatever keeps the registry from being written.
    pub(crate) fn adopt(&self, info: &ProcessInfo) -> Result<(), Error> {
        let Some(identity) = info.identity.clone() else { return Ok(()) };
        let identity = ChildIdentity { owner: Some(this_owner()), ..identity };
        self.0.registry.commit(vec![Delta::SetIdentity(info.key(), identity)], now_ms())?;
        Ok(())
    }

    /// Notes that a run is over; it is forgotten when its result is surely stored.
    pub(crate) fn finished(&self, key: EntryKey, folder: PathBuf) {
        let mut finished = self.0.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.push(Finished { at: Instant::now(), key, folder });
    }

    fn forgettable(&self, kept: Duration) -> Vec<Finished> {
        let mut finished = self.0.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let (over, rest) = finished.drain(..).partition(|run| run.at.elapsed() >= kept);
        *finished = rest;
        over
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let finished =
            std::mem::take(self.finished.get_mut().unwrap_or_else(PoisonError::into_inner));
        if finished.is_empty() {
            return;
        }
        // What cannot be removed is stale, and is told and cleaned as such.
        if self.registry.commit(removals(&finished), now_ms()).is_ok() {
            remove_folders(&finished);
        }
    }
}

/// Returns the time in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Tells whether nothing of a run lives, or soon will: a shell at a gate that closed is about to end.
fn is_gone_soon(run_id: &str) -> bool {
    let since = Instant::now();
    while lives(run_id) {
        if since.elapsed() >= GATE_WAIT {
            return false;
        }
        thread::sleep(GATE_LOOK);
    }
    true
}

fn removals(finished: &[Finished]) -> Vec<Delta> {
    finished.iter().map(|run| Delta::Remove(run.key.clone())).collect()
}

fn remove_folders(finished: &[Finished]) {
    // One that stays is found by whoever cleans up.
    finished.iter().for_each(|run| drop(fs::remove_dir_all(&run.folder)));
}

/// Makes a folder that nobody else may read; one that is there is taken, a link to one is not.
fn make_private(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(path)?.is_dir();
            if is_folder { Ok(()) } else { Err(error) }
        }
        made => made,
    }
}

/// Returns the beginning of a text that may be long, such as a message to an agent.
fn shortened(text: &str) -> String {
    if text.len() <= ARGUMENT_BYTES_MAX {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(ARGUMENT_BYTES_MAX)])
}
