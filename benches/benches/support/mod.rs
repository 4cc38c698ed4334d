//! What both benches stand on: folders on the real disk, projects with many processes, and runs.

pub(crate) mod folder;
pub(crate) mod project;
pub(crate) mod run;
