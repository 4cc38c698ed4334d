//! The layout for a single process: it is migrated once, and nothing of it is lost.

use crate::{
    originals::fixture,
    project::{Project, column, step},
};

fn events(project: &Project) -> Vec<serde_json::Value> {
    project.data(&["log"])["events"].as_array().cloned().unwrap_or_default()
}

#[test]
fn the_first_use_migrates_everything() {
    let commands: [&[&str]; 8] = [
        &["list"],
        &["status"],
        &["show"],
        &["add-step", "Third"],
        &["history"],
        &["log"],
        &["export", "proc-001"],
        &["init", "--name", "Another"],
    ];
    for args in commands {
        let project = fixture("legacy");
        project.data(args);
        let process = project.data(&["show", "proc-001"])["process"].take();
        assert_eq!(process["name"], "Daily bread: spring", "{args:?}");
        assert_eq!(process["goal"], "Document how the shop works");
        assert_eq!(process["status"], "in_progress");
        assert_eq!(process["shop"], "north");
        assert_eq!(process["createdAt"], "2026-01-10T09:00:00.784Z");
        assert_eq!(step(&process, "s1")["completedAt"], "2026-01-11T06:00:00.500Z");
        assert_eq!(step(&process, "s1")["outputs"][0], "warm: ovens");
        assert_eq!(step(&process, "s2")["remember"][1], "door: back");
        assert_eq!(process["risks"][0]["impact"], "critical");
        assert_eq!(process["evidence"][1]["value"], "https://example.com/a?b=1");

        let history = project.data(&["history", "proc-001"]);
        let versions = history["versions"].as_array().expect("a list");
        assert_eq!(versions.len(), 1, "{history}");
        assert_eq!(versions[0]["version"], 1);
        assert_eq!(versions[0]["reason"], "Migrated from single-process format");

        assert!(
            project.exists(".ai/registry.yaml") && project.exists(".ai/processes/proc-001.yaml")
        );
        assert!(!project.exists(".ai/process.yaml"), "moved, {args:?}");
        let view = project.read(".ai/processes/proc-001.yaml");
        for comment in ["# The only process of this shop.\n", "name: Open   # at six\n"] {
            assert!(view.contains(comment), "{args:?}: {view}");
        }
    }
}

#[test]
fn every_entry_of_its_history_is_an_event_with_its_instant_and_its_raw_text() {
    let project = fixture("legacy");
    let text = project.read(".ai/history.yaml");
    let events = events(&project);
    let instants =
        ["2026-01-10T09:00:00.795Z", "2026-01-11T06:00:00.500Z", "2026-01-11T06:00:00.500Z"];
    let raws = [
        "Thinking aloud…\n[PROCESS_UPDATE]\nprocess_id: daily-bread\naction: step_add\nstep:\n  id: s1\n  name: Open\n[/PROCESS_UPDATE]\ndone\n",
        "one line: with \"quotes\" and \ttab",
        "",
    ];
    let old: Vec<_> = events.iter().filter(|event| event.to_string().contains("\"raw\"")).collect();
    assert_eq!(old.len(), 3, "{events:#?}\nof\n{text}");
    for ((event, at), raw) in old.into_iter().zip(instants).zip(raws) {
        assert!(event.to_string().contains(at), "{at}: {event}");
        let quoted = serde_json::to_string(raw).unwrap();
        assert!(event.to_string().contains(&format!("\"raw\":{quoted}")), "{quoted}: {event}");
    }
    let kinds: Vec<String> = events.iter().map(ToString::to_string).collect();
    for kind in ["step_add", "step_complete", "risk"] {
        assert!(
            kinds.iter().any(|event| event.contains(&format!("\"{kind}\""))),
            "{kind}: {events:#?}"
        );
    }
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], index + 1);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let project = fixture("legacy");
    project.ok(&["list"]);
    let before = project.tree();
    for args in [&["list"][..], &["show"], &["status", "--all"], &["log"], &["history"]] {
        let output = project.ok(args);
        assert_eq!(output.stderr, "", "{args:?}");
    }
    assert!(project.tree() == before);
}

#[test]
fn a_migration_that_was_cut_short_is_ended() {
    let project = fixture("legacy");
    let (process, history) = (project.read(".ai/process.yaml"), project.read(".ai/history.yaml"));
    project.ok(&["list"]);
    let migrated = (project.process(), events(&project));
    project.write(".ai/process.yaml", &process);
    project.write(".ai/history.yaml", &history);
    assert_eq!(column(&project.data(&["list"])["processes"], "id"), ["proc-001"], "not twice");
    assert_eq!((project.process(), events(&project)), migrated);
    assert!(!project.exists(".ai/process.yaml") && !project.exists(".ai/history.yaml"));
}

#[test]
fn a_process_without_a_history_is_migrated_too() {
    let project =
        Project::with_files(&[(".ai/process.yaml", "id: main\nname: Small\nsteps: []\n")]);
    assert_eq!(project.data(&["list"])["active"], "proc-001");
    assert_eq!(project.process()["name"], "Small");
    project.ok(&["add-step", "One"]);
}

#[test]
fn a_legacy_file_that_cannot_be_read_stays_and_is_named() {
    for (path, text) in [
        (".ai/process.yaml", "name: ["),
        (".ai/history.yaml", "entries: ["),
        (".ai/history.yaml", "7"),
    ] {
        let project = fixture("legacy");
        project.write(path, text);
        let before = project.content();
        let output = project.run(&["add-step", "X"]);
        assert_eq!(output.code, Some(6), "{path}: {output:#?}");
        let name = path.rsplit('/').next().unwrap_or(path);
        assert!(output.stderr.contains(name), "{path}: {output:#?}");
        assert!(project.content() == before, "{path}: nothing is touched");
    }
}
