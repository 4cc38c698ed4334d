//! What is done while something fails.

use serde_json::Value;

use super::{
    cases::Case,
    check::{completed, data, healthy},
    preload::{Library, Told},
};
use crate::{
    project::{Project, column},
    stores::SQLITE,
};

/// A command that meets a fault, and what becomes of its work afterwards.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// Makes the project that the command finds.
    pub(super) prepare: fn(&Library) -> Project,
    pub(super) args: &'static [&'static str],
    /// For a command that does not end by itself: whether it is done.
    pub(super) ends_when: Option<fn(&Project) -> bool>,
    /// Brings what is left to its end without a fault, and checks it.
    pub(super) settle: fn(&Project, &Told) -> Result<(), String>,
}

pub(super) const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "run",
        prepare: |_| with_flow(),
        args: &RUN,
        ends_when: None,
        settle: |project, told| run_again(project, told, &RUN),
    },
    Scenario {
        name: "resume",
        prepare: half_done,
        args: &["run", "proc-001", "--yes", "--json"],
        ends_when: None,
        settle: |project, told| run_again(project, told, &["run", "proc-001", "--yes"]),
    },
    Scenario {
        name: "work",
        prepare: |_| with_two_started(),
        args: &["work"],
        // It does not tell what became durable although the disk said that it did not.
        ends_when: Some(|project| {
            let listed = data(project, 0, &["list"]).unwrap_or_default();
            column(&listed["processes"], "status") == ["completed", "completed"]
        }),
        settle: work_again,
    },
    Scenario {
        name: "approve",
        prepare: |_| with_approval(),
        args: &["approve", "proc-001", "look", "--comment", "so", "--json"],
        ends_when: None,
        settle: approve_again,
    },
    Scenario {
        name: "add-step",
        prepare: |_| {
            let project = Project::kept_in(Some(SQLITE));
            project.ok(&["init", "--name", "Work"]);
            project
        },
        args: &["add-step", "Wanted", "--json"],
        ends_when: None,
        settle: add_again,
    },
];

const RUN: [&str; 6] = ["run", "flow.yaml", "--key", "k", "--yes", "--json"];

/// Where the process of `resume` was killed: behind this call, about half-way.
const HALF: usize = 260;

const FLOW: &str = "name: Flow
steps:
  - {id: a, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 1']}
  - id: pick
    type: gateway
    gateway_type: exclusive
    depends_on: [a]
    routes: [{condition: steps.a.output == 1, next: b}, {default: true, next: c}]
  - {id: b, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 2']}
  - {id: c, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 3']}
  - {id: look, type: human_approval, depends_on: [b]}
  - {id: t, type: timer, depends_on: [look], delay: 20ms}
  - {id: d, type: command, depends_on: [t], run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 4']}
outputs: [{name: sum, value: '{{ steps.b.output + steps.d.output }}'}]
";

const PAIR: &str = "name: Pair
steps:
  - {id: a, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 1']}
  - {id: b, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran; echo 2']}
  - {id: t, type: timer, depends_on: [a, b], delay: 20ms}
";

fn with_flow() -> Project {
    let project = Project::kept_in(Some(SQLITE));
    project.write("flow.yaml", FLOW);
    project
}

fn half_done(library: &Library) -> Project {
    let project = with_flow();
    let run = &SCENARIOS[0];
    let told = library.run(&project, run, Some(&Case::new(HALF, "kill-after")));
    assert_eq!(told.code, None, "it was to be killed half-way: {told:#?}");
    project
}

fn with_two_started() -> Project {
    let project = Project::kept_in(Some(SQLITE));
    project.write("pair.yaml", PAIR);
    project.ok(&["run", "pair.yaml", "--detach"]);
    project.ok(&["run", "pair.yaml", "--detach"]);
    project
}

fn with_approval() -> Project {
    let project = Project::kept_in(Some(SQLITE));
    project.write("flow.yaml", "name: Flow\nsteps:\n  - {id: look, type: human_approval}\n");
    project.ok(&["run", "flow.yaml", "--detach"]);
    project
}

fn run_again(project: &Project, told: &Told, args: &[&str]) -> Result<(), String> {
    let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--json").collect();
    let answer = data(project, 0, &args)?;
    if answer["outputs"]["sum"] != 6 {
        return Err(format!("the wrong outputs: {}", answer["outputs"]));
    }
    let ids = column(&data(project, 0, &["list"])?["processes"], "id");
    if ids.len() != 1 {
        return Err(format!("one process was asked for: {ids:?}"));
    }
    completed(project, told, &ids[0], &["a", "pick", "b", "look", "t", "d"])?;
    healthy(project)
}

fn work_again(project: &Project, told: &Told) -> Result<(), String> {
    for id in ["proc-001", "proc-002"] {
        data(project, 0, &["run", id])?;
        completed(project, told, id, &["a", "b", "t"])?;
    }
    healthy(project)
}

fn approve_again(project: &Project, told: &Told) -> Result<(), String> {
    let decided = |project: &Project| -> Result<usize, String> {
        let events = data(project, 0, &["log"])?["events"].take();
        Ok(column(&events, "type").iter().filter(|kind| *kind == "approval_decided").count())
    };
    let before = decided(project)?;
    if before != 1 && told.code == Some(0) {
        return Err(format!("it was acknowledged, and is there {before} times"));
    }
    // What failed may still have been stored; then the second decision is refused.
    data(project, if before == 1 { 4 } else { 0 }, &["approve", "proc-001", "look"])?;
    if decided(project)? != 1 {
        return Err("it is not decided once".to_owned());
    }
    data(project, 0, &["run", "proc-001"])?;
    completed(project, told, "proc-001", &["look"])?;
    healthy(project)
}

fn add_again(project: &Project, told: &Told) -> Result<(), String> {
    let wanted = |shown: &Value| -> usize {
        let names = column(&shown["process"]["steps"], "name");
        names.iter().filter(|name| *name == "Wanted").count()
    };
    let before = wanted(&data(project, 0, &["show"])?);
    let is_right = if told.code == Some(0) { before == 1 } else { before < 2 };
    if !is_right {
        return Err(format!("it is there {before} times"));
    }
    data(project, 0, &["add-step", "Wanted"])?;
    let after = wanted(&data(project, 0, &["show"])?);
    if after != before + 1 {
        return Err(format!("it is there {after} times behind another one"));
    }
    healthy(project)
}
