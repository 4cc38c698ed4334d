//! Tests of versions and the names of their files.

use expect_test::{Expect, expect};

use super::{Version, number_in_file_name, slug};
use crate::{samples::told, yaml};

fn read(text: &str) -> Result<Version, String> {
    let node = yaml::read(text).map_err(|problem| problem.to_string())?;
    let mut problems = Vec::new();
    Version::read(&node, &mut problems).filter(|_| problems.is_empty()).ok_or(told(&problems))
}

/// What reading a version file says: every problem, or the file's name and text.
fn check(text: &str, expect: Expect) {
    let said = match read(text) {
        Ok(version) => format!("{}\n{}", version.file_name(), yaml::write(&version.to_value())),
        Err(problems) => problems,
    };
    expect.assert_eq(&said);
}

#[test]
fn a_version_is_written_as_it_was_read_with_unknown_keys() {
    check(
        "by: ada\nprocess:\n  id: main\n  odd: [1, {x: ~}]\nreason: Added a step\nversion: 2\nsnapshotAt: 2026-02-10T10:00:00Z\ndocument: |\n  # Guide\n",
        expect![[r#"
            v2-added-a-step.yaml
            version: 2
            snapshotAt: 2026-02-10T10:00:00Z
            reason: Added a step
            process:
              id: main
              odd:
                - 1
                - x: null
            document: |
              # Guide
            by: ada
        "#]],
    );
}

#[test]
fn a_version_without_reason_is_read() {
    check(
        "version: 7\nsnapshotAt: 2026-02-10T10:00:00Z\nprocess: {}\n",
        expect![[r#"
        v7.yaml
        version: 7
        snapshotAt: 2026-02-10T10:00:00Z
        reason: ""
        process: {}
    "#]],
    );
}

#[test]
fn all_that_a_version_lacks_is_told_at_once() {
    check(
        "reason: why\n",
        expect![[r#"
        missing_key line 1: a version has no `version`
        missing_key line 1: a version has no `snapshotAt`
        missing_key line 1: a version has no `process`
    "#]],
    );
    check(
        "version: one\nsnapshotAt: today\nreason: 5\nprocess: {}\n",
        expect![[r#"
        wrong_type line 1: `version` of a version must be a whole number of zero or more, not text
        bad_instant line 2: `snapshotAt` of a version is no instant such as 2026-02-10T10:00:00Z
        wrong_type line 3: `reason` of a version must be text, not a number
    "#]],
    );
    check(
        "- 1\n",
        expect![[r#"
        wrong_type line 1: a version must be a map, not a list
    "#]],
    );
}

#[test]
fn the_numbers_of_versions_start_at_one_and_stay_small_enough_to_count_on() {
    let with = |number: &str| {
        read(&format!("version: {number}\nsnapshotAt: 2026-02-10T10:00:00Z\nprocess: {{}}\n"))
            .map(|version| version.number)
    };
    assert_eq!(with("1"), Ok(1));
    for number in ["0", "18446744073709551615"] {
        let problem = with(number).expect_err(number);
        assert!(problem.starts_with("bad_number line 1: "), "{problem}");
    }
}

#[test]
fn the_file_of_a_version_says_its_number_and_reason() {
    let name = |number: u64, reason: &str| {
        let text = "version: 1\nsnapshotAt: 2026-02-10T10:00:00Z\nprocess: {}\n";
        let version = read(text).unwrap_or_else(|problem| panic!("{problem}"));
        Version { number, reason: reason.to_owned(), ..version }.file_name()
    };
    assert_eq!(name(1, "Initial process creation"), "v1-initial.yaml");
    assert_eq!(name(1, "anything else"), "v1-initial.yaml");
    assert_eq!(name(2, "Added step: \"Tests\""), "v2-added-step-tests.yaml");
    assert_eq!(name(3, "../../etc/passwd"), "v3-etc-passwd.yaml");
    assert_eq!(name(4, "次の版"), "v4.yaml");
    assert_eq!(name(5, ""), "v5.yaml");
}

#[test]
fn a_slug_is_short_and_holds_nothing_but_letters_digits_and_single_hyphens() {
    assert_eq!(slug("--A  b__C!!"), "a-b-c");
    assert_eq!(slug(&"ab ".repeat(100)), "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a");
    assert_eq!(slug("ünï\u{0}\n/code"), "n-code");
    assert_eq!(slug("…"), "");
}

#[test]
fn the_number_is_found_in_the_name_of_a_file() {
    for (name, number) in [
        ("v1-initial.yaml", Some(1)),
        ("v12.yaml", Some(12)),
        ("v2.yml", Some(2)),
        ("v3-a-b.yaml", Some(3)),
        ("v0.yaml", None),
        ("v.yaml", None),
        ("v-1.yaml", None),
        ("v+1.yaml", None),
        ("v1", None),
        ("w1.yaml", None),
        ("v1x.yaml", None),
        ("v99999999999999999999.yaml", None),
    ] {
        assert_eq!(number_in_file_name(name), number, "{name}");
    }
}
