//! The rules: one file for each input.
//!
//! Each function takes the execution as it is and returns the facts that follow, or why not.

mod archive;
mod by_hand;
mod change;
mod claim;
mod create;
mod edit;
mod edit_step;
mod follow;
mod import;
mod record;
mod restore_version;
pub(crate) mod run;
mod set_step_status;
mod step_list;
mod take_version;
pub(crate) mod text;

pub(crate) use archive::{archive, unarchive};
pub(crate) use by_hand::{ByHand, Sorted, by_hand, leaves_steps_alone};
pub(crate) use change::{change_document, patch_process};
pub(crate) use claim::{claim, release};
pub(crate) use create::create;
pub(crate) use edit::{edit, patch_between};
pub(crate) use edit_step::edit_step;
pub(crate) use follow::{follow, status_follows};
pub(crate) use import::import;
pub(crate) use record::{record_decision, record_evidence, record_risk};
pub(crate) use restore_version::restore_version;
pub(crate) use set_step_status::{set_step_status, transition};
pub(crate) use step_list::{add_step, move_step, remove_step};
pub(crate) use take_version::take_version;
