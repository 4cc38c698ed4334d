//! Sub-processes and compensation, with real programs.

use super::{Driver, line_of, status_of, until, until_status};
use crate::project::{Project, column, texts};

const CONFIG: &str =
    "agents:\n  writer: {command: [echo, '{\"output\": 1, \"cost\": \"0.25\"}']}\n";

const PART: &str = "name: Part
id: part
input: {x: {type: integer}}
steps:
  - {id: c, type: command, run: [sh, -c, 'echo {{ input.x }} >> ran; while [ ! -e go ]; do sleep 0.05; done; echo 5'], compensation: {type: command, run: [sh, -c, 'echo part >> undone']}}
  - {id: g, type: agent_task, agent: writer, message: x, depends_on: [c]}
outputs: [{name: v, value: '{{ steps.c.output }}'}]
";

const FLOW: &str = "name: Flow
steps:
  - {id: one, type: sub_process, process: part, input: {x: 1}}
  - {id: other, type: sub_process, process: part, input: {x: 2}, wait: false}
  - {id: d, type: command, depends_on: [one], run: [echo, 'got {{ steps.one.output.v }}']}
outputs: [{name: said, value: '{{ steps.d.output.text }}'}]
";

fn project(part: &str) -> Project {
    Project::with_files(&[("defs/flow.yaml", FLOW), (part, PART), (".procside.yaml", CONFIG)])
}

#[test]
fn a_sub_process_is_found_among_the_templates_and_beside_the_definition() {
    for part in [".ai/templates/part.yaml", "defs/part.yaml"] {
        let project = project(part);
        project.write("go", "");
        let data = project.data(&["run", "defs/flow.yaml"]);
        assert_eq!(data["run"]["outputs"]["said"], "got 5", "{part}");
        // One that is not waited for is driven all the same.
        until("both are done", || {
            column(&project.data(&["list"])["processes"], "status") == ["completed"; 3]
        });
        assert_eq!(project.data(&["cost", "proc-001"])["total"], "0.50", "{part}");
    }
}

#[test]
fn sub_processes_go_on_after_a_kill_and_there_is_never_a_second_one() {
    let project = project("defs/part.yaml");
    project.ok(&["run", "defs/flow.yaml", "--detach"]);
    let worker = Driver::work(&project);
    until("both parts run", || project.exists("ran") && project.read("ran").lines().count() == 2);
    worker.kill();
    project.write("go", "");
    let _worker = Driver::work(&project);
    until_status(&project, "proc-001", "completed");
    let processes = project.data(&["list"])["processes"].take();
    assert_eq!(column(&processes, "id"), ["proc-001", "proc-002", "proc-003"]);
}

#[test]
fn a_cancel_goes_down() {
    let project = project("defs/part.yaml");
    project.ok(&["run", "defs/flow.yaml", "--detach"]);
    let _worker = Driver::work(&project);
    until("both parts run", || project.exists("ran") && project.read("ran").lines().count() == 2);
    project.ok(&["cancel", "proc-001"]);
    for id in ["proc-001", "proc-002"] {
        until_status(&project, id, "cancelled");
    }
    until("the other one ends as well", || {
        ["cancelled", "failed"].contains(&status_of(&project, "proc-003").as_str())
    });
}

#[test]
fn definitions_beside_each_other_may_nest_and_their_approvals_are_decided() {
    let flow = |name: &str| {
        format!("name: {name}\nsteps:\n  - {{id: s, type: sub_process, process: {name}}}\n")
    };
    let leaf = "name: leaf\nsteps:\n  - {id: look, type: human_approval}\n  - {id: c, type: command, depends_on: [look], run: [sh, -c, 'echo done > done']}\n";
    let project = Project::with_files(&[
        ("defs/top.yaml", &flow("middle")),
        ("defs/middle.yaml", &flow("leaf")),
        ("defs/leaf.yaml", leaf),
    ]);
    let data = project.data_with_exit(7, &["run", "defs/top.yaml"]);
    assert_eq!(column(&data["waiting"], "for"), ["sub_process"]);
    assert_eq!(project.data(&["approvals"])["approvals"][0]["process"], "proc-003");
    // Nothing of the parts happens in between: they are known all the same.
    project.ok(&["run", "proc-001", "--yes"]);
    assert_eq!(line_of(&project, "done"), "done");
}

#[test]
fn what_was_done_is_undone_once_newest_first() {
    let text = "name: F
input: {fails: {type: boolean, default: true}}
steps:
  - {id: a, type: command, run: [echo, A], compensation: {type: command, run: [sh, -c, 'echo {{ steps.a.output.text }} >> undone']}}
  - {id: p, type: sub_process, process: part, input: {x: 1}, depends_on: [a]}
  - {id: b, type: command, depends_on: [p], run: [echo, B], compensation: {type: command, run: [sh, -c, 'echo {{ steps.b.output.text }} >> undone']}}
  - {id: look, type: human_approval, depends_on: [b], condition: not input.fails}
  - {id: c, type: command, depends_on: [b], condition: input.fails, run: ['false']}
on_failure: [{type: log, message: it failed}]
";
    let files = [("f.yaml", text), ("part.yaml", PART), (".procside.yaml", CONFIG), ("go", "")];
    let project = Project::with_files(&files);
    let output = project.run(&["run", "f.yaml"]);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert_eq!(project.read("undone"), "B\npart\nA\n");
    assert_eq!(output.stderr.matches("» it failed").count(), 1, "{output:#?}");
    assert_eq!(texts(&project.data(&["show", "proc-001"])["compensated"]), ["b", "p", "a"]);
    // The same on cancel, by whoever drives it then.
    assert_eq!(project.run(&["run", "f.yaml", "-i", "fails=false"]).code, Some(7));
    project.write("undone", "");
    project.ok(&["cancel", "proc-003"]);
    let data = project.data_with_exit(1, &["run", "proc-003"]);
    assert_eq!(data["process"]["status"], "cancelled");
    assert_eq!(project.read("undone"), "B\npart\nA\n");
}
