//! Every example of Rust code runs, and says what it says.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use expect_test::{Expect, expect};

/// Returns the program of an example; `cargo test` builds all of them beside the tests, unless only
/// some of the tests are asked for.
fn program(name: &str) -> PathBuf {
    let tests = env::current_exe().expect("a test is a program");
    let built = tests.parent().and_then(Path::parent).expect("it lies two folders deep");
    let program = built.join("examples").join(name);
    if !program.exists() {
        // Only the tests themselves were asked for.
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let folder = env!("CARGO_MANIFEST_DIR");
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--locked", "-p", "procside", "--example", name])
            .arg("--target-dir")
            .arg(built.parent().expect("profiles have a folder"))
            .current_dir(folder)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "`{name}` cannot be built");
    }
    program
}

fn check(name: &str, expected: Expect) {
    let folder = env::temp_dir().join(format!("procside-example-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let ran = Command::new(program(name))
        .current_dir(&folder)
        .env("TMPDIR", &folder)
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{name} failed: {errors}");
    expected.assert_eq(&String::from_utf8_lossy(&ran.stdout));
    // Each cleans up behind itself; the user's own configuration stays.
    let left = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name != "config").collect();
    assert_eq!(left, [""; 0], "{name}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn embed_tracks_by_hand_in_files_and_in_sqlite() {
    check(
        "embed",
        expect![[r#"
            in files:
              s1 Export the pages in_progress
              s2 Import them pending
              not_found: there is no step `s9`
              people read id: proc-001
            in SQLite:
              s1 Export the pages in_progress
              s2 Import them pending
              not_found: there is no step `s9`
              it lies in kept.db: true
        "#]],
    );
}

#[test]
fn live_patch_patches_and_takes_back() {
    check(
        "live_patch",
        expect![[r#"
        entry Some(1):
        # Plan

        Move the wiki.

        ## Steps

        - export
        - import

        undone: Some("")
        redone: true
        location_not_found: no heading fits `# Plan > ## Stepps`
        3 events were seen
    "#]],
    );
}

#[test]
fn handler_runs_a_definition() {
    check(
        "handler",
        expect![[r#"
            shut down: true
            completed
            {"words":3}
        "#]],
    );
}

#[test]
fn approval_waits_for_a_person() {
    check(
        "approval",
        expect![[r#"
        review waits for ada@example.com
        eve is refused: true
        shut down: true
        completed
    "#]],
    );
}

#[test]
fn crash_and_resume_goes_on_where_it_was() {
    check(
        "crash_and_resume",
        expect![[r#"
        the other: One: proc-001/first/1/1
        the other: Two: proc-001/second/1/1
        the other was killed
        Two: proc-001/second/1/1
        completed
    "#]],
    );
}

#[test]
fn children_are_started_found_and_ended() {
    check(
        "children",
        expect![[r#"
        server lives: true
        a second one: true
        server is running
        flaky started
        flaky ended with Some(1)
        flaky starts again soon
        flaky started
        flaky ended with Some(0)
        Done
        server ended: true
    "#]],
    );
}
