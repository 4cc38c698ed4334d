//! What was done is undone newest first, once, when nothing runs any more (I6).

use std::collections::{BTreeMap, BTreeSet};

use process_engine::{ProcessStatus, RunFact, VisitId, definition::StepKind};

use super::checker::{Checker, show};

/// What is undone of a process.
#[derive(Debug, Default)]
pub(super) struct Undo {
    /// Completed visits, by the number of the event.
    completed: BTreeMap<VisitId, u64>,
    /// Visits that were undone, or could not be.
    over: BTreeSet<VisitId>,
    /// The visit that is being undone, its attempt and whether that runs.
    current: Option<(VisitId, u32, bool)>,
    /// When the visit completed that was undone last.
    last: Option<u64>,
}

impl Checker {
    pub(super) fn see_undo(&mut self, seq: u64, fact: &RunFact) -> Result<(), String> {
        match fact {
            RunFact::StepCompleted { at, .. } => {
                self.undo.completed.insert(at.clone(), seq);
            }
            RunFact::CompensationStarted { at, attempt, token, .. } => {
                if *token != seq || !self.tokens.insert(*token) {
                    return Err(format!("I6 token {token} of {} is not its own", show(at)));
                }
                self.undoing(at, *attempt)?;
            }
            RunFact::CompensationFailed { at, attempt, retry_at, .. } => {
                let current = self.undo.current.take();
                let is_it =
                    current.as_ref().is_some_and(|(it, number, _)| it == at && number == attempt);
                // What cannot be said is no attempt at all.
                if current.is_some() && !is_it {
                    return Err(format!("I6 undoing {} fails and does not run", show(at)));
                }
                match retry_at {
                    Some(_) => self.undo.current = Some((at.clone(), *attempt, false)),
                    None => {
                        self.undo.over.insert(at.clone());
                        self.passed(at)?;
                    }
                }
            }
            RunFact::StepCompensated { at, .. } => {
                let current = self.undo.current.take();
                if !current.is_some_and(|(it, _, is_running)| it == *at && is_running) {
                    return Err(format!("I6 {} is undone and was not being undone", show(at)));
                }
                self.undo.over.insert(at.clone());
                self.passed(at)?;
            }
            RunFact::Ending { .. } | RunFact::CompensationRequested => self.undo.last = None,
            RunFact::ProcessEnded { status, compensated, .. } => {
                return self.all_undone(*status, *compensated);
            }
            _ => {}
        }
        Ok(())
    }

    fn undoing(&mut self, at: &VisitId, attempt: u32) -> Result<(), String> {
        let running = self.visits.iter().find(|(_, seen)| seen.runs());
        if let Some((other, _)) = running {
            return Err(format!("I6 {} is undone while {} runs", show(at), show(other)));
        }
        if !self.undo.completed.contains_key(at) || self.undo.over.contains(at) {
            return Err(format!("I6 {} is undone, and there is nothing to undo", show(at)));
        }
        let expected = match &self.undo.current {
            Some((it, number, false)) if it == at => number + 1,
            Some((it, _, _)) => return Err(format!("I6 {} and {} are undone", show(it), show(at))),
            None => 1,
        };
        if attempt != expected {
            return Err(format!("I6 attempt {attempt} to undo {} follows", show(at)));
        }
        self.undo.current = Some((at.clone(), attempt, true));
        Ok(())
    }

    /// The newest completion is undone first.
    fn passed(&mut self, at: &VisitId) -> Result<(), String> {
        let Some(seq) = self.undo.completed.get(at).copied() else { return Ok(()) };
        if self.undo.last.is_some_and(|last| last < seq) {
            return Err(format!("I6 {} is undone behind an older one", show(at)));
        }
        self.undo.last = Some(seq);
        Ok(())
    }

    fn all_undone(&self, status: ProcessStatus, is_compensated: bool) -> Result<(), String> {
        let is_bad = matches!(status, ProcessStatus::Failed | ProcessStatus::Cancelled);
        if self.undo.current.is_some() {
            return Err("I6 the process ends while something is undone".to_owned());
        }
        if !is_bad && !is_compensated || self.was_adopted {
            return Ok(());
        }
        let forgotten = self.undo.completed.keys().find(|at| {
            let step = self.step(&at.step);
            let can_be = step.is_some_and(|step| {
                step.compensation.is_some() && !matches!(step.kind, StepKind::SubProcess(_))
            });
            can_be && !self.undo.over.contains(at)
        });
        match forgotten {
            Some(at) => Err(format!("I6 {} was not undone", show(at))),
            None => Ok(()),
        }
    }
}
