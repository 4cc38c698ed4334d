//! Secrets: named in definitions, and nowhere else to be seen.

use std::process::Command;

use serde_json::Value;

use super::events;
use crate::project::{Output, Project, finish};

/// With what JSON and addresses write otherwise.
const SECRET: &str = "s3cr3t/\"Value\" 9";

const FLOW: &str = "name: Flow
steps:
  - {id: env, type: command, env: {TOK: '${TOKEN}'}, run: [sh, -c, 'cat /proc/[0-9]*/cmdline 2> /dev/null | tr \"\\0\" \" \" > cmdlines; printf %s \"$TOK\" | wc -c; echo \"$TOK\"']}
  - {id: stdin, type: command, stdin: 'x${TOKEN}y', run: [cat]}
  - {id: fails, type: command, on_error: skip_step, env: {TOK: '${TOKEN}'}, run: [sh, -c, 'echo \"bad $TOK\" >&2; exit 3']}
  - {id: keeps, type: command, retry: {max_attempts: 2, initial_delay: 10ms}, env: {TOK: '${TOKEN}'}, run: [sh, -c, 'test -s $PROCSIDE_CONTEXT_FILE && exec cat $PROCSIDE_CONTEXT_FILE; printf %s \"$TOK\" > $PROCSIDE_CONTEXT_FILE; exit 1']}
  - {id: shell, type: command, shell: true, on_error: skip_step, env: {TOK: '${TOKEN}'}, run: 'no-such-\"$TOK\"'}
  - {id: agent, type: agent_task, agent: writer, message: hi}
  - {id: plain, type: command, run: [echo, '${TOKEN}'], shell: false, on_error: skip_step}
";

const CONFIG: &str =
    "agents:\n  writer: {command: [sh, -c, 'echo \"$TOK\"'], env: {TOK: '${TOKEN}'}}\n";

fn run(project: &Project, args: &[&str]) -> Output {
    let mut command: Command = project.command(args);
    command.env("TOKEN", SECRET);
    finish(command.spawn().unwrap(), &args.join(" "))
}

/// The secret as it stands, and as JSON writes it.
fn is_told(text: &str) -> bool {
    let quoted = Value::from(SECRET).to_string();
    text.contains(SECRET) || text.contains(quoted.trim_matches('"'))
}

#[test]
fn a_secret_is_found_nowhere_but_in_its_program() {
    // What no shell reads cannot hold a secret, and `validate` says so.
    let text = FLOW.lines().filter(|line| !line.contains("id: plain")).collect::<Vec<_>>();
    let files = [("f.yaml", text.join("\n")), (".procside.yaml", CONFIG.to_owned())];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let project = Project::with_files(&files);
    let mut said = vec![run(&project, &["run", "f.yaml"])];
    assert_eq!(said[0].code, Some(0), "{said:#?}");
    for args in
        [&["show", "--json"][..], &["show"], &["log", "--json"], &["export", "--format", "yaml"]]
    {
        said.push(run(&project, args));
    }
    for output in &said {
        assert!(!is_told(&output.stdout) && !is_told(&output.stderr), "{output:#?}");
    }
    for (path, text) in project.tree() {
        assert!(!is_told(&text), "{path}: {text}");
    }
    assert!(!project.read("cmdlines").is_empty());
    let data = project.data(&["show"]);
    let output = |step: &str| data["run"]["steps"][step]["output"]["text"].to_string();
    // It did reach the program, whole.
    assert_eq!(output("env"), format!("\"{}\\n***\"", SECRET.len()));
    assert_eq!((output("stdin"), output("agent")), ("\"x***y\"".into(), "\"***\"".into()));
    assert!(data["run"]["steps"]["fails"]["error"].to_string().contains("bad ***"));
    let kept = events(&project, "proc-001");
    let kept = kept.iter().find(|event| event["type"] == "context_saved").unwrap();
    assert_eq!(kept["context"], "***");
}

#[test]
fn a_secret_in_an_argument_is_refused() {
    let project = Project::with_files(&[("f.yaml", FLOW), (".procside.yaml", CONFIG)]);
    assert_eq!(run(&project, &["run", "f.yaml"]).code, Some(6));
    assert!(!project.exists(".ai"));
}

#[test]
fn a_secret_that_is_not_set_fails_the_attempt_and_only_its_name_is_told() {
    let text = "name: F\nsteps:\n  - {id: a, type: command, env: {A: 'x${TOKEN}', B: '${MISSING_ONE}'}, run: [echo]}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    let output = run(&project, &["run", "f.yaml"]);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(output.stderr.contains("`MISSING_ONE`") && !is_told(&output.stderr), "{output:#?}");
}
