//! Tests of groups: who is never in one of ours.

use super::Group;

#[test]
fn nobody_but_a_program_of_ours_has_a_group() {
    let own = rustix::process::getpgrp().as_raw_nonzero().get();
    for pid in [0, 1, u32::MAX, u32::try_from(own).unwrap()] {
        assert_eq!(Group::of(pid), None, "{pid}");
    }
}
