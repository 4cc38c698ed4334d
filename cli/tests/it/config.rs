//! The configuration of a project.

use crate::project::Project;

const FILE: &str = ".procside.yaml";

#[test]
fn without_a_file_everything_has_its_default() {
    let project = Project::new();
    let config = project.data(&["config"])["config"].take();
    assert!(config["template"].is_null(), "{config}");
    assert_eq!(config["network_file_system"], false);
    assert_eq!(config["gates"]["has_steps"], "error");
    assert_eq!(config["gates"]["has_decisions"], "warning");
    assert!(!project.exists(FILE), "looking makes no file");
    let text = project.ok(&["config"]).stdout;
    assert!(text.contains("gates.has_steps=error\n"), "{text}");
}

#[test]
fn what_is_set_takes_effect_and_stays() {
    let project = Project::new();
    let args = ["config", "--set", "template=bugfix", "--set", "gates.has_decisions=off"];
    let config = project.data(&args)["config"].take();
    assert_eq!(
        (&config["template"], &config["gates"]["has_decisions"]),
        (&"bugfix".into(), &"off".into())
    );
    assert_eq!(project.data(&["config"])["config"], config);
    assert_eq!(project.data(&["init"])["process"]["template"], "bugfix");
    let text = project.read(FILE);
    assert!(text.contains("template: bugfix\n"), "{text}");
    project.ok(&["config", "--set", "gates.has_decisions=error"]);
    assert_eq!(project.data(&["config"])["config"]["gates"]["has_decisions"], "error");
    assert_eq!(project.data(&["config"])["config"]["template"], "bugfix");
}

#[test]
fn comments_and_unknown_keys_survive() {
    let project = Project::new();
    let text = "# ours\nteam: [a, \"b: c\"]   # who\ngates:   # what counts\n  has_steps: error   # always\n  # here too\nx-later:\n  deep: {er: 1}\n# end\n";
    project.write(FILE, text);
    project.ok(&["config", "--set", "template=bugfix", "--set", "gates.has_rollback=off"]);
    let new = project.read(FILE);
    for line in text.lines() {
        assert!(new.contains(line), "lost {line:?}:\n{new}");
    }
    assert!(new.contains("template: bugfix\n") && new.contains("has_rollback: "), "{new}");
    let config = project.data(&["config"])["config"].take();
    assert_eq!(config["gates"]["has_rollback"], "off");
    assert_eq!(config["gates"]["has_steps"], "error");
}

#[test]
fn what_cannot_be_set_is_refused_and_nothing_is_written() {
    let project = Project::new();
    project.write(FILE, "template: bugfix\n");
    let before = project.tree();
    for setting in [
        "nonsense=1",
        "template",
        "=",
        "template=../x",
        "gates.has_steps=loud",
        "gates.no_such=off",
        "network_file_system=perhaps",
        "gates=off",
        "gates.=off",
    ] {
        project.refused(6, "invalid", &["config", "--set", setting]);
        project.refused(
            6,
            "invalid",
            &["config", "--set", "gates.has_steps=off", "--set", setting],
        );
    }
    assert!(project.tree() == before);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_line() {
    for (text, line) in [
        ("team: x\ntemplate: ../x\n", "line 2"),
        ("template: [\n", "line"),
        ("a: 1\ngates: loud\n", "line 2"),
        ("- list\n", ""),
        ("x: 1\ngates:\n  has_steps: loud\n", "line"),
    ] {
        let project = Project::new();
        project.write(FILE, text);
        let before = project.content();
        for args in [&["config"][..], &["init"], &["check"]] {
            let output = project.run(args);
            assert_eq!(output.code, Some(6), "{text:?}: {output:#?}");
            assert!(output.stderr.contains(FILE) && output.stderr.contains(line), "{output:#?}");
        }
        assert!(project.content() == before);
        project.ok(&["list"]);
    }
    let project = Project::with_files(&[(FILE, "template: ["), (".ai/registry.yaml", "")]);
    project.refused(6, "invalid", &["config", "--set", "template=bugfix"]);
    assert_eq!(project.read(FILE), "template: [");
    let project = Project::new();
    project.write(FILE, "");
    project.ok(&["list"]);
    project.write(FILE, "# nothing but a comment\n");
    project.ok(&["config", "--set", "template=bugfix"]);
    assert!(project.read(FILE).contains("# nothing but a comment\n"));
}
