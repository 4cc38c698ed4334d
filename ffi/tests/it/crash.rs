//! A program in C that is killed: what it said was done is there.

use std::{
    io::{BufRead, BufReader},
    thread,
    time::Duration,
};

use procside_rs::{Procside, Surroundings};

use crate::workshop::{Folder, Linked, command, compiled};

/// How often the program is killed.
const KILLS: u64 = 6;

#[test]
fn a_killed_program_loses_nothing_that_it_said_was_done() {
    let (programs, home, folder) = (Folder::new("c"), Folder::new("home"), Folder::new("host"));
    let host = compiled("tests/c/host.c", Linked::Fixed, &programs);
    let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
    let project = Procside::open_or_new(folder.path(), surroundings).expect("the folder is there");
    project.init(Default::default()).expect("a process can be made");
    let mut said = 0;
    for round in 0..KILLS {
        let mut child = command(&host, &home).arg(folder.path()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(60 + 23 * round));
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it can be waited for");
        let lines = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
        said += lines.map_while(Result::ok).count();
        let steps = project.status(None).expect("the process can be read").process.steps;
        // The last one may have been done and not been said.
        assert!((said..=said + 1 + usize::try_from(round).unwrap_or(0)).contains(&steps.len()));
    }
    assert!(said > 0, "it did something");
    // What was left undone behind the journal is made up for.
    project.doctor(true).expect("it can be mended");
    assert!(project.doctor(false).expect("it can be examined").is_healthy());
}
