//! Who performs what.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    drive::{Slot, Workers},
    handler::Handler,
};

/// How many attempts are performed at once, when nobody says otherwise.
pub const CONCURRENCY: usize = 16;

/// The handlers of a driver; what none of them performs is left to people and other programs.
#[derive(Clone, Default)]
pub struct Team {
    members: BTreeMap<Slot, Member>,
    limit: Option<usize>,
}

#[derive(Clone)]
struct Member {
    handler: Arc<dyn Handler>,
    limit: Option<usize>,
}

impl Team {
    /// Returns a team that performs nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a handler perform the steps of a slot.
    #[must_use]
    pub fn with(mut self, slot: Slot, handler: impl Handler + 'static) -> Self {
        self.members.insert(slot, Member { handler: Arc::new(handler), limit: None });
        self
    }

    /// Lets a handler perform the steps of a slot, unless another one does already.
    #[must_use]
    pub fn or(self, slot: Slot, handler: impl Handler + 'static) -> Self {
        if self.members.contains_key(&slot) { self } else { self.with(slot, handler) }
    }

    /// Lets a handler perform the steps that name this agent.
    #[must_use]
    pub fn with_agent(self, name: impl Into<String>, handler: impl Handler + 'static) -> Self {
        self.with(Slot::Agent(name.into()), handler)
    }

    /// Lets a slot perform at most so many attempts at once, instead of as many as all together.
    #[must_use]
    pub fn with_limit_of(mut self, slot: &Slot, limit: usize) -> Self {
        if let Some(member) = self.members.get_mut(slot) {
            member.limit = Some(limit);
        }
        self
    }

    /// Performs at most so many attempts at once, instead of [`CONCURRENCY`].
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Returns the places that there are to perform something.
    pub(crate) fn workers(&self) -> Workers {
        let limit = self.limit.unwrap_or(CONCURRENCY);
        let mut workers = Workers::new(limit);
        for (slot, member) in &self.members {
            workers.allow(slot.clone(), member.limit.unwrap_or(limit));
        }
        workers
    }

    /// Returns who performs what belongs to a slot.
    pub(crate) fn member(&self, slot: &Slot) -> Option<&Arc<dyn Handler>> {
        self.members.get(slot).map(|member| &member.handler)
    }
}
