//! The thread that begins attempts; those that do not end at once go on among the workers.

use std::{
    pin::Pin,
    sync::mpsc::Receiver,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use process_engine::Program;
use tokio::{runtime::Handle, sync::mpsc::UnboundedSender, task::spawn_blocking};

use super::{programs, shell::Message};
use crate::{
    drive::{Happening, Order, Ticket},
    handler::{Done, Failed, Sign, Signs, Stop, TakenUp, TakingUp, Work},
    team::Team,
};

/// The longest that a result waits for those that are handed over with it.
const KEPT_BACK: Duration = Duration::from_micros(500);

/// An attempt that is to begin.
pub(super) struct Begin {
    pub(super) order: Box<Order>,
    /// Says when it is to end.
    pub(super) stop: Stop,
    pub(super) how: How,
}

/// How an attempt begins.
pub(super) enum How {
    /// It is performed.
    Perform,
    /// It was performed before, by this program if one is known.
    TakeUp(Option<Program>),
}

pub(super) fn perform(
    team: &Team,
    orders: &Receiver<Vec<Begin>>,
    workers: &Handle,
    signs: &UnboundedSender<(Ticket, Sign)>,
    happenings: &UnboundedSender<Message>,
) {
    let _entered = workers.enter();
    while let Ok(orders) = orders.recv() {
        let mut finished = Vec::new();
        let mut last_told = Instant::now();
        for begin in orders {
            let ticket = begin.order.ticket;
            if let Some(outcome) = begin_one(team, begin, workers, signs, happenings) {
                finished.push((ticket, outcome));
            }
            // A handler that takes its time keeps back only what was over just before it.
            if last_told.elapsed() > KEPT_BACK && !finished.is_empty() {
                let _ = happenings.send(Message::Finished(std::mem::take(&mut finished)));
                last_told = Instant::now();
            }
        }
        if !finished.is_empty() {
            let _ = happenings.send(Message::Finished(finished));
        }
    }
}

/// Begins an attempt, and returns what came of it when it is over at once.
fn begin_one(
    team: &Team,
    begin: Begin,
    workers: &Handle,
    signs: &UnboundedSender<(Ticket, Sign)>,
    happenings: &UnboundedSender<Message>,
) -> Option<Result<Done, Failed>> {
    let Begin { order, stop, how } = begin;
    let ticket = order.ticket;
    let Some(handler) = team.member(&order.slot) else {
        return Some(Err(Failed::new("nobody performs such a step")));
    };
    let work = work_of(*order, signs.clone(), stop);
    let begun = std::panic::AssertUnwindSafe(|| {
        let mut performing = match how {
            How::Perform => handler.perform(work),
            How::TakeUp(program) => {
                go_on(
                    workers,
                    taken_up(handler.take_up(work), program),
                    ticket,
                    happenings.clone(),
                );
                return None;
            }
        };
        match first_poll(performing.as_mut()) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => {
                let performing = async move { Ok(performing.await) };
                go_on(workers, performing, ticket, happenings.clone());
                None
            }
        }
    });
    match std::panic::catch_unwind(begun) {
        Ok(outcome) => outcome,
        Err(_) => Some(Err(Failed::new("the handler panicked"))),
    }
}

/// Waits for the end of an attempt of a driver before this one; the error tells whether an attempt
/// that nobody goes on with is surely not performed any more.
async fn taken_up(
    taking_up: TakingUp,
    program: Option<Program>,
) -> Result<Result<Done, Failed>, bool> {
    match (taking_up.await, program) {
        (TakenUp::Finished(outcome), _) => Ok(outcome),
        (TakenUp::Doubt, _) => Err(false),
        (TakenUp::Unknown, Some(program)) => {
            let ended = spawn_blocking(move || programs::end(&program));
            Err(ended.await.unwrap_or(false))
        }
        (TakenUp::Gone, _) | (TakenUp::Unknown, None) => Err(true),
    }
}

/// Most of what is performed in the same program ends at once, and needs no task of its own.
fn first_poll(
    performing: Pin<&mut (dyn Future<Output = Result<Done, Failed>> + Send)>,
) -> Poll<Result<Done, Failed>> {
    performing.poll(&mut Context::from_waker(Waker::noop()))
}

fn go_on(
    workers: &Handle,
    performing: impl Future<Output = Result<Result<Done, Failed>, bool>> + Send + 'static,
    ticket: Ticket,
    happenings: UnboundedSender<Message>,
) {
    let task = workers.spawn(performing);
    workers.spawn(async move {
        let ended = task.await.unwrap_or_else(|error| {
            let what = if error.is_panic() { "the handler panicked" } else { "the driver ended" };
            Ok(Err(Failed::new(what)))
        });
        let _ = happenings.send(match ended {
            Ok(outcome) => Message::Finished(vec![(ticket, outcome)]),
            Err(is_certain) => Message::Happened(Happening::NotTakenUp { ticket, is_certain }),
        });
    });
}

fn work_of(order: Order, sender: UnboundedSender<(Ticket, Sign)>, stop: Stop) -> Work {
    Work {
        process: order.process,
        uid: order.uid.to_string(),
        step: order.step,
        visit: order.visit,
        attempt: order.attempt,
        key: order.key,
        task: order.task,
        context: order.context,
        is_compensation: order.is_compensation,
        signs: Signs { sender, ticket: order.ticket },
        stop,
    }
}
