//! Steps that begin by themselves: gateways, timers, approvals, waits, processes of their own.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    Uid, clock,
    definition::{Approval, StepDefinition, StepKind, SubProcess, Timer, TimerEnd, WaitFor},
    event::{ApprovalRequest, RunFact},
    expr::{Failure, Text},
    time::parse_duration,
};
use serde_json::{Map, Value};

use super::{Deciding, failure::Attempt, failure::later, reject_outcome};
use crate::run::{Key, Run};

impl Deciding<'_> {
    /// Begins the visit that has been ready longest of those that begin by themselves.
    pub(super) fn open_next(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let turn = run.opening.iter().find(|turn| run.can_pay((turn.1, turn.2))).copied();
        let Some((_, step, visit)) = turn else { return false };
        let key = (step, visit);
        let definition = run.definition_handle();
        let step_definition = &definition.steps[step];
        let opened = match &step_definition.kind {
            StepKind::Gateway(gateway) => {
                self.take_routes(key, gateway);
                return true;
            }
            StepKind::Approval(approval) => run.approval(key, approval, step_definition, self.now),
            StepKind::SubProcess(child) => run.child(key, child, step_definition, self.now),
            StepKind::Timer(timer) => run.timer(key, timer, self.now),
            StepKind::WaitFor(wait) => run.wait(key, wait, step_definition, self.now),
            // These are performed outside, and never stand here.
            StepKind::AgentTask { .. }
            | StepKind::Command(_)
            | StepKind::Manual { .. }
            | StepKind::Notification(_) => return false,
        };
        match opened {
            Ok(fact) => self.emit(fact),
            Err(error) => self.fail_visit(key, Attempt::unstarted(error)),
        }
        true
    }
}

impl Run {
    fn deadline(step: &StepDefinition, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        step.timeout.map(|timeout| later(now, timeout))
    }

    fn approval(
        &self,
        key: Key,
        approval: &Approval,
        step: &StepDefinition,
        now: DateTime<Utc>,
    ) -> Result<RunFact, String> {
        let scope = self.scope_of(key, now);
        let said = |failure: Failure| failure.to_string();
        let title = match &approval.title {
            Some(title) => title.render(&scope).map_err(said)?,
            None => step.name.clone().unwrap_or_else(|| step.id.to_string()),
        };
        let description = approval.description.as_ref().map(|text| text.render(&scope));
        let mut approvers = Vec::new();
        for text in &approval.approvers {
            match text.value(&scope).map_err(said)? {
                Value::Array(several) => approvers.extend(several.iter().map(plain)),
                one => approvers.push(plain(&one)),
            }
        }
        // Whoever is named twice decides once.
        let mut seen = BTreeSet::new();
        approvers.retain(|one| seen.insert(one.clone()));
        let needed = approval.min_approvals.unwrap_or(1).max(1);
        if !approvers.is_empty() && needed as usize > approvers.len() {
            let there = approvers.len();
            return Err(format!(
                "approvers: {needed} approvals are needed, and {there} can decide"
            ));
        }
        // What cannot be read is left out: a look at something is no reason to fail.
        let (mut artifacts, mut warnings) = (Vec::new(), Vec::new());
        for text in &approval.artifacts {
            match text.value(&scope) {
                Ok(artifact) => artifacts.push(artifact),
                Err(failure) => {
                    let id = &step.id;
                    warnings.push(format!("an artifact of step `{id}` is left out: {failure}"));
                }
            }
        }
        let request = Box::new(ApprovalRequest {
            title,
            description: description.transpose().map_err(said)?,
            approvers,
            needed,
            first_decides: approval.min_approvals.is_none(),
            artifacts,
            on_reject: reject_outcome(&self.definition, key.0).to_owned(),
            needs_reason: approval.require_reason_on_reject,
        });
        let deadline = Self::deadline(step, now);
        Ok(RunFact::ApprovalOpened { at: self.at(key), request, warnings, deadline })
    }

    fn child(
        &self,
        key: Key,
        child: &SubProcess,
        step: &StepDefinition,
        now: DateTime<Utc>,
    ) -> Result<RunFact, String> {
        let scope = self.scope_of(key, now);
        let process = child.process.render(&scope).map_err(|failure| failure.to_string())?;
        let mut input = Map::new();
        for (name, tree) in &child.input {
            let value = tree.value(&scope).map_err(|failure| failure.to_string())?;
            input.insert(name.clone(), value);
        }
        // The same visit always names the same process, whoever asks for it and how often.
        let own = self.about["uid"].as_str().and_then(|uid| Uid::parse(uid).ok());
        let name = format!("{}/{}", self.id(key.0), key.1);
        let uid = own.unwrap_or_default().derived(name.as_bytes());
        Ok(RunFact::ChildOpened {
            at: self.at(key),
            uid,
            process,
            version: child.version.clone(),
            input: Value::Object(input).into(),
            limit: self.rest(),
            deadline: Self::deadline(step, now),
        })
    }

    fn timer(&self, key: Key, timer: &Timer, now: DateTime<Utc>) -> Result<RunFact, String> {
        let scope = self.scope_of(key, now);
        let render = |text: &Text| text.render(&scope).map_err(|failure| failure.to_string());
        let until = match &timer.end {
            TimerEnd::Delay(delay) => {
                let text = render(delay)?;
                let delay = parse_duration(text.trim());
                later(now, delay.ok_or_else(|| format!("timer: {text:?} is no duration"))?)
            }
            TimerEnd::Until { at, timezone } => {
                let name = timezone.as_ref().map(render).transpose()?;
                let name = name.as_deref().unwrap_or("UTC");
                let zone = clock::zone(name).ok_or_else(|| format!("timer: no zone {name:?}"))?;
                let text = render(at)?;
                clock::instant_of(&text, zone, now)
                    .ok_or_else(|| format!("timer: {text:?} is no clock time and no instant"))?
            }
        };
        Ok(RunFact::TimerStarted { at: self.at(key), until })
    }

    fn wait(
        &self,
        key: Key,
        wait: &WaitFor,
        step: &StepDefinition,
        now: DateTime<Utc>,
    ) -> Result<RunFact, String> {
        let scope = self.scope_of(key, now);
        let render = |text: &Text| text.render(&scope).map_err(|failure| failure.to_string());
        let (name, wanted) = match wait {
            WaitFor::Message { name, correlation } => {
                (Some(render(name)?), correlation.as_ref().map(render).transpose()?)
            }
            WaitFor::Until(_) => (None, None),
        };
        let deadline = Self::deadline(step, now);
        Ok(RunFact::WaitStarted { at: self.at(key), name, key: wanted, deadline })
    }
}

/// Returns a value as the text that a person would write.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
