//! Seeing what changes.

use std::collections::BTreeSet;

use process_core::ProcessId;

use super::samples::{append, cancelled, group, started};
use crate::{
    error::Error,
    store::{Standing, Store, Watch},
};

type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

pub(super) fn the_first_poll_tells_all_unfinished(open: Open<'_>) -> Result<(), Error> {
    let store = open();
    let ids = store.reserve(3)?;
    let groups = ids.iter().map(|id| started(*id, None)).collect::<Vec<_>>();
    assert!(store.append(&groups).iter().all(Result::is_ok));
    append(&*store, &cancelled(&groups[1]))?;
    let other = open();
    let mut watch = other.watch();
    let told = watch.poll()?;
    let unfinished: Vec<_> = told.iter().map(|standing| standing.id).collect();
    assert_eq!(unfinished, [ids[0], ids[2]]);
    for standing in &told {
        // A store that would have to load it says so.
        let exact = groups
            .iter()
            .filter_map(|group| Standing::of(group.id, &group.execution))
            .find(|exact| exact.id == standing.id);
        let is_exact = Some(*standing) == exact;
        assert!(is_exact || standing.revision == 0 && standing.is_busy, "{standing:?}");
    }
    Ok(())
}

pub(super) fn every_change_is_told(open: Open<'_>) -> Result<(), Error> {
    let (ours, theirs) = (open(), open());
    let ids = ours.reserve(2)?;
    let first = started(ids[0], None);
    append(&*ours, &first)?;
    let mut watches = [ours.watch(), theirs.watch()];
    for watch in &mut watches {
        assert_eq!(ids_of(watch)?, BTreeSet::from([ids[0]]));
        while !watch.poll()?.is_empty() {}
    }
    append(&*theirs, &started(ids[1], None))?;
    for watch in &mut watches {
        assert!(ids_of(watch)?.contains(&ids[1]), "another program's new process is told");
        while !watch.poll()?.is_empty() {}
    }
    let input = process_engine::Input::Pause;
    let paused = group(first.id, first.execution.clone(), input);
    append(&*ours, &paused)?;
    for watch in &mut watches {
        assert!(ids_of(watch)?.contains(&ids[0]), "a change is told");
    }
    append(&*ours, &cancelled(&paused))?;
    for watch in &mut watches {
        assert!(ids_of(watch)?.contains(&ids[0]), "an end is told");
    }
    Ok(())
}

fn ids_of(watch: &mut Box<dyn Watch>) -> Result<BTreeSet<ProcessId>, Error> {
    Ok(watch.poll()?.iter().map(|standing| standing.id).collect())
}
