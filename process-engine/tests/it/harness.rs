//! An execution under test on a clock of its own: takes commands, keeps its journal, checks what must always hold.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use process_core::{
    Event, Fact, Process, ProcessId, ProcessStatus, StepId, StepStatus, Timestamp, Uid,
    definition::Definition,
    event::{Decided, RunFact, VisitId},
    model::Defaults,
    money::Cost,
    time::{duration_text, parse_duration},
};
use process_engine::{
    ChildEnd, Decision, Execution, Input, NewMessage, Outcome, Rejected, Run, StartRun, StepState,
    VisitRef, WaitingFor, effects,
};
use serde_json::{Map, Value};

use crate::check::definition;

/// Who acts when a command names nobody.
const BY: &str = "ada";

/// Keys of events that no line shows: what they say stands elsewhere, or is too long.
const HIDDEN: [&str; 15] = [
    "after",
    "at",
    "by",
    "definition",
    "format",
    "input",
    "process",
    "request",
    "seed",
    "seq",
    "step",
    "stop_grace_ms",
    "token",
    "type",
    "visit",
];

/// An execution with its journal; commands say at which time after the start they come.
pub(crate) struct Bench {
    pub(crate) execution: Execution,
    pub(crate) journal: Vec<Event>,
    /// The same process, whose definition was not read back from a journal.
    fresh: Execution,
    definition: Arc<Definition>,
    /// The token that was given last to a visit, also when it is old.
    tokens: BTreeMap<(StepId, u32), u64>,
    /// Where every event is a state of its own to look at.
    looks_at_prefixes: bool,
}

impl Bench {
    /// A process that was started by this definition, at 0.
    pub(crate) fn started(text: &str) -> Self {
        Self::started_with(text, |_| {})
    }

    /// A process that was started in a way of its own, at 0.
    pub(crate) fn started_with(text: &str, change: impl FnOnce(&mut StartRun)) -> Self {
        let mut bench = Self::planned(text);
        let mut start = bench.start();
        change(&mut start);
        let started = bench.give(Duration::ZERO, BY, Input::Start(Box::new(start)));
        started.unwrap_or_else(|rejected| panic!("the process cannot be started: {rejected}"));
        bench
    }

    /// No process yet, and the definition that `start` takes.
    pub(crate) fn planned(text: &str) -> Self {
        Self::of(definition(text))
    }

    /// No process yet, and the definition that `start` takes.
    pub(crate) fn of(definition: Arc<Definition>) -> Self {
        Self {
            execution: Execution::default(),
            journal: Vec::new(),
            fresh: Execution::default(),
            definition,
            tokens: BTreeMap::new(),
            looks_at_prefixes: true,
        }
    }

    /// A process with a journal, and the definition that `start` takes.
    pub(crate) fn replayed(journal: Vec<Event>, text: &str) -> Self {
        let mut bench = Self::planned(text);
        bench.execution = Execution::replay(&journal);
        bench.fresh = bench.execution.clone();
        bench.journal = journal;
        bench
    }

    /// Looks at the state behind each input only, for journals that are long.
    pub(crate) fn hurried(mut self) -> Self {
        self.looks_at_prefixes = false;
        self
    }

    /// Returns how the process is started.
    pub(crate) fn start(&self) -> StartRun {
        let id = ProcessId::from_number(1).expect("1 is a process number");
        let defaults = Defaults { id, uid: uid(), now: instant(Duration::ZERO) };
        let process = Process::new(defaults, "Test", "");
        StartRun {
            definition: self.definition.clone(),
            process: Some(Box::new(process)),
            input: Value::Object(Map::new()),
            trigger: Value::Object(Map::new()),
            seed: 7,
            key: None,
            parent: None,
            limit: None,
            stop_grace: Duration::from_secs(10),
        }
    }

    /// Takes commands that must be accepted; returns what happened, a line for each event.
    pub(crate) fn does(&mut self, script: &str) -> String {
        let mut lines = Vec::new();
        for command in script.split(" / ") {
            let events = self.tries(command);
            let events = events.unwrap_or_else(|rejected| panic!("{command}: {rejected}"));
            lines.extend(events.iter().map(line));
        }
        lines.join("\n")
    }

    /// Takes commands that must be accepted; returns the types of what happened, with the visits.
    pub(crate) fn kinds(&mut self, script: &str) -> String {
        let told = self.does(script);
        let short = told.lines().map(|line| {
            let words: Vec<&str> = line.split(' ').skip(1).take(2).collect();
            words.into_iter().filter(|word| !word.contains('=')).collect::<Vec<_>>().join(" ")
        });
        short.collect::<Vec<_>>().join(", ")
    }

    /// Takes a command that must be refused; returns kind and reason.
    pub(crate) fn refuses(&mut self, command: &str) -> String {
        match self.tries(command) {
            Err(rejected) => format!("{:?}: {rejected}", rejected.kind()),
            Ok(events) => {
                let lines: Vec<String> = events.iter().map(line).collect();
                panic!("{command} was accepted:\n{}", lines.join("\n"))
            }
        }
    }

    /// Takes a command: a time, a verb and what belongs to it.
    pub(crate) fn tries(&mut self, command: &str) -> Result<Vec<Event>, Rejected> {
        let command = Command::parse(command);
        let input = self.input(&command);
        self.give(command.at, command.option("by").unwrap_or(BY), input)
    }

    /// Takes an input at a time, and checks what must hold for every input.
    pub(crate) fn give(
        &mut self,
        at: Duration,
        by: &str,
        input: Input,
    ) -> Result<Vec<Event>, Rejected> {
        let now = instant(at);
        let asked = asked(&input);
        let before = self.execution.clone();
        let fresh = self.looks_at_prefixes.then(|| self.fresh.advance(&now, by, input.clone()));
        let input = stored(input);
        let decided = self.execution.decide(&now, by, input.clone());
        assert!(self.execution == before, "deciding changes nothing: {asked}");
        let replayed = Execution::replay(&self.journal);
        let again = replayed.decide(&now, by, input.clone());
        assert_eq!(told(&again), told(&decided), "a replayed execution decides alike: {asked}");
        assert!(again == decided, "a replayed execution decides alike: {asked}");
        if let Some(fresh) = fresh {
            assert_eq!(told(&fresh), told(&decided), "a definition is what is stored: {asked}");
        }
        let advanced = self.execution.advance(&now, by, input);
        assert_eq!(told(&advanced), told(&decided), "advance is decide and apply: {asked}");
        assert!(advanced == decided, "advance is decide and apply: {asked}");
        match &advanced {
            Err(_) => assert!(self.execution == before, "refused, and the state differs: {asked}"),
            Ok(events) => self.keep(events, &now, &asked),
        }
        advanced
    }

    fn keep(&mut self, events: &[Event], now: &Timestamp, asked: &str) {
        let from = self.journal.len();
        for event in events {
            self.journal.push(event.clone());
            assert_eq!(event.seq, self.journal.len() as u64, "numbers have no gaps: {asked}");
            let text = event.to_value().to_string();
            let value = serde_json::from_str(&text).expect("an event is JSON");
            let read = Event::from_value(&value).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(read == *event, "an event is what its line in the journal says: {text}");
            let _ = effects(event);
            if let Fact::Run(
                RunFact::StepStarted { at, token, .. }
                | RunFact::CompensationStarted { at, token, .. },
            ) = &event.fact
            {
                self.tokens.insert((at.step.clone(), at.visit), *token);
            }
        }
        assert!(Execution::replay(&self.journal) == self.execution, "replay is state: {asked}");
        let kept = self.execution.to_snapshot().expect("a state is JSON");
        let kept = Execution::from_snapshot(&kept).expect("a snapshot is a state");
        assert!(kept == self.execution, "a snapshot is the state: {asked}");
        self.check_view(asked);
        if self.looks_at_prefixes {
            let mut prefix = Execution::replay(&self.journal[..from]);
            for event in events {
                prefix.apply(event);
                // Wherever the journal was cut off, somebody opens it and goes on.
                let mut opened = prefix.clone();
                if opened.advance(now, BY, Input::Tick).is_ok() {
                    assert_goes_on(&opened, asked);
                }
            }
        }
        assert_goes_on(&self.execution, asked);
    }

    /// The process as people see it says what the run says.
    fn check_view(&self, asked: &str) {
        let (Some(process), Some(run)) = (self.execution.process(), self.execution.run()) else {
            return;
        };
        assert_eq!(process.status, run.status(), "the status of the process is shown: {asked}");
        for step in &run.definition().steps {
            let state = run.step(step.id.as_str()).expect("a step has a state");
            // A process that people made before may have no such step.
            if let Some(shown) = process.step(&step.id) {
                assert_eq!(shown.status, state.status(), "step {} is shown: {asked}", step.id);
            }
        }
    }

    /// Goes on by another definition.
    pub(crate) fn adopt(&mut self, at: &str, text: &str) -> Result<Vec<Event>, Rejected> {
        let at = parse_duration(at).expect("a duration");
        self.give(at, BY, Input::Adopt(definition(text)))
    }

    /// Goes on by another definition, which must be refused; returns every reason.
    pub(crate) fn refuses_to_adopt(&mut self, at: &str, text: &str) -> Vec<String> {
        match self.adopt(at, text) {
            Err(Rejected::CannotAdopt(reasons)) => reasons,
            other => panic!("{} was to be refused\n{text}", told(&other)),
        }
    }

    pub(crate) fn run(&self) -> &Run {
        self.execution.run().expect("the process was started")
    }

    pub(crate) fn state(&self, step: &str) -> &StepState {
        self.run().step(step).unwrap_or_else(|| panic!("there is no step {step}"))
    }

    /// Returns the status of the process.
    pub(crate) fn status(&self) -> &'static str {
        self.run().status().as_str()
    }

    /// Returns the status of a step, with the reason if it was skipped.
    pub(crate) fn step(&self, step: &str) -> String {
        let state = self.state(step);
        match state.skip_reason() {
            Some(reason) => format!("{} {}", state.status(), reason.as_str()),
            None => state.status().to_string(),
        }
    }

    /// Returns the statuses of all steps.
    pub(crate) fn steps(&self) -> String {
        let steps = self.run().definition().steps.iter();
        let steps = steps.map(|step| format!("{}: {}", step.id, self.step(step.id.as_str())));
        steps.collect::<Vec<_>>().join(", ")
    }

    /// Returns what the process waits for.
    pub(crate) fn waiting(&self) -> String {
        let waiting = self.run().waiting();
        let waiting = waiting.iter().map(|waiting| {
            format!("{}#{} {}", waiting.step, waiting.visit, waiting.waiting_for.as_str())
        });
        waiting.collect::<Vec<_>>().join(", ")
    }

    /// Returns the visits that a worker may take.
    pub(crate) fn dispatchable(&self) -> String {
        let visits = self.run().dispatchable().map(|(step, visit)| format!("{step}#{visit}"));
        visits.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn spent(&self) -> String {
        self.run().spent().to_string()
    }

    /// Returns when something happens by itself, counted from the start.
    pub(crate) fn wakes_at(&self) -> Option<String> {
        self.run().wakes_at().map(since)
    }

    /// Returns the token that was given last to a visit.
    pub(crate) fn token(&self, visit: &str) -> u64 {
        let visit = self.visit(visit);
        *self.tokens.get(&(visit.step, visit.visit)).expect("the visit was dispatched")
    }

    /// Returns the visit that a text means: the one that is named, else the last one.
    pub(crate) fn visit(&self, text: &str) -> VisitId {
        let VisitRef { step, visit } = VisitRef::parse(text).expect("a step or visit");
        let last = || {
            let state = self.execution.run().and_then(|run| run.step(step.as_str()));
            (1..=state.map_or(0, StepState::visits)).next_back().unwrap_or(1)
        };
        let visit = visit.unwrap_or_else(last);
        VisitId { step, visit }
    }

    fn input(&self, command: &Command<'_>) -> Input {
        let visit = || self.visit(command.word());
        let reference = || VisitRef::parse(command.word()).expect("a step or visit");
        let id = || step_id(command.word());
        let token = || match command.option("token") {
            Some(token) => token.parse().expect("a token"),
            None => self.token(command.word()),
        };
        let empty = || Value::Object(Map::new());
        let data = || command.json.clone().unwrap_or_else(empty);
        let settle = |status| Input::Settle {
            step: reference(),
            status,
            output: command.json.clone(),
            note: command.rest(),
        };
        let decide = |decision| Input::Decide {
            step: reference(),
            decision: Decision { decision, comment: command.rest(), via: None },
        };
        let result = |outcome| Input::Result {
            visit: visit(),
            token: token(),
            outcome,
            cost: command.cost(),
        };
        match command.verb {
            "start" => {
                let mut start = self.start();
                start.input = data();
                if self.execution.process().is_some() {
                    start.process = None;
                }
                Input::Start(Box::new(start))
            }
            "item" => Input::AddItem { step: id(), item: data() },
            "cancel" => Input::Cancel { reason: None },
            "childstarted" => {
                Input::ChildStarted { visit: visit(), process: "proc-002".to_owned() }
            }
            "child" => {
                let status = ProcessStatus::parse(command.words[1]).expect("a status");
                let error = command.words.get(2).map(|error| (*error).to_owned());
                let (output, cost) = (data(), command.cost());
                Input::ChildEnded { visit: visit(), end: ChildEnd { status, output, cost, error } }
            }
            "claim" => {
                let lease = parse_duration(command.words[1]).expect("a lease");
                Input::Claim { step: reference(), lease }
            }
            "release" => Input::Release { step: reference() },
            "compensate" => Input::Compensate,
            "approve" => decide(Decided::Approved),
            "reject" => decide(Decided::Rejected),
            "dispatch" => Input::Dispatch { step: reference() },
            "settled" => {
                let effect = command.word().parse().expect("a number");
                Input::EffectSettled { effect, is_done: true }
            }
            "feedback" => {
                let rating =
                    command.option("rating").map(|rating| rating.parse().expect("a number"));
                Input::Feedback { step: id(), rating, feedback: command.rest().unwrap_or_default() }
            }
            "beat" => Input::Heartbeat { visit: visit(), token: token() },
            "latecost" => {
                let cost = command.cost().expect("a cost");
                Input::LateCost { visit: visit(), token: token(), cost }
            }
            "lost" => Input::Lost { visit: visit(), token: token() },
            "message" => Input::Message(NewMessage {
                name: command.word().to_owned(),
                key: command.option("key").map(str::to_owned),
                data: data(),
                id: command.option("id").map(str::to_owned),
            }),
            "pause" => Input::Pause,
            "resume" => Input::Resume,
            "ok" => result(Outcome::Completed(data())),
            "fail" => result(Outcome::Failed(command.rest().unwrap_or_default())),
            "retry" => Input::Retry { from: command.words.first().map(|id| step_id(id)) },
            "context" => Input::SaveContext { visit: visit(), token: token(), context: data() },
            "complete" => settle(StepStatus::Completed),
            "failed" => settle(StepStatus::Failed),
            "skip" => settle(StepStatus::Skipped),
            "reset" => settle(StepStatus::Pending),
            "cancelled" => settle(StepStatus::Cancelled),
            "progress" => settle(StepStatus::InProgress),
            "status" => {
                let status = StepStatus::parse(command.words[1]).expect("a status");
                Input::SetStepStatus { step: id(), status, outputs: Vec::new(), note: None }
            }
            "tick" => Input::Tick,
            other => panic!("{other} is no verb"),
        }
    }
}

/// A command, split into its parts.
struct Command<'a> {
    at: Duration,
    verb: &'a str,
    words: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
    json: Option<Value>,
}

impl<'a> Command<'a> {
    fn parse(text: &'a str) -> Self {
        let (text, json) = match text.find(" {").or(text.find(" [")) {
            Some(at) => {
                let json = serde_json::from_str(&text[at..]);
                (&text[..at], Some(json.unwrap_or_else(|error| panic!("{text}: {error}"))))
            }
            None => (text, None),
        };
        let mut words = text.split_whitespace();
        let at = words.next().unwrap_or_default();
        let at = if at == "0" { Some(Duration::ZERO) } else { parse_duration(at) };
        let at = at.unwrap_or_else(|| panic!("{text}: no time"));
        let verb = words.next().unwrap_or_default();
        let (options, words) = words.partition::<Vec<_>, _>(|word| word.contains('='));
        let options = options.into_iter().filter_map(|word| word.split_once('=')).collect();
        Self { at, verb, words, options, json }
    }

    fn word(&self) -> &'a str {
        self.words.first().copied().unwrap_or_else(|| panic!("{} of what?", self.verb))
    }

    fn rest(&self) -> Option<String> {
        (self.words.len() > 1).then(|| self.words[1..].join(" "))
    }

    fn option(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn cost(&self) -> Option<Cost> {
        self.option("cost").map(|cost| Cost::parse(cost).expect("an amount"))
    }
}

/// Asserts that an unfinished process has something that moves it on (rule E16).
fn assert_goes_on(execution: &Execution, asked: &str) {
    let Some(run) = execution.run() else { return };
    let outside = |waiting: WaitingFor| match waiting {
        WaitingFor::Approval
        | WaitingFor::Budget
        | WaitingFor::Child
        | WaitingFor::Condition
        | WaitingFor::Message
        | WaitingFor::Person => true,
        // These move by themselves or by a worker, which stands elsewhere.
        WaitingFor::Retry | WaitingFor::Timer | WaitingFor::Work => false,
    };
    let goes_on = run.end().is_some()
        || run.is_paused()
        || run.wakes_at().is_some()
        || !run.running().is_empty()
        || run.dispatchable().next().is_some()
        || run.compensating().is_some_and(|compensating| compensating.token.is_some())
        || run.waiting().iter().any(|waiting| outside(waiting.waiting_for));
    assert!(goes_on, "nothing wakes the process, which is {}: {asked}", run.status());
}

/// Returns an event in a line: when, what, the visit, and what else it says.
pub(crate) fn line(event: &Event) -> String {
    let value = event.to_value();
    let mut text = since(event.at.instant());
    text.push_str(&format!(" {}", value["type"].as_str().unwrap_or_default()));
    if let Some(step) = value["step"].as_str() {
        text.push_str(&format!(" {step}"));
    }
    if let Some(visit) = value["visit"].as_u64() {
        text.push_str(&format!("#{visit}"));
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        if HIDDEN.contains(&key.as_str()) || (key == "work" && value.is_object()) {
            continue;
        }
        let shown = match value {
            Value::String(text) => match Timestamp::parse(text) {
                Some(at) => since(at.instant()),
                None => text.clone(),
            },
            other => other.to_string(),
        };
        text.push_str(&format!(" {key}={shown}"));
    }
    text
}

/// Returns an input with its definition as a journal gives it back.
fn stored(input: Input) -> Input {
    let read_back = |definition: &Definition| {
        let read = Definition::from_value(&definition.stored());
        Arc::new(read.unwrap_or_else(|error| panic!("{error}: {}", definition.stored())))
    };
    match input {
        Input::Adopt(definition) => Input::Adopt(read_back(&definition)),
        Input::Start(mut start) => {
            start.definition = read_back(&start.definition);
            Input::Start(start)
        }
        other => other,
    }
}

fn told(decided: &Result<Vec<Event>, Rejected>) -> String {
    match decided {
        Ok(events) => events.iter().map(|event| line(event) + "\n").collect(),
        Err(rejected) => format!("refused: {rejected}"),
    }
}

/// Returns what is asked, for whoever reads why a check failed.
fn asked(input: &Input) -> String {
    match input {
        Input::Start(_) => "Start".to_owned(),
        Input::Adopt(_) => "Adopt".to_owned(),
        other => format!("{other:?}").chars().take(200).collect(),
    }
}

/// The uid of the process under test.
pub(crate) fn uid() -> Uid {
    Uid::from_u128(1)
}

/// Returns the instant this long after the start.
pub(crate) fn instant(at: Duration) -> Timestamp {
    Timestamp::parse("2026-01-01T00:00:00.000Z").expect("an instant").after(at)
}

/// Returns an instant as the time that has passed since the start.
pub(crate) fn since(at: DateTime<Utc>) -> String {
    let passed = at - instant(Duration::ZERO).instant();
    passed.to_std().map_or_else(|_| at.to_string(), duration_text)
}

pub(crate) fn step_id(text: &str) -> StepId {
    StepId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}
