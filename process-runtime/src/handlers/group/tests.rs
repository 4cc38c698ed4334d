//! Tests of groups: who is never in one of ours.

use super::{Group, read_stat};

#[test]
fn nobody_but_a_program_of_ours_has_a_group() {
    let own = rustix::process::getpgrp().as_raw_nonzero().get();
    for pid in [0, 1, u32::MAX, u32::try_from(own).unwrap()] {
        assert_eq!(Group::of(pid), None, "{pid}");
    }
}

#[test]
fn the_start_time_is_that_by_which_the_store_knows_a_process() {
    let this = process_store::lock::Identity::of_this_process();
    let stat = read_stat(std::process::id());
    assert_eq!(stat.map(|stat| stat.start_time), this.start_time);
    let group = rustix::process::getpgrp().as_raw_nonzero().get();
    assert_eq!(stat.map(|stat| stat.group), Some(group));
}
