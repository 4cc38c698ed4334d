//! The thread that begins attempts; those that do not end at once go on among the workers.

use std::{
    pin::Pin,
    sync::mpsc::Receiver,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::mpsc::UnboundedSender};

use super::shell::Message;
use crate::{
    drive::{Order, Ticket},
    handler::{Done, Failed, Performing, Sign, Signs, Stop, Work},
    team::Team,
};

/// The longest that a result waits for those that are handed over with it.
const KEPT_BACK: Duration = Duration::from_micros(500);

/// An attempt that is to begin, and what stops it.
pub(super) type Begin = (Box<Order>, Stop);

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
        for (order, stop) in orders {
            let ticket = order.ticket;
            if let Some(outcome) = begin(team, order, stop, workers, signs, happenings) {
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
fn begin(
    team: &Team,
    order: Box<Order>,
    stop: Stop,
    workers: &Handle,
    signs: &UnboundedSender<(Ticket, Sign)>,
    happenings: &UnboundedSender<Message>,
) -> Option<Result<Done, Failed>> {
    let ticket = order.ticket;
    let Some(handler) = team.member(&order.slot) else {
        return Some(Err(Failed::new("nobody performs such a step")));
    };
    let work = work_of(*order, signs.clone(), stop);
    let begun = std::panic::AssertUnwindSafe(|| {
        let mut performing = handler.perform(work);
        match first_poll(performing.as_mut()) {
            Poll::Ready(outcome) => Ok(outcome),
            Poll::Pending => Err(performing),
        }
    });
    match std::panic::catch_unwind(begun) {
        Ok(Ok(outcome)) => Some(outcome),
        Ok(Err(performing)) => {
            go_on(workers, performing, ticket, happenings.clone());
            None
        }
        Err(_) => Some(Err(Failed::new("the handler panicked"))),
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
    performing: Performing,
    ticket: Ticket,
    happenings: UnboundedSender<Message>,
) {
    let task = workers.spawn(performing);
    workers.spawn(async move {
        let outcome = task.await.unwrap_or_else(|error| {
            let what = if error.is_panic() { "the handler panicked" } else { "the driver ended" };
            Err(Failed::new(what))
        });
        let _ = happenings.send(Message::Finished(vec![(ticket, outcome)]));
    });
}

fn work_of(order: Order, sender: UnboundedSender<(Ticket, Sign)>, stop: Stop) -> Work {
    Work {
        process: order.process,
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
