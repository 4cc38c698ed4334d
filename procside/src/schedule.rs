//! What starts by the clock: the schedule triggers of the project's templates (rule E10.7).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use process_core::{
    ProcessId,
    definition::{Trigger, last_occurrence},
};
use process_store::Query;
use serde_json::json;

use crate::{
    error::{Error, ErrorKind},
    project::Procside,
    start::StartRequest,
};

/// How often it is looked at which templates there are, and how long it is waited before a start is
/// tried again that the disk or the lock kept from happening; in seconds.
const LOOK_S: i64 = 10;

/// The most processes that are looked through at once for what a schedule started before.
const PAGE: usize = 1_000;

/// The schedules of a project, while somebody looks at them.
#[derive(Debug)]
pub struct Schedules {
    /// Until when everything that was due was started, by `template/trigger`.
    done: BTreeMap<String, DateTime<Utc>>,
    since: DateTime<Utc>,
    looked_at: Option<DateTime<Utc>>,
    /// When a start is tried again that the disk or the lock kept from happening.
    retry_at: BTreeMap<String, DateTime<Utc>>,
    known: Vec<Schedule>,
}

#[derive(Clone, Debug)]
struct Schedule {
    /// `template/trigger`.
    name: String,
    template: String,
    cron: String,
    timezone: Option<String>,
}

impl Procside {
    /// Returns the schedules of the project's templates, with what they started before.
    ///
    /// # Errors
    /// Whatever keeps the processes from being listed.
    pub fn schedules(&self) -> Result<Schedules, Error> {
        let mut done = BTreeMap::new();
        let mut query = Query { all: true, limit: PAGE, ..Query::default() };
        loop {
            let page = self.place.list(&query, &self.now())?;
            query.after = page.processes.last().map(|entry| entry.id);
            for key in page.processes.iter().filter_map(|entry| entry.key.as_deref()) {
                if let Some((name, at)) = parse_key(key) {
                    let last = done.entry(name.to_owned()).or_insert(at);
                    *last = at.max(*last);
                }
            }
            if !page.has_more {
                break;
            }
        }
        let since = self.now().instant();
        let (retry_at, known) = (BTreeMap::new(), Vec::new());
        Ok(Schedules { done, since, looked_at: None, retry_at, known })
    }

    /// Returns the schedules that the project's templates name; one that cannot be read has none.
    fn scheduled(&self) -> Result<Vec<Schedule>, Error> {
        let mut found = Vec::new();
        for template in self.templates()?.templates {
            let definition = template.definition.as_ref().and_then(|read| read.definition.clone());
            let (template, Some(definition)) = (template.template.id.to_string(), definition)
            else {
                continue;
            };
            for (index, trigger) in definition.triggers.iter().enumerate() {
                let Trigger::Schedule { id, cron, timezone, .. } = trigger else { continue };
                let trigger = id.clone().unwrap_or_else(|| (index + 1).to_string());
                found.push(Schedule {
                    name: format!("{template}/{trigger}"),
                    template: template.clone(),
                    cron: cron.clone(),
                    timezone: timezone.clone(),
                });
            }
        }
        Ok(found)
    }
}

impl Schedules {
    /// Starts what is due, each instant once, whoever else looks: of those that went by while nobody
    /// looked only the last one. A start that the disk or the lock keeps from happening is told, and
    /// tried again.
    pub fn start_due(&mut self, project: &Procside) -> Vec<Result<ProcessId, Error>> {
        let now = project.now().instant();
        if self.looked_at.is_none_or(|at| now - at >= TimeDelta::seconds(LOOK_S) || now < at) {
            self.looked_at = Some(now);
            match project.scheduled() {
                Ok(known) => self.known = known,
                Err(error) => return vec![Err(error)],
            }
        }
        let mut started = Vec::new();
        for schedule in self.known.clone() {
            // What no process was started by yet has nothing to make up for.
            let since = self.done.get(&schedule.name).copied().unwrap_or(self.since);
            let Some(at) = schedule.last_between(since, now) else { continue };
            if self.retry_at.get(&schedule.name).is_some_and(|retry_at| now < *retry_at) {
                continue;
            }
            let outcome = schedule.start(project, at);
            if outcome.as_ref().is_err_and(may_pass) {
                self.retry_at.insert(schedule.name, now + TimeDelta::seconds(LOOK_S));
            } else {
                self.retry_at.remove(&schedule.name);
                self.done.insert(schedule.name, at);
            }
            started.push(outcome);
        }
        started
    }
}

impl Schedule {
    /// Returns the last instant of the schedule behind one instant, and not behind another.
    fn last_between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        last_occurrence(&self.cron, self.timezone.as_deref(), until).filter(|last| *last > since)
    }

    fn start(&self, project: &Procside, at: DateTime<Utc>) -> Result<ProcessId, Error> {
        let instant = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let key = format!("{}/{instant}", self.name);
        let started = project.start(StartRequest {
            source: self.template.clone(),
            folder: project.root().to_owned(),
            key: Some(key),
            trigger: Some(json!({"type": "schedule", "name": self.name, "at": instant})),
            ..StartRequest::default()
        })?;
        Ok(started.process.id)
    }
}

/// Returns whether a start may succeed later, with nobody changing the template.
fn may_pass(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Denied
            | ErrorKind::Io
            | ErrorKind::Locked
            | ErrorKind::NoSpace
            | ErrorKind::ReadOnly
    )
}

/// Splits `template/trigger/instant`.
fn parse_key(key: &str) -> Option<(&str, DateTime<Utc>)> {
    let (name, instant) = key.rsplit_once('/')?;
    let at = DateTime::parse_from_rfc3339(instant).ok()?.with_timezone(&Utc);
    name.contains('/').then_some((name, at))
}
