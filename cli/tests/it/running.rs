//! Processes that run by a definition: what they show, and what people do with them.

use crate::project::{Project, column, step, texts};

const FLOW: &str = "name: Flow
budget: {cost: \"5.00\"}
steps:
  - {id: a, message: Begin}
  - {id: b, depends_on: [a], foreach: {in: [1, 2]}}
  - {id: c, depends_on: [b]}
";

#[test]
fn a_process_shows_its_run_beside_its_file() {
    let project = Project::started(FLOW);
    let data = project.data(&["show"]);
    assert_eq!(data["process"]["definition"], "flow.yaml");
    let run = &data["run"];
    assert_eq!((&run["definition"], &run["limit"]), (&"Flow".into(), &"5.00".into()));
    assert_eq!(run["steps"]["a"]["type"], "manual");
    assert_eq!(data["waiting"], run["waiting"]);
    assert_eq!(
        (&data["waiting"][0]["step"], &data["waiting"][0]["for"]),
        (&"a".into(), &"work".into())
    );
    assert_eq!(texts(&data["ready"]), ["a"]);
    let text = project.ok(&["show"]).stdout;
    assert!(text.contains("Waiting: a for somebody to take it"), "{text}");
}

#[test]
fn a_process_under_a_key_is_there_once() {
    let project = Project::with_files(&[("flow.yaml", FLOW)]);
    assert_eq!(project.start("flow.yaml", Some("order-1")), "proc-001");
    assert_eq!(project.start("flow.yaml", Some("order-2")), "proc-002");
    assert_eq!(project.start("flow.yaml", Some("order-1")), "proc-001");
    let list = project.data(&["list"]);
    assert_eq!(column(&list["processes"], "key"), ["order-1", "order-2"]);
    assert_eq!(project.data(&["show", "proc-001"])["process"]["key"], "order-1");
    project.edit(".ai/processes/proc-001.yaml", "key: order-1", "key: order-3");
    let told = project.ok(&["show", "proc-001"]).stderr;
    assert!(told.contains("`key` is set when the process is started"), "{told}");
}

#[test]
fn a_step_is_taken_let_go_and_settled_by_hand() {
    let project = Project::started(FLOW);
    let data = project.data(&["claim", "a", "--by", "bob"]);
    assert_eq!(data["step"]["claim"]["by"], "bob");
    assert_eq!(data["run"]["steps"]["a"]["message"], "Begin");
    assert!(project.data(&["next"])["next"].is_null());
    project.refused(4, "conflict", &["claim", "a", "--by", "al"]);
    project.refused(4, "conflict", &["release", "a", "--by", "al"]);
    project.ok(&["release", "a", "--by", "bob"]);
    assert_eq!(project.data(&["next"])["next"]["id"], "a");
    let data = project.data(&["step", "a", "-s", "completed", "--output", "[1, \"two\"]"]);
    assert_eq!(data["step"]["id"], "a", "not what follows it");
    assert_eq!(data["run"]["steps"]["a"]["output"][1], "two");
    project.refused(4, "conflict", &["step", "c", "-s", "in_progress"]);
    project.refused(4, "conflict", &["add-step", "More"]);
}

#[test]
fn one_of_several_visits_is_named_by_its_number() {
    let project = Project::started(FLOW);
    project.ok(&["step", "a", "-s", "completed"]);
    assert_eq!(texts(&project.data(&["next"])["ready"]), ["b#1", "b#2"]);
    for args in [&["claim", "b"][..], &["step", "b", "-s", "completed"]] {
        let error = project.refused(4, "conflict", args);
        assert_eq!(texts(&error["details"]["visits"]), ["b#1", "b#2"], "{error}");
    }
    project.ok(&["claim", "b#2"]);
    project.ok(&["release", "b#2"]);
    project.ok(&["add-item", "proc-001", "b", "{\"n\": 3}"]);
    for (visit, output) in [("b#2", "two"), ("b#1", "1"), ("b#3", "null")] {
        project.ok(&["step", visit, "-s", "completed", "--output", output]);
    }
    let shown = project.data(&["show"]);
    assert_eq!(shown["run"]["steps"]["b"]["output"].to_string(), "[1,\"two\",null]");
    project.refused(4, "conflict", &["add-item", "proc-001", "b", "4"]);
    project.refused(6, "invalid", &["add-item", "proc-001", "b", "four"]);
    let by_hand = Project::with_steps(&["One"]);
    by_hand.refused(3, "not_found", &["claim", "s1#1"]);
}

#[test]
fn a_paused_process_begins_nothing_until_it_goes_on() {
    let project = Project::started(FLOW);
    assert_eq!(project.data(&["pause"])["process"]["status"], "paused");
    project.refused(4, "conflict", &["pause", "proc-001"]);
    assert!(project.data(&["next"])["next"].is_null());
    project.refused(4, "conflict", &["claim", "a"]);
    assert_eq!(project.data(&["resume"])["process"]["status"], "in_progress");
    project.refused(4, "conflict", &["resume"]);
}

#[test]
fn a_cancelled_process_undoes_what_was_done_and_a_second_cancel_is_none() {
    let project = Project::started(
        "name: Flow\nsteps:\n  - {id: a, compensation: {type: manual}}\n  - {id: b, depends_on: [a]}\n",
    );
    project.ok(&["step", "a", "-s", "completed"]);
    let data = project.data(&["cancel", "--reason", "too dear"]);
    assert_eq!(data["process"]["status"], "in_progress");
    assert_eq!(data["run"]["ending"]["status"], "cancelled");
    let events = data["process"]["revision"].clone();
    assert_eq!(project.data(&["cancel"])["process"]["revision"], events);
    let plain = Project::started(FLOW);
    let data = plain.data(&["cancel", "proc-001"]);
    assert_eq!(data["process"]["status"], "cancelled");
    plain.refused(4, "conflict", &["cancel"]);
    plain.refused(4, "conflict", &["pause"]);
    assert_eq!(step(&data["process"], "a")["status"], "pending");
}

#[test]
fn feedback_rates_a_step_from_one_to_five() {
    let project = Project::started(FLOW);
    let rate = ["feedback", "proc-001", "a", "--rating"];
    let data = project.data(&[&rate[..], &["4", "--note", "quick"]].concat());
    let said = &data["run"]["feedback"][0];
    assert_eq!((&said["rating"], &said["note"]), (&4.into(), &"quick".into()));
    project.refused(6, "invalid", &[&rate[..], &["6"]].concat());
    project.refused(6, "invalid", &[&rate[..], &["0"]].concat());
    project.refused(3, "not_found", &["feedback", "proc-001", "z", "--rating", "3"]);
}

#[test]
fn cost_and_events_tell_of_processes_of_both_kinds() {
    let project = Project::started(FLOW);
    let data = project.data(&["cost"]);
    assert_eq!((&data["total"], &data["limit"]), (&"0".into(), &"5.00".into()));
    assert_eq!(project.ok(&["cost", "proc-001"]).stdout, "proc-001 0 of 5.00\n");
    let events = project.data(&["events", "proc-001"]);
    assert_eq!(events, project.data(&["log"]));
    assert_eq!(column(&events["events"], "type"), ["started", "step_ready"]);
    let by_hand = Project::with_steps(&["One"]);
    assert_eq!(by_hand.data(&["cost"])["total"], "0");
    for command in ["pause", "resume", "cancel"] {
        by_hand.refused(3, "not_found", &[command]);
    }
}

#[test]
fn what_blocks_a_process_is_named() {
    let project = Project::started(
        "name: Flow\nsteps:\n  - {id: a, condition: 1 > 2}\n  - {id: w, type: wait_for, until: steps.a.status == 'completed'}\n",
    );
    let data = project.data(&["show"]);
    assert_eq!(data["process"]["status"], "blocked");
    let waiting = &data["waiting"][0];
    assert_eq!((&waiting["step"], &waiting["for"]), (&"w".into(), &"until".into()));
    assert_eq!(waiting["until"], "steps.a.status == 'completed'");
    let text = project.ok(&["status"]).stdout;
    assert!(text.contains("Waiting: w for `steps.a.status == 'completed'`"), "{text}");
}

#[test]
fn a_dry_run_of_any_of_it_writes_nothing() {
    let project = Project::started(FLOW);
    let before = project.tree();
    let cases: [&[&str]; 8] = [
        &["pause"],
        &["cancel", "--reason", "why not"],
        &["claim", "a"],
        &["step", "a", "-s", "completed", "--output", "1"],
        &["feedback", "proc-001", "a", "--rating", "1"],
        &["adopt", "proc-001", "flow.yaml"],
        &["cost"],
        &["approvals"],
    ];
    for args in cases {
        project.data(&[args, &["--dry-run"]].concat());
        assert!(project.tree() == before, "{args:?} wrote");
    }
}
