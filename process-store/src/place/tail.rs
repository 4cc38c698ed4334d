//! Seeing which journals grow, whoever appends to them.

use std::collections::BTreeMap;

use process_core::ProcessId;

use super::{Place, Sqlite, opened::Open};
use crate::{error::Error, files::Files};

/// Sees which journals grow.
///
/// Other than [`Watch`](crate::Watch), it sees processes that people keep by hand as well, and
/// nothing but events.
pub struct Tail(Source);

enum Source {
    /// The length of each journal at the last look.
    Files { files: Files, lengths: Option<BTreeMap<ProcessId, u64>> },
    /// The last row of the journals at the last look.
    Sqlite { sqlite: Sqlite, row: Option<i64> },
}

impl Place {
    /// Returns what sees which journals grow.
    ///
    /// # Errors
    /// `NotFound` for a missing SQLite file, and whatever keeps it from being opened.
    pub fn tail(&self) -> Result<Tail, Error> {
        Ok(Tail(match self.open()? {
            Open::Files(files) => Source::Files { files: files.clone(), lengths: None },
            Open::Sqlite(sqlite) => Source::Sqlite { sqlite, row: None },
        }))
    }
}

impl Tail {
    /// Returns the processes to whose journals something was appended since the last call; at the
    /// first call, all that there are. One may be told twice, and never not at all.
    ///
    /// # Errors
    /// Whatever the disk says; the next call tells what this one could not.
    pub fn poll(&mut self) -> Result<Vec<ProcessId>, Error> {
        match &mut self.0 {
            Source::Files { files, lengths } => {
                let mut grown = Vec::new();
                let mut now = BTreeMap::new();
                for id in files.ids()? {
                    let stat = files.disk().stat(&files.layout().journal(id))?;
                    let length = stat.map_or(0, |stat| stat.len);
                    let before = lengths.as_ref().and_then(|known| known.get(&id));
                    if before != Some(&length) {
                        grown.push(id);
                    }
                    now.insert(id, length);
                }
                *lengths = Some(now);
                Ok(grown)
            }
            Source::Sqlite { sqlite, row } => {
                let (last, grown) = sqlite.grown_since(*row)?;
                *row = Some(last);
                Ok(grown)
            }
        }
    }
}
