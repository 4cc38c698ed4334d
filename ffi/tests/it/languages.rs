//! The tours in Python and Node, which load the shared library.

use crate::{
    c::check_tour,
    guides::node_modules,
    workshop::{Folder, command, has, here, libraries, ok},
};

#[test]
fn the_tour_in_python_goes_as_told() {
    if !has("python3") {
        return;
    }
    let (home, folder) = (Folder::new("home"), Folder::new("tour"));
    let mut tour = command("python3", &home);
    tour.env("PROCSIDE_LIBRARY", &libraries().shared).env("PYTHONDONTWRITEBYTECODE", "1");
    tour.arg(here().join("examples/python/tour.py")).arg(folder.path());
    check_tour(&ok(&mut tour));
}

#[test]
fn the_tour_in_node_goes_as_told() {
    let Some((copy, _)) = node_modules() else { return };
    let (home, folder) = (Folder::new("home"), Folder::new("tour"));
    for name in ["procside.mjs", "tour.mjs"] {
        let from = here().join("examples/node").join(name);
        std::fs::copy(from, copy.path().join(name)).expect("the example is there");
    }
    let mut tour = command("node", &home);
    tour.env("PROCSIDE_LIBRARY", &libraries().shared).arg("tour.mjs").arg(folder.path());
    check_tour(&ok(tour.current_dir(copy.path())));
}
