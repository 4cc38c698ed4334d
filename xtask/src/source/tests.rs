//! Tests of the tokens: what is code, what is not, and on which line.

use super::{Kind, attributes, code, paths, tokens};

fn check_names(text: &str, expected: &str) {
    let names: Vec<String> = code(&tokens(text))
        .iter()
        .filter_map(|token| token.ident().map(|name| format!("{name}:{}", token.line)))
        .collect();
    assert_eq!(names.join(" "), expected, "in {text:?}");
}

fn check_paths(text: &str, expected: &str) {
    let paths: Vec<String> = paths(&code(&tokens(text)))
        .iter()
        .filter(|path| path.segments.len() > 1)
        .map(|path| format!("{}:{}", path.segments.join("::"), path.line))
        .collect();
    assert_eq!(paths.join(" "), expected, "in {text:?}");
}

#[test]
fn comments_are_no_code() {
    check_names("a // b\nc", "a:1 c:2");
    check_names("a /* b /* c */ d\n */ e", "a:1 e:2");
    check_names("/// a\n//! b\nc", "c:3");
}

#[test]
fn strings_and_characters_are_no_code() {
    check_names(r#"a "b \" c" d"#, "a:1 d:1");
    check_names("a r\"b\\\" c", "a:1 c:1");
    check_names("a r#\"b \" c\"# d", "a:1 d:1");
    check_names("a br##\"b \"# c\"## d", "a:1 d:1");
    check_names("b\"x\" c\"y\" b'z' d", "d:1");
    check_names(r"'a' '\'' '\u{1F600}' '\\' b", "b:1");
    check_names("\"a\nb\" c", "c:2");
}

#[test]
fn a_lifetime_does_not_swallow_what_follows() {
    check_names("fn f<'a>(x: &'a str, y: &'_ T)", "fn:1 f:1 x:1 str:1 y:1 T:1");
    check_names("'outer: loop", "loop:1");
}

#[test]
fn a_raw_name_is_a_name() {
    check_names("r#type r", "type:1 r:1");
}

#[test]
fn unfinished_text_ends_quietly() {
    for text in ["\"a", "r#\"a", "/* a", "'", "'\\", "std::{", "std::", "#[", "#!["] {
        let code = code(&tokens(text));
        paths(&code);
        attributes(&code);
    }
}

#[test]
fn groups_are_written_out() {
    check_paths(
        "use std::{fs, io::{self, Write as _}};",
        "std::fs:1 std::io::self:1 std::io::Write:1",
    );
    check_paths("use std::{\n    fs as disk,\n    env,\n};", "std::fs:2 std::env:3");
    check_paths("use {std::fs, a::*};", "std::fs:1 a::*:1");
    check_paths("use a::{{b, c}, d};", "a::b:1 a::c:1 a::d:1");
}

#[test]
fn paths_are_found_in_expressions_and_types() {
    check_paths("::std::fs::read(p)", "std::fs::read:1");
    check_paths("let x: Vec<std :: fs\n:: File>;", "std::fs::File:1");
    check_paths("Vec::<std::fs::File>::new()", "std::fs::File:1");
    check_paths("Self { a: b::C { d } }", "b::C:1");
}

#[test]
fn attributes_are_found_with_their_tokens() {
    let code = code(&tokens("#![no_std]\nfn f() {}\n#[cfg(test)]\nmod tests;"));
    let found: Vec<(usize, usize)> =
        attributes(&code).iter().map(|(line, tokens)| (*line, tokens.len())).collect();
    assert_eq!(found, [(1, 1), (3, 4)]);
}

#[test]
fn comments_keep_their_text() {
    let comments: Vec<Kind> =
        tokens("a // b\n").into_iter().skip(1).map(|token| token.kind).collect();
    assert_eq!(comments, [Kind::Comment("// b".to_owned())]);
}
