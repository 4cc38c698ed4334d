//! Many threads of many programs write one registry, and somebody reads it all the while.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use process_store::children::{Children, ChildrenOptions, ChildrenWriter};
use process_store::disk::OsDisk;
use process_store::lock::LockOptions;
use procreg::{ChildIdentity, Delta, Namespace, ProcessInfo, ProcessMetadata, TaskId};
use serde_json::Value;

use crate::program::{file, scaled, start, told};

const PROGRAMS: usize = 10;
const THREADS: usize = 10;

pub(crate) fn open(path: &Path) -> Children {
    // Many on a slow disk; the waiting time is not what is tested here.
    let lock = LockOptions { wait: Duration::from_secs(120), ..LockOptions::default() };
    let options = ChildrenOptions { lock, ..ChildrenOptions::default() };
    Children::open(Arc::new(OsDisk), path, options).unwrap()
}

pub(crate) fn child(pid: usize, namespace: &str) -> ProcessInfo {
    let identity = ChildIdentity {
        start_time: Some(pid as u64),
        boot_id: Some("00000000-0000-0000-0000-000000000000".to_owned()),
        group: true,
        ..ChildIdentity::default()
    };
    let metadata = ProcessMetadata {
        command: "claude".to_owned(),
        args: vec!["--print".to_owned(), "-p".to_owned()],
        namespace: Namespace::parse(namespace).unwrap(),
        task_id: Some(TaskId::parse(&format!("FEAT-{pid}")).unwrap()),
        start_time: pid as u64,
        identity: Some(identity),
        ..ProcessMetadata::default()
    };
    ProcessInfo::new(u32::try_from(pid).unwrap(), metadata)
}

/// Adds children from several threads.
pub(crate) fn write() {
    let writer = ChildrenWriter::new(open(&file("processes.json")));
    let (first, adds): (usize, usize) = (told("FIRST"), told("ADDS"));
    thread::scope(|scope| {
        for number in 0..THREADS {
            let writer = &writer;
            scope.spawn(move || {
                for add in 0..adds {
                    let pid = first + number * adds + add;
                    let add = Delta::Add(child(pid, &format!("from-{first}")));
                    writer.commit(vec![add], pid as u64).unwrap();
                }
            });
        }
    });
}

/// Reads a registry until it is told to stop; returns how often.
pub(crate) fn read_until(stop: &AtomicBool, path: &Path) -> usize {
    let children = open(path);
    let (mut reads, mut most) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let Ok(text) = fs::read_to_string(path) else {
            assert_eq!(most, 0, "once there, the file is always there");
            continue;
        };
        let value: Value = serde_json::from_str(&text).unwrap();
        let entries = value["processes"].as_array().unwrap().len();
        assert!(entries >= most, "{entries} entries after {most}");
        let loaded = children.read().unwrap();
        assert_eq!(loaded.notices, []);
        most = loaded.registry.len();
        assert!(most >= entries);
        reads += 1;
        // Room for those who write.
        thread::sleep(Duration::from_millis(2));
    }
    reads
}

#[test]
fn a_hundred_writers_lose_nothing_and_a_reader_never_sees_half_a_file() {
    let adds = scaled(25);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("processes.json");
    let stop = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let reader = scope.spawn(|| read_until(&stop, &path));
        let programs: Vec<_> = (0..PROGRAMS)
            .map(|number| {
                let first = 1 + number * THREADS * adds;
                let told = [("FIRST", first.to_string()), ("ADDS", adds.to_string())];
                start("writer", folder.path(), &told)
            })
            .collect();
        let all = programs.into_iter().map(|mut program| program.wait().unwrap().success());
        let is_done = all.fold(true, |all, one| all & one);
        stop.store(true, Ordering::Relaxed);
        assert!(is_done);
        reader.join().unwrap()
    });
    assert!(reads > 0);
    let registry = open(&path).read().unwrap().registry;
    let mut numbers: Vec<usize> = registry.list().map(|info| info.pid as usize).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=PROGRAMS * THREADS * adds).collect::<Vec<_>>());
    assert!(registry.revision() <= numbers.len() as u64);
    for info in registry.list() {
        assert_eq!(*info, child(info.pid as usize, info.namespace.as_str()));
    }
}
