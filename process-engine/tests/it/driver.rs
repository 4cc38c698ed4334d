//! Drives an execution by hand, and checks with every input what must always hold (rule E0).

use std::{sync::Arc, time::Duration};

use process_core::{
    Event, Fact, Process, ProcessId, StepId, StepStatus, Timestamp, Uid,
    definition::Definition,
    event::{Decided, RunFact, VisitId},
    model::Defaults,
    time::parse_duration,
};
use process_engine::{
    Decision, Execution, Input, NewMessage, Outcome, Rejected, Run, StartRun, VisitRef, VisitState,
};
use serde_json::{Value, json};

use crate::check::definition;

/// When every process of these tests begins.
pub(crate) const BEGINNING: &str = "2026-01-01T00:00:00.000Z";

/// An execution with its journal.
pub(crate) struct Driver {
    pub(crate) execution: Execution,
    pub(crate) journal: Vec<Event>,
    pub(crate) now: Timestamp,
}

impl Driver {
    /// A process of this definition that was started without input.
    pub(crate) fn start(text: &str) -> Self {
        Self::start_with(text, json!({}))
    }

    /// A process of this definition that was started with this input.
    pub(crate) fn start_with(text: &str, input: Value) -> Self {
        let mut driver = Self::unstarted();
        driver.gives(start(text, input));
        driver
    }

    /// An execution without a process.
    pub(crate) fn unstarted() -> Self {
        Self { execution: Execution::default(), journal: Vec::new(), now: instant("0s") }
    }

    /// Goes on at this time after the beginning.
    pub(crate) fn at(&mut self, time: &str) -> &mut Self {
        self.now = instant(time);
        self
    }

    /// Gives an input that must be taken; returns its events.
    pub(crate) fn gives(&mut self, input: Input) -> Vec<Event> {
        self.gives_by("ada", input)
    }

    /// Gives an input that must be taken; returns its events.
    pub(crate) fn gives_by(&mut self, by: &str, input: Input) -> Vec<Event> {
        let text = format!("{input:?}");
        self.tries(by, input).unwrap_or_else(|rejected| panic!("{rejected}: {text}"))
    }

    /// Gives an input that must be refused.
    pub(crate) fn refuses(&mut self, input: Input) -> Rejected {
        self.refuses_by("ada", input)
    }

    /// Gives an input that must be refused.
    pub(crate) fn refuses_by(&mut self, by: &str, input: Input) -> Rejected {
        let text = format!("{input:?}");
        match self.tries(by, input) {
            Err(rejected) => rejected,
            Ok(events) => panic!("{} events follow, none were expected: {text}", events.len()),
        }
    }

    /// Gives an input, and checks what rule E0 says of every input.
    pub(crate) fn tries(&mut self, by: &str, input: Input) -> Result<Vec<Event>, Rejected> {
        let before = self.execution.clone();
        let decided = self.execution.decide(&self.now, by, input.clone());
        assert!(self.execution == before, "deciding changed something: {input:?}");
        let advanced = self.execution.advance(&self.now, by, input.clone());
        assert_eq!(advanced, decided, "deciding and advancing differ: {input:?}");
        let events = match advanced {
            Ok(events) => events,
            Err(rejected) => {
                let is_same = self.execution == before;
                assert!(is_same, "a refused input changed something: {input:?}: {rejected}");
                return Err(rejected);
            }
        };
        for event in &events {
            let written = Event::from_value(&event.to_value());
            assert_eq!(written.as_ref(), Ok(event), "an event is what was written of it");
            self.journal.push(event.clone());
            assert_eq!(self.journal.len() as u64, event.seq, "numbers have no gaps");
        }
        let is_same = Execution::replay(&self.journal) == self.execution;
        assert!(is_same, "a replay does not give the state behind {input:?}");
        Ok(events)
    }

    /// Lets happen what is due at this time.
    pub(crate) fn tick(&mut self) -> Vec<Event> {
        self.gives(Input::Tick)
    }

    /// Hands out everything that a worker may take.
    pub(crate) fn hand_out(&mut self) -> &mut Self {
        while let Some(step) = self.next() {
            self.gives(Input::Dispatch { step });
        }
        self
    }

    fn next(&self) -> Option<VisitRef> {
        let (step, visit) = self.run().dispatchable().next()?;
        Some(VisitRef { step: step.clone(), visit: Some(visit) })
    }

    /// Completes the running attempt of a step, `STEP` or `STEP#VISIT`.
    pub(crate) fn completes(&mut self, step: &str, output: Value) -> Vec<Event> {
        let (visit, token) = self.attempt(step);
        let outcome = Outcome::Completed(output);
        self.gives(Input::Result { visit, token, outcome, cost: None })
    }

    /// Fails the running attempt of a step, `STEP` or `STEP#VISIT`.
    pub(crate) fn fails(&mut self, step: &str) -> Vec<Event> {
        let (visit, token) = self.attempt(step);
        let outcome = Outcome::Failed("broken".to_owned());
        self.gives(Input::Result { visit, token, outcome, cost: None })
    }

    /// Returns the running attempt of a step.
    pub(crate) fn attempt(&self, step: &str) -> (VisitId, u64) {
        let wanted = VisitRef::parse(step).expect("a step or a visit");
        let running = self.run().running();
        let found = running.into_iter().find(|(id, visit, _)| {
            **id == wanted.step && wanted.visit.is_none_or(|wanted| wanted == *visit)
        });
        let (id, visit, state) = found.unwrap_or_else(|| panic!("nothing of {step} runs"));
        let token = state.token().expect("what runs has a token");
        (VisitId { step: id.clone(), visit }, token)
    }

    /// Ends the attempt to undo something.
    pub(crate) fn compensates(&mut self, outcome: Outcome) -> Vec<Event> {
        let (visit, token) = self.compensating();
        self.gives(Input::Result { visit, token, outcome, cost: None })
    }

    fn compensating(&self) -> (VisitId, u64) {
        let started = self.journal.iter().rev().find_map(|event| match &event.fact {
            Fact::Run(RunFact::CompensationStarted { at, token, .. }) => Some((at.clone(), *token)),
            _ => None,
        });
        started.expect("something is being undone")
    }

    /// Returns what is to be done to undo something.
    pub(crate) fn undo(&self) -> Value {
        self.run().compensating().expect("something is being undone").work.clone()
    }

    /// Decides an approval.
    pub(crate) fn says(&mut self, by: &str, step: &str, decision: Decided) -> Vec<Event> {
        self.gives_by(by, decide(step, decision))
    }

    /// Returns the run.
    pub(crate) fn run(&self) -> &Run {
        self.execution.run().expect("a process that was started")
    }

    /// Returns the status of the process.
    pub(crate) fn status(&self) -> &'static str {
        self.run().status().as_str()
    }

    /// Returns the status of a step.
    pub(crate) fn step(&self, id: &str) -> &'static str {
        let step = self.run().step(id).unwrap_or_else(|| panic!("there is no step {id}"));
        step.status().as_str()
    }

    /// Returns the output of a step.
    pub(crate) fn output(&self, id: &str) -> Value {
        self.run().step(id).and_then(|step| step.output()).cloned().unwrap_or_default()
    }

    /// Returns where a visit stands.
    pub(crate) fn visit(&self, id: &str, visit: u32) -> Option<VisitState> {
        self.run().step(id)?.visit(visit).map(|visit| visit.state())
    }

    /// Returns how many events of a type there are.
    pub(crate) fn count(&self, wanted: &str) -> usize {
        self.journal.iter().filter(|event| kind(event) == wanted).count()
    }
}

/// Returns the type of an event.
pub(crate) fn kind(event: &Event) -> String {
    event.to_value()["type"].as_str().unwrap_or_default().to_owned()
}

/// Returns the types of events.
pub(crate) fn kinds(events: &[Event]) -> Vec<String> {
    events.iter().map(kind).collect()
}

/// The input that starts a process of this definition.
pub(crate) fn start(text: &str, input: Value) -> Input {
    let id = ProcessId::from_number(1).expect("1 is a process number");
    let defaults = Defaults { id, uid: Uid::from_u128(1), now: instant("0s") };
    Input::Start(Box::new(StartRun {
        definition: stored(text),
        process: Some(Box::new(Process::new(defaults, "Test", ""))),
        input,
        trigger: json!({}),
        seed: 7,
        key: None,
        parent: None,
        limit: None,
        stop_grace: Duration::from_secs(10),
    }))
}

/// Reads a definition as a journal gives it: without the places of its steps in the file.
pub(crate) fn stored(text: &str) -> Arc<Definition> {
    let stored = Definition::from_value(&definition(text).stored());
    Arc::new(stored.unwrap_or_else(|problem| panic!("{problem}\n{text}")))
}

/// The instant that comes this long after the beginning.
pub(crate) fn instant(after: &str) -> Timestamp {
    let duration = parse_duration(after).unwrap_or_else(|| panic!("{after} is no duration"));
    Timestamp::parse(BEGINNING).expect("an instant").after(duration)
}

pub(crate) fn id(text: &str) -> StepId {
    StepId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn decide(step: &str, decision: Decided) -> Input {
    let step = VisitRef::parse(step).expect("a step or a visit");
    Input::Decide { step, decision: Decision { decision, comment: None, via: None } }
}

pub(crate) fn settle(step: &str, status: StepStatus) -> Input {
    let step = VisitRef::parse(step).expect("a step or a visit");
    Input::Settle { step, status, output: None, note: None }
}

pub(crate) fn message(name: &str, data: Value) -> Input {
    Input::Message(NewMessage { name: name.to_owned(), key: None, data, id: None })
}

pub(crate) fn cancel() -> Input {
    Input::Cancel { reason: None }
}

pub(crate) fn claim(step: &str, lease: &str) -> Input {
    let lease = parse_duration(lease).expect("a duration");
    Input::Claim { step: VisitRef::step(id(step)), lease }
}
