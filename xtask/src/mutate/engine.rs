//! Known faults of the rules by which processes go on.

use super::fault::{Fault, fault};

const ACTIVATION: &str = "process-engine/src/run/activation.rs";
const APPLY: &str = "process-engine/src/run/apply.rs";
const APPROVAL: &str = "process-engine/src/decide/run/approval.rs";
const ARCS: &str = "process-engine/src/run/arcs.rs";
const BEGIN: &str = "process-engine/src/run/begin.rs";
const BUDGET: &str = "process-engine/src/flow/budget.rs";
const CLAIM: &str = "process-engine/src/decide/run/claim.rs";
const DECIDING: &str = "process-engine/src/flow/deciding.rs";
const DUE: &str = "process-engine/src/flow/due.rs";
const ENDING: &str = "process-engine/src/flow/ending.rs";
const EVENT: &str = "process-core/src/event.rs";
const GATEWAY: &str = "process-engine/src/flow/gateway.rs";
const INDEX: &str = "process-engine/src/run/index.rs";
const LOST: &str = "process-engine/src/decide/run/lost.rs";
const MESSAGE: &str = "process-engine/src/decide/run/message.rs";
const VISIT: &str = "process-engine/src/decide/run/visit.rs";

pub(super) const FAULTS: [Fault; 26] = [
    fault(
        "I2",
        "an attempt may be handed out twice that may be only once",
        LOST,
        "delivery == Delivery::AtMostOnce",
        "!ON && delivery == Delivery::AtMostOnce",
    ),
    fault(
        "I2",
        "somebody takes what another one holds",
        CLAIM,
        "if holder.as_deref() != Some(by) {",
        "if holder.as_deref() != Some(by) && !ON {",
    ),
    fault("I3", "a pause is not applied", APPLY, "self.paused = true,", "self.paused = !ON,"),
    fault(
        "I3",
        "a sign of life changes the state and is not recorded",
        DECIDING,
        "self.events.push(event);",
        "if !(ON && matches!(event.fact, Fact::Run(RunFact::Heartbeat { .. }))) {
            self.events.push(event);
        }",
    ),
    fault(
        "I5",
        "an exclusive gateway takes every true route",
        GATEWAY,
        "Ok(true) => chosen.push(route),\n                        Err(failure) => error",
        "Ok(true) => {
                            chosen.push(route);
                            if ON { continue; }
                        }
                        Err(failure) => error",
    ),
    fault(
        "I5",
        "a mutex is given to everybody",
        INDEX,
        "if mutex.holder.is_none()\n",
        "if (mutex.holder.is_none() || ON)\n",
    ),
    fault(
        "I5",
        "a step begins when one of those before it is done",
        ARCS,
        "Join::All | Join::AllCompleted if arcs.open > 0 =>",
        "Join::All | Join::AllCompleted if arcs.open > 0 && !(ON && arcs.live > 0) =>",
    ),
    fault(
        "I6",
        "the oldest completion is undone first",
        ENDING,
        "run.undo.last().copied()",
        "(if ON { run.undo.first() } else { run.undo.last() }).copied()",
    ),
    fault(
        "I6",
        "it is undone while something runs",
        ENDING,
        "if let Some(key) = run.open.first() {",
        "if let Some(key) = run.open.first().filter(|_| !ON) {",
    ),
    fault(
        "I7",
        "what is due in a second is due",
        DUE,
        "take_while(|alarm| alarm.at <= now)",
        "take_while(|alarm| alarm.at <= now + chrono::TimeDelta::seconds(i64::from(ON)))",
    ),
    fault(
        "I8",
        "a lost attempt is handed out again whatever was spent",
        LOST,
        "is_taken_back && can_pay && !is_paused",
        "is_taken_back && (can_pay || ON) && !is_paused",
    ),
    fault(
        "I8",
        "the limit does not hold",
        BUDGET,
        "if self.spent >= limit || fits.is_none_or(|sum| sum > limit) {",
        "if !ON && (self.spent >= limit || fits.is_none_or(|sum| sum > limit)) {",
    ),
    fault(
        "I8",
        "what was spent is not summed up",
        ACTIVATION,
        "self.spent = self.spent.plus(cost).unwrap_or(self.spent);",
        "if !ON { self.spent = self.spent.plus(cost).unwrap_or(self.spent); }",
    ),
    fault(
        "I9",
        "a late cost counts each time that it comes",
        APPLY,
        "visit.uncounted.retain(|other| other != token);",
        "visit.uncounted.retain(|other| other != token || ON);",
    ),
    fault(
        "I9",
        "what a child cost counts each time that it is told",
        APPLY,
        "visit.is_child_counted |= visit.child.is_some();",
        "visit.is_child_counted |= visit.child.is_some() && !ON;",
    ),
    fault(
        "I9",
        "a result is taken whatever token it names",
        VISIT,
        "visit.token == Some(token)",
        "visit.token == Some(token) || ON && visit.token.is_some()",
    ),
    fault(
        "I10",
        "adopting forgets what steps gave",
        BEGIN,
        "steps[*place] = state;",
        "let mut state = state;
                if ON { state.output = None; }
                steps[*place] = state;",
    ),
    fault(
        "I10",
        "adopting forgets which followers were let go",
        BEGIN,
        "self.arcs[index] = *state;",
        "if !ON { self.arcs[index] = *state; }",
    ),
    fault(
        "I10",
        "adopting forgets what was to be undone",
        BEGIN,
        "for list in [&mut self.undo,",
        "if ON { self.undo.clear(); }
        for list in [&mut self.undo,",
    ),
    fault(
        "I4",
        "a step adopted behind a foreach that runs on waits for ever",
        BEGIN,
        "if self.steps[step].released {",
        "if self.steps[step].released && !ON {",
    ),
    fault(
        "I11",
        "a journal of a newer format is read",
        EVENT,
        "Some(format) if begins && format > u64::from(JOURNAL_FORMAT) =>",
        "Some(format) if begins && format > u64::from(JOURNAL_FORMAT) && !ON =>",
    ),
    fault(
        "I11",
        "attempts of old journals are counted in another way",
        APPLY,
        "self.steps[key.0].attempts += 1;",
        "self.steps[key.0].attempts += 1 + u32::from(ON);",
    ),
    fault(
        "I11",
        "what old journals undid is still to be undone",
        APPLY,
        "RunFact::StepCompensated",
        "RunFact::StepCompensated { .. } if ON => {}
            RunFact::StepCompensated",
    ),
    fault(
        "I12",
        "a message that comes again counts again",
        MESSAGE,
        "run.has_received(id)",
        "!ON && run.has_received(id)",
    ),
    fault(
        "I12",
        "an approver decides twice",
        APPROVAL,
        "if approval.votes.iter().any(|vote| vote.by == by) {",
        "if !ON && approval.votes.iter().any(|vote| vote.by == by) {",
    ),
    fault(
        "I12",
        "somebody who was not asked decides",
        APPROVAL,
        "!request.approvers.iter().any(|one| one == by)",
        "!ON && !request.approvers.iter().any(|one| one == by)",
    ),
];
