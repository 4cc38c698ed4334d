//! What a driver that died left behind is taken up by the next one.

use std::{
    os::unix::process::CommandExt,
    process::{Child, Command},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use process_engine::{Decided, Decision, Input, ProcessId, RunFact, StepId, VisitRef};
use process_runtime::{Sign, Team, Work};
use process_store::{Error, ErrorKind, Query, lock::Identity, memory::Memory};

use crate::world::{World, echo};

const ONE: &str = "name: t
steps:
  - {id: a, type: agent_task, agent: writer, message: one}
";

fn team() -> Team {
    Team::new().with_agent("writer", echo)
}

/// A program that sleeps for a minute, in a group of its own.
fn sleeper() -> Child {
    Command::new("sleep").arg("60").process_group(0).spawn().unwrap()
}

/// Starts a process whose attempt is performed by a program, and lets the driver die.
fn left_behind(knows_start: bool) -> (World, ProcessId, Child) {
    let program = Arc::new(Mutex::new(None));
    let own = program.clone();
    let hang = move |work: Work| {
        let child = sleeper();
        let identity = Identity::of(child.id()).unwrap();
        work.signs.say(Sign::Child {
            pid: child.id(),
            start_time: identity.start_time.filter(|_| knows_start),
            boot_id: identity.boot_id,
        });
        *own.lock().unwrap() = Some(child);
        std::future::pending()
    };
    let mut world = World::new(Team::new().with_agent("writer", hang));
    let id = world.start(ONE);
    world.wait_for(id, |fact| matches!(fact, RunFact::ChildStarted { .. }));
    let kinds: Vec<_> = world.kinds(id);
    let started = kinds.iter().position(|kind| kind == "step_started").unwrap();
    // E6.16: the dispatch is followed by it.
    assert_eq!(kinds[started + 1], "child_started", "{kinds:?}");
    world.restart(team());
    let child = program.lock().unwrap().take().unwrap();
    (world, id, child)
}

#[test]
fn e6_17_a_program_that_was_left_behind_is_ended_before_the_attempt_is_performed_again() {
    let (world, id, mut child) = left_behind(true);
    assert_eq!(world.end(id), "completed {}");
    // It is dead before the second dispatch, so that nothing runs twice.
    let status = child.try_wait().unwrap();
    assert!(status.is_some(), "the program still runs");
    let dispatches = world.kinds(id).iter().filter(|kind| *kind == "step_started").count();
    assert_eq!(dispatches, 2);
}

#[test]
fn e6_17_a_program_that_cannot_be_verified_leaves_the_step_to_a_person() {
    let (world, id, mut child) = left_behind(false);
    world.wait_for(id, |fact| matches!(fact, RunFact::StepInDoubt { .. }));
    assert!(child.try_wait().unwrap().is_none(), "what cannot be verified is not signalled");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn e6_20_what_may_start_nothing_waits() {
    let mut world = World::new(Team::new());
    world.may_execute = false;
    world.restart(team());
    let id = world.start(ONE);
    world.wait_quiet(true);
    assert_eq!(world.kinds(id), ["started", "step_ready"]);
    world.may_execute = true;
    world.restart(team());
    assert_eq!(world.end(id), "completed {}");
}

#[test]
fn e16_4_only_what_moves_by_itself_is_waited_for() {
    let world = World::new(team());
    let start = Instant::now();
    let id = world.start(
        "name: t
steps:
  - {id: wait, type: timer, delay: 300ms}
  - {id: ok, type: human_approval, title: Ok?, timeout: 48h, depends_on: wait}
",
    );
    world.wait_for(id, |fact| matches!(fact, RunFact::TimerStarted { .. }));
    world.wait_quiet(true);
    assert!(start.elapsed() >= Duration::from_millis(250), "the timer was not waited for");
    world.wait_for(id, |fact| matches!(fact, RunFact::ApprovalOpened { .. }));
}

const PARENT: &str = "name: t
steps:
  - {id: sub, type: sub_process, process: inner}
outputs: [{name: y, value: '{{ steps.sub.output.y }}'}]
";

const INNER: &str = "name: inner
steps:
  - {id: ok, type: human_approval, title: Ok?}
  - {id: a, type: agent_task, agent: writer, message: done, depends_on: ok}
outputs: [{name: y, value: '{{ steps.a.output.said }}'}]
";

#[test]
fn e11_9_the_parent_pulls_the_result_when_it_is_opened() {
    let mut world = World::new(team());
    world.template("inner", INNER);
    let id = world.start(PARENT);
    let child = ProcessId::from_number(2).unwrap();
    world.wait_for(child, |fact| matches!(fact, RunFact::ApprovalOpened { .. }));
    world.restart(team());
    let step = VisitRef::step(StepId::parse("ok").unwrap());
    let decision = Decision { decision: Decided::Approved, comment: None, via: None };
    let input = Input::Decide { step, decision };
    world.block_on(world.driver().ask(child, "ada", input)).unwrap();
    assert_eq!(world.end(id), r#"completed {"y":"done"}"#);
}

/// E11.11: what fails between the two leaves a process that the step finds again, and no second one.
#[test]
fn e11_11_parent_and_child_never_share_a_transaction() {
    for failing in 2..8 {
        let store = Memory::new();
        let count = AtomicUsize::new(0);
        store.set_hook(Some(Box::new(move |method| {
            if method == "append" && count.fetch_add(1, Ordering::SeqCst) + 1 == failing {
                return Err(Error::new(ErrorKind::NoSpace, "no space left on the disk"));
            }
            Ok(())
        })));
        let world = World::on(Arc::new(store), team());
        let inner = INNER.replace("  - {id: ok, type: human_approval, title: Ok?}\n", "");
        world.template("inner", &inner.replace(", depends_on: ok", ""));
        let id = world.start(PARENT);
        assert_eq!(world.end(id), r#"completed {"y":"done"}"#, "append {failing} failed");
        let all = Query { all: true, limit: 10, ..Query::default() };
        let count = world.store.list(&all).unwrap().processes.len();
        assert_eq!(count, 2, "append {failing} failed");
    }
}

/// E15: what an attempt saved right before it failed is handed to the next one, every time.
#[test]
fn e15_1_what_an_attempt_saved_is_there_when_the_next_one_begins() {
    let careful = |work: Work| async move {
        if work.context.is_some() {
            return echo(work).await;
        }
        work.signs.say(Sign::Context(serde_json::json!("tried")));
        Err(process_runtime::Failed::new("not yet"))
    };
    let world = World::new(Team::new().with_agent("writer", careful));
    for _ in 0..50 {
        let id = world.start(&ONE.replace("}", ", retry: {max_attempts: 3, initial_delay: 1ms}}"));
        assert_eq!(world.end(id), "completed {}");
        let execution = world.store.load(id).unwrap().unwrap();
        assert_eq!(execution.run().unwrap().step("a").unwrap().attempts(), 2);
    }
}

#[test]
fn e7_2_a_running_step_that_was_asked_to_stop_is_cancelled_and_has_not_failed() {
    let waits = |mut work: Work| async move {
        work.stop.requested().await;
        Err(process_runtime::Failed::new("stopped"))
    };
    let world = World::new(Team::new().with_agent("writer", waits));
    let id = world.start(ONE);
    world.wait_for(id, |fact| matches!(fact, RunFact::StepStarted { .. }));
    let input = Input::Cancel { reason: None };
    world.block_on(world.driver().ask(id, "ada", input)).unwrap();
    assert_eq!(world.end(id), "cancelled {}");
    let execution = world.store.load(id).unwrap().unwrap();
    assert_eq!(execution.run().unwrap().step("a").unwrap().status().as_str(), "cancelled");
}

#[test]
fn an_agent_that_an_expression_names_performs_its_step() {
    let world = World::new(team());
    let text = ONE.replace("agent: writer", "agent: \"{{ 'writer' }}\"");
    let id = world.start(&text);
    assert_eq!(world.end(id), "completed {}");
    let id = world.start(&ONE.replace("agent: writer", "agent: \"{{ 'nobody' }}\""));
    assert_eq!(world.end(id), "failed {}");
}
