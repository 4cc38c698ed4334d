//! Who can perform what, and how much of it at once.

use std::collections::BTreeMap;

use process_engine::definition::{Channel, StepDefinition, StepKind};
use serde_json::Value;

/// The part of a driver that performs a kind of step; every slot has a limit of its own.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Slot {
    /// An agent, by its name.
    Agent(String),
    /// Any agent that has no entry of its own.
    AnyAgent,
    /// Programs.
    Command,
    /// Steps that people would do.
    Manual,
    /// Notifications.
    Notification,
}

/// Which slots there are, and how many attempts each performs at once.
#[derive(Clone, Debug, Default)]
pub struct Workers {
    slots: BTreeMap<Slot, Use>,
    all: Use,
}

#[derive(Clone, Copy, Debug, Default)]
struct Use {
    limit: usize,
    used: usize,
}

/// How much more can be performed at once.
pub(super) struct Free {
    slots: BTreeMap<Slot, usize>,
    all: usize,
}

impl Free {
    /// Takes a place for one attempt; `false` when there is none.
    pub(super) fn take(&mut self, slot: &Slot) -> bool {
        let Some(free) = self.slots.get_mut(slot).filter(|free| **free > 0) else { return false };
        if self.all == 0 {
            return false;
        }
        (*free, self.all) = (*free - 1, self.all - 1);
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all == 0
    }
}

impl Workers {
    /// Returns workers that perform nothing yet, and at most so many attempts at once.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { slots: BTreeMap::new(), all: Use { limit, used: 0 } }
    }

    /// Lets a slot perform at most so many attempts at once.
    pub fn allow(&mut self, slot: Slot, limit: usize) {
        self.slots.entry(slot).or_default().limit = limit;
    }

    /// Returns the slot that performs a step; `None` leaves it to people and other programs.
    #[must_use]
    pub fn slot_of(&self, step: &StepDefinition) -> Option<Slot> {
        match &step.kind {
            StepKind::AgentTask { agent, .. } => {
                match agent.as_ref()?.constant() {
                    Some(name) => self.agent(name),
                    // Which agent an expression names shows only when the step is handed out.
                    None => self.slots.keys().find(|slot| is_agent(slot)).cloned(),
                }
            }
            StepKind::Command(_) => self.known(Slot::Command),
            StepKind::Manual { .. } => self.known(Slot::Manual),
            StepKind::Notification(_) => self.known(Slot::Notification),
            StepKind::Approval(_)
            | StepKind::Gateway(_)
            | StepKind::SubProcess(_)
            | StepKind::Timer(_)
            | StepKind::WaitFor(_) => None,
        }
    }

    /// Returns the slot that performs a step whose definition may start programs and send things, or
    /// may not.
    pub(super) fn slot_for(&self, step: &StepDefinition, may_execute: bool) -> Option<Slot> {
        let is_harmless = match &step.kind {
            StepKind::Manual { .. } => true,
            StepKind::Notification(notification) => notification.channel == Channel::Log,
            StepKind::AgentTask { .. }
            | StepKind::Approval(_)
            | StepKind::Command(_)
            | StepKind::Gateway(_)
            | StepKind::SubProcess(_)
            | StepKind::Timer(_)
            | StepKind::WaitFor(_) => false,
        };
        if may_execute || is_harmless { self.slot_of(step) } else { None }
    }

    /// Returns the slot that performs a task as it was handed out.
    pub(super) fn slot_of_task(&self, task: &Value) -> Option<Slot> {
        match task["type"].as_str()? {
            "agent_task" => self.agent(task["agent"].as_str()?),
            "command" => self.known(Slot::Command),
            "manual" => self.known(Slot::Manual),
            "notification" => self.known(Slot::Notification),
            _ => None,
        }
    }

    /// Returns how much more can be performed at once.
    pub(super) fn clone_free(&self) -> Free {
        let free = |used: &Use| used.limit.saturating_sub(used.used);
        let slots = self.slots.iter().map(|(slot, used)| (slot.clone(), free(used))).collect();
        Free { slots, all: free(&self.all) }
    }

    /// Returns whether no slot can take anything.
    pub(super) fn are_all_taken(&self) -> bool {
        self.all.used >= self.all.limit
    }

    pub(super) fn take(&mut self, slot: &Slot) {
        self.all.used += 1;
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.used += 1;
        }
    }

    pub(super) fn give_back(&mut self, slot: &Slot) {
        self.all.used = self.all.used.saturating_sub(1);
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.used = slot.used.saturating_sub(1);
        }
    }

    fn agent(&self, name: &str) -> Option<Slot> {
        self.known(Slot::Agent(name.to_owned())).or_else(|| self.known(Slot::AnyAgent))
    }

    fn known(&self, slot: Slot) -> Option<Slot> {
        self.slots.contains_key(&slot).then_some(slot)
    }
}

fn is_agent(slot: &Slot) -> bool {
    match slot {
        Slot::Agent(_) | Slot::AnyAgent => true,
        Slot::Command | Slot::Manual | Slot::Notification => false,
    }
}
