//! Where processes are kept: files, one SQLite file, or memory, and what all of them can do.

#[cfg(feature = "sqlite")]
pub use process_store::sqlite;
pub use process_store::{
    Error, ErrorKind, Group, Page, Query, Standing, Store, Watch, conformance, disk, files,
    journal::Head, lock, memory,
};
