//! Nothing acknowledged is lost, nothing is corrupt, nothing is stuck: whatever fails, and wherever.

use std::{collections::BTreeMap, time::Duration};

use procside::{
    Changed, Error, Event, ExportFormat, Filter, NewProcess, NewStep, ProcessId, Procside, StepId,
    StepStatus, TemplateId,
    disk::{Fault, Survival},
};

use crate::world::{ROOT, World};

/// What was acknowledged: the events of every process.
#[derive(Default)]
struct Acknowledged {
    events: BTreeMap<ProcessId, Vec<Event>>,
    templates: Vec<TemplateId>,
    settings: usize,
}

/// A command of the script.
type Command = fn(&World, &Procside, &mut Acknowledged) -> Result<(), Error>;

/// Twenty commands and more, every kind of write among them, hand edits too.
const SCRIPT: [Command; 24] = [
    |_, project, done| {
        let template = Some(TemplateId::parse("infra-deploy")?);
        let new = NewProcess { name: Some("Deploy".to_owned()), template, ..NewProcess::default() };
        done.changed(project.init(new)?)
    },
    |_, project, done| done.changed(project.add_step(None, named("First added"))?),
    |_, project, done| {
        let after = Some(step("s1"));
        done.changed(project.add_step(None, NewStep { after, ..named("Second added") })?)
    },
    |_, project, done| done.status(project, "s1", StepStatus::InProgress),
    |_, project, done| done.status(project, "s1", StepStatus::Completed),
    |world, project, done| {
        edit_by_hand(world, "name: Deploy", "name: Deploy by hand # kept");
        done.changed(project.add_step(None, named("Behind the edit"))?)
    },
    |_, project, done| done.changed(project.claim(None, step("s2"), Duration::from_secs(60))?),
    |_, project, done| done.changed(project.release(None, step("s2"))?),
    |_, project, done| {
        let (question, choice) = ("Which way?".to_owned(), "This one".to_owned());
        done.changed(project.decide(None, question, choice, String::new(), Vec::new())?)
    },
    |_, project, done| {
        let (risk, impact) = ("It rains".to_owned(), "high".to_owned());
        done.changed(project.risk(None, risk, impact, String::new())?)
    },
    |_, project, done| {
        let (kind, value) = ("note".to_owned(), "seen".to_owned());
        done.changed(project.evidence(None, kind, value, Some(step("s1")))?)
    },
    |_, project, done| done.changed(project.take_version(None, "Half way".to_owned())?),
    |_, project, done| done.changed(project.clone_process(process(1), None)?),
    |_, project, done| done.changed(project.switch(process(2))?),
    |_, project, done| done.status(project, "s1", StepStatus::Skipped),
    |_, project, done| done.changed(project.archive(Some(process(1)))?),
    |_, project, done| done.changed(project.unarchive(process(1))?),
    |_, project, done| done.changed(project.restore_version(process(1), 1)?),
    |world, project, done| {
        break_by_hand(world);
        done.changed(project.add_step(Some(process(1)), named("Behind the breakage"))?)
    },
    |_, project, done| {
        let id = TemplateId::parse("mine")?;
        project.new_template(process(1), id.clone())?;
        done.templates.push(id);
        Ok(())
    },
    |_, project, done| {
        project.set_config(&["gates.has_evidence=off".to_owned()])?;
        done.settings += 1;
        Ok(())
    },
    |_, project, done| {
        let text = project.export(process(1), ExportFormat::Yaml, true)?;
        project.write_file(format!("{ROOT}/export.yaml").as_ref(), &text)?;
        done.changed(project.import(format!("{ROOT}/export.yaml").as_ref(), None)?)
    },
    |_, project, done| done.changed(project.remove_step(Some(process(2)), step("s3"))?),
    |_, project, done| done.status(project, "s2", StepStatus::Failed),
];

impl Acknowledged {
    fn changed(&mut self, changed: Changed) -> Result<(), Error> {
        self.events.entry(changed.process.id).or_default().extend(changed.events);
        Ok(())
    }

    fn status(&mut self, project: &Procside, id: &str, status: StepStatus) -> Result<(), Error> {
        self.changed(project.set_step_status(
            None,
            step(id),
            status,
            vec!["out".to_owned()],
            None,
        )?)
    }

    fn add(&mut self, more: Self) {
        for (id, events) in more.events {
            self.events.entry(id).or_default().extend(events);
        }
        self.templates.extend(more.templates);
        self.settings += more.settings;
    }

    /// Holds what is there against what was acknowledged.
    fn check(&self, project: &Procside, what: &str) {
        for (id, events) in &self.events {
            let log = project.log(Some(*id)).unwrap().events;
            for event in events {
                let index = usize::try_from(event.seq).unwrap() - 1;
                let there = log.get(index) == Some(event);
                assert!(there, "{what}: {id}: event {} of {}", event.seq, log.len());
            }
        }
        for id in &self.templates {
            assert_eq!(project.template(id).unwrap().source, "local", "{what}");
        }
        if self.settings > 0 {
            let config = project.config().unwrap().to_value();
            assert_eq!(config["gates"]["has_evidence"], "off", "{what}");
        }
    }
}

fn named(name: &str) -> NewStep {
    NewStep { name: name.to_owned(), ..NewStep::default() }
}

fn step(id: &str) -> StepId {
    StepId::parse(id).unwrap()
}

fn process(number: u32) -> ProcessId {
    ProcessId::from_number(number).unwrap()
}

fn edit_by_hand(world: &World, from: &str, to: &str) {
    let path = format!("{ROOT}/.ai/processes/proc-001.yaml");
    if let Some(bytes) = world.disk.files().get(std::path::Path::new(&path)) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        world.pass(Duration::from_secs(2));
        world.disk.plant(&path, text.replacen(from, to, 1));
    }
}

fn break_by_hand(world: &World) {
    world.pass(Duration::from_secs(2));
    world
        .disk
        .plant(format!("{ROOT}/.ai/processes/proc-001.yaml"), "name: [broken\n<<<<<<< HEAD\n");
}

/// Runs the script until a command fails; returns what was acknowledged, and whether all was.
fn run(world: &World) -> (Acknowledged, bool) {
    let mut done = Acknowledged::default();
    for command in SCRIPT {
        if world.disk.is_down() {
            return (done, false);
        }
        let Ok(project) = std::panic::catch_unwind(|| world.open()) else {
            return (done, false);
        };
        if command(world, &project, &mut done).is_err() {
            return (done, false);
        }
    }
    (done, true)
}

/// Runs every command, whichever of them fail; returns what was acknowledged.
fn run_on(world: &World) -> Acknowledged {
    let mut done = Acknowledged::default();
    for command in SCRIPT {
        // A refused command was told so; the next ones meet what it left.
        let _ = command(world, &world.open(), &mut done);
    }
    done
}

/// After whatever happened: all that was acknowledged is there, and work goes on at once.
fn check_recovered(world: &World, done: &Acknowledged, what: &str) {
    world.pass(Duration::from_secs(60));
    let project = world.open();
    done.check(&project, what);
    let Ok(listing) = project.list(&Filter { all: true, ..Filter::default() }) else {
        // The first command died before there was a project.
        assert!(done.events.is_empty(), "{what}: no list");
        return;
    };
    for entry in &listing.processes {
        let id = Some(entry.id);
        let status = project.status(id).unwrap();
        assert_eq!(status.process.status, entry.status, "{what}: {}", entry.id);
        if !entry.archived {
            let added = project.add_step(id, named("After it all")).unwrap();
            assert_eq!(project.status(id).unwrap().process, added.process, "{what}");
        }
    }
    done.check(&project, what);
    let fresh = project.init(NewProcess::default()).unwrap();
    assert!(done.events.keys().all(|id| *id != fresh.process.id), "{what}: an id was given twice");
    let unhealthy: Vec<_> = project
        .doctor(false)
        .unwrap()
        .problems
        .into_iter()
        .filter(|problem| problem.severity != procside::Severity::Info)
        // The file that the script breaks by hand waits for the next change of its process.
        .filter(|problem| !matches!(problem.code, "view_corrupt" | "view_misplaced"))
        .collect();
    assert!(unhealthy.is_empty(), "{what}: {unhealthy:?}");
}

/// Returns how many operations and syncs the whole script takes.
fn measure() -> (u64, u64) {
    let world = World::new();
    let (done, whole) = run(&world);
    assert!(whole, "the script must run where nothing fails");
    check_recovered(&world, &done, "nothing failed");
    let world = World::new();
    run(&world);
    (world.disk.operations(), world.disk.syncs())
}

/// Lets one fault happen at every operation of the script.
fn at_every_operation(fault: Fault, count: u64, restart: impl Fn(&World)) {
    for at in 1..=count {
        let world = World::new();
        world.disk.plan(fault, at);
        let (done, _) = run(&world);
        restart(&world);
        check_recovered(&world, &done, &format!("{fault:?} at {at}"));
    }
}

#[test]
fn a_kill_at_every_operation_loses_nothing() {
    at_every_operation(Fault::Kill, measure().0, |world| world.disk.restart());
}

#[test]
fn a_torn_write_at_every_operation_loses_nothing() {
    at_every_operation(Fault::TornWrite, measure().0, |world| world.disk.restart());
}

#[test]
fn a_full_disk_from_every_operation_on_loses_nothing() {
    at_every_operation(Fault::NoSpace, measure().0, |world| world.disk.clear());
}

#[test]
fn a_failing_sync_at_every_sync_loses_nothing() {
    at_every_operation(Fault::SyncError, measure().1, |world| world.disk.clear());
}

#[test]
fn a_failing_sync_and_then_a_power_cut_loses_nothing() {
    at_every_operation(Fault::SyncError, measure().1, |world| {
        world.disk.restart_after_power_cut(Survival::Nothing);
    });
}

#[test]
fn work_that_goes_on_after_a_failing_sync_survives_a_power_cut() {
    for at in 1..=measure().1 {
        let world = World::new();
        world.disk.plan(Fault::SyncError, at);
        let done = run_on(&world);
        world.disk.restart_after_power_cut(Survival::Nothing);
        check_recovered(&world, &done, &format!("a failing sync at {at}, then on"));
    }
}

#[test]
fn work_that_goes_on_after_a_full_disk_survives_a_power_cut() {
    for at in 1..=measure().0 {
        let world = World::new();
        world.disk.plan(Fault::NoSpace, at);
        let (mut done, _) = run(&world);
        world.disk.clear();
        done.add(run_on(&world));
        world.disk.restart_after_power_cut(Survival::Nothing);
        check_recovered(&world, &done, &format!("a full disk at {at}, then on"));
    }
}

#[test]
fn work_that_goes_on_after_a_kill_survives_a_power_cut() {
    for at in 1..=measure().0 {
        let world = World::new();
        world.disk.plan(Fault::Kill, at);
        let (mut done, _) = run(&world);
        world.disk.restart();
        done.add(run_on(&world));
        world.disk.restart_after_power_cut(Survival::Nothing);
        check_recovered(&world, &done, &format!("a kill at {at}, then on"));
    }
}

/// Cuts the power at every operation of the script.
fn power_cuts(survival: Survival) {
    at_every_operation(Fault::PowerCut, measure().0, |world| {
        world.disk.restart_after_power_cut(survival);
    });
}

#[test]
fn a_power_cut_after_which_nothing_unsynced_survives_loses_nothing() {
    power_cuts(Survival::Nothing);
}

#[test]
fn a_power_cut_after_which_everything_survives_loses_nothing() {
    power_cuts(Survival::Everything);
}

#[test]
fn a_power_cut_after_which_only_names_survive_loses_nothing() {
    power_cuts(Survival::NamesOnly);
}

#[test]
fn a_power_cut_that_tears_the_last_writes_loses_nothing() {
    power_cuts(Survival::TornLastWrite);
}

#[test]
fn a_power_cut_that_leaves_zeros_loses_nothing() {
    power_cuts(Survival::ZeroedLastWrite);
}

#[test]
fn a_power_cut_after_which_a_prefix_survives_loses_nothing() {
    power_cuts(Survival::Prefix(1));
}

#[test]
fn a_power_cut_after_which_a_random_part_survives_loses_nothing() {
    power_cuts(Survival::Seeded(7));
}
