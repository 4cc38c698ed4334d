//! Steps: adding them, giving them a status, and what follows for the process.

use crate::project::{Project, column, step, texts};

fn check(project: &Project, change: &str, steps: &str, process: &str) {
    let mut words = change.split(' ');
    let (id, status) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let data = project.data(&["step", id, "--status", status]);
    let found = column(&data["process"]["steps"], "status").join(" ");
    assert_eq!(found, steps, "after {change}");
    assert_eq!(data["process"]["status"], process, "after {change}");
    assert_eq!(data["step"]["id"], id);
    assert_eq!(project.process()["status"], process);
}

#[test]
fn a_step_is_added_at_the_end_or_behind_another() {
    let project = Project::with_steps(&["One", "Two"]);
    let data = project.data(&["add-step", "Between", "--after", "s1"]);
    assert_eq!(data["step"]["id"], "s3");
    assert_eq!(column(&data["process"]["steps"], "name"), ["One", "Between", "Two"]);
    project.ok(&["add-step", "Last"]);
    assert_eq!(column(&project.process()["steps"], "id"), ["s1", "s3", "s2", "s4"]);
}

#[test]
fn a_step_keeps_everything_that_it_was_given() {
    let project = Project::new();
    let args = [
        "add-step",
        "Bake",
        "--description",
        "slowly",
        "--inputs",
        "flour",
        "water",
        "--inputs",
        "salt",
        "--outputs",
        "bread",
        "--checks",
        "it sounds hollow",
        "nobody: got burnt",
    ];
    let made = project.data(&args);
    assert_eq!(made["step"]["description"], "slowly");
    assert_eq!(texts(&made["step"]["inputs"]), ["flour", "water", "salt"]);
    assert_eq!(texts(&made["step"]["outputs"]), ["bread"]);
    assert_eq!(texts(&made["step"]["checks"]), ["it sounds hollow", "nobody: got burnt"]);
    assert_eq!(made["step"]["status"], "pending");
    assert_eq!(*step(&project.process(), "s1"), made["step"]);
}

#[test]
fn the_status_of_the_process_follows_its_steps() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    check(&project, "s1 in_progress", "in_progress pending pending", "in_progress");
    check(&project, "s1 completed", "completed pending pending", "in_progress");
    check(&project, "s2 skipped", "completed skipped pending", "in_progress");
    check(&project, "s3 done", "completed skipped completed", "completed");
    check(&project, "s3 pending", "completed skipped pending", "in_progress");
    check(&project, "s3 running", "completed skipped in_progress", "in_progress");
    check(&project, "s3 completed", "completed skipped completed", "completed");
    project.ok(&["add-step", "Four"]);
    assert_eq!(project.process()["status"], "in_progress", "a finished process has work again");
}

#[test]
fn every_status_that_a_person_can_mean_is_taken() {
    let project = Project::with_steps(&["One"]);
    let said = [
        ("in_progress", "in_progress"),
        ("waiting", "waiting"),
        ("completed", "completed"),
        ("skipped", "skipped"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("pending", "pending"),
        ("running", "in_progress"),
        ("done", "completed"),
    ];
    for (given, status) in said {
        let data = project.data(&["step", "s1", "-s", given]);
        assert_eq!(data["step"]["status"], status, "{given}");
    }
}

#[test]
fn the_instants_of_a_step_come_and_go_with_its_status() {
    let project = Project::with_steps(&["One", "Two"]);
    let data = project.data(&["step", "s1", "-s", "in_progress"]);
    let started = data["step"]["startedAt"].clone();
    assert!(started.as_str().is_some_and(|at| at.ends_with('Z')), "{data}");
    assert!(data["step"].get("completedAt").is_none(), "{data}");
    let data = project.data(&["step", "s1", "-s", "completed"]);
    assert_eq!(data["step"]["startedAt"], started);
    assert!(data["step"]["completedAt"].as_str() >= started.as_str(), "{data}");
    let data = project.data(&["step", "s1", "-s", "pending"]);
    assert!(data["step"].get("completedAt").is_none(), "{data}");

    let data = project.data(&["step", "s2", "-s", "completed"]);
    assert!(data["step"]["completedAt"].is_string(), "straight from pending: {data}");
}

#[test]
fn outputs_and_notes_stay() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["step", "s1", "-s", "running", "--output", "a", "--output", "b"]);
    let args = ["step", "s1", "-s", "done", "--output", "c: d", "--note", "went well"];
    let data = project.data(&args);
    assert_eq!(texts(&data["step"]["outputs"]), ["a", "b", "c: d"]);
    let evidence = &data["process"]["evidence"][0];
    assert_eq!((&evidence["type"], &evidence["value"]), (&"note".into(), &"went well".into()));
    assert!(evidence["timestamp"].is_string(), "{evidence}");
    let again = project.data(&["step", "s1", "-s", "done", "--output", "e"]);
    assert_eq!(texts(&again["step"]["outputs"]), ["a", "b", "c: d", "e"]);
}

#[test]
fn a_change_that_makes_no_sense_changes_nothing() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["step", "s1", "-s", "completed"]);
    let before = project.tree();
    project.refused(4, "conflict", &["step", "s1", "-s", "completed"]);
    project.refused(4, "conflict", &["step", "s1", "-s", "compensated"]);
    project.refused(4, "conflict", &["claim", "s1"]);
    project.refused(6, "invalid", &["step", "s1", "-s", "perfect"]);
    project.refused(6, "invalid", &["step", "s1", "-s", ""]);
    project.refused(6, "invalid", &["step", "S1", "-s", "pending"]);
    project.refused(6, "invalid", &["step", "", "-s", "pending"]);
    assert!(project.tree() == before);
}

#[test]
fn ids_of_steps_are_never_given_twice() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    project.edit(
        ".ai/processes/proc-001.yaml",
        "  - id: s3\n    name: Three\n    inputs: []\n    outputs: []\n    checks: []\n    status: pending\n",
        "",
    );
    assert_eq!(project.data(&["add-step", "Four"])["step"]["id"], "s4");
}

#[test]
fn next_is_the_first_step_that_somebody_can_take() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    let next = || project.data(&["next"]);
    assert_eq!(next()["next"]["id"], "s1");
    assert_eq!(texts(&next()["ready"]), ["s1", "s2", "s3"]);
    project.ok(&["claim", "s1", "--by", "bob"]);
    assert_eq!(next()["next"]["id"], "s2");
    project.ok(&["step", "s2", "-s", "done"]);
    assert_eq!(next()["next"]["id"], "s3");
    project.ok(&["release", "s1", "--by", "bob"]);
    assert_eq!(next()["next"]["id"], "s1");
    for id in ["s1", "s3"] {
        project.ok(&["step", id, "-s", "done"]);
    }
    assert!(next()["next"].is_null());
    assert_eq!(project.ok(&["next"]).stdout, "Nothing to take.\n");
}

#[test]
fn status_counts_the_steps_that_are_done() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    project.ok(&["step", "s1", "-s", "done"]);
    let data = project.data(&["status"]);
    assert_eq!(data["process"]["progress"]["completed"], 1);
    assert_eq!(data["process"]["progress"]["total"], 3);
    assert_eq!(data["process"]["progress"]["percent"], 33);
    assert_eq!(data["next"]["id"], "s2");
    let text = project.ok(&["status"]).stdout;
    assert!(text.contains("1/3 steps (33%)"), "{text}");
    assert_eq!(project.data(&["list"])["processes"][0]["progress"], 33);
}

#[test]
fn decisions_risks_and_evidence_are_recorded_with_their_instant() {
    let project = Project::with_steps(&["One"]);
    let args = [
        "decide",
        "JWT or sessions?",
        "JWT",
        "--rationale",
        "# scales",
        "--option",
        "JWT",
        "--option",
        "sessions",
    ];
    let data = project.data(&args);
    let decision = &data["process"]["decisions"][0];
    assert_eq!(decision["id"], "d1");
    assert_eq!(decision["question"], "JWT or sessions?");
    assert_eq!(decision["choice"], "JWT");
    assert_eq!(decision["rationale"], "# scales");
    assert_eq!(texts(&decision["options"]), ["JWT", "sessions"]);
    assert!(decision["timestamp"].is_string());

    for impact in ["low", "medium", "high", "critical"] {
        let args = ["risk", "It breaks", "--impact", impact, "--mitigation", "care"];
        let data = project.data(&args);
        let risk = data["process"]["risks"].as_array().and_then(|risks| risks.last()).unwrap();
        assert_eq!((&risk["impact"], &risk["status"]), (&impact.into(), &"identified".into()));
        assert!(risk["identifiedAt"].is_string());
    }

    let data = project.data(&["evidence", "command", "make test", "--step", "s1"]);
    let evidence = &data["process"]["evidence"][0];
    assert_eq!(evidence["type"], "command");
    assert_eq!(evidence["value"], "make test");
    assert_eq!(project.process(), data["process"]);
}
