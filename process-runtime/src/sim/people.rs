//! People: through a driver, or beside it with a program of their own.

use std::{sync::Arc, time::Duration};

use process_engine::{
    Decided, Decision, Event, Execution, Fact, Input, NewMessage, ProcessId, Rejected,
    RejectedKind, Run, RunFact, StepId, StepStatus, Uid, VisitRef, WaitingFor,
    definition::Definition,
};
use process_store::Group;
use serde_json::{Value, json};

use super::{
    definitions::{self, IDS, KEYS, MESSAGES, PEOPLE},
    random::Random,
    world::{TEMPLATES, Todo, World},
};
use crate::{
    NewRun,
    drive::{Happening, Loaded},
};

/// How many processes there are before nobody starts another one for want of work.
const STARTED_MAX: usize = 40;

impl World {
    /// Somebody does something to a process, or starts one.
    pub(super) fn person(&mut self) {
        let processes: Vec<ProcessId> = self.handle.disk().journals.keys().copied().collect();
        let open = self.unfinished();
        let is_new = open.is_empty() && processes.len() < STARTED_MAX || self.random.is_one_in(60);
        // What is over is not asked for much.
        let among = if self.random.is_one_in(8) { &processes } else { &open };
        let Some(id) = self.random.any(among).copied().filter(|_| !is_new) else {
            if is_new {
                self.start_process();
            }
            return;
        };
        let (input, by) = {
            let disk = self.handle.disk();
            let Some(execution) = disk.execution(id) else { return };
            any_input(&mut self.random, execution)
        };
        let Some(input) = input else { return };
        if self.random.is_one_in(2) {
            self.ask(id, by, input);
        } else {
            self.decide_beside(id, by, input);
        }
    }

    /// Asks a driver.
    pub(super) fn ask(&mut self, process: ProcessId, by: &str, input: Input) {
        let program = self.random.below(self.programs.len());
        if self.programs[program].core.is_none() {
            return;
        }
        self.answer_last += 1;
        let answer = self.answer_last;
        let known = (program, process, input.clone(), by.to_owned());
        self.answers.insert(answer, known);
        let by = by.to_owned();
        self.tell(program, Happening::Asked { process, by, input, answer: Some(answer) });
    }

    /// Decides on what the store holds, and appends that at once or a little later.
    pub(super) fn decide_beside(&mut self, id: ProcessId, by: &str, input: Input) {
        let now = self.now();
        let execution = self.handle.disk().execution(id).cloned();
        let Some(mut execution) = execution.map(Box::new) else { return };
        let expected = execution.revision();
        let shown = shown(&input);
        match execution.advance(&now, by, input.clone()) {
            Ok(events) => {
                self.note(|| format!("beside {id} {by} {shown}"));
                self.is_answer_to(id, by, &input, &events);
                if events.is_empty() {
                    return;
                }
                let group = Group { id, expected, events, execution, becomes_active: false };
                let delay = if self.random.is_one_in(3) { self.random.ms(50) } else { 0 };
                self.later(delay, Todo::Person { group: Box::new(group) });
            }
            Err(rejected) => {
                self.note(|| format!("beside {id} {by} {shown}: {rejected}"));
                self.is_refusal(&input, &rejected);
            }
        }
    }

    /// Somebody starts a process, with a driver or beside it.
    pub(super) fn start_process(&mut self) {
        let Some(definition) = definitions::definition(&mut self.random, &TEMPLATES) else {
            return;
        };
        let now = self.now();
        let id = {
            let disk = self.handle.disk();
            let used = disk.journals.keys().next_back().map_or(0, |id| id.number());
            ProcessId::from_number(used.max(disk.reserved()) + 1)
        };
        let Some(id) = id else { return };
        self.handle.disk().reserve_to(id.number());
        let halves = (self.random.next_number(), self.random.next_number());
        let new = NewRun {
            definition,
            uid: Uid::from_u128(u128::from(halves.0) << 64 | u128::from(halves.1)),
            input: json!({"key": self.random.text(&KEYS), "list": [1, 2, {"n": 3}]}),
            trigger: json!({"type": "manual"}),
            key: None,
            parent: None,
            limit: self.random.is_one_in(8).then(|| process_engine::Cost::parse("0.50")).flatten(),
        };
        let program = self.random.below(self.programs.len());
        let is_own = self.random.is_one_in(2) && self.programs[program].core.is_some();
        let by = if is_own { self.programs[program].name.clone() } else { "ada".to_owned() };
        let Ok(group) = new.begin(&now, &by, id) else { return };
        if self.handle.disk().land(&group).is_err() {
            return;
        }
        self.note(|| format!("{id} starts by {by}"));
        if is_own {
            self.handle.disk().owners.insert(id, program);
            let life = self.programs[program].life;
            let execution = group.execution;
            let outcome = Ok(Loaded::Here { execution, may_execute: self.is_trusted });
            let happening = Happening::Loaded { process: id, outcome };
            let delay = self.delay();
            let at = self.programs[program].read_at.max(self.now_ms + delay);
            self.programs[program].read_at = at;
            self.later(at - self.now_ms, Todo::Started { program, life, happening });
        }
    }

    /// Checks that what was answered is what was asked for.
    pub(super) fn is_answer_to(
        &mut self,
        id: ProcessId,
        by: &str,
        input: &Input,
        events: &[Event],
    ) {
        if let Input::Decide { step, .. } = input {
            let says = |event: &&Event| match &event.fact {
                Fact::Run(RunFact::ApprovalDecided { at, decided_by, .. }) => {
                    at.step == step.step && decided_by == by
                }
                _ => false,
            };
            if events.iter().filter(says).count() != 1 {
                self.wrong(format!("I12 {by} decides {} of {id}, and nothing says so", step.step));
            }
        }
    }

    /// Checks that who is refused is told why in a way that helps.
    pub(super) fn is_refusal(&mut self, input: &Input, rejected: &Rejected) {
        let kind = rejected.kind();
        if matches!(input, Input::Tick) && !matches!(rejected, Rejected::Archived) {
            self.wrong(format!("I7 time is refused: {rejected}"));
        }
        let is_known = matches!(
            kind,
            RejectedKind::AlreadyDecided
                | RejectedKind::Conflict
                | RejectedKind::Forbidden
                | RejectedKind::Invalid
                | RejectedKind::NotFound
        );
        if matches!(input, Input::Decide { .. }) && !is_known {
            self.wrong(format!("I12 a decision is refused otherwise: {rejected}"));
        }
    }
}

/// Returns something that somebody may do, and who.
fn any_input(random: &mut Random, execution: &Execution) -> (Option<Input>, &'static str) {
    let by = random.text(&PEOPLE);
    let Some(run) = execution.run() else { return (None, by) };
    let input = match random.below(40) {
        0..=11 => return approval(random, run),
        12..=17 => Some(message(random, run)),
        18 => Some(Input::Pause),
        19..=22 => Some(Input::Resume),
        23 => Some(Input::Cancel { reason: None }),
        24 => Some(Input::Retry { from: None }),
        25 => Some(Input::Retry { from: Some(id(random)) }),
        26 | 27 => Some(Input::AddItem { step: id(random), item: json!(random.below(9)) }),
        28..=31 => Some(settle(random, run)),
        32 => Some(Input::Claim { step: id(random).into(), lease: Duration::from_secs(60) }),
        33 => Some(Input::Release { step: id(random).into() }),
        34 | 35 => changed(random, run.definition()).map(Input::Adopt),
        36 => {
            let feedback = "well done".to_owned();
            Some(Input::Feedback { step: id(random), feedback, rating: None })
        }
        37 if random.is_one_in(3) => Some(Input::Archive),
        37 => Some(Input::Unarchive),
        38 => {
            let value = "a note".to_owned();
            Some(Input::RecordEvidence { kind: "note".to_owned(), value, step: None })
        }
        _ => Some(Input::Tick),
    };
    (input, by)
}

fn approval(random: &mut Random, run: &Run) -> (Option<Input>, &'static str) {
    let waiting = run.waiting();
    let open: Vec<VisitRef> = waiting
        .iter()
        .filter(|it| it.waiting_for == WaitingFor::Approval || random.is_one_in(8))
        .map(|it| VisitRef { step: it.step.clone(), visit: Some(it.visit) })
        .collect();
    let by = random.text(&PEOPLE);
    let step = random.any(&open).cloned();
    let decision = if random.is_one_in(3) { Decided::Rejected } else { Decided::Approved };
    let comment = random.is_one_in(2).then(|| "because".to_owned());
    let decision = Decision { decision, comment, via: None };
    (step.map(|step| Input::Decide { step, decision }), by)
}

fn message(random: &mut Random, run: &Run) -> Input {
    let waits = run.waits();
    let wanted = random.any(&waits).map(|(_, name, key)| (*name, key.map(str::to_owned)));
    let (name, key) = match wanted {
        Some((name, key)) if !random.is_one_in(4) => (name.to_owned(), key),
        _ => {
            let key = random.is_one_in(2).then(|| random.text(&KEYS).to_owned());
            (random.text(&MESSAGES).to_owned(), key)
        }
    };
    let id = random.is_one_in(3).then(|| format!("m{}", random.below(4)));
    Input::Message(NewMessage { name, key, data: json!({"n": random.below(3)}), id })
}

fn settle(random: &mut Random, run: &Run) -> Input {
    let waiting = run.waiting();
    let doubtful = waiting.iter().find(|it| it.waiting_for == WaitingFor::Person);
    let step = match doubtful {
        Some(it) => VisitRef { step: it.step.clone(), visit: Some(it.visit) },
        None => VisitRef::step(id(random)),
    };
    let status = [
        StepStatus::Completed,
        StepStatus::Skipped,
        StepStatus::Failed,
        StepStatus::Pending,
        StepStatus::Cancelled,
    ];
    let status = status[random.below(status.len())];
    let output = random.is_one_in(2).then(|| json!({"n": 1}));
    Input::Settle { step, status, output, note: None }
}

/// Returns a definition with something changed, as somebody edits it.
fn changed(random: &mut Random, definition: &Definition) -> Option<Arc<Definition>> {
    let mut value = definition.to_value();
    let steps = value.get_mut("steps")?.as_array_mut()?;
    let place = random.below(steps.len());
    let last = steps.len();
    match random.below(5) {
        0 => {
            let before = steps[place]["id"].clone();
            let new = json!({"id": format!("new-{last}"), "depends_on": [before]});
            steps.push(new);
        }
        1 => steps[place]["timeout"] = random.text(&["1s", "1m", "1h"]).into(),
        2 => steps[place]["condition"] = definitions::condition(random, place).into(),
        3 => {
            steps.remove(place);
        }
        _ => value["budget"] = json!({"cost": random.text(&["0.10", "1.00"])}),
    }
    definitions::read(&value)
}

fn id(random: &mut Random) -> StepId {
    StepId::parse(random.text(&IDS)).unwrap_or_else(|_| StepId::numbered(1))
}

/// Returns an input in a few words.
pub(super) fn shown(input: &Input) -> String {
    match input {
        Input::Adopt(_) => "Adopt".to_owned(),
        Input::Start(_) => "Start".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Returns what ends a wait of a process well, as far as a person can.
pub(super) fn helpful(random: &mut Random, run: &Run) -> Option<(Input, String)> {
    if run.is_paused() {
        return Some((Input::Resume, "ada".to_owned()));
    }
    let waiting = run.waiting();
    let wait = random.any(&waiting)?;
    let step = VisitRef { step: wait.step.clone(), visit: Some(wait.visit) };
    match wait.waiting_for {
        WaitingFor::Approval => {
            let visit = run.step(wait.step.as_str())?.visit(wait.visit)?;
            let (request, votes) = visit.approval()?;
            let asked = request.approvers.iter().find(|it| !votes.contains(&it.as_str()));
            let by = asked.cloned().unwrap_or_else(|| "eve".to_owned());
            let comment = Some("because".to_owned());
            let decision = Decision { decision: Decided::Approved, comment, via: None };
            Some((Input::Decide { step, decision }, by))
        }
        WaitingFor::Message => {
            let waits = run.waits();
            let (_, name, key) = waits.iter().find(|(id, ..)| **id == wait.step)?;
            let (name, key) = ((*name).to_owned(), key.map(str::to_owned));
            let message = NewMessage { name, key, data: Value::Null, id: None };
            Some((Input::Message(message), "ada".to_owned()))
        }
        WaitingFor::Budget
        | WaitingFor::Child
        | WaitingFor::Condition
        | WaitingFor::Person
        | WaitingFor::Retry
        | WaitingFor::Timer
        | WaitingFor::Work => {
            let (status, output) = (StepStatus::Completed, Some(json!({"n": 2})));
            let settle = Input::Settle { step, status, output, note: None };
            Some((settle, "ada".to_owned()))
        }
    }
}
