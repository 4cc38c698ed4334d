//! Many programs on one project at once.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::project::{Output, Project, column, finish, scale};

const WRITERS: usize = 12;
const STEPS_EACH: usize = 20;

/// Starts commands at the same time and returns what each left.
fn at_once(project: &Project, commands: &[Vec<String>]) -> Vec<Output> {
    let children: Vec<_> = commands
        .iter()
        .map(|args| project.command(args).spawn().expect("the program can be started"))
        .collect();
    children.into_iter().zip(commands).map(|(child, args)| finish(child, &args.join(" "))).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn every_step_of_twelve_writers_is_kept_and_readers_see_whole_states_only() {
    let project = Project::new();
    project.ok(&["init", "--name", "Beside"]);
    project.ok(&["switch", "proc-001"]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = [&["show", "--json"][..], &["list", "--json"], &["log", "--json"]]
            .into_iter()
            .map(|args| {
                let (project, is_over) = (&project, &is_over);
                scope.spawn(move || {
                    let mut least = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        let output = project.ok(args);
                        assert_eq!(output.stderr, "", "{args:?}");
                        let data = output.envelope()["data"].take();
                        let list = [&data["process"]["steps"], &data["events"], &data["processes"]];
                        let seen =
                            list.iter().filter_map(|list| list.as_array()).map(Vec::len).sum();
                        assert!(seen >= least, "{args:?}: {seen} after {least}");
                        least = seen;
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let project = &project;
                scope.spawn(move || {
                    for number in 0..STEPS_EACH {
                        let name = format!("{writer}/{number}");
                        let data = project.data(&["add-step", &name]);
                        assert_eq!(data["step"]["name"], name.as_str());
                    }
                })
            })
            .collect();
        let failed =
            writers.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(failed, 0, "writers failed");
        for reader in readers {
            assert!(reader.join().is_ok(), "a reader failed");
        }
    });
    let process = project.process();
    let expected: BTreeSet<String> = (0..WRITERS)
        .flat_map(|writer| (0..STEPS_EACH).map(move |number| format!("{writer}/{number}")))
        .collect();
    let names: BTreeSet<String> = column(&process["steps"], "name").into_iter().collect();
    let ids: BTreeSet<String> = column(&process["steps"], "id").into_iter().collect();
    assert_eq!(names, expected);
    assert_eq!(ids.len(), WRITERS * STEPS_EACH, "ids are unique");
    let events = project.data(&["log"])["events"].as_array().map(Vec::len);
    assert_eq!(events, Some(2 + WRITERS * STEPS_EACH));
    assert_eq!(project.data(&["list"])["processes"][0]["name"], "Work");
    project.ok(&["doctor"]);
}

#[test]
fn of_two_that_claim_one_step_exactly_one_wins() {
    let rounds = 20 * scale();
    let project = Project::new();
    for round in 1..=rounds {
        project.ok(&["add-step", &format!("Round {round}")]);
        let commands = ["a", "b"].map(|by| words(&format!("claim s{round} --by {by} --json")));
        let outputs = at_once(&project, &commands);
        let mut codes: Vec<_> = outputs.iter().map(|output| output.code).collect();
        let winner = codes.iter().position(|code| *code == Some(0));
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(4)], "round {round}: {outputs:#?}");
        let by = ["a", "b"][winner.unwrap_or_default()];
        let process = project.process();
        assert_eq!(crate::project::step(&process, &format!("s{round}"))["claim"]["by"], by);
    }
}

#[test]
fn processes_made_at_once_have_ids_of_their_own() {
    let project = Project::nowhere();
    let commands: Vec<_> =
        (0..8).map(|number| words(&format!("init --name P{number} --json"))).collect();
    let outputs = at_once(&project, &commands);
    let ids: BTreeSet<String> = outputs
        .iter()
        .map(|output| output.envelope()["data"]["process"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 8, "{outputs:#?}");
    let list = project.data(&["list"]);
    let listed = column(&list["processes"], "id");
    let expected: Vec<String> = (1..=8).map(|number| format!("proc-{number:03}")).collect();
    assert_eq!(listed, expected);
    let names: BTreeSet<String> = column(&list["processes"], "name").into_iter().collect();
    assert_eq!(names.len(), 8);
}

#[test]
fn versions_taken_at_once_have_numbers_of_their_own() {
    let project = Project::new();
    let commands: Vec<_> =
        (0..8).map(|number| words(&format!("version --note n{number} --json"))).collect();
    let outputs = at_once(&project, &commands);
    let told: BTreeSet<i64> =
        outputs.iter().filter_map(|output| output.envelope()["data"]["version"].as_i64()).collect();
    assert_eq!(told, (2..=9).collect(), "each is told its own number");
    let versions = project.data(&["history"])["versions"].take();
    assert_eq!(column(&versions, "version"), ["9", "8", "7", "6", "5", "4", "3", "2", "1"]);
}

#[test]
fn an_edit_under_many_writers_is_absorbed_once() {
    let project = Project::with_steps(&["One"]);
    project.edit(".ai/processes/proc-001.yaml", "name: Work", "name: By hand");
    let commands: Vec<_> =
        (0..8).map(|number| words(&format!("add-step S{number} --json"))).collect();
    for output in at_once(&project, &commands) {
        assert_eq!(output.code, Some(0), "{output:#?}");
    }
    let events = project.data(&["log"])["events"].take();
    let edits = column(&events, "type").iter().filter(|kind| *kind == "edited").count();
    assert_eq!(edits, 1, "{events}");
    let process = project.process();
    assert_eq!(
        (&process["name"], process["steps"].as_array().map(Vec::len)),
        (&"By hand".into(), Some(9))
    );
}

#[test]
fn a_migration_under_many_happens_once() {
    let project = crate::originals::fixture("legacy");
    let commands: Vec<_> = (0..8)
        .map(|number| words(if number % 2 == 0 { "list --json" } else { "add-step X --json" }))
        .collect();
    for output in at_once(&project, &commands) {
        assert_eq!(output.code, Some(0), "{output:#?}");
    }
    assert_eq!(column(&project.data(&["list", "--all"])["processes"], "id"), ["proc-001"]);
    assert_eq!(project.process()["steps"].as_array().map(Vec::len), Some(2 + 4));
    assert_eq!(project.data(&["history"])["versions"].as_array().map(Vec::len), Some(1));
}
