//! Versions: their files, what they say, and the way back to them.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    thread,
    time::Duration,
};

use crate::project::{Project, column, finish, kill};

fn files(project: &Project, id: &str) -> Vec<String> {
    let folder = project.path(&format!(".ai/versions/{id}"));
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn changes(project: &Project) -> Vec<String> {
    column(&project.data(&["history"])["versions"], "changes")
}

#[test]
fn version_one_has_the_steps_of_the_template() {
    let project = Project::nowhere();
    project.ok(&["init", "--template", "infra-deploy"]);
    assert_eq!(files(&project, "proc-001"), ["v1-initial.yaml"]);
    let text = project.read(".ai/versions/proc-001/v1-initial.yaml");
    assert!(text.starts_with("version: 1\nsnapshotAt: "), "{text}");
    assert!(text.contains("\nreason: Initial process creation\nprocess:\n"), "{text}");
    for step in project.process()["steps"].as_array().into_iter().flatten() {
        assert!(text.contains(step["name"].as_str().unwrap_or("no name")), "{step}");
    }
    assert_eq!(changes(&project), ["Process created from template infra-deploy"]);
}

#[test]
fn a_version_is_named_after_its_number_and_its_reason() {
    let project = Project::new();
    for reason in ["Added a step", "Übergabe & 100 % done!", "../../etc/passwd", "日本語", "a/b\nc"]
    {
        project.ok(&["version", "--note", reason]);
    }
    let names = files(&project, "proc-001");
    assert_eq!(names[..2], ["v1-initial.yaml", "v2-added-a-step.yaml"]);
    assert_eq!(names.len(), 6, "{names:?}");
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("v{}", index + 1)), "{names:?}");
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        assert!(name.chars().all(is_plain), "a name for every file system: {name}");
    }
    let long = "word ".repeat(1000);
    project.ok(&["version", "--note", &long]);
    assert_eq!(column(&project.data(&["history"])["versions"], "reason")[0], long);
}

#[test]
fn the_history_says_in_a_few_words_what_changed() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    project.ok(&["version", "--note", "three steps"]);
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["step", "s2", "-s", "done"]);
    project.ok(&["add-step", "Four"]);
    project.ok(&["version", "--note", "two done"]);
    project.ok(&["version", "--note", "nothing"]);
    let found = changes(&project);
    assert_eq!(found.len(), 4);
    assert_eq!(found[0], "No changes");
    assert_eq!(found[1], "+1 step, 2 steps completed");
    assert_eq!(found[2], "+3 steps");
    assert_eq!(found[3], "Process created");
    let versions = project.data(&["history"])["versions"].take();
    assert_eq!(column(&versions, "version"), ["4", "3", "2", "1"], "newest first");
    assert_eq!(column(&versions, "reason")[..2], ["nothing", "two done"]);
    let text = project.ok(&["history"]).stdout;
    assert_eq!(text.matches("(current)").count(), 1, "{text}");
    assert!(text.contains("v4 (current) - "), "{text}");
}

#[test]
fn a_difference_tells_each_kind_of_change_apart() {
    let project = Project::with_steps(&["One", "Two", "Three", "Four"]);
    project.ok(&["version", "--note", "before"]);
    let view = ".ai/processes/proc-001.yaml";
    let block = |id: &str, name: &str| {
        format!(
            "  - id: {id}\n    name: {name}\n    inputs: []\n    outputs: []\n    checks: []\n    status: pending\n"
        )
    };
    project.edit(view, &block("s4", "Four"), "");
    project.edit(view, &block("s3", "Three"), "");
    project.edit(view, &block("s1", "One"), &(block("s3", "Three") + &block("s1", "Uno")));
    project.edit(view, "goal: \"\"", "goal: Get there");
    project.ok(&["step", "s2", "-s", "done"]);
    project.ok(&["add-step", "Five"]);
    project.ok(&["version", "--note", "after"]);

    let data = project.data(&["diff", "proc-001", "2", "3"]);
    assert_eq!((&data["from"], &data["to"]), (&2.into(), &3.into()));
    let found: Vec<String> = data["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| {
            let id = change["step"].as_str().unwrap_or("?");
            format!("{} {id}", change["change"].as_str().unwrap_or("?"))
        })
        .collect();
    for expected in ["added s5", "removed s4", "renamed s1", "status s2"] {
        assert!(found.iter().any(|change| change == expected), "{expected}: {found:?}");
    }
    assert!(found.iter().any(|change| change.starts_with("moved s")), "{found:?}");
    assert!(
        !found.iter().any(|change| change == "added s3" || change == "removed s3"),
        "{found:?}"
    );
    assert!(column(&data["fields"], "field").contains(&"goal".to_owned()), "{data}");

    let text = project.ok(&["diff", "proc-001", "2", "3"]).stdout;
    for expected in
        ["+ s5 Five", "- s4 Four", "~ s1 renamed: One → Uno", "~ s2 status: pending → completed"]
    {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
}

#[test]
fn a_difference_may_end_at_the_process_as_it_stands() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["version", "--note", "x"]);
    let data = project.data(&["diff", "proc-001"]);
    assert_eq!((&data["from"], data["to"].is_null()), (&2.into(), true));
    assert!(data["steps"].as_array().is_some_and(Vec::is_empty), "{data}");
    project.ok(&["add-step", "Two"]);
    assert_eq!(project.data(&["diff", "proc-001"])["steps"][0]["change"], "added");
    let whole = project.data(&["diff", "proc-001", "1"]);
    assert_eq!(column(&whole["steps"], "step"), ["s1", "s2"]);
}

#[test]
fn restoring_a_version_brings_its_content_back_as_one_new_version() {
    let project = Project::with_steps(&["One", "Two"]);
    project.ok(&["risk", "R"]);
    project.ok(&["version", "--note", "good"]);
    let good = project.process();
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["add-step", "Three"]);
    project.ok(&["decide", "Q", "C"]);
    project.edit(".ai/processes/proc-001.yaml", "name: Work", "name: Worse");
    let data = project.data(&["restore", "proc-001", "--version", "2"]);
    for key in ["name", "goal", "status", "steps", "risks", "decisions", "evidence"] {
        assert_eq!(data["process"][key], good[key], "{key}");
    }
    assert_eq!(
        (&data["process"]["uid"], &data["process"]["createdAt"]),
        (&good["uid"], &good["createdAt"])
    );
    let versions = project.data(&["history"])["versions"].take();
    assert_eq!(column(&versions, "version"), ["3", "2", "1"], "exactly one new version");
    assert_eq!(files(&project, "proc-001").len(), 3);
    let difference = project.data(&["diff", "proc-001", "2", "3"]);
    assert!(difference["steps"].as_array().is_some_and(Vec::is_empty), "{difference}");
    assert_eq!(project.data(&["add-step", "Next"])["step"]["id"], "s4", "s3 was given already");
}

#[test]
fn numbers_grow_whatever_files_are_deleted() {
    let project = Project::new();
    for note in ["two", "three"] {
        project.ok(&["version", "--note", note]);
    }
    fs::remove_file(project.path(".ai/versions/proc-001/v3-three.yaml")).unwrap();
    assert_eq!(project.data(&["version", "--note", "four"])["version"], 4);
    fs::remove_dir_all(project.path(".ai/versions")).unwrap();
    assert_eq!(project.data(&["version", "--note", "five"])["version"], 5);
    let versions = project.data(&["history"])["versions"].take();
    assert_eq!(column(&versions, "version"), ["5", "4", "3", "2", "1"], "the journal has them all");
}

#[test]
fn the_evolution_tells_everything_oldest_first() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["version", "--note", "second"]);
    let data = project.data(&["evolution"]);
    assert_eq!(column(&data["versions"], "version"), ["1", "2"]);
    assert_eq!(data["versions"][1]["difference"]["steps"][0]["change"], "added");
    let text = project.ok(&["evolution"]).stdout;
    let places: Vec<Option<usize>> =
        ["v1 - ", "v2 (current) - ", "+ s1 One"].map(|mark| text.find(mark)).to_vec();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

#[test]
fn a_version_of_an_empty_reason_is_refused() {
    let project = Project::new();
    let before = project.tree();
    for note in ["", "  "] {
        project.refused(6, "invalid", &["version", "--note", note]);
    }
    for number in ["0", "2", "18446744073709551615"] {
        project.refused(3, "not_found", &["restore", "proc-001", "--version", number]);
    }
    assert!(project.tree() == before);
}

#[test]
fn following_the_log_reads_a_journal_only_when_it_grew_and_says_nothing_a_terminal_obeys() {
    let journal = ".ai/history/proc-001.yaml";
    let project = Project::with_steps(&["One"]);
    let mut child = project.command(&["log", "--follow", "--json"]).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut next = || lines.next().expect("it goes on").expect("it can be read");
    while !next().contains("step_added") {}
    let sound = project.read(journal);
    // Written in place: on no look it has another length.
    let overwrite = |text: &str| {
        let mut file = File::options().write(true).open(project.path(journal)).expect("it opens");
        file.write_all(text.as_bytes()).expect("it can be written");
    };
    overwrite(&"#".repeat(sound.len()));
    thread::sleep(Duration::from_millis(700));
    assert!(child.try_wait().expect("it is ours").is_none(), "it read what did not grow");
    overwrite(&sound);
    project.ok(&["add-step", "evil\u{9b}2J\u{7f}"]);
    let line = next();
    assert!(line.contains("evil\\u009b2J\\u007f"), "{line}");
    assert!(!line.contains(char::is_control), "{line:?}");
    kill(child.id());
    finish(child, "log --follow");
}
