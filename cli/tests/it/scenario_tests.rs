//! Scenarios beside definitions are tests.

use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::json;

use crate::project::{Project, column, texts};

const FLOW: &str =
    "name: flow\nsteps:\n  - {id: a, type: agent_task, agent: writer, message: Write}\n";
const PASSES: &str = "expect: {status: completed}\n";
const FAILS: &str =
    "steps: {a: {error: boom}}\nexpect: {status: completed, steps: {a: completed}}\n";

fn project() -> Project {
    Project::with_files(&[
        ("flow.yaml", FLOW),
        ("flow.scenario.yaml", PASSES),
        ("flow.bad.scenario.yaml", FAILS),
        ("flow.cheap.scenario.yaml", "expect: {cost: 0}\n"),
        ("deep/er/other.yml", FLOW),
        ("deep/er/other.one.scenario.yaml", PASSES),
        ("deep/untested.yaml", FLOW),
        (".hidden/flow.yaml", FLOW),
        (".hidden/flow.scenario.yaml", FAILS),
    ])
}

#[test]
fn every_scenario_is_a_line_and_the_last_one_counts_them() {
    let project = project();
    let output = project.run(&["test"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(1), ""));
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 7, "{}", output.stdout);
    assert_eq!(lines[0], "ok      deep/er/other.one.scenario.yaml");
    assert_eq!(lines[1], "FAILED  flow.bad.scenario.yaml");
    assert!(lines[2].starts_with("        status: expected completed"), "{}", lines[2]);
    assert!(lines[3].starts_with("        steps.a: expected completed"), "{}", lines[3]);
    assert_eq!(lines[4], "ok      flow.cheap.scenario.yaml");
    assert_eq!(lines[5], "ok      flow.scenario.yaml");
    assert_eq!(lines[6], "3 passed, 1 failed");

    let data = project.data_with_exit(1, &["test"]);
    assert_eq!((&data["passed"], &data["failed"]), (&json!(3), &json!(1)));
    let bad = &data["results"][1];
    assert_eq!(bad["file"], "flow.bad.scenario.yaml");
    assert_eq!((&bad["definition"], &bad["name"]), (&json!("flow.yaml"), &json!("flow.bad")));
    assert_eq!((&bad["passed"], &bad["status"]), (&json!(false), &json!("failed")));
    assert_eq!((texts(&bad["unmet"]).len(), &bad["errors"]), (2, &json!([])));

    fs::remove_file(project.path("flow.bad.scenario.yaml")).unwrap();
    let output = project.ok(&["test"]);
    assert_eq!(output.stdout.lines().last(), Some("3 passed, 0 failed"));
}

#[test]
fn a_path_is_a_folder_a_definition_or_a_scenario() {
    let project = project();
    let files = |paths: &[&str]| {
        let mut args = vec!["test"];
        args.extend(paths);
        args.push("--json");
        column(&project.run(&args).envelope()["data"]["results"], "file")
    };
    assert_eq!(files(&["deep"]), ["deep/er/other.one.scenario.yaml"]);
    assert_eq!(files(&["deep/"]), ["deep/er/other.one.scenario.yaml"]);
    assert_eq!(files(&["flow.scenario.yaml"]), ["flow.scenario.yaml"]);
    let of_flow = ["flow.bad.scenario.yaml", "flow.cheap.scenario.yaml", "flow.scenario.yaml"];
    assert_eq!(files(&["flow.yaml"]), of_flow);
    assert_eq!(files(&["flow.yaml", "flow.scenario.yaml", "flow.yaml"]), of_flow, "each once");
    assert_eq!(files(&[".hidden"]), [".hidden/flow.scenario.yaml"], "hidden, but named");
    assert_eq!(files(&["-C", "deep", "er"]), ["deep/er/other.one.scenario.yaml"]);
    assert_eq!(files(&["-C", "deep"]), ["deep/er/other.one.scenario.yaml"]);
}

#[test]
fn nothing_found_is_not_found() {
    let project = project();
    for args in [["test", "deep/untested.yaml"], ["test", "no-such-folder"]] {
        let error = project.refused(3, "not_found", &args);
        assert!(error["message"].to_string().contains(args[1]), "{error}");
    }
    let empty = Project::nowhere();
    let error = empty.refused(3, "not_found", &["test"]);
    assert!(error["hint"].to_string().contains(".scenario.yaml"), "{error}");
    let output = empty.run(&["test"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(3), ""));
}

/// S.21.
#[test]
fn the_definition_of_a_scenario_is_the_one_with_the_longest_name() {
    let project = Project::with_files(&[
        ("a.yaml", FLOW),
        ("a.b.yml", &FLOW.replace("id: a,", "id: b,")),
        ("a.scenario.yaml", "expect: {steps: {a: completed}}\n"),
        ("a.x.scenario.yaml", "expect: {steps: {a: completed}}\n"),
        ("a.b.scenario.yaml", "expect: {steps: {b: completed}}\n"),
        ("a.b.c.d.scenario.yml", "expect: {steps: {b: completed}}\n"),
    ]);
    let data = project.data(&["test"]);
    let definitions = column(&data["results"], "definition");
    assert_eq!(definitions, ["a.b.yml", "a.b.yml", "a.yaml", "a.yaml"], "{data}");
    assert_eq!(project.data(&["test", "a.yaml"])["passed"], 2);
}

#[test]
fn what_cannot_be_tried_has_failed_and_says_why() {
    let project = Project::with_files(&[
        ("alone.scenario.yaml", PASSES),
        (
            "bad.yaml",
            "name: bad\nsteps:\n  - {id: a, depends_on: [b]}\n  - {id: c, timeout: soon}\n",
        ),
        ("bad.scenario.yaml", PASSES),
        ("broken.yaml", "steps: [\n"),
        ("broken.scenario.yaml", PASSES),
        ("flow.yaml", &FLOW.replace("steps:", "input: {y: {}}\nsteps:")),
        ("flow.broken.scenario.yaml", "expect: {\n"),
        ("flow.input.scenario.yaml", "input: {x: 1}\n"),
        ("flow.mistakes.scenario.yaml", "steps: {z: {}}\nexpekt: {}\n"),
        ("flow.unexpected.scenario.yaml", "steps: {a: {error: boom}}\n"),
        ("flow.works.scenario.yaml", "# it completes, and that is all\n"),
    ]);
    let data = project.data_with_exit(1, &["test"]);
    assert_eq!((&data["passed"], &data["failed"]), (&json!(1), &json!(7)), "{data}");
    let said = |name: &str| {
        let results = data["results"].as_array().cloned().unwrap_or_default();
        let found = results.into_iter().find(|result| result["name"] == name);
        let found = found.unwrap_or_else(|| panic!("no {name} in {data}"));
        texts(&found["errors"]).into_iter().chain(texts(&found["unmet"])).collect::<Vec<_>>()
    };
    assert_eq!(said("alone"), ["there is no definition beside it"]);
    assert_eq!(said("bad").len(), 2);
    assert!(said("bad")[0].starts_with("bad.yaml: line 3: "), "{:?}", said("bad"));
    assert!(said("broken")[0].starts_with("broken.yaml: line "), "{:?}", said("broken"));
    assert!(said("flow.broken")[0].starts_with("flow.broken.scenario.yaml: line "));
    assert!(said("flow.input")[0].contains("`x`"), "{:?}", said("flow.input"));
    assert_eq!(said("flow.mistakes").len(), 2);
    assert!(said("flow.unexpected")[0].contains("failed"), "{:?}", said("flow.unexpected"));
    assert_eq!(said("flow.works"), Vec::<String>::new());
}

#[test]
fn links_are_not_followed_and_a_folder_may_lead_back_to_itself() {
    let project = project();
    symlink("..", project.path("deep/back")).unwrap();
    symlink("flow.yaml", project.path("linked.yaml")).unwrap();
    symlink("flow.bad.scenario.yaml", project.path("linked.scenario.yaml")).unwrap();
    let data = project.data_with_exit(1, &["test"]);
    assert_eq!(column(&data["results"], "file").len(), 4, "{data}");
    project.refused(6, "invalid", &["test", "deep/back"]);
    project.refused(6, "invalid", &["test", "linked.scenario.yaml"]);
}

#[test]
fn a_tree_too_deep_to_look_into_is_told() {
    let project = project();
    let deep: String = (0..70).map(|level| format!("d{level}/")).collect();
    project.write(&format!("{deep}flow.yaml"), FLOW);
    project.write(&format!("{deep}flow.scenario.yaml"), FAILS);
    let output = project.run(&["test", "--json"]);
    assert_eq!(output.envelope()["data"]["failed"], 1, "{output:#?}");
    assert!(output.stderr.contains("too deep"), "{output:#?}");
}

#[test]
fn a_thousand_scenarios_of_one_definition_are_tried_at_once() {
    let project = Project::with_files(&[("flow.yaml", FLOW)]);
    for number in 0..1000 {
        project.write(&format!("flow.{number}.scenario.yaml"), PASSES);
    }
    let output = project.ok(&["test"]);
    assert_eq!(output.stdout.lines().last(), Some("1000 passed, 0 failed"));
}

#[test]
fn the_examples_of_the_repository_come_as_their_authors_expected() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::nowhere();
    let repository = repository.to_str().expect("the path is text");
    let output = project.run(&["-C", repository, "test", "examples"]);
    let failed: Vec<&str> = output.stdout.lines().filter(|line| !line.starts_with("ok")).collect();
    assert_eq!(output.code, Some(0), "{failed:#?}\n{}", output.stderr);
    let last = failed.last().copied().unwrap_or_default();
    assert!(failed.len() == 1 && last.ends_with(" passed, 0 failed"), "{failed:#?}");
    let passed: u32 = last.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
    assert!(passed >= 128, "{last}");
}

#[test]
fn the_examples_of_the_repository_have_no_errors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::copy_of(&root.join("examples"));
    let mut args = vec!["validate".to_owned()];
    args.extend(project.tree().into_keys().filter(|path| path.ends_with(".yaml")));
    let output = project.ok(&args);
    assert!(
        output.stdout.lines().any(|line| line == "quality-flow.yaml: no problems"
            || line.starts_with("quality-flow.yaml: 1 remark")),
        "{}",
        output.stdout
    );
}
