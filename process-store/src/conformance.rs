//! What every store must do, as tests that each store's own tests call.
//!
//! A place is given as a function that makes an empty one; what it returns opens that place, each
//! time as another program.

mod appending;
mod driving;
mod finding;
pub(crate) mod samples;
mod watching;

#[cfg(test)]
mod tests;

use crate::{error::Error, store::Store};

/// Opens one place, each time as another program.
pub type Opener = Box<dyn Fn() -> Box<dyn Store>>;

/// One property of a store.
pub type Check = fn(&dyn Fn() -> Box<dyn Store>) -> Result<(), Error>;

/// Every property, by its name.
pub const CHECKS: &[(&str, Check)] = &[
    ("appended_events_are_read_back", appending::appended_events_are_read_back),
    ("a_group_is_there_whole_or_not_at_all", appending::a_group_is_there_whole_or_not_at_all),
    ("a_conflict_leaves_nothing", appending::a_conflict_leaves_nothing),
    ("one_refused_group_harms_no_other", appending::one_refused_group_harms_no_other),
    ("events_are_read_in_parts", appending::events_are_read_in_parts),
    ("a_load_is_the_replay_of_the_events", appending::a_load_is_the_replay_of_the_events),
    ("a_place_opened_anew_keeps_everything", appending::a_place_opened_anew_keeps_everything),
    ("what_nobody_made_is_not_there", finding::what_nobody_made_is_not_there),
    ("a_process_is_found_by_key_and_uid", finding::a_process_is_found_by_key_and_uid),
    ("one_of_two_with_the_same_key_is_made", finding::one_of_two_with_the_same_key_is_made),
    ("an_id_is_given_once", finding::an_id_is_given_once),
    ("a_list_is_filtered", finding::a_list_is_filtered),
    ("a_list_comes_in_pages", finding::a_list_comes_in_pages),
    ("one_program_drives_a_process", driving::one_program_drives_a_process),
    ("what_is_not_made_can_be_taken", driving::what_is_not_made_can_be_taken),
    ("the_end_of_a_program_frees_its_processes", driving::the_end_of_a_program_frees),
    ("the_first_poll_tells_all_unfinished", watching::the_first_poll_tells_all_unfinished),
    ("every_change_is_told", watching::every_change_is_told),
];

/// Checks every property, each in a place of its own.
///
/// # Panics
/// When the store lacks one; the message names it.
pub fn run_all(new: &dyn Fn() -> Opener) {
    for (name, check) in CHECKS {
        let opener = new();
        if let Err(error) = check(&*opener) {
            panic!("{name}: {error}");
        }
    }
}
