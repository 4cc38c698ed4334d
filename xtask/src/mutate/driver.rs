//! Known faults of what drives processes, and of the simulation itself.

use super::fault::{Fault, fault};

const CORE: &str = "process-runtime/src/drive/core.rs";
const STEP: &str = "process-runtime/src/drive/step.rs";
const RECOVER: &str = "process-runtime/src/drive/recover.rs";
const CHILDREN: &str = "process-runtime/src/drive/children.rs";
const ATTEMPTS: &str = "process-runtime/src/drive/attempts.rs";
const RANDOM: &str = "process-runtime/src/sim/random.rs";

pub(super) const FAULTS: [Fault; 15] = [
    fault(
        "I1",
        "a failed append is taken for a stored one",
        STEP,
        "return self.not_appended(now, id, error);",
        "if !ON { return self.not_appended(now, id, error); }",
    ),
    fault(
        "I1",
        "who asked is never answered where the store fails",
        CORE,
        "self.act(Action::Answer { answer, outcome: Err(Refused::Store(error.clone())) });",
        "if !ON {
            self.act(Action::Answer { answer, outcome: Err(Refused::Store(error.clone())) });
        }",
    ),
    fault(
        "I2",
        "an attempt that goes on is performed again",
        RECOVER,
        "self.take_up(now, id, visit);",
        "if ON {
                let token = self.held.get(&id).and_then(|held| held.execution()?.run()?.visit_at(&visit)?.token());
                let input = process_engine::Input::Lost { visit, token: token.unwrap_or_default() };
                self.ask(now, id, super::held::Request::own(input));
            } else {
                self.take_up(now, id, visit);
            }",
    ),
    fault(
        "I4",
        "what another program drives is not tried again",
        CORE,
        "Some(Place::Parked | Place::Elsewhere) => self.reload(id),",
        "Some(Place::Elsewhere) if ON => {}
                Some(Place::Parked | Place::Elsewhere) => self.reload(id),",
    ),
    fault(
        "I4",
        "a change behind an own append is not seen",
        STEP,
        "if is_behind {",
        "if is_behind && !ON {",
    ),
    fault(
        "I4",
        "the end of a child does not reach a parent that was let go of",
        CHILDREN,
        "above.retry_at.is_none() {\n                    self.reload(parent);",
        "above.retry_at.is_none() && !ON {\n                    self.reload(parent);",
    ),
    fault(
        "I4",
        "a child that cannot be looked for is not looked for again",
        CHILDREN,
        "(held.retry_at, held.must_recover) = (Some(at), true);",
        "(held.retry_at, held.must_recover) = (Some(at), !ON);",
    ),
    fault(
        "I4",
        "the slot of an attempt is not given back",
        ATTEMPTS,
        "if let Some(slot) = &attempt.slot {\n            self.workers.give_back(slot);",
        "if let Some(slot) = &attempt.slot && !ON {\n            self.workers.give_back(slot);",
    ),
    fault(
        "I4",
        "attempts that were lost are not taken up",
        RECOVER,
        "self.recover_attempts(now, id);",
        "if !ON { self.recover_attempts(now, id); }",
    ),
    fault(
        "I4",
        "what undoes is not taken up when it was lost",
        RECOVER,
        "self.recover_undoing(now, id);",
        "if !ON { self.recover_undoing(now, id); }",
    ),
    fault(
        "I4",
        "a wake at an instant is forgotten",
        CORE,
        "self.wakes.extend(at.map(|at| (at, id)));",
        "if !ON { self.wakes.extend(at.map(|at| (at, id))); }",
    ),
    fault(
        "I4",
        "a program that knows its attempt is over keeps it",
        ATTEMPTS,
        "let is_stale = is_unwanted || token != Some(attempt.token);",
        "let is_stale = (is_unwanted || token != Some(attempt.token)) && !ON;",
    ),
    fault(
        "I6",
        "what was undone is undone again behind a conflict",
        RECOVER,
        "let is_over = held.is_answered(&visit, token);",
        "let is_over = held.is_answered(&visit, token) && !ON;",
    ),
    fault(
        "I13",
        "chance depends on the program",
        RANDOM,
        "Self { state: seed }",
        "Self { state: seed ^ if ON { u64::from(std::process::id()) } else { 0 } }",
    ),
    fault(
        "I13",
        "the order in which processes get workers depends on the program",
        CORE,
        "&& let Some(id) = hungry.pop_first()",
        "&& let Some(id) = if ON && std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0) % 2 == 0 {
                hungry.pop_last()
            } else {
                hungry.pop_first()
            }",
    ),
];
