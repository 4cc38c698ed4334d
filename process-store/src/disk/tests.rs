//! Tests of the real disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Disk, Entry, FaultDisk, FileKind, OsDisk};
use crate::error::ErrorKind;

/// A folder of the real disk that goes away with its owner.
pub(crate) struct TestFolder(PathBuf);

impl TestFolder {
    pub(crate) fn new() -> TestFolder {
        static NUMBER: AtomicU64 = AtomicU64::new(0);

        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("process-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        TestFolder(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn kind<T>(result: Result<T, crate::Error>) -> ErrorKind {
    result.err().expect("the call was to fail").kind()
}

#[test]
fn both_disks_answer_alike() {
    let folder = TestFolder::new();
    answers_as_promised(&OsDisk, &folder.0);
    let disk = FaultDisk::new();
    disk.plant_folder("/root");
    answers_as_promised(&disk, Path::new("/root"));
}

fn answers_as_promised(disk: &dyn Disk, root: &Path) {
    let one = root.join("one");
    let two = root.join("two");
    let sub = root.join("sub");

    assert_eq!(disk.stat(&one).unwrap(), None);
    assert_eq!(kind(disk.read(&one, 9)), ErrorKind::NotFound);
    assert_eq!(kind(disk.open_append(&one)), ErrorKind::NotFound);
    assert_eq!(kind(disk.remove_file(&one)), ErrorKind::NotFound);
    assert_eq!(kind(disk.rename(&one, &two)), ErrorKind::NotFound);
    assert_eq!(kind(disk.create_new(&root.join("no/file"))), ErrorKind::NotFound);
    assert_eq!(kind(disk.list(&root.join("no"))), ErrorKind::NotFound);

    let mut file = disk.create_new(&one).unwrap();
    assert!(file.is_empty().unwrap());
    file.write_all(b"0123456789").unwrap();
    file.set_len(4).unwrap();
    file.write_all(b"ab").unwrap();
    file.sync().unwrap();
    assert_eq!(file.len().unwrap(), 6);
    assert_eq!(kind(disk.create_new(&one)), ErrorKind::Conflict);
    assert_eq!(disk.read(&one, 6).unwrap(), b"0123ab");
    assert_eq!(kind(disk.read(&one, 5)), ErrorKind::TooLarge);

    let mut file = disk.open_append(&one).unwrap();
    file.write_all(b"!").unwrap();
    assert_eq!(disk.read(&one, 9).unwrap(), b"0123ab!");
    assert_eq!(disk.stat(&one).unwrap().unwrap(), file.stat().unwrap());

    disk.create_folder(&sub).unwrap();
    disk.create_folder(&sub).unwrap();
    assert_eq!(kind(disk.create_folder(&one)), ErrorKind::Conflict);
    assert_eq!(kind(disk.read(&sub, 9)), ErrorKind::NotRegular);
    assert_eq!(kind(disk.open_append(&sub)), ErrorKind::NotRegular);
    assert_eq!(kind(disk.rename(&one, &sub)), ErrorKind::NotRegular);
    assert_eq!(kind(disk.stat(&one.join("below"))), ErrorKind::NotRegular);

    disk.hard_link(&one, &two).unwrap();
    assert_eq!(kind(disk.hard_link(&one, &two)), ErrorKind::Conflict);
    disk.rename(&one, &two).unwrap();
    assert!(disk.stat(&one).unwrap().is_some(), "two names of one file both stay");
    disk.remove_file(&one).unwrap();
    disk.rename(&two, &sub.join("three")).unwrap();
    disk.sync_folder(&sub).unwrap();
    assert_eq!(
        disk.list(root).unwrap(),
        [Entry { name: "sub".to_owned(), kind: FileKind::Folder }]
    );
    assert_eq!(disk.read(&sub.join("three"), 9).unwrap(), b"0123ab!");

    let guard = root.join("guard");
    let held = disk.try_lock(&guard).unwrap().unwrap();
    assert!(disk.try_lock(&guard).unwrap().is_none());
    drop(held);
    assert!(disk.try_lock(&guard).unwrap().is_some());
    assert_eq!(kind(disk.try_lock(&sub)), ErrorKind::NotRegular);
    assert!(!disk.is_network(root).unwrap());
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_neither_followed_nor_waited_for() {
    let folder = TestFolder::new();
    let (link, pipe) = (folder.path("link"), folder.path("pipe"));
    fs::write(folder.path("file"), "secret").unwrap();
    std::os::unix::fs::symlink("file", &link).unwrap();
    make_pipe(&pipe);
    let disk = FaultDisk::new();
    disk.plant_link("/link");
    disk.plant_fifo("/pipe");
    for (disk, link, pipe) in [
        (&OsDisk as &dyn Disk, link.as_path(), pipe.as_path()),
        (&disk, Path::new("/link"), Path::new("/pipe")),
    ] {
        assert_eq!(disk.stat(link).unwrap().unwrap().kind, FileKind::Link);
        assert_eq!(disk.stat(pipe).unwrap().unwrap().kind, FileKind::Other);
        for path in [link, pipe] {
            assert_eq!(kind(disk.read(path, 9)), ErrorKind::NotRegular);
            assert_eq!(kind(disk.open_append(path)), ErrorKind::NotRegular);
            assert_eq!(kind(disk.try_lock(path)), ErrorKind::NotRegular);
            assert_eq!(kind(disk.create_new(path)), ErrorKind::Conflict);
        }
    }
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    let status = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success());
}

#[test]
fn messages_name_the_thing_and_the_place() {
    let error = OsDisk.read(Path::new("/no/such/file"), 9).unwrap_err();
    assert_eq!(error.to_string(), "cannot read `/no/such/file`: no such file or folder");
    assert_eq!(error.path(), Some(Path::new("/no/such/file")));
    assert!(std::error::Error::source(&error).is_some());
    let denied =
        crate::Error::io("write", Path::new("x"), std::io::ErrorKind::PermissionDenied.into());
    assert_eq!(denied.to_string(), "cannot write `x`: permission denied");
    assert!(denied.hint().is_some());
}

#[cfg(unix)]
#[test]
fn a_guard_that_was_removed_under_its_holder_is_not_taken_for_a_lock() {
    let folder = TestFolder::new();
    let guard = folder.path("guard");
    let held = OsDisk.try_lock(&guard).unwrap().unwrap();
    fs::remove_file(&guard).unwrap();
    // Nothing can be done for the first holder, but the two that follow exclude each other.
    let second = OsDisk.try_lock(&guard).unwrap().unwrap();
    assert!(OsDisk.try_lock(&guard).unwrap().is_none());
    drop((held, second));
}
