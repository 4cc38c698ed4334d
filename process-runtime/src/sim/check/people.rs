//! What people say counts once, while it is asked for (I12).

use process_engine::{Decided, RunFact};

use super::checker::{Checker, show};

impl Checker {
    pub(super) fn see_people(&mut self, fact: &RunFact) -> Result<(), String> {
        match fact {
            RunFact::ApprovalOpened { at, request, .. } => {
                let approvers = request.approvers.clone();
                if self.visit(at).approvers.replace(approvers).is_some() {
                    return Err(format!("I12 {} opens twice", show(at)));
                }
            }
            RunFact::ApprovalDecided { at, decision, decided_by, .. } => {
                let seen = self.visit(at);
                if seen.has_ended {
                    return Err(format!("I12 {} is decided behind its end", show(at)));
                }
                let Some(approvers) = &seen.approvers else {
                    return Err(format!("I12 {} is decided and was never asked for", show(at)));
                };
                let is_asked = approvers.is_empty() || approvers.contains(decided_by);
                if !is_asked && decided_by != "timeout" {
                    return Err(format!("I12 {decided_by} decides {} unasked", show(at)));
                }
                let is_yes = *decision == Decided::Approved;
                if seen.votes.insert(decided_by.clone(), is_yes).is_some() {
                    return Err(format!("I12 {decided_by} decides {} twice", show(at)));
                }
            }
            RunFact::MessageReceived { id: Some(id), .. } => {
                let is_new = self.message_ids.insert(id.clone());
                if !is_new {
                    return Err(format!("I12 message `{id}` comes twice"));
                }
            }
            RunFact::Paused if self.is_paused => return Err("I12 it is paused twice".to_owned()),
            RunFact::Resumed if !self.is_paused => {
                return Err("I12 it goes on and was not paused".to_owned());
            }
            _ => {}
        }
        Ok(())
    }
}
