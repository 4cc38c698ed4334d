//! What each event makes of a run: total, and looking at nothing but the state and the event.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    ProcessStatus, StepStatus,
    event::{RunFact, VisitId},
    money::Cost,
};
use serde_json::Value;

use super::{
    Alarm, AlarmKind, Compensating, Ending, Feedback, RunEnd, VisitState,
    activation::is_nothing,
    state::{Group, Key, Message, OpenApproval, OpenChild, Program, Run, Vote},
};

impl Run {
    /// Applies a fact; one that does not fit changes nothing.
    pub(crate) fn apply(&mut self, seq: u64, at: DateTime<Utc>, fact: &RunFact) {
        match fact {
            // What is read from the definition is read where it is prepared.
            RunFact::Adopted { warnings, .. } => self.warnings.extend(warnings.iter().cloned()),
            RunFact::ApprovalDecided { at: visit, decision, decided_by, comment, .. } => {
                self.on_approval(visit, |approval| {
                    approval.votes.push(Vote {
                        decision: *decision,
                        by: decided_by.clone(),
                        comment: comment.clone(),
                        at,
                    });
                });
            }
            RunFact::ApprovalOpened { at: visit, request, warnings, deadline } => {
                self.warnings.extend(warnings.iter().cloned());
                let Some(key) = self.begin_wait(visit, VisitState::Approval, at) else { return };
                self.alarm(key, *deadline, AlarmKind::Approval);
                if let Some(visit) = self.visit_mut(key) {
                    let request = request.as_ref().clone();
                    let open = OpenApproval { request, votes: Vec::new(), is_overdue: false };
                    visit.approval = Some(Box::new(open));
                }
            }
            RunFact::ApprovalOverdue { at: visit } => {
                self.ring(visit, AlarmKind::Approval);
                self.on_approval(visit, |approval| approval.is_overdue = true);
            }
            RunFact::AttemptFailed { at: visit, error, cost, retry_at, .. } => {
                let Some(key) = self.open_key(visit) else { return };
                self.count_cost(key, *cost);
                self.enter(key, VisitState::Retrying);
                if let Some(visit) = self.visit_mut(key) {
                    visit.error = Some(error.clone());
                    visit.token = None;
                    visit.holder = None;
                    visit.dispatch = 0;
                }
                self.steps[key.0].error = Some(error.clone());
                self.alarm(key, Some(*retry_at), AlarmKind::Retry);
            }
            RunFact::BudgetExceeded { at: visit, .. } => {
                let Some(key) = self.open_key(visit) else { return };
                if let Some(visit) = self.visit_mut(key)
                    && !std::mem::replace(&mut visit.over_budget, true)
                {
                    self.steps[key.0].waiting += 1;
                }
            }
            RunFact::ChildOpened { at: visit, uid, process, version, input, limit, deadline } => {
                let Some(key) = self.begin_wait(visit, VisitState::Child, at) else { return };
                let child = OpenChild {
                    uid: *uid,
                    process: process.clone(),
                    version: version.clone(),
                    input: Value::clone(input),
                    limit: *limit,
                };
                self.reserve(key, *limit);
                self.alarm(key, *deadline, AlarmKind::Wait);
                self.steps[key.0].attempts += 1;
                if let Some(visit) = self.visit_mut(key) {
                    visit.attempt = 1;
                    visit.child = Some(Box::new(child));
                }
            }
            RunFact::ChildStarted { at: visit, token, pid, start_time, boot_id } => {
                let visit = self.key(visit).and_then(|key| self.visit_mut(key));
                if let Some(visit) = visit.filter(|visit| visit.token == Some(*token)) {
                    let boot_id = boot_id.clone();
                    let program = Program { pid: *pid, start_time: *start_time, boot_id };
                    visit.program = Some(Box::new(program));
                }
            }
            RunFact::CompensationFailed { at: visit, error, cost, retry_at, .. } => {
                self.compensation_failed(visit, error, *cost, *retry_at);
            }
            RunFact::CompensationRequested => {
                self.end = None;
                self.ending = Some(Ending {
                    status: ProcessStatus::Cancelled,
                    is_compensation: true,
                    error: "the process that started it is undone".to_owned(),
                    until: at,
                });
            }
            RunFact::CompensationStarted { at: visit, attempt, token, work, deadline } => {
                let Some(key) = self.key(visit) else { return };
                self.drop_compensation_alarm();
                let alarm = deadline.map(|at| Alarm {
                    at,
                    step: key.0,
                    visit: key.1,
                    kind: AlarmKind::Compensation,
                });
                self.alarms.extend(alarm);
                self.compensating = Some(Compensating {
                    visit: key,
                    attempt: *attempt,
                    token: Some(*token),
                    work: work.clone(),
                    alarm,
                });
            }
            RunFact::ContextSaved { at: visit, context } => {
                if let Some(visit) = self.key(visit).and_then(|key| self.visit_mut(key)) {
                    visit.context = Some(context.clone().into());
                }
            }
            RunFact::EffectSettled { effect, .. } => {
                self.notices.remove(effect);
            }
            RunFact::Ending { ending, error, until, .. } => {
                self.begin_ending(*ending, error, *until)
            }
            RunFact::FeedbackGiven { step, rating, feedback } => {
                let (step, text) = (step.clone(), feedback.clone());
                self.feedback.push(Feedback { step, rating: *rating, text, at });
            }
            RunFact::GroupEnded { step, group, end, output, error } => {
                let Some(step) = self.definition.graph.index(step.as_str()) else { return };
                let fate = self.fate_of_group(end);
                if fate.status == StepStatus::Failed && fate.chosen.is_empty() {
                    self.note_failure(step, error);
                }
                self.set_output(step, output.clone());
                self.steps[step].error.clone_from(error);
                if fate.status == StepStatus::Completed {
                    self.cancel_others(step);
                }
                if self.take_loop(step, &fate) {
                    self.steps[step].closed = true;
                }
                self.end_group(step, *group, fate, at);
            }
            RunFact::GroupOpened { step, items, after, .. } => {
                let Some(step) = self.definition.graph.index(step.as_str()) else { return };
                let outputs = vec![Value::Null; items.len()];
                let group = Group::Foreach { items: items.clone(), next: 0, outputs, error: None };
                self.activate(step, self.keys(after), Some(group));
                self.steps[step].output = None;
                let waits = self.definition.steps[step].foreach.as_ref().is_none_or(|it| it.wait);
                if !waits {
                    self.release(step);
                }
            }
            RunFact::Heartbeat { at: visit, until } => {
                self.ring(visit, AlarmKind::Heartbeat);
                if let Some(key) = self.open_key(visit) {
                    self.alarm(key, Some(*until), AlarmKind::Heartbeat);
                }
            }
            RunFact::ItemAdded { step, group, item } => {
                let Some(step) = self.definition.graph.index(step.as_str()) else { return };
                if let Some(activation) = self.steps[step].activations.get_mut(group)
                    && let Some(Group::Foreach { items, outputs, .. }) = &mut activation.group
                {
                    items.push(item.clone());
                    outputs.push(Value::Null);
                }
            }
            RunFact::LateCost { at: visit, token, cost } => {
                let Some(key) = self.key(visit) else { return };
                self.add_cost(key, *cost);
                if let Some(visit) = self.visit_mut(key) {
                    visit.uncounted.retain(|other| other != token);
                    visit.is_child_counted |= visit.child.is_some();
                }
            }
            RunFact::MessageReceived { number, name, key, data, id } => {
                let message =
                    Message { at, name: name.clone(), key: key.clone(), data: data.clone() };
                self.keep_message(*number, message, id.as_ref());
            }
            RunFact::NoticeDue { notice } => {
                self.notices.insert(seq, notice.clone());
            }
            RunFact::Paused => self.paused = true,
            RunFact::ProcessEnded { status, outputs, error, warnings, compensated, .. } => {
                self.warnings.clone_from(warnings);
                self.ending = None;
                self.end = Some(RunEnd {
                    status: *status,
                    outputs: outputs.clone(),
                    error: error.clone(),
                    at,
                    is_compensated: *compensated,
                });
                self.alarms.clear();
            }
            RunFact::RepeatScheduled { step, group, at_instant } => {
                let Some(step) = self.definition.graph.index(step.as_str()) else { return };
                if let Some(activation) = self.steps[step].activations.get_mut(group)
                    && let Some(Group::Repeat { next_at, .. }) = &mut activation.group
                {
                    *next_at = Some(*at_instant);
                    let kind = AlarmKind::Repeat;
                    self.alarms.insert(Alarm { at: *at_instant, step, visit: *group, kind });
                }
            }
            RunFact::Resumed => self.paused = false,
            RunFact::Started(_) => {}
            RunFact::StepCancelled { at: visit, in_doubt } => self.cancel(visit, *in_doubt, at),
            RunFact::StepCompensated { at: visit, cost } => {
                let Some(key) = self.key(visit) else { return };
                self.drop_compensation_alarm();
                self.compensating = None;
                self.add_cost(key, cost.unwrap_or_default());
                self.undo.retain(|other| *other != key);
                self.compensated.push(key);
                self.steps[key.0].outcome = Some(StepStatus::Compensated);
                if let Some(visit) = self.visit_mut(key) {
                    visit.state = VisitState::Compensated;
                }
            }
            RunFact::StepCompleted { at: visit, output, cost, routes, back, message } => {
                if let Some(number) = message {
                    self.take_message(*number);
                }
                let routes = routes.as_ref().map(|routes| {
                    let place =
                        |id: &process_core::StepId| self.definition.graph.index(id.as_str());
                    routes.iter().filter_map(place).collect::<BTreeSet<usize>>()
                });
                let place = |id: &process_core::StepId| self.definition.graph.index(id.as_str());
                let back = back.iter().filter_map(place).collect();
                self.complete(visit, output, *cost, routes, back, at);
            }
            RunFact::StepFailed { at: visit, error, cost, goto, output, .. } => {
                self.fail(visit, error, *cost, goto.as_ref(), output.as_ref(), at);
            }
            RunFact::StepInDoubt { at: visit } => {
                if let Some(key) = self.open_key(visit) {
                    self.enter(key, VisitState::Doubt);
                }
            }
            RunFact::StepReady { at: visit, after, group, index } => {
                self.make_ready(seq, visit, after, *group, *index);
            }
            RunFact::StepReleased { at: visit } => {
                let Some(key) = self.open_key(visit) else { return };
                if let Some(visit) = self.visit_mut(key) {
                    (visit.holder, visit.token) = (None, None);
                }
                self.enter(key, VisitState::Ready);
            }
            RunFact::StepSkipped { at: visit, reason, detail, output, error, cost } => {
                // It is counted while its token is known, so that it does not count again.
                if let Some(key) = self.key(visit) {
                    self.count_cost(key, *cost);
                }
                self.skip(visit, *reason, at);
                let Some(key) = self.key(visit) else { return };
                let step = &mut self.steps[key.0];
                // What others gave stays, when one visit of several is left out.
                if step.outcome == Some(StepStatus::Skipped) {
                    step.skip_detail.clone_from(detail);
                    step.error.clone_from(error);
                    step.output.clone_from(output);
                }
                if let Some(visit) = self.visit_mut(key) {
                    visit.output.clone_from(output);
                    visit.error.clone_from(error);
                    visit.skip_reason = Some(*reason);
                }
            }
            RunFact::StepStarted {
                at: visit,
                attempt,
                dispatch,
                token,
                work,
                deadline,
                alive_until,
                reserved,
                holder,
                held_until,
            } => {
                let Some(key) = self.open_key(visit) else { return };
                self.note_start(key, at);
                self.enter(key, VisitState::Running);
                self.reserve(key, *reserved);
                if *dispatch == 1 {
                    self.steps[key.0].attempts += 1;
                }
                if let Some(visit) = self.visit_mut(key) {
                    (visit.attempt, visit.dispatch) = (*attempt, *dispatch);
                    (visit.token, visit.attempt_at) = (Some(*token), Some(at));
                    visit.uncounted.push(*token);
                    visit.program = None;
                    visit.holder.clone_from(holder);
                    if work.is_some() {
                        visit.work.clone_from(work);
                    }
                }
                self.alarm(key, *deadline, AlarmKind::Attempt);
                self.alarm(key, *alive_until, AlarmKind::Heartbeat);
                self.alarm(key, *held_until, AlarmKind::Lease);
            }
            RunFact::StepsReset { steps, cause, targets } => {
                let place = |id: &process_core::StepId| self.definition.graph.index(id.as_str());
                let places: BTreeSet<usize> = steps.iter().filter_map(place).collect();
                let targets: Vec<usize> = targets.iter().filter_map(place).collect();
                self.reset(&places, *cause, &targets);
            }
            RunFact::TimerStarted { at: visit, until } => {
                let Some(key) = self.begin_wait(visit, VisitState::Timer, at) else { return };
                self.alarm(key, Some(*until), AlarmKind::Timer);
            }
            RunFact::WaitStarted { at: visit, name, key: wanted, deadline } => {
                let Some(key) = self.open_key(visit) else { return };
                self.note_start(key, at);
                if let Some(visit) = self.visit_mut(key) {
                    visit.message = name.clone().map(|name| (name, wanted.clone()));
                }
                // Who has waited longest for a message is told by when the waiting began.
                self.leave(key);
                if let Some(visit) = self.visit_mut(key) {
                    visit.ready_seq = seq;
                }
                let is_message = name.is_some();
                self.enter(key, if is_message { VisitState::Message } else { VisitState::Until });
                self.alarm(key, *deadline, AlarmKind::Wait);
            }
        }
    }

    /// Returns the place of a visit that goes on.
    pub(super) fn open_key(&self, at: &VisitId) -> Option<Key> {
        self.key(at).filter(|key| self.open.contains(key))
    }

    fn begin_wait(&mut self, at: &VisitId, state: VisitState, now: DateTime<Utc>) -> Option<Key> {
        let key = self.open_key(at)?;
        self.note_start(key, now);
        self.enter(key, state);
        Some(key)
    }

    pub(super) fn alarm(&mut self, key: Key, at: Option<DateTime<Utc>>, kind: AlarmKind) {
        if let Some(at) = at {
            self.add_alarm(key, Alarm { at, step: key.0, visit: key.1, kind });
        }
    }

    /// Takes away an alarm of a visit that has rung.
    fn ring(&mut self, at: &VisitId, kind: AlarmKind) {
        let Some(key) = self.key(at) else { return };
        let Some(visit) = self.visit_mut(key) else { return };
        let rung: Vec<Alarm> =
            visit.alarms.iter().filter(|alarm| alarm.kind == kind).copied().collect();
        visit.alarms.retain(|alarm| alarm.kind != kind);
        for alarm in rung {
            self.alarms.remove(&alarm);
        }
    }

    fn reserve(&mut self, key: Key, cost: Option<Cost>) {
        let cost = cost.unwrap_or_default();
        if self.definition.steps[key.0].is_costed() {
            self.costed_running += 1;
        }
        if !is_nothing(cost) {
            self.reserved = self.reserved.plus(cost).unwrap_or(self.reserved);
        }
        if let Some(visit) = self.visit_mut(key) {
            visit.reserved = cost;
        }
    }

    fn on_approval(&mut self, at: &VisitId, change: impl FnOnce(&mut OpenApproval)) {
        let visit = self.key(at).and_then(|key| self.visit_mut(key));
        if let Some(approval) = visit.and_then(|visit| visit.approval.as_mut()) {
            change(approval);
        }
    }

    fn make_ready(
        &mut self,
        seq: u64,
        at: &VisitId,
        after: &[VisitId],
        group: Option<u32>,
        index: Option<u32>,
    ) {
        let Some(key) = self.key(at) else { return };
        if self.visit(key).is_some() {
            if self.open.contains(&key) {
                self.leave(key);
                if let Some(visit) = self.visit_mut(key) {
                    visit.ready_seq = seq;
                }
                self.enter(key, VisitState::Ready);
            }
            return;
        }
        if !self.is_next(key) {
            return;
        }
        let is_repeat = self.definition.steps[key.0].repeat.is_some();
        let activation = match group {
            Some(group) if self.steps[key.0].activations.contains_key(&group) => group,
            Some(_) if is_repeat => {
                let repeat = Group::Repeat { turns: 0, next_at: None, error: None };
                self.activate(key.0, self.keys(after), Some(repeat))
            }
            Some(_) => return,
            None => self.activate(key.0, self.keys(after), None),
        };
        if let Some(activation) = self.steps[key.0].activations.get_mut(&activation) {
            match &mut activation.group {
                Some(Group::Foreach { next, .. }) => *next += 1,
                Some(Group::Repeat { turns, next_at, .. }) => {
                    *turns += 1;
                    if let Some(at) = next_at.take() {
                        let (step, visit) = (key.0, group.unwrap_or_default());
                        self.alarms.remove(&Alarm { at, step, visit, kind: AlarmKind::Repeat });
                    }
                }
                None => {}
            }
        }
        self.open_visit(key, activation, index, seq);
    }
}
