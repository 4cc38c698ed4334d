//! Golden folders: what a released version wrote loads forever.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use procside::{Filter, Procside};
use serde_json::json;

use crate::world::{ROOT, World};

/// Puts a golden folder on a fault disk, so that nothing can write to it.
fn plant(world: &World, folder: &Path, below: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = below.join(path.file_name().unwrap());
        if path.is_dir() {
            plant(world, &path, &name);
        } else {
            // A folder that starts with a dot would be left out by many tools.
            let name = name.to_string_lossy().replacen("dot-ai", ".ai", 1);
            world.disk.plant(Path::new(ROOT).join(name), std::fs::read(&path).unwrap());
        }
    }
}

fn shown(project: &Procside) -> serde_json::Value {
    let listing = project.list(&Filter { all: true, ..Filter::default() }).unwrap();
    let processes: Vec<_> = listing
        .processes
        .iter()
        .map(|entry| {
            let id = Some(entry.id);
            json!({
                "status": project.status(id).unwrap().to_value(),
                "history": project.history(id).unwrap().to_value(),
                "log": project.log(id).unwrap().to_value(),
            })
        })
        .collect();
    json!({"list": listing.to_value(), "processes": processes})
}

#[test]
fn the_folder_that_version_1_wrote_says_what_it_said() {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    let world = World::new();
    plant(&world, &golden.join("v1"), Path::new(""));
    let project = world.open();
    expect_file![golden.join("v1.json")].assert_eq(&format!("{:#}\n", shown(&project)));
    project.add_step(None, procside::NewStep { name: "x".into(), ..Default::default() }).unwrap();
    project.doctor(false).unwrap();
}
