//! Programs that are killed in the middle of what they do.

use std::{
    collections::BTreeSet,
    io::Read,
    process::{Child, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::project::{Project, column, finish, scale, signal};

const WRITERS: usize = 16;

/// How long the writers are shot at, times the scale.
const LASTS: Duration = Duration::from_secs(3);

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A writer's child while it lives. Killing goes through the lock, so that no id is used again
/// between the look and the shot.
type Target = Mutex<Option<Child>>;

/// Adds a step in a child that may be killed; returns whether it was acknowledged.
fn add_step(project: &Project, name: &str, target: &Target) -> bool {
    let mut command = project.command(&["add-step", name]);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program can be started");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    *target.lock().expect("nobody panics with it") = Some(child);
    let mut told = String::new();
    let _ = stdout.read_to_string(&mut told);
    let _ = stderr.read_to_string(&mut told);
    let child = target.lock().expect("nobody panics with it").take();
    let status = child.expect("only this thread takes it").wait().expect("it is a child");
    assert!(matches!(status.code(), Some(0) | None), "neither done nor killed: {status} {told}");
    status.success()
}

#[test]
fn every_acknowledged_step_outlives_writers_that_are_killed_at_random() {
    let project = Project::new();
    let targets: Vec<Target> = (0..WRITERS).map(|_| Mutex::new(None)).collect();
    let end = Instant::now() + LASTS * scale();
    let (mut acknowledged, mut tried, mut kills) = (BTreeSet::new(), BTreeSet::new(), 0_u64);
    thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel::<()>();
        let targets = &targets;
        let killer = scope.spawn(move || {
            let (mut dice, mut kills) = (Dice(7), 0);
            loop {
                let pause = Duration::from_micros(200 + dice.below(9_000));
                if stopped.recv_timeout(pause) != Err(mpsc::RecvTimeoutError::Timeout) {
                    return kills;
                }
                let target = &targets[dice.below(WRITERS as u64) as usize];
                if let Some(child) = target.lock().expect("nobody panics with it").as_mut() {
                    kills += u64::from(child.kill().is_ok());
                }
            }
        });
        let writers: Vec<_> = targets
            .iter()
            .enumerate()
            .map(|(writer, target)| {
                let project = &project;
                scope.spawn(move || {
                    let mut steps = Vec::new();
                    while Instant::now() < end {
                        let name = format!("{writer}/{}", steps.len());
                        let done = add_step(project, &name, target);
                        steps.push((name, done));
                    }
                    steps
                })
            })
            .collect();
        for writer in writers {
            for (name, done) in writer.join().expect("a writer failed") {
                if done {
                    acknowledged.insert(name.clone());
                }
                tried.insert(name);
            }
        }
        drop(stop);
        kills = killer.join().expect("the killer does not panic");
    });
    assert!(kills > 20 && acknowledged.len() > 20, "{kills} kills, {} steps", acknowledged.len());

    let start = Instant::now();
    project.ok(&["add-step", "The next one"]);
    assert!(start.elapsed() < Duration::from_secs(2), "the next command works at once");
    let process = project.process();
    let names = column(&process["steps"], "name");
    let set: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(set.len(), names.len(), "no step twice");
    let lost: Vec<_> = acknowledged.difference(&set).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(set.iter().all(|name| tried.contains(name) || name == "The next one"));
    let ids: BTreeSet<String> = column(&process["steps"], "id").into_iter().collect();
    assert_eq!(ids.len(), names.len(), "ids are unique");

    let events = project.data(&["log"])["events"].take();
    let numbers = column(&events, "seq");
    assert!(numbers.iter().zip(1..).all(|(seq, number)| *seq == number.to_string()), "no gap");
    for line in project.read(".ai/history/proc-001.yaml").lines() {
        assert!(line.starts_with("- {") && line.ends_with('}'), "{line}");
    }
    let view = project.read(".ai/processes/proc-001.yaml");
    assert!(names.iter().all(|name| view.contains(name.as_str())), "the view is whole");
    project.ok(&["reindex"]);
    let left: Vec<String> = project.tree().into_keys().collect();
    assert!(!left.iter().any(|path| path.contains("tmp")), "temporary files are left: {left:?}");
    let healthy = project.data(&["doctor"]);
    let severe =
        column(&healthy["problems"], "severity").into_iter().filter(|severity| severity != "info");
    assert_eq!(severe.count(), 0, "{healthy}");
}

#[test]
fn an_init_that_is_killed_leaves_nothing_that_stands_in_the_way() {
    let mut dice = Dice(11);
    for _ in 0..20 * scale() {
        let project = Project::nowhere();
        let child = project.command(&["init", "--template", "bugfix"]).spawn();
        let child = Mutex::new(child.expect("the program can be started"));
        let (stop, stopped) = mpsc::channel::<()>();
        let _ = stopped.recv_timeout(Duration::from_micros(dice.below(15_000)));
        drop(stop);
        let mut child = child.into_inner().expect("nobody panics with it");
        let _ = child.kill();
        let done = finish(child, "init").code == Some(0);
        let id = project.data(&["init", "--name", "Next"])["process"]["id"].take();
        let list = project.data(&["list"]);
        assert_eq!(list["active"], id);
        let count = list["processes"].as_array().map_or(0, Vec::len);
        assert!(count == 2 || (count == 1 && !done), "{list}");
        for id in column(&list["processes"], "id") {
            project.ok(&["show", &id]);
            project.ok(&["add-step", "X", "--process", &id]);
            assert!(project.exists(&format!(".ai/versions/{id}/v1-initial.yaml")), "{id}");
        }
    }
}

#[test]
fn a_writer_that_is_stopped_is_waited_for_and_never_robbed() {
    let project = Project::with_steps(&["One"]);
    let mut held = None;
    // A writer holds the lock for some milliseconds; one of many is stopped within them.
    for _ in 0..500 {
        let mut child = project.command(&["add-step", "Slow"]).spawn().expect("it can be started");
        let lock = project.path(".ai/registry.yaml.lock");
        while !lock.exists() && matches!(child.try_wait(), Ok(None)) {
            thread::yield_now();
        }
        signal(child.id(), Signal::STOP);
        if lock.exists() {
            held = Some(child);
            break;
        }
        signal(child.id(), Signal::CONT);
        finish(child, "add-step");
    }
    let Some(child) = held else { panic!("no writer was caught with the lock") };
    let error = project.refused(5, "locked", &["add-step", "Second"]);
    assert_eq!(error["details"]["holder"]["pid"], child.id(), "{error}");
    project.ok(&["show"]);
    signal(child.id(), Signal::CONT);
    assert_eq!(finish(child, "add-step").code, Some(0));
    project.ok(&["add-step", "Second"]);
    let names = column(&project.process()["steps"], "name");
    assert_eq!(names.iter().filter(|name| *name == "Second").count(), 1);
    assert_eq!(names.last().map(String::as_str), Some("Second"));
}

#[test]
fn following_the_log_ends_when_it_is_interrupted() {
    let project = Project::with_steps(&["One"]);
    let mut child = project.command(&["log", "--follow"]).spawn().expect("it can be started");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("step_added s1") {
        let mut buffer = [0; 256];
        let count = stdout.read(&mut buffer).expect("it can be read");
        assert_ne!(count, 0, "it ended by itself");
        seen.extend_from_slice(&buffer[..count]);
    }
    project.ok(&["add-step", "Two"]);
    while !String::from_utf8_lossy(&seen).contains("step_added s2") {
        let mut buffer = [0; 256];
        let count = stdout.read(&mut buffer).expect("it can be read");
        assert_ne!(count, 0, "it ended by itself");
        seen.extend_from_slice(&buffer[..count]);
    }
    signal(child.id(), Signal::INT);
    let output = finish(child, "log --follow");
    assert!(matches!(output.code, Some(130) | None), "{output:#?}");
}
