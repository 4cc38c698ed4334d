//! A disk that cannot be written while processes are driven.

use std::{fs, os::unix::fs::PermissionsExt, thread, time::Duration};

use super::{Driver, counts, until_status};
use crate::project::Project;

#[test]
fn work_waits_for_a_disk_that_cannot_be_written_and_goes_on() {
    if rustix::process::geteuid().is_root() {
        // Permissions do not hold for root; a link where the lock is written does.
        return with_a_folder_in_the_way();
    }
    works_on(
        "not writable",
        |project| set_mode(project, 0o500),
        |project| set_mode(project, 0o700),
    );
}

fn set_mode(project: &Project, mode: u32) {
    for folder in [".ai", ".ai/history", ".ai/processes"] {
        fs::set_permissions(project.path(folder), fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn with_a_folder_in_the_way() {
    works_on(
        "a folder in the way of the journal",
        |project| {
            fs::rename(project.path(".ai/history"), project.path("history")).unwrap();
            fs::write(project.path(".ai/history"), "").unwrap();
        },
        |project| {
            fs::remove_file(project.path(".ai/history")).unwrap();
            fs::rename(project.path("history"), project.path(".ai/history")).unwrap();
        },
    );
}

fn works_on(what: &str, breaks: impl Fn(&Project), mends: impl Fn(&Project)) {
    let text = "name: F
steps:
  - {id: a, type: command, foreach: {in: [1, 2, 3, 4, 5], max_parallel: 1}, run: [sh, -c, 'echo {{ item }} >> ran; sleep 0.2']}
";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let worker = Driver::work(&project);
    super::line_of(&project, "ran");
    breaks(&project);
    thread::sleep(Duration::from_millis(800));
    mends(&project);
    until_status(&project, "proc-001", "completed");
    let output = worker.end();
    assert!(output.stderr.contains("proc-001 !"), "{what} is told: {output:#?}");
    let ran = counts(&project, "ran");
    assert!(ran.len() == 5 && ran.values().all(|count| *count == 1), "{what}: {ran:?}");
    project.ok(&["doctor"]);
}
