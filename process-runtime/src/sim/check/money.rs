//! What is spent: each cost once, and nothing with a cost to come beyond the limit (I8).

use process_engine::{
    Cost, RunFact, VisitId,
    definition::{Definition, StepKind},
};

use super::checker::{Checker, show};

/// What was spent, and what may be.
#[derive(Debug, Default)]
pub(super) struct Money {
    pub(super) spent: Cost,
    limit: Option<Cost>,
    given: Option<Cost>,
}

impl Money {
    pub(super) fn start(&mut self, definition: Option<&Definition>, given: Option<Cost>) {
        self.given = given;
        self.adopt(definition);
    }

    pub(super) fn adopt(&mut self, definition: Option<&Definition>) {
        let own = definition.and_then(|it| it.budget.as_ref()).and_then(|budget| budget.cost);
        self.limit = match (own, self.given) {
            (Some(own), Some(given)) => Some(own.min(given)),
            (own, given) => own.or(given),
        };
    }
}

impl Checker {
    pub(super) fn see_money(&mut self, fact: &RunFact) -> Result<(), String> {
        match fact {
            RunFact::StepStarted { at, reserved, .. } => {
                let is_costed = self.step(&at.step).is_some_and(|step| step.is_costed());
                if is_costed {
                    self.fits(at, reserved.unwrap_or_default())?;
                }
                let seen = self.visit(at);
                seen.reserved = *reserved;
            }
            RunFact::ChildOpened { at, .. } => self.fits(at, Cost::ZERO)?,
            RunFact::StepCompleted { at, cost, .. }
            | RunFact::StepFailed { at, cost, .. }
            | RunFact::StepSkipped { at, cost, .. } => {
                self.pay(at, *cost, None)?;
                self.visit(at).reserved = None;
            }
            RunFact::AttemptFailed { at, cost, .. } => {
                self.pay(at, *cost, None)?;
                self.visit(at).reserved = None;
            }
            RunFact::StepCancelled { at, .. }
            | RunFact::StepReleased { at }
            | RunFact::StepInDoubt { at } => self.visit(at).reserved = None,
            RunFact::LateCost { at, cost, token } => {
                self.pay(at, Some(*cost), Some(*token))?;
            }
            RunFact::StepCompensated { at, cost }
            | RunFact::CompensationFailed { at, cost, .. } => {
                // An undoing that costs has a token of its own.
                self.add(at, *cost)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn fits(&self, at: &VisitId, own: Cost) -> Result<(), String> {
        let Some(limit) = self.money.limit else { return Ok(()) };
        let reserved = self.visits.values().filter(|seen| seen.runs());
        let reserved = reserved.filter_map(|seen| seen.reserved);
        let sum = reserved.fold(self.money.spent, |sum, cost| sum.plus(cost).unwrap_or(sum));
        let sum = sum.plus(own).unwrap_or(sum);
        if self.money.spent >= limit || sum > limit {
            let spent = self.money.spent;
            return Err(format!("I8 {} begins with {spent} of {limit} spent", show(at)));
        }
        Ok(())
    }

    /// Counts what an attempt cost: the running one, or the one that a token names.
    fn pay(&mut self, at: &VisitId, cost: Option<Cost>, token: Option<u64>) -> Result<(), String> {
        let Some(cost) = cost else { return Ok(()) };
        let is_child =
            self.step(&at.step).is_some_and(|step| matches!(step.kind, StepKind::SubProcess(_)));
        let seen = self.visit(at);
        let token = token.or(seen.token);
        if let Some(token) = token.filter(|_| !is_child)
            && !seen.paid.insert(token)
        {
            return Err(format!("I9 the cost of token {token} of {} counts twice", show(at)));
        }
        self.add(at, Some(cost))
    }

    fn add(&mut self, at: &VisitId, cost: Option<Cost>) -> Result<(), String> {
        let sum = self.money.spent.plus(cost.unwrap_or_default());
        self.money.spent =
            sum.ok_or_else(|| format!("I8 the cost of {} is too large", show(at)))?;
        Ok(())
    }

    /// Returns what the events say that was spent.
    pub(in crate::sim) fn spent(&self) -> Cost {
        self.money.spent
    }
}
