//! The loop around the core: happenings in, actions out.

use std::{collections::BTreeMap, sync::mpsc::Sender, time::Duration};

use process_engine::{Event, Input, ProcessId};
use process_store::{Error, Group};
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender},
        oneshot, watch,
    },
    time::{Instant, sleep_until},
};

use super::{
    parts::Parts,
    perform::{Begin, How},
    reader::Errand,
    start::{NotStarted, Start, TRIES_MAX, all_taken, not_appended},
    watcher::Looker,
};
use crate::{
    drive::{Action, AnswerId, Core, Happening, Order, Refused, Scope, Ticket},
    handler::{Done, Failed, Sign, Stopper},
};

/// The most happenings that are taken in before what they ask for is done.
const BATCH_MAX: usize = 4_096;

/// How many happenings of one message are taken in before what they ask for is done.
const ACT_AFTER: usize = 256;

/// The longest sleep: a clock that jumps is noticed this much later at most.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// How often a notice is told that cannot be told.
const TELLS_MAX: u32 = 3;

/// How long it takes until a notice is told again, the second time twice that.
const TELL_DELAY: Duration = Duration::from_millis(500);

/// Something that the loop is told.
pub(super) enum Message {
    /// Groups were appended, or not.
    Appended(Vec<(Group, Result<(), Error>)>),
    /// Somebody asks something of a process.
    Ask {
        process: ProcessId,
        by: String,
        input: Box<Input>,
        answer: oneshot::Sender<Result<Vec<Event>, Refused>>,
    },
    /// The store cannot say what other programs do.
    CannotLook(Error),
    /// A process is to be driven from here on.
    Drive(ProcessId),
    /// The driver is gone.
    End,
    /// Attempts are over.
    Finished(Vec<(Ticket, Result<Done, Failed>)>),
    /// Something happened.
    Happened(Happening),
    /// What other programs did until now was told; somebody may wait for that.
    Looked(Option<Looker>),
    /// A process is to be made.
    Made { group: Box<Group>, may_execute: bool, start: Box<Start> },
    /// Nothing new is to begin; what is performed is to end.
    ShutDown,
}

/// Who waits for an answer.
enum Asker {
    Asks(oneshot::Sender<Result<Vec<Event>, Refused>>),
    Starts { process: ProcessId, start: Box<Start> },
}

/// Where the loop says what is to be done.
pub(super) struct Outside {
    pub(super) groups: UnboundedSender<Vec<Group>>,
    pub(super) errands: Sender<Errand>,
    pub(super) orders: Sender<Vec<Begin>>,
    pub(super) workers: Handle,
    pub(super) happenings: UnboundedSender<Message>,
    /// Says whether nothing moves by itself.
    pub(super) quiet: watch::Sender<bool>,
    /// Says that nothing is performed any more, behind a shut-down.
    pub(super) idle: watch::Sender<bool>,
}

pub(super) struct Shell {
    parts: Parts,
    core: Core,
    outside: Outside,
    stops: BTreeMap<Ticket, Stopper>,
    answers: BTreeMap<AnswerId, Asker>,
    answer_last: AnswerId,
    /// What is to be appended next.
    groups: Vec<Group>,
    /// What others may drive.
    leaves: Vec<ProcessId>,
    /// What is to be performed next.
    orders: Vec<Begin>,
    /// How many groups are being appended.
    appending: usize,
    /// How many processes that were made are durable, or will not be, and the reader was not told.
    made: usize,
    is_ending: bool,
    /// Whether the store was looked at once.
    has_looked: bool,
    /// Who waits until what was seen is taken in.
    lookers: Vec<Looker>,
}

impl Shell {
    pub(super) fn new(parts: Parts, outside: Outside) -> Self {
        let workers = parts.team.workers();
        let mut core = Core::new(parts.by.clone(), parts.scope.clone(), workers);
        if let Scope::Only(ids) = &parts.scope {
            let now = (parts.clock)();
            ids.iter().for_each(|id| core.drive(&now, *id));
        }
        Self {
            parts,
            core,
            outside,
            stops: BTreeMap::new(),
            answers: BTreeMap::new(),
            answer_last: 0,
            groups: Vec::new(),
            leaves: Vec::new(),
            orders: Vec::new(),
            appending: 0,
            made: 0,
            is_ending: false,
            has_looked: false,
            lookers: Vec::new(),
        }
    }

    /// Runs until nobody can tell it anything any more, or it was shut down and nothing is left.
    pub(super) async fn run(
        mut self,
        mut messages: UnboundedReceiver<Message>,
        mut signs: UnboundedReceiver<(Ticket, Sign)>,
    ) {
        let mut batch = Vec::new();
        let mut said = Vec::new();
        loop {
            let sleep = sleep_until(self.wakes_at());
            tokio::select! {
                biased;
                count = messages.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        return;
                    }
                }
                count = signs.recv_many(&mut said, BATCH_MAX) => {
                    if count == 0 {
                        return;
                    }
                }
                () = sleep => {}
            }
            // What an attempt says comes before its result, whichever was received first.
            while let Ok(sign) = signs.try_recv() {
                said.push(sign);
            }
            let now = (self.parts.clock)();
            for (ticket, sign) in said.drain(..) {
                self.core.handle(&now, Happening::Signed { ticket, sign });
            }
            for message in batch.drain(..) {
                if matches!(message, Message::End) {
                    return;
                }
                self.take(&now, message);
            }
            if self.core.wakes_at().is_some_and(|at| at <= now.instant()) {
                self.core.handle(&now, Happening::Woken);
            }
            // Whoever gets an answer may look at once whether anything moves, and whoever sees that
            // nothing does has been told of all that happened.
            let is_quiet = self.has_looked && self.core.is_quiet();
            if !is_quiet {
                self.stir();
            }
            self.act(messages.is_empty());
            if is_quiet
                && self.outside.quiet.send_if_modified(|quiet| !std::mem::replace(quiet, true))
            {
                self.parts.observer.quiet(true);
            }
            for looker in self.lookers.drain(..) {
                let _ = looker.send(());
            }
            if self.is_ending && self.core.attempts() == 0 {
                self.outside.idle.send_replace(true);
            }
        }
    }

    /// Says that something moves.
    fn stir(&self) {
        if self.outside.quiet.send_if_modified(std::mem::take) {
            self.parts.observer.quiet(false);
        }
    }

    fn take(&mut self, now: &process_engine::Timestamp, message: Message) {
        match message {
            Message::Appended(appended) => {
                self.appending -= appended.len();
                for (count, (group, outcome)) in (1..).zip(appended) {
                    self.core.handle(now, Happening::Appended { group, outcome });
                    self.act_between(count);
                }
            }
            Message::Ask { process, by, input, answer } => {
                let answer = Some(self.answer_to(Asker::Asks(answer)));
                self.core.handle(now, Happening::Asked { process, by, input: *input, answer });
            }
            Message::CannotLook(error) => {
                if let Some(process) = ProcessId::from_number(1) {
                    self.parts.observer.trouble(process, &error);
                }
            }
            // The loop ends before it is taken in.
            Message::End => {}
            Message::Drive(process) => self.core.drive(now, process),
            Message::Finished(finished) => {
                for (count, (ticket, outcome)) in (1..).zip(finished) {
                    self.stops.remove(&ticket);
                    self.core.handle(now, Happening::Finished { ticket, outcome });
                    self.act_between(count);
                }
            }
            Message::Happened(happening) => {
                if let Happening::NotTakenUp { ticket, .. } = happening {
                    self.stops.remove(&ticket);
                }
                self.core.handle(now, happening);
            }
            Message::Looked(looker) => {
                self.has_looked = true;
                self.lookers.extend(looker);
            }
            Message::Made { group, may_execute, start } => {
                let answer = self.answer_to(Asker::Starts { process: group.id, start });
                self.core.make(now, *group, may_execute, answer);
            }
            Message::ShutDown => {
                self.is_ending = true;
                self.core.shut_down();
            }
        }
    }

    fn answer_to(&mut self, asker: Asker) -> AnswerId {
        self.answer_last += 1;
        self.answers.insert(self.answer_last, asker);
        self.answer_last
    }

    fn answer(&mut self, asker: Asker, outcome: Result<Vec<Event>, Refused>) {
        // Whoever asked may have gone; what became durable is there all the same.
        let (process, mut start) = match asker {
            Asker::Asks(answer) => {
                let _ = answer.send(outcome);
                return;
            }
            Asker::Starts { process, start } => (process, start),
        };
        self.made += 1;
        let not_started = match outcome {
            Ok(_) => {
                let _ = start.answer.send(Ok(process));
                return;
            }
            Err(Refused::Rejected(rejected)) => Some(NotStarted::Rejected(rejected)),
            Err(Refused::Store(error)) => not_appended(error),
        };
        start.tries += 1;
        match not_started.or_else(|| (start.tries >= TRIES_MAX).then(all_taken)) {
            Some(why) => {
                let _ = start.answer.send(Err(why));
            }
            None => {
                let _ = self.outside.errands.send(Errand::Start(start));
            }
        }
    }

    fn wakes_at(&self) -> Instant {
        let now = (self.parts.clock)().instant();
        let wait = self.core.wakes_at().map_or(SLEEP_MAX, |at| {
            // A timer is never early: what is left of a millisecond counts as a whole one.
            let left = (at - now).num_microseconds().unwrap_or(i64::MAX).max(0);
            Duration::from_micros(u64::try_from(left).unwrap_or(0))
        });
        Instant::now() + wait.min(SLEEP_MAX)
    }

    /// Lets the other threads begin while more is taken in.
    fn act_between(&mut self, count: usize) {
        if count.is_multiple_of(ACT_AFTER) {
            self.stir();
            self.act(false);
        }
    }

    fn act(&mut self, is_alone: bool) {
        for action in self.core.take_actions() {
            self.do_one(action);
        }
        self.leave();
        if self.made > 0 {
            let _ = self.outside.errands.send(Errand::Made(std::mem::take(&mut self.made)));
        }
        if !self.orders.is_empty() {
            let _ = self.outside.orders.send(std::mem::take(&mut self.orders));
        }
        if self.groups.is_empty() {
            return;
        }
        let groups = std::mem::take(&mut self.groups);
        let is_first = self.appending == 0 && groups.len() == 1;
        self.appending += groups.len();
        if is_alone && is_first {
            // Nobody else has anything to do: two threads that wake each other would only take time.
            let outcomes = self.parts.store.append(&groups);
            let appended = groups.into_iter().zip(outcomes).collect();
            let _ = self.outside.happenings.send(Message::Appended(appended));
        } else {
            let _ = self.outside.groups.send(groups);
        }
    }

    fn leave(&mut self) {
        if !self.leaves.is_empty() {
            let _ = self.outside.errands.send(Errand::Leave(std::mem::take(&mut self.leaves)));
        }
    }

    fn do_one(&mut self, action: Action) {
        // A thread that is gone panicked, which ended the driver: its messages reach nobody.
        match action {
            Action::Answer { answer, outcome } => {
                if let Some(asker) = self.answers.remove(&answer) {
                    self.answer(asker, outcome);
                }
            }
            Action::Append(group) => self.groups.push(group),
            Action::FindChild { parent, parent_uid, link, level } => {
                let link = Box::new(link);
                let errand = Errand::FindChild { parent, parent_uid, link, level };
                let _ = self.outside.errands.send(errand);
            }
            Action::Leave(id) => self.leaves.push(id),
            Action::Load(id) => {
                // It may be one of those.
                self.leave();
                let _ = self.outside.errands.send(Errand::Load(id));
            }
            Action::Perform(order) => self.begin(order, How::Perform),
            Action::Stop(ticket) => {
                if let Some(stop) = self.stops.get(&ticket) {
                    stop.stop();
                }
            }
            Action::Stored { process, events } => self.parts.observer.stored(process, &events),
            Action::TakeUp { order, program } => self.begin(order, How::TakeUp(program)),
            Action::Tell { process, effect, notice } => self.tell(process, effect, notice),
            Action::Trouble { process, error } => self.parts.observer.trouble(process, &error),
        }
    }

    fn begin(&mut self, order: Box<Order>, how: How) {
        let (stopper, stop) = Stopper::new();
        self.stops.insert(order.ticket, stopper);
        self.orders.push(Begin { order, stop, how });
    }

    fn tell(&self, process: ProcessId, effect: u64, notice: serde_json::Value) {
        let observer = self.parts.observer.clone();
        let happenings = self.outside.happenings.clone();
        self.outside.workers.spawn_blocking(move || {
            let is_done = (1..=TELLS_MAX).any(|attempt| {
                if attempt > 1 {
                    std::thread::sleep(TELL_DELAY * (attempt - 1));
                }
                observer.tell(process, effect, &notice).is_ok()
            });
            let told = Happening::Told { process, effect, is_done };
            let _ = happenings.send(Message::Happened(told));
        });
    }
}
