//! Who drives a process.

use super::samples::{append, cancelled, started};
use crate::{error::Error, store::Store};

type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

pub(super) fn one_program_drives_a_process(open: Open<'_>) -> Result<(), Error> {
    let (ours, theirs) = (open(), open());
    let ids = ours.reserve(2)?;
    let groups = [started(ids[0], None), started(ids[1], None)];
    for group in &groups {
        append(&*ours, group)?;
    }
    assert!(ours.take(ids[0])?);
    assert!(ours.take(ids[0])?, "who drives it may take it again");
    assert!(!theirs.take(ids[0])?);
    assert!(theirs.take(ids[1])?, "another process is free");
    assert_eq!(ours.take_all(&ids)?, [true, false]);
    theirs.leave(ids[0]);
    assert!(!theirs.take(ids[0])?, "nobody leaves what another one drives");
    ours.leave(ids[0]);
    assert!(theirs.take(ids[0])?);
    assert!(!ours.take(ids[0])?);
    // Whoever does not drive it may still change it.
    append(&*ours, &cancelled(&groups[0]))?;
    assert!(!ours.take(ids[1])?);
    Ok(())
}

pub(super) fn what_is_not_made_can_be_taken(open: Open<'_>) -> Result<(), Error> {
    let (ours, theirs) = (open(), open());
    let ids = ours.reserve(2)?;
    assert_eq!(ours.take_all(&ids[..1])?, [true]);
    assert!(ours.take(ids[1])?);
    for id in &ids {
        append(&*ours, &started(*id, None))?;
        assert!(!theirs.take(*id)?, "{id} is driven by whoever made it");
    }
    Ok(())
}

pub(super) fn the_end_of_a_program_frees(open: Open<'_>) -> Result<(), Error> {
    let (ours, theirs) = (open(), open());
    let group = started(super::finding::one(&*ours)?, None);
    assert!(ours.take(group.id)?);
    append(&*ours, &group)?;
    assert!(!theirs.take(group.id)?);
    drop(ours);
    assert!(theirs.take(group.id)?);
    Ok(())
}
