//! What a reader and a writer of a log see while it is put away.

use std::{fs, io::Write, path::PathBuf};

use super::{
    LOG_BYTES_MAX, LOGS_KEPT, LogPosition, follow, keep_small, log_name, log_path, open, tail,
};
use crate::ErrorKind;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("procside-logs-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    folder
}

#[test]
fn any_task_has_a_name_that_is_its_own_and_stays_below_its_folder() {
    let long = "x".repeat(200);
    let names: Vec<String> =
        ["task-1", "FEAT-001", "a.b", "proc-001/a/1/1", "..", ".hidden", "a\nb", "ä", "%2F", &long]
            .iter()
            .map(|task| log_name(task))
            .collect();
    assert_eq!(
        names[..9],
        [
            "task-1",
            "FEAT-001",
            "a.b",
            "proc-001%2Fa%2F1%2F1",
            "%2E.",
            "%2Ehidden",
            "a%0Ab",
            "%C3%A4",
            "%252F"
        ]
    );
    assert!(names[9].len() < 200 && names[9].starts_with("xxx"), "{}", names[9]);
    assert_ne!(names[9], log_name(&format!("{long}y")));
    let path = log_path(&PathBuf::from("logs"), "..", "../../x");
    assert_eq!(path, PathBuf::from("logs/%2E./%2E.%2F..%2Fx.log"));
}

#[test]
fn a_log_is_put_away_while_it_is_written_and_a_reader_misses_nothing() {
    let folder = folder("held");
    let path = log_path(&folder.join("logs"), "default", "web");
    let mut log = open(&path).expect("it can be made");
    let line = [b'x'; 1024];
    for _ in 0..=LOG_BYTES_MAX / 1024 {
        log.write_all(&line).expect("it can be written");
    }
    let read = tail(&path, u64::MAX).expect("it can be read");
    log.write_all(b"the end\n").expect("it can be written");
    assert!(keep_small(&path).expect("it can be put away"));
    assert!(!keep_small(&path).expect("it is short"));
    log.write_all(b"the beginning\n").expect("who held it goes on");
    assert_eq!(fs::read(&path).expect("it is there"), b"the beginning\n");
    let rest = follow(&path, read.position, 1 << 20).expect("the rest can be read");
    assert_eq!(rest.bytes, b"the end\n");
    let next = follow(&path, rest.position, 1 << 20).expect("it goes on");
    assert_eq!(next.bytes, b"the beginning\n");
    assert_eq!(follow(&path, next.position, 1 << 20).expect("at its end").bytes, b"");
    fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn a_long_log_is_put_away_at_the_next_start_and_five_are_kept() {
    let folder = folder("kept");
    let path = log_path(&folder.join("logs"), "default", "web");
    for round in 0..=LOGS_KEPT + 1 {
        let mut log = open(&path).expect("it can be made");
        log.write_all(format!("round {round}\n").as_bytes()).expect("it can be written");
        log.set_len(LOG_BYTES_MAX + 1).expect("it can grow");
    }
    open(&path).expect("it can be made");
    let mut names: Vec<String> = fs::read_dir(path.parent().expect("it has a folder"))
        .expect("it can be listed")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        ".rotating.guard",
        "web.log",
        "web.log.1",
        "web.log.2",
        "web.log.3",
        "web.log.4",
        "web.log.5",
    ];
    assert_eq!(names, expected);
    let oldest = tail(&path.with_extension("log.5"), u64::MAX).expect("it is there").bytes;
    assert!(oldest.starts_with(b"round 2\n"), "the oldest went first");
    fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn the_end_of_a_log_begins_with_a_line() {
    let folder = folder("tail");
    let path = folder.join("a.log");
    fs::write(&path, "one\ntwo\nthree\n").expect("it can be written");
    let read = tail(&path, 8).expect("it can be read");
    assert_eq!((read.bytes.as_slice(), read.left_out), (&b"three\n"[..], 8));
    let missing = tail(&folder.join("none"), 8).expect("nothing is no error");
    assert_eq!((missing.bytes.len(), missing.position), (0, LogPosition::default()));
    fs::remove_dir_all(folder).expect("it is ours");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_followed_nor_waited_for() {
    let folder = folder("links");
    let path = folder.join("a.log");
    let target = folder.join("elsewhere");
    fs::write(&target, "secret").expect("it can be written");
    std::os::unix::fs::symlink(&target, &path).expect("a link can be made");
    for error in [open(&path).map(drop).err(), tail(&path, 8).map(drop).err()] {
        assert_eq!(error.expect("a link is refused").kind(), ErrorKind::NotRegular);
    }
    fs::remove_file(&path).expect("it is ours");
    fs::create_dir(&path).expect("a folder can be made");
    for error in [open(&path).map(drop).err(), keep_small(&path).map(drop).err()] {
        assert!(error.is_some(), "a folder is refused");
    }
    fs::remove_dir_all(folder).expect("it is ours");
}
