//! Whose turn it is to write: an OS lock, so that nobody ever finds the database busy.
//!
//! SQLite lets whoever asks at the right moment write next, so that one of a dozen busy programs
//! may wait for seconds. Here a writer queues first: only the one at the head of the queue asks for
//! the turn, so whoever has just written cannot take it again before one that waits.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::disk::platform;
use crate::error::{Error, ErrorKind};

/// How long to wait in all: longer than any group, short enough for a person.
const WAIT: Duration = Duration::from_secs(5);

/// How long to queue. Whoever is at the head may have been stopped; then politeness ends.
const WAIT_IN_QUEUE: Duration = Duration::from_millis(250);

/// The pause between two looks at the queue.
const PAUSE_IN_QUEUE: Duration = Duration::from_micros(300);

/// The pause between two looks at the turn: about as long as a group takes.
const PAUSE: Duration = Duration::from_micros(60);

/// The files by which writers take turns; they are never removed.
#[derive(Debug)]
pub(super) struct Turn {
    turn: File,
    queue: File,
    path: PathBuf,
}

/// The turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Held<'a>(&'a Turn);

impl Turn {
    /// Opens the files beside the database.
    pub(super) fn open(database: &Path) -> Result<Self, Error> {
        let path = beside(database, "turn");
        let queue = beside(database, "queue");
        Ok(Self { turn: open_lock(&path)?, queue: open_lock(&queue)?, path })
    }

    /// Takes the turn.
    ///
    /// # Errors
    /// `Locked` after five seconds, with the holder in the details.
    pub(super) fn take(&self) -> Result<Held<'_>, Error> {
        let start = Instant::now();
        let is_queued = self.wait_for(&self.queue, start + WAIT_IN_QUEUE, PAUSE_IN_QUEUE)?;
        let taken = self.wait_for(&self.turn, start + WAIT, PAUSE);
        if is_queued {
            self.queue.unlock().map_err(|error| Error::io("unlock", &self.path, error))?;
        }
        if !taken? {
            return Err(self.locked());
        }
        self.sign();
        Ok(Held(self))
    }

    fn wait_for(&self, file: &File, until: Instant, pause: Duration) -> Result<bool, Error> {
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(pause),
                Err(TryLockError::WouldBlock) => return Ok(false),
                Err(TryLockError::Error(error)) => {
                    return Err(Error::io("lock", &self.path, error));
                }
            }
        }
    }

    /// Writes down who we are, for those who wait in vain.
    fn sign(&self) {
        let mut file = &self.turn;
        let text = format!("{:<10}\n", std::process::id());
        // Without a name the error of whoever waits still says what it has to.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(text.as_bytes()));
    }

    fn locked(&self) -> Error {
        let mut text = String::new();
        let mut file = &self.turn;
        let read =
            file.seek(SeekFrom::Start(0)).and_then(|_| file.take(64).read_to_string(&mut text));
        let pid = read.ok().and_then(|_| text.trim().parse::<u32>().ok());
        let who = match pid {
            Some(pid) => format!("process {pid} writes to it"),
            None => "somebody unnamed writes to it".to_owned(),
        };
        Error::new(ErrorKind::Locked, format!("cannot lock `{}`: {who}", self.path.display()))
            .at(&self.path)
            .with_details(json!({"holder": {"pid": pid, "command": null, "since": null}}))
            .with_hint("repeat when that process has finished, or end it")
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // There is nobody to tell; the lock ends with the file at the latest.
        let _ = self.0.turn.unlock();
    }
}

/// Returns the path of a file that belongs to the database.
pub(super) fn beside(database: &Path, what: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    database.with_file_name(name)
}

/// Opens a file to lock, and makes it when there is none.
pub(super) fn open_lock(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    platform::publicly_readable(platform::harden(options.read(true).write(true).create(true)));
    let opened = match options.open(path) {
        // What another user made is locked just as well through a read-only descriptor.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            platform::harden(OpenOptions::new().read(true)).open(path).map_err(|_| error)
        }
        opened => opened,
    };
    let file = opened.map_err(|error| Error::io("open", path, error))?;
    let is_file = file.metadata().map_err(|error| Error::io("open", path, error))?.is_file();
    if is_file { Ok(file) } else { Err(Error::not_regular("lock", path, "a folder or a pipe")) }
}
