//! Tests of templates: the builtin ones, reading, inheritance.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::{BUILTIN_IDS, EXTENDS_MAX, InheritError, Template, builtin, resolve};
use crate::{
    gates::Gate,
    id::TemplateId,
    model::Process,
    samples::{FULL, defaults, process, told},
    status::StepStatus,
    yaml,
};

fn id(text: &str) -> TemplateId {
    TemplateId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn read(text: &str) -> Result<Template, String> {
    let node = yaml::read(text).map_err(|problem| problem.to_string())?;
    Template::read(&node, &id("fallback")).map_err(|problems| told(&problems))
}

/// Puts the first of these templates together; what it becomes, or why not.
fn check(templates: &[&str], expect: Expect) {
    let said = match resolved(templates) {
        Ok(template) => {
            let mut lines = format!("{} {:?} {:?}\n", template.id, template.name, template.goal);
            for step in &template.steps {
                lines.push_str(&format!("step {} {}\n", step.step.id, step.step.name));
            }
            for risk in &template.risks {
                lines.push_str(&format!("risk {} {}\n", risk.id, risk.risk));
            }
            for (key, value) in &template.extra {
                lines.push_str(&format!("{key}: {value}\n"));
            }
            lines
        }
        Err(error) => error.to_string(),
    };
    expect.assert_eq(&said);
}

fn resolved(templates: &[&str]) -> Result<Template, InheritError> {
    let read = |text: &&str| read(text).unwrap_or_else(|problems| panic!("{problems}"));
    let known: BTreeMap<String, Template> =
        templates.iter().map(read).map(|template| (template.id.to_string(), template)).collect();
    resolve(read(&templates[0]), &mut |id| Ok(known.get(id.as_str()).cloned()))
}

const PARENT: &str = "\
id: parent
name: Parent
goal: Of the parent
steps:
  - {id: s1, name: One}
  - {id: s2, name: Two}
  - {id: s3, name: Three}
risks:
  - {id: r1, risk: Rain}
  - {risk: Nameless}
owner: ada
colour: red
";

#[test]
fn every_builtin_template_is_there_with_its_steps() {
    let counts = BUILTIN_IDS.map(|name| {
        let template = builtin(name).unwrap_or_else(|| panic!("{name} does not parse"));
        assert_eq!(template.id.as_str(), name);
        assert_eq!(template.extends, None);
        template.steps.len()
    });
    assert_eq!(BUILTIN_IDS, ["infra-deploy", "feature-add", "bugfix", "refactor", "debugging"]);
    assert_eq!(counts, [6, 6, 5, 5, 5]);
    assert_eq!(builtin("nothing"), None);
    assert_eq!(builtin("../builtin"), None);
}

#[test]
fn every_builtin_template_is_complete_and_written_as_it_was_read() {
    for name in BUILTIN_IDS {
        let template = builtin(name).unwrap_or_else(|| panic!("{name} does not parse"));
        assert!(!template.goal.is_empty() && !template.risks.is_empty(), "{name}");
        for (step, number) in template.steps.iter().zip(1..) {
            let step = &step.step;
            assert_eq!(step.id.as_str(), format!("s{number}"), "{name}");
            assert!(step.description.is_some(), "{name} {}", step.id);
            let lists = [&step.inputs, &step.outputs, &step.checks];
            assert!(lists.iter().all(|list| !list.is_empty()), "{name} {}", step.id);
            assert!(step.extra.is_empty(), "{name} {}: {:?}", step.id, step.extra);
        }
        assert!(template.extra.is_empty(), "{name}: {:?}", template.extra);
        let again = read(&yaml::write(&template.to_value()));
        assert_eq!(again.as_ref(), Ok(&template));
        assert_eq!(resolve(template.clone(), &mut |_| Ok::<_, InheritError>(None)), Ok(template));
    }
}

#[test]
fn the_builtin_templates_pass_the_gates_that_they_can_pass_from_the_start() {
    let passes = |name: &str, gate: Gate| {
        let template = builtin(name).unwrap_or_else(|| panic!("{name} does not parse"));
        let mut process = Process::new(defaults(), template.name, template.goal);
        process.steps = template.steps.into_iter().map(|step| step.step).collect();
        gate.run(&process).passed
    };
    for name in BUILTIN_IDS {
        assert!(passes(name, Gate::HasSteps), "{name}");
        assert!(passes(name, Gate::HasValidation), "{name}");
    }
    assert!(passes("infra-deploy", Gate::HasRollback));
}

#[test]
fn every_mistake_of_a_template_is_told_at_once() {
    let problems = read(
        "id: Bad id\nextends: 7\nremove_steps: [s1, ../x]\nsteps:\n  - {id: s1, after: S9}\n  - {id: s1}\n  - {id: s2, status: odd}\nrisks:\n  - impact: low\n",
    );
    expect![[r#"
        bad_id line 1: "Bad id" is no template id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -
        wrong_type line 2: `extends` of a template must be text, not a number
        bad_id line 3: "../x" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -
        missing_key line 9: a risk has no `risk`
        bad_id line 5: `after` of step `s1` is no step id
        duplicate_id line 6: step id `s1` stands twice
        unknown_status line 7: step `s2` has the unknown status "odd"
    "#]].assert_eq(&problems.expect_err("many"));
}

#[test]
fn a_template_without_id_takes_the_one_of_its_file() {
    let template = read("goal: x\n").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((template.id.as_str(), template.name.as_str()), ("fallback", "fallback"));
}

#[test]
fn steps_without_ids_get_numbers_that_no_other_step_has() {
    let template = read("steps:\n  - name: a\n  - {id: s1, name: b}\n  - name: c\n")
        .unwrap_or_else(|problems| panic!("{problems}"));
    let ids: Vec<&str> = template.steps.iter().map(|step| step.step.id.as_str()).collect();
    assert_eq!(ids, ["s2", "s1", "s3"]);
}

#[test]
fn unknown_keys_of_every_level_survive_and_steps_stand_at_their_beginning() {
    let text = "id: a\nowner: ada\nsteps:\n  - {id: s1, name: One, status: completed, after: s2, effort: {hours: 3}}\n  - {id: s2, name: Two}\nrisks:\n  - {risk: Rain, odds: 0.5}\n";
    let template = read(text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(template.steps[0].step.status, StepStatus::Pending);
    expect![[r#"
        id: a
        name: a
        goal: ""
        steps:
          - id: s1
            name: One
            inputs: []
            outputs: []
            checks: []
            effort:
              hours: 3
            after: s2
          - id: s2
            name: Two
            inputs: []
            outputs: []
            checks: []
        risks:
          - risk: Rain
            impact: medium
            mitigation: ""
            status: identified
            odds: 0.5
        owner: ada
    "#]]
    .assert_eq(&yaml::write(&template.to_value()));
    assert_eq!(read(&yaml::write(&template.to_value())), Ok(template));
}

#[test]
fn a_template_of_a_process_forgets_how_far_it_was() {
    let template = Template::from_process(id("moved"), &process(FULL));
    expect![[r#"
        id: moved
        name: Move the post office
        goal: Letters arrive as before
        steps:
          - id: s1
            name: Measure the rooms
            description: Each one twice
            inputs:
              - keys
            outputs:
              - table of sizes
            checks:
              - both measurements agree
            effort:
              hours: 3
              by:
                - ada
                - ben
          - id: pack
            name: Pack
            inputs: []
            outputs: []
            checks: []
        risks:
          - id: r1
            risk: Rain
            impact: critical
            mitigation: Tarpaulin
            status: identified
            odds: 0.25
    "#]]
    .assert_eq(&yaml::write(&template.to_value()));
}

#[test]
fn steps_and_risks_of_the_same_id_are_replaced_in_place_and_others_added() {
    check(
        &[
            "id: child\nname: Child\nextends: parent\nremove_steps: [s3]\nsteps:\n  - {id: s2, name: Two again}\n  - {id: last, name: Last}\n  - {id: between, name: Between, after: s1}\n  - {id: behind, name: Behind, after: between}\nrisks:\n  - {id: r1, risk: Snow}\n  - {risk: Another}\ncolour: blue\n",
            PARENT,
        ],
        expect![[r#"
            child "Child" "Of the parent"
            step s1 One
            step between Between
            step behind Behind
            step s2 Two again
            step last Last
            risk r1 Snow
            risk  Nameless
            risk  Another
            owner: "ada"
            colour: "blue"
        "#]],
    );
}

#[test]
fn a_child_without_goal_has_that_of_its_parent() {
    check(
        &["id: child\nextends: parent\n", PARENT],
        expect![[r#"
        child "child" "Of the parent"
        step s1 One
        step s2 Two
        step s3 Three
        risk r1 Rain
        risk  Nameless
        owner: "ada"
        colour: "red"
    "#]],
    );
}

#[test]
fn a_grandchild_builds_on_what_the_child_made() {
    check(
        &[
            "id: grand\nextends: child\nremove_steps: [new]\nsteps: [{id: s1, name: Grand}]\n",
            "id: child\nextends: parent\nremove_steps: [s1, s2]\nsteps: [{id: new, name: New}]\n",
            PARENT,
        ],
        expect![[r#"
            grand "grand" "Of the parent"
            step s3 Three
            step s1 Grand
            risk r1 Rain
            risk  Nameless
            owner: "ada"
            colour: "red"
        "#]],
    );
}

#[test]
fn a_circle_is_named_from_one_end_to_the_other() {
    check(&["id: a\nextends: a\n"], expect!["templates extend each other in a circle: a → a"]);
    check(
        &["id: a\nextends: b\n", "id: b\nextends: c\n", "id: c\nextends: b\n"],
        expect!["templates extend each other in a circle: a → b → c → b"],
    );
}

#[test]
fn a_missing_parent_is_named_with_its_child() {
    check(
        &["id: a\nextends: b\n", "id: b\nextends: gone\n"],
        expect!["template `b` extends `gone`, which does not exist"],
    );
}

#[test]
fn a_step_that_the_parent_does_not_have_is_named() {
    check(
        &["id: a\nextends: parent\nremove_steps: [s9]\n", PARENT],
        expect!["template `a` names step `s9` in `remove_steps`, which its parent does not have"],
    );
    check(
        &["id: a\nextends: parent\nsteps: [{id: x, after: s9}]\n", PARENT],
        expect!["template `a` names step `s9` in `after`, which its parent does not have"],
    );
    check(
        &["id: a\nextends: parent\nremove_steps: [s1]\nsteps: [{id: x, after: s1}]\n", PARENT],
        expect!["template `a` names step `s1` in `after`, which its parent does not have"],
    );
    check(
        &["id: a\nremove_steps: [s1]\n"],
        expect!["template `a` names step `s1` in `remove_steps`, which its parent does not have"],
    );
    check(
        &["id: a\nsteps: [{id: s1, after: s2}]\n"],
        expect!["template `a` names step `s2` in `after`, which its parent does not have"],
    );
}

#[test]
fn sixteen_templates_may_extend_each_other_and_one_more_may_not() {
    let chain = |count: usize| -> Vec<String> {
        (1..=count)
            .map(|number| match number == count {
                true => format!("id: t{number}\n"),
                false => format!("id: t{number}\nextends: t{}\n", number + 1),
            })
            .collect()
    };
    let said = |count: usize| {
        let texts = chain(count);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        resolved(&texts).map(|template| template.id.to_string())
    };
    assert_eq!(said(EXTENDS_MAX), Ok("t1".to_owned()));
    assert_eq!(said(EXTENDS_MAX + 1), Err(InheritError::TooLong(id("t1"))));
}
