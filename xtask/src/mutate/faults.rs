//! The known faults, each with the invariant that it breaks (docs/simulation.md).

/// A fault that is put into the copy.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) file: &'static str,
    pub(super) find: &'static str,
    pub(super) replacement: &'static str,
    pub(super) invariant: &'static str,
    pub(super) what: &'static str,
}

const CORE: &str = "process-runtime/src/drive/core.rs";
const STEP: &str = "process-runtime/src/drive/step.rs";
const RECOVER: &str = "process-runtime/src/drive/recover.rs";
const CHILDREN: &str = "process-runtime/src/drive/children.rs";
const ATTEMPTS: &str = "process-runtime/src/drive/attempts.rs";

pub(super) const FAULTS: [Fault; 22] = [
    fault(
        "I1",
        "a failed append is taken for a stored one",
        STEP,
        "return self.not_appended(now, id, error);",
        "let _ = error;",
    ),
    fault(
        "I1",
        "who asked is never answered where the store fails",
        CORE,
        "self.refuse_all(id, &error);\n        let Some(held)",
        "let Some(held)",
    ),
    fault(
        "I2",
        "an attempt may be handed out twice that may be only once",
        "process-engine/src/decide/run/lost.rs",
        "delivery == Delivery::AtMostOnce",
        "false && delivery == Delivery::AtMostOnce",
    ),
    fault(
        "I2",
        "the program of a lost attempt is not ended first",
        RECOVER,
        "Some(program) => programs.push((visit, token, program.clone())),",
        "Some(_) => held.queue.push_back(Request::own(Input::Lost { visit, token })),",
    ),
    fault(
        "I3",
        "a pause is not applied",
        "process-engine/src/run/apply.rs",
        "RunFact::Paused => self.paused = true,",
        "RunFact::Paused => self.paused = false,",
    ),
    fault(
        "I4",
        "what another program drives is not tried again",
        CORE,
        "Some(Place::Parked | Place::Elsewhere) => self.reload(id),",
        "Some(Place::Parked) => self.reload(id),\n                Some(Place::Elsewhere) => {}",
    ),
    fault(
        "I4",
        "a change behind an own append is not seen",
        STEP,
        "if is_behind {",
        "if is_behind && false {",
    ),
    fault(
        "I4",
        "the end of a child does not reach a parent that was let go of",
        CHILDREN,
        "above.retry_at.is_none() {\n                    self.reload(parent);",
        "above.retry_at.is_none() {\n                    let _ = parent;",
    ),
    fault(
        "I4",
        "a child that cannot be looked for is not looked for again",
        CHILDREN,
        "(held.retry_at, held.must_recover) = (Some(at), true);",
        "(held.retry_at, held.must_recover) = (Some(at), false);",
    ),
    fault(
        "I4",
        "the slot of an attempt is not given back",
        ATTEMPTS,
        "if let Some(slot) = &attempt.slot {\n            self.workers.give_back(slot);",
        "if let Some(slot) = &attempt.slot {\n            let _ = slot;",
    ),
    fault(
        "I4",
        "attempts that were lost are not taken up",
        RECOVER,
        "self.recover_attempts(id);",
        "",
    ),
    fault(
        "I4",
        "a wake at an instant is forgotten",
        CORE,
        "self.wakes.extend(at.map(|at| (at, id)));",
        "self.wakes.extend(at.map(|at| (at + TimeDelta::days(9_000), id)));",
    ),
    fault(
        "I5",
        "an exclusive gateway takes every true route",
        "process-engine/src/flow/gateway.rs",
        "Ok(true) => chosen.push(route),\n                        Err(failure) => error = Some(failure),\n                    }\n                    break;",
        "Ok(true) => {\n                            chosen.push(route);\n                            continue;\n                        }\n                        Err(failure) => error = Some(failure),\n                    }\n                    break;",
    ),
    fault(
        "I6",
        "what was undone is undone again behind a conflict",
        RECOVER,
        "let is_over = held.is_answered(&visit, token);",
        "let is_over = false;",
    ),
    fault(
        "I6",
        "the oldest completion is undone first",
        "process-engine/src/flow/ending.rs",
        "run.undo.last().copied()",
        "run.undo.first().copied()",
    ),
    fault(
        "I7",
        "what is due in a second is due",
        "process-engine/src/flow/due.rs",
        "take_while(|alarm| alarm.at <= now)",
        "take_while(|alarm| alarm.at <= now + chrono::TimeDelta::seconds(1))",
    ),
    fault(
        "I8",
        "a lost attempt is handed out again whatever was spent",
        "process-engine/src/decide/run/lost.rs",
        "is_taken_back && can_pay && !is_paused",
        "is_taken_back && !is_paused",
    ),
    fault(
        "I8",
        "the limit does not hold",
        "process-engine/src/flow/budget.rs",
        "if self.spent >= limit || fits.is_none_or(|sum| sum > limit) {",
        "if fits.is_none() {",
    ),
    fault(
        "I9",
        "a late cost counts each time that it comes",
        "process-engine/src/run/apply.rs",
        "visit.uncounted.retain(|other| other != token);",
        "",
    ),
    fault(
        "I9",
        "a result is taken whatever token it names",
        "process-engine/src/decide/run/visit.rs",
        "visit.token == Some(token)",
        "visit.token.is_some() && token > 0",
    ),
    fault(
        "I10",
        "adopting forgets what steps gave",
        "process-engine/src/run/begin.rs",
        "steps[*place] = state;",
        "steps[*place] = StepState { output: None, ..state };",
    ),
    fault(
        "I12",
        "a message that comes again counts again",
        "process-engine/src/decide/run/message.rs",
        "&& mailbox.ids.contains(id)",
        "&& mailbox.ids.contains(id)\n        && id == \"never\"",
    ),
];

const fn fault(
    invariant: &'static str,
    what: &'static str,
    file: &'static str,
    find: &'static str,
    replacement: &'static str,
) -> Fault {
    Fault { file, find, replacement, invariant, what }
}
