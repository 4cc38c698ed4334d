//! Every store passes.

use std::{path::PathBuf, sync::Arc};

use super::{Opener, run_all};
use crate::{
    disk::{Disk, FaultDisk, OsDisk, tests::TestFolder},
    files::{Files, Options},
    lock::StdWaiter,
    memory::Memory,
};

#[test]
fn memory_is_a_store() {
    run_all(&|| -> Opener {
        let place = Memory::new();
        Box::new(move || Box::new(place.another_program()))
    });
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_is_a_store() {
    use crate::sqlite::{Sqlite, SqliteOptions};

    run_all(&|| -> Opener {
        let folder = TestFolder::new();
        Box::new(move || {
            let path = folder.path("store.db");
            Box::new(Sqlite::open(path, SqliteOptions::default()).unwrap())
        })
    });
}

#[test]
fn files_are_a_store() {
    run_all(&|| -> Opener {
        let disk = FaultDisk::new();
        disk.plant_folder("/p");
        Box::new(move || Box::new(files(Arc::new(disk.clone()), "/p")))
    });
}

#[test]
fn files_on_a_real_disk_are_a_store() {
    run_all(&|| -> Opener {
        let folder = TestFolder::new();
        Box::new(move || Box::new(files(Arc::new(OsDisk), folder.path(""))))
    });
}

fn files(disk: Arc<dyn Disk>, root: impl Into<PathBuf>) -> Files {
    let uids = || process_core::Uid::from_u128(7);
    let files = Files::new(disk, Arc::new(StdWaiter), root, Options::default(), uids);
    files.found().unwrap();
    files
}
