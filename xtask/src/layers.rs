//! Which crate may see which, and what each may touch: the one table, and the checks that hold it.
//!
//! An arrow that the table does not name is its own commit, with the reason.

mod arrows;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::repository::Repository;
use crate::violation::Violation;

/// A crate of the map, named by its folder.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) folder: &'static str,
    pub(crate) package: &'static str,
    pub(crate) kind: LayerKind,
    /// The crates that it may name in its manifest, by folder.
    pub(crate) sees: &'static [&'static str],
}

/// What a crate is for, which decides what it may touch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LayerKind {
    /// Translates between the outside and `procside`.
    Frontend,
    /// Stands between the pure crates and the frontends.
    Outer,
    /// Sees no file, socket, clock, thread, environment or randomness.
    Pure,
    /// Builds, measures or attacks the others; never delivered.
    Tool,
}

use LayerKind::{Frontend, Outer, Pure, Tool};

/// The map, from the bottom up; crates that do not exist yet have their place in it.
pub(crate) const LAYERS: [Layer; 15] = [
    layer("process-core", Pure, &[]),
    layer("process-patch", Pure, &[]),
    layer("procreg", Pure, &[]),
    layer("process-engine", Pure, &["process-core"]),
    layer("process-designer", Pure, &["process-core", "process-patch"]),
    layer("process-store", Outer, &["process-core", "process-engine", "process-patch", "procreg"]),
    layer("process-runtime", Outer, &["process-store", "process-engine", "procreg"]),
    layer("process-workspace", Outer, &["process-runtime"]),
    layer(
        "procside",
        Outer,
        &[
            "process-core",
            "process-designer",
            "process-engine",
            "process-patch",
            "process-runtime",
            "process-store",
            "process-workspace",
            "procreg",
        ],
    ),
    frontend("server", "procside-server", &["procside"]),
    frontend("cli", "procside-cli", &["procside", "server"]),
    frontend("ffi", "procside-ffi", &["procside"]),
    Layer { package: "procside-benches", ..layer("benches", Tool, &["procside"]) },
    layer(
        "fuzz",
        Tool,
        &[
            "process-core",
            "process-designer",
            "process-engine",
            "process-patch",
            "process-store",
            "procreg",
        ],
    ),
    layer("xtask", Tool, &[]),
];

const fn layer(folder: &'static str, kind: LayerKind, sees: &'static [&'static str]) -> Layer {
    Layer { folder, package: folder, kind, sees }
}

const fn frontend(
    folder: &'static str,
    package: &'static str,
    sees: &'static [&'static str],
) -> Layer {
    Layer { folder, package, kind: Frontend, sees }
}

/// Returns all that breaks the map: in the manifests, and in what the sources touch.
///
/// # Errors
/// When a file cannot be read, or cargo does not answer.
pub(crate) fn violations(root: &Path) -> io::Result<Vec<Violation>> {
    let mut violations = arrows::violations(&arrows::manifests(root)?);
    violations.extend(reach::violations(&Repository::read(root)?));
    violations.sort();
    Ok(violations)
}

impl Layer {
    fn of_folder(folder: &str) -> Option<&'static Layer> {
        LAYERS.iter().find(|layer| layer.folder == folder)
    }

    fn of_package(package: &str) -> Option<&'static Layer> {
        LAYERS.iter().find(|layer| layer.package == package)
    }

    /// Returns every crate below this one, however far.
    fn below(&self) -> BTreeSet<&'static str> {
        let direct = self.sees.iter().filter_map(|folder| Layer::of_folder(folder));
        direct.flat_map(|layer| layer.below().into_iter().chain([layer.folder])).collect()
    }
}
