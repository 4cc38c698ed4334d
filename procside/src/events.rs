//! Events as they happen, whoever makes them happen.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    thread,
    time::{Duration, Instant},
};

use process_core::{Event, ProcessId};
use process_store::{Query, place::Tail};
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    project::Procside,
};

/// How often it is looked whether something happened; an event is told this much later.
const PERIOD: Duration = Duration::from_millis(20);

/// How often it is looked at the least, and how many times longer than a look takes the next one
/// waits, so that looking costs a share only.
const REST: (Duration, u32) = (Duration::from_millis(500), 20);

/// More processes than there can be.
const PROCESSES_MAX: usize = 1 << 30;

/// Which events are told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EventFilter {
    /// Only those of this process.
    pub process: Option<ProcessId>,
    /// Those behind the one with this number in their process, 0 for all that there are; when it is
    /// not given, those that happen from here on.
    pub after: Option<u64>,
}

/// An event, and the process that it happened to.
#[derive(Clone, Debug, PartialEq)]
pub struct HappenedEvent {
    /// The process.
    pub process: ProcessId,
    /// The event.
    pub event: Event,
}

/// The events of a project, one after the other: those of one process in their order.
///
/// Each event is told once, as soon as it is durable, whoever made it happen: this program, another
/// one, or a hand edit when it is taken in.
pub struct Events {
    project: Procside,
    filter: EventFilter,
    tail: Tail,
    /// The last event of each process that was told; of others, what the filter says.
    told: BTreeMap<ProcessId, u64>,
    /// Processes that have events which were not read.
    grown: BTreeSet<ProcessId>,
    queue: VecDeque<HappenedEvent>,
    next_look: Instant,
}

impl Procside {
    /// Returns the events of the project as they happen.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("procside-events-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// use std::time::Duration;
    ///
    /// use procside::{EventFilter, NewProcess, Procside, Surroundings};
    ///
    /// let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
    /// project.init(NewProcess { name: Some("Work".to_owned()), ..NewProcess::default() })?;
    /// let mut events = project.events(EventFilter { after: Some(0), ..EventFilter::default() })?;
    /// let first = events.next(Duration::from_secs(5))?.map(|happened| happened.event.seq);
    /// assert_eq!(first, Some(1));
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `NotFound` without a project, or for a process that is not there; whatever the disk says.
    pub fn events(&self, filter: EventFilter) -> Result<Events, Error> {
        if let Some(id) = filter.process
            && !self.exists(id)?
        {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no process {id}")));
        }
        let mut tail = self.place.tail()?;
        let there = tail.poll()?;
        let is_wanted = |id: &ProcessId| filter.process.is_none_or(|wanted| wanted == *id);
        let (mut told, mut grown) = (BTreeMap::new(), BTreeSet::new());
        if filter.after.is_some() {
            grown.extend(there.into_iter().filter(is_wanted));
        } else {
            let query = Query { all: true, limit: PROCESSES_MAX, ..Query::default() };
            for entry in self.place.list(&query, &self.now())?.processes {
                told.insert(entry.id, entry.revision.unwrap_or_default());
            }
        }
        let (project, queue, next_look) = (self.apart(), VecDeque::new(), Instant::now());
        Ok(Events { project, filter, tail, told, grown, queue, next_look })
    }
}

impl Events {
    /// Returns the next event, or `None` when none happened in this time.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, and whatever the disk says; the next call goes on behind it.
    pub fn next(&mut self, patience: Duration) -> Result<Option<HappenedEvent>, Error> {
        let until = Instant::now().checked_add(patience);
        loop {
            if let Some(happened) = self.queue.pop_front() {
                return Ok(Some(happened));
            }
            if let Some(id) = self.grown.pop_first() {
                self.read(id)?;
                continue;
            }
            let now = Instant::now();
            if now >= self.next_look {
                self.look()?;
                continue;
            }
            if until.is_some_and(|until| now >= until) {
                return Ok(None);
            }
            let rest = self.next_look - now;
            thread::sleep(until.map_or(rest, |until| rest.min(until - now)));
        }
    }

    fn look(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        let grown = self.tail.poll();
        self.next_look = Instant::now() + (start.elapsed() * REST.1).clamp(PERIOD, REST.0);
        let wanted = self.filter.process;
        self.grown.extend(grown?.into_iter().filter(|id| wanted.is_none_or(|it| it == *id)));
        Ok(())
    }

    fn read(&mut self, id: ProcessId) -> Result<(), Error> {
        let known = self.told.get(&id).copied();
        let after = known.unwrap_or(self.filter.after.unwrap_or_default());
        let Some(record) = self.project.place.read_process(id)? else { return Ok(()) };
        let events = self.project.place.events(&record, after)?;
        if let Some(last) = events.last() {
            self.told.insert(id, last.seq);
        }
        self.queue.extend(events.into_iter().map(|event| HappenedEvent { process: id, event }));
        Ok(())
    }
}

impl HappenedEvent {
    /// Returns the event as JSON: its `process`, and the `event` as `log` shows it (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"process": self.process.to_string(), "event": self.event.to_value()})
    }
}
