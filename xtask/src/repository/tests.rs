//! Tests of what belongs to the repository, and which Rust files are trials.

use super::{Repository, Role, is_fixture};

/// Returns a repository of these files.
fn repository(files: &[(&str, &str)]) -> Repository {
    let files = files.iter().map(|&(path, text)| (path.to_owned(), Some(text.to_owned())));
    Repository { files: files.collect() }
}

fn check_role(files: &[(&str, &str)], path: &str, expected: Role) {
    let repository = repository(files);
    let rust_files = repository.rust_files();
    let found = rust_files.iter().find(|file| file.path == path);
    assert_eq!(found.map(|file| file.role), Some(expected), "of {path}");
}

#[test]
fn a_module_under_cfg_test_is_a_trial_with_its_folder() {
    let files = [
        ("a/src/lib.rs", "#[cfg(test)]\nmod trial;\nmod real;"),
        ("a/src/trial.rs", "mod deep;"),
        ("a/src/trial/deep.rs", ""),
        ("a/src/real.rs", "#[cfg(test)]\npub(crate) mod tests;"),
        ("a/src/real/tests.rs", ""),
    ];
    check_role(&files, "a/src/trial.rs", Role::Trial);
    check_role(&files, "a/src/trial/deep.rs", Role::Trial);
    check_role(&files, "a/src/real.rs", Role::Product);
    check_role(&files, "a/src/real/tests.rs", Role::Trial);
}

#[test]
fn a_name_alone_makes_no_trial() {
    check_role(
        &[("a/src/lib.rs", "mod tests;"), ("a/src/tests.rs", "")],
        "a/src/tests.rs",
        Role::Product,
    );
    let other = "#[cfg(any(test, feature = \"x\"))]\nmod tests;";
    check_role(&[("a/src/lib.rs", other), ("a/src/tests.rs", "")], "a/src/tests.rs", Role::Product);
}

#[test]
fn test_bench_and_fuzz_folders_hold_trials() {
    for path in
        ["a/tests/it/main.rs", "a/benches/b.rs", "benches/src/lib.rs", "fuzz/fuzz_targets/f.rs"]
    {
        check_role(&[(path, "")], path, Role::Trial);
    }
    for path in ["a/src/lib.rs", "a/build.rs", "a/src/tests/b.rs"] {
        check_role(&[(path, "")], path, Role::Product);
    }
}

#[test]
fn a_folder_counts_when_it_holds_a_file() {
    let repository = repository(&[("docs/a/b.md", "")]);
    for path in ["docs", "docs/a", "docs/a/", "docs/a/b.md"] {
        assert!(repository.has(path), "{path}");
    }
    assert!(!repository.has("doc"));
}

#[test]
fn code_is_no_fixture() {
    assert!(is_fixture("a/tests/golden/x.yaml"));
    assert!(is_fixture("fuzz/corpus/x/y.md"));
    assert!(!is_fixture("a/tests/it/main.rs"));
    assert!(!is_fixture("docs/tests.md"));
}
