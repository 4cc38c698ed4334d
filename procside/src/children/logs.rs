//! Reading what children write.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use process_store::logs::{LogPosition, LogText, follow, tail};
use procreg::{EntryKey, ProcessInfo};
use serde_json::{Value, json};

use super::{
    end::find,
    open::{Children, unknown},
    outcome::Child,
    starting::shown,
};
use crate::error::{Error, ErrorKind};

/// How much of a log is shown at once: its end.
pub const LOG_SHOWN_BYTES_MAX: u64 = 1024 * 1024;

/// How much a follower is given at once of each log.
pub const FOLLOWED_BYTES_MAX: u64 = 64 * 1024;

/// How often is looked whether something was written.
const LOOK: Duration = Duration::from_millis(50);

/// In which of these rounds it is looked whether somebody may still write; that reads the registry.
const REGISTRY_ROUNDS: u32 = 4;

/// What a child has written.
#[derive(Clone, Debug)]
pub struct ChildLogs {
    /// The child; nothing when its entry was removed and only its log is left.
    pub child: Option<Child>,
    /// Its logs: one, or standard output and standard error of what a driver started.
    pub pieces: Vec<LogPiece>,
    /// What goes on where this ends.
    pub follower: LogFollower,
}

/// A piece of a log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogPiece {
    /// The log's file.
    pub path: PathBuf,
    /// What it says.
    pub bytes: Vec<u8>,
    /// How many bytes before it were left out.
    pub left_out: u64,
}

/// What reads on in the logs of a child.
#[derive(Clone, Debug)]
pub struct LogFollower {
    key: Option<EntryKey>,
    task: Option<(procreg::Namespace, procreg::TaskId)>,
    logs: Vec<(PathBuf, LogPosition)>,
    is_over: bool,
}

impl Children {
    /// Returns the end of what a child has written, named by its number or its task.
    ///
    /// # Errors
    /// `NotFound` when there is neither such a child nor a log of such a task, `Conflict` when
    /// several children have this task, and whatever keeps the log from being read.
    pub fn logs(&self, which: &str, namespace: Option<&str>) -> Result<ChildLogs, Error> {
        let loaded = self.registry.read()?;
        self.tell(&loaded.notices);
        let info = match find(&loaded.registry, which, namespace) {
            Ok(info) => Some(info),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let paths = match info {
            Some(info) => self.logs_of(info),
            None => {
                let log = self.log_of(namespace.unwrap_or("default"), which);
                if !log.exists() {
                    return Err(unknown(which));
                }
                vec![log]
            }
        };
        if let Some(info) = info {
            self.keep_logs_small(&[Child::of(info)]);
        }
        let mut pieces = Vec::new();
        let mut logs = Vec::new();
        for path in paths {
            let LogText { bytes, left_out, position } = tail(&path, LOG_SHOWN_BYTES_MAX)?;
            logs.push((path.clone(), position));
            pieces.push(LogPiece { path, bytes, left_out });
        }
        let follower = LogFollower {
            key: info.map(ProcessInfo::key),
            task: info.and_then(|info| Some((info.namespace.clone(), info.task_id.clone()?))),
            logs,
            is_over: info.is_none(),
        };
        Ok(ChildLogs { child: info.map(Child::of), pieces, follower })
    }

    /// Waits for more of what a child writes, at most this long; returns nothing when nothing came.
    ///
    /// # Errors
    /// Whatever keeps a log from being read.
    pub fn follow(
        &self,
        follower: &mut LogFollower,
        wait: Duration,
    ) -> Result<Vec<LogPiece>, Error> {
        let since = Instant::now();
        for round in 0_u32.. {
            // Looked at before the logs: what a child wrote before its end is then read whole.
            let is_over =
                follower.is_over || (round % REGISTRY_ROUNDS == 0 && !self.is_written(follower));
            let mut pieces = Vec::new();
            for (path, position) in &mut follower.logs {
                let read = follow(path, *position, FOLLOWED_BYTES_MAX)?;
                let has_moved = read.position != *position;
                *position = read.position;
                if !read.bytes.is_empty() {
                    pieces.push(LogPiece { path: path.clone(), bytes: read.bytes, left_out: 0 });
                } else if has_moved {
                    // The log was put away, and goes on at its beginning.
                    pieces.push(LogPiece { path: path.clone(), bytes: Vec::new(), left_out: 0 });
                }
            }
            let is_silent = pieces.is_empty();
            follower.is_over = is_over && is_silent;
            pieces.retain(|piece| !piece.bytes.is_empty());
            let left = wait.saturating_sub(since.elapsed());
            if !pieces.is_empty() || follower.is_over || left.is_zero() {
                return Ok(pieces);
            }
            if is_silent {
                thread::sleep(LOOK.min(left));
            }
        }
        Ok(Vec::new())
    }

    /// Tells whether somebody may still write: the child lives, or is started again.
    fn is_written(&self, follower: &LogFollower) -> bool {
        let Ok(loaded) = self.registry.read() else { return true };
        let is_own = |info: &&ProcessInfo| match &follower.task {
            Some((namespace, task)) => {
                info.namespace == *namespace && info.task_id.as_ref() == Some(task)
            }
            None => follower.key.as_ref() == Some(&info.key()),
        };
        loaded.registry.list().filter(is_own).any(|info| {
            let child = Child::of(info);
            child.is_live() || child.is_restarting()
        })
    }

    /// Returns the files that a child writes.
    fn logs_of(&self, info: &ProcessInfo) -> Vec<PathBuf> {
        if let Some(run) = self.run_of(info).filter(|run| run.is_dir()) {
            return vec![run.join("stdout"), run.join("stderr")];
        }
        let log = info.identity.as_ref().and_then(|identity| identity.log.as_ref());
        let folder = self.path().parent().unwrap_or(Path::new("."));
        match (log, &info.task_id) {
            (Some(log), _) => vec![folder.join(log)],
            (None, Some(task)) => vec![self.log_of(info.namespace.as_str(), task.as_str())],
            (None, None) => Vec::new(),
        }
    }
}

impl ChildLogs {
    /// Returns the data of the answer; bytes that are no text are shown as `\u{fffd}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let logs: Vec<Value> = self.pieces.iter().map(LogPiece::to_value).collect();
        json!({"child": self.child.as_ref().map(Child::to_value), "logs": logs})
    }
}

impl LogPiece {
    /// Returns the piece as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "path": shown(&self.path),
            "text": String::from_utf8_lossy(&self.bytes),
            "left_out": self.left_out,
        })
    }
}

impl LogFollower {
    /// Tells whether nothing more comes: the child has ended, and all that it wrote was read.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }
}
