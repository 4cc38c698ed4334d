//! What the README shows, run line by line.

use crate::project::Project;

const README: &str = include_str!("../../../README.md");

/// Returns a block of the README, the first of its kind being 1.
fn block(kind: &str, number: usize) -> &'static str {
    let start = format!("```{kind}\n");
    let block = README.split(start.as_str()).nth(number).expect("the README has the block");
    block.split("```").next().expect("the block ends")
}

/// Returns the commands of a session of the README, each as its arguments.
fn session(number: usize) -> Vec<Vec<String>> {
    block("console", number)
        .lines()
        .map(|line| line.split("  #").next().unwrap_or_default().trim_end())
        .map(|line| words(line.strip_prefix("$ procside ").expect("every line is a command")))
        .collect()
}

/// Splits a line as a shell does: blanks part words, double quotes hold them together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().expect("there is always a word").push(c),
        }
    }
    words
}

#[test]
fn every_command_of_the_checklist_in_the_readme_works() {
    let project = Project::nowhere();
    let session = session(2);
    assert_eq!(session.len(), 6, "the README promises six lines");
    for arguments in session {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = project.run(&arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {}", output.stderr);
    }
}

#[test]
fn the_patches_of_the_readme_do_what_their_session_says() {
    let project = Project::nowhere();
    project.write("plan.json", block("json", 1));
    for arguments in session(3) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = project.run(&arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {}", output.stderr);
    }
    let document = project.ok(&["doc"]).stdout;
    assert_eq!(document, "# Plan\n\nMove the wiki.\n\n## Steps\n\n- export\n- import\n");
}

/// The agent of the README's definition is declared nowhere, so its step waits for anybody.
#[test]
fn the_definition_in_the_readme_is_one_and_its_session_goes_as_told() {
    let project = Project::nowhere();
    project.write("report.yaml", block("yaml", 1));
    let mut session = session(1);
    let work = session.pop().expect("the last line drives what is left");
    assert_eq!(work, ["work"]);
    // Who drafts is nobody that runs here: a person does, and the process goes on to its approval.
    let draft = ["step", "draft", "--status", "completed", "--output", r#"{"path": "a.md"}"#];
    let draft = draft.map(str::to_owned).to_vec();
    let expected = [
        (session[0].clone(), 0),
        (session[1].clone(), 7),
        (session[2].clone(), 7),
        (draft, 0),
        (session[3].clone(), 0),
        (session[4].clone(), 0),
    ];
    for (arguments, code) in expected {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = project.run(&arguments);
        assert_eq!(output.code, Some(code), "{arguments:?}: {} {}", output.stdout, output.stderr);
    }
}

#[test]
fn the_children_of_the_readme_are_supervised_as_told() {
    let project = Project::nowhere();
    project.write("server", "#!/bin/sh\necho serving $*\nexec sleep 1000\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.path("server"), mode).expect("it is ours");
    let session = session(4);
    assert_eq!(session[0][0], "spawn");
    for arguments in &session {
        project.ok(arguments);
    }
    let children = project.data(&["ps", "--all"])["children"].take();
    assert_eq!(crate::project::column(&children, "status"), ["stopped"]);
    assert!(project.ok(&["logs", "web"]).stdout.contains("serving --port 8080\n"));
}
