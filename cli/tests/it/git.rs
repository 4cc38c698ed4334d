//! Projects under Git: branches that are merged, and what becomes of both sides.

use std::process::{Command, Stdio};

use crate::project::{Project, column};

/// Returns whether Git is there; without it the tests of this file have nothing to test.
#[expect(clippy::print_stderr, reason = "who runs the tests should know that these were not run")]
fn has_git() -> bool {
    let found = Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("skipped: there is no git");
    }
    found
}

fn git(project: &Project, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(args)
        .current_dir(project.root())
        .env("HOME", project.root())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git can be started");
    assert!(output.status.success(), "git {args:?}: {output:?}");
}

/// Merges a branch; where both sides changed a derived file, ours stays.
fn merge(project: &Project, branch: &str) {
    git(project, &["merge", "-q", "--no-edit", "-X", "ours", branch]);
}

fn committed() -> Project {
    let project = Project::with_steps(&["Base"]);
    git(&project, &["init", "-q"]);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-q", "-m", "base"]);
    project
}

/// A project in which two branches added steps of their own and were merged.
fn merged() -> Project {
    let project = committed();
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    project.ok(&["add-step", "Theirs one"]);
    project.ok(&["add-step", "Theirs two"]);
    git(&project, &["commit", "-q", "-a", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    project.ok(&["add-step", "Ours"]);
    git(&project, &["commit", "-q", "-a", "-m", "ours"]);
    merge(&project, "theirs");
    project
}

/// A project in which two branches patched the document of the process and were merged.
fn merged_documents(ours: &str, theirs: &str) -> Project {
    let project = Project::new();
    project.write("plan.md", "# Plan\n\n## Steps\n\n- one\n\n## Risks\n\nNone.\n");
    project.ok(&["doc", "--set", "plan.md"]);
    git(&project, &["init", "-q"]);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-q", "-m", "base"]);
    let patch = |patches: &str| {
        project.write("patches.json", patches);
        project.ok(&["patch", "patches.json"]);
    };
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    patch(APPENDS);
    patch(theirs);
    git(&project, &["commit", "-q", "-a", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    patch(ours);
    git(&project, &["commit", "-q", "-a", "-m", "ours"]);
    merge(&project, "theirs");
    project
}

const APPENDS: &str =
    r###"[{"operation": "append", "location": "## Steps", "content": "- two"}]"###;

fn risk(text: &str) -> String {
    let patch = serde_json::json!({
        "operation": "update", "location": "## Risks", "old_content": "None.", "new_content": text,
    });
    serde_json::json!([patch]).to_string()
}

#[test]
fn a_document_that_two_branches_patched_has_what_both_did_and_loses_nothing() {
    if !has_git() {
        return;
    }
    let project = merged_documents(&risk("Ours."), "[]");
    project.ok(&["doctor", "--fix"]);
    let both = "# Plan\n\n## Steps\n\n- one\n- two\n\n## Risks\n\nOurs.\n";
    assert_eq!(project.ok(&["doc"]).stdout, both);
    // Where both changed the same place, the earlier one counts and the file of the other side is
    // no edit that takes back what the first one did elsewhere.
    let project = merged_documents(&risk("Ours."), &risk("Theirs."));
    git(&project, &["checkout", "-q", "main~1", "--", ".ai/processes/proc-001.md"]);
    project.refused(4, "conflict", &["undo"]);
    project.ok(&["doctor", "--fix"]);
    let first = "# Plan\n\n## Steps\n\n- one\n- two\n\n## Risks\n\nTheirs.\n";
    assert_eq!(project.ok(&["doc"]).stdout, first);
    assert_eq!(project.read(".ai/processes/proc-001.md"), first);
    let kinds = column(&project.data(&["log"])["events"], "type");
    assert_eq!(kinds.iter().filter(|kind| *kind == "superseded").count(), 1, "{kinds:?}");
    let by = column(&project.data(&["patches"])["patches"], "by");
    assert!(by.len() == 3 && by.iter().all(|by| by != "file"), "{by:?}");
    project.ok(&["undo"]);
    project.ok(&["undo"]);
    project.ok(&["doctor"]);
}

#[test]
fn conflict_markers_never_become_part_of_a_document() {
    let project = Project::new();
    let text = "# Plan\n\nNone.\n";
    project.write("plan.md", text);
    project.ok(&["doc", "--set", "plan.md"]);
    let file = ".ai/processes/proc-001.md";
    let marked = "# Plan\n\n<<<<<<< HEAD\nOurs.\n=======\nTheirs.\n>>>>>>> theirs\n";
    project.write(file, marked);
    assert_eq!(project.ok(&["doc"]).stdout, text);
    let output = project.ok(&["add-step", "One"]);
    assert!(output.stderr.contains("conflict markers"), "{output:#?}");
    assert_eq!(project.read(file), text);
    assert_eq!(project.read(&format!("{file}.rejected-1")), marked);
    // Whoever writes about them says so by a command.
    project.write("plan.md", marked);
    project.ok(&["doc", "--set", "plan.md"]);
    project.edit(file, "Ours.", "Mine.");
    assert_eq!(project.ok(&["doc"]).stdout, marked.replace("Ours.", "Mine."));
}

#[test]
fn what_git_needs_to_know_is_said_by_init() {
    let project = Project::new();
    assert!(project.read(".ai/.gitattributes").contains("history/*.yaml merge=union\n"));
    if !has_git() {
        return;
    }
    let project = committed();
    project.ok(&["add-step", "X"]);
    project.ok(&["list"]);
    let output = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=all"])
        .current_dir(project.root())
        .output()
        .expect("git can be started");
    let status = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!status.contains("lock"), "locks are no content:\n{status}");
}

#[test]
fn one_side_alone_is_a_merge_like_any_other() {
    if !has_git() {
        return;
    }
    let project = committed();
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    project.ok(&["add-step", "Theirs"]);
    git(&project, &["commit", "-q", "-a", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    assert_eq!(
        column(&project.process()["steps"], "name"),
        ["Base"],
        "an older state of everything"
    );
    project.ok(&["doctor"]);
    merge(&project, "theirs");
    assert_eq!(column(&project.process()["steps"], "name"), ["Base", "Theirs"]);
    project.ok(&["add-step", "Next"]);
}

#[test]
fn two_branches_load_and_are_written_again_once_they_are_brought_together() {
    if !has_git() {
        return;
    }
    let project = merged();
    let before = project.tree();
    let names = |project: &Project| {
        let mut names = column(&project.process()["steps"], "name");
        names.sort();
        names
    };
    let all = ["Base", "Ours", "Theirs one", "Theirs two"];
    assert_eq!(names(&project), all);
    let output = project.ok(&["show"]);
    assert!(output.stderr.contains("doctor --fix"), "{output:#?}");
    assert_eq!(project.data(&["list"])["processes"][0]["id"], "proc-001");
    assert!(project.tree() == before, "looking changes nothing");

    for args in [&["add-step", "X"][..], &["step", "s1", "-s", "done"], &["version"], &["archive"]]
    {
        let error = project.refused(4, "conflict", args);
        assert!(error["hint"].as_str().unwrap_or_default().contains("doctor --fix"), "{error}");
    }
    assert_eq!(names(&project), all);
    let found = project.data_with_exit(1, &["doctor"]);
    assert!(found["problems"].to_string().contains("history/proc-001.yaml"), "{found}");

    project.data(&["doctor", "--fix"]);
    project.ok(&["doctor"]);
    assert_eq!(names(&project), all);
    let ids = column(&project.process()["steps"], "id");
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "both sides gave s2: {ids:?}");
    let output = project.ok(&["add-step", "Afterwards"]);
    assert_eq!(output.stderr, "");
    assert_eq!(project.process()["steps"].as_array().map(Vec::len), Some(5));
    let events = project.data(&["log"])["events"].take();
    assert!(column(&events, "seq").iter().zip(1..).all(|(seq, number)| *seq == number.to_string()));
    let view = project.read(".ai/processes/proc-001.yaml");
    for name in all {
        assert!(view.contains(name), "{name}: {view}");
    }
    assert!(!project.exists(".ai/processes/proc-001.yaml.rejected-1"));
}

#[test]
fn what_the_sides_disagree_on_is_named() {
    if !has_git() {
        return;
    }
    let project = committed();
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    project.ok(&["step", "s1", "-s", "cancelled"]);
    git(&project, &["commit", "-q", "-a", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    project.ok(&["step", "s1", "-s", "completed"]);
    git(&project, &["commit", "-q", "-a", "-m", "ours"]);
    merge(&project, "theirs");
    let found = project.data_with_exit(1, &["doctor"])["problems"].to_string();
    assert!(found.contains("s1"), "{found}");
    project.ok(&["doctor", "--fix"]);
    assert_eq!(project.process()["steps"][0]["status"], "cancelled", "the first end stands");
    let events = project.data(&["log"])["events"].to_string();
    assert!(events.contains("superseded"), "the second one is kept: {events}");
}

#[test]
fn processes_of_two_branches_with_one_id_are_told_apart() {
    if !has_git() {
        return;
    }
    let project = committed();
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    project.ok(&["init", "--name", "Their second"]);
    project.ok(&["add-step", "Their step"]);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-q", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    project.ok(&["init", "--name", "Our second"]);
    project.ok(&["add-step", "Our step"]);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-q", "-m", "ours"]);
    merge(&project, "theirs");
    project.ok(&["list"]);
    project.ok(&["show", "proc-001"]);
    project.data_with_exit(1, &["doctor"]);
    project.ok(&["doctor", "--fix"]);
    let list = project.data(&["list"]);
    let mut names = column(&list["processes"], "name");
    names.sort();
    assert_eq!(names, ["Our second", "Their second", "Work"], "{list}");
    let ids: std::collections::BTreeSet<String> =
        column(&list["processes"], "id").into_iter().collect();
    assert_eq!(ids.len(), 3, "one was given another number");
    for id in ids {
        project.ok(&["show", &id]);
        project.ok(&["add-step", "X", "--process", &id]);
    }
    project.ok(&["doctor"]);
}

#[test]
fn a_merge_that_git_left_to_people_is_named_with_file_and_line() {
    if !has_git() {
        return;
    }
    let project = committed();
    git(&project, &["checkout", "-q", "-b", "theirs"]);
    project.edit(".ai/processes/proc-001.yaml", "name: Work", "name: Theirs");
    git(&project, &["commit", "-q", "-a", "-m", "theirs"]);
    git(&project, &["checkout", "-q", "main"]);
    project.edit(".ai/processes/proc-001.yaml", "name: Work", "name: Ours");
    git(&project, &["commit", "-q", "-a", "-m", "ours"]);
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "merge", "-q", "theirs"])
        .current_dir(project.root())
        .output()
        .expect("git can be started");
    assert!(!output.status.success(), "they are in conflict");
    let shown = project.ok(&["show"]);
    assert!(
        shown.stderr.contains("proc-001.yaml") && shown.stderr.contains("line 2"),
        "{shown:#?}"
    );
    let found = project.data_with_exit(1, &["doctor"])["problems"].to_string();
    assert!(found.contains("proc-001.yaml") && found.contains("line 2"), "{found}");
    let output = project.ok(&["add-step", "X"]);
    assert!(output.stderr.contains("corrupt-1"), "{output:#?}");
}
