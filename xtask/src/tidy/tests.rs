//! This repository is tidy, and the checks see what is planted against them.

use crate::repository::Repository;
use crate::tidy::text::UNFINISHED;

#[test]
fn the_repository_is_tidy() {
    let repository = Repository::read(&crate::root()).expect("the repository can be read");
    assert!(repository.files.contains_key("xtask/src/tidy/tests.rs"));
    assert!(repository.files.contains_key(".ci/run"));
    let violations = super::violations(&repository);
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

/// Checks a set of files: each violation as it is shown, or only its place when it is given so.
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let files = files.iter().map(|&(path, text)| (path.to_owned(), Some(text.to_owned())));
    let found = super::violations(&Repository { files: files.collect() });
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} does not start with {expected}");
    }
}

/// Checks a library of one file, a good first line put in front: the lines count from that.
fn check_code(code: &str, expected: &[&str]) {
    let text = format!("//! The file under test.\n{code}\n");
    check(&[("a/src/lib.rs", text.as_str())], expected);
}

#[test]
fn a_file_states_its_subject() {
    let path = "a/src/lib.rs";
    for good in ["//! What it is.\n", "//! What it is, over\n//! two lines.\n//!\n//! More\n"] {
        check(&[(path, good)], &[]);
    }
    for bad in
        ["fn f() {}\n", "\n//! What it is.\n", "//! placeholder\n", "//! One two.\n", "//!\n"]
    {
        check(&[(path, bad)], &["a/src/lib.rs:1: "]);
    }
    check(&[("a/tests/it/main.rs", "fn f() {}\n")], &["a/tests/it/main.rs:1: does not begin"]);
    check(&[("a/benches/b.rs", "//! B\n")], &["a/benches/b.rs:1: `B` is no subject"]);
    check(&[("fuzz/fuzz_targets/b.rs", "\n")], &["fuzz/fuzz_targets/b.rs:1: does not begin"]);
}

#[test]
fn a_forgotten_file_is_found() {
    let subject = "//! The file under test.\n";
    let main = format!("{subject}mod a;\n#[cfg(unix)]\nmod b;\n// mod c;\n");
    let nested = format!("{subject}mod d;\n");
    check(
        &[
            ("x/tests/it/main.rs", main.as_str()),
            ("x/tests/it/a.rs", nested.as_str()),
            ("x/tests/it/a/d.rs", subject),
            ("x/tests/it/a/e.rs", subject),
            ("x/tests/it/b/mod.rs", nested.as_str()),
            ("x/tests/it/b/d.rs", subject),
            ("x/tests/it/c.rs", subject),
            ("x/src/lib.rs", subject),
            ("x/src/lost.rs", subject),
        ],
        &[
            "x/src/lost.rs: is forgotten",
            "x/tests/it/a/e.rs: is forgotten",
            "x/tests/it/c.rs: is forgotten",
        ],
    );
}

#[test]
fn there_is_one_integration_binary() {
    let subject = "//! The file under test.\n";
    check(
        &[
            ("x/tests/it/main.rs", subject),
            ("x/tests/other.rs", subject),
            ("x/tests/slow/main.rs", subject),
        ],
        &["x/tests/other.rs: is a second", "x/tests/slow/main.rs: is a second"],
    );
}

#[test]
fn a_tests_file_is_declared_as_tests() {
    let subject = "//! The file under test.\n";
    let good = format!("{subject}#[cfg(test)]\nmod tests;\n");
    let bad = format!("{subject}mod tests;\n");
    check(&[("x/src/lib.rs", good.as_str()), ("x/src/tests.rs", subject)], &[]);
    check(
        &[("x/src/lib.rs", bad.as_str()), ("x/src/tests.rs", subject)],
        &["x/src/tests.rs: has no sibling"],
    );
}

#[test]
fn a_mod_file_is_a_table_of_contents() {
    let lib = "//! The file under test.\nmod m;\n";
    let contents = "//! The file under test.\n#![expect(a)]\n#[cfg(x)]\npub(crate) mod a;\nmod b;\n\
                    pub use self::a::{B, C};\nuse d::*;\n";
    check(&[("x/src/lib.rs", lib), ("x/src/m/mod.rs", contents)], &[]);
    for logic in
        ["fn f() {}\n", "mod c { use d::e; }\n", "const A: u8 = 1;\n", "pub struct S;\n", "pub"]
    {
        let text = format!("{contents}{logic}").trim_end().to_owned() + "\n";
        let files = [("x/src/lib.rs", lib), ("x/src/m/mod.rs", text.as_str())];
        check(&files, &["x/src/m/mod.rs:8: `mod.rs` is a table of contents"]);
    }
}

#[test]
fn a_long_file_wants_a_split_unless_it_holds_tests() {
    let text = "//! The file under test.\n".to_owned() + &"\n".repeat(600);
    check(&[("x/src/lib.rs", text.as_str())], &["x/src/lib.rs: has 601 lines"]);
    check(&[("x/tests/it/main.rs", text.as_str())], &[]);
}

#[test]
fn attributes_that_hide_faults_are_refused() {
    check_code("#[test]\n#[ignore]\nfn f() {}", &["a/src/lib.rs:3: attribute `ignore`"]);
    check_code("#[ignore = \"slow\"]", &["a/src/lib.rs:2: attribute `ignore`"]);
    check_code("#[should_panic(expected = \"x\")]", &["a/src/lib.rs:2: attribute `should_panic`"]);
    check_code("#![allow(dead_code)]", &["a/src/lib.rs:2: attribute `allow`"]);
    check_code("#[cfg_attr(unix, allow(a))]", &["a/src/lib.rs:2: attribute `allow`"]);
    check_code("#[expect(dead_code, reason = \"#[allow(x)]\")]\nfn allow() {}", &[]);
}

#[test]
fn missing_code_and_unwrap_are_refused() {
    check_code("fn f() { todo!() }", &["a/src/lib.rs:2: `todo!`"]);
    check_code("fn f() { unimplemented ! () }", &["a/src/lib.rs:2: `unimplemented!`"]);
    check_code("fn f() {\n    a\n        .unwrap();\n}", &["a/src/lib.rs:4: `unwrap`"]);
    check_code("fn f() { a.unwrap_or(b) } // .unwrap()", &[]);
    check(&[("a/tests/it/main.rs", "//! The file under test.\nfn f() { a.unwrap() }\n")], &[]);
}

#[test]
fn marks_of_unfinished_work_are_found_in_comments_and_prose() {
    for mark in UNFINISHED {
        check_code(&format!("// {mark}: later"), &["a/src/lib.rs:2: `"]);
        check_code(&format!("/* a\n {mark} */"), &["a/src/lib.rs:3: `"]);
        check_code(&format!("const A: &str = \"{mark}\"; // {mark}S"), &[]);
        let prose = format!("a\n{mark} b\n");
        check(&[("docs/a.md", prose.as_str())], &["docs/a.md:2: `"]);
        check(&[("Cargo.toml", prose.as_str())], &["Cargo.toml:2: `"]);
    }
}

#[test]
fn files_end_with_a_newline_and_lines_without_blanks() {
    check(&[("LICENSE", "a")], &["LICENSE: does not end"]);
    check(&[("empty", "")], &[]);
    check(&[("a.md", "a  \n\tb\nc\r\n")], &["a.md:1: ends", "a.md:2: has a tab", "a.md:3: ends"]);
    check(&[("x/tests/golden/a.md", "a  \n\tb"), ("Makefile", "\ta\n")], &[]);
    check_code("\tfn f() {} ", &["a/src/lib.rs:2: ends", "a/src/lib.rs:2: has a tab"]);
}

#[test]
fn folders_of_one_machine_are_found() {
    let folder = concat!("/ho", "me/");
    for text in
        [format!("{folder}ann\n"), format!("see \"{folder}ann\"\n"), format!("`{folder}`\n")]
    {
        check(&[("x/tests/golden/a.yaml", text.as_str())], &["x/tests/golden/a.yaml:1: names"]);
    }
    check(&[("a.md", format!("a{folder}b\n").as_str())], &[]);
}

#[test]
fn links_lead_to_pages_that_exist() {
    let pages = [("docs/b.md", "[a](../README.md#top) [c](d/) [e](https://example.org/f)\n")];
    check(&[pages[0], ("docs/d/e.md", "\n"), ("README.md", "[b](docs/b.md) [x](#y)\n")], &[]);
    check(
        &[
            ("README.md", "[b](docs/b.md)\n`docs/c.md` `docs/*.md` `cli/a`\n"),
            ("docs/x.md", "`docs/c.md`\n"),
        ],
        &[
            "README.md:1: links to `docs/b.md`",
            "README.md:2: names `cli/a`",
            "README.md:2: names `docs/c.md`",
        ],
    );
    check(&[("docs/b.md", "[a](../../a.md)\n```\n[a](none.md)\n```\n")], &["docs/b.md:1: links"]);
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    check(&[("cli/Cargo.toml", "[lints]\nworkspace = true\n")], &[]);
    check(&[("cli/Cargo.toml", "[package]\n")], &["cli/Cargo.toml: does not take the lints"]);
}
