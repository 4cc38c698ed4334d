//! What both benches stand on: folders on the real disk, and projects with many processes.

pub(crate) mod folder;
pub(crate) mod project;
