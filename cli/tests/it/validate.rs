//! Definitions are read with every problem at once, and other spellings rewritten on demand.

use std::fs;

use serde_json::Value;

use crate::{
    hostile_files::{OBJECTS, Object, bomb, quickly, within},
    project::{Project, column},
};

/// A definition in which ten lines are wrong.
const TEN_MISTAKES: &str = "\
name: ten
steps:
  - id: a
    type: agent_task
    agent: writer
  - id: b
    depends_on: [a, nobody]
  - id: c
    depends_on: [c]
  - id: a
  - id: d
    timeout: 5 minutes
  - id: e
    type: timer
    wait_until: \"25:61\"
  - id: f
    condition: steps.a.output.score >
  - id: g
    type: teleport
  - id: h
    type: gateway
    routes:
      - {default: true, next: nowhere}
triggers:
  - {type: schedule, cron: every day}
";

/// A definition that others spell like this, with comments in many places.
const SPELLED: &str = "\
# at the top
name: flow  # its name
steps:
  # before the first
  - id: a
    type: human_approval
    title: Is it good?
    assignees: [ann]  # who decides
    owner: me
  - id: way
    type: gateway
    depends_on: [a]
    routes:
      # where to
      - condition: steps.a.decision == 'approved'
        target: b  # on
      - default: true
        target: c
  - id: b
  - id: c
# at the end
";

const CLEAN: &str = "name: clean\nsteps:\n  - {id: a, name: First}\n  - {id: b, depends_on: [a]}\n";

/// Returns the severity, the line and the code of every problem.
fn places(problems: &Value) -> Vec<String> {
    let place = |problem: &Value| {
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("severity"), problem["line"], text("code"))
    };
    problems.as_array().into_iter().flatten().map(place).collect()
}

#[test]
fn ten_mistakes_in_one_file_are_ten_problems_with_their_lines() {
    let project = Project::with_files(&[("ten.yaml", TEN_MISTAKES)]);
    let data = project.data_with_exit(6, &["validate", "ten.yaml"]);
    assert_eq!(data["file"], "ten.yaml");
    let expected = [
        "error 3 missing_key",
        "error 7 unknown_step",
        "error 9 self_reference",
        "error 10 duplicate_id",
        "error 12 bad_duration",
        "error 15 bad_instant",
        "error 17 expression_syntax",
        "error 19 unknown_word",
        "error 23 unknown_step",
        "error 25 bad_cron",
    ];
    assert_eq!(places(&data["problems"]), expected, "{data}");
    for problem in data["problems"].as_array().into_iter().flatten() {
        for key in ["severity", "code", "line", "column", "message", "hint"] {
            assert!(problem.get(key).is_some(), "no {key} in {problem}");
        }
        assert!(problem["column"].as_u64().is_some_and(|column| column > 1), "{problem}");
    }

    let output = project.run(&["validate", "ten.yaml"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(6), ""));
    let lines: Vec<&str> = output.stdout.lines().collect();
    for (line, text) in [(7, "depends_on: [a, nobody]"), (12, "timeout: 5 minutes")] {
        assert!(output.stdout.contains(&format!("ten.yaml:{line}:")), "{}", output.stdout);
        assert!(lines.iter().any(|shown| shown.contains(text)), "{}", output.stdout);
    }
    assert_eq!(lines.last(), Some(&"ten.yaml: 10 errors"));
}

#[test]
fn a_file_without_problems_is_said_to_have_none() {
    let project = Project::with_files(&[("clean.yaml", CLEAN)]);
    let output = project.ok(&["validate", "clean.yaml"]);
    assert_eq!(output.stdout, "clean.yaml: no problems\n");
    assert_eq!(output.stderr, "");
    let data = project.data(&["validate", "clean.yaml"]);
    assert_eq!(data, serde_json::json!({"file": "clean.yaml", "problems": []}));
}

#[test]
fn warnings_spellings_and_remarks_leave_a_file_usable() {
    let text = format!("{SPELLED}colour: red\n");
    let project = Project::with_files(&[("flow.yaml", &text)]);
    let data = project.data(&["validate", "flow.yaml"]);
    let found = places(&data["problems"]);
    for expected in ["warning 9 unknown_key", "dialect 8 spelling", "dialect 16 spelling"] {
        assert!(found.iter().any(|place| place == expected), "{found:?}");
    }
    assert!(found.iter().all(|place| !place.starts_with("error")), "{found:?}");
    let output = project.ok(&["validate", "flow.yaml"]);
    let last = output.stdout.lines().last();
    assert_eq!(last, Some("flow.yaml: 2 warnings, 3 dialect spellings, 1 remark"));
}

#[test]
fn what_a_rejection_does_is_told_for_every_approval_that_does_not_say_so() {
    let files = [("flow.yaml", SPELLED)];
    let data = Project::with_files(&files).data(&["validate", "flow.yaml"]);
    let problems = data["problems"].as_array().cloned().unwrap_or_default();
    let told = problems.iter().find(|problem| problem["code"] == "reject_outcome");
    assert_eq!(told.map(|told| told["severity"].clone()), Some("info".into()), "{data}");
}

#[test]
fn several_files_are_told_one_by_one() {
    let files = [("clean.yaml", CLEAN), ("ten.yaml", TEN_MISTAKES), ("flow.yaml", SPELLED)];
    let project = Project::with_files(&files);
    let args = ["validate", "clean.yaml", "ten.yaml", "flow.yaml"];
    let data = project.data_with_exit(6, &args);
    assert_eq!(column(&data["files"], "file"), ["clean.yaml", "ten.yaml", "flow.yaml"]);
    assert!(data.get("problems").is_none(), "{data}");
    let output = project.run(&args);
    let sums =
        ["clean.yaml: no problems", "ten.yaml: 10 errors", "flow.yaml: 1 warning, 3 dialect"];
    for sum in sums {
        assert!(output.stdout.lines().any(|line| line.starts_with(sum)), "{}", output.stdout);
    }
    project.data(&["validate", "clean.yaml", "flow.yaml"]);
}

#[test]
fn what_is_no_yaml_is_one_problem_with_its_line() {
    let cases: [(&str, &[u8], u64, &str); 5] = [
        ("an open list", b"name: x\nsteps: [\n", 2, "yaml"),
        ("no quotes around braces", b"name: x\ngoal: {{ input.x }}\n", 2, "key_not_text"),
        ("a key twice", b"name: x\nsteps: []\nname: y\n", 3, "duplicate_key"),
        ("no text", b"name: x\nsteps:\n  - {id: a, name: \xff}\n", 3, "not_utf8"),
        ("a merge", b"a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", 2, "conflict_markers"),
    ];
    for (name, text, line, code) in cases {
        let project = Project::nowhere();
        project.write("flow.yaml", text);
        for args in [&["validate", "flow.yaml"][..], &["validate", "--fix", "flow.yaml"]] {
            let data = project.data_with_exit(6, args);
            assert_eq!(places(&data["problems"]), [format!("error {line} {code}")], "{name}");
        }
        let output = project.run(&["validate", "flow.yaml"]);
        assert!(output.stdout.ends_with("flow.yaml: 1 error\n"), "{name}: {output:#?}");
        assert_eq!(fs::read(project.path("flow.yaml")).unwrap(), text, "{name}");
    }
    for text in ["", "# nothing\n", "- a\n", "text\n"] {
        let project = Project::with_files(&[("flow.yaml", text)]);
        let data = project.data_with_exit(6, &["validate", "flow.yaml"]);
        assert_eq!(data["problems"][0]["line"], 1, "{text:?}: {data}");
    }
}

#[test]
fn other_spellings_are_rewritten_and_comments_stay() {
    let project = Project::with_files(&[("flow.yaml", SPELLED)]);
    let shown = project.ok(&["validate", "--fix", "--dry-run", "flow.yaml"]);
    assert_eq!(project.read("flow.yaml"), SPELLED, "a dry run writes nothing");
    assert!(shown.stdout.starts_with("flow.yaml: would rewrite 3 spellings\n"), "{shown:#?}");
    assert!(shown.stderr.contains("nothing was written"), "{shown:#?}");
    let data = project.data(&["validate", "--fix", "--dry-run", "flow.yaml"]);
    assert_eq!((&data["written"], column(&data["fixed"], "line")), (&false.into(), lines_fixed()));

    let data = project.data(&["validate", "--fix", "flow.yaml"]);
    assert_eq!((&data["written"], column(&data["fixed"], "line")), (&true.into(), lines_fixed()));
    let severities = column(&data["problems"], "severity");
    assert!(!severities.contains(&"dialect".to_owned()), "what is left is told: {data}");
    assert!(severities.contains(&"warning".to_owned()), "{data}");
    let expected = SPELLED.replace("assignees:", "approvers:").replace("target:", "next:");
    assert_eq!(project.read("flow.yaml"), expected);

    let before = fs::metadata(project.path("flow.yaml")).unwrap().modified().unwrap();
    let data = project.data(&["validate", "--fix", "flow.yaml"]);
    assert_eq!((&data["written"], &data["fixed"]), (&false.into(), &serde_json::json!([])));
    let after = fs::metadata(project.path("flow.yaml")).unwrap().modified().unwrap();
    assert_eq!(before, after, "a file in which nothing changes is not written");
    assert_eq!(project.tree().len(), 1, "nothing is left beside it");
}

fn lines_fixed() -> Vec<String> {
    ["8", "16", "18"].map(str::to_owned).to_vec()
}

#[test]
fn a_file_with_errors_is_rewritten_as_well_and_they_are_told_behind_it() {
    let text = SPELLED.replace("target: c", "target: nowhere");
    let project = Project::with_files(&[("flow.yaml", &text)]);
    let output = project.run(&["validate", "--fix", "flow.yaml"]);
    assert_eq!(output.code, Some(6), "{output:#?}");
    assert!(output.stdout.starts_with("flow.yaml: rewrote 3 spellings\n  line 8: "), "{output:#?}");
    assert!(output.stdout.contains("unknown step `nowhere`"), "{output:#?}");
    assert!(project.read("flow.yaml").contains("next: nowhere"));
}

#[test]
fn only_files_of_their_authors_are_rewritten() {
    let project = Project::with_steps(&["One"]);
    let view = ".ai/processes/proc-001.yaml";
    project.edit(view, "name: One", "name: One\n    dependsOn: [s1]");
    project.write("flow.yaml", SPELLED);
    project.write("flow.scenario.yaml", "expect: {status: completed}\n");
    project.write(".ai/templates/flow.yaml", SPELLED);
    for path in [view, "flow.scenario.yaml", "bugfix"] {
        let before = project.tree();
        project.refused(6, "invalid", &["validate", "--fix", path]);
        assert!(project.tree() == before, "{path}");
    }
    project.ok(&["validate", "--fix", ".ai/templates/flow.yaml"]);
    assert!(project.read(".ai/templates/flow.yaml").contains("approvers: [ann]  # who decides"));
}

#[test]
fn a_scenario_is_held_against_its_definition() {
    let project = Project::with_files(&[
        ("flow.yaml", CLEAN),
        ("flow.good.scenario.yaml", "steps: {a: {output: 1}}\nexpect: {status: completed}\n"),
        ("flow.bad.scenario.yaml", "steps:\n  z: {output: 1}\n  a: {outptu: 1}\nexpekt: {}\n"),
        ("alone.scenario.yaml", "expect: {status: completed}\n"),
    ]);
    assert_eq!(
        project.ok(&["validate", "flow.good.scenario.yaml"]).stdout,
        "flow.good.scenario.yaml: no problems\n"
    );
    let data = project.data_with_exit(6, &["validate", "flow.bad.scenario.yaml"]);
    let expected = ["error 2 unknown_step", "error 3 unknown_key", "error 4 unknown_key"];
    assert_eq!(places(&data["problems"]), expected, "{data}");
    let data = project.data_with_exit(6, &["validate", "alone.scenario.yaml"]);
    assert_eq!(column(&data["problems"], "code"), ["no_definition"]);
}

#[test]
fn a_template_of_the_project_is_named_by_its_id() {
    let project = Project::new();
    project.write(".ai/templates/flow.yaml", format!("id: release\n{SPELLED}"));
    project.write(".ai/templates/child.yaml", "id: child\nname: C\nextends: bugfix\n");
    for name in ["release", "flow"] {
        let data = project.data(&["validate", name]);
        assert_eq!(data["file"], ".ai/templates/flow.yaml");
        assert_eq!(data["problems"][1]["line"], 9, "{data}");
    }
    for name in ["bugfix", "child"] {
        assert_eq!(project.data(&["validate", name])["file"], format!("template {name}"));
    }
    project.write("sub/file", "");
    let data = project.data(&["-C", "sub", "validate", "release"]);
    assert_eq!(data["file"], ".ai/templates/flow.yaml");
    project.refused(3, "not_found", &["validate", "no-such-template"]);
    project.refused(3, "not_found", &["validate", "flow.yaml"]);
    Project::nowhere().refused(3, "not_found", &["validate", "bugfix"]);
    project.write("release", CLEAN);
    assert_eq!(project.data(&["validate", "release"])["file"], "release", "a file comes first");
    project.ok(&["-C", "sub", "validate", "--fix", "release"]);
    assert!(project.read(".ai/templates/flow.yaml").contains("approvers: [ann]"));
}

#[test]
fn paths_are_relative_to_the_folder_that_is_named() {
    let project = Project::with_files(&[("sub/flow.yaml", CLEAN)]);
    project.ok(&["-C", "sub", "validate", "flow.yaml"]);
    project.refused(3, "not_found", &["-C", "nowhere", "validate", "flow.yaml"]);
    project.refused(3, "not_found", &["validate", "flow.yaml"]);
}

#[test]
fn what_is_no_file_is_refused_in_no_time() {
    for object in OBJECTS {
        let project = Project::with_files(&[("clean.yaml", CLEAN), ("clean.scenario.yaml", "")]);
        object.put(&project, "odd.yaml");
        object.put(&project, "odd.scenario.yaml");
        let before = project.tree();
        for args in [
            &["validate", "odd.yaml", "--json"][..],
            &["validate", "--fix", "odd.yaml", "--json"],
            &["simulate", "odd.yaml", "--json"],
            &["simulate", "clean.yaml", "--scenario", "odd.yaml", "--json"],
        ] {
            let output = quickly(&project, args);
            assert_eq!(output.code, Some(6), "{object:?}: {output:#?}");
            assert_eq!(output.envelope()["ok"], false, "{object:?}");
        }
        // The giant is a file, and fails as a test; links and folders are passed over.
        let output = quickly(&project, &["test", "--json"]);
        let failed = u64::from(object == Object::Giant);
        assert_eq!(output.envelope()["data"]["failed"], failed, "{object:?}: {output:#?}");
        assert!(project.tree() == before, "{object:?}");
    }
}

#[test]
fn definitions_that_were_made_to_hurt_are_refused_in_no_time_and_little_memory() {
    const MEMORY_KIBIBYTES: u32 = 100 << 10;
    let steps = |condition: String| {
        format!(
            "name: x\nsteps:\n  - {{id: a}}\n  - {{id: b, depends_on: [a], condition: '{condition}'}}\n"
        )
    };
    let circle = |count: usize| -> String {
        (0..count)
            .map(|step| format!("  - {{id: s{step}, depends_on: [s{}]}}\n", (step + 1) % count))
            .collect()
    };
    let attacks = [
        ("a bomb", bomb("name: x\n")),
        ("deep brackets", steps(format!("{}true{}", "(".repeat(50_000), ")".repeat(50_000)))),
        ("many words", steps("not ".repeat(100_000))),
        ("a long sum", steps(format!("{}1 == 1", "1+".repeat(500_000)))),
        ("deep lists in an expression", steps("[".repeat(100_000))),
        ("deep yaml", format!("name: {}", "[".repeat(200_000))),
        ("too many steps", format!("name: x\nsteps:\n{}", "  - {name: s}\n".repeat(10_001))),
        ("a long circle", format!("name: x\nsteps:\n{}", circle(5_000))),
        ("a long line", format!("name: {}\nsteps: 1\n", "x".repeat(8 << 20))),
    ];
    for (name, text) in attacks {
        let project = Project::with_files(&[("flow.yaml", &text), ("flow.scenario.yaml", "")]);
        for args in [
            &["validate", "flow.yaml", "--json"][..],
            &["validate", "--fix", "flow.yaml", "--json"],
            &["simulate", "flow.yaml", "--json"],
        ] {
            let output = quickly(&project, args);
            assert_eq!(output.code, Some(6), "{name}: {output:#?}");
            output.envelope();
            let output = within(&project, MEMORY_KIBIBYTES, args);
            assert_eq!(output.code, Some(6), "{name} in little memory: {output:#?}");
        }
        let output = quickly(&project, &["test", "--json"]);
        assert_eq!(output.code, Some(1), "{name}: {output:#?}");
        // A scenario is read with as much care.
        let project = Project::with_files(&[("clean.yaml", CLEAN), ("s.yaml", &text)]);
        let output =
            quickly(&project, &["simulate", "clean.yaml", "--scenario", "s.yaml", "--json"]);
        assert_eq!(output.code, Some(6), "{name}: {output:#?}");
    }
}
