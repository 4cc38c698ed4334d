//! What a run tells of itself, as JSON (docs/cli.md): where it stands, what it waits for, and what
//! became of each step.

use chrono::{DateTime, Utc};
use process_core::{
    StepId, Timestamp,
    definition::{StepKind, WaitFor},
    event::Parent,
    money::Cost,
};
use serde_json::{Map, Value, json};

use super::{OpenChild, Run, StepState, Visit, VisitState, Waiting};

impl Run {
    /// Returns the name under which it was started once only.
    #[must_use]
    pub fn start_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the process whose step started it.
    #[must_use]
    pub fn parent(&self) -> Option<&Parent> {
        self.parent.as_ref()
    }

    /// Returns the most that may be spent.
    #[must_use]
    pub fn limit(&self) -> Option<Cost> {
        self.limit
    }

    /// Returns when it was started.
    #[must_use]
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// Returns whether a message with this id has come before.
    #[must_use]
    pub fn has_received(&self, id: &str) -> bool {
        self.mailbox.ids.iter().any(|known| known == id)
    }

    /// Returns since when the visit waits that would take a message of this name and key, the one
    /// that has waited longest.
    #[must_use]
    pub fn waits_for_message_since(&self, name: &str, key: Option<&str>) -> Option<DateTime<Utc>> {
        let waiters = self.waiters.get(name)?;
        waiters.iter().find_map(|turn| {
            let visit = self.visit((turn.1, turn.2))?;
            let (_, wanted) = visit.message.as_ref()?;
            let fits = wanted.is_none() || wanted.as_deref() == key;
            fits.then_some(visit.started_at)?
        })
    }

    /// Returns whether a step that is not over may wait for a message of this name.
    #[must_use]
    pub fn may_wait_for_message(&self, name: &str) -> bool {
        let mut steps = self.definition.steps.iter().zip(&self.steps);
        self.end.is_none()
            && steps.any(|(step, state)| match &step.kind {
                StepKind::WaitFor(WaitFor::Message { name: text, .. }) if !state.is_over => {
                    let scope = self.scope(self.started_at);
                    // A name that is not known yet may be any.
                    text.render(&scope).map_or(true, |rendered| rendered == name)
                }
                _ => false,
            })
    }

    /// Returns the visits that somebody may claim at this instant, longest ready first: those that
    /// nobody took, then those whose holder's time is over.
    #[must_use]
    pub fn claimable(&self, now: DateTime<Utc>) -> Vec<(&StepId, u32)> {
        let mut visits: Vec<(&StepId, u32)> = self.dispatchable().collect();
        if !self.paused && self.ending.is_none() {
            let is_free = |visit: &Visit| visit.held().is_some_and(|(_, until)| until <= now);
            let late = self.running().into_iter().filter(|(_, _, visit)| is_free(visit));
            visits.extend(late.map(|(step, number, _)| (step, number)));
        }
        visits
    }

    /// Returns the processes that its steps started, each with the visit, and whether what it cost
    /// is in what was spent.
    #[must_use]
    pub fn children(&self) -> Vec<(&StepId, u32, &OpenChild, bool)> {
        let mut children = Vec::new();
        for (step, state) in self.definition.steps.iter().zip(&self.steps) {
            let StepKind::SubProcess(spec) = &step.kind else { continue };
            for (number, visit) in state.all_visits() {
                let Some(child) = visit.child() else { continue };
                let has_reported = match visit.state {
                    VisitState::Completed | VisitState::Compensated => spec.wait,
                    VisitState::Failed | VisitState::Skipped => true,
                    VisitState::Approval
                    | VisitState::Cancelled
                    | VisitState::Child
                    | VisitState::Doubt
                    | VisitState::Message
                    | VisitState::Ready
                    | VisitState::Retrying
                    | VisitState::Running
                    | VisitState::Timer
                    | VisitState::Until
                    | VisitState::Withdrawn => false,
                };
                children.push((&step.id, number, child, has_reported || visit.is_child_counted));
            }
        }
        children
    }

    /// Returns all of it as JSON, without what stands in the process itself.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let instant = |at: DateTime<Utc>| Timestamp::from_instant(at).to_string();
        let definition = &self.definition;
        let mut map = Map::new();
        map.insert("status".to_owned(), self.status().as_str().into());
        map.insert("definition".to_owned(), definition.name.as_str().into());
        map.insert("version".to_owned(), definition.version.clone().into());
        map.insert("started_at".to_owned(), instant(self.started_at).into());
        map.insert("ended_at".to_owned(), self.end.as_ref().map(|end| instant(end.at)).into());
        let ending = self.ending.as_ref();
        let end = ending.map(|ending| json!({"status": ending.status, "error": ending.error}));
        map.insert("ending".to_owned(), end.unwrap_or_default());
        map.insert("paused".to_owned(), self.paused.into());
        map.insert("wakes_at".to_owned(), self.wakes_at().map(instant).into());
        map.insert("input".to_owned(), self.input.clone());
        let outputs = self.end.as_ref().map(|end| end.outputs.clone()).unwrap_or_default();
        map.insert("outputs".to_owned(), Value::Object(outputs));
        let error = self.end.as_ref().and_then(|end| end.error.clone());
        map.insert("error".to_owned(), error.into());
        map.insert("cost".to_owned(), self.spent.to_string().into());
        map.insert("limit".to_owned(), self.limit.map(|limit| limit.to_string()).into());
        map.insert("waiting".to_owned(), self.waiting_value());
        let steps = definition.steps.iter().zip(&self.steps).map(|(step, state)| {
            let mut value = state.to_value();
            value["type"] = step.kind.type_name().into();
            (step.id.to_string(), value)
        });
        map.insert("steps".to_owned(), Value::Object(steps.collect()));
        let compensated = self.compensated().into_iter().map(|id| Value::from(id.as_str()));
        map.insert("compensated".to_owned(), compensated.collect());
        map.insert("warnings".to_owned(), self.warnings.clone().into());
        let feedback = self.feedback.iter().map(|said| {
            let at = instant(said.at);
            json!({"step": said.step, "rating": said.rating, "note": said.text, "at": at})
        });
        map.insert("feedback".to_owned(), feedback.collect());
        Value::Object(map)
    }

    /// Returns every open step that waits, what for, and what is known about that.
    #[must_use]
    pub fn waiting_value(&self) -> Value {
        self.waiting().iter().map(|waiting| self.one_waiting(waiting)).collect()
    }

    fn one_waiting(&self, waiting: &Waiting) -> Value {
        let id = waiting.step.as_str();
        let mut one = json!({
            "step": id,
            "visit": waiting.visit,
            "for": waiting.waiting_for.as_str(),
        });
        let step = self.definition.graph.index(id);
        let Some(visit) = step.and_then(|step| self.visit((step, waiting.visit))) else {
            return one;
        };
        let Value::Object(map) = &mut one else { return one };
        let instant = |at: DateTime<Utc>| Value::from(Timestamp::from_instant(at).to_string());
        map.extend(visit.started_at.map(|at| ("since".to_owned(), instant(at))));
        map.extend(visit.deadline().map(|at| ("deadline".to_owned(), instant(at))));
        match visit.state {
            VisitState::Approval => map.extend(visit.approval.iter().flat_map(|approval| {
                let request = &approval.request;
                let decided = approval.votes.iter().map(|vote| vote.by.as_str());
                [
                    ("title", Value::from(request.title.as_str())),
                    ("approvers", request.approvers.clone().into()),
                    ("needed", request.needed.into()),
                    ("decided", decided.collect()),
                    ("on_reject", request.on_reject.as_str().into()),
                ]
                .map(|(key, value)| (key.to_owned(), value))
            })),
            VisitState::Child => map.extend(
                visit
                    .child
                    .iter()
                    .map(|child| ("process".to_owned(), child.process.clone().into())),
            ),
            VisitState::Message => map.extend(visit.message.iter().flat_map(|(name, key)| {
                [("name".to_owned(), name.clone().into()), ("key".to_owned(), key.clone().into())]
            })),
            VisitState::Retrying => {
                map.extend(visit.error.clone().map(|error| ("error".to_owned(), error.into())));
            }
            VisitState::Until => {
                let until = self.until_text(id).map(Value::from);
                map.extend(until.map(|until| ("until".to_owned(), until)));
            }
            VisitState::Cancelled
            | VisitState::Compensated
            | VisitState::Completed
            | VisitState::Doubt
            | VisitState::Failed
            | VisitState::Ready
            | VisitState::Running
            | VisitState::Skipped
            | VisitState::Timer
            | VisitState::Withdrawn => {}
        }
        one
    }
}

impl StepState {
    /// Returns what became of the step as JSON (docs/formats/scenario.md): attempts and cost over
    /// all visits, message and times of the last one.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let instant =
            |at: Option<DateTime<Utc>>| at.map(|at| Timestamp::from_instant(at).to_string());
        let mut map = Map::new();
        map.insert("status".to_owned(), self.status().as_str().into());
        let reason = self.skip_reason().map(|reason| reason.as_str());
        map.insert("skip_reason".to_owned(), reason.into());
        map.insert("attempts".to_owned(), self.attempts().into());
        map.insert("visits".to_owned(), self.visits().into());
        map.insert("output".to_owned(), self.output().cloned().unwrap_or_default());
        let work = self.last_visit().and_then(Visit::work);
        let message = work.map(|work| work["message"].clone()).unwrap_or_default();
        map.insert("message".to_owned(), message);
        map.insert("started_at".to_owned(), instant(self.started_at()).into());
        map.insert("completed_at".to_owned(), instant(self.ended_at()).into());
        map.insert("cost".to_owned(), self.cost().to_string().into());
        if let Some(detail) = self.skip_detail() {
            map.insert("skip_detail".to_owned(), detail.clone());
        }
        if let Some(error) = self.error() {
            map.insert("error".to_owned(), error.into());
        }
        if let Some(error) = self.compensation_error() {
            map.insert("compensation_error".to_owned(), error.into());
        }
        Value::Object(map)
    }

    /// Returns every visit that there was, oldest first.
    pub fn all_visits(&self) -> impl Iterator<Item = (u32, &Visit)> {
        (1..).zip(self.visits.iter())
    }
}

impl Visit {
    /// Returns who holds it, and until when.
    #[must_use]
    pub fn held(&self) -> Option<(&str, DateTime<Utc>)> {
        let lease = |alarm: &&super::Alarm| alarm.kind == super::AlarmKind::Lease;
        let until = self.alarms.iter().find(lease).map(|alarm| alarm.at)?;
        Some((self.holder.as_deref()?, until))
    }

    /// Returns when something happens to it by itself the next time.
    #[must_use]
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        self.alarms.iter().map(|alarm| alarm.at).min()
    }

    /// Returns when it ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at
    }

    /// Returns whether the time of its approval is over, and it goes on waiting.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.is_overdue)
    }
}
