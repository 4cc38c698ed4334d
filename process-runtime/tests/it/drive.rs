//! Processes go to their end.

use std::time::Duration;

use process_engine::{Decided, Decision, Input, RunFact, StepId, StepStatus, VisitRef};
use process_runtime::{Done, Failed, Team, Work};

use crate::world::{World, echo};

fn team() -> Team {
    Team::new().with_agent("writer", echo)
}

#[test]
fn steps_follow_each_other_to_the_end() {
    let world = World::new(team());
    let id = world.start(
        "name: t
steps:
  - {id: a, type: agent_task, agent: writer, message: one}
  - {id: b, type: agent_task, agent: writer, message: 'after {{ steps.a.output.said }}', depends_on: a}
outputs: [{name: said, value: '{{ steps.b.output.said }}'}]
",
    );
    assert_eq!(world.end(id), r#"completed {"said":"after one"}"#);
}

#[test]
fn a_step_that_nobody_performs_waits_and_an_approval_is_decided_once() {
    let world = World::new(team());
    let id = world.start(
        "name: t
steps:
  - {id: ok, type: human_approval, title: Ok?}
  - {id: b, type: agent_task, agent: writer, message: go, depends_on: ok}
",
    );
    world.wait_for(id, |fact| matches!(fact, RunFact::ApprovalOpened { .. }));
    let decide = |decision| {
        let step = VisitRef::step(StepId::parse("ok").unwrap());
        let decision = Decision { decision, comment: None, via: None };
        world.block_on(world.driver().ask(id, "ada", Input::Decide { step, decision }))
    };
    decide(Decided::Approved).unwrap();
    decide(Decided::Rejected).unwrap_err();
    assert_eq!(world.end(id), "completed {}");
}

/// E14.16: settling by hand takes the token from the running attempt.
#[test]
fn an_attempt_whose_step_is_settled_by_hand_is_asked_to_stop() {
    let (told, stopped) = std::sync::mpsc::channel();
    let waits = move |mut work: Work| {
        let told = told.clone();
        async move {
            work.stop.requested().await;
            let _ = told.send(());
            Err::<Done, _>(Failed::new("it was stopped"))
        }
    };
    let world = World::new(Team::new().with_agent("writer", waits));
    let id = world
        .start("name: t\nsteps:\n  - {id: a, type: agent_task, agent: writer, message: one}\n");
    world.wait_for(id, |fact| matches!(fact, RunFact::StepStarted { .. }));
    let step = VisitRef::step(StepId::parse("a").unwrap());
    let input = Input::Settle { step, status: StepStatus::Completed, output: None, note: None };
    world.block_on(world.driver().ask(id, "ada", input)).unwrap();
    stopped.recv_timeout(Duration::from_secs(20)).expect("the attempt is asked to stop");
    assert_eq!(world.end(id), "completed {}");
}

#[test]
fn a_sub_process_gives_its_result_and_timers_fire() {
    let world = World::new(team());
    world.template(
        "inner",
        "name: inner
input: {x: {type: string}}
steps:
  - {id: wait, type: timer, delay: 30ms}
  - {id: a, type: agent_task, agent: writer, message: 'got {{ input.x }}', depends_on: wait}
outputs: [{name: y, value: '{{ steps.a.output.said }}'}]
",
    );
    let id = world.start(
        "name: t
steps:
  - {id: sub, type: sub_process, process: inner, input: {x: hello}}
outputs: [{name: y, value: '{{ steps.sub.output.y }}'}]
",
    );
    assert_eq!(world.end(id), r#"completed {"y":"got hello"}"#);
}

#[test]
fn what_failed_is_retried_and_what_was_done_is_undone() {
    let world = World::new(team());
    let id = world.start(
        "name: t
steps:
  - {id: a, type: agent_task, agent: writer, message: one, compensation: {type: agent_task, agent: writer, message: undo}}
  - {id: b, type: agent_task, agent: writer, message: fail it, depends_on: a, retry: {max_attempts: 3, initial_delay: 5ms}}
",
    );
    assert_eq!(world.end(id), "failed {}");
    let execution = world.store.load(id).unwrap().unwrap();
    let run = execution.run().unwrap();
    assert_eq!(run.step("b").unwrap().attempts(), 3);
    assert_eq!(run.step("a").unwrap().status().as_str(), "compensated");
}

#[test]
fn an_attempt_that_a_crash_took_is_performed_again() {
    let hang = |_work: Work| std::future::pending();
    let mut world = World::new(Team::new().with_agent("writer", hang));
    let id = world.start(
        "name: t
steps:
  - {id: a, type: agent_task, agent: writer, message: one}
outputs: [{name: key, value: '{{ steps.a.output.key }}'}]
",
    );
    world.wait_for(id, |fact| matches!(fact, RunFact::StepStarted { .. }));
    world.restart(team());
    assert_eq!(world.end(id), r#"completed {"key":"proc-001/a/1/1"}"#);
}

#[test]
fn a_fan_out_joins_once() {
    let world = World::new(team().with_limit(50));
    let mut text =
        "name: t\nsteps:\n  - {id: s, type: agent_task, agent: writer, message: hi}\n".to_owned();
    for index in 0..300 {
        text += &format!(
            "  - {{id: w{index}, type: agent_task, agent: writer, message: hi, depends_on: s}}\n"
        );
    }
    let all: Vec<String> = (0..300).map(|index| format!("w{index}")).collect();
    text += &format!(
        "  - {{id: end, type: agent_task, agent: writer, message: hi, depends_on: [{}]}}\n",
        all.join(", ")
    );
    let id = world.start(&text);
    assert_eq!(world.end(id), "completed {}");
}
