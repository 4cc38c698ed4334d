//! Any inputs to any definition: what must hold behind every one of them.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::time::Duration;

use process_core::event::{RunFact, VisitId};
use process_core::money::Cost;
use process_core::{Event, Fact, Process, ProcessId, StepStatus, Timestamp, Uid, model::Defaults};
use process_engine::{Execution, Input, Outcome, Rejected, StartRun, VisitState};
use serde_json::json;

use super::choices::Choices;
use super::definitions::definition;
use super::inputs::{Asked, input, pause};

/// The most inputs of one trial; what goes wrong does so with a few.
const INPUTS_MAX: usize = 48;

/// How many things may have to happen until a cancelled process is at its end.
const ENDING_MAX: usize = 2_000;

/// A refused input changes nothing, and what is stored makes the same state, at every event.
pub(crate) fn decide(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let Some(definition) = definition(&mut choices) else {
        return;
    };
    let mut trial = Trial::default();
    trial.tried.push(definition.to_value().to_string());
    let start = StartRun {
        definition,
        process: Some(Box::new(process())),
        input: json!({"key": choices.one(&["k1", "k2"]), "list": [1, 2, {"n": 3}]}),
        trigger: json!({"type": "manual"}),
        seed: u64::from(choices.byte()),
        key: None,
        parent: None,
        limit: choices.is_one_in(8).then(|| Cost::parse("0.50")).flatten(),
        stop_grace: Duration::from_secs(10),
    };
    let started = trial.give("ada", Input::Start(Box::new(start)));
    assert!(started.is_ok(), "a definition without mistakes starts: {started:?}");
    for _ in 0..INPUTS_MAX {
        if choices.is_used_up() {
            break;
        }
        trial.since += pause(&mut choices);
        let (input, by) = input(&mut choices, &trial.execution, &trial.asked);
        // What is refused is looked at all the same.
        let _ = trial.give(by, input);
        if choices.is_one_in(16) {
            trial.crash(choices.is_one_in(2));
        }
    }
    let replayed = Execution::replay(&trial.journal);
    same(&replayed, &trial.execution, format_args!("all events together differ"));
    trial.crash(true);
    trial.cancel_to_the_end();
}

/// An execution under trial, and one that sees nothing but its events.
#[derive(Default)]
struct Trial {
    execution: Execution,
    /// Made of the events as they stand in a journal.
    mirror: Execution,
    journal: Vec<Event>,
    asked: Asked,
    since: Duration,
    completed: Vec<VisitId>,
    spent: Cost,
    /// What was tried, a line each, for whoever has to find out why it went wrong.
    tried: Vec<String>,
}

impl Drop for Trial {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Where nobody listens there is nothing else to tell.
            let _ = writeln!(io::stderr(), "{}", self.tried.join("\n"));
        }
    }
}

impl Trial {
    fn give(&mut self, by: &str, input: Input) -> Result<(), Rejected> {
        let now = self.now();
        if !matches!(input, Input::Start(_)) {
            self.tried.push(format!("{now} {by} {input:?}"));
        }
        let before = self.execution.clone();
        let decided = before.decide(&now, by, input.clone());
        let from_journal = self.mirror.decide(&now, by, input.clone());
        assert_eq!(from_journal, decided, "a replayed state decides otherwise: {input:?}");
        let advanced = self.execution.advance(&now, by, input.clone());
        assert_eq!(advanced, decided, "decided and advanced: {input:?}");
        match advanced {
            Ok(events) => events.into_iter().for_each(|event| self.store(event)),
            Err(rejected) => {
                same(
                    &self.execution,
                    &before,
                    format_args!("refused, and yet it changed: {input:?}"),
                );
                return Err(rejected);
            }
        }
        same(&self.mirror, &self.execution, format_args!("the journal differs: {input:?}"));
        if input == Input::Tick {
            let again = self.execution.decide(&now, by, Input::Tick);
            assert_eq!(again, Ok(Vec::new()), "something is left to do at the same instant");
        }
        self.looks_right();
        Ok(())
    }

    /// Stores an event, reads it back, and applies what was read.
    fn store(&mut self, event: Event) {
        let text = event.to_value().to_string();
        let value = serde_json::from_str(&text).expect("an event is JSON");
        let read = Event::from_value(&value).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read, event, "stored and read");
        assert_eq!(read.seq, self.journal.len() as u64 + 1, "numbers have no gaps");
        self.mirror.apply(&read);
        self.asked.note(&read);
        self.keep_account(&read);
        self.journal.push(read);
    }

    /// Checks what must be true of the events together.
    fn keep_account(&mut self, event: &Event) {
        let Fact::Run(fact) = &event.fact else { return };
        if let RunFact::StepCompleted { at, .. } = fact {
            assert!(!self.completed.contains(at), "{at:?} completes a second time");
            self.completed.push(at.clone());
        }
        let value = event.to_value();
        let is_spending = !matches!(fact, RunFact::BudgetExceeded { .. } | RunFact::Started(_));
        if let Some(cost) = value.get("cost").filter(|_| is_spending) {
            let cost = Cost::from_value(cost).expect("what is stored as cost is one");
            self.spent = self.spent.plus(cost).expect("the costs are small");
        }
    }

    /// Checks what must be true of the state behind every input.
    fn looks_right(&self) {
        let Some(run) = self.execution.run() else { return };
        let process = self.execution.process().expect("what runs is a process");
        assert_eq!(run.spent(), self.spent, "what was spent is what the events say");
        let steps = &run.definition().steps;
        for step in steps {
            let state = run.step(step.id.as_str()).expect("each step has a state");
            let _ = (state.status(), state.skip_detail(), state.started_at(), state.ended_at());
        }
        let running = run.running();
        for name in steps.iter().filter_map(|step| step.mutex.as_ref()) {
            let holds = |id: &str| {
                steps.iter().any(|s| s.id.as_str() == id && s.mutex.as_ref() == Some(name))
            };
            let holders = running.iter().filter(|(id, _, _)| holds(id.as_str())).count();
            assert!(holders <= 1, "{holders} steps hold `{name}`");
        }
        if let Some(end) = run.end() {
            assert!(running.is_empty() && run.waiting().is_empty(), "something is open at the end");
            assert_eq!(run.wakes_at(), None, "nothing happens behind the end");
            assert_eq!(run.status(), end.status);
            return;
        }
        // Rule E16: whatever is not over waits for something.
        let is_awake = run.is_paused()
            || run.wakes_at().is_some()
            || run.dispatchable().next().is_some()
            || !run.waiting().is_empty()
            || !running.is_empty()
            || run.compensating().is_some();
        assert!(is_awake, "{} and waits for nothing: {:?}", process.status, open(&self.execution));
        assert_eq!(process.status, run.status(), "the process is shown as it is");
    }

    /// Throws the state away and goes on from a snapshot, or from the journal.
    fn crash(&mut self, has_snapshot: bool) {
        self.tried.push("crash".to_owned());
        if !has_snapshot {
            self.execution = Execution::replay(&self.journal);
            return;
        }
        let snapshot = self.execution.to_snapshot().expect("any state has a snapshot").to_string();
        let value = serde_json::from_str(&snapshot).expect("a snapshot is JSON");
        let read = Execution::from_snapshot(&value);
        let read = read.unwrap_or_else(|error| panic!("{error}: {snapshot}"));
        same(&read, &self.execution, format_args!("the snapshot differs"));
        self.execution = read;
    }

    /// Cancels what goes on, and does what it asks for until it has ended.
    fn cancel_to_the_end(&mut self) {
        // What is paused undoes nothing until it goes on.
        let _ = (self.give("ada", Input::Unarchive), self.give("ada", Input::Resume));
        if self.give("ada", Input::Cancel { reason: None }).is_err() {
            return;
        }
        for _ in 0..ENDING_MAX {
            let Some(run) = self.execution.run().filter(|run| run.end().is_none()) else {
                return;
            };
            if run.compensating().is_some_and(|undone| undone.token.is_some())
                && let Some((visit, token)) = self.asked.last_attempt().cloned()
            {
                let outcome = Outcome::Completed(json!({}));
                let input = Input::Result { visit, token, outcome, cost: None };
                self.give("ada", input).expect("what is undone can be done");
                continue;
            }
            let Some(wakes_at) = run.wakes_at() else {
                panic!("a cancelled process waits for nothing: {:?}", open(&self.execution));
            };
            let wait = wakes_at - self.now().instant();
            self.since += wait.to_std().unwrap_or_default();
            self.give("ada", Input::Tick).expect("time passes");
        }
        panic!("a cancelled process comes to no end: {:?}", open(&self.execution));
    }

    fn now(&self) -> Timestamp {
        let begin = Timestamp::parse("2026-02-10T10:00:00.000Z").expect("the text is an instant");
        begin.after(self.since)
    }
}

/// Checks that two states are one, and shows where they are not.
pub(super) fn same(state: &Execution, wanted: &Execution, otherwise: Arguments<'_>) {
    if state == wanted {
        return;
    }
    let (state, wanted) = (format!("{state:#?}"), format!("{wanted:#?}"));
    let mut lines = state.lines().zip(wanted.lines()).enumerate();
    let first = lines.find(|(_, (line, wanted))| line != wanted);
    let Some((number, (line, wanted))) = first else {
        panic!("{otherwise}: one is longer");
    };
    let above: Vec<&str> = state.lines().take(number).collect();
    let above = above[number.saturating_sub(12)..].join("\n");
    panic!("{otherwise}:\n{above}\n{line}\nand not {wanted}");
}

/// Returns the steps that are not over, for messages.
fn open(execution: &Execution) -> Vec<(String, StepStatus, Option<VisitState>)> {
    let Some(run) = execution.run() else { return Vec::new() };
    let steps = run.definition().steps.iter().filter_map(|step| {
        let state = run.step(step.id.as_str()).filter(|state| !state.is_over())?;
        let visit = state.last_visit().map(process_engine::Visit::state);
        Some((step.id.to_string(), state.status(), visit))
    });
    steps.collect()
}

/// Returns the process before it was started.
pub(super) fn process() -> Process {
    let now = Timestamp::parse("2026-02-10T10:00:00.000Z").expect("the text is an instant");
    let id = ProcessId::from_number(1).expect("1 is the number of a process");
    Process::new(Defaults { id, uid: Uid::from_u128(7), now }, "Made", "")
}
