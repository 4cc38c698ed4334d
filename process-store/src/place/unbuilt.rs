//! An SQLite file that cannot be opened: this program is built without SQLite.
//!
//! What looks the same as with SQLite, so that everything else of a place is written once; no
//! [`Sqlite`] can ever be made here.

use std::path::{Path, PathBuf};

use process_core::{Event, ProcessId, Timestamp, Uid};
use process_engine::Execution;

use super::catalog::{TemplateUse, Waiting};
use crate::{
    error::{Error, ErrorKind},
    store::{Group, Page, Query, Store, Watch},
};

pub(super) struct Database {
    path: PathBuf,
}

impl Database {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn exists(&self) -> Result<bool, Error> {
        self.refuse()
    }

    pub(super) fn open(&self, _allow_network: bool) -> Result<Sqlite, Error> {
        self.refuse()
    }

    pub(super) fn make(&self, _allow_network: bool) -> Result<(), Error> {
        self.refuse()
    }

    fn refuse<T>(&self) -> Result<T, Error> {
        let path = self.path.display();
        let message = format!("cannot open `{path}`: this program is built without SQLite");
        Err(Error::new(ErrorKind::Invalid, message)
            .at(&self.path)
            .with_hint("build it with the feature `sqlite`, or keep processes in `files`"))
    }
}

/// What an open SQLite file would be.
#[derive(Clone, Copy)]
pub(super) enum Sqlite {}

impl Sqlite {
    pub(super) fn active(&self) -> Result<Option<ProcessId>, Error> {
        match *self {}
    }

    pub(super) fn set_active(&self, _: Option<ProcessId>) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn check(&self) -> Result<Vec<Error>, Error> {
        match *self {}
    }

    pub(super) fn count(&self) -> Result<u64, Error> {
        match *self {}
    }

    pub(super) fn grown_since(&self, _: Option<i64>) -> Result<(i64, Vec<ProcessId>), Error> {
        match *self {}
    }

    pub(super) fn next_id(&self) -> Result<ProcessId, Error> {
        match *self {}
    }

    pub(super) fn reindex(&self) -> Result<u64, Error> {
        match *self {}
    }

    pub(super) fn template_uses(&self) -> Result<Vec<TemplateUse>, Error> {
        match *self {}
    }

    pub(super) fn waiting(&self, _: Waiting, _: &Timestamp) -> Result<Vec<ProcessId>, Error> {
        match *self {}
    }
}

impl Store for Sqlite {
    fn append(&self, _: &[Group]) -> Vec<Result<(), Error>> {
        match *self {}
    }

    fn events(&self, _: ProcessId, _: u64) -> Result<Vec<Event>, Error> {
        match *self {}
    }

    fn find_key(&self, _: &str) -> Result<Option<ProcessId>, Error> {
        match *self {}
    }

    fn find_uid(&self, _: Uid) -> Result<Option<ProcessId>, Error> {
        match *self {}
    }

    fn leave(&self, _: ProcessId) {
        match *self {}
    }

    fn list(&self, _: &Query) -> Result<Page, Error> {
        match *self {}
    }

    fn load(&self, _: ProcessId) -> Result<Option<Execution>, Error> {
        match *self {}
    }

    fn reserve(&self, _: u32) -> Result<Vec<ProcessId>, Error> {
        match *self {}
    }

    fn take(&self, _: ProcessId) -> Result<bool, Error> {
        match *self {}
    }

    fn watch(&self) -> Box<dyn Watch> {
        match *self {}
    }
}
