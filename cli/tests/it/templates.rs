//! Templates: builtin ones, local ones, and what one inherits from another.

use crate::project::{Project, column};

const BUILTIN: [&str; 5] = ["bugfix", "debugging", "feature-add", "infra-deploy", "refactor"];

#[test]
fn the_builtin_templates_are_there_and_work() {
    let project = Project::new();
    let data = project.data(&["templates", "list"]);
    let mut ids = column(&data["templates"], "id");
    ids.sort();
    assert_eq!(ids, BUILTIN);
    for id in BUILTIN {
        let shown = project.data(&["templates", "show", id])["template"].take();
        assert_eq!(shown["source"], "builtin");
        assert!(shown["steps"].as_array().is_some_and(|steps| steps.len() >= 4), "{shown}");
        let made = project.data(&["init", "--template", id]);
        assert_eq!(column(&made["process"]["steps"], "name"), column(&shown["steps"], "name"));
        assert_eq!(column(&made["process"]["risks"], "risk"), column(&shown["risks"], "risk"));
        assert!(
            column(&made["process"]["steps"], "status").iter().all(|status| status == "pending")
        );
    }
    assert_eq!(project.data(&["templates"]), project.data(&["templates", "list"]));
}

#[test]
fn a_template_is_made_from_a_process() {
    let project = Project::nowhere();
    project.ok(&["init", "--name", "Bread", "--goal", "Bake"]);
    project.ok(&["add-step", "Knead", "--description", "long", "--checks", "elastic"]);
    project.ok(&["step", "s1", "-s", "done", "--output", "dough of today"]);
    project.ok(&["risk", "Burnt", "--impact", "high"]);
    project.ok(&["decide", "Q", "C"]);
    let made = project.data(&["templates", "new", "proc-001", "--id", "bread"])["template"].take();
    assert_eq!(
        (&made["source"], &made["path"]),
        (&"local".into(), &".ai/templates/bread.yaml".into())
    );
    let text = project.read(".ai/templates/bread.yaml");
    assert!(text.starts_with("id: bread\n"), "{text}");
    assert!(!text.contains("completed"), "a template holds no state: {text}");
    assert_eq!(project.data(&["templates"])["templates"][0]["id"], "bread", "local ones first");

    let process =
        project.data(&["init", "--template", "bread", "--name", "Again"])["process"].take();
    assert_eq!(process["steps"][0]["name"], "Knead");
    assert_eq!(process["steps"][0]["status"], "pending");
    assert_eq!(process["steps"][0]["checks"][0], "elastic");
    assert_eq!(process["risks"][0]["impact"], "high");
    assert_eq!(process["goal"], "Bake");
    assert!(process["decisions"].as_array().is_some_and(Vec::is_empty));

    project.refused(4, "conflict", &["templates", "new", "proc-001", "--id", "bread"]);
    project.ok(&["templates", "remove", "bread"]);
    assert!(!project.exists(".ai/templates/bread.yaml"));
    project.refused(3, "not_found", &["init", "--template", "bread"]);
    project.refused(3, "not_found", &["templates", "remove", "bread"]);
    project.refused(3, "not_found", &["templates", "remove", "bugfix"]);
    assert_eq!(project.data(&["show", "proc-002"])["process"]["steps"][0]["name"], "Knead");
}

#[test]
fn uses_are_counted_with_their_last_instant() {
    let project = Project::nowhere();
    for _ in 0..3 {
        project.ok(&["init", "--template", "bugfix"]);
    }
    let used = || {
        let data = project.data(&["templates"]);
        let list = data["templates"].as_array().cloned().unwrap_or_default();
        list.into_iter().find(|template| template["id"] == "bugfix").unwrap()
    };
    assert_eq!(used()["usageCount"], 3);
    assert!(used()["lastUsed"].is_string(), "{}", used());
    std::fs::remove_file(project.path(".ai/registry.yaml")).unwrap();
    assert_eq!(used()["usageCount"], 3, "the registry is derived");
}

#[test]
fn a_local_template_with_the_id_of_a_builtin_one_wins_whatever_its_file_is_called() {
    let project = Project::new();
    project.write(
        ".ai/templates/whatever.yaml",
        "id: bugfix\nname: Ours\nsteps:\n  - name: Look twice\n",
    );
    let shown = project.data(&["templates", "show", "bugfix"])["template"].take();
    assert_eq!((&shown["source"], &shown["name"]), (&"local".into(), &"Ours".into()));
    let data = project.data(&["templates"]);
    assert_eq!(column(&data["templates"], "id").iter().filter(|id| *id == "bugfix").count(), 1);
    let made = project.data(&["init", "--template", "bugfix"]);
    assert_eq!(column(&made["process"]["steps"], "name"), ["Look twice"]);
    project.ok(&["templates", "remove", "bugfix"]);
    let shown = project.data(&["templates", "show", "bugfix"])["template"].take();
    assert_eq!(shown["source"], "builtin");
}

#[test]
fn a_template_inherits_from_a_local_or_a_builtin_one() {
    let project = Project::new();
    project.write(
        ".ai/templates/base.yaml",
        "id: base\nname: Base\ngoal: G\nsteps:\n  - {id: s1, name: First}\n  - {id: s2, name: Second, description: old}\nrisks:\n  - {id: r1, risk: R, impact: low}\n",
    );
    project.write(
        ".ai/templates/child.yaml",
        "id: child\nname: Child\nextends: base\nsteps:\n  - {id: s2, name: Second anew}\n  - {id: s3, name: Third}\n",
    );
    project.write(".ai/templates/careful.yaml", "id: careful\nextends: bugfix\nname: Careful\n");
    let shown = project.data(&["templates", "show", "child"])["template"].take();
    assert_eq!(column(&shown["steps"], "name"), ["First", "Second anew", "Third"]);
    assert_eq!((&shown["name"], &shown["goal"]), (&"Child".into(), &"G".into()));
    assert_eq!(shown["risks"][0]["risk"], "R");
    let made = project.data(&["init", "--template", "child"]);
    assert_eq!(column(&made["process"]["steps"], "name"), ["First", "Second anew", "Third"]);
    let careful = project.data(&["templates", "show", "careful"])["template"].take();
    let bugfix = project.data(&["templates", "show", "bugfix"])["template"].take();
    assert_eq!(careful["steps"], bugfix["steps"]);
}

#[test]
fn a_template_that_inherits_from_itself_or_from_nothing_is_refused() {
    let project = Project::new();
    project.write(".ai/templates/a.yaml", "id: a\nname: A\nextends: b\n");
    project.write(".ai/templates/b.yaml", "id: b\nname: B\nextends: a\n");
    project.write(".ai/templates/c.yaml", "id: c\nname: C\nextends: no-such\n");
    project.write(".ai/templates/d.yaml", "id: d\nname: D\nextends: d\n");
    for id in ["a", "b", "c", "d"] {
        for args in [["templates", "show", id], ["init", "--template", id]] {
            project.refused(6, "invalid", &args);
        }
    }
    let output = project.ok(&["templates", "--json"]);
    assert_eq!(column(&output.envelope()["data"]["templates"], "id").len(), BUILTIN.len());
    for id in ["a → b", "b → a", "no-such", "d → d"] {
        assert!(output.stderr.contains(id), "{id}: {}", output.stderr);
    }
    assert_eq!(column(&project.data(&["list"])["processes"], "id"), ["proc-001"]);
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    let project = Project::new();
    project.write(".ai/templates/broken.yaml", "id: broken\nname: B\nsteps: [\n");
    let output = project.ok(&["templates"]);
    assert!(output.stderr.contains("broken.yaml") && output.stderr.contains("line"), "{output:#?}");
    assert!(output.stdout.contains("bugfix"));
    project.ok(&["init", "--template", "bugfix"]);
}

#[test]
fn a_file_that_cannot_be_read_stands_for_the_id_of_its_name_and_no_other() {
    let project = Project::new();
    project.write(".ai/templates/bugfix.yaml", "steps: [\n");
    project.write(".ai/templates/child.yaml", "id: child\nname: C\nextends: bugfix\n");
    for args in [
        &["templates", "show", "bugfix"][..],
        &["templates", "show", "child"],
        &["templates", "remove", "bugfix"],
        &["init", "--template", "bugfix"],
    ] {
        let error = project.refused(6, "invalid", args);
        assert!(error["message"].to_string().contains("bugfix.yaml"), "{args:?}: {error}");
    }
    assert!(project.exists(".ai/templates/bugfix.yaml"));
    project.ok(&["templates", "show", "refactor"]);
}

#[test]
fn what_a_removed_template_said_last_stays_on_record() {
    let project = Project::new();
    project.ok(&["templates", "new", "proc-001", "--id", "mine"]);
    project.edit(".ai/templates/mine.yaml", "name: Work", "name: Edited by hand");
    project.ok(&["templates", "remove", "mine"]);
    let journal = project.read(".ai/history/global.yaml");
    let last = journal.lines().last().unwrap_or_default();
    assert!(last.contains("Edited by hand"), "{last}");
}

#[test]
fn a_template_with_rules_is_shown_as_a_definition_and_others_as_checklists() {
    let project = Project::new();
    project.write(
        ".ai/templates/release.yaml",
        "name: Release\ngoal: Out\nowner: me\nsteps:\n  - {id: build, name: Build it, type: command, run: [make]}\n  - {id: ship, depends_on: [build]}\n",
    );
    project.write(
        ".ai/templates/started.yaml",
        "name: S\ntriggers: [{type: manual}]\nsteps:\n  - {id: a}\n",
    );
    project.write(
        ".ai/templates/plain.yaml",
        "name: Plain\ngoal: G\nowner: me\nsteps:\n  - {id: s1, name: First, checks: [ok], owner: me}\nrisks:\n  - {id: r1, risk: R}\n",
    );
    project.write(
        ".ai/templates/wrong.yaml",
        "name: Wrong\nsteps:\n  - {id: a, depends_on: [nobody]}\n",
    );
    let output = project.ok(&["templates", "--json"]);
    let list = output.envelope()["data"]["templates"].take();
    let kinds: Vec<(String, String)> =
        column(&list, "id").into_iter().zip(column(&list, "kind")).collect();
    for (id, kind) in [
        ("release", "definition"),
        ("started", "definition"),
        ("wrong", "definition"),
        ("plain", "checklist"),
        ("bugfix", "checklist"),
    ] {
        assert!(kinds.contains(&(id.to_owned(), kind.to_owned())), "{id}: {kinds:?}");
    }
    assert!(
        output.stderr.contains("wrong.yaml") && output.stderr.contains("line 3"),
        "{output:#?}"
    );
    assert!(!output.stderr.contains("plain.yaml"), "{output:#?}");

    let data = project.data(&["templates", "show", "release"]);
    let template = &data["template"];
    assert_eq!((&template["kind"], &template["owner"]), (&"definition".into(), &"me".into()));
    assert_eq!(template["steps"][0]["run"][0], "make", "{template}");
    assert_eq!(template["steps"][1]["depends_on"][0], "build", "{template}");
    assert_eq!(column(&data["problems"], "code"), ["unknown_key"], "{data}");
    let shown = project.ok(&["templates", "show", "release"]).stdout;
    assert!(shown.contains("  build Build it  command\n  ship  manual, after build\n"), "{shown}");
    assert!(shown.contains("templates/release.yaml: 1 warning"), "{shown}");

    let data = project.data(&["templates", "show", "wrong"]);
    assert_eq!(column(&data["problems"], "severity"), ["error"]);
    let data = project.data(&["templates", "show", "plain"]);
    assert_eq!(
        (&data["template"]["kind"], &data["problems"]),
        (&"checklist".into(), &serde_json::json!([]))
    );
}
