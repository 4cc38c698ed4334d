//! What a person decides (rule E9).

use process_core::{
    definition::StepKind,
    event::{ApprovalRequest, Decided, RunFact},
};

use super::visit::{going, place};
use crate::{
    decide::text::{optional, text},
    flow::Deciding,
    input::{Decision, VisitRef},
    rejected::Rejected,
    run::{Key, Run, VisitState, Vote},
};

/// Each approver decides once; the approval ends as soon as its outcome is certain.
pub(crate) fn decide_approval(
    deciding: &mut Deciding<'_>,
    by: &str,
    wanted: &VisitRef,
    decision: Decision,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = waiting(run, wanted)?;
    let approval = run.visit(key).and_then(|visit| visit.approval.as_ref());
    let Some(approval) = approval else {
        return Err(Rejected::NotAnApproval(wanted.step.clone()));
    };
    let deadline = run.visit(key).and_then(|visit| visit.alarms.first()).map(|alarm| alarm.at);
    if !approval.is_overdue && deadline.is_some_and(|deadline| deadline <= deciding.now) {
        // The process is paused: the time is over all the same.
        return Err(Rejected::AlreadyDecided { step: wanted.step.clone() });
    }
    let request = approval.request.clone();
    if !request.approvers.is_empty() && !request.approvers.iter().any(|one| one == by) {
        let (step, by) = (wanted.step.clone(), by.to_owned());
        return Err(Rejected::Forbidden { step, by, approvers: request.approvers });
    }
    if approval.votes.iter().any(|vote| vote.by == by) {
        return Err(Rejected::AlreadyDecided { step: wanted.step.clone() });
    }
    let comment = decision.comment.map(|comment| optional("a comment", comment)).transpose()?;
    let is_rejection = decision.decision == Decided::Rejected;
    if is_rejection && request.needs_reason {
        let missing = Rejected::ReasonNeeded { step: wanted.step.clone() };
        let comment = comment.as_deref().map(str::trim).unwrap_or_default();
        if comment.is_empty() {
            return Err(missing);
        }
    }
    let decided_by = text("the name of an approver", by.to_owned())?;
    deciding.emit(RunFact::ApprovalDecided {
        at: run.at(key),
        decision: decision.decision,
        decided_by,
        comment,
        via: decision.via,
    });
    Ok(())
}

/// Returns the open approval that is meant, or why there is none.
fn waiting(run: &Run, wanted: &VisitRef) -> Result<Key, Rejected> {
    let step = place(run, &wanted.step)?;
    let is_open = |visit: &u32| run.is_in((step, *visit), VisitState::Approval);
    let open: Vec<u32> = run.open_visits(step).into_iter().filter(is_open).collect();
    match (wanted.visit, open.as_slice()) {
        (Some(visit), open) if open.contains(&visit) => Ok((step, visit)),
        (None, [visit]) => Ok((step, *visit)),
        (None, [_, _, ..]) => {
            Err(Rejected::SeveralVisits { step: wanted.step.clone(), visits: open })
        }
        _ => {
            let visit = match wanted.visit {
                Some(visit) => run.visit((step, visit)),
                None => run.steps[step].last_visit(),
            };
            // One that has ended was decided: by people, by time, or by the end of the process.
            Err(match visit.filter(|visit| visit.approval.is_some()) {
                Some(_) => Rejected::AlreadyDecided { step: wanted.step.clone() },
                None => Rejected::NotAnApproval(wanted.step.clone()),
            })
        }
    }
}

impl Deciding<'_> {
    /// Ends the first approval whose outcome is certain.
    pub(crate) fn settle_approval(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let steps = self.changed_steps();
        // A foreach of other work may have thousands of open visits, and none is an approval.
        let is_approval =
            |step: &usize| matches!(run.step_definition(*step).kind, StepKind::Approval(_));
        let decided = steps.into_iter().filter(is_approval).find_map(|step| {
            let visits = run.open_visits(step);
            visits.into_iter().find_map(|visit| run.decided((step, visit)))
        });
        let Some((key, vote)) = decided else { return false };
        let output =
            crate::run::decision(vote.decision, vote.comment.as_deref(), &vote.by, vote.at);
        match vote.decision {
            Decided::Approved => {
                let at = run.at(key);
                self.emit(RunFact::StepCompleted {
                    at,
                    output: output.into(),
                    cost: None,
                    routes: None,
                    back: Vec::new(),
                    message: None,
                });
            }
            Decided::Rejected => self.reject(key, output),
        }
        true
    }
}

impl Run {
    /// Returns the vote that decides an approval, if one does.
    fn decided(&self, key: Key) -> Option<(Key, Vote)> {
        let approval = self.visit(key)?.approval.as_ref()?;
        let count = |decision: Decided| {
            let votes = approval.votes.iter().filter(|vote| vote.decision == decision);
            u32::try_from(votes.count()).unwrap_or(u32::MAX)
        };
        let (approved, rejected) = (count(Decided::Approved), count(Decided::Rejected));
        let outcome = outcome(&approval.request, approved, rejected)?;
        let vote = approval.votes.iter().rfind(|vote| vote.decision == outcome)?;
        Some((key, vote.clone()))
    }
}

/// Returns what the votes make of a request, if that is certain.
fn outcome(request: &ApprovalRequest, approved: u32, rejected: u32) -> Option<Decided> {
    if approved >= request.needed {
        return Some(Decided::Approved);
    }
    if rejected == 0 {
        return None;
    }
    let all = u32::try_from(request.approvers.len()).unwrap_or(u32::MAX);
    // Where anybody may decide, or one decision is asked for, the first rejection is the outcome.
    let is_out_of_reach = all == 0 || rejected > all.saturating_sub(request.needed);
    (request.first_decides || is_out_of_reach).then_some(Decided::Rejected)
}
