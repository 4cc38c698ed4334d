//! What starts by the clock (rule E10.7).

use std::time::Duration;

use procside::{Filter, Procside, disk::Fault};

use crate::world::{ROOT, World};

const HOUR: Duration = Duration::from_secs(3_600);

/// Starts at minute 0 of every hour, and once a day at half past ten.
const HOURLY: &str = "id: hourly
name: Hourly
input: {x: {type: integer, default: 1}}
triggers:
  - {type: manual}
  - {type: schedule, cron: \"0 * * * *\"}
  - {type: schedule, id: noon, cron: \"30 10 * * *\"}
steps: [{id: a}]
";

fn world() -> World {
    let world = World::new();
    world.disk.plant(format!("{ROOT}/.ai/templates/hourly.yaml"), HOURLY);
    world
}

/// Returns the keys of all processes, in the order of their ids.
fn keys(project: &Procside) -> Vec<String> {
    let list = project.list(&Filter { all: true, ..Filter::default() }).unwrap();
    list.processes.into_iter().filter_map(|process| process.key).collect()
}

#[test]
fn what_is_due_starts_once_under_a_key_of_its_own() {
    let world = world();
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    assert!(schedules.start_due(&project).is_empty(), "nothing is made up for at the first start");
    world.pass(HOUR);
    let started = schedules.start_due(&project);
    assert_eq!(started.len(), 2, "{started:?}");
    assert!(schedules.start_due(&project).is_empty(), "each instant counts once");
    let expected = ["hourly/2/2026-02-10T11:00:00Z", "hourly/noon/2026-02-10T10:30:00Z"];
    assert_eq!(keys(&project), expected);
}

#[test]
fn two_programs_that_look_start_one_process() {
    let world = world();
    let (one, two) = (world.open(), world.open());
    let (mut first, mut second) = (one.schedules().unwrap(), two.schedules().unwrap());
    assert!(first.start_due(&one).is_empty() && second.start_due(&two).is_empty());
    world.pass(HOUR);
    let ids: Vec<_> = first.start_due(&one).into_iter().map(Result::unwrap).collect();
    let same: Vec<_> = second.start_due(&two).into_iter().map(Result::unwrap).collect();
    assert_eq!(ids, same);
    assert_eq!(keys(&one).len(), 2);
}

#[test]
fn after_a_pause_only_the_last_instant_is_made_up_for() {
    let world = world();
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    schedules.start_due(&project);
    world.pass(HOUR);
    schedules.start_due(&project);
    drop(schedules);
    world.pass(HOUR * 20);
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    let started = schedules.start_due(&project);
    assert_eq!(started.len(), 1, "{started:?}");
    assert_eq!(keys(&project)[2..], ["hourly/2/2026-02-11T07:00:00Z"]);
    // The next program knows what the one before it started.
    let project = world.open();
    assert!(project.schedules().unwrap().start_due(&project).is_empty());
}

#[test]
fn a_template_that_cannot_be_started_is_told_once_and_holds_up_nobody() {
    let world = world();
    let needs = "id: needs\nname: Needs\ninput: {x: {type: integer, required: true}}\n\
                 triggers: [{type: schedule, cron: \"0 * * * *\"}]\nsteps: [{id: a}]\n";
    world.disk.plant(format!("{ROOT}/.ai/templates/needs.yaml"), needs);
    world.disk.plant(format!("{ROOT}/.ai/templates/broken.yaml"), "id: broken\nsteps: [\n");
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    schedules.start_due(&project);
    world.pass(HOUR);
    let started = schedules.start_due(&project);
    let refused: Vec<String> =
        started.iter().filter_map(|it| Some(it.as_ref().err()?.to_string())).collect();
    assert_eq!((started.len(), refused.len()), (3, 1), "{started:?}");
    assert!(refused[0].contains("x"), "{refused:?}");
    assert!(schedules.start_due(&project).is_empty(), "it is not tried again until the next time");
}

#[test]
fn a_template_that_comes_later_is_seen_and_one_that_goes_is_forgotten() {
    let world = World::new();
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    schedules.start_due(&project);
    world.disk.plant(format!("{ROOT}/.ai/templates/hourly.yaml"), HOURLY);
    world.pass(HOUR);
    assert_eq!(schedules.start_due(&project).len(), 2);
    world.disk.plant(
        format!("{ROOT}/.ai/templates/hourly.yaml"),
        "id: hourly\nname: Hourly\nsteps: [{id: a}]\n",
    );
    world.pass(HOUR);
    assert!(schedules.start_due(&project).is_empty());
}

#[test]
fn a_start_that_a_full_disk_keeps_from_happening_is_tried_again() {
    let world = world();
    let project = world.open();
    let mut schedules = project.schedules().unwrap();
    schedules.start_due(&project);
    world.pass(HOUR);
    world.disk.plan(Fault::NoSpace, world.disk.operations() + 1);
    let started = schedules.start_due(&project);
    assert!(started.iter().any(Result::is_err), "{started:?}");
    world.disk.clear();
    world.pass(Duration::from_secs(11));
    schedules.start_due(&project);
    assert_eq!(keys(&project).len(), 2);
}
