//! Many programs on one SQLite file at once.

use std::{collections::BTreeSet, process::Child, thread};

use crate::{
    project::{Output, Project, column, finish},
    stores::SQLITE,
};

const WRITERS: usize = 12;
const STEPS_EACH: usize = 10;

fn at_once(project: &Project, commands: &[Vec<String>]) -> Vec<Output> {
    let spawn = |args: &Vec<String>| project.command(args).spawn().expect("it can be started");
    let children: Vec<Child> = commands.iter().map(spawn).collect();
    children.into_iter().zip(commands).map(|(child, args)| finish(child, &args.join(" "))).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn nothing_of_twelve_writers_is_lost_and_nobody_is_told_of_the_others() {
    let project = Project::kept_in(Some(SQLITE));
    project.ok(&["init", "--name", "Crowd"]);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let project = &project;
            scope.spawn(move || {
                for number in 0..STEPS_EACH {
                    let name = format!("{writer}/{number}");
                    let output = project.ok(&["add-step", &name, "--json"]);
                    assert_eq!(output.stderr, "");
                    assert_eq!(output.envelope()["data"]["step"]["name"], name.as_str());
                }
            });
        }
    });
    let process = project.process();
    let names: BTreeSet<String> = column(&process["steps"], "name").into_iter().collect();
    let ids: BTreeSet<String> = column(&process["steps"], "id").into_iter().collect();
    assert_eq!((names.len(), ids.len()), (WRITERS * STEPS_EACH, WRITERS * STEPS_EACH));
    project.ok(&["doctor"]);
}

#[test]
fn of_six_that_approve_one_wins_and_five_are_told() {
    let project = Project::kept_in(Some(SQLITE));
    project.write("flow.yaml", "name: Flow\nsteps:\n  - {id: review, type: human_approval}\n");
    project.data(&["run", "flow.yaml", "--detach"]);
    let commands: Vec<_> =
        (0..6).map(|by| words(&format!("approve proc-001 review --by p{by} --json"))).collect();
    let outputs = at_once(&project, &commands);
    let mut codes: Vec<_> = outputs.iter().filter_map(|output| output.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 4, 4, 4, 4, 4], "{outputs:#?}");
    let events = project.data(&["log"])["events"].take();
    let decided = column(&events, "type").iter().filter(|kind| kind.contains("decided")).count();
    assert_eq!(decided, 1, "{events}");
}

#[test]
fn processes_made_at_once_have_ids_and_keys_of_their_own() {
    let project = Project::kept_in(Some(SQLITE));
    let commands: Vec<_> =
        (0..8).map(|number| words(&format!("init --name P{number} --json"))).collect();
    for output in at_once(&project, &commands) {
        assert_eq!(output.code, Some(0), "{output:#?}");
    }
    let expected: Vec<String> = (1..=8).map(|number| format!("proc-{number:03}")).collect();
    assert_eq!(column(&project.data(&["list"])["processes"], "id"), expected);
    project.write("flow.yaml", "name: Flow\nsteps:\n  - {id: a}\n");
    let commands = vec![words("run flow.yaml --detach --key k --json"); 6];
    let ids: BTreeSet<String> = at_once(&project, &commands)
        .iter()
        .map(|output| output.envelope()["data"]["process"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "a key starts a process once: {ids:?}");
}
