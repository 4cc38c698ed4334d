//! Which program drives which process: a number in the index, and an OS lock that ends with the
//! program, however it ends.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use process_core::{ProcessId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    failure::failed,
    open::{Inner, Sqlite},
    turn::{beside, open_lock},
    write::{Driving, Stop},
};
use crate::{
    disk::platform,
    error::Error,
    lock::{Identity, StdWaiter, Waiter},
};

/// This program, as long as it drives.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) number: i64,
    path: PathBuf,
    /// Locked until it is closed.
    lock: File,
}

impl Sqlite {
    pub(super) fn take_all_of(&self, ids: &[ProcessId]) -> Result<Vec<bool>, Error> {
        let path = self.path();
        let (mine, number) = {
            let writer = self.inner.writer();
            let mine: Vec<bool> = ids.iter().map(|id| writer.owned.contains(id)).collect();
            (mine, writer.driver.as_ref().map(|driver| driver.number))
        };
        if number.is_some() && mine.iter().all(|mine| *mine) {
            return Ok(mine);
        }
        if number.is_some()
            && let [id] = ids
        {
            // Most are free because nobody has made them yet, or are another one's for long.
            let owner = self.read(|connection| {
                owner_of(connection, *id).map_err(|error| failed("read", path, error))
            })?;
            match owner {
                None => {
                    self.inner.writer().owned.insert(*id);
                    return Ok(vec![true]);
                }
                Some(other) if other == number => {}
                Some(Some(other)) if self.is_alive(other)? => return Ok(vec![false]),
                Some(_) => {}
            }
        }
        let taken = self.write_later(|connection, driving| {
            let number = drive(connection, path, driving)?;
            let mut taken = Vec::with_capacity(ids.len());
            let mut alive = None;
            for id in ids {
                driving.memory.forget(*id);
                taken.push(take(connection, path, (*id, number), &mut alive)?);
            }
            Ok(taken)
        })?;
        let ours = ids.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(id, _)| *id);
        self.inner.writer().owned.extend(ours);
        Ok(taken)
    }

    pub(super) fn leave_one(&self, id: ProcessId) {
        if !self.inner.writer().owned.remove(&id) {
            return;
        }
        let left = self.write_later(|connection, driving| {
            let Some(driver) = &driving.driver else { return Ok(()) };
            driving.memory.forget(id);
            let left = next_leave(connection)?;
            let text = "UPDATE standing SET owner = NULL, let_go = ? WHERE id = ? AND owner = ?";
            let values = params![left, id.number(), driver.number];
            connection.prepare_cached(text)?.execute(values)?;
            Ok(())
        });
        if left.is_err() {
            // It stays ours; the next call, or the end of the program, frees it.
            self.inner.writer().owned.insert(id);
        }
    }

    fn is_alive(&self, number: i64) -> Result<bool, Error> {
        is_locked(&driver_path(self.path(), number))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(number) = self.writer().driver.as_ref().map(|driver| driver.number) else {
            return;
        };
        // What fails here is made up for by the next program that finds the lock free.
        let _ = self.write(false, |connection, _| {
            connection.execute("DELETE FROM driver WHERE id = ?", [number])?;
            Ok(())
        });
        if let Some(driver) = self.writer().driver.take() {
            let _ = fs::remove_file(&driver.path);
            let _ = driver.lock.unlock();
        }
    }
}

/// Counts one more process that was let go of, by which those who watch see it.
pub(super) fn next_leave(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("UPDATE meta SET leaves = leaves + 1 RETURNING leaves")?
        .query_row([], |row| row.get(0))
}

/// Returns the owner of a process in the index; `None` when there is no such process.
fn owner_of(connection: &Connection, id: ProcessId) -> rusqlite::Result<Option<Option<i64>>> {
    let text = "SELECT owner FROM standing WHERE id = ?";
    connection.prepare_cached(text)?.query_row([id.number()], |row| row.get(0)).optional()
}

fn take(
    connection: &Connection,
    path: &Path,
    (id, number): (ProcessId, i64),
    alive: &mut Option<i64>,
) -> Result<bool, Stop> {
    match owner_of(connection, id)? {
        Some(Some(other)) if other == number => {}
        Some(Some(other)) => {
            if *alive == Some(other) || is_locked(&driver_path(path, other))? {
                *alive = Some(other);
                return Ok(false);
            }
            forget(connection, path, other)?;
            set_owner(connection, id, number)?;
        }
        Some(None) => set_owner(connection, id, number)?,
        None => {}
    }
    Ok(true)
}

fn set_owner(connection: &Connection, id: ProcessId, number: i64) -> rusqlite::Result<()> {
    let text = "UPDATE standing SET owner = ? WHERE id = ?";
    connection.prepare_cached(text)?.execute(params![number, id.number()])?;
    Ok(())
}

/// Makes this program known as one that drives, and forgets those that have ended.
fn drive(connection: &Connection, path: &Path, driving: &mut Driving<'_>) -> Result<i64, Stop> {
    if let Some(driver) = driving.driver.as_ref() {
        return Ok(driver.number);
    }
    forget_the_dead(connection, path)?;
    let text = "UPDATE meta SET next_driver = next_driver + 1 RETURNING next_driver - 1";
    let number: i64 = connection.query_row(text, [], |row| row.get(0))?;
    let lock_path = driver_path(path, number);
    let lock = open_lock(&lock_path)?;
    // Nobody else has the number; what holds it can only be a look at who lives.
    lock.lock().map_err(|error| Error::io("lock", &lock_path, error))?;
    let identity = Identity::of_this_process();
    let since = Timestamp::from_instant(StdWaiter.now().into());
    connection.execute(
        "INSERT OR REPLACE INTO driver(id, pid, command, since) VALUES(?, ?, ?, ?)",
        params![number, identity.pid, identity.command, since.as_str()],
    )?;
    *driving.driver = Some(Driver { number, path: lock_path, lock });
    Ok(number)
}

/// Removes what programs left that ended without a word; the turn is held, so nobody else does.
fn forget_the_dead(connection: &Connection, path: &Path) -> Result<(), Stop> {
    let mut statement = connection.prepare("SELECT id FROM driver")?;
    let numbers: Vec<i64> =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for number in numbers {
        if !is_locked(&driver_path(path, number))? {
            forget(connection, path, number)?;
        }
    }
    Ok(())
}

/// Removes what one program left.
fn forget(connection: &Connection, path: &Path, number: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM driver WHERE id = ?")?.execute([number])?;
    // Its processes are free as soon as nobody holds the lock; the file is but a name.
    let _ = fs::remove_file(driver_path(path, number));
    Ok(())
}

/// Tells whether a program that lives holds this lock; a stopped one lives.
fn is_locked(path: &Path) -> Result<bool, Error> {
    let io_error = |error| Error::io("look at", path, error);
    let file = match platform::harden(fs::OpenOptions::new().read(true)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io_error(error)),
    };
    // A shared lock, so that two that look at once do not take each other for the holder.
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(io_error(error)),
    }
}

fn driver_path(path: &Path, number: i64) -> PathBuf {
    beside(path, &format!("driver-{number}"))
}
