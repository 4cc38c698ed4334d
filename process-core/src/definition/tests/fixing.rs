//! Other spellings are rewritten in the text as it stands.

use expect_test::{Expect, expect};

use super::examples::DIALECT;
use super::samples::{FULL, PAPER};
use super::{definition, placeless};
use crate::Severity;
use crate::definition::fix;

fn check(text: &str, expect: Expect) {
    let fixed = fix(text).unwrap_or_else(|problem| panic!("{problem}"));
    expect.assert_eq(&fixed.text);
}

#[test]
fn what_is_canonical_stays_as_it_is() {
    let fixed = fix(FULL).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(fixed.text, FULL);
    assert!(fixed.fixed.is_empty());
}

#[test]
fn whole_files_are_fixed_and_mean_the_same() {
    for (name, text) in PAPER.into_iter().take(4).chain([("dialect", DIALECT)]) {
        let fixed = fix(text).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(placeless(definition(&fixed.text)), placeless(definition(text)), "{name}");
        assert!(fixed.left.iter().all(|problem| problem.severity != Severity::Dialect), "{name}");
        let again = fix(&fixed.text).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(again.text, fixed.text, "{name}");
    }
}

#[test]
fn comments_and_unknown_keys_stay() {
    check(
        r#"# above
process:   # the wrapper
  name: n  # the name
  owner: ada
  steps:
    # first
    - id: a
      needs: []      # nothing
      when: "input.x == 1"  # only then
      on_error:
        # never mind
        action: skip_step   # go on
    - id: g
      type: gateway
      # ways
      conditions:
        # the good one
        - expression: input.x == 1   # good
          target: a2
      default_route: a3  # the bad one
      colour: blue
    - id: a2
      type: human_approval
      config:  # who
        # the boss
        assignees: [ada]  # alone
    - id: a3
  # the end
"#,
        expect![[r##"
            # above
            # the wrapper
            name: n  # the name
            owner: ada
            steps:
              # first
              - id: a
                depends_on: []      # nothing
                condition: "input.x == 1"  # only then
                on_error: skip_step
                  # never mind
              # go on
              - id: g
                type: gateway
                # ways
                routes:
                  # the good one
                  - condition: input.x == 1   # good
                    next: a2
                  # the bad one
                  - default: true
                    next: a3
                colour: blue
              - id: a2
                type: human_approval
                # who
                # the boss
                approvers: [ada]  # alone
              - id: a3
            # the end
        "##]],
    );
}

#[test]
fn what_has_errors_is_fixed_where_it_can_be() {
    check(
        "name: n\nsteps:\n  - {id: a, needs: [zz], timeout: soon, xx: 1}\n",
        expect![[r#"
            name: n
            steps:
              - {id: a, depends_on: [zz], timeout: soon, xx: 1}
        "#]],
    );
}

#[test]
fn two_spellings_of_one_key_are_left() {
    let text = "name: n\nsteps:\n  - {id: a, condition: 'true', when: 'false', needs: []}\n";
    let fixed = fix(text).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(fixed.text, text.replace("needs", "depends_on"));
    assert!(fixed.left.iter().any(|problem| problem.code == "two_spellings"));
}

#[test]
fn what_is_no_yaml_is_an_error() {
    assert!(fix("a: [").is_err());
}
