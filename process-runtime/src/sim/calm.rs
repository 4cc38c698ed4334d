//! The faults are over: everything ends, or stands still with somebody who can move it (I4).

use process_engine::{Execution, Input, ProcessId, Run, Uid, VisitState, WaitingFor};

use super::{people::helpful, world::World};

/// How many things may happen until nothing happens by itself any more.
const QUIET_MAX: u32 = 200_000;

/// How often people help before everything is cancelled.
const HELPS_MAX: usize = 12;

/// How often what is cancelled is helped to its end.
const CANCELS_MAX: usize = 30;

impl World {
    /// Ends the faults, and lets everything come to its end.
    pub(super) fn come_to_rest(&mut self) -> Result<(), String> {
        self.is_calm = true;
        (self.crash_in, self.handle.disk().fault_in) = (0, 0);
        // A project that is trusted at last is driven anew.
        if !std::mem::replace(&mut self.is_trusted, true) {
            for program in 0..self.programs.len() {
                self.crash(program);
            }
        }
        for program in 0..self.programs.len() {
            self.restart(program);
        }
        self.end_hanging();
        self.quiet_down()?;
        for _ in 0..HELPS_MAX {
            if !self.help() {
                break;
            }
            self.quiet_down()?;
        }
        for round in 0..CANCELS_MAX {
            if self.unfinished().is_empty() {
                break;
            }
            if round + 1 == CANCELS_MAX {
                return Err(format!("I4 {:?} come to no end", self.unfinished()));
            }
            for id in self.unfinished() {
                let run =
                    self.handle.disk().execution(id).and_then(Execution::run).map(Run::is_paused);
                if self.is_archived(id) {
                    self.decide_beside(id, "ada", Input::Unarchive);
                } else if run == Some(true) {
                    self.ask(id, "ada", Input::Resume);
                } else {
                    self.decide_beside(id, "ada", Input::Cancel { reason: None });
                }
            }
            self.quiet_down()?;
        }
        self.all_is_over()
    }

    fn is_archived(&self, id: ProcessId) -> bool {
        let disk = self.handle.disk();
        disk.execution(id)
            .and_then(|it| it.process())
            .is_some_and(process_engine::Process::is_archived)
    }

    /// Lets everything happen that happens by itself.
    fn quiet_down(&mut self) -> Result<(), String> {
        for _ in 0..QUIET_MAX {
            if !self.step() {
                self.check()?;
                return self.stands_still();
            }
            self.check()?;
        }
        let open = self.unfinished();
        let archived: Vec<ProcessId> =
            open.iter().copied().filter(|id| self.is_archived(*id)).collect();
        Err(format!(
            "I4 it comes to no rest: {open:?} are open, of which {archived:?} are put away"
        ))
    }

    /// People do what everybody waits for; returns whether there was anything to do.
    fn help(&mut self) -> bool {
        let mut has_helped = false;
        for id in self.unfinished() {
            if self.is_archived(id) {
                self.ask(id, "ada", Input::Unarchive);
                has_helped = true;
                continue;
            }
            let found = {
                let disk = self.handle.disk();
                let run = disk.execution(id).and_then(Execution::run);
                run.and_then(|run| helpful(&mut self.random, run))
            };
            let Some((input, by)) = found else { continue };
            has_helped = true;
            if self.random.is_one_in(2) {
                self.ask(id, &by, input);
            } else {
                self.decide_beside(id, &by, input);
            }
        }
        has_helped
    }

    pub(super) fn unfinished(&self) -> Vec<ProcessId> {
        let disk = self.handle.disk();
        let is_open = |execution: &Execution| execution.run().is_some_and(|it| it.end().is_none());
        let open = disk.journals.iter().filter(|(_, journal)| is_open(&journal.execution));
        open.map(|(id, _)| *id).collect()
    }

    /// Checks that whatever is not over waits for somebody who can be named.
    fn stands_still(&self) -> Result<(), String> {
        let disk = self.handle.disk();
        for (id, journal) in &disk.journals {
            let id = *id;
            if self.is_archived_in(&journal.execution) {
                continue;
            }
            let Some(run) = journal.execution.run() else { continue };
            if let Some(why) = self.is_stuck(&disk, run) {
                let lines = journal.events.iter().map(|event| event.to_value().to_string());
                let lines: Vec<String> = lines.collect();
                drop(disk);
                self.handle.disk().evidence = lines;
                return Err(format!("I4 {id} is stuck: {why}"));
            }
        }
        for (program, it) in self.programs.iter().enumerate() {
            let Some(core) = &it.core else { continue };
            if core.attempts() != 0 {
                let why = core.restless();
                return Err(format!("I4 {program} waits for attempts that are over: {why:?}"));
            }
            if !core.is_quiet() {
                let why = core.restless();
                return Err(format!("I4 {program} is not quiet, and nothing happens: {why:?}"));
            }
        }
        if let Some((answer, (_, process, ..))) = self.answers.first_key_value() {
            return Err(format!("I1 question {answer} about {process} was never answered"));
        }
        if let Some((id, owner)) = disk.owners.first_key_value() {
            return Err(format!("I4 {owner} keeps {id}, and nothing happens to it"));
        }
        Ok(())
    }

    fn is_archived_in(&self, execution: &Execution) -> bool {
        execution.process().is_some_and(process_engine::Process::is_archived)
    }

    fn is_stuck(&self, disk: &super::disk::Disk, run: &Run) -> Option<String> {
        if !run.notices().is_empty() {
            return Some("a notice is told to nobody".to_owned());
        }
        if run.end().is_some() {
            return None;
        }
        if let Some(at) = run.wakes_at() {
            return Some(format!("nobody wakes it at {at}"));
        }
        let is_held = |visit: &process_engine::Visit| visit.holder().is_some();
        if let Some((step, number, _)) = run.running().iter().find(|(.., it)| !is_held(it)) {
            return Some(format!("nobody performs {step}#{number}"));
        }
        if let Some(undone) = run.compensating().filter(|undone| undone.token.is_some())
            && undone.work["type"] != "compensate_process"
        {
            return Some("nobody undoes what is to be undone".to_owned());
        }
        let ready = run.dispatchable().find(|(step, _)| {
            let step = run.definition().step(step.as_str());
            step.is_some_and(|(_, step)| self.workers.slot_of(step).is_some())
        });
        if let Some((step, number)) = ready {
            return Some(format!("nobody takes {step}#{number}"));
        }
        let waiting = run.waiting();
        for wait in waiting.iter().filter(|it| it.waiting_for == WaitingFor::Child) {
            let child = run.step(wait.step.as_str())?.visit(wait.visit)?.child()?.uid;
            let child = disk.find_uid(child).and_then(|id| disk.execution(id));
            match child.and_then(Execution::run) {
                None => return Some(format!("{} waits for no process", wait.step)),
                Some(run) if run.end().is_some() => {
                    return Some(format!("{} waits for a process that is over", wait.step));
                }
                Some(_) => {}
            }
        }
        let undone = run.compensating().and_then(|it| it.work["uid"].as_str());
        let undone = undone.and_then(|uid| Uid::parse(uid).ok());
        let child = undone.and_then(|uid| disk.find_uid(uid)).and_then(|id| disk.execution(id));
        // A process below that undoes itself waits for something of its own, or it is put away.
        let waits_for_child = child.is_some_and(|child| {
            self.is_archived_in(child) || child.run().is_some_and(|run| run.end().is_none())
        });
        let is_awake = run.is_paused()
            || !waiting.is_empty()
            || waits_for_child
            || run.running().iter().any(|(.., visit)| visit.state() == VisitState::Running);
        (!is_awake)
            .then(|| format!("it waits for nothing: {:?}, {:?}", run.ending(), run.compensating()))
    }

    /// Checks what must be true when everything is over.
    fn all_is_over(&mut self) -> Result<(), String> {
        let disk = self.handle.disk();
        for (id, journal) in &disk.journals {
            let spent = journal.execution.run().map(Run::spent).unwrap_or_default();
            if spent != journal.checker.spent() {
                return Err(format!("I8 {id} says that it spent {spent}, and its events do not"));
            }
            let mut replayed = Execution::default();
            for event in &journal.events {
                let text = event.to_value().to_string();
                let value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                let read = process_engine::Event::from_value(&value)?;
                if read != *event {
                    return Err(format!("I3 event {} of {id} is read as another", event.seq));
                }
                replayed.apply(&read);
            }
            if replayed != journal.execution {
                let place = super::check::difference(&replayed, &journal.execution);
                return Err(format!("I3 {id} is read as another: {place}"));
            }
        }
        Ok(())
    }
}
