//! Tests of problems and how they are drawn.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{Diagnostic, Place, Severity, render};

const SOURCE: &str = "id: proc-001\nsteps:\n  - id: deploy\n    depends_on: tset\n";

fn check(diagnostics: &[Diagnostic], name: &str, source: &str, expect: Expect) {
    let text = render(diagnostics, name, source);
    assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    expect.assert_eq(&text);
}

fn unknown_step() -> Diagnostic {
    let message = "step `deploy` depends on unknown step `tset`";
    Diagnostic::error("unknown_step", Place::new(4, 17), message).with_hint("did you mean `test`?")
}

#[test]
fn a_problem_says_its_line_if_it_is_known() {
    let known = unknown_step().to_string();
    assert_eq!(known, "line 4: step `deploy` depends on unknown step `tset`");
    assert_eq!(Diagnostic::warning("x", Place::UNKNOWN, "odd").to_string(), "odd");
}

#[test]
fn json_holds_every_field() {
    let expected = json!({"severity": "error", "code": "unknown_step", "line": 4, "column": 17,
        "message": "step `deploy` depends on unknown step `tset`", "hint": "did you mean `test`?"});
    assert_eq!(unknown_step().to_json(), expected);
    let warning = Diagnostic::warning("x", Place::UNKNOWN, "odd");
    assert_eq!(warning.severity, Severity::Warning);
    assert_eq!(warning.to_json()["hint"], json!(null));
}

#[test]
fn problems_are_shown_with_their_lines() {
    let warning = Diagnostic::warning("odd", Place::new(1, 99), "odd id");
    let info =
        Diagnostic { severity: Severity::Info, ..Diagnostic::error("i", Place::UNKNOWN, "fyi") };
    check(
        &[unknown_step(), warning, info],
        "proc-001.yaml",
        SOURCE,
        expect![[r#"
        error[unknown_step]: step `deploy` depends on unknown step `tset`
         --> proc-001.yaml:4:17
          |
        4 |     depends_on: tset
          |                 ^^^^
          |
          = help: did you mean `test`?

        warning[odd]: odd id
         --> proc-001.yaml:1:99
          |
        1 | id: proc-001
          |             ^

        info[i]: fyi
        --> proc-001.yaml
    "#]],
    );
}

#[test]
fn a_problem_beyond_the_source_is_shown_without_a_line() {
    check(
        &[Diagnostic::error("x", Place::new(9, 1), "gone")],
        "a.yaml",
        SOURCE,
        expect![[r#"
        error[x]: gone
        --> a.yaml:9
    "#]],
    );
    check(&[], "a.yaml", SOURCE, expect![[""]]);
}

#[test]
fn hostile_text_is_cut_and_made_visible() {
    let long = format!("{}\u{1b}[31mred\u{202e}\t{}", "ä".repeat(5_000), "x".repeat(1_000_000));
    let problem =
        Diagnostic::error("x", Place::new(1, 5_002), "bad\n\u{1b}[2J\u{0}").with_hint("a\rb");
    check(
        &[problem],
        "na\nme\u{7}.yaml",
        &long,
        expect![[r#"
        error[x]: bad �[2J�
         --> na me�.yaml:1:5002
          |
        1 | ...äääääääääääääääääääääääääääääääääääääääääääääääääääääääääää�[31mred� xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
          |                                                                ^^^^^^^^
          |
          = help: a b
    "#]],
    );
}

#[test]
fn only_the_first_problems_are_shown() {
    let all: Vec<Diagnostic> =
        (1..=60).map(|line| Diagnostic::error("x", Place::new(line, 1), "bad")).collect();
    let text = render(&all, "a.yaml", SOURCE);
    assert!(text.ends_with("and 10 more\n"), "{text}");
    assert_eq!(text.matches("error[x]").count(), 50);
}
