//! `run`: a process to its end, or until only people and messages can move it.

use std::{thread, time::Instant};

use super::{Driver, events, status_of};
use crate::project::{Project, column, finish, step};

/// Everything that `run` waits for, and one thing that it does not.
const FLOW: &str = "name: Flow
input: {topic: {type: string, required: true}, pages: {type: integer, default: 3}}
steps:
  - {id: a, type: command, run: [echo, '{\"x\": 1}']}
  - {id: b, type: command, depends_on: [a], run: [echo, 'about {{ input.topic }}']}
  - {id: again, type: command, retry: {max_attempts: 3, initial_delay: 100ms}, run: [sh, -c, 'echo x >> tries; test $(wc -l < tries) -ge 3']}
  - {id: soon, type: timer, delay: 300ms}
  - {id: look, type: human_approval, depends_on: [a], timeout: 48h, approvers: [boss@example.com]}
  - {id: tell, type: notification, depends_on: [look, soon, b, again], message: 'told {{ steps.b.output.text }}'}
outputs: [{name: text, value: '{{ steps.b.output.text }}'}, {name: pages, value: '{{ input.pages }}'}]
";

fn project() -> Project {
    Project::with_files(&[("flow.yaml", FLOW)])
}

#[test]
fn run_drives_to_the_end_and_talks_on_stderr_only() {
    let project = project();
    let output = project.ok(&["run", "flow.yaml", "--yes", "-i", "topic=tea"]);
    assert!(output.stdout.starts_with("proc-001 Flow: completed\n"), "{output:#?}");
    assert!(output.stdout.contains("text: about tea"), "{output:#?}");
    assert!(output.stderr.contains("» told about tea"), "{output:#?}");
    assert!(!output.stdout.contains("✓") && output.stderr.contains("✓ a"), "{output:#?}");
    let decided = events(&project, "proc-001");
    let decided = decided.iter().find(|event| event["type"] == "approval_decided").unwrap();
    assert_eq!((&decided["by"], &decided["via"]), (&"boss@example.com".into(), &"--yes".into()));
    let quiet = project.ok(&["run", "flow.yaml", "--yes", "-i", "topic=tea", "--quiet"]);
    assert_eq!(quiet.stderr, "");
    assert!(quiet.stdout.contains("completed"));
}

#[test]
fn json_is_the_envelope_and_nothing_else() {
    let project = project();
    let data = project.data_with_exit(7, &["run", "flow.yaml", "-i", "topic=tea", "--key", "k"]);
    let process = &data["process"];
    assert_eq!((&process["id"], &process["key"]), (&"proc-001".into(), &"k".into()));
    assert_eq!(process["status"], "waiting");
    assert_eq!(step(process, "again")["status"], "completed");
    assert_eq!(column(&data["waiting"], "step"), ["look"]);
    let data = project.data(&["run", "proc-001", "--yes"]);
    assert_eq!(data["run"]["outputs"]["pages"], 3);
    assert_eq!(data["run"]["steps"]["a"]["output"]["x"], 1);
    // It is finished: there is nothing to do.
    assert_eq!(project.data(&["run", "proc-001"]), data);
    assert_eq!(project.read("tries").lines().count(), 3, "nothing was performed twice");
}

#[test]
fn what_only_people_or_messages_move_is_left_to_them_at_once() {
    for waits in [
        "type: human_approval, timeout: 48h",
        "type: human_approval",
        "type: wait_for, message: paid, timeout: 2d",
        "type: manual",
        "type: agent_task, agent: nobody, message: do it",
    ] {
        let text = format!(
            "name: F\nsteps:\n  - {{id: a, {waits}}}\n  - {{id: b, type: command, run: [echo]}}\n"
        );
        let project = Project::with_files(&[("f.yaml", &text)]);
        let since = Instant::now();
        let output = project.run(&["run", "f.yaml"]);
        assert_eq!(output.code, Some(7), "{waits}: {output:#?}");
        assert!(since.elapsed().as_secs() < 5, "{waits}");
        let data = project.data(&["show"]);
        assert_eq!(step(&data["process"], "b")["status"], "completed", "{waits}");
    }
}

#[test]
fn a_failure_is_exit_one_also_when_it_is_looked_at_later() {
    let text =
        "name: F\nsteps:\n  - {id: a, type: command, run: [sh, -c, 'echo why >&2; exit 3']}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    let data = project.data_with_exit(1, &["run", "f.yaml"]);
    assert_eq!(data["process"]["status"], "failed");
    let error = data["run"]["steps"]["a"]["error"].as_str().unwrap();
    assert!(error.contains("exit code 3") && error.contains("why"), "{error}");
    assert_eq!(project.run(&["run", "proc-001"]).code, Some(1));
}

#[test]
fn wrong_input_is_refused_before_anything_is_written() {
    let project = project();
    project.write("list.yaml", "- 1\n");
    project.write("broken.yaml", "{a: [\n");
    project.write("bad.yaml", "name: F\nsteps: [{id: a, depends_on: [b]}]\n");
    let before = project.tree();
    for args in [
        &["flow.yaml"][..],
        &["flow.yaml", "-i", "topic=tea", "-i", "pages=many"],
        &["flow.yaml", "-i", "topic=tea", "-i", "colour=red"],
        &["flow.yaml", "-i", "topic"],
        &["flow.yaml", "--input-file", "list.yaml"],
        &["flow.yaml", "--input-file", "broken.yaml"],
        &["flow.yaml", "-i", "topic=tea", "--key", ""],
        &["flow.yaml", "-i", "topic=tea", "--concurrency", "0"],
        &["bad.yaml"],
    ] {
        project.refused(6, "invalid", &[&["run"], args].concat());
        assert_eq!(project.tree(), before, "{args:?}");
    }
    for args in [&["nowhere.yaml"][..], &["flow.yaml", "--input-file", "nowhere"], &["proc-007"]] {
        project.refused(3, "not_found", &[&["run"], args].concat());
        assert_eq!(project.tree(), before, "{args:?}");
    }
}

#[test]
fn input_comes_from_a_file_and_the_command_line_counts_over_it() {
    let project = project();
    project.write("in.yaml", "topic: from a file\npages: 4\n");
    project.write("in.json", "{\"topic\": \"from JSON\"}");
    for (args, text, pages) in [
        (&["--input-file", "in.yaml"][..], "about from a file", 4),
        (&["--input-file", "in.yaml", "-i", "pages=5"], "about from a file", 5),
        (&["--input-file", "in.json"], "about from JSON", 3),
    ] {
        let data = project.data(&[&["run", "flow.yaml", "--yes"], args].concat());
        let outputs = &data["run"]["outputs"];
        assert_eq!((&outputs["text"], &outputs["pages"]), (&text.into(), &pages.into()));
    }
}

#[test]
fn a_key_starts_one_process_also_when_eight_programs_use_it_at_once() {
    let text =
        "name: F\nsteps:\n  - {id: a, type: command, run: [sh, -c, 'echo x >> ran; sleep 0.3']}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    let args = ["run", "f.yaml", "--key", "order-1", "--json"];
    let children: Vec<_> = (0..8).map(|_| project.command(&args).spawn().unwrap()).collect();
    for child in children {
        let output = finish(child, "run");
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(output.envelope()["data"]["process"]["id"], "proc-001");
    }
    assert_eq!(project.read("ran").lines().count(), 1);
    assert_eq!(column(&project.data(&["list"])["processes"], "id"), ["proc-001"]);
}

#[test]
fn what_is_detached_is_durable_and_not_begun() {
    let project = project();
    let data = project.data(&["run", "flow.yaml", "-i", "topic=tea", "--detach"]);
    assert_eq!(data["process"]["id"], "proc-001");
    thread::sleep(std::time::Duration::from_millis(300));
    assert!(!project.exists("tries"));
    project.ok(&["run", "proc-001", "--yes"]);
    assert_eq!(status_of(&project, "proc-001"), "completed");
}

#[test]
fn a_dry_run_shows_the_start_and_performs_nothing() {
    let project = project();
    let before = project.tree();
    let data = project.data(&["run", "flow.yaml", "-i", "topic=tea", "--dry-run"]);
    assert_eq!(data["process"]["id"], "proc-001");
    assert_eq!(project.tree(), before);
}

#[test]
fn a_process_that_people_keep_by_hand_is_not_run() {
    let project = Project::with_steps(&["One"]);
    project.refused(4, "conflict", &["run", "proc-001"]);
}

#[test]
fn ctrl_c_ends_run_with_130_and_the_process_goes_on_later() {
    let text = "name: F\nsteps:\n  - {id: a, type: command, run: [sh, -c, 'test -e go && exit 0; echo $$ > pid; sleep 60']}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    let driver = Driver::of(&project, &["run", "f.yaml", "--json"]);
    let pid = super::line_of(&project, "pid");
    driver.signal(rustix::process::Signal::INT);
    let output = driver.wait();
    assert_eq!(output.code, Some(130), "{output:#?}");
    assert_eq!(output.envelope()["data"]["process"]["status"], "in_progress");
    assert!(!super::is_alive(&pid));
    project.write("go", "");
    assert_eq!(project.data(&["run", "proc-001"])["run"]["steps"]["a"]["attempts"], 1);
}
