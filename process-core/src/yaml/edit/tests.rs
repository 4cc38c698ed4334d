//! Tests of edits that keep comments.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::yaml::edit::edit;
use crate::yaml::{read, write};

const PROCESS: &str = "\
# Owned by the platform team.
id: proc-001
name: 'Deploy'   # shown in lists
status: planned # planned | active

steps:
  # The careful part.
  - id: s1
    name: Plan
    status: pending # first
    inputs: [ticket, 'budget']
  - id: s2
    name: Build
    # Needs a runner.
    status: pending
    notes: |
      one
      two

decisions: []
# The end.
updatedAt: 2026-11-21T08:08:50.909Z
";

fn content(text: &str) -> Value {
    read(text).expect("valid YAML").to_json()
}

fn check(text: &str, change: impl FnOnce(&mut Value), expect: Expect) {
    let mut value = content(text);
    change(&mut value);
    let edited = edit(text, &value);
    assert!(edited.kept, "{text}\n{value}");
    assert_eq!(content(&edited.text), value);
    expect.assert_eq(&edited.text);
    assert_eq!(edit(&edited.text, &value).text, edited.text);
}

/// Shows only the lines that differ.
fn check_process(change: impl FnOnce(&mut Value), expect: Expect) {
    let mut value = content(PROCESS);
    change(&mut value);
    let edited = edit(PROCESS, &value);
    assert!(edited.kept, "{value}");
    assert_eq!(content(&edited.text), value);
    let (old, new): (Vec<&str>, Vec<&str>) =
        (PROCESS.lines().collect(), edited.text.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..], &new[same..]);
    let behind = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let mut shown = String::new();
    for line in &old[..old.len() - behind] {
        shown.push_str(&format!("-{line}\n"));
    }
    for line in &new[..new.len() - behind] {
        shown.push_str(&format!("+{line}\n"));
    }
    expect.assert_eq(&shown);
}

fn check_written_anew(text: &str, value: Value) {
    let edited = edit(text, &value);
    assert!(!edited.kept, "{}", edited.text);
    assert_eq!(edited.text, write(&value));
}

#[test]
fn a_text_that_says_it_already_is_left_alone() {
    check_process(|_| {}, expect![""]);
    let reordered = json!({"b": 1, "a": [2]});
    assert_eq!(edit("a: [ 2 ]\nb:  1", &reordered).text, "a: [ 2 ]\nb:  1");
}

#[test]
fn a_changed_status_changes_one_line_and_keeps_its_comment() {
    check_process(
        |value| value["status"] = json!("active"),
        expect![[r#"
            -status: planned # planned | active
            +status: active # planned | active
        "#]],
    );
    check_process(
        |value| value["steps"][0]["status"] = json!("in_progress"),
        expect![[r#"
            -    status: pending # first
            +    status: in_progress # first
        "#]],
    );
    check_process(
        |value| value["updatedAt"] = json!("2026-11-22T00:00:00Z"),
        expect![[r#"
            -updatedAt: 2026-11-21T08:08:50.909Z
            +updatedAt: 2026-11-22T00:00:00Z
        "#]],
    );
}

#[test]
fn quotes_stay_as_they_were() {
    check_process(
        |value| value["name"] = json!("It's on"),
        expect![[r#"
            -name: 'Deploy'   # shown in lists
            +name: 'It''s on'   # shown in lists
        "#]],
    );
    check(
        "a: \"x\"\n",
        |value| value["a"] = json!("y"),
        expect![[r#"
        a: "y"
    "#]],
    );
    check(
        "a: 'x'\n",
        |value| value["a"] = json!("y\u{7}\n"),
        expect![[r#"
        a: "y\x07\n"
    "#]],
    );
}

#[test]
fn a_new_key_goes_behind_its_predecessor() {
    check_process(
        |value| {
            let step = json!({"id": "s1", "name": "Plan", "status": "pending",
                "startedAt": "2026-11-21T08:08:50.909Z", "inputs": ["ticket", "budget"]});
            value["steps"][0] = step;
        },
        expect![[r#"
            +    startedAt: 2026-11-21T08:08:50.909Z
        "#]],
    );
    check_process(
        |value| value["revision"] = json!(3),
        expect![[r#"
            +revision: 3
        "#]],
    );
    check_process(
        |value| value["steps"][1]["checks"] = json!(["a", {"b": 1}]),
        expect![[r#"
            +    checks:
            +      - a
            +      - b: 1
        "#]],
    );
}

#[test]
fn an_empty_list_that_gains_an_item_becomes_a_block() {
    check_process(
        |value| value["decisions"] = json!([{"id": "d1", "choice": "JWT"}]),
        expect![[r#"
            -decisions: []
            +decisions:
            +  - id: d1
            +    choice: JWT
        "#]],
    );
    check(
        "a: {} # none\n# x\nb: 1",
        |value| value["a"] = json!({"k": "v"}),
        expect![[r#"
        a: # none
          k: v
        # x
        b: 1"#]],
    );
}

#[test]
fn items_are_appended_inserted_and_removed() {
    let step = |id: &str| json!({"id": id, "name": "New"});
    check_process(
        |value| value["steps"].as_array_mut().expect("list").push(step("s3")),
        expect![[r#"
            +  - id: s3
            +    name: New
        "#]],
    );
    check_process(
        |value| value["steps"].as_array_mut().expect("list").insert(0, step("s0")),
        expect![[r#"
            +  - id: s0
            +    name: New
        "#]],
    );
    check_process(
        |value| value["steps"].as_array_mut().expect("list").insert(1, step("s0")),
        expect![[r#"
            +  - id: s0
            +    name: New
        "#]],
    );
    check_process(
        |value| drop(value["steps"].as_array_mut().expect("list").remove(0)),
        expect![[r#"
            -  - id: s1
            -    name: Plan
            -    status: pending # first
            -    inputs: [ticket, 'budget']
        "#]],
    );
    check_process(
        |value| value["steps"] = json!([]),
        expect![[r#"
            -steps:
            -  # The careful part.
            -  - id: s1
            -    name: Plan
            -    status: pending # first
            -    inputs: [ticket, 'budget']
            -  - id: s2
            -    name: Build
            -    # Needs a runner.
            -    status: pending
            -    notes: |
            -      one
            -      two
            +steps: []
            +  # The careful part.
        "#]],
    );
}

#[test]
fn a_moved_item_takes_its_comments_along() {
    check(
        "l:\n  # about a\n  - id: a\n    k: 1 # one\n  # about b\n  - id: b # two\n  - id: c\n",
        |value| {
            let items = value["l"].as_array_mut().expect("list");
            items.rotate_left(1);
            items[2]["k"] = json!(2);
        },
        expect![[r#"
            l:
              # about b
              - id: b # two
              - id: c
              # about a
              - id: a
                k: 2 # one
        "#]],
    );
}

#[test]
fn plain_items_are_recognised_by_their_content() {
    check(
        "- a # 1\n- b # 2\n- c # 3\n- d # 4\n",
        |value| *value = json!(["a", "x", "c", "y", "d", "z"]),
        expect![[r#"
            - a # 1
            - x # 2
            - c # 3
            - "y"
            - d # 4
            - z
        "#]],
    );
}

#[test]
fn flow_style_stays_flow_style() {
    check_process(
        |value| value["steps"][0]["inputs"] = json!(["ticket", "a, b", "budget", {"k": []}]),
        expect![[r#"
            -    inputs: [ticket, 'budget']
            +    inputs: [ticket, "a, b", 'budget', {k: []}]
        "#]],
    );
    check(
        "{a: 1, b: {c: 2}, d: , e}\n",
        |value| *value = json!({"b": {"c": 3, "x": "y"}, "d": 4, "e": 5}),
        expect![[r#"
        {b: {c: 3, x: "y"}, d: 4, e: 5}
    "#]],
    );
    check(
        "a: [\n  one, # 1\n  two # 2\n]\n",
        |value| value["a"] = json!(["one", "two", "three"]),
        expect![[r#"
        a: [
          one, # 1
          two,
          three # 2
        ]
    "#]],
    );
    check("[a, b, c, ]", |value| *value = json!(["b"]), expect!["[b, ]"]);
}

#[test]
fn a_value_may_change_its_kind() {
    check(
        "a: # c\n  - x\n  - y # d\nb: 1\n",
        |value| value["a"] = json!("text"),
        expect![[r#"
        a: text # c
        b: 1
    "#]],
    );
    check(
        "a: text # c\nb: 1\n",
        |value| value["a"] = json!({"k": ["x"]}),
        expect![[r#"
        a: # c
          k:
            - x
        b: 1
    "#]],
    );
    check(
        "a: | # c\n  one\n\n  two\n\nb: 1\n",
        |value| value["a"] = json!("x"),
        expect![[r#"
        a: x # c

        b: 1
    "#]],
    );
    check(
        "a: >-\n  one\n  two\nb: 1\n",
        |value| value["a"] = json!("x\ny\n"),
        expect![[r#"
        a: |
          x
          y
        b: 1
    "#]],
    );
    check(
        "a: |+\n  one\n\n\nb: 1\n",
        |value| value["a"] = json!([1]),
        expect![[r#"
        a:
          - 1
        b: 1
    "#]],
    );
    check(
        "a:\nb: # c\n",
        |value| *value = json!({"a": 1, "b": [2]}),
        expect![[r#"
        a: 1
        b: # c
          - 2
    "#]],
    );
    check(
        "- a: 1\n  b: 2\n- \n- x\n",
        |value| *value = json!(["t", {"k": 1, "l": 2}, [3, 4]]),
        expect![[r#"
        - t
        - k: 1
          l: 2
        - - 3
          - 4
    "#]],
    );
}

#[test]
fn the_first_key_behind_a_dash_can_go() {
    check(
        "- a: 1 # gone\n  b: 2\n  c: 3 # stays\n",
        |value| *value = json!([{"b": 2, "c": 4}]),
        expect![[r#"
        - b: 2
          c: 4 # stays
    "#]],
    );
    check(
        "- a: 1\n  # stays\n  b: 2\n",
        |value| *value = json!([{"b": 2}]),
        expect![[r#"
        -
          # stays
          b: 2
    "#]],
    );
}

#[test]
fn comment_lines_above_a_removed_key_stay() {
    check(
        "# head\na: 1 # gone\n# about b\nb:\n  # inside\n  c: 1\n# about d\nd: 1\n",
        |value| *value = json!({"d": 1}),
        expect![[r#"
        # head
        # about b
        # about d
        d: 1
    "#]],
    );
}

#[test]
fn line_ends_and_byte_order_marks_survive() {
    let value = json!({"a": 2, "b": ["x\ny\n"], "c": 3});
    let edited = edit("\u{feff}a: 1\r\n# c\r\nb: []\r\n", &value);
    let expected = "\u{feff}a: 2\r\n# c\r\nb:\r\n  - |\r\n    x\r\n    y\r\nc: 3\r\n";
    assert_eq!(edited.text, expected);
    check(
        "a: 1\nb: 2 # c",
        |value| *value = json!({"a": 1, "b": 2, "c": 3}),
        expect![[r#"
        a: 1
        b: 2 # c
        c: 3"#]],
    );
    check(
        "a: 1\n# c\nb: 2",
        |value| *value = json!({"a": 1}),
        expect![[r#"
        a: 1
        # c"#]],
    );
}

#[test]
fn a_text_without_content_gains_some() {
    check(
        "# head\n",
        |value| *value = json!({"a": 1}),
        expect![[r#"
        # head
        a: 1
    "#]],
    );
    check(
        "",
        |value| *value = json!([1]),
        expect![[r#"
        - 1
    "#]],
    );
    check(
        "---\n# c\n- a\n",
        |value| *value = json!(["a", "b"]),
        expect![[r#"
        ---
        # c
        - a
        - b
    "#]],
    );
}

#[test]
fn what_an_edit_cannot_keep_is_written_anew() {
    check_written_anew("a: &x 1\nb: *x\n", json!({"a": 2, "b": 1}));
    check_written_anew("a: [b\n", json!({"a": 2}));
    check_written_anew("a: !!str 5\n", json!({"a": 6}));
    check_written_anew("a: 1\n---\nb: 1\n", json!({"a": 2}));
    check_written_anew("a: [x, # c\n  y]\n", json!({"a": ["y"]}));
}

#[test]
fn anchors_elsewhere_do_not_disturb() {
    check(
        "a: &x {k: 1} # c\nb: *x\nc: 1\n",
        |value| value["c"] = json!(2),
        expect![[r#"
        a: &x {k: 1} # c
        b: *x
        c: 2
    "#]],
    );
    check(
        "a: &x 1\nb: *x # c\n",
        |value| value["b"] = json!(2),
        expect![[r#"
        a: &x 1
        b: 2 # c
    "#]],
    );
}
