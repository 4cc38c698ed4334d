//! Trust: nothing is started or sent in a folder that this user did not make or trust (rule E6.20).

use std::process::Command;

use serde_json::Value;

use super::Driver;
use crate::project::{Project, column, finish, texts};

const FLOW: &str = "name: Flow
id: flow
steps:
  - {id: run, type: command, run: [sh, -c, 'echo run >> ran']}
  - {id: ask, type: agent_task, agent: writer, message: hi}
  - {id: send, type: notification, channel: webhook, url: 'http://127.0.0.1:9/', message: hi, on_error: skip_step}
  - {id: log, type: notification, message: logged}
  - {id: part, type: sub_process, process: part}
";

const PART: &str =
    "id: part\nname: Part\nsteps:\n  - {id: c, type: command, run: [sh, -c, 'echo part >> ran']}\n";

const CONFIG: &str = "agents:\n  writer: {command: [sh, -c, 'echo ask >> ran']}\n";

/// A project with one process that was started and not driven, as its maker sees it.
fn made() -> Project {
    let project = Project::nowhere();
    project.ok(&["init", "--name", "Other"]);
    for (path, text) in [
        ("flow.yaml", FLOW),
        (".procside.yaml", CONFIG),
        (".ai/templates/flow.yaml", FLOW),
        (".ai/templates/part.yaml", PART),
    ] {
        project.write(path, text);
    }
    project.ok(&["run", "flow.yaml", "--detach"]);
    project
}

/// A copy of a project, as `cp -r` makes it, where the same user keeps his configuration.
struct Copied {
    project: Project,
    user: Project,
}

impl Copied {
    fn of(project: &Project) -> Self {
        let copied = Self { project: Project::copy_of(project.root()), user: Project::nowhere() };
        std::fs::remove_dir_all(copied.project.path(".config")).expect("the user's lies here");
        for entry in ["trust", "consent"] {
            let from = project.path(".config/procside").join(entry);
            if from.exists() {
                let to = copied.user.path("procside");
                std::fs::create_dir_all(&to).unwrap();
                Command::new("cp").arg("-r").args([from, to]).status().unwrap();
            }
        }
        copied
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(args);
        command.env("XDG_CONFIG_HOME", self.user.root());
        command
    }

    #[track_caller]
    fn data(&self, code: i32, args: &[&str]) -> (Value, String) {
        let args = [args, &["--json"]].concat();
        let output = finish(self.command(&args).spawn().unwrap(), &args.join(" "));
        assert_eq!(output.code, Some(code), "{output:#?}");
        (output.envelope()["data"].take(), output.stderr)
    }
}

#[test]
fn whoever_makes_a_project_trusts_it() {
    let project = made();
    let data = project.data(&["trust", "--list"]);
    assert_eq!(column(&data["projects"], "path"), [project.root().display().to_string()]);
    project.ok(&["run", "proc-002"]);
    let mut ran: Vec<String> = project.read("ran").lines().map(str::to_owned).collect();
    ran.sort();
    assert_eq!(ran, ["ask", "part", "run"]);
}

#[test]
fn a_copied_project_starts_and_sends_nothing_until_it_is_trusted() {
    let copied = Copied::of(&made());
    let (data, told) = copied.data(7, &["run", "proc-002"]);
    assert!(told.contains("proc-002: run, ask, send would start programs"), "{told}");
    assert!(told.contains("`procside trust`"), "{told}");
    assert!(told.contains("proc-003: c would start programs"), "{told}");
    let held = |data: &Value| {
        let waiting = data["waiting"].as_array().cloned().unwrap_or_default();
        let held = waiting.into_iter().filter(|one| one["why"] == "not_trusted");
        column(&held.collect(), "step")
    };
    assert_eq!(held(&data), ["run", "ask", "send"]);
    assert_eq!(data["run"]["steps"]["log"]["status"], "completed", "a line harms nobody");
    for command in ["show", "status"] {
        let (data, told) = copied.data(0, &[command]);
        assert_eq!(held(&data), ["run", "ask", "send"], "{command}");
        assert!(told.contains("not trusted"), "{command}: {told}");
    }
    copied.data(7, &["run", "flow", "--key", "by-template"]);
    let worker = Driver(Some(copied.command(&["work"]).spawn().unwrap()));
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(!copied.project.exists("ran"));
    for args in [
        &["list"][..],
        &["log", "proc-002"],
        &["validate", "flow.yaml"],
        &["simulate", "flow.yaml"],
    ] {
        copied.data(0, args);
    }
    assert!(!copied.project.exists("ran"));
    // Whoever works there notices that it is trusted.
    copied.data(0, &["trust"]);
    super::until("all that waited is done", || {
        copied.project.exists("ran") && copied.project.read("ran").lines().count() == 6
    });
    let output = worker.end();
    assert!(output.stderr.contains("this project is not trusted"), "{output:#?}");
}

#[test]
fn trust_is_listed_and_taken_back() {
    let copied = Copied::of(&made());
    copied.data(0, &["trust"]);
    let path = copied.project.root().display().to_string();
    let (data, _) = copied.data(0, &["trust", "--list"]);
    assert!(column(&data["projects"], "path").contains(&path), "{data}");
    assert_eq!(copied.data(0, &["trust", "--revoke"]).0["was_trusted"], true);
    assert_eq!(copied.data(0, &["trust", "--revoke"]).0["was_trusted"], false);
    let (data, _) = copied.data(0, &["trust", "--list"]);
    assert!(!column(&data["projects"], "path").contains(&path), "{data}");
    copied.data(7, &["run", "proc-002"]);
    assert!(!copied.project.exists("ran"));
}

#[test]
fn another_folder_in_its_place_is_not_trusted() {
    let project = made();
    // A folder of its own, and so another inode.
    std::fs::rename(project.path(".ai"), project.path("old")).unwrap();
    Command::new("cp").args(["-r", "old", ".ai"]).current_dir(project.root()).status().unwrap();
    let data = project.data(&["trust", "--list"]);
    assert_eq!(data["projects"][0]["same"], false, "{data}");
    let data = project.data_with_exit(7, &["run", "proc-002"]);
    assert_eq!(data["waiting"][0]["why"], "not_trusted");
    assert!(!project.exists("ran"));
}

#[test]
fn naming_a_file_is_consent_for_its_bytes_here_and_for_no_others() {
    let copied = Copied::of(&made());
    let (data, told) = copied.data(0, &["run", "flow.yaml"]);
    assert_eq!(data["process"]["status"], "completed", "{told}");
    let ran = || copied.project.read("ran").lines().count();
    assert_eq!(ran(), 3, "the file, and what it names");
    // The same bytes, started before, are meant as well.
    copied.data(0, &["run", "proc-002"]);
    assert_eq!(ran(), 6);
    // Other bytes are not.
    copied.project.edit(".ai/templates/flow.yaml", "echo run", "echo other");
    let (data, _) = copied.data(7, &["run", "flow"]);
    assert_eq!(texts(&data["warnings"]), [""; 0]);
    assert_eq!(data["waiting"][0]["why"], "not_trusted");
    // Nor are the same bytes in a folder with other files around them.
    copied.data(0, &["run", "flow.yaml", "--detach"]);
    let again = Copied { project: Project::copy_of(copied.project.root()), user: copied.user };
    again.project.write("ran", "");
    let (data, _) = again.data(7, &["run", "proc-006"]);
    assert_eq!(data["waiting"][0]["why"], "not_trusted");
    assert_eq!(again.project.read("ran"), "");
}
