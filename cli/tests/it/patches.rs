//! Patches: of documents that stand alone, of documents of processes, of processes; and the way
//! back of them.

mod alone;
mod bases;
mod carried;
mod crowds;
mod documents;
mod hand_edits;
mod of_processes;
mod refusals;
mod turning;

use std::{io::Write, process::Stdio};

use serde_json::{Value, json};

use crate::{
    project::{Output, Project, finish},
    stores::SQLITE,
};

/// A document that several tests begin with.
const PLAN: &str = "# Plan\n\nAll of it.\n\n## Steps\n\n- one\n- two\n\n## Risks\n\nNone.\n";

/// Plays a scenario in files and in SQLite, each with `proc-001`.
fn on_each(scenario: impl Fn(&Project)) {
    for store in [None, Some(SQLITE)] {
        let project = Project::kept_in(store);
        project.ok(&["init", "--name", "Work"]);
        scenario(&project);
    }
}

/// Plays a scenario in files and in SQLite, each with `proc-001` that has the plan.
fn on_each_plan(scenario: impl Fn(&Project)) {
    on_each(|project| {
        project.write("plan.md", PLAN);
        project.ok(&["doc", "--set", "plan.md"]);
        scenario(project);
    });
}

/// Returns a patch that adds to a section.
fn append(location: &str, content: &str) -> Value {
    json!({"operation": "append", "location": location, "content": content})
}

/// Returns a patch that replaces a text of a section.
fn update(location: &str, old: &str, new: &str) -> Value {
    json!({"operation": "update", "location": location, "old_content": old, "new_content": new})
}

/// Writes a list of patches to a file, which it returns.
fn file(project: &Project, patches: &[Value]) -> &'static str {
    write(project, &json!(patches))
}

/// Writes a batch to a file, which it returns.
fn write(project: &Project, batch: &Value) -> &'static str {
    project.write("patches.json", batch.to_string());
    "patches.json"
}

/// Returns the document of a process, byte for byte.
#[track_caller]
fn doc(project: &Project) -> String {
    project.ok(&["doc", "proc-001"]).stdout
}

/// Runs the program with this text as its standard input.
fn with_stdin(project: &Project, args: &[&str], text: &str) -> Output {
    let mut command = project.command(args);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that refuses before it reads closes the pipe.
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    finish(child, &args.join(" "))
}

/// Returns the numbers of the entries, oldest first, with a `-` before those that are taken back.
#[track_caller]
fn entries(project: &Project) -> Vec<String> {
    let data = project.data(&["patches"]);
    let list = data["patches"].as_array().expect("it is a list").iter();
    list.map(|entry| {
        let sign = if entry["undone"] == true { "-" } else { "" };
        let of = entry["of"].as_u64().map(|of| format!(" of {of}")).unwrap_or_default();
        format!("{sign}{} {}{of}", entry["number"], entry["kind"].as_str().unwrap_or_default())
    })
    .collect()
}
