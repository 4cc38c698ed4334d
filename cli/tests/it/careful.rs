//! What must not happen in silence: a lost setting, a wrong template, a file written over.

use crate::project::{Project, finish};

#[test]
fn two_who_set_different_keys_both_keep_theirs() {
    let project = Project::new();
    for _ in 0..10 {
        let gates = ["gates.has_steps=off", "gates.has_evidence=off", "gates.has_decisions=off"];
        let children: Vec<_> = gates
            .iter()
            .map(|gate| project.command(&["config", "--set", gate]).spawn().expect("it starts"))
            .collect();
        for child in children {
            assert_eq!(finish(child, "config --set").code, Some(0));
        }
        let config = project.data(&["config"])["config"].take();
        for gate in ["has_steps", "has_evidence", "has_decisions"] {
            assert_eq!(config["gates"][gate], "off", "{config}");
        }
        std::fs::remove_file(project.path(".procside.yaml")).expect("it was written");
    }
}

#[test]
fn a_broken_local_template_is_never_passed_over_for_the_builtin_one() {
    let project = Project::new();
    project.write(".ai/templates/bugfix.yaml", "steps: [\n");
    let error = project.refused(6, "invalid", &["init", "--template", "bugfix"]);
    assert!(error["message"].as_str().unwrap_or_default().contains("bugfix.yaml"), "{error}");
    project.ok(&["init", "--template", "refactor"]);
}

#[test]
fn an_output_file_is_never_one_of_the_project_itself_nor_a_link() {
    let project = Project::new();
    let before = project.tree();
    for path in [
        ".ai/history/proc-001.yaml",
        ".ai/registry.yaml",
        ".ai/processes/../history/proc-001.yaml",
        ".procside.yaml",
        "/dev/null",
        ".ai",
    ] {
        project.refused(6, "invalid", &["export", "proc-001", "-o", path]);
    }
    assert!(project.tree() == before, "nothing is touched");
}

#[test]
fn a_folder_that_is_not_there_is_not_its_parent() {
    let project = Project::new();
    project.refused(3, "not_found", &["-C", "missing", "list"]);
    project.refused(3, "not_found", &["-C", "missing", "init"]);
    assert!(!project.exists("missing"));
}

#[test]
fn a_pipe_gets_every_byte_of_an_export() {
    let project = Project::new();
    let note = "one\ttab\nand a line";
    project.ok(&["evidence", "note", note]);
    let exported = project.ok(&["export", "proc-001", "--format", "yaml", "--history"]).stdout;
    project.write("export.yaml", exported);
    let imported = project.data(&["import", "export.yaml"]);
    assert_eq!(imported["process"]["evidence"][0]["value"], note);
}
