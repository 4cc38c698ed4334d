//! SQLite as a store.

use process_core::{Event, ProcessId, Uid, id::PROCESS_NUMBER_MAX};
use process_engine::Execution;
use rusqlite::params;

use super::{open::Sqlite, watch::SqliteWatch};
use crate::{
    error::{Error, ErrorKind},
    store::{Group, Page, Query, Store, Watch},
};

impl Store for Sqlite {
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        self.append_groups(groups)
    }

    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        self.events_behind(id, after)
    }

    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error> {
        self.find_by("SELECT id FROM process WHERE key = ?", params![key])
    }

    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error> {
        self.find_by("SELECT id FROM process WHERE uid = ?", params![uid.as_bytes()])
    }

    fn leave(&self, id: ProcessId) {
        self.leave_one(id);
    }

    fn list(&self, query: &Query) -> Result<Page, Error> {
        self.page(query)
    }

    fn load(&self, id: ProcessId) -> Result<Option<Execution>, Error> {
        self.load_execution(id)
    }

    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error> {
        self.write_later(|connection, _| {
            let text = "UPDATE meta SET next_number = next_number + ? \
                        RETURNING next_number";
            let next: i64 =
                connection.prepare_cached(text)?.query_row([count], |row| row.get(0))?;
            if next - 1 > i64::from(PROCESS_NUMBER_MAX) {
                return Err(
                    Error::new(ErrorKind::Invalid, "there is no process number left").into()
                );
            }
            let numbers = next - i64::from(count)..next;
            let ids =
                numbers.filter_map(|number| ProcessId::from_number(u32::try_from(number).ok()?));
            Ok(ids.collect())
        })
    }

    fn take(&self, id: ProcessId) -> Result<bool, Error> {
        Ok(self.take_all_of(&[id])? == [true])
    }

    fn take_all(&self, ids: &[ProcessId]) -> Result<Vec<bool>, Error> {
        self.take_all_of(ids)
    }

    fn watch(&self) -> Box<dyn Watch> {
        Box::new(SqliteWatch::new(self))
    }
}
