//! Tests of reading and writing YAML and JSON.

use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Data, Node, conflict_marker, read, read_json, write};
use crate::diagnostic::{Diagnostic, Place};

/// Attack files must be refused in a second on a quiet machine; tests may share a busy one.
const REFUSED_WITHIN: Duration = Duration::from_secs(20);

fn check_read(text: &str, expect: Expect) {
    expect.assert_eq(&outcome(read(text)));
}

fn check_read_json(text: &str, expect: Expect) {
    expect.assert_eq(&outcome(read_json(text)));
}

fn outcome(result: Result<Node, Diagnostic>) -> String {
    match result {
        Ok(node) => node.to_json().to_string(),
        Err(problem) => {
            let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            let place = problem.place;
            format!("{} {}:{} {}{hint}", problem.code, place.line, place.column, problem.message)
        }
    }
}

fn check_write(value: Value, expect: Expect) {
    let text = write(&value);
    expect.assert_eq(&text);
    let again = read(&text).unwrap_or_else(|problem| panic!("{problem}: {text}")).to_json();
    assert_eq!(again, value, "{text}");
}

fn check_refused(name: &str, text: &str, code: &str) {
    let start = Instant::now();
    let problem = read(text).expect_err(name);
    assert_eq!(problem.code, code, "{name}: {problem}");
    assert!(start.elapsed() < REFUSED_WITHIN, "{name}: {:?}", start.elapsed());
}

#[test]
fn the_core_schema_decides_what_a_plain_word_means() {
    check_read(
        "[yes, no, on, off, y, True, FALSE, ~, null, Null, '', 2026-01-01, 2026-11-21T08:08:50.909Z]",
        expect![[
            r#"["yes","no","on","off","y",true,false,null,null,null,"","2026-01-01","2026-11-21T08:08:50.909Z"]"#
        ]],
    );
    check_read(
        "[1, -2, +3, 0o17, 0x1F, 0777, 1.50, .5, 1e3, -1.5E-2, 1_000, 1:30, 0b1, 1.2.3, 5m, --1, '1']",
        expect![[
            r#"[1,-2,3,15,31,777,1.5,0.5,1000.0,-0.015,"1_000","1:30","0b1","1.2.3","5m","--1","1"]"#
        ]],
    );
}

#[test]
fn a_number_that_would_lose_digits_stays_text() {
    check_read(
        "[18446744073709551615, 18446744073709551616, -9223372036854775808, -9223372036854775809, 12e4567, 1e-999, 0x1ffffffffffffffff]",
        expect![[
            r#"[18446744073709551615,"18446744073709551616",-9223372036854775808,"-9223372036854775809","12e4567","1e-999","0x1ffffffffffffffff"]"#
        ]],
    );
    check_read_json(
        "[18446744073709551616, 1e999, 0e9, -0]",
        expect![[r#"["18446744073709551616","1e999",0.0,0]"#]],
    );
    check_read(
        "a: .inf",
        expect![
            "number 1:4 `.inf` is not a finite number (put quotes around it if it is meant as text)"
        ],
    );
}

#[test]
fn keys_are_text_and_unique() {
    check_read(
        "{1: a, true: b, ~: c, 1.0: d, 'x y': e}",
        expect![[r#"{"1":"a","true":"b","~":"c","1.0":"d","x y":"e"}"#]],
    );
    check_read(
        "a: 1\nb: 2\n\"a\": 3\n",
        expect!["duplicate_key 3:1 the key `a` is given twice, first on line 1"],
    );
    check_read("? [a]\n: b\n", expect!["key_not_text 1:3 a key must be text, not a list or a map"]);
    check_read(
        "a: &x {b: 1}\nc: {<<: *x}\n",
        expect![
            "merge_key 2:5 merge keys (`<<`) are not supported (write the merged keys out, or put quotes around the key if it is meant as text)"
        ],
    );
    check_read("\"<<\": 1", expect![[r#"{"<<":1}"#]]);
    let many: String = (0..50).map(|n| format!("k{n}: 1\n")).collect();
    check_read(
        &format!("{many}k7: 2\n"),
        expect!["duplicate_key 51:1 the key `k7` is given twice, first on line 8"],
    );
}

#[test]
fn anchors_are_resolved_and_tags_obeyed() {
    check_read(
        "a: &x [1, {b: c}]\nd: *x\ne: !!str 5\nf: !!int \"7\"\n",
        expect![[r#"{"a":[1,{"b":"c"}],"d":[1,{"b":"c"}],"e":"5","f":7}"#]],
    );
    check_read("a: &x [*x]", expect!["aliases 1:8 the alias repeats a value that contains it"]);
    check_read(
        "a: !money 5",
        expect!["tag 1:11 the tag `!money` is unknown or does not fit the value (remove the tag)"],
    );
    check_read(
        "a: !!int x",
        expect!["tag 1:10 the tag `!!int` is unknown or does not fit the value (remove the tag)"],
    );
}

#[test]
fn a_text_holds_one_document() {
    check_read("", expect!["null"]);
    check_read("# only a comment\n", expect!["null"]);
    check_read("%YAML 1.2\n---\na: 1\n...\n", expect![[r#"{"a":1}"#]]);
    check_read(
        "a: 1\n---\nb: 2\n",
        expect![
            "several_documents 2:1 a second document starts here; a file holds one (remove the `---` line or move what follows to a file of its own)"
        ],
    );
}

#[test]
fn common_mistakes_get_advice() {
    check_read(
        "a:\n\tb: 1\n",
        expect![
            "yaml 2:2 tabs disallowed within this context (block indentation) (indent with spaces, not with tabs)"
        ],
    );
    check_read(
        "a: {{ input.topic }}\n",
        expect![[
            r#"key_not_text 1:5 a key must be text, not a list or a map (put quotes around a value that starts with `{{`: "{{ ... }}")"#
        ]],
    );
    check_read(
        "a: {{ input.topic }} and more\n",
        expect![[
            r#"key_not_text 1:5 a key must be text, not a list or a map (put quotes around a value that starts with `{{`: "{{ ... }}")"#
        ]],
    );
    check_read(
        "a: b: c\n",
        expect![
            "yaml 1:5 mapping values are not allowed in this context (put quotes around text that contains `: `)"
        ],
    );
    check_read(
        "a: \"b\nc: d\n",
        expect!["yaml 2:1 invalid indentation in multiline quoted scalar"],
    );
    check_read("a: [b\nc: d\n", expect!["yaml 2:2 illegal placement of ':' indicator"]);
    check_read("a: *nobody\n", expect!["yaml 1:4 while parsing node, found unknown anchor"]);
}

#[test]
fn conflict_markers_are_named_before_anything_else() {
    check_read(
        "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n",
        expect![
            "conflict_markers 2:1 an unresolved merge conflict (choose one of the two sides and remove the lines with <<<<<<<, ======= and >>>>>>>)"
        ],
    );
    assert_eq!(conflict_marker("a\r\n>>>>>>>\r\n"), Some(Place::new(2, 1)));
    assert_eq!(conflict_marker("a: |\n  <<<<<<< HEAD\n  Title\n  =======\n<<<<<<<<\n"), None);
}

#[test]
fn every_value_and_key_knows_its_place() {
    let node = read("\u{feff}a: 1\nb:\n  - x\n  - é: y\n").expect("valid");
    let place = |line, column| Place::new(line, column);
    assert_eq!(node.get("a").map(|node| node.place), Some(place(1, 4)));
    let Some(Data::List(items)) = node.get("b").map(|node| &node.data) else { panic!("a list") };
    assert_eq!(items[0].place, place(3, 5));
    let Data::Map(entries) = &items[1].data else { panic!("a map") };
    assert_eq!((entries[0].key_place, entries[0].value.place), (place(4, 5), place(4, 8)));

    let node = read_json("{\n  \"é\": [1,\n\t2]}").expect("valid");
    let Some(Data::List(items)) = node.get("é").map(|node| &node.data) else { panic!("a list") };
    assert_eq!((items[0].place, items[1].place), (place(2, 9), place(3, 2)));
}

#[test]
fn json_is_read_strictly() {
    check_read_json(
        r#" {"a": [1, -2.5e3, true, false, null, "x\n\ud83d\ude00\/"], "b": {}} "#,
        expect![[r#"{"a":[1,-2500.0,true,false,null,"x\n😀/"],"b":{}}"#]],
    );
    check_read_json(
        r#"{"a": 1, "a": 2}"#,
        expect!["duplicate_key 1:10 the key `a` is given twice, first on line 1"],
    );
    check_read_json("{a: 1}", expect!["json 1:2 a key in double quotes is expected"]);
    check_read_json("[1, ]", expect!["json 1:5 a value is expected"]);
    check_read_json("[1 2]", expect!["json 1:4 a `,` or `]` is expected"]);
    check_read_json("[01]", expect!["json 1:2 an invalid number"]);
    check_read_json("\"a\nb\"", expect!["json 1:1 a control character in a text"]);
    check_read_json("\"\\ud800\"", expect!["json 1:1 a text with an invalid escape"]);
    check_read_json("\"\\", expect!["json 1:1 a text without its closing quote"]);
    check_read_json("{} x", expect!["json 1:4 more follows the value"]);
    check_read_json("", expect!["json 1:1 a value is expected"]);
    assert_eq!(read_json(&"[".repeat(100_000)).expect_err("too deep").code, "too_deep");
}

#[test]
fn a_process_is_written_in_block_style() {
    check_write(
        json!({
            "id": "proc-001", "inputs": [], "labels": {}, "note": null, "done": false,
            "steps": [
                {"id": "s1", "inputs": ["change request"], "startedAt": "2026-11-21T08:08:51.330Z"},
                {"id": "s2", "log": "one\ntwo\n", "more": "one\n\n  two"},
            ],
            "lists": [[1, [2]], [], [{"a": 1}]],
            "rationale": "Stateless, scalable: good for microservices # not a comment",
        }),
        expect![[r#"
            id: proc-001
            inputs: []
            labels: {}
            note: null
            done: false
            steps:
              - id: s1
                inputs:
                  - change request
                startedAt: 2026-11-21T08:08:51.330Z
              - id: s2
                log: |
                  one
                  two
                more: |-
                  one

                    two
            lists:
              - - 1
                - - 2
              - []
              - - a: 1
            rationale: "Stateless, scalable: good for microservices # not a comment"
        "#]],
    );
}

#[test]
fn text_that_some_reader_takes_for_something_else_is_quoted() {
    check_write(
        json!([
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "null",
            "~",
            "true",
            "1e3",
            "0x1",
            "0o7",
            "0777",
            "1_0",
            "1:30",
            "2026-01-01",
            "2026-11-21 08:08:50",
            ".5",
            "+1",
            "-.inf",
            "nan",
            "=",
            "<<",
            "",
            " a",
            "a ",
            "a: b",
            "a:",
            "# a",
            "a #b",
            "-",
            "- a",
            "? a",
            ":a",
            "[a",
            "{a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "|",
            ">",
            "'a",
            "\"a",
            "--- a",
            "a\tb",
            "a\rb",
            "a\u{0}b",
            "a\u{2028}b",
            "\u{feff}a",
            "a\u{85}b",
            "a\n",
            "\na",
            " a\nb",
            "a\n\n",
            "a\r\nb",
        ]),
        expect![[r##"
            - "yes"
            - "No"
            - "ON"
            - "off"
            - "y"
            - "null"
            - "~"
            - "true"
            - "1e3"
            - "0x1"
            - "0o7"
            - "0777"
            - "1_0"
            - "1:30"
            - "2026-01-01"
            - "2026-11-21 08:08:50"
            - ".5"
            - "+1"
            - "-.inf"
            - "nan"
            - "="
            - "<<"
            - ""
            - " a"
            - "a "
            - "a: b"
            - "a:"
            - "# a"
            - "a #b"
            - "-"
            - "- a"
            - "? a"
            - ":a"
            - "[a"
            - "{a"
            - "*a"
            - "&a"
            - "!a"
            - "%a"
            - "@a"
            - "`a"
            - "|"
            - ">"
            - "'a"
            - "\"a"
            - "--- a"
            - "a\tb"
            - "a\rb"
            - "a\0b"
            - "a\u2028b"
            - "\ufeffa"
            - "a\x85b"
            - |
              a
            - "\na"
            - " a\nb"
            - "a\n\n"
            - "a\r\nb"
        "##]],
    );
}

#[test]
fn text_that_every_reader_takes_for_text_is_plain() {
    check_write(
        json!([
            "-a",
            "a-b: c".replace(": ", ":"),
            "1.2.3",
            "5m",
            "1h30m",
            "10.0.0.1",
            "a, b",
            "it's",
            "a \"b\"",
            "😀",
            "C#",
            "x[0]",
            "2026-11-21T08:08:50Z",
            "2026-11-21T08:08:50.5+01:00"
        ]),
        expect![[r#"
            - -a
            - a-b:c
            - 1.2.3
            - 5m
            - 1h30m
            - 10.0.0.1
            - a, b
            - it's
            - a "b"
            - 😀
            - C#
            - x[0]
            - 2026-11-21T08:08:50Z
            - 2026-11-21T08:08:50.5+01:00
        "#]],
    );
}

#[test]
fn numbers_keep_their_type() {
    check_write(
        json!([1, -1, u64::MAX, i64::MIN, 1.0, -0.0, 1e300, 1.5e-9, 0.1]),
        expect![[r#"
            - 1
            - -1
            - 18446744073709551615
            - -9223372036854775808
            - 1.0
            - -0.0
            - 1.0e+300
            - 1.5e-9
            - 0.1
        "#]],
    );
}

#[test]
fn a_document_may_be_any_value() {
    for value in [
        json!(null),
        json!("a\nb"),
        json!(""),
        json!({}),
        json!([]),
        json!("--- a"),
        json!("<<<<<<< a"),
        json!("#a"),
        json!(1),
    ] {
        let text = write(&value);
        assert_eq!(read(&text).map(|node| node.to_json()), Ok(value), "{text}");
    }
}

#[test]
fn a_key_longer_than_readers_look_ahead_is_written_with_a_question_mark() {
    let long = "k".repeat(5_000);
    let value = json!({"a": {"x": [{long.as_str(): {"b": 1}, "c": long.as_str()}]}});
    assert_eq!(read(&write(&value)).map(|node| node.to_json()), Ok(value));
}

#[test]
fn attack_files_are_refused_quickly() {
    let bomb: String = (1..40)
        .map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")))
        .collect();
    check_refused("alias bomb", &format!("a0: &a0 [x, x, x]\n{bomb}"), "aliases");
    let nested = format!("a: &a {}x{}\nb: [[[[[[[[*a]]]]]]]]", "[".repeat(60), "]".repeat(60));
    check_refused("nested alias", &nested, "too_deep");
    check_refused(
        "repeated text",
        &format!("a: &a {}\nb: [{}]", "x".repeat(100_000), "*a, ".repeat(100_000)),
        "aliases",
    );
    check_refused(
        "nested anchors",
        &format!("{}{}", "&a [".repeat(60), "x, ".repeat(200_000)),
        "yaml",
    );
    check_refused("flow nesting", &"[".repeat(1_000_000), "too_deep");
    check_refused("block nesting", &"- ".repeat(1_000_000), "too_deep");
    check_refused("map nesting", &"{a: ".repeat(1_000_000), "too_deep");
    check_refused("question marks", &"? ".repeat(1_000_000), "key_not_text");
    check_refused("same keys", &"a: \n".repeat(2_500_000), "too_many_values");
    check_refused("same keys, fewer", &"a: \n".repeat(500_000), "duplicate_key");
    check_refused("colons", &"a: ".repeat(3_000_000), "yaml");
    check_refused("many items", &format!("[{}]", "a,".repeat(5_000_000)), "too_many_values");
    check_refused("many maps", &"- a: 1\n".repeat(2_000_000), "too_many_values");
    check_refused("many anchors", &"- &a x\n".repeat(2_000_000), "aliases");
    check_refused("open quote", &format!("a: \"{}", "x\n ".repeat(3_000_000)), "yaml");
    check_refused("too long", &" ".repeat(17 << 20), "too_large");
    check_refused("directives", &"%A b\n".repeat(1_000_000), "yaml");
    check_refused("tags", &format!("a: !{} x", "a".repeat(5_000_000)), "tag");
}

#[test]
fn large_honest_files_are_read() {
    let keys: String = (0..100_000).map(|n| format!("key-{n}: value\n")).collect();
    assert!(read(&keys).is_ok());
    assert!(read(&format!("a: {}\n", "x".repeat(10_000_000))).is_ok());
    assert!(read(&"# comment\n".repeat(1_000_000)).is_ok());
    assert!(read(&format!("a: |\n{}", "  line\n".repeat(1_000_000))).is_ok());
}

#[test]
fn nodes_and_values_convert_both_ways() {
    let value = json!({"b": [1, "x", null, true], "a": {}});
    let node = Node::from_json(&value);
    assert_eq!(node.to_json().to_string(), value.to_string());
    assert_eq!(node.place, Place::UNKNOWN);
    assert_eq!(node.get("b").map(Node::kind_name), Some("a list"));
    assert_eq!(node.get("c"), None);
}
