//! Running a process in the foreground, as far as it goes by itself.

use std::{collections::BTreeSet, time::Duration};

use process_core::{ProcessId, event::Decided};

use crate::{
    approvals::{APPROVALS_MAX, OpenApproval},
    driving::{DriveOptions, Driving, Progress},
    error::{Error, ErrorKind},
    project::Procside,
};

/// How long attempts may take to end when whoever runs the process stops: less than the 10 s in
/// which a program that is told to end must have ended.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// What whoever attends to an approval says.
#[derive(Clone, Debug)]
pub struct Said {
    /// The decision.
    pub decision: Decided,
    /// Why.
    pub comment: Option<String>,
    /// By which way it was said, for the record: `terminal`, `--yes`.
    pub via: String,
}

/// Who attends to a process that runs in the foreground.
pub trait Attendant {
    /// Hears what happens.
    fn told(&mut self, progress: &Progress);

    /// Hears what could not be done.
    fn warned(&mut self, message: &str);

    /// Returns whether the process is to be left as it is.
    fn is_stopped(&self) -> bool {
        false
    }

    /// Returns whether it decides approvals at all.
    fn decides(&self) -> bool {
        false
    }

    /// Decides an approval as `by`; `None` leaves it to others.
    ///
    /// # Errors
    /// Whatever keeps it from being decided; the process is driven no further then.
    fn decide(&mut self, _approval: &OpenApproval, _by: &str) -> Result<Option<Said>, Error> {
        Ok(None)
    }
}

impl Procside {
    /// Drives a process and those that its steps start, until it has ended or only people, messages
    /// or others can move it; returns whether it came so far, and was not stopped.
    ///
    /// # Errors
    /// As [`Procside::drive`], and whatever the attendant says.
    pub fn run(
        &self,
        id: ProcessId,
        options: &DriveOptions,
        attendant: &mut dyn Attendant,
    ) -> Result<bool, Error> {
        let mut driving = self.drive(&[id], options)?;
        let mut declined = BTreeSet::new();
        let is_quiet = loop {
            while let Some(progress) = driving.next(LOOK) {
                attendant.told(&progress);
            }
            if attendant.is_stopped() {
                break false;
            }
            if driving.is_quiet() && !self.decide_next(&driving, id, &mut declined, attendant)? {
                break true;
            }
        };
        let _ = driving.shut_down(PATIENCE);
        if is_quiet {
            // Of the process itself its outcome tells.
            let others = &self.family(id)? - &BTreeSet::from([id]);
            self.why_held_back(&others)?.iter().for_each(|why| attendant.warned(why));
        }
        Ok(is_quiet)
    }

    /// Decides the first approval that waits, if anybody here does; `false` when there is none.
    fn decide_next(
        &self,
        driving: &Driving,
        id: ProcessId,
        declined: &mut BTreeSet<(ProcessId, String)>,
        attendant: &mut dyn Attendant,
    ) -> Result<bool, Error> {
        if !attendant.decides() {
            return Ok(false);
        }
        let driven = self.family(id)?;
        let open = self.approvals(APPROVALS_MAX)?.approvals;
        let next = open.into_iter().find(|approval| {
            driven.contains(&approval.process)
                && !declined.contains(&(approval.process, approval.step.to_string()))
        });
        let Some(approval) = next else { return Ok(false) };
        let mut approvers = approval.approvers.iter();
        let by = approvers
            .find(|approver| !approval.decided.contains(approver))
            .cloned()
            .unwrap_or_else(|| self.identity().to_owned());
        let Some(Said { decision, comment, via }) = attendant.decide(&approval, &by)? else {
            declined.insert((approval.process, approval.step.to_string()));
            return Ok(true);
        };
        let (process, step) = (approval.process, &approval.step);
        match driving.decide(process, step, &by, decision, comment, Some(via)) {
            // Somebody else was faster.
            Err(error) if is_late(error.kind()) => {
                attendant.warned(error.message());
                Ok(true)
            }
            outcome => outcome.map(|()| true),
        }
    }
}

fn is_late(kind: ErrorKind) -> bool {
    kind.exit_code() == ErrorKind::Conflict.exit_code()
}
