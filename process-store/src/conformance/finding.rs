//! Finding processes, and ids for new ones.

use std::collections::BTreeSet;
use std::thread;

use process_core::{ProcessId, ProcessStatus, Uid};

use super::samples::{append, by_hand, now, started};
use crate::{
    error::{Error, ErrorKind},
    store::{Query, Store},
};

type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

/// Returns one id that no process has.
pub(super) fn one(store: &dyn Store) -> Result<ProcessId, Error> {
    let ids = store.reserve(1)?;
    assert_eq!(ids.len(), 1, "one id was asked for");
    Ok(ids[0])
}

pub(super) fn what_nobody_made_is_not_there(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let id = one(&*store)?;
    assert_eq!(store.load(id)?, None);
    assert_eq!(store.events(id, 0)?, []);
    assert_eq!(store.find_key("no such key")?, None);
    assert_eq!(store.find_uid(Uid::from_u128(99))?, None);
    let missing = super::samples::step(&by_hand(id, |_| {}), "Next");
    let refused = append(&*store, &missing).map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Conflict));
    let page = store.list(&Query { all: true, limit: 10, ..Query::default() })?;
    assert_eq!((page.processes.len(), page.has_more), (0, false));
    Ok(())
}

pub(super) fn a_process_is_found_by_key_and_uid(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(3)?;
    let first = started(ids[0], Some("alpha"));
    append(&*store, &first)?;
    append(&*store, &started(ids[1], Some("beta")))?;
    append(&*store, &started(ids[2], None))?;
    assert_eq!(store.find_key("alpha")?, Some(ids[0]));
    assert_eq!(store.find_key("beta")?, Some(ids[1]));
    assert_eq!(open().find_key("beta")?, Some(ids[1]));
    assert_eq!(store.find_key("alph")?, None);
    let uid = first.execution.process().map(|process| process.uid);
    assert_eq!(store.find_uid(uid.unwrap_or_default())?, Some(ids[0]));
    let ended = super::samples::cancelled(&first);
    append(&*store, &ended)?;
    assert_eq!(store.find_key("alpha")?, Some(ids[0]), "a key is kept behind the end");
    Ok(())
}

pub(super) fn one_of_two_with_the_same_key_is_made(open: Open<'_>) -> Result<(), Error> {
    let (one, two) = (open(), open());
    let ids = one.reserve(2)?;
    let groups = [started(ids[0], Some("same")), started(ids[1], Some("same"))];
    let told: Vec<Result<(), Error>> = thread::scope(|scope| {
        let first = scope.spawn(|| append(&*one, &groups[0]));
        let second = scope.spawn(|| append(&*two, &groups[1]));
        [first, second].map(|racer| racer.join().expect("no racer panics")).into()
    });
    let winner = told.iter().position(Result::is_ok);
    let winner = winner.expect("one of the racers wins");
    let Err(error) = &told[1 - winner] else { panic!("both racers won") };
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let named = error.details().map(|details| details["process"].clone());
    assert_eq!(named, Some(ids[winner].to_string().into()), "{error}");
    assert_eq!(one.find_key("same")?, Some(ids[winner]));
    assert_eq!(one.load(ids[1 - winner])?, None);
    // The same for a uid.
    let id = self::one(&*one)?;
    let uid = groups[winner].execution.process().map(|process| process.uid).unwrap_or_default();
    let twin = by_hand(id, |process| process.uid = uid);
    let refused = append(&*two, &twin).map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Conflict));
    Ok(())
}

pub(super) fn an_id_is_given_once(open: Open<'_>) -> Result<(), Error> {
    let (one, two) = (open(), open());
    let mut given: BTreeSet<ProcessId> = BTreeSet::new();
    thread::scope(|scope| -> Result<(), Error> {
        let racers = [&one, &two].map(|store| {
            scope.spawn(|| (1..=5).map(|count| store.reserve(count)).collect::<Result<Vec<_>, _>>())
        });
        for racer in racers {
            for id in racer.join().expect("no racer panics")?.into_iter().flatten() {
                assert!(given.insert(id), "{id} was given twice");
            }
        }
        Ok(())
    })?;
    assert_eq!(given.len(), 30);
    let made = given.last().copied().expect("thirty ids were given");
    append(&*one, &by_hand(made, |_| {}))?;
    drop((one, two));
    let next = self::one(&*open())?;
    assert!(!given.contains(&next), "{next} was given twice");
    Ok(())
}

pub(super) fn a_list_is_filtered(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(4)?;
    let groups = [
        by_hand(ids[0], |process| process.name = "Move the ÄPFEL".into()),
        by_hand(ids[1], |process| process.goal = "Room for äpfel".into()),
        by_hand(ids[2], |process| process.tags = vec!["red".into(), "50%_x".into()]),
        by_hand(ids[3], |process| process.archived_at = Some(now())),
    ];
    for group in &groups {
        append(&*store, group)?;
    }
    let listed = |query: Query| -> Result<Vec<ProcessId>, Error> {
        let page = store.list(&Query { limit: 10, ..query })?;
        Ok(page.processes.iter().map(|entry| entry.id).collect())
    };
    let search = |text: &str| Query { search: Some(text.to_owned()), ..Query::default() };
    let tag = |text: &str| Query { tag: Some(text.to_owned()), ..Query::default() };
    assert_eq!(listed(Query::default())?, ids[..3]);
    assert_eq!(listed(Query { all: true, ..Query::default() })?, ids);
    assert_eq!(listed(search("Äpfel"))?, ids[..2]);
    assert_eq!(listed(search(&ids[1].to_string()))?, ids[1..2]);
    assert_eq!(listed(search("50%_"))?, ids[2..3]);
    assert_eq!(listed(search("%"))?, ids[2..3]);
    assert_eq!(listed(search("it's \"quoted\""))?, []);
    assert_eq!(listed(tag("red"))?, ids[2..3]);
    assert_eq!(listed(tag("re"))?, []);
    let status = |status| Query { status: Some(status), all: true, ..Query::default() };
    let first = groups[0].execution.process().map(|process| process.status);
    assert_eq!(listed(status(first.unwrap_or(ProcessStatus::Planned)))?, ids);
    assert_eq!(listed(status(ProcessStatus::Failed))?, []);
    let page = store.list(&Query { limit: 1, ..Query::default() })?;
    let (entry, process) = (&page.processes[0], groups[0].execution.process());
    let process = process.expect("the group makes a process");
    assert_eq!((&entry.name, entry.uid), (&process.name, Some(process.uid)));
    assert_eq!(entry.revision, Some(groups[0].execution.revision()));
    assert_eq!(entry.created_at.as_ref(), Some(&process.created_at));
    Ok(())
}

pub(super) fn a_list_comes_in_pages(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(7)?;
    let groups: Vec<_> = ids.iter().map(|id| by_hand(*id, |_| {})).collect();
    assert!(store.append(&groups).iter().all(Result::is_ok));
    let (mut found, mut after) = (Vec::new(), None);
    for turn in 0.. {
        let page = store.list(&Query { after, limit: 3, ..Query::default() })?;
        found.extend(page.processes.iter().map(|entry| entry.id));
        after = found.last().copied();
        assert_eq!(page.has_more, turn < 2, "page {turn}");
        if !page.has_more {
            break;
        }
    }
    assert_eq!(found, ids);
    Ok(())
}
