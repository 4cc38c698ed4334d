//! Programs in C, linked both ways, and looked after by valgrind.

use std::process::Command;

use serde_json::{Value, json};

use crate::workshop::{Folder, Linked, command, compiled, has, here, ok, run};

/// What every tour prints.
pub(crate) fn expected_tour() -> Value {
    json!({
        "checklist": {
            "process": "proc-001",
            "progress": {"completed": 1, "total": 6, "percent": 17},
            "step": "completed",
        },
        "document": {
            "patched": "# Plan\n\nFirst.\n\nSecond.\n",
            "undone": "# Plan\n\nFirst.\n",
            "alone": "# Plan\n\nOld.\n\nNew.\n",
            "back": "# Plan\n\nOld.\n",
        },
        "approval": "Read it",
        "run": {"status": "completed", "outputs": {"report": "A report."}, "cost": "0.25"},
        "events": [],
        "error": {"status": 3, "kind": "not_found"},
    })
}

/// Checks what a tour printed.
#[track_caller]
pub(crate) fn check_tour(printed: &str) {
    let mut told: Value =
        serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let events: Vec<String> = serde_json::from_value(told["events"].take()).expect("a list");
    told["events"] = json!([]);
    assert_eq!(told, expected_tour());
    let count = |wanted: &str| events.iter().filter(|event| *event == wanted).count();
    assert_eq!(count("step_completed"), 3, "{events:?}");
    assert_eq!(count("approval_decided"), 1, "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("process_ended"));
}

fn flags() -> [&'static str; 6] {
    [
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect,possible",
        "--error-exitcode=99",
        "--child-silent-after-fork=yes",
        "--fair-sched=yes",
    ]
}

#[test]
fn the_header_is_good_c_and_good_cpp() {
    let header = here().join("include/procside.h");
    for (compiler, language, standard) in [("cc", "c", "-std=c99"), ("c++", "c++", "-std=c++17")] {
        if language == "c++" && !has("c++") {
            continue;
        }
        let mut command = Command::new(compiler);
        command.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]);
        command.args(["-x", language]).arg(&header);
        let output = command.output().expect("there is a compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_tour_in_c_goes_as_told_linked_both_ways() {
    for linked in [Linked::Shared, Linked::Fixed] {
        let (programs, home, folder) = (Folder::new("c"), Folder::new("home"), Folder::new("tour"));
        let tour = compiled("examples/c/tour.c", linked, &programs);
        check_tour(&ok(command(tour, &home).arg(folder.path())));
    }
}

#[test]
fn a_process_outlives_the_program_that_runs_it() {
    let (programs, home, folder) = (Folder::new("c"), Folder::new("home"), Folder::new("engine"));
    let engine = compiled("examples/c/engine.c", Linked::Fixed, &programs);
    let told = ok(command(engine, &home).arg(folder.path()));
    let told: Value = serde_json::from_str(&told).expect("it prints JSON");
    let expected = json!({
        "killed": true,
        "performed_again": 1,
        "key": "proc-001/pay/1/1",
        "status": "completed",
    });
    assert_eq!(told, expected);
}

#[test]
fn what_a_caller_does_wrong_gets_a_status() {
    let (programs, home, folder) = (Folder::new("c"), Folder::new("home"), Folder::new("wrong"));
    let wrong = compiled("tests/c/wrong.c", Linked::Fixed, &programs);
    let told = ok(command(wrong, &home).arg(folder.path()));
    assert!(told.ends_with(" checks\n"), "{told}");
}

#[test]
fn eight_threads_share_a_project() {
    let (programs, home, folder) = (Folder::new("c"), Folder::new("home"), Folder::new("threads"));
    let threads = compiled("tests/c/threads.c", Linked::Fixed, &programs);
    let told = ok(command(threads, &home).arg(folder.path()).arg("10"));
    assert_eq!(told, "40 handled\n");
}

#[test]
fn valgrind_finds_nothing() {
    if !has("valgrind") {
        return;
    }
    let programs = Folder::new("c");
    for (source, argument) in [
        ("tests/c/wrong.c", None),
        ("examples/c/tour.c", None),
        ("examples/c/engine.c", None),
        ("tests/c/threads.c", Some("1")),
    ] {
        let (home, folder) = (Folder::new("home"), Folder::new("valgrind"));
        let program = compiled(source, Linked::Fixed, &programs);
        let mut command = command("valgrind", &home);
        let kept = here().join("examples/c/valgrind.supp");
        command
            .args(flags())
            .arg(format!("--suppressions={}", kept.display()))
            .arg(program)
            .arg(folder.path())
            .args(argument);
        let output = run(&mut command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{source}: {}\n{said}", output.status);
        assert_eq!(said, "", "{source}");
    }
}
