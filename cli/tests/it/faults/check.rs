//! What must hold after a fault.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{preload::Told, scenarios::Scenario};
use crate::project::{Project, column};

/// The exit codes of the error table (docs/cli.md), without those of wrong usage.
const CODES: [i32; 6] = [0, 1, 4, 5, 6, 7];

/// Checks how the program behaved: it ended, by itself or by the fault, and said why.
pub(super) fn during(told: &Told, scenario: &Scenario, has_fault: bool) -> Result<(), String> {
    if told.hung {
        return Err("it hangs".to_owned());
    }
    for text in [&told.stdout, &told.stderr] {
        if text.contains("panicked") {
            return Err("it panics".to_owned());
        }
    }
    let Some(code) = told.code else {
        return if told.met.is_some() { Ok(()) } else { Err("a signal ended it".to_owned()) };
    };
    if code == 0 {
        return Ok(());
    }
    if !has_fault || told.met.is_none() {
        return Err(format!("without a fault it exits with {code}"));
    }
    if !CODES.contains(&code) {
        return Err(format!("exit code {code}"));
    }
    let explained = if scenario.args.contains(&"--json") {
        let envelope: Value =
            serde_json::from_str(&told.stdout).map_err(|error| format!("no envelope: {error}"))?;
        if envelope["error"]["kind"] == "corrupt" {
            return Err("what cannot be read for a moment is called corrupt".to_owned());
        }
        envelope["ok"] == true || envelope["error"]["message"].is_string()
    } else {
        told.stderr.contains("error: ")
    };
    if explained { Ok(()) } else { Err("it does not say what is wrong".to_owned()) }
}

/// Checks that what was told is there, before anybody mends anything.
pub(super) fn kept(project: &Project, told: &Told) -> Result<(), String> {
    let mut told_of = BTreeMap::<String, Vec<String>>::new();
    for completed in told.completed() {
        let (process, step) = completed.split_once('/').unwrap_or_default();
        told_of.entry(process.to_owned()).or_default().push(step.to_owned());
    }
    for (process, steps) in told_of {
        let events = data(project, 0, &["log", &process])?["events"].take();
        for step in steps {
            let count = completions(&events, &step);
            if count != 1 {
                return Err(format!("{process}/{step} was told, and is there {count} times"));
            }
        }
    }
    Ok(())
}

/// Checks a process that has come to its end: its journal, its steps, and what ran.
pub(super) fn completed(
    project: &Project,
    told: &Told,
    id: &str,
    steps: &[&str],
) -> Result<(), String> {
    let shown = data(project, 0, &["show", id])?;
    if shown["process"]["status"] != "completed" {
        return Err(format!("{id} is not completed: {}", shown["process"]));
    }
    let events = data(project, 0, &["log", id])?["events"].take();
    let seqs = column(&events, "seq");
    if seqs.iter().zip(1..).any(|(seq, number)| *seq != number.to_string()) {
        return Err(format!("the events of {id} have gaps: {seqs:?}"));
    }
    let acknowledged = told.completed();
    let ran = if project.exists("ran") { project.read("ran") } else { String::new() };
    for step in steps {
        let count = completions(&events, step);
        if count != 1 {
            return Err(format!("{id}/{step} is completed {count} times"));
        }
        // What was told is over; of the rest nobody knows what came of it, and it is repeated.
        let is_program = shown["run"]["steps"][*step]["type"] == "command";
        let key = format!("{id}/{step}/1/1");
        let before = told.ran.iter().filter(|it| **it == key).count();
        let after = ran.lines().filter(|it| *it == key).count();
        let is_told = acknowledged.contains(&format!("{id}/{step}"));
        let most = if is_told { before } else { before.max(1) + 1 };
        if is_program && (after == 0 || after > most) {
            return Err(format!("{key} ran {before} times before and {after} after"));
        }
    }
    Ok(())
}

/// Checks the whole project, and that nothing of ended programs is left.
pub(super) fn healthy(project: &Project) -> Result<(), String> {
    let problems = data(project, 0, &["doctor"])?["problems"].take();
    if problems.as_array().is_none_or(|problems| !problems.is_empty()) {
        return Err(format!("the doctor finds {problems}"));
    }
    Ok(())
}

/// Runs a command without a fault, and returns the data of its answer.
pub(super) fn data(project: &Project, code: i32, args: &[&str]) -> Result<Value, String> {
    let output = project.run(&[args, &["--json"]].concat());
    if output.code != Some(code) {
        return Err(format!("afterwards `procside {}`: {output:#?}", args.join(" ")));
    }
    let mut envelope = output.envelope();
    Ok(envelope["data"].take())
}

fn completions(events: &Value, step: &str) -> usize {
    let events = events.as_array().into_iter().flatten();
    events.filter(|event| event["type"] == "step_completed" && event["step"] == step).count()
}
