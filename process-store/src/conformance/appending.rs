//! Appending and reading back.

use process_core::ProcessId;
use process_engine::Execution;

use super::samples::{append, by_hand, numbers, started, step};
use crate::{
    error::{Error, ErrorKind},
    store::Store,
};

type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

pub(super) fn appended_events_are_read_back(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let first = by_hand(one(&*store)?, |_| {});
    append(&*store, &first)?;
    let second = step(&first, "Next");
    append(&*store, &second)?;
    let all = [first.events.clone(), second.events.clone()].concat();
    assert_eq!(store.events(first.id, 0)?, all);
    assert_eq!(store.load(first.id)?, Some(*second.execution));
    Ok(())
}

pub(super) fn a_group_is_there_whole_or_not_at_all(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let first = by_hand(one(&*store)?, |_| {});
    append(&*store, &first)?;
    let mut bad = step(&step(&first, "Next"), "Another");
    // Its first event does not follow what is there.
    bad.expected = first.execution.revision();
    let refused = append(&*store, &bad);
    assert!(refused.is_err(), "events with a gap were taken");
    assert_eq!(store.events(first.id, 0)?, first.events);
    Ok(())
}

pub(super) fn a_conflict_leaves_nothing(open: Open<'_>) -> Result<(), Error> {
    let (ours, theirs) = (open(), open());
    let first = by_hand(one(&*ours)?, |_| {});
    append(&*ours, &first)?;
    assert!(theirs.load(first.id)?.is_some());
    let mine = step(&first, "Mine");
    append(&*ours, &mine)?;
    let late = append(&*theirs, &step(&first, "Theirs"));
    assert_eq!(late.map_err(|error| error.kind()), Err(ErrorKind::Conflict));
    let made_again = append(&*theirs, &by_hand(first.id, |process| process.name = "Other".into()));
    assert_eq!(made_again.map_err(|error| error.kind()), Err(ErrorKind::Conflict));
    assert_eq!(theirs.load(first.id)?, Some(*mine.execution.clone()));
    append(&*theirs, &step(&mine, "Theirs"))?;
    assert_eq!(ours.events(first.id, 0)?.len() as u64, mine.execution.revision() + 1);
    Ok(())
}

pub(super) fn one_refused_group_harms_no_other(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(3)?;
    let made: Vec<_> = ids.iter().map(|id| by_hand(*id, |_| {})).collect();
    assert!(store.append(&made).iter().all(Result::is_ok));
    let mut next: Vec<_> = made.iter().map(|group| step(group, "Next")).collect();
    next[1].expected = 77;
    let told = store.append(&next);
    assert_eq!(told.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    for (index, id) in ids.iter().enumerate() {
        let expected = if index == 1 { &made[1] } else { &next[index] };
        assert_eq!(store.load(*id)?.as_ref(), Some(&*expected.execution), "{id}");
    }
    Ok(())
}

pub(super) fn events_are_read_in_parts(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let mut last = by_hand(one(&*store)?, |_| {});
    append(&*store, &last)?;
    for _ in 0..5 {
        last = step(&last, "Next");
        append(&*store, &last)?;
    }
    let end = last.execution.revision();
    for after in 0..=end {
        let found = numbers(&store.events(last.id, after)?);
        assert_eq!(found, (after + 1..=end).collect::<Vec<_>>(), "behind {after}");
    }
    assert_eq!(store.events(last.id, end + 5)?, []);
    Ok(())
}

pub(super) fn a_load_is_the_replay_of_the_events(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let mut last = by_hand(one(&*store)?, |_| {});
    append(&*store, &last)?;
    // Long enough that a store may keep the state beside its events.
    for turn in 0..12 {
        last = step(&last, &format!("{turn} {}", "long ".repeat(10_000)));
        append(&*store, &last)?;
        let events = store.events(last.id, 0)?;
        assert_eq!(store.load(last.id)?, Some(Execution::replay(&events)), "turn {turn}");
    }
    let run = started(one(&*store)?, Some("run"));
    append(&*store, &run)?;
    assert_eq!(store.load(run.id)?, Some(*run.execution));
    Ok(())
}

pub(super) fn a_place_opened_anew_keeps_everything(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(2)?;
    let hand = by_hand(ids[0], |_| {});
    let run = started(ids[1], Some("kept"));
    append(&*store, &hand)?;
    append(&*store, &run)?;
    let before = open();
    drop(store);
    drop(before);
    let store = open();
    assert_eq!(store.load(hand.id)?, Some(*hand.execution));
    assert_eq!(store.load(run.id)?, Some(*run.execution));
    assert_eq!(store.find_key("kept")?, Some(run.id));
    assert!(!ids.contains(&one(&*store)?), "an id was given twice");
    Ok(())
}

fn one(store: &dyn Store) -> Result<ProcessId, Error> {
    super::finding::one(store)
}
