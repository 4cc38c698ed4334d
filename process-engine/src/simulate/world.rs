//! The loop of a simulation: from instant to instant, until nothing happens any more.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use process_core::{StepId, Uid, definition::Definition};

use super::{
    actor::{Actor, BY, later},
    child::{Beginning, Templates, start_input},
    report::Simulation,
    scenario::Scenario,
};
use crate::{
    input::{Input, NewMessage},
    rejected::Rejected,
};

/// The most events of a simulation: more than that is a loop that nobody meant.
const EVENTS_MAX: usize = 1_000_000;

/// Tries a definition on a virtual clock; `templates` finds what sub-processes name.
///
/// # Errors
/// [`Rejected`] when the process cannot be started with the input of the scenario.
pub fn simulate(
    definition: &Arc<Definition>,
    scenario: &Scenario,
    templates: &dyn Fn(&str) -> Option<Arc<Definition>>,
) -> Result<Simulation, Rejected> {
    let mut world = World::begin(definition.clone(), scenario, templates)?;
    world.run();
    Ok(Simulation::of(&world.root, scenario, world.now, world.stopped))
}

struct World<'a, 't> {
    scenario: &'a Scenario,
    templates: Templates<'t>,
    now: DateTime<Utc>,
    root: Actor<'a>,
    /// The highest number of a process.
    count: u32,
    messages: usize,
    items: usize,
    is_cancelled: bool,
    stopped: Option<String>,
}

impl<'a, 't> World<'a, 't> {
    fn begin(
        definition: Arc<Definition>,
        scenario: &'a Scenario,
        templates: Templates<'t>,
    ) -> Result<Self, Rejected> {
        let mut root = Actor::new(scenario, String::new(), scenario.crash_at.clone());
        let beginning = Beginning {
            definition,
            number: 1,
            uid: Uid::from_u128(1),
            input: scenario.input.clone(),
            trigger: scenario.trigger.clone(),
            parent: None,
            limit: None,
        };
        let input = start_input(beginning, scenario.now).ok_or(Rejected::NotCreated)?;
        root.give(scenario.now, BY, input)?;
        let now = scenario.now;
        let (count, messages, items, is_cancelled, stopped) = (1, 0, 0, false, None);
        Ok(Self { scenario, templates, now, root, count, messages, items, is_cancelled, stopped })
    }

    fn run(&mut self) {
        loop {
            while self.happen() {
                if self.events() > EVENTS_MAX {
                    self.stopped = Some(format!("stopped behind {EVENTS_MAX} events"));
                    return;
                }
            }
            let Some(next) = self.next_at() else { return };
            self.now = self.now.max(next);
        }
    }

    /// Lets the next thing happen at this instant; `false` when there is none.
    ///
    /// At one instant come timers, results, decisions, messages, items, a cancel, and at last what
    /// is too late for that instant.
    fn happen(&mut self) -> bool {
        let (now, templates) = (self.now, self.templates);
        go_on(&mut self.root, now, templates, &mut self.count)
            || visit_all(&mut self.root, &mut |actor| tick(actor, now, Input::Wake))
            || visit_all(&mut self.root, &mut |actor| actor.deliver_result(now))
            || visit_all(&mut self.root, &mut |actor| actor.deliver_decision(now))
            || self.deliver_message()
            || self.deliver_item()
            || self.cancel()
            || visit_all(&mut self.root, &mut |actor| tick(actor, now, Input::Tick))
    }

    fn deliver_message(&mut self) -> bool {
        let Some(message) = self.scenario.messages.get(self.messages) else { return false };
        if self.root.has_ended() || self.at(message.at) > self.now {
            return false;
        }
        self.messages += 1;
        let message = NewMessage {
            name: message.name.clone(),
            key: message.key.clone(),
            data: message.data.clone(),
            id: message.id.clone(),
        };
        // A process of its own may be the one that waits.
        let given = match find_waiter(&mut self.root, &message) {
            Some(child) => child.give(self.now, BY, Input::Message(message)),
            None => {
                let given = self.root.give(self.now, BY, Input::Message(message));
                if given == Ok(false) {
                    self.messages -= 1;
                }
                given
            }
        };
        self.root.note(given);
        true
    }

    fn deliver_item(&mut self) -> bool {
        let Some(item) = self.scenario.items.get(self.items) else { return false };
        if self.root.has_ended() || self.at(item.at) > self.now {
            return false;
        }
        self.items += 1;
        let Ok(step) = StepId::parse(&item.step) else { return true };
        let input = Input::AddItem { step, item: item.item.clone() };
        let given = self.root.give(self.now, BY, input);
        if given == Ok(false) {
            self.items -= 1;
        }
        self.root.note(given);
        true
    }

    fn cancel(&mut self) -> bool {
        let Some(at) = self.scenario.cancel_at.filter(|_| !self.is_cancelled) else { return false };
        if self.root.has_ended() || self.at(at) > self.now {
            return false;
        }
        self.is_cancelled = true;
        let given = self.root.give(self.now, BY, Input::Cancel { reason: None });
        if given == Ok(false) {
            self.is_cancelled = false;
        }
        self.root.note(given);
        true
    }

    fn at(&self, since: Duration) -> DateTime<Utc> {
        later(self.scenario.now, since)
    }

    fn next_at(&self) -> Option<DateTime<Utc>> {
        let own = next_of_all(&self.root);
        let script = (!self.root.has_ended()).then(|| {
            let message = self.scenario.messages.get(self.messages).map(|message| message.at);
            let item = self.scenario.items.get(self.items).map(|item| item.at);
            let cancel = self.scenario.cancel_at.filter(|_| !self.is_cancelled);
            message.into_iter().chain(item).chain(cancel).min()
        });
        let script = script.flatten().map(|since| self.at(since));
        own.into_iter().chain(script).min()
    }

    fn events(&self) -> usize {
        fn of(actor: &Actor<'_>) -> usize {
            let children = actor.children.iter().filter_map(|child| child.actor.as_ref().ok());
            actor.events.len() + children.map(|actor| of(actor)).sum::<usize>()
        }
        of(&self.root)
    }
}

/// Hands out work and tends to children, in a process and in all that it started.
fn go_on(
    actor: &mut Actor<'_>,
    now: DateTime<Utc>,
    templates: Templates<'_>,
    count: &mut u32,
) -> bool {
    if actor.hand_out(now) || actor.tend_children(now, templates, count) {
        return true;
    }
    let children = actor.children.iter_mut().filter_map(|child| child.actor.as_mut().ok());
    let mut children = children.filter(|child| child.script.is_none());
    children.any(|child| go_on(child, now, templates, count))
}

/// Does the first thing that can be done, in a process or in one that it started.
fn visit_all(actor: &mut Actor<'_>, act: &mut dyn FnMut(&mut Actor<'_>) -> bool) -> bool {
    if act(actor) {
        return true;
    }
    let children = actor.children.iter_mut().filter_map(|child| child.actor.as_mut().ok());
    let mut children = children.filter(|child| child.script.is_none());
    children.any(|child| visit_all(child, act))
}

/// Lets what is due happen, if anything is.
fn tick(actor: &mut Actor<'_>, now: DateTime<Utc>, input: Input) -> bool {
    let is_due = actor.run().and_then(crate::run::Run::wakes_at).is_some_and(|at| at <= now);
    if !is_due {
        return false;
    }
    let before = actor.events.len();
    let given = actor.give(now, BY, input);
    actor.note(given);
    actor.events.len() != before
}

fn next_of_all(actor: &Actor<'_>) -> Option<DateTime<Utc>> {
    if let Some((at, _)) = &actor.script {
        return *at;
    }
    // A child that was announced goes on only when its parent undoes it.
    let children = actor.children.iter().filter_map(|child| {
        let actor = child.actor.as_ref().ok()?;
        let is_over = child.is_announced && actor.script.is_some();
        if is_over { None } else { next_of_all(actor) }
    });
    actor.next_at().into_iter().chain(children).min()
}

/// Returns the process below this one that waits for a message, the first that started.
fn find_waiter<'m, 'a>(
    actor: &'m mut Actor<'a>,
    message: &NewMessage,
) -> Option<&'m mut Actor<'a>> {
    fn waits(actor: &Actor<'_>, message: &NewMessage) -> bool {
        let waits = actor.run().map(|run| run.waits()).unwrap_or_default();
        waits.iter().any(|(_, name, key)| {
            *name == message.name && key.is_none_or(|key| message.key.as_deref() == Some(key))
        })
    }
    if waits(actor, message) {
        return None;
    }
    let children = actor.children.iter_mut().filter_map(|child| child.actor.as_mut().ok());
    for child in children.filter(|child| child.script.is_none()) {
        if waits(child, message) {
            return Some(child);
        }
        if let Some(found) = find_waiter(child, message) {
            return Some(found);
        }
    }
    None
}
