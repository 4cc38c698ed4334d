//! What a driver must know of a run: attempts, processes that steps started, what moves by itself.

use chrono::{DateTime, Utc};
use process_core::{definition::StepKind, event::VisitId, money::Cost};

use super::{
    AlarmKind, OpenChild,
    state::{Program, Run, Visit, VisitState},
};

/// A process that a visit started, as long as it matters to the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildLink {
    /// The visit.
    pub visit: VisitId,
    /// The process.
    pub child: OpenChild,
    /// What the visit wants of it.
    pub wish: ChildWish,
}

/// What a visit wants of the process that it started (rule E11).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChildWish {
    /// That it ends: the visit does not wait for it any more, but what it cost counts.
    End,
    /// Its result.
    Result,
    /// That it goes on by itself; what it costs counts.
    Run,
}

impl Run {
    /// Returns when something moves it by itself the next time: the end of a patience - of an
    /// approval, of a wait for a message, of a claim - is no such thing.
    #[must_use]
    pub fn moves_at(&self) -> Option<DateTime<Utc>> {
        if self.end.is_some() {
            return None;
        }
        let is_patience = |kind: AlarmKind| match kind {
            AlarmKind::Approval | AlarmKind::Lease | AlarmKind::Wait => true,
            AlarmKind::Attempt
            | AlarmKind::Compensation
            | AlarmKind::CompensationRetry
            | AlarmKind::Grace
            | AlarmKind::Heartbeat
            | AlarmKind::Repeat
            | AlarmKind::Retry
            | AlarmKind::Timer => false,
        };
        self.next_alarm_of(|kind| !is_patience(kind))
    }

    /// Returns whether the process goes on and nothing will ever move it: no timer, no step that is
    /// open, nobody who paused it (rule E16).
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.end.is_none()
            && !self.paused
            && self.open.is_empty()
            && self.compensating.is_none()
            && self.next_alarm().is_none()
    }

    /// Returns the attempts that somebody performs, but for those that a person holds.
    pub fn performed(&self) -> impl Iterator<Item = (VisitId, &Visit)> + '_ {
        let visits = self.open.iter().filter_map(|key| Some((*key, self.visit(*key)?)));
        visits
            .filter(|(_, visit)| visit.state == VisitState::Running && visit.holder.is_none())
            .map(|(key, visit)| (self.at(key), visit))
    }

    /// Returns the visit that is being undone.
    #[must_use]
    pub fn undone_visit(&self) -> Option<VisitId> {
        Some(self.at(self.compensating.as_ref()?.visit))
    }

    /// Returns the visit with this id.
    #[must_use]
    pub fn visit_at(&self, at: &VisitId) -> Option<&Visit> {
        self.visit(self.key(at)?)
    }

    /// Returns what the visit wants of the process that it started, as long as that matters.
    #[must_use]
    pub fn child_link(&self, at: &VisitId) -> Option<ChildLink> {
        let key = self.key(at)?;
        let visit = self.visit(key)?;
        let child = visit.child.as_deref()?.clone();
        let wish = if visit.state == VisitState::Child {
            ChildWish::Result
        } else if visit.is_child_counted || self.is_child_taken(at) {
            return None;
        } else if self.has_loose_child(at) {
            ChildWish::Run
        } else {
            ChildWish::End
        };
        Some(ChildLink { visit: at.clone(), child, wish })
    }

    /// Returns every process that a visit started, as long as it matters.
    #[must_use]
    pub fn child_links(&self) -> Vec<ChildLink> {
        let mut links = Vec::new();
        for (place, step) in self.steps.iter().enumerate() {
            if !self.starts_processes(place) {
                continue;
            }
            let numbers = (1..=step.visits.last_number()).map(|number| self.at((place, number)));
            links.extend(numbers.filter_map(|at| self.child_link(&at)));
        }
        links
    }

    fn starts_processes(&self, step: usize) -> bool {
        matches!(self.definition.steps[step].kind, StepKind::SubProcess(_))
    }
}

impl Visit {
    /// Returns who holds it, when a person does.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// Returns what it cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Returns the program that performs its attempt, as far as that is known.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        self.program.as_deref()
    }
}
