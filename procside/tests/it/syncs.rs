//! How many syncs an operation costs: at least one to acknowledge, at most three in all.

use procside::{NewProcess, NewStep, StepId, StepStatus};

use crate::world::World;

/// An operation that costs syncs.
type Operation<'a> = Box<dyn Fn() + 'a>;

#[test]
fn every_tracked_operation_syncs_once_to_acknowledge_and_at_most_three_times_in_all() {
    let world = World::new();
    world.open().init(NewProcess::default()).unwrap();
    let step = |name: &str| NewStep { name: name.to_owned(), ..NewStep::default() };
    let id = || StepId::parse("s1").unwrap();
    let operations: Vec<(&str, Operation<'_>)> = vec![
        ("add-step", Box::new(|| drop(world.open().add_step(None, step("One")).unwrap()))),
        ("add-step again", Box::new(|| drop(world.open().add_step(None, step("Two")).unwrap()))),
        (
            "step",
            Box::new(|| {
                let status = StepStatus::Completed;
                let project = world.open();
                drop(project.set_step_status(None, id(), status, Vec::new(), None).unwrap());
            }),
        ),
        ("version", Box::new(|| drop(world.open().take_version(None, "x".into()).unwrap()))),
        ("archive", Box::new(|| drop(world.open().archive(None).unwrap()))),
        ("restore", Box::new(|| drop(world.open().unarchive("proc-001".parse_id()).unwrap()))),
        ("switch", Box::new(|| drop(world.open().switch("proc-001".parse_id()).unwrap()))),
    ];
    for (name, operation) in operations {
        let before = world.disk.syncs();
        operation();
        let syncs = world.disk.syncs() - before;
        assert!((1..=3).contains(&syncs), "{name}: {syncs} syncs");
    }
}

#[test]
fn looking_costs_no_sync_and_changes_no_byte() {
    let world = World::new();
    world.open().init(NewProcess::default()).unwrap();
    let (before, operations) = (world.disk.files(), world.disk.operations());
    let project = world.open();
    project.status(None).unwrap();
    project.list(&procside::Filter::default()).unwrap();
    project.history(None).unwrap();
    project.log(None).unwrap();
    project.check(None, true).unwrap();
    project.templates().unwrap();
    assert_eq!(world.disk.operations(), operations);
    assert_eq!(world.disk.files(), before);
}

/// Parses an id in a test.
trait ParseId {
    fn parse_id(&self) -> procside::ProcessId;
}

impl ParseId for str {
    fn parse_id(&self) -> procside::ProcessId {
        procside::ProcessId::parse(self).unwrap()
    }
}
