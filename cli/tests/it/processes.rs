//! Many processes in one project: listing, switching, putting away, cloning.

use std::fs;

use crate::project::{Project, column};

#[test]
fn init_makes_a_project_with_the_promised_files() {
    let project = Project::nowhere();
    let data =
        project.data(&["init", "--name", "First", "--goal", "G", "--tag", "a", "--tag", "b"]);
    assert_eq!(data["process"]["id"], "proc-001");
    assert_eq!(data["process"]["status"], "planned");
    assert_eq!(data["process"]["tags"].to_string(), r#"["a","b"]"#);
    for path in [
        ".ai/registry.yaml",
        ".ai/.gitattributes",
        ".ai/processes/proc-001.yaml",
        ".ai/history/global.yaml",
        ".ai/history/proc-001.yaml",
        ".ai/versions/proc-001/v1-initial.yaml",
    ] {
        assert!(project.exists(path), "{path}");
    }
    assert!(!project.exists(".ai/registry.yaml.lock"), "the lock is let go of");
    assert!(project.read(".ai/.gitattributes").contains("history/*.yaml merge=union"));
    let registry = project.read(".ai/registry.yaml");
    assert!(registry.contains("activeProcessId: proc-001"), "{registry}");
    assert!(registry.starts_with("version: 1\n"), "{registry}");
}

#[test]
fn a_name_comes_from_the_template_or_the_folder_when_none_is_given() {
    let project = Project::nowhere();
    let folder = project.root().file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(project.data(&["init"])["process"]["name"], folder.as_str());
    let template = project.data(&["templates", "show", "bugfix"]);
    let made = project.data(&["init", "--template", "bugfix"]);
    assert_eq!(made["process"]["name"], template["template"]["name"]);
    assert_eq!(made["process"]["goal"], template["template"]["goal"]);
    assert_eq!(made["process"]["template"], "bugfix");
}

#[test]
fn a_list_is_filtered_and_paged() {
    let project = Project::nowhere();
    for (name, tag) in [("Alpha", "red"), ("Beta", "blue"), ("Gamma", "red"), ("Delta", "x")] {
        project.ok(&["init", "--name", name, "--tag", tag]);
    }
    project.ok(&["add-step", "One"]);
    project.ok(&["step", "s1", "-s", "running"]);
    project.ok(&["archive", "proc-002"]);
    let ids = |args: &[&str]| column(&project.data(args)["processes"], "id").join(" ");
    assert_eq!(ids(&["list"]), "proc-001 proc-003 proc-004");
    assert_eq!(ids(&["list", "--all"]), "proc-001 proc-002 proc-003 proc-004");
    assert_eq!(ids(&["list", "--tag", "red"]), "proc-001 proc-003");
    assert_eq!(ids(&["list", "--status", "in_progress"]), "proc-004");
    assert_eq!(ids(&["list", "--status", "running"]), "proc-004");
    assert_eq!(ids(&["list", "--search", "GAMM"]), "proc-003");
    assert_eq!(ids(&["list", "--search", "blue", "--all"]), "proc-002");
    assert_eq!(ids(&["list", "--search", "nothing like it"]), "");
    project.refused(6, "invalid", &["list", "--status", "frob"]);

    let page = project.data(&["list", "--limit", "2"]);
    assert_eq!(column(&page["processes"], "id"), ["proc-001", "proc-003"]);
    let cursor = page["next_cursor"].as_str().expect("there is more").to_owned();
    let page = project.data(&["list", "--limit", "2", "--cursor", &cursor]);
    assert_eq!(column(&page["processes"], "id"), ["proc-004"]);
    assert!(page["next_cursor"].is_null(), "{page}");
    project.refused(6, "invalid", &["list", "--cursor", "frob"]);
}

#[test]
fn an_archived_process_rests_until_it_is_taken_back() {
    let project = Project::with_steps(&["One"]);
    let before = project.process();
    let data = project.data(&["archive", "proc-001"]);
    assert_eq!(data["process"]["archived"], true);
    assert!(data["process"]["archivedAt"].is_string(), "{data}");
    assert!(project.exists(".ai/processes/archived/proc-001.yaml"));
    assert!(!project.exists(".ai/processes/proc-001.yaml"));
    for args in
        [&["add-step", "X"][..], &["step", "s1", "-s", "done"], &["claim", "s1"], &["version"]]
    {
        let mut args = args.to_vec();
        args.extend(["--process", "proc-001"]);
        project.refused(4, "conflict", &args);
    }
    assert_eq!(project.data(&["show", "proc-001"])["process"]["steps"], before["steps"]);
    project.ok(&["history", "proc-001"]);
    let data = project.data(&["restore", "proc-001"]);
    assert_eq!(data["process"]["archived"], false);
    assert!(data["process"].get("archivedAt").is_none(), "{data}");
    assert!(project.exists(".ai/processes/proc-001.yaml"));
    assert!(!project.exists(".ai/processes/archived/proc-001.yaml"));
    project.ok(&["add-step", "X", "--process", "proc-001"]);
}

#[test]
fn a_clone_begins_anew_and_leaves_its_source_alone() {
    let project = Project::nowhere();
    project.ok(&["init", "--template", "bugfix", "--name", "Source", "--tag", "t"]);
    project.ok(&["claim", "s2"]);
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["decide", "Q", "C"]);
    let source = project.process();
    let clone = project.data(&["clone", "proc-001", "--name", "Copy"])["process"].take();
    assert_eq!(clone["id"], "proc-002");
    assert_eq!(clone["name"], "Copy");
    assert_ne!(clone["uid"], source["uid"]);
    assert_eq!(column(&clone["steps"], "name"), column(&source["steps"], "name"));
    assert!(column(&clone["steps"], "status").iter().all(|status| status == "pending"));
    assert!(clone["steps"].to_string().find("claim").is_none());
    assert_eq!(clone["tags"], source["tags"]);
    assert_eq!(project.data(&["show", "proc-001"])["process"], source);
    let history = project.data(&["history", "proc-002"]);
    assert_eq!(column(&history["versions"], "version"), ["1"]);
}

#[test]
fn ids_of_processes_are_never_given_twice() {
    let project = Project::new();
    project.ok(&["init", "--name", "Second"]);
    for path in [
        ".ai/processes/proc-002.yaml",
        ".ai/history/proc-002.yaml",
        ".ai/versions/proc-002/v1-initial.yaml",
    ] {
        fs::remove_file(project.path(path)).unwrap();
    }
    fs::remove_dir(project.path(".ai/versions/proc-002")).unwrap();
    fs::remove_file(project.path(".ai/registry.yaml")).unwrap();
    assert_eq!(project.data(&["init", "--name", "Third"])["process"]["id"], "proc-003");
}

#[test]
fn status_of_all_shows_each_that_is_not_archived() {
    let project = Project::new();
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["init", "--name", "Third"]);
    project.ok(&["archive", "proc-002"]);
    let data = project.data(&["status", "--all"]);
    assert_eq!(column(&data["processes"], "name"), ["Work", "Third"]);
    assert_eq!(data["active"], "proc-003");
}

#[test]
fn the_log_is_complete_and_oldest_first() {
    let project = Project::with_steps(&["One", "Two"]);
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["claim", "s2", "--by", "bob"]);
    let data = project.data(&["log"]);
    let events = data["events"].as_array().expect("a list");
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], index + 1, "{event}");
        assert!(event["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{event}");
    }
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            format!(
                "{} {}",
                event["type"].as_str().unwrap_or("?"),
                event["step"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "created -",
            "versioned -",
            "step_added s1",
            "step_added s2",
            "step_completed s1",
            "process_started -",
            "step_claimed s2",
        ]
    );
    assert_eq!(events.last().unwrap()["by"], "bob");
    assert_eq!(project.ok(&["log"]).stdout.lines().count(), events.len());
}

#[test]
fn an_active_process_survives_the_loss_of_the_registry() {
    let project = Project::new();
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["switch", "proc-001"]);
    fs::remove_file(project.path(".ai/registry.yaml")).unwrap();
    assert_eq!(project.data(&["list"])["active"], "proc-001");
}
