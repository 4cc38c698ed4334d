//! Processes in one SQLite file (docs/formats/sqlite.md).

mod append;
mod body;
mod check;
mod connection;
mod drive;
mod failure;
mod index;
mod known;
mod list;
mod load;
mod open;
mod row;
mod schema;
mod statements;
mod store;
mod tail;
mod turn;
mod watch;
mod write;

#[cfg(test)]
mod tests;

pub use open::{Sqlite, SqliteOptions};
