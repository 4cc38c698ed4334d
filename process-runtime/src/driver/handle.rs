//! What a program holds of a driver.

use std::{
    io,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use process_engine::{Event, Input, ProcessId};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{
        mpsc::{UnboundedSender, unbounded_channel},
        oneshot, watch,
    },
};

use super::{
    Quiet,
    parts::Parts,
    perform, reader,
    reader::Errand,
    shell::{Message, Outside, Shell},
    start::{NewRun, NotStarted, Start},
    watcher,
    watcher::Looker,
    writer,
};
use crate::drive::Refused;

/// A driver that runs on threads of its own; it ends when this is dropped.
///
/// Whatever it has not made durable by then is as if it had never been begun, and the next driver
/// goes on from there.
pub struct Driver {
    messages: UnboundedSender<Message>,
    errands: Option<mpsc::Sender<Errand>>,
    quiet: watch::Receiver<bool>,
    idle: watch::Receiver<bool>,
    watching: Option<mpsc::Sender<Looker>>,
    threads: Vec<JoinHandle<()>>,
    workers: Option<Runtime>,
}

impl Driver {
    /// Starts a driver.
    ///
    /// # Errors
    /// Whatever keeps the system from starting a thread.
    pub fn start(parts: Parts) -> io::Result<Self> {
        let workers = Builder::new_multi_thread()
            .worker_threads(thread::available_parallelism().map_or(2, usize::from).clamp(1, 8))
            .thread_name("procside-worker")
            .enable_all()
            .build()?;
        let (messages, receiver) = unbounded_channel();
        let (groups, to_write) = unbounded_channel();
        let (signs, said) = unbounded_channel();
        let (errands, to_read) = mpsc::channel();
        let (orders, to_perform) = mpsc::channel();
        let (watching, asked) = mpsc::channel();
        let (quiet_sender, quiet) = watch::channel(false);
        let (idle_sender, idle) = watch::channel(false);
        let mut threads = Vec::new();

        let (store, happenings) = (parts.store.clone(), messages.clone());
        threads.push(spawn("writer", move || writer::write(&store, to_write, &happenings))?);
        let (own, happenings) = (parts.clone(), messages.clone());
        threads.push(spawn("reader", move || reader::read(&own, &to_read, &happenings))?);
        let (store, happenings) = (parts.store.clone(), messages.clone());
        threads.push(spawn("watcher", move || watcher::watch(&store, &happenings, &asked))?);
        let (team, happenings) = (parts.team.clone(), messages.clone());
        let handle = workers.handle().clone();
        threads.push(spawn("performer", move || {
            perform::perform(&team, &to_perform, &handle, &signs, &happenings);
        })?);
        let outside = Outside {
            groups,
            errands: errands.clone(),
            orders,
            workers: workers.handle().clone(),
            happenings: messages.clone(),
            quiet: quiet_sender,
            idle: idle_sender,
        };
        let clocked = Builder::new_current_thread().enable_time().build()?;
        threads.push(spawn("driver", move || {
            clocked.block_on(Shell::new(parts, outside).run(receiver, said));
        })?);
        let (watching, workers, errands) = (Some(watching), Some(workers), Some(errands));
        Ok(Self { messages, errands, quiet, idle, watching, threads, workers })
    }

    /// Starts a process, and drives it; it is durable when this returns.
    ///
    /// # Errors
    /// [`NotStarted`] when it exists, cannot be started so, or cannot be kept.
    pub async fn start_process(&self, new: NewRun) -> Result<ProcessId, NotStarted> {
        let (answer, answered) = oneshot::channel();
        if let Some(errands) = &self.errands {
            let _ = errands.send(Errand::Start(Box::new(Start { new, tries: 0, answer })));
        }
        answered.await.unwrap_or_else(|_| Err(NotStarted::Store(gone())))
    }

    /// Asks something of a process; what follows is durable when this returns.
    ///
    /// # Errors
    /// [`Refused`] when the engine refuses it, or the store cannot keep it.
    pub async fn ask(
        &self,
        process: ProcessId,
        by: impl Into<String>,
        input: Input,
    ) -> Result<Vec<Event>, Refused> {
        let (answer, answered) = oneshot::channel();
        let _ = self.messages.send(Message::Ask {
            process,
            by: by.into(),
            input: Box::new(input),
            answer,
        });
        answered.await.unwrap_or_else(|_| Err(Refused::Store(gone())))
    }

    /// Drives a process from here on.
    pub fn drive(&self, process: ProcessId) {
        let _ = self.messages.send(Message::Drive(process));
    }

    /// Looks at once for what others appended, instead of within 100 ms; when this returns, it is
    /// taken in, and [`Driver::quiet`] speaks of it.
    pub async fn look(&self) {
        let (looker, looked) = oneshot::channel();
        if let Some(watching) = &self.watching {
            let _ = watching.send(looker);
        }
        // What cannot be looked at is told as trouble.
        let _ = looked.await;
    }

    /// Returns what says whether nothing moves by itself any more: all that is driven has ended, or
    /// waits for people, messages or work that nobody here performs.
    #[must_use]
    pub fn quiet(&self) -> Quiet {
        Quiet(self.quiet.clone())
    }

    /// Begins nothing any more, lets what is performed end, and returns whether it did in this time.
    ///
    /// What did not end is performed again, as the same attempt, by the next driver.
    pub async fn shut_down(mut self, patience: Duration) -> bool {
        let _ = self.messages.send(Message::ShutDown);
        let idle = self.idle.wait_for(|idle| *idle);
        let is_idle = tokio::time::timeout(patience, idle).await.is_ok_and(|idle| idle.is_ok());
        self.end();
        is_idle
    }

    fn end(&mut self) {
        (self.watching, self.errands) = (None, None);
        let _ = self.messages.send(Message::End);
        if let Some(workers) = self.workers.take() {
            // What is still performed is dropped where it waits, which ends its programs.
            workers.shutdown_background();
        }
        // What is being appended becomes durable before anybody else opens the store.
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(format!("procside-{name}")).spawn(run)
}

fn gone() -> process_store::Error {
    process_store::Error::new(process_store::ErrorKind::Io, "the driver has ended")
}
