//! Lists by the index, and what the file says of all processes.

use process_core::{ProcessId, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::{
    failure::failed,
    open::Sqlite,
    row::{ENTRY, entry, id_of, to_nanoseconds},
};
use crate::{
    error::{Error, ErrorKind},
    place::{TemplateUse, Waiting},
    store::{Page, Query},
};

impl Sqlite {
    /// Returns the process that commands take when none is named.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn active(&self) -> Result<Option<ProcessId>, Error> {
        self.read(|connection| {
            let text = "SELECT id FROM process JOIN meta ON id = active WHERE archived_at IS NULL";
            let read = connection
                .prepare_cached(text)
                .and_then(|mut statement| statement.query_row([], |row| id_of(row, 0)).optional());
            read.map_err(|error| failed("read", self.path(), error))
        })
    }

    /// Sets the process that commands take when none is named.
    ///
    /// # Errors
    /// `NotFound` when there is no such process, and whatever the disk says.
    pub fn set_active(&self, id: Option<ProcessId>) -> Result<(), Error> {
        self.write(|connection, _| {
            if let Some(id) = id {
                let text = "SELECT 1 FROM process WHERE id = ?";
                if !connection.prepare_cached(text)?.exists([id.number()])? {
                    let message = format!("there is no process {id}");
                    return Err(Error::new(ErrorKind::NotFound, message).into());
                }
            }
            let number = id.map(ProcessId::number);
            connection.prepare_cached("UPDATE meta SET active = ?")?.execute([number])?;
            Ok(())
        })
    }

    /// Returns how many processes there are, archived ones too.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn count(&self) -> Result<u64, Error> {
        self.read(|connection| {
            let count = connection
                .query_row("SELECT count(*) FROM process", [], |row| row.get::<_, i64>(0));
            count.map(i64::cast_unsigned).map_err(|error| failed("read", self.path(), error))
        })
    }

    /// Returns the number that the next process gets when nobody else makes one before.
    pub(crate) fn next_id(&self) -> Result<ProcessId, Error> {
        let number = self.read(|connection| {
            let next = connection
                .prepare_cached("SELECT next_number FROM meta")
                .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)));
            next.map_err(|error| failed("read", self.path(), error))
        })?;
        let id = u32::try_from(number).ok().and_then(ProcessId::from_number);
        id.ok_or_else(|| Error::new(ErrorKind::Invalid, "there is no process number left"))
    }

    /// Returns processes that run and are not archived, and may wait for something, also when it is
    /// only due by now.
    pub(crate) fn waiting(&self, what: Waiting, now: &Timestamp) -> Result<Vec<ProcessId>, Error> {
        let text = match what {
            Waiting::Approval => {
                "SELECT id FROM standing JOIN process USING(id) \
                 WHERE runs AND NOT is_over AND archived_at IS NULL \
                 AND (waits & 1 OR next_wake_at <= ?) ORDER BY id"
            }
            Waiting::Message { ended: false } => {
                "SELECT id FROM standing JOIN process USING(id) \
                 WHERE runs AND NOT is_over AND archived_at IS NULL \
                 AND ? IS NOT NULL ORDER BY id"
            }
            Waiting::Message { ended: true } => {
                "SELECT id FROM standing JOIN process USING(id) \
                 WHERE runs AND archived_at IS NULL \
                 AND ? IS NOT NULL ORDER BY id"
            }
        };
        let now = to_nanoseconds(now.instant());
        self.read(|connection| {
            let read = || -> rusqlite::Result<Vec<ProcessId>> {
                let mut statement = connection.prepare_cached(text)?;
                statement.query_map([now], |row| id_of(row, 0))?.collect()
            };
            read().map_err(|error| failed("read", self.path(), error))
        })
    }

    /// Returns how often templates were used, by the processes that are there.
    pub(crate) fn template_uses(&self) -> Result<Vec<TemplateUse>, Error> {
        let text = "SELECT template, count(*), max(created) FROM process \
                    WHERE template IS NOT NULL GROUP BY template";
        self.read(|connection| {
            let read = || -> rusqlite::Result<Vec<TemplateUse>> {
                let mut statement = connection.prepare_cached(text)?;
                let uses = statement.query_map([], |row| {
                    Ok(TemplateUse {
                        template: row.get(0)?,
                        count: row.get::<_, i64>(1)?.cast_unsigned(),
                        last: Timestamp::parse(&row.get::<_, String>(2)?),
                    })
                })?;
                uses.collect()
            };
            read().map_err(|error| failed("read", self.path(), error))
        })
    }

    pub(super) fn page(&self, query: &Query) -> Result<Page, Error> {
        let text = format!(
            "SELECT {ENTRY} FROM process JOIN standing USING(id) WHERE id > ?1 \
             AND (?2 OR archived_at IS NULL) \
             AND (?3 IS NULL OR status = ?3) \
             AND (?4 IS NULL OR EXISTS(SELECT 1 FROM json_each(tags) WHERE value = ?4)) \
             AND (?5 IS NULL OR instr(search, ?5) > 0) \
             ORDER BY id LIMIT ?6"
        );
        let after = query.after.map_or(0, ProcessId::number);
        let status = query.status.map(process_core::ProcessStatus::as_str);
        let search = query.search.as_ref().map(|text| text.to_lowercase());
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
        let read = |connection: &rusqlite::Connection| {
            let mut statement = connection.prepare_cached(&text)?;
            let rows = statement
                .query_map(params![after, query.all, status, query.tag, search, limit], entry)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut processes = self.read(|connection| {
            read(connection).map_err(|error| failed("read", self.path(), error))
        })?;
        let has_more = processes.len() > query.limit;
        processes.truncate(query.limit);
        Ok(Page { processes, has_more, notices: Vec::new() })
    }
}
