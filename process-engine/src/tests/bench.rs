//! An execution under test: takes inputs, keeps its events, and checks what must always hold.

use std::time::Duration;

use process_core::{
    Event, Fact, Process, ProcessId, Step, StepId, StepStatus, Timestamp, Uid, model::Defaults,
};
use serde_json::Value;

use crate::{Execution, Input, NewStep, Rejected, RejectedKind, VisitRef};

/// An execution with its journal; each input comes a minute after the one before.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) execution: Execution,
    pub(crate) journal: Vec<Event>,
    pub(crate) now: Timestamp,
}

impl Bench {
    /// A bench without a process.
    pub(crate) fn empty() -> Self {
        Self { execution: Execution::default(), journal: Vec::new(), now: at("10:00") }
    }

    /// A bench with a process of these steps; each is pending.
    pub(crate) fn with(steps: &[&str]) -> Self {
        let mut process = process();
        process.steps = steps.iter().map(|step| Step::new(id(step), step.to_uppercase())).collect();
        let mut bench = Self::empty();
        bench.does(create(process));
        bench
    }

    /// Takes an input of `ada` that must be accepted; returns its facts, one a line.
    pub(crate) fn does(&mut self, input: Input) -> String {
        self.does_by("ada", input)
    }

    /// Takes an input that must be accepted; returns its facts, one a line.
    pub(crate) fn does_by(&mut self, by: &str, input: Input) -> String {
        let text = format!("{input:?}");
        self.tries(by, input).unwrap_or_else(|rejected| panic!("{text}: {rejected}"))
    }

    /// Takes an input that must be refused; returns kind and message.
    pub(crate) fn refuses(&mut self, input: Input) -> (RejectedKind, String) {
        self.refuses_by("ada", input)
    }

    /// Takes an input that must be refused; returns kind and message.
    pub(crate) fn refuses_by(&mut self, by: &str, input: Input) -> (RejectedKind, String) {
        let text = format!("{input:?}");
        let rejected = self.tries(by, input).expect_err(&text);
        (rejected.kind(), rejected.to_string())
    }

    /// Takes an input; what is refused must leave everything as it was.
    pub(crate) fn tries(&mut self, by: &str, input: Input) -> Result<String, Rejected> {
        let before = self.execution.clone();
        let decided = self.execution.decide(&self.now, by, input);
        assert_eq!(self.execution, before, "deciding changes nothing");
        let events = decided?;
        for event in &events {
            self.execution.apply(event);
            self.journal.push(event.clone());
            assert_eq!(self.journal.len() as u64, event.seq, "numbers have no gaps");
            assert_eq!(self.execution.revision(), event.seq);
        }
        assert_eq!(Execution::replay(&self.journal), self.execution);
        self.now = self.now.after(Duration::from_secs(60));
        Ok(events.iter().map(|event| format!("{}\n", told(&event.fact))).collect())
    }

    pub(crate) fn process(&self) -> &Process {
        self.execution.process().expect("a process was made")
    }

    pub(crate) fn step(&self, step: &str) -> &Step {
        self.process().step(&id(step)).unwrap_or_else(|| panic!("there is no step {step}"))
    }

    /// Returns the ids of the steps in order.
    pub(crate) fn order(&self) -> String {
        let ids: Vec<&str> = self.process().steps.iter().map(|step| step.id.as_str()).collect();
        ids.join(" ")
    }
}

/// A fact in a line: its type and its keys, whole processes and steps left out.
pub(crate) fn told(fact: &Fact) -> String {
    let value = serde_json::to_value(fact).expect("a fact is JSON");
    let mut text = value["type"].as_str().unwrap_or_default().to_owned();
    for (key, value) in value.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("type" | "process" | "format" | "content", _) => {}
            (_, Value::String(value)) => text.push_str(&format!(" {value}")),
            (_, value) => text.push_str(&format!(" {key}={value}")),
        }
    }
    text
}

pub(crate) fn process() -> Process {
    let number = ProcessId::from_number(1).expect("1 is a process number");
    let defaults = Defaults { id: number, uid: Uid::from_u128(1), now: at("10:00") };
    Process::new(defaults, "Move", "")
}

/// The instant at this time of the day on which everything happens.
pub(crate) fn at(time: &str) -> Timestamp {
    let text = format!("2026-02-10T{time}:00.000Z");
    Timestamp::parse(&text).unwrap_or_else(|| panic!("{text} is no instant"))
}

pub(crate) fn id(text: &str) -> StepId {
    StepId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn create(process: Process) -> Input {
    let reason = "Initial process creation".to_owned();
    Input::Create { process: Box::new(process), reason }
}

pub(crate) fn set(step: &str, status: StepStatus) -> Input {
    Input::SetStepStatus { step: id(step), status, outputs: Vec::new(), note: None }
}

pub(crate) fn add(name: &str) -> Input {
    Input::AddStep(NewStep { name: name.to_owned(), ..NewStep::default() })
}

pub(crate) fn claim(step: &str, minutes: u64) -> Input {
    Input::Claim { step: VisitRef::step(id(step)), lease: Duration::from_secs(minutes * 60) }
}

pub(crate) fn release(step: &str) -> Input {
    Input::Release { step: VisitRef::step(id(step)) }
}

pub(crate) fn remove(step: &str) -> Input {
    Input::RemoveStep { step: id(step) }
}

pub(crate) fn edit(patch: Value) -> Input {
    Input::Edit { patch }
}

pub(crate) fn take(reason: &str) -> Input {
    Input::TakeVersion { reason: reason.to_owned() }
}

pub(crate) fn restore(number: u64) -> Input {
    Input::RestoreVersion { number }
}
