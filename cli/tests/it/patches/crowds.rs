//! Many programs that patch one document, and programs that are killed.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{PLAN, append, doc, on_each_plan, with_stdin};
use crate::project::{Project, finish, scale};

const WRITERS: usize = 12;
const PATCHES_EACH: usize = 5;

/// How long patches are shot at, times the scale.
const LASTS: Duration = Duration::from_secs(3);

#[test]
fn nothing_of_twelve_writers_is_lost() {
    on_each_plan(|project| {
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || {
                    for number in 0..PATCHES_EACH {
                        let patches = json!([append("## Steps", &format!("- {writer}/{number}"))]);
                        let output = with_stdin(project, &["patch", "-"], &patches.to_string());
                        assert_eq!(output.code, Some(0), "{output:#?}");
                    }
                });
            }
        });
        let text = doc(project);
        for writer in 0..WRITERS {
            let own: Vec<&str> =
                text.lines().filter(|line| line.starts_with(&format!("- {writer}/"))).collect();
            let expected: Vec<String> =
                (0..PATCHES_EACH).map(|number| format!("- {writer}/{number}")).collect();
            assert_eq!(own, expected);
        }
        let list = project.data(&["patches"])["patches"].take();
        assert_eq!(list.as_array().map(Vec::len), Some(1 + WRITERS * PATCHES_EACH));
        project.ok(&["doctor"]);
    });
}

#[test]
fn two_that_patched_one_text_are_brought_together_or_told() {
    on_each_plan(|project| {
        let base = project.data(&["doc"])["hash"].as_str().expect("it is there").to_owned();
        let outputs: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = ["One.", "Two.", "Three."]
                .map(|word| {
                    let base = base.as_str();
                    scope.spawn(move || {
                        let patches = json!([super::update("## Risks", "None.", word)]);
                        let args = ["patch", "-", "--base-hash", base, "--json"];
                        with_stdin(project, &args, &patches.to_string())
                    })
                })
                .into_iter()
                .collect();
            writers.into_iter().map(|writer| writer.join().expect("it does not panic")).collect()
        });
        let mut codes: Vec<_> = outputs.iter().filter_map(|output| output.code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [0, 4, 4], "{outputs:#?}");
        for output in outputs.iter().filter(|output| output.code == Some(4)) {
            let error = output.envelope()["error"].take();
            assert!(error["details"]["conflicts"][0]["base"].is_string(), "{error}");
        }
    });
}

#[test]
fn every_acknowledged_patch_outlives_programs_that_are_killed() {
    on_each_plan(|project| {
        let (mut acknowledged, mut tried, mut kills) = (BTreeSet::new(), 0_u64, 0_u32);
        let end = Instant::now() + LASTS * scale();
        while Instant::now() < end || kills < 5 {
            tried += 1;
            let line = format!("- k{tried}");
            let patches =
                json!({"id": format!("k{tried}"), "patches": [append("## Steps", &line)]});
            project.write("patches.json", patches.to_string());
            let mut command = project.command(&["patch", "patches.json"]);
            let mut child = command.spawn().expect("the program can be started");
            thread::sleep(Duration::from_micros(tried * 7_919 % 17_000));
            let _ = child.kill();
            match finish(child, "patch").code {
                Some(0) => drop(acknowledged.insert(line)),
                None => kills += 1,
                code => panic!("neither done nor killed: {code:?}"),
            }
            // Whoever does not know whether it was done does it again, and it is done once.
            if tried.is_multiple_of(10) {
                project.ok(&["patch", "patches.json"]);
                acknowledged.insert(format!("- k{tried}"));
            }
        }
        check_survivors(project, &acknowledged);
    });
}

#[track_caller]
fn check_survivors(project: &Project, acknowledged: &BTreeSet<String>) {
    project.ok(&["add-step", "The next one"]);
    let text = doc(project);
    let lines: Vec<String> =
        text.lines().filter(|line| line.starts_with("- k")).map(str::to_owned).collect();
    let set: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(set.len(), lines.len(), "no patch twice");
    let lost: Vec<_> = acknowledged.difference(&set).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let list = project.data(&["patches"])["patches"].take();
    assert_eq!(list.as_array().map(Vec::len), Some(1 + lines.len()));
    assert!(list.as_array().into_iter().flatten().all(|entry| entry["by"] != "file"), "{list}");
    if project.exists(".ai/processes/proc-001.md") {
        assert_eq!(project.read(".ai/processes/proc-001.md"), text);
    }
    let healthy = project.data(&["doctor"]);
    let problems = healthy["problems"].as_array().into_iter().flatten();
    assert_eq!(problems.filter(|it| it["severity"] != "info").count(), 0, "{healthy}");
    for _ in 0..lines.len() {
        project.ok(&["undo"]);
    }
    assert_eq!(doc(project), PLAN, "each can be taken back");
}
