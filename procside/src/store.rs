//! Where processes are kept: files, one SQLite file, or memory, and what all of them can do.

pub use process_store::{
    Error, ErrorKind, Group, Page, Query, Standing, Store, Watch, disk, files, lock, memory, sqlite,
};
