//! Open files and locks on the disk that fails.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::{Course, Operation};
use super::state::{Body, Change, FileBody, NodeId, State, apply_change, killed};
use crate::disk::seam::{DiskFile, Stat};
use crate::error::Error;

pub(super) type Shared = Arc<Mutex<State>>;

/// Enters the state, also after a test panicked in it.
pub(super) fn enter(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) struct FaultFile {
    pub(super) shared: Shared,
    pub(super) node: NodeId,
    pub(super) path: PathBuf,
    pub(super) life: u64,
    pub(super) poison: Option<Error>,
}

impl DiskFile for FaultFile {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut state = self.enter("write")?;
        let course = state.admit(Operation::Write, "write", &self.path)?;
        let half = &bytes[..bytes.len() / 2];
        let written = match course {
            Course::HalfThenDown | Course::HalfThenFull => half,
            Course::Forget | Course::Whole | Course::WholeThenDown => bytes,
        };
        let offset = file_body(&mut state, self.node).cached.len();
        change(&mut state, self.node, Change::Write { offset, bytes: written.to_vec() });
        match course {
            Course::HalfThenDown => {
                state.plan.is_down = true;
                Err(killed("write", &self.path))
            }
            Course::HalfThenFull => {
                Err(Error::io("write", &self.path, io::ErrorKind::StorageFull.into()))
            }
            Course::Forget | Course::Whole | Course::WholeThenDown => {
                state.conclude(course, "write", &self.path, Ok(()))
            }
        }
    }

    fn sync(&mut self) -> Result<(), Error> {
        let mut state = self.enter("sync")?;
        let course = state.admit(Operation::FileSync, "sync", &self.path)?;
        let file = file_body(&mut state, self.node);
        match course {
            // The power goes while the disk is at it: what gets there is left to the survival.
            Course::WholeThenDown => return state.conclude(course, "sync", &self.path, Ok(())),
            Course::Forget => {
                file.pending.clear();
                drop(state);
                let error = Error::io("sync", &self.path, sync_failed()).poisoning();
                self.poison = Some(error.clone());
                return Err(error);
            }
            Course::HalfThenDown | Course::HalfThenFull | Course::Whole => {}
        }
        for change in file.pending.drain(..) {
            apply_change(&mut file.durable, &change);
        }
        Ok(())
    }

    fn set_len(&mut self, len_bytes: u64) -> Result<(), Error> {
        let mut state = self.enter("truncate")?;
        let course = state.admit(Operation::SetLen, "truncate", &self.path)?;
        let len = usize::try_from(len_bytes).map_err(|_| io::ErrorKind::InvalidInput.into());
        if let Ok(len) = len {
            change(&mut state, self.node, Change::SetLen(len));
        }
        state.conclude(course, "truncate", &self.path, len.map(|_| ()))
    }

    fn stat(&self) -> Result<Stat, Error> {
        Ok(self.enter("look at")?.stat(self.node))
    }
}

impl FaultFile {
    fn enter(&self, action: &str) -> Result<MutexGuard<'_, State>, Error> {
        if let Some(error) = &self.poison {
            return Err(error.clone());
        }
        let state = enter(&self.shared);
        state.require_up(action, &self.path)?;
        if state.life == self.life { Ok(state) } else { Err(killed(action, &self.path)) }
    }
}

/// A held guard; dropping it lets go.
pub(super) struct FaultLock {
    pub(super) shared: Shared,
    pub(super) node: NodeId,
    pub(super) life: u64,
}

impl Drop for FaultLock {
    fn drop(&mut self) {
        let mut state = enter(&self.shared);
        if state.life == self.life {
            state.locks.remove(&self.node);
        }
    }
}

pub(super) fn sync_failed() -> io::Error {
    io::Error::other("input/output error")
}

/// Returns the content of a file whose handle is open, so that it is a file.
fn file_body(state: &mut State, node: NodeId) -> &mut FileBody {
    match &mut state.nodes[node].body {
        Body::File(file) => file,
        Body::Fifo | Body::Folder(_) | Body::Link => unreachable!("only files are opened"),
    }
}

fn change(state: &mut State, node: NodeId, change: Change) {
    let modified = state.tick();
    let file = file_body(state, node);
    apply_change(&mut file.cached, &change);
    file.pending.push(change);
    state.nodes[node].modified = modified;
}

/// Opens a handle on a file that was found or created.
pub(super) fn open(shared: &Shared, life: u64, node: NodeId, path: &Path) -> Box<dyn DiskFile> {
    let shared = Arc::clone(shared);
    Box::new(FaultFile { shared, node, path: path.to_owned(), life, poison: None })
}
