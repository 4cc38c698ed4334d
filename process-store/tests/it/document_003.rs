//! A second program that follows document 003 to the letter writes the same registry.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use procreg::Delta;

use crate::program::scaled;
use crate::writers::{child, open};

const PROGRAMS: usize = 2;

#[test]
fn a_program_that_knows_only_the_document_and_ours_lose_nothing_of_each_other() {
    let python = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if Command::new(&python).arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no `{python}`, which plays the second program");
        return;
    }
    let (theirs, ours) = (scaled(20), scaled(100));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("processes.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/document_003.py");
    let programs: Vec<_> = (0..PROGRAMS)
        .map(|number| {
            let first = 100_000 * (number + 1);
            let mut command = Command::new(&python);
            command.arg(&script).arg(&path).arg(first.to_string()).arg(theirs.to_string());
            command.spawn().unwrap()
        })
        .collect();
    thread::scope(|scope| {
        for number in 0..PROGRAMS {
            let children = open(&path);
            scope.spawn(move || {
                for add in 0..ours {
                    let pid = 1 + number * ours + add;
                    children.commit(&[Delta::Add(child(pid, "ours"))], pid as u64).unwrap();
                    // The other program asks only ten times a second.
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
    });
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    let loaded = open(&path).read().unwrap();
    assert_eq!(loaded.notices, []);
    let mut numbers: Vec<usize> = loaded.registry.list().map(|info| info.pid as usize).collect();
    numbers.sort_unstable();
    let mut expected: Vec<usize> = (1..=PROGRAMS * ours).collect();
    expected.extend(100_000..100_000 + theirs);
    expected.extend(200_000..200_000 + theirs);
    assert_eq!(numbers, expected);
    for info in loaded.registry.list().filter(|info| info.namespace.as_str() == "ours") {
        assert_eq!(*info, child(info.pid as usize, "ours"));
    }
}
