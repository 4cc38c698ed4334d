//! One journal, event by event.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use process_engine::{
    Event, Fact, RunFact, StepId, VisitId,
    definition::{Definition, StepDefinition},
};
use serde_json::Value;

use super::{money::Money, undo::Undo};

/// What the events of a journal said so far, as far as the checks need it. It does not know the
/// engine: what it notes, the events say.
#[derive(Debug, Default)]
pub(in crate::sim) struct Checker {
    pub(super) definition: Option<Arc<Definition>>,
    pub(super) visits: BTreeMap<VisitId, Seen>,
    /// How often a step was activated since it was reset, but for items and turns.
    pub(super) activations: BTreeMap<StepId, u32>,
    /// Instants before which a repeat has no next turn.
    pub(super) turns: BTreeMap<(StepId, u32), DateTime<Utc>>,
    /// Items of each foreach that have a visit.
    pub(super) items: BTreeSet<(StepId, u32, u32)>,
    pub(super) tokens: BTreeSet<u64>,
    pub(super) message_ids: BTreeSet<String>,
    pub(super) messages_taken: BTreeSet<u64>,
    pub(super) money: Money,
    pub(super) undo: Undo,
    pub(super) is_paused: bool,
    pub(super) is_ending: bool,
    pub(super) has_ended: bool,
    /// Whether the definition was changed: what was a fault before may be none.
    pub(super) was_adopted: bool,
    seq: u64,
    pub(super) at: DateTime<Utc>,
    pub(super) by: String,
}

/// What is known of a visit.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) attempt: u32,
    /// What a result must name, while an attempt runs.
    pub(super) token: Option<u64>,
    /// The person who holds it.
    pub(super) holder: Option<String>,
    pub(super) is_doubtful: bool,
    pub(super) has_ended: bool,
    pub(super) has_completed: bool,
    pub(super) is_released: bool,
    pub(super) retry_at: Option<DateTime<Utc>>,
    pub(super) timer: Option<DateTime<Utc>>,
    pub(super) deadline: Option<DateTime<Utc>>,
    pub(super) attempt_deadline: Option<DateTime<Utc>>,
    pub(super) alive_until: Option<DateTime<Utc>>,
    pub(super) votes: BTreeMap<String, bool>,
    pub(super) approvers: Option<Vec<String>>,
    /// Dispatches of this visit, by attempt.
    pub(super) dispatches: BTreeMap<u32, u32>,
    pub(super) reserved: Option<process_engine::Cost>,
    /// Tokens whose cost was recorded.
    pub(super) paid: BTreeSet<u64>,
}

impl Checker {
    /// Takes in an event, and says what is wrong with it.
    pub(in crate::sim) fn see(&mut self, event: &Event) -> Result<(), String> {
        if event.seq != self.seq + 1 {
            return Err(format!("I1 it stands behind event {}", self.seq));
        }
        self.seq = event.seq;
        let at = event.at.instant();
        if at < self.at {
            return Err("I7 it is earlier than the event before".to_owned());
        }
        (self.at, self.by) = (at, event.by.clone());
        let Fact::Run(fact) = &event.fact else { return Ok(()) };
        self.see_clock(fact)?;
        self.see_people(fact)?;
        self.see_money(fact)?;
        self.see_undo(event.seq, fact)?;
        self.see_visits(event.seq, fact)?;
        self.see_process(fact)
    }

    /// Takes in what concerns the process as a whole.
    fn see_process(&mut self, fact: &RunFact) -> Result<(), String> {
        match fact {
            RunFact::Started(start) => {
                self.define(&start.definition)?;
                self.money.start(self.definition.as_deref(), start.limit);
            }
            RunFact::Adopted { definition, .. } => {
                self.define(definition)?;
                self.money.adopt(self.definition.as_deref());
                self.was_adopted = true;
            }
            RunFact::Paused => self.is_paused = true,
            RunFact::Resumed => self.is_paused = false,
            RunFact::Ending { .. } => self.is_ending = true,
            RunFact::CompensationRequested => self.has_ended = false,
            RunFact::ProcessEnded { .. } => {
                if self.has_ended {
                    return Err("I2 the process ends twice".to_owned());
                }
                (self.has_ended, self.is_ending) = (true, false);
                let open = self.visits.iter().find(|(_, seen)| seen.runs());
                if let Some((at, _)) = open {
                    return Err(format!("I2 the process ends while {} runs", show(at)));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn define(&mut self, definition: &Value) -> Result<(), String> {
        let read = Definition::from_value(definition);
        self.definition = Some(Arc::new(read.map_err(|error| format!("I3 {error}"))?));
        Ok(())
    }

    pub(super) fn step(&self, id: &StepId) -> Option<&StepDefinition> {
        Some(self.definition.as_ref()?.step(id.as_str())?.1)
    }

    pub(super) fn visit(&mut self, at: &VisitId) -> &mut Seen {
        self.visits.entry(at.clone()).or_default()
    }
}

impl Seen {
    /// Returns whether an attempt of it runs, as far as anybody knows.
    pub(super) fn runs(&self) -> bool {
        self.token.is_some() && !self.is_doubtful
    }
}

/// Returns a visit as people write it.
pub(super) fn show(at: &VisitId) -> String {
    format!("{}#{}", at.step, at.visit)
}
