//! Connections to the file: what is checked before anything is written, and what is set.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    failure::failed,
    schema::{APPLICATION_ID, CREATE, FORMAT},
};
use crate::{
    disk::platform,
    error::{Error, ErrorKind},
    replace::folder_of,
};

/// How long SQLite itself waits: only while a file is opened or closed does it ever have to.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Statements that stay prepared; there are some forty in all.
const STATEMENTS_MAX: usize = 64;

/// Pages of the log behind which it is copied into the database.
const CHECKPOINT_PAGES: i64 = 4000;

/// The length of the log that stays behind a checkpoint, in bytes.
const LOG_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// What a file is, before anything of it is changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Header {
    /// It holds nothing.
    Empty,
    /// It is one of ours, of a form that we read.
    Ours,
}

/// Opens the file for reading.
///
/// # Errors
/// `NotFound`, `NotRegular` for what is no database, `Invalid` for one of another program or of a
/// newer version.
pub(super) fn open_reader(path: &Path) -> Result<(Connection, Header), Error> {
    let connection = open(path, OpenFlags::empty())?;
    let header = header(&connection, path)?;
    set(&connection, path, "query_only", 1)?;
    set(&connection, path, "cache_size", -8192)?;
    Ok((connection, header))
}

/// Opens the file for writing, and makes it when there is none; the turn is held.
///
/// Whatever an earlier program could not sync is synced before anything else is acknowledged.
///
/// # Errors
/// As [`open_reader`]; `Locked` when `must_checkpoint` and somebody reads all the time.
pub(super) fn open_writer(path: &Path, must_checkpoint: bool) -> Result<Connection, Error> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_CREATE)?;
    let header = header(&connection, path)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(|error| failed("open", path, error))?;
    if mode != "wal" {
        let message =
            format!("cannot write `{}`: it does not take a write-ahead log", path.display());
        return Err(Error::new(ErrorKind::Io, message)
            .at(path)
            .with_hint("move the file to a local disk"));
    }
    sync_every_commit(&connection, path)?;
    set(&connection, path, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    set(&connection, path, "journal_size_limit", LOG_BYTES_MAX)?;
    set(&connection, path, "cache_size", -16384)?;
    if header == Header::Empty {
        create(&connection, path)?;
    }
    let is_busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(|error| failed("sync", path, error))?;
    if is_busy && must_checkpoint {
        let message = format!("cannot sync `{}`: somebody reads it all the time", path.display());
        return Err(Error::new(ErrorKind::Locked, message).at(path).with_hint("repeat"));
    }
    Ok(connection)
}

/// Makes every commit wait for the disk; read back, for nothing holds without it.
pub(super) fn sync_every_commit(connection: &Connection, path: &Path) -> Result<(), Error> {
    set(connection, path, "synchronous", 2)
}

/// Lets commits go to the log without waiting for the disk: for what nobody is told of.
pub(super) fn sync_later(connection: &Connection, path: &Path) -> Result<(), Error> {
    set(connection, path, "synchronous", 1)
}

fn open(path: &Path, more: OpenFlags) -> Result<Connection, Error> {
    connect(path, more).map_err(|error| failed("open", path, error))
}

fn connect(path: &Path, more: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE
        | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // The file may come from anywhere: nothing in it is run.
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        connection.set_db_config(setting, value)?;
    }
    Ok(connection)
}

/// Tells whether the whole file can be read and hangs together.
pub(super) fn is_sound(path: &Path) -> bool {
    let look = || -> rusqlite::Result<String> {
        let connection = connect(path, OpenFlags::empty())?;
        connection.pragma_update(None, "query_only", 1)?;
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
    };
    look().is_ok_and(|line| line == "ok")
}

/// Tells what the file is; reading does not change it.
fn header(connection: &Connection, path: &Path) -> Result<Header, Error> {
    let read = |what: &str| -> rusqlite::Result<i64> {
        connection.query_row(&format!("PRAGMA {what}"), [], |row| row.get(0))
    };
    let found = || -> rusqlite::Result<(i64, i64, i64)> {
        // All of one instant: somebody may be making the file.
        let _reading = connection.unchecked_transaction()?;
        let count = "SELECT count(*) FROM sqlite_schema";
        let tables = connection.query_row(count, [], |row| row.get(0))?;
        Ok((tables, read("application_id")?, read("user_version")?))
    };
    let (tables, application, format) = found().map_err(|error| failed("open", path, error))?;
    let invalid = |what: &str, hint: &str| {
        Err(Error::new(ErrorKind::Invalid, format!("`{}` {what}", path.display()))
            .at(path)
            .with_hint(hint))
    };
    match (tables, application, format) {
        (0, 0, 0) => Ok(Header::Empty),
        (_, APPLICATION_ID, 1..=FORMAT) => Ok(Header::Ours),
        (_, APPLICATION_ID, _) => {
            invalid("was written by a newer version", "use a newer procside; nothing was changed")
        }
        _ => invalid(
            "is an SQLite database of another program",
            "name another file; nothing was changed",
        ),
    }
}

fn create(connection: &Connection, path: &Path) -> Result<(), Error> {
    let text = format!(
        "BEGIN IMMEDIATE;{CREATE}PRAGMA application_id = {APPLICATION_ID};\
         PRAGMA user_version = {FORMAT};COMMIT;"
    );
    connection.execute_batch(&text).map_err(|error| failed("create", path, error))?;
    platform::sync_folder(folder_of(path))
        .map_err(|error| Error::io("sync folder", folder_of(path), error).poisoning())
}

/// Sets a value and reads it back.
fn set(connection: &Connection, path: &Path, name: &str, value: i64) -> Result<(), Error> {
    let set = connection.pragma_update(None, name, value);
    let read = set.and_then(|()| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    });
    match read {
        Ok(read) if read == value => Ok(()),
        Ok(read) => {
            let shown = path.display();
            let message = format!("cannot set up `{shown}`: `{name}` is {read}, not {value}");
            Err(Error::new(ErrorKind::Io, message).at(path))
        }
        Err(error) => Err(failed("set up", path, error)),
    }
}
