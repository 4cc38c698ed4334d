//! What each operation on children answers (docs/cli.md).

use serde_json::{Value, json};

use super::{Child, ChildLogs, Cleaning, EndedChild, Spawned};
use crate::answer::{Answered, FOUND_WRONG};

/// Answers a list of children.
#[must_use]
pub fn children(children: &[Child]) -> Answered {
    let values: Vec<Value> = children.iter().map(Child::to_value).collect();
    Answered::new(json!({"children": values}))
}

/// Answers a cleaning: exit 1 when something was left alone that should not be there.
#[must_use]
pub fn cleaning(cleaning: &Cleaning) -> Answered {
    let is_success = cleaning.is_plan || cleaning.is_success();
    Answered::new(cleaning.to_value()).with_exit(if is_success { 0 } else { FOUND_WRONG })
}

/// Answers the end of a child: exit 1 when it did not end.
#[must_use]
pub fn ended(ended: &EndedChild) -> Answered {
    let exit = if ended.cleaning.is_success() { 0 } else { FOUND_WRONG };
    Answered::new(ended.to_value()).with_exit(exit)
}

/// Answers what a child has written.
#[must_use]
pub fn logs(logs: &ChildLogs) -> Answered {
    Answered::new(logs.to_value())
}

/// Answers the start of a child.
#[must_use]
pub fn spawned(spawned: &Spawned) -> Answered {
    Answered::new(spawned.to_value())
}
