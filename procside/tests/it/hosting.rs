//! What a program that embeds the library lends and hears: desks for its threads, and events.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use procside::{
    Desk, DriveOptions, Driving, ErrorKind, EventFilter, Events, NewProcess, NewStep, ProcessId,
    ProcessStatus, Procside, StartRequest, Surroundings, TeamOf, Turn, attempt_result,
    runtime::{Done, Failed, Sign, Team},
};
use serde_json::{Value, json};

/// Nothing takes longer; what does hangs.
const HANGS: Duration = Duration::from_secs(30);

/// A definition of two steps for the agent `writer`.
const FLOW: &str = "name: flow
steps:
  - {id: a, type: agent_task, agent: writer, message: one, retry: {max_attempts: 2, initial_delay: 1ms}}
  - {id: b, type: agent_task, agent: writer, message: two, depends_on: a}
";

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("procside-host-{}-{count}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("flow.yaml"), FLOW).unwrap();
        Self(path)
    }

    fn open(&self) -> Procside {
        let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
        Procside::create(&self.0, surroundings).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(project: &Procside, folder: &Path) -> ProcessId {
    let request = StartRequest {
        source: "flow.yaml".to_owned(),
        folder: folder.to_owned(),
        key: Some("once".to_owned()),
        ..StartRequest::default()
    };
    project.start(request).unwrap().process.id
}

fn drive(project: &Procside, id: ProcessId) -> (Desk, Driving) {
    let desk = Desk::new();
    let team = Team::new().with_agent("writer", desk.handler("writer"));
    let options =
        DriveOptions { team: Some(TeamOf(team)), desk: Some(desk.clone()), ..Default::default() };
    (desk, project.drive(&[id], &options).unwrap())
}

/// Returns the next attempt.
fn attempt(desk: &Desk) -> Box<procside::Attempt> {
    loop {
        match desk.wait(HANGS) {
            Turn::Attempt(attempt) => return attempt,
            Turn::Happened => {}
            other => panic!("no attempt but {other:?}"),
        }
    }
}

fn until_quiet(desk: &Desk) {
    loop {
        match desk.wait(HANGS) {
            Turn::Quiet => return,
            Turn::Happened => {}
            other => panic!("not quiet but {other:?}"),
        }
    }
}

fn types(events: &mut Events) -> Vec<String> {
    let mut types = Vec::new();
    while let Some(happened) = events.next(Duration::from_millis(300)).unwrap() {
        types.push(happened.to_value()["event"]["type"].as_str().unwrap().to_owned());
    }
    types
}

#[test]
fn attempts_are_performed_by_whoever_takes_them_from_the_desk() {
    let folder = Folder::new();
    let project = folder.open();
    let id = start(&project, &folder.0);
    let (desk, driving) = drive(&project, id);

    let first = attempt(&desk);
    assert_eq!(first.handler(), "writer");
    assert_eq!(first.to_value()["key"], "proc-001/a/1/1");
    assert_eq!(first.to_value()["task"]["message"], "one");
    first.line().signs.say(Sign::Context(json!({"tried": 1})));
    first.finish(Err(Failed::new("not today")));
    let second = attempt(&desk);
    assert_eq!(second.to_value()["context"], json!({"tried": 1}));
    second.finish(Ok(Done { output: json!("x"), cost: None }));
    // One that is dropped has failed.
    drop(attempt(&desk));
    until_quiet(&desk);
    assert!(driving.shut_down(HANGS));
    let status = project.status(Some(id)).unwrap();
    assert_eq!(status.process.status, ProcessStatus::Failed);
    let error = status.run.unwrap()["error"].to_string();
    assert!(error.contains("nobody finished it"), "{error}");
}

#[test]
fn an_attempt_on_a_closed_desk_comes_again_as_the_same() {
    let folder = Folder::new();
    let project = folder.open();
    let id = start(&project, &folder.0);
    let (desk, driving) = drive(&project, id);
    let taken = attempt(&desk);
    desk.close();
    assert!(matches!(desk.wait(HANGS), Turn::Over));
    drop(taken);
    drop(driving);
    let (desk, driving) = drive(&project, id);
    for key in ["proc-001/a/1/1", "proc-001/b/1/1"] {
        let again = attempt(&desk);
        assert_eq!(again.to_value()["key"], key);
        again.finish(Ok(Done::default()));
    }
    until_quiet(&desk);
    drop(driving);
    assert_eq!(project.status(Some(id)).unwrap().process.status, ProcessStatus::Completed);
}

#[test]
fn a_look_sees_what_this_program_has_just_done() {
    let folder = Folder::new();
    let project = folder.open();
    let id = start(&project, &folder.0);
    let (desk, driving) = drive(&project, id);
    attempt(&desk).finish(Ok(Done::default()));
    attempt(&desk).finish(Ok(Done::default()));
    until_quiet(&desk);
    project.retry(Some(id), Some(procside::StepId::parse("b").unwrap())).unwrap();
    driving.look();
    let again = attempt(&desk);
    assert_eq!(again.to_value()["step"], "b");
    again.finish(Ok(Done::default()));
    until_quiet(&desk);
}

/// Two who drive in one program are as two programs: nothing is performed twice.
#[test]
fn what_one_drives_in_a_program_no_other_does() {
    for store in [None, Some("sqlite:kept.db")] {
        let folder = Folder::new();
        let project = match store {
            Some(store) => folder.open().with_store(store, &folder.0).unwrap(),
            None => folder.open(),
        };
        project.init(NewProcess::default()).unwrap();
        let id = start(&project, &folder.0);
        let (desk, driving) = drive(&project, id);
        let first = attempt(&desk);
        let (second_desk, second) = drive(&project, id);
        assert!(!matches!(second_desk.wait(Duration::from_millis(500)), Turn::Attempt(_)));
        first.finish(Ok(Done::default()));
        let mine = attempt(&desk);
        // When one leaves, the other goes on, with the same attempt.
        desk.close();
        drop(mine);
        drop(driving);
        let again = attempt(&second_desk);
        assert_eq!(again.to_value()["step"], "b");
        again.finish(Ok(Done::default()));
        until_quiet(&second_desk);
        drop(second);
        assert_eq!(project.status(Some(id)).unwrap().process.status, ProcessStatus::Completed);
    }
}

#[test]
fn results_are_read_exactly() {
    let read = |text: &str| attempt_result(text).map_err(|error| error.kind());
    assert_eq!(read(""), Ok(Ok(Done::default())));
    assert_eq!(read("{}"), Ok(Ok(Done::default())));
    let done = read(r#"{"output": [1], "cost": "0.10"}"#).unwrap().unwrap();
    assert_eq!((done.output, done.cost.unwrap().to_string()), (json!([1]), "0.10".to_owned()));
    assert_eq!(read(r#"{"error": "no"}"#), Ok(Err(Failed::new("no"))));
    for bad in [
        "x",
        "[]",
        r#"{"out": 1}"#,
        r#"{"cost": 0.1}"#,
        r#"{"cost": "-1"}"#,
        r#"{"error": 1}"#,
        r#"{"error": "no", "output": 1}"#,
    ] {
        assert_eq!(read(bad), Err(ErrorKind::Invalid), "{bad}");
    }
}

/// Lives through a feed in this store: all that there is, then what others do.
fn check_feed(store: Option<&str>) {
    let folder = Folder::new();
    let open = || match store {
        Some(store) => folder.open().with_store(store, &folder.0).unwrap(),
        None => folder.open(),
    };
    let project = open();
    let named = |name: &str| NewProcess { name: Some(name.to_owned()), ..NewProcess::default() };
    let first = project.init(named("First")).unwrap().process.id;
    let mut all = project.events(EventFilter { after: Some(0), ..EventFilter::default() }).unwrap();
    let mut fresh = project.events(EventFilter::default()).unwrap();
    let mut of_first =
        project.events(EventFilter { process: Some(first), after: Some(1) }).unwrap();
    assert_eq!(types(&mut fresh), Vec::<String>::new());

    // Another program has nothing in common with this one but the files.
    let other = open();
    let add = NewStep { name: "One".to_owned(), ..NewStep::default() };
    other.add_step(Some(first), add).unwrap();
    other.init(named("Second")).unwrap();
    let created = types(&mut all);
    assert_eq!(created.iter().filter(|it| *it == "created").count(), 2, "{created:?}");
    assert_eq!(created.iter().filter(|it| *it == "step_added").count(), 1, "{created:?}");
    let told = types(&mut fresh);
    assert!(!told.is_empty() && told.len() < created.len(), "{told:?} of {created:?}");
    let of_first = types(&mut of_first);
    assert_eq!(of_first.last().map(String::as_str), Some("step_added"));
    assert_eq!(types(&mut all), Vec::<String>::new());
    let unknown = EventFilter { process: ProcessId::from_number(9), after: None };
    assert_eq!(project.events(unknown).err().map(|error| error.kind()), Some(ErrorKind::NotFound));
}

#[test]
fn events_are_told_once_whoever_makes_them_happen() {
    check_feed(None);
    check_feed(Some("sqlite:kept.db"));
}

#[test]
fn a_feed_waits_for_what_happens_meanwhile() {
    let folder = Folder::new();
    let project = folder.open();
    project.init(NewProcess::default()).unwrap();
    let mut events = project.events(EventFilter::default()).unwrap();
    let other = project.clone();
    let doer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        other.risk(None, "Rain".to_owned(), "low".to_owned(), String::new()).unwrap();
    });
    let happened: Value = events.next(HANGS).unwrap().unwrap().to_value();
    assert_eq!(happened["process"], "proc-001");
    doer.join().unwrap();
}
