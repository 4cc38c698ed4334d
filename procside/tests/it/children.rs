//! Children of a program that embeds the library.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use procside::{
    ErrorKind, Procside, Surroundings, call,
    children::{
        ChildFilter, ChildStatus, Children, ChildrenOptions, RestartPolicy, SpawnRequest,
        SupervisionEnd, Told,
    },
};
use serde_json::json;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("procside-kids-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Children {
        Children::open(&self.0, ChildrenOptions::default()).unwrap()
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn request(command: &[&str], task: &str) -> SpawnRequest {
    SpawnRequest {
        command: command.iter().map(|&part| part.to_owned()).collect(),
        task: Some(task.to_owned()),
        ..SpawnRequest::default()
    }
}

const ALL: ChildFilter = ChildFilter { namespace: None, all: true };

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(20), "it never came to be that {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_program_owns_what_it_starts_and_records_its_end() {
    let folder = Folder::new("owner");
    let children = folder.open();
    let spawned = children.spawn(request(&["sh", "-c", "exit 7"], "a")).unwrap();
    assert_eq!(spawned.child.status, ChildStatus::Running);
    until("its end is recorded", || {
        children.list(&ALL).unwrap()[0].info.exit().is_some_and(|exit| exit.code == Some(7))
    });
    assert_eq!(children.list(&ALL).unwrap()[0].status, ChildStatus::Stopped);
    children.spawn(request(&["sleep", "1000"], "b")).unwrap();
    assert!(children.orphans(None).unwrap().is_empty(), "it has an owner who lives");
    assert!(children.clean(None, Duration::ZERO).unwrap().cleaned.is_empty());
    let ended = children.end("b", None, Duration::from_secs(5)).unwrap();
    assert_eq!(ended.child.info.exit().unwrap().signal, Some(15), "its owner was told how");
}

#[test]
fn a_child_is_supervised_in_a_thread() {
    let folder = Folder::new("thread");
    let children = folder.open();
    let (stop, stopper) = io::pipe().unwrap();
    let (sender, told) = mpsc::channel();
    let supervisor = thread::spawn({
        let children = children.clone();
        let request =
            SpawnRequest { restart: RestartPolicy::Always, ..request(&["sleep", "1000"], "web") };
        move || {
            let mut tell = |said: &Told| sender.send(said.clone()).unwrap();
            children.supervise(request, &stop, &mut |_| (), &mut tell)
        }
    });
    let Told::Started(pid) = told.recv().unwrap() else { panic!("it is started first") };
    let again = children.spawn(request(&["sleep", "1"], "web")).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    let killed = Instant::now();
    assert!(
        process::Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap().success()
    );
    let Told::Exited(ended, exit) = told.recv().unwrap() else { panic!("its end is seen") };
    assert!(killed.elapsed() < Duration::from_secs(2));
    assert_eq!((ended, exit.signal), (pid, Some(9)));
    assert_eq!(told.recv().unwrap(), Told::Restarting(100));
    let Told::Started(next) = told.recv().unwrap() else { panic!("it is started again") };
    assert_ne!(next, pid);
    drop(stopper);
    assert_eq!(supervisor.join().unwrap().unwrap(), SupervisionEnd::Stopped);
    assert_eq!(children.list(&ALL).unwrap()[0].status, ChildStatus::Stopped);
}

#[test]
fn without_a_program_that_supervises_nothing_is_kept_running() {
    let folder = Folder::new("none");
    let request = SpawnRequest { restart: RestartPolicy::Always, ..request(&["true"], "a") };
    let refused = folder.open().spawn(request).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert!(folder.open().list(&ALL).unwrap().is_empty());
}

#[test]
fn children_are_called_by_name() {
    let folder = Folder::new("call");
    let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
    let project = Procside::open_or_new(&folder, surroundings).unwrap();
    let ok = |request: serde_json::Value| {
        let called = call(&project, &request);
        assert_eq!(called.exit, 0, "{}", called.envelope);
        called.envelope["data"].clone()
    };
    let spawned = ok(json!({
        "op": "spawn",
        "args": {"command": ["sleep", "1000"], "task": "a", "limit": ["files=64", "cpu=60s"]},
    }));
    let pid = &spawned["child"]["pid"];
    assert_eq!(spawned["child"]["limits"]["files"], 64);
    assert_eq!(&ok(json!({"op": "ps"}))["children"][0]["pid"], pid);
    assert_eq!(ok(json!({"op": "orphans"}))["children"], json!([]));
    assert_eq!(ok(json!({"op": "clean"}))["cleaned"], json!([]));
    assert_eq!(&ok(json!({"op": "kill", "args": {"which": "a"}}))["cleaned"][0]["pid"], pid);
    assert_eq!(ok(json!({"op": "logs", "args": {"which": "a"}}))["logs"][0]["text"], "");
    assert_eq!(ok(json!({"op": "children doctor"})), json!({"problems": []}));
}
