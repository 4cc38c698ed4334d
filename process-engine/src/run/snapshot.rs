//! The run in a snapshot: its state, without the indexes that follow from it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use process_core::{definition::Definition, event::Parent, money::Cost};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::{
    Alarm, ArcState, Compensating, Ending, Feedback, Held, Key, Mailbox, Mutex, Run, RunEnd,
    StepState, VisitState,
};
use crate::snapshot::SnapshotError;

/// All that is kept of a run (docs/formats/snapshot.md); indexes are made anew from it.
#[derive(Deserialize, Serialize)]
struct Kept {
    definition: Value,
    former: Vec<Value>,
    input: Value,
    trigger: Value,
    seed: u64,
    key: Option<String>,
    parent: Option<Parent>,
    limit: Option<Cost>,
    given_limit: Option<Cost>,
    stop_grace_ms: u64,
    started_at: DateTime<Utc>,
    about: Value,
    steps: Vec<StepState>,
    arcs: Vec<ArcState>,
    joins: Vec<usize>,
    alarms: Vec<Alarm>,
    mutexes: Vec<(String, Mutex)>,
    mailbox: Mailbox,
    cancelling: Vec<usize>,
    looping: Vec<(usize, usize)>,
    undo: Vec<Key>,
    compensating: Option<Compensating>,
    compensated: Vec<Key>,
    left: Vec<Key>,
    failing: Option<(usize, String)>,
    ending: Option<Ending>,
    end: Option<RunEnd>,
    paused: bool,
    spent: Cost,
    notices: Vec<(u64, Value)>,
    feedback: Vec<Feedback>,
    warnings: Vec<String>,
}

impl Run {
    /// Returns the run as JSON.
    ///
    /// # Errors
    /// A value that JSON cannot hold; there is none in a run that events made.
    pub(crate) fn to_snapshot(&self) -> Result<Value, SnapshotError> {
        let kept = Kept {
            definition: self.definition.stored(),
            former: self.former.iter().map(|former| former.stored()).collect(),
            input: self.input.clone(),
            trigger: self.trigger.clone(),
            seed: self.seed,
            key: self.key.clone(),
            parent: self.parent.clone(),
            limit: self.limit,
            given_limit: self.given_limit,
            stop_grace_ms: u64::try_from(self.stop_grace.as_millis()).unwrap_or(u64::MAX),
            started_at: self.started_at,
            about: self.about.clone(),
            steps: self.steps.clone(),
            arcs: self.arcs.clone(),
            joins: self.joins.iter().copied().collect(),
            alarms: self.alarms.iter().copied().collect(),
            mutexes: self.mutexes.clone().into_iter().collect(),
            mailbox: self.mailbox.clone(),
            cancelling: self.cancelling.iter().copied().collect(),
            looping: self.looping.clone(),
            undo: self.undo.clone(),
            compensating: self.compensating.clone(),
            compensated: self.compensated.clone(),
            left: self.left.clone(),
            failing: self.failing.clone(),
            ending: self.ending.clone(),
            end: self.end.clone(),
            paused: self.paused,
            spent: self.spent,
            notices: self.notices.clone().into_iter().collect(),
            feedback: self.feedback.clone(),
            warnings: self.warnings.clone(),
        };
        serde_json::to_value(kept).map_err(|error| SnapshotError(error.to_string()))
    }

    /// Reads a run from the JSON of a snapshot.
    ///
    /// # Errors
    /// Another form, or something that does not fit together.
    pub(crate) fn from_snapshot(value: &Value) -> Result<Self, SnapshotError> {
        let kept = Kept::deserialize(value).map_err(|error| SnapshotError(error.to_string()))?;
        let definition = Definition::from_value(&kept.definition).map_err(SnapshotError)?;
        let former: Result<Vec<Held>, String> = kept
            .former
            .iter()
            .map(|value| Definition::from_value(value).map(|read| Held(Arc::new(read))))
            .collect();
        let former = former.map_err(SnapshotError)?;
        let fits = kept.steps.len() == definition.steps.len()
            && kept.arcs.len() == definition.graph.arcs().len();
        if !fits {
            return Err(SnapshotError("its steps are not those of its definition".to_owned()));
        }
        let mut run = Self {
            repeats: super::begin::repeats(&definition),
            definition: Held(Arc::new(definition)),
            former,
            input: kept.input,
            trigger: kept.trigger,
            seed: kept.seed,
            key: kept.key,
            parent: kept.parent,
            limit: kept.limit,
            given_limit: kept.given_limit,
            stop_grace: std::time::Duration::from_millis(kept.stop_grace_ms),
            started_at: kept.started_at,
            about: kept.about,
            not_over: kept.steps.iter().filter(|step| !step.is_over).count(),
            steps: kept.steps,
            arcs: kept.arcs,
            joins: kept.joins.into_iter().collect(),
            ready: Default::default(),
            opening: Default::default(),
            open: Default::default(),
            counts: [0; VisitState::SLOTS],
            groups: Default::default(),
            alarms: kept.alarms.into_iter().collect(),
            mutexes: kept.mutexes.into_iter().collect(),
            waiters: Default::default(),
            untils: Default::default(),
            mailbox: kept.mailbox,
            cancelling: kept.cancelling.into_iter().collect(),
            looping: kept.looping,
            undo: kept.undo,
            compensating: kept.compensating,
            compensated: kept.compensated,
            left: kept.left,
            failing: kept.failing,
            ending: kept.ending,
            end: kept.end,
            paused: kept.paused,
            spent: kept.spent,
            reserved: Cost::ZERO,
            reserve_max: Cost::ZERO,
            costed_running: 0,
            notices: kept.notices.into_iter().collect(),
            feedback: kept.feedback,
            warnings: kept.warnings,
        };
        run.reserve_max = run.most_reserved();
        run.index_all();
        Ok(run)
    }

    /// Makes the indexes of what is open anew.
    fn index_all(&mut self) {
        let mut begun = Vec::new();
        for step in 0..self.steps.len() {
            let is_costed = self.definition.steps[step].is_costed();
            let mutex = self.definition.steps[step].mutex.clone();
            let groups: Vec<u32> = self.steps[step]
                .activations
                .iter()
                .filter(|(_, activation)| activation.group.is_some())
                .map(|(number, _)| *number)
                .collect();
            self.groups.extend(groups.into_iter().map(|group| (step, group)));
            for (number, visit) in (1..).zip(self.steps[step].visits.iter()) {
                if !visit.state.is_open() {
                    continue;
                }
                let turn = (visit.ready_seq, step, number);
                self.open.insert((step, number));
                self.counts[visit.state.slot()] += 1;
                match visit.state {
                    VisitState::Ready => {
                        let holds = mutex.as_ref().is_none_or(|name| {
                            let mutex = self.mutexes.get(name);
                            mutex.is_some_and(|mutex| mutex.holder == Some((step, number)))
                        });
                        if holds {
                            begun.push(turn);
                        }
                    }
                    VisitState::Message => {
                        if let Some((name, _)) = &visit.message {
                            self.waiters.entry(name.clone()).or_default().insert(turn);
                        }
                    }
                    VisitState::Until => {
                        self.untils.insert((step, number));
                    }
                    VisitState::Running | VisitState::Child => {
                        self.reserved = self.reserved.plus(visit.reserved).unwrap_or(self.reserved);
                        self.costed_running += u32::from(is_costed);
                    }
                    VisitState::Approval
                    | VisitState::Cancelled
                    | VisitState::Compensated
                    | VisitState::Completed
                    | VisitState::Doubt
                    | VisitState::Failed
                    | VisitState::Retrying
                    | VisitState::Skipped
                    | VisitState::Timer
                    | VisitState::Withdrawn => {}
                }
            }
        }
        for turn in begun {
            self.let_begin(turn);
        }
    }
}
