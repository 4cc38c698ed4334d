//! The session that the README shows, run line by line.

use crate::project::Project;

/// Returns the commands of the README's session, each as its arguments.
fn session() -> Vec<Vec<String>> {
    let readme = include_str!("../../../README.md");
    let block = readme.split("```console\n").nth(1).expect("the README shows a session");
    let block = block.split("```").next().expect("the session ends");
    block
        .lines()
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
fn every_command_of_the_session_in_the_readme_works() {
    let project = Project::nowhere();
    let session = session();
    assert_eq!(session.len(), 10, "the README promises ten lines");
    for arguments in session {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = project.run(&arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {}", output.stderr);
    }
    assert!(project.path("deploy-guide.md").exists());
}
