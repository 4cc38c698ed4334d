//! The statements of one transaction, each looked up once.

use rusqlite::{CachedStatement, Connection};

/// The statements of one transaction, each looked up once however many groups it has.
pub(super) struct Statements<'a> {
    connection: &'a Connection,
    ready: Vec<(&'static str, CachedStatement<'a>)>,
}

impl<'a> Statements<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection, ready: Vec::new() }
    }

    /// Returns a statement.
    ///
    /// # Errors
    /// Whatever SQLite says of its text.
    pub(super) fn get(&mut self, text: &'static str) -> rusqlite::Result<&mut CachedStatement<'a>> {
        let place = match self.ready.iter().position(|(known, _)| std::ptr::eq(*known, text)) {
            Some(place) => place,
            None => {
                self.ready.push((text, self.connection.prepare_cached(text)?));
                self.ready.len() - 1
            }
        };
        Ok(&mut self.ready[place].1)
    }
}
