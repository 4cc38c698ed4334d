//! Starting processes by definitions: durably, once for each key, and not at all when anything is
//! wrong.

use procside::{
    Changed, ErrorKind, NewProcess, Procside, StartRequest, StepId, StepStatus, disk::Survival,
};

use crate::world::{ROOT, World};

const FLOW: &str = "name: Flow
description: To see it run
input: {topic: {type: string, required: true}, pages: {type: integer, default: 3}}
steps:
  - {id: a}
  - {id: b, depends_on: [a], type: sub_process, process: other}
";

fn world() -> World {
    let world = World::new();
    world.disk.plant(format!("{ROOT}/flows/flow.yaml"), FLOW);
    let other = "name: other\nsteps: [{id: x}]\n";
    world.disk.plant(format!("{ROOT}/flows/other.yaml"), other);
    world
}

fn request(source: &str, topic: &str) -> StartRequest {
    StartRequest {
        source: source.to_owned(),
        folder: ROOT.into(),
        input: vec![("topic".to_owned(), topic.to_owned())],
        becomes_active: true,
        ..StartRequest::default()
    }
}

fn under(key: &str) -> StartRequest {
    StartRequest { key: Some(key.to_owned()), ..request("flows/flow.yaml", "1") }
}

fn id(changed: &Changed) -> String {
    changed.process.id.to_string()
}

#[test]
fn the_first_process_makes_the_project_and_is_there_after_a_restart() {
    let world = world();
    let started = world.open().start(request("flows/flow.yaml", "17")).unwrap();
    assert_eq!(started.process.goal, "To see it run");
    assert_eq!(started.process.definition.as_deref(), Some("flows/flow.yaml"));
    let run = started.run.unwrap();
    assert_eq!(run["input"].to_string(), "{\"topic\":\"17\",\"pages\":3}", "text stays text");
    world.disk.restart_after_power_cut(Survival::Nothing);
    let status = world.open().status(None).unwrap();
    assert_eq!(status.process, started.process);
    assert_eq!(status.ready.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn what_is_refused_makes_no_project() {
    let world = world();
    let project = world.open();
    let mut wrong = request("flows/flow.yaml", "1");
    wrong.input.push(("pages".to_owned(), "many".to_owned()));
    wrong.input.push(("colour".to_owned(), "red".to_owned()));
    let error = project.start(wrong).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let problems = error.details().unwrap()["problems"].as_array().unwrap().len();
    assert_eq!(problems, 2, "{error:?}");
    world.disk.plant(
        format!("{ROOT}/bad.yaml"),
        b"name: x\nsteps: [{id: a, depends_on: [z]}, {id: a}]\n",
    );
    let error = project.start(request("bad.yaml", "1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.details().unwrap()["problems"].as_array().unwrap().len() > 1, "{error:?}");
    for (source, kind) in [("nowhere.yaml", ErrorKind::NotFound), ("proc-001", ErrorKind::NotFound)]
    {
        assert_eq!(project.start(request(source, "1")).unwrap_err().kind(), kind);
    }
    assert_eq!(project.start(under(" ")).unwrap_err().kind(), ErrorKind::Invalid);
    let shown = project.clone().with_dry_run(true).start(request("flows/flow.yaml", "1")).unwrap();
    assert_eq!(id(&shown), "proc-001");
    assert!(Procside::open_with(ROOT, surroundings(&world)).is_err(), "there is no project yet");
}

fn surroundings(world: &World) -> procside::Surroundings {
    let mut surroundings = procside::Surroundings::of_the_system();
    surroundings.disk = std::sync::Arc::new(world.disk.clone());
    surroundings
}

#[test]
fn a_key_starts_one_process_whatever_became_of_it() {
    let world = world();
    let project = world.open();
    let first = project.start(under("k1")).unwrap();
    assert_eq!(id(&project.start(under("k2")).unwrap()), "proc-002");
    let again = world.open().start(under("k1")).unwrap();
    assert_eq!((id(&again), again.events.len()), (id(&first), 0));
    assert_eq!(again.process.key.as_deref(), Some("k1"));
    project.cancel(Some(first.process.id), None).unwrap();
    project.archive(Some(first.process.id)).unwrap();
    assert_eq!(id(&project.start(under("k1")).unwrap()), "proc-001");
}

#[test]
fn a_process_that_was_made_from_a_template_is_started_as_it_is() {
    let world = world();
    let project = world.open();
    project.init(NewProcess { name: Some("By hand".to_owned()), ..NewProcess::default() }).unwrap();
    let flow = FLOW.replace("name: Flow", "id: flow\nname: Flow");
    world.disk.plant(format!("{ROOT}/.ai/templates/flow.yaml"), flow);
    let template = procside::TemplateId::parse("flow").unwrap();
    let made = NewProcess {
        name: Some("Mine".to_owned()),
        template: Some(template),
        ..NewProcess::default()
    };
    for _ in 0..2 {
        project.init(made.clone()).unwrap();
    }
    let started = project.start(request("proc-002", "1")).unwrap();
    assert_eq!((id(&started), started.process.name.as_str()), ("proc-002".to_owned(), "Mine"));
    assert!(started.run.is_some());
    let again = StartRequest { input: Vec::new(), ..request("proc-002", "1") };
    assert!(project.start(again).unwrap().events.is_empty(), "it runs already");
    let by_hand = project.start(request("proc-001", "1")).unwrap_err();
    assert_eq!(by_hand.kind(), ErrorKind::Conflict, "{by_hand}");
    let third = Some(procside::ProcessId::parse("proc-003").unwrap());
    let step = StepId::parse("a").unwrap();
    project.set_step_status(third, step, StepStatus::Completed, Vec::new(), None).unwrap();
    let begun = project.start(request("proc-003", "1")).unwrap_err();
    assert!(begun.message().contains("begun by hand"), "{begun}");
    let direct = project.start(request("flow", "1")).unwrap();
    assert_eq!(direct.process.template.as_deref(), Some("flow"));
}

#[test]
fn what_a_step_starts_is_found_beside_the_definition() {
    let world = world();
    let project = world.open();
    let started = project.start(request("flows/flow.yaml", "1")).unwrap();
    let found = project.definition_named(started.process.id, "other").unwrap().unwrap();
    assert_eq!(found.name, "other");
    assert!(project.definition_named(started.process.id, "nothing").unwrap().is_none());
}
