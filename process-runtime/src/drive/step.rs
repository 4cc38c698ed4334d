//! One process goes on: what is asked is decided, what is due fires, what is ready is handed out.

use process_engine::{
    Effect, Event, Execution, Fact, Input, ProcessId, RunFact, Timestamp, VisitId, VisitRef,
    effects,
};
use process_store::{Error, ErrorKind, Group};

use super::{
    action::{Action, Refused},
    core::Core,
    held::{InFlight, Place, Request},
    workers::{Slot, Workers},
};

/// About how many events one group has at most; more wait for the next one.
const GROUP_EVENTS: usize = 4_096;

/// How often in a row a group is decided anew at once because somebody else was faster.
const CONFLICTS_MAX: u32 = 8;

impl Core {
    pub(super) fn ask(&mut self, now: &Timestamp, id: ProcessId, request: Request) {
        self.held.entry(id).or_default().queue.push_back(request);
        self.go(now, id);
    }

    /// Lets a process go on, as far as it can.
    pub(super) fn go(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        if held.is_beginning {
            return;
        }
        match std::mem::take(&mut held.place) {
            Place::Here(execution) => self.advance(now, id, execution, Vec::new()),
            Place::Parked if !held.queue.is_empty() && held.retry_at.is_none() => self.reload(id),
            place => held.place = place,
        }
    }

    /// Goes on behind events that are not durable yet.
    pub(super) fn advance(
        &mut self,
        now: &Timestamp,
        id: ProcessId,
        mut execution: Box<Execution>,
        mut events: Vec<Event>,
    ) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let expected = execution.revision() - events.len() as u64;
        while let Some(request) = held.queue.pop_front() {
            let outcome = decide(&mut execution, now, &self.by, &request, &mut events);
            held.in_flight.push(InFlight { request, outcome });
            if events.len() >= GROUP_EVENTS {
                break;
            }
        }
        let is_due = execution
            .run()
            .and_then(process_engine::Run::wakes_at)
            .is_some_and(|at| at <= now.instant());
        if is_due {
            // A process whose time has come never refuses it.
            events.extend(execution.advance(now, &self.by, Input::Tick).unwrap_or_default());
        }
        let workers = &mut self.workers;
        let handed_out =
            hand_out(&mut execution, held.may_execute, (now, &self.by), workers, &mut events);
        held.reserved.extend(handed_out.reserved);
        if handed_out.is_hungry {
            self.hungry.insert(id);
        }
        if events.is_empty() {
            held.place = Place::Here(execution);
            self.answer(id, &[]);
            self.tend(now, id);
            self.rest(now, id);
            return;
        }
        held.place = Place::Appending;
        self.act(Action::Append(Group { id, expected, events, execution, becomes_active: false }));
    }

    pub(super) fn appended(&mut self, now: &Timestamp, group: Group, outcome: Result<(), Error>) {
        let id = group.id;
        let Some(held) = self.held.get_mut(&id) else { return };
        if let Err(error) = outcome {
            return self.not_appended(now, id, error);
        }
        if let Some(answer) = held.maker.take() {
            self.act(Action::Answer { answer, outcome: Ok(group.events.clone()) });
        }
        let Some(held) = self.held.get_mut(&id) else { return };
        let is_behind = held.is_behind(group.execution.revision());
        (held.place, held.failures) = (Place::Here(group.execution), 0);
        (held.revision_min, held.is_beginning) = (0, true);
        self.answer(id, &group.events);
        let performed: Vec<Effect> = group.events.iter().flat_map(effects).collect();
        let has_ended = group.events.iter().any(is_end);
        let is_back = group.events.iter().any(|event| event.fact == Fact::Unarchived);
        self.act(Action::Stored { process: id, events: group.events });
        for effect in performed {
            self.perform(now, id, effect);
        }
        self.stop_stale(id);
        if let Some(held) = self.held.get_mut(&id) {
            held.is_beginning = false;
            // What was handed out and failed before it began needs no slot.
            for slot in std::mem::take(&mut held.reserved).into_values() {
                self.workers.give_back(&slot);
            }
        }
        if has_ended {
            self.child_ended(now, id);
        }
        if is_back {
            self.recover(now, id);
        }
        if is_behind {
            self.reload(id);
        }
        self.go(now, id);
    }

    fn perform(&mut self, now: &Timestamp, id: ProcessId, effect: Effect) {
        match effect {
            // The store writes what belongs to a version.
            Effect::KeepVersion { .. } => {}
            Effect::OpenProcess { visit, .. } => self.seek_child(id, &visit),
            Effect::Perform { visit, attempt, token, is_compensation } => {
                self.begin_attempt(now, id, visit, attempt, token, is_compensation);
            }
            // Attempts of which nobody wants the result are stopped behind the whole group.
            Effect::Stop { visit } => self.seek_child(id, &visit),
            Effect::Tell { effect, notice } => self.tell(id, effect, notice),
        }
    }

    pub(super) fn tell(&mut self, id: ProcessId, effect: u64, notice: serde_json::Value) {
        if let Some(held) = self.held.get_mut(&id)
            && (held.may_execute || notice["channel"] == "log" || notice["channel"].is_null())
            && !held.is_told(effect)
            && held.telling.insert(effect)
        {
            self.act(Action::Tell { process: id, effect, notice });
        }
    }

    pub(super) fn told(&mut self, now: &Timestamp, id: ProcessId, effect: u64, is_done: bool) {
        if let Some(held) = self.held.get_mut(&id) {
            held.telling.remove(&effect);
            self.ask(now, id, Request::own(Input::EffectSettled { effect, is_done }));
        }
    }

    /// Drops what could not be made durable, and decides it again on what is there.
    fn not_appended(&mut self, now: &Timestamp, id: ProcessId, error: Error) {
        let Some(held) = self.held.get_mut(&id) else { return };
        for slot in std::mem::take(&mut held.reserved).into_values() {
            self.workers.give_back(&slot);
        }
        if let Some(answer) = held.maker.take() {
            self.refuse_all(id, &error);
            self.forget(id);
            self.act(Action::Answer { answer, outcome: Err(Refused::Store(error)) });
            self.act(Action::Leave(id));
            return;
        }
        for in_flight in std::mem::take(&mut held.in_flight).into_iter().rev() {
            held.queue.push_front(in_flight.request);
        }
        if error.kind() == ErrorKind::Conflict && held.failures < CONFLICTS_MAX {
            held.failures += 1;
            self.reload(id);
        } else {
            self.failed(now, id, error);
        }
    }

    /// Answers what the group answers that became durable.
    fn answer(&mut self, id: ProcessId, events: &[Event]) {
        let Some(held) = self.held.get_mut(&id) else { return };
        for in_flight in std::mem::take(&mut held.in_flight) {
            let Some(answer) = in_flight.request.answer else { continue };
            let outcome = match in_flight.outcome {
                Ok(range) => Ok(events.get(range).map(<[Event]>::to_vec).unwrap_or_default()),
                Err(rejected) => Err(Refused::Rejected(rejected)),
            };
            self.act(Action::Answer { answer, outcome });
        }
    }
}

fn decide(
    execution: &mut Execution,
    now: &Timestamp,
    own: &str,
    request: &Request,
    events: &mut Vec<Event>,
) -> Result<std::ops::Range<usize>, process_engine::Rejected> {
    let by = request.by.as_deref().unwrap_or(own);
    let start = events.len();
    let outcome = match execution.advance(now, by, request.input.clone()) {
        Ok(new) => {
            events.extend(new);
            Ok(start..events.len())
        }
        Err(rejected) => Err(rejected),
    };
    if outcome.is_err()
        && let Input::Result { visit, token, cost: Some(cost), .. } = &request.input
    {
        // Nobody wants the result any more; what it cost counts once (rule E13).
        let late = Input::LateCost { visit: visit.clone(), token: *token, cost: *cost };
        events.extend(execution.advance(now, by, late).unwrap_or_default());
    }
    outcome
}

/// What was handed out.
#[derive(Default)]
struct HandedOut {
    reserved: Vec<(VisitId, Slot)>,
    /// Whether there is work that no worker was free for.
    is_hungry: bool,
}

fn hand_out(
    execution: &mut Execution,
    may_execute: bool,
    (now, by): (&Timestamp, &str),
    workers: &mut Workers,
    events: &mut Vec<Event>,
) -> HandedOut {
    let mut handed_out = HandedOut::default();
    loop {
        let found = candidates(execution, may_execute, workers, &mut handed_out.is_hungry);
        if found.is_empty() || events.len() >= GROUP_EVENTS {
            handed_out.is_hungry |= !found.is_empty();
            return handed_out;
        }
        let before = events.len();
        for (step, slot) in found {
            let Ok(new) = execution.advance(now, by, Input::Dispatch { step }) else { continue };
            for event in &new {
                if let Fact::Run(RunFact::StepStarted { at, .. }) = &event.fact {
                    workers.take(&slot);
                    handed_out.reserved.push((at.clone(), slot.clone()));
                }
            }
            events.extend(new);
        }
        if events.len() == before {
            return handed_out;
        }
    }
}

/// Returns the work that can be handed out at once, longest ready first.
fn candidates(
    execution: &Execution,
    may_execute: bool,
    workers: &Workers,
    is_hungry: &mut bool,
) -> Vec<(VisitRef, Slot)> {
    let mut planned = workers.clone_free();
    let mut found = Vec::new();
    *is_hungry = false;
    // What is put away is handed to nobody.
    let is_archived = execution.process().is_some_and(process_engine::Process::is_archived);
    let Some(run) = execution.run().filter(|_| !is_archived) else { return found };
    for (step, visit) in run.dispatchable() {
        let definition = run.definition().step(step.as_str()).map(|(_, step)| step);
        let Some(slot) = definition.and_then(|step| workers.slot_for(step, may_execute)) else {
            continue;
        };
        if !planned.take(&slot) {
            *is_hungry = true;
            if planned.is_empty() {
                break;
            }
            continue;
        }
        found.push((VisitRef { step: step.clone(), visit: Some(visit) }, slot));
        if found.len() >= GROUP_EVENTS {
            break;
        }
    }
    found
}

fn is_end(event: &Event) -> bool {
    matches!(event.fact, Fact::Run(RunFact::ProcessEnded { .. }))
}
