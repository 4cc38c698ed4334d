//! Programs that behave badly: too much, too little, not at all as asked.

use process_runtime::{Sign, handlers::CommandHandler};
use serde_json::{Value, json};

use super::support::{TOKEN, Tried, attempt_with, command, is_there, project};

fn script(script: &str) -> Tried {
    command(json!({"run": [script], "shell": true, "env": {"TOKEN": "${TOKEN}"}}))
}

#[test]
fn an_output_over_the_limit_ends_the_program() {
    let tried = script("yes");
    assert!(!is_there(tried.pid()));
    assert_eq!(tried.error(), "`sh` wrote more than 4 MiB to its standard output, and was ended");
    let tried = script("yes >&2; exit 0");
    assert_eq!(tried.error(), "`sh` wrote more than 4 MiB to its standard error, and was ended");
    // It may be over before anybody could end it.
    let tried = script("head -c 4194305 /dev/zero");
    assert_eq!(tried.error(), "`sh` wrote more than 4 MiB to its standard output, and was ended");
}

#[test]
fn an_output_of_exactly_the_limit_is_taken_also_without_a_line_end() {
    let tried = script("head -c 4194304 /dev/zero | tr '\\0' x");
    let output = tried.output();
    assert_eq!(output["text"].as_str().map(str::len), Some(4 * 1024 * 1024));
}

#[test]
fn a_program_that_reads_nothing_is_no_trouble() {
    let task = json!({"run": ["true"], "stdin": "x".repeat(1_000_000)});
    assert_eq!(command(task).output(), json!({"text": ""}));
    let task = json!({"run": ["exec <&-; echo on"], "shell": true, "stdin": "x".repeat(1_000_000)});
    assert_eq!(command(task).output(), json!({"text": "on"}));
}

#[test]
fn a_program_that_reads_and_writes_at_once_does_not_get_stuck() {
    let text = "x".repeat(3_000_000);
    let output = command(json!({"run": ["cat"], "stdin": text})).output();
    assert_eq!(output["text"].as_str().map(str::len), Some(3_000_000));
}

#[test]
fn a_program_without_input_is_told_that_there_is_none() {
    assert_eq!(command(json!({"run": ["cat"]})).output(), json!({"text": ""}));
    assert_eq!(command(json!({"run": ["cat"], "stdin": ""})).output(), json!({"text": ""}));
}

#[test]
fn a_program_that_closes_its_outputs_and_goes_on_is_waited_for() {
    let tried = script("echo first; exec >&- 2>&-; sleep 0.3; exit 5");
    assert_eq!(tried.error(), "`sh` ended with exit code 5");
    let tried = script("exec >&- 2>&-; echo 1 > $PROCSIDE_CONTEXT_FILE");
    assert_eq!(tried.contexts(), [&json!(1)]);
}

#[test]
fn bytes_that_are_no_text_are_read_as_far_as_they_go() {
    assert_eq!(script("printf 'a\\377b'").output(), json!({"text": "a\u{fffd}b"}));
    assert_eq!(
        script("printf 'bad \\377\\n' >&2; exit 1").error(),
        "`sh` ended with exit code 1: bad \u{fffd}"
    );
}

#[test]
fn a_secret_leaves_a_program_nowhere() {
    let outputs = [
        script("echo $TOKEN").output(),
        script("printf '{\"%s\": [\"a%sb\"]}' $TOKEN $TOKEN").output(),
        // Half of it in one write, half of it in the next.
        script("printf ses; sleep 0.1; printf ame-open").output(),
    ];
    assert_eq!(outputs[0], json!({"text": "***"}));
    assert_eq!(outputs[1], json!({"***": ["a***b"]}));
    assert_eq!(outputs[2], json!({"text": "***"}));
    assert_eq!(
        script("echo token=$TOKEN >&2; exit 1").error(),
        "`sh` ended with exit code 1: token=***"
    );
    let tried = command(json!({
        "run": ["printf '{\"a\": \"say \\\\\"please\\\\\"\"}' | tee /dev/stderr; exit 1"],
        "shell": true, "env": {"Q": "${QUOTED}"},
    }));
    assert_eq!(tried.error(), "`sh` ended with exit code 1: {\"a\": \"***\"}");
}

#[test]
fn a_secret_is_hidden_in_what_could_not_start() {
    let (_folder, programs) = project();
    let task = json!({"run": [TOKEN], "stdin": "${TOKEN}"});
    let tried = attempt_with(&CommandHandler::new(programs), task, |_| {});
    assert_eq!(tried.error(), "cannot start `***`: no program in `PATH` has this name");
}

#[test]
fn a_missing_secret_starts_nothing() {
    let tried = command(json!({"run": ["true"], "env": {"A": "${TOKEN}${GONE}"}}));
    assert!(tried.signs.is_empty());
    assert_eq!(tried.error(), "secret `GONE` is not set in the environment");
    let tried = command(json!({"run": ["true"], "stdin": "${GONE}"}));
    assert_eq!(tried.error(), "secret `GONE` is not set in the environment");
}

#[test]
fn a_folder_outside_the_project_is_refused() {
    let (folder, programs) = project();
    std::os::unix::fs::symlink("/", folder.path().join("away")).unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let handler = CommandHandler::new(programs);
    let error =
        |cwd: &str| attempt_with(&handler, json!({"run": ["true"], "cwd": cwd}), |_| {}).error();
    for cwd in ["..", "/", "/etc", "away", "sub/../.."] {
        assert_eq!(error(cwd), format!("cannot use `{cwd}` as `cwd`: it leads out of the project"));
    }
    assert_eq!(error("file"), "cannot use `file` as `cwd`: it is no folder");
    assert!(error("gone").starts_with("cannot use `gone` as `cwd`: No such file"));
}

#[test]
fn a_task_without_a_program_is_refused() {
    let error = |task: Value| command(task).error();
    assert_eq!(error(json!({"run": []})), "`run` names no program");
    assert_eq!(error(json!({"run": [""]})), "`run` names no program");
    assert_eq!(error(json!({})), "`run` is missing");
    assert_eq!(error(json!({"run": [["a"]]})), "`run` is no text");
    assert_eq!(
        error(json!({"run": ["true"], "env": {"A=B": "1"}})),
        "`A=B` in `env` is no name of a variable: letters, digits, `_`"
    );
    assert_eq!(
        error(json!({"run": ["true"], "env": {"A": "x\u{0}"}})),
        "the variable `A` holds a NUL character"
    );
}

#[test]
fn a_context_that_is_no_file_or_too_large_is_not_kept() {
    let error = |text: &str| {
        let tried = script(text);
        assert!(tried.contexts().is_empty());
        tried.error()
    };
    let large = "head -c 1048577 /dev/zero > $PROCSIDE_CONTEXT_FILE; exit 1";
    assert_eq!(
        error(large),
        "`sh` ended with exit code 1; its context has more than 1 MiB and is not kept"
    );
    let fifo = "rm $PROCSIDE_CONTEXT_FILE; mkfifo $PROCSIDE_CONTEXT_FILE; exit 1";
    assert_eq!(
        error(fifo),
        "`sh` ended with exit code 1; its context cannot be read: it is not a regular file"
    );
    let link = "ln -sf /etc/passwd $PROCSIDE_CONTEXT_FILE; exit 1";
    assert!(error(link).starts_with("`sh` ended with exit code 1; its context cannot be read: "));
}

#[test]
fn a_program_that_only_writes_its_context_is_alive() {
    let tried = script("echo 1 > $PROCSIDE_CONTEXT_FILE; sleep 1.3");
    assert!(tried.signs.contains(&Sign::Alive));
}
