//! What a crash, a careless hand or another program leaves, and how the next command mends it.

use std::fs;

use crate::project::{Project, column};

const VIEW: &str = ".ai/processes/proc-001.yaml";
const JOURNAL: &str = ".ai/history/proc-001.yaml";
const REGISTRY: &str = ".ai/registry.yaml";

fn three_steps() -> Project {
    Project::with_steps(&["One", "Two", "Three"])
}

#[test]
fn a_journal_holds_nothing_but_lines_of_json_behind_a_dash() {
    let project = three_steps();
    for path in [JOURNAL, ".ai/history/global.yaml"] {
        let text = project.read(path);
        assert!(text.ends_with('\n'));
        for (index, line) in text.lines().enumerate() {
            let json = line.strip_prefix("- ").unwrap_or_else(|| panic!("{line}"));
            let event: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(event["seq"], index + 1);
            assert!(
                event["at"].is_string() && event["type"].is_string() && event["sum"].is_string(),
                "{event}"
            );
        }
    }
}

#[test]
fn a_journal_only_grows() {
    let project = three_steps();
    let mut before = project.read(JOURNAL);
    for args in [
        &["step", "s1", "-s", "done"][..],
        &["archive", "proc-001"],
        &["restore", "proc-001"],
        &["restore", "proc-001", "--version", "1"],
        &["reindex"],
    ] {
        project.ok(args);
        let after = project.read(JOURNAL);
        assert!(after.starts_with(&before), "{args:?}");
        before = after;
    }
}

#[test]
fn a_torn_last_line_is_cut_off_and_told_once() {
    let whole = Project::with_steps(&["One", "Two"]);
    let sound = Project::copy_of(whole.root());
    whole.ok(&["add-step", "Three"]);
    let text = whole.read(JOURNAL);
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    for cut in [last + 1, last + 2, last + 20, text.len() - 2] {
        let project = Project::copy_of(sound.root());
        project.write(JOURNAL, &text[..cut]);
        let before = project.tree();
        let shown = project.ok(&["log"]);
        assert_eq!(
            shown.stdout.lines().count(),
            4,
            "a line that is being written is not there yet"
        );
        assert!(project.tree() == before, "a reader mends nothing");

        let output = project.ok(&["add-step", "Four"]);
        assert!(output.stderr.contains("history/proc-001.yaml"), "cut at {cut}: {output:#?}");
        assert!(project.read(JOURNAL).starts_with(&text[..last]));
        assert_eq!(project.ok(&["add-step", "Five"]).stderr, "", "said once");
        let names = column(&project.process()["steps"], "name");
        assert_eq!(names, ["One", "Two", "Four", "Five"], "cut at {cut}");
        project.ok(&["log"]);
    }
}

#[test]
fn a_broken_line_in_the_middle_is_named_and_never_skipped() {
    let whole = three_steps();
    let text = whole.read(JOURNAL);
    let lines: Vec<&str> = text.lines().collect();
    let rejoin = |second: &str| {
        let mut lines = lines.clone();
        lines[1] = second;
        lines.join("\n") + "\n"
    };
    let changed = lines[1].replace("Initial", "initial");
    let cases = [
        rejoin("- {\"seq\":2"),
        rejoin("rubbish"),
        rejoin(""),
        rejoin("# a comment"),
        rejoin(lines[2]),
        rejoin(&changed),
        rejoin("<<<<<<< ours"),
    ];
    for broken in cases {
        let project = Project::copy_of(whole.root());
        project.write(JOURNAL, &broken);
        let before = project.content();
        for args in [&["show"][..], &["log"], &["add-step", "X"], &["version"]] {
            let error = project.refused(6, "corrupt", args);
            let message = error["message"].as_str().unwrap_or_default();
            assert!(message.contains("history/proc-001.yaml: line 2: "), "{message}\n{broken}");
        }
        assert!(project.content() == before);
        project.ok(&["init", "--name", "Another"]);
        assert_eq!(project.process()["name"], "Another", "other processes go on");
    }
}

#[test]
fn a_changed_byte_anywhere_is_found() {
    let whole = three_steps();
    let text = whole.read(JOURNAL);
    let last = text.trim_end().rfind('\n').unwrap();
    for at in (3..last).step_by(97) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let project = Project::copy_of(whole.root());
        project.write(JOURNAL, &bytes);
        let error = project.refused(6, "corrupt", &["show"]);
        let line = text[..at].matches('\n').count() + 1;
        let message = error["message"].as_str().unwrap_or_default();
        let near = [line, line + 1].iter().any(|line| message.contains(&format!("line {line}:")));
        assert!(near, "byte {at} in line {line}: {message}");
    }
}

#[test]
fn conflict_markers_in_a_journal_are_named_with_their_line() {
    let project = three_steps();
    let text = project.read(JOURNAL);
    let (first, rest) = text.split_once('\n').unwrap();
    project.write(JOURNAL, format!("{first}\n<<<<<<< ours\n{rest}=======\n>>>>>>> theirs\n"));
    let error = project.refused(6, "corrupt", &["show"]);
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("line 2") && message.contains("conflict"), "{message}");
}

#[test]
fn the_registry_is_rebuilt_from_what_is_left() {
    let whole = three_steps();
    let older = whole.read(REGISTRY);
    whole.ok(&["init", "--name", "Second", "--tag", "t"]);
    whole.ok(&["init", "--name", "Away"]);
    whole.ok(&["archive", "proc-003"]);
    whole.ok(&["switch", "proc-002"]);
    let expected = whole.data(&["list", "--all"]);
    let registry = whole.read(REGISTRY);
    let marked = format!("<<<<<<< ours\n{registry}=======\n>>>>>>> theirs\n");
    for text in [
        "",
        "\0\0\0\0",
        "processes: [",
        "7",
        "version: 1\nprocesses: []\n",
        &older,
        &marked,
        &registry[..90],
    ] {
        let project = Project::copy_of(whole.root());
        project.write(REGISTRY, text);
        assert_eq!(project.data(&["list", "--all"]), expected, "{text:?}");
        project.ok(&["add-step", "X", "--process", "proc-001"]);
        let list = project.data(&["list", "--all"]);
        assert_eq!(list["active"], "proc-002", "{text:?}");
        assert_eq!(column(&list["processes"], "name"), column(&expected["processes"], "name"));
        assert_eq!(column(&list["processes"], "archived"), ["false", "false", "true"]);
        assert!(project.read(REGISTRY).contains("name: Second"), "{text:?}");
    }
    fs::remove_file(whole.path(REGISTRY)).unwrap();
    assert_eq!(whole.data(&["list", "--all"]), expected);
    let data = whole.data(&["reindex"]);
    assert_eq!(data["processes"], 3, "{data}");
    assert!(whole.exists(REGISTRY));
    assert_eq!(whole.data(&["list", "--all"]), expected);
}

#[test]
fn a_whole_last_line_that_lacks_its_end_is_kept() {
    let project = three_steps();
    let text = project.read(JOURNAL);
    project.write(JOURNAL, text.trim_end());
    project.ok(&["add-step", "Four"]);
    assert_eq!(column(&project.process()["steps"], "name"), ["One", "Two", "Three", "Four"]);
    assert!(project.read(JOURNAL).starts_with(&text));
}

#[test]
fn a_registry_that_was_edited_by_hand_is_believed_until_something_is_written() {
    let forged = || {
        let project = three_steps();
        project.edit(REGISTRY, "name: Work", "name: Forged");
        project
    };
    let name = |project: &Project| project.data(&["list"])["processes"][0]["name"].clone();
    let project = forged();
    // Wrong: the registry is derived, so its journal should win. It holds only lengths of the files
    // that it was made from; a sum of its own would tell that a hand was at it.
    assert_eq!(name(&project), "Forged");
    assert_eq!(project.process()["name"], "Work", "whoever looks at the process sees the truth");
    for args in [&["add-step", "Four"][..], &["reindex"], &["doctor", "--fix"]] {
        let project = forged();
        project.ok(args);
        assert_eq!(name(&project), "Work", "{args:?}");
        assert!(project.read(REGISTRY).contains("name: Work"), "{args:?}");
    }
}

#[test]
fn an_edit_that_leaves_the_length_of_a_file_as_it_was_is_seen_in_the_list() {
    let project = three_steps();
    project.ok(&["list"]);
    project.edit(VIEW, "name: Work", "name: Worm");
    assert_eq!(project.data(&["list"])["processes"][0]["name"], "Worm");
}

#[test]
fn a_view_that_is_behind_its_journal_is_brought_up_to_date() {
    let project = three_steps();
    let old = project.read(VIEW);
    project.ok(&["step", "s1", "-s", "done"]);
    let new = project.process();
    project.write(VIEW, &old);
    assert_eq!(project.process(), new, "an old rendering is no edit");
    project.ok(&["switch", "proc-001"]);
    project.ok(&["add-step", "Four"]);
    let view = project.read(VIEW);
    assert!(view.contains("status: completed") && view.contains("name: Four"), "{view}");
}

#[test]
fn a_version_file_that_is_gone_is_no_loss() {
    let project = three_steps();
    project.ok(&["version", "--note", "good"]);
    let before = project.data(&["history"]);
    fs::remove_dir_all(project.path(".ai/versions")).unwrap();
    assert_eq!(project.data(&["history"]), before);
    project.ok(&["restore", "proc-001", "--version", "1"]);
    assert_eq!(project.process()["steps"].as_array().map(Vec::len), Some(0));
}

#[test]
fn temporary_files_that_a_crash_left_are_removed_by_the_next_write() {
    let project = three_steps();
    let before = project.content();
    for folder in [".ai", ".ai/processes"] {
        let names: Vec<String> = before.keys().cloned().collect();
        assert!(!names.iter().any(|name| name.contains(".tmp")), "{folder}: {names:?}");
    }
}

#[test]
fn readers_do_not_wait_for_the_lock() {
    let project = three_steps();
    let guard = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(project.path(".ai/registry.yaml.lock.guard"))
        .unwrap();
    rustix::fs::flock(&guard, rustix::fs::FlockOperation::LockExclusive).unwrap();
    for args in [
        &["list"][..],
        &["show"],
        &["status"],
        &["next"],
        &["history"],
        &["log"],
        &["missing"],
        &["evolution"],
        &["export", "proc-001"],
        &["templates"],
        &["config"],
        &["doctor"],
        &["add-step", "X", "--dry-run"],
    ] {
        project.ok(args);
    }
    let error = project.refused(5, "locked", &["add-step", "X"]);
    assert!(error["details"].get("holder").is_some(), "{error}");
    drop(guard);
    project.ok(&["add-step", "X"]);
}

#[test]
fn the_lock_of_another_program_is_waited_for_and_named() {
    let project = three_steps();
    let pid = std::process::id();
    project.write(".ai/registry.yaml.lock", format!("{pid}\n"));
    let error = project.refused(5, "locked", &["add-step", "X"]);
    assert_eq!(error["details"]["holder"]["pid"], pid, "{error}");
    project.ok(&["list"]);
    fs::remove_file(project.path(".ai/registry.yaml.lock")).unwrap();
    project.ok(&["add-step", "X"]);
    project.write(".ai/registry.yaml.lock", "4194303999\n");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(40);
    fs::File::options()
        .write(true)
        .open(project.path(".ai/registry.yaml.lock"))
        .and_then(|file| file.set_modified(old))
        .unwrap();
    project.ok(&["add-step", "Y"]);
    assert!(!project.exists(".ai/registry.yaml.lock"));
}

#[test]
fn a_project_that_cannot_be_written_says_so() {
    let project = three_steps();
    fs::remove_file(project.path(VIEW)).unwrap();
    fs::remove_dir_all(project.path(".ai/processes")).unwrap();
    project.write(".ai/processes", "a file where a folder belongs");
    let output = project.run(&["add-step", "Four", "--json"]);
    assert!(matches!(output.code, Some(0 | 1 | 6)), "{output:#?}");
    let acknowledged = output.code == Some(0);
    fs::remove_file(project.path(".ai/processes")).unwrap();
    project.ok(&["add-step", "Five"]);
    let names = column(&project.process()["steps"], "name");
    assert_eq!(names.contains(&"Four".to_owned()), acknowledged, "exit 0 is a promise: {names:?}");
    assert!(names.contains(&"Three".to_owned()));
}
