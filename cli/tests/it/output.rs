//! What stands on stdout and stderr, and in which colours.

use crate::project::{Output, Project, finish};

const ESCAPE: char = '\u{1b}';

fn run_with(project: &Project, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = project.command(args);
    command.envs(variables.iter().copied());
    finish(command.spawn().expect("it can be started"), &args.join(" "))
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["step", "s1", "-s", "in_progress"]);
    for args in [["list"], ["status"], ["show"]] {
        let plain = project.ok(&args).stdout;
        assert!(!plain.contains(ESCAPE), "{plain}");
        let mut never = args.to_vec();
        never.extend(["--color", "never"]);
        assert_eq!(project.ok(&never).stdout, plain);
        let mut always = args.to_vec();
        always.extend(["--color", "always"]);
        let coloured = project.ok(&always).stdout;
        assert!(coloured.contains(ESCAPE), "{coloured}");
        let quiet = run_with(&project, &args, &[("NO_COLOR", "1")]).stdout;
        assert_eq!(quiet, plain);
        let asked = run_with(&project, &always, &[("NO_COLOR", "1")]).stdout;
        assert_eq!(asked, coloured, "who asks on the command line gets it");
    }
    let forced = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    assert!(!run_with(&project, &["list"], &forced).stdout.contains(ESCAPE));
    assert_eq!(project.run(&["list", "--color", "blue"]).code, Some(2));
}

#[test]
fn an_envelope_has_no_colours() {
    let project = Project::with_steps(&["One"]);
    let output = project.ok(&["show", "--json", "--color", "always"]);
    output.envelope();
    assert!(!output.stdout.contains(ESCAPE));
}

#[test]
fn quiet_keeps_notices_back_but_no_error_and_no_data() {
    let broken = || {
        let project = Project::with_steps(&["One"]);
        project.write(".ai/processes/proc-001.yaml", "name: [");
        project
    };
    let project = broken();
    let told = project.ok(&["add-step", "Two"]);
    assert!(told.stderr.contains("corrupt-1"), "{told:#?}");
    let project = broken();
    let quiet = project.ok(&["add-step", "Two", "--quiet"]);
    assert_eq!((quiet.stdout, quiet.stderr), (told.stdout, String::new()));
    let project = broken();
    assert_eq!(project.ok(&["-q", "show"]).stderr, "");

    let refused = project.run(&["step", "s99", "-s", "completed", "--quiet"]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.stderr.starts_with("error: there is no step `s99`"), "{refused:#?}");
}

#[test]
fn with_json_notices_stay_on_stderr() {
    let project = Project::with_steps(&["One"]);
    project.write(".ai/processes/proc-001.yaml", "name: [");
    let output = project.ok(&["add-step", "Two", "--json"]);
    output.envelope();
    assert!(output.stderr.contains("corrupt-1"), "{output:#?}");
}

#[test]
fn what_was_repaired_is_said_once() {
    let project = Project::with_steps(&["One"]);
    project.write(".ai/processes/proc-001.yaml", "name: [");
    let output = project.ok(&["add-step", "Two"]);
    assert_eq!(output.stderr.lines().count(), 1, "{output:#?}");
    for args in [&["add-step", "Three"][..], &["list"], &["show"], &["status", "--all"]] {
        assert_eq!(project.ok(args).stderr, "");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure_and_no_panic() {
    let project = Project::new();
    let long = "x".repeat(60_000);
    for _ in 0..4 {
        project.ok(&["add-step", &long]);
    }
    let mut child = project.command(&["show"]).spawn().expect("it can be started");
    drop(child.stdout.take());
    let output = finish(child, "show");
    assert!(!output.stderr.contains("panicked"), "{output:#?}");
    assert_eq!(output.code, Some(0));
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: this system has no /dev/full");
        return;
    }
    let project = Project::with_steps(&["One"]);
    for args in [&["show"][..], &["list", "--json"], &["help"], &["completions", "bash"]] {
        let mut command = project.command(args);
        command.stdout(std::fs::File::create(full).expect("it can be opened"));
        let output = finish(command.spawn().expect("it can be started"), &args.join(" "));
        assert_eq!(output.code, Some(1), "`{}`: {output:#?}", args.join(" "));
    }
}
