//! Command steps: what programs are given, what they give.

use process_runtime::{Sign, handlers::CommandHandler};
use serde_json::json;

use super::support::{attempt_with, command, is_there, project};

#[test]
fn json_on_standard_output_is_the_output_and_anything_else_is_text() {
    let output = |text: &str| command(json!({"run": ["printf", "%s", text]})).output();
    assert_eq!(output(r#"{"n": 1.50, "b": [true]}"#), json!({"n": 1.5, "b": [true]}));
    assert_eq!(output("hello\n"), json!({"text": "hello"}));
    assert_eq!(output(""), json!({"text": ""}));
}

#[test]
fn arguments_are_never_read_by_a_shell_unless_it_is_asked_for() {
    let tried = command(json!({"run": ["printf", "%s|", "a b", "$HOME;`id`", "${TOKEN}", ""]}));
    assert_eq!(tried.output(), json!({"text": "a b|$HOME;`id`|${TOKEN}||"}));
    let tried = command(json!({"run": ["x=1; echo $((x + 1)) | cat"], "shell": true}));
    assert_eq!(tried.output(), json!(2));
    let tried = command(json!({"run": ["echo", "a"], "shell": true}));
    assert_eq!(tried.error(), "`run` is one text where a shell reads it");
}

#[test]
fn a_program_gets_its_environment_its_key_and_its_input() {
    let script = "printf '%s ' $PROCSIDE_IDEMPOTENCY_KEY $PROCSIDE_PROCESS $A $B; cat";
    let task = json!({
        "run": [script], "shell": true, "stdin": "read ${TOKEN} me",
        "env": {"A": "1", "B": "${TOKEN}x", "PROCSIDE_PROCESS": "another"},
    });
    let text = "proc-001/step/1/1 proc-001 1 ***x read *** me";
    assert_eq!(command(task).output(), json!({"text": text}));
}

#[test]
fn every_run_of_a_program_has_an_id_of_its_own() {
    let task = json!({"run": ["printenv", "PROCSIDE_RUN_ID"]});
    let one = command(task.clone()).output();
    let two = command(task).output();
    assert_eq!(one["text"].as_str().map(str::len), Some(36));
    assert_ne!(one, two);
}

#[test]
fn a_program_runs_in_the_project_or_in_a_folder_below() {
    let folder = |cwd: &str| {
        let task = json!({"run": ["sh", "-c", "basename $PWD"], "cwd": cwd});
        command(task).output()
    };
    assert_eq!(folder("sub"), json!({"text": "sub"}));
    assert_eq!(folder("sub/../sub"), json!({"text": "sub"}));
    let (root, programs) = project();
    let handler = CommandHandler::new(programs);
    let tried = attempt_with(&handler, json!({"run": ["pwd", "-P"]}), |_| {});
    let expected = root.path().canonicalize().unwrap();
    assert_eq!(tried.output(), json!({"text": expected.to_str().unwrap()}));
}

#[test]
fn a_failing_program_is_told_with_its_code_and_its_last_words() {
    let script = "echo out; echo first >&2; echo 'no such branch' >&2; exit 3";
    let error = command(json!({"run": ["sh", "-c", script]})).error();
    assert_eq!(error, "`sh` ended with exit code 3: first\nno such branch");
    assert_eq!(command(json!({"run": ["false"]})).error(), "`false` ended with exit code 1");
    let error = command(json!({"run": ["sh", "-c", "kill -SEGV $$"]})).error();
    assert_eq!(error, "`sh` was ended by signal 11 (SEGV)");
}

#[test]
fn a_program_that_cannot_start_says_why() {
    let error = |run: serde_json::Value| command(json!({"run": run})).error();
    assert_eq!(
        error(json!(["no-such-program-here"])),
        "cannot start `no-such-program-here`: no program in `PATH` has this name"
    );
    assert_eq!(
        error(json!(["./none"])),
        "cannot start `./none`: there is no such file, or the interpreter in its first line does \
         not exist"
    );
    assert_eq!(error(json!(["/etc/passwd"])), "cannot start `/etc/passwd`: it may not be executed");
    assert_eq!(
        error(json!(["echo", "x".repeat(300_000)])),
        "cannot start `echo`: its arguments and variables are too long; hand long texts to its \
         standard input"
    );
    assert_eq!(
        error(json!(["echo", "a\u{0}b"])),
        "cannot start `echo`: an argument holds a NUL character"
    );
}

#[test]
fn a_child_is_told_of_with_what_tells_it_from_others() {
    let tried = command(json!({"run": ["true"]}));
    let [Sign::Child { pid, start_time, boot_id }] = tried.signs.as_slice() else {
        panic!("{:?}", tried.signs);
    };
    assert!(*pid > 1 && start_time.is_some() && boot_id.is_some());
    assert!(!is_there(*pid), "no zombie is left");
}

#[test]
fn a_context_is_handed_from_one_attempt_to_the_next() {
    let (_folder, programs) = project();
    let handler = CommandHandler::new(programs);
    let script =
        "cat $PROCSIDE_CONTEXT_FILE; printf '{\"at\": 2}' > $PROCSIDE_CONTEXT_FILE; exit 1";
    let task = json!({"run": [script], "shell": true});
    let tried = attempt_with(&handler, task, |work| work.context = Some(json!({"at": 1})));
    assert_eq!(tried.contexts(), [&json!({"at": 2})]);
    assert!(tried.result.is_err(), "what a failing attempt kept is what the next one needs");

    let task = json!({"run": ["sh", "-c", "cat $PROCSIDE_CONTEXT_FILE"]});
    let tried = attempt_with(&handler, task, |work| work.context = Some(json!({"at": 2})));
    assert!(tried.contexts().is_empty(), "nothing was changed");
    assert_eq!(tried.output(), json!({"at": 2}));
}

#[test]
fn a_context_is_json_or_text_and_may_be_emptied() {
    let left = |script: &str| {
        let (_folder, programs) = project();
        let task = json!({"run": [script], "shell": true, "env": {"T": "${TOKEN}"}});
        let tried = attempt_with(&CommandHandler::new(programs), task, |work| {
            work.context = Some(json!("before"));
        });
        tried.contexts().into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(left("echo half way > $PROCSIDE_CONTEXT_FILE"), [json!("half way\n")]);
    assert_eq!(left(": > $PROCSIDE_CONTEXT_FILE"), [json!(null)]);
    assert_eq!(left("rm $PROCSIDE_CONTEXT_FILE"), [json!(null); 0]);
    assert_eq!(left("echo [\\\"$T\\\"] > $PROCSIDE_CONTEXT_FILE"), [json!(["***"])]);
    let aside =
        "echo 7 > $PROCSIDE_CONTEXT_FILE.new; mv $PROCSIDE_CONTEXT_FILE.new $PROCSIDE_CONTEXT_FILE";
    assert_eq!(left(aside), [json!(7)]);
}

#[test]
fn the_file_of_a_context_is_private_and_goes_with_its_attempt() {
    let script = "stat -c %a $PROCSIDE_CONTEXT_FILE $(dirname $PROCSIDE_CONTEXT_FILE); echo $PROCSIDE_CONTEXT_FILE";
    let output = command(json!({"run": [script], "shell": true})).output();
    let lines: Vec<&str> = output["text"].as_str().unwrap().lines().collect();
    assert_eq!(lines[..2], ["600", "700"]);
    assert!(!std::path::Path::new(lines[2]).exists());
}

#[test]
fn whatever_a_program_writes_is_a_sign_of_life_once_a_second() {
    let script = "i=0; while [ $i -lt 200 ]; do echo $i; i=$((i + 1)); done";
    let tried = command(json!({"run": [script], "shell": true}));
    let alive = tried.signs.iter().filter(|sign| **sign == Sign::Alive).count();
    assert!((1..=3).contains(&alive), "{alive}");
    let tried = command(json!({"run": ["sh", "-c", "echo bad >&2"]}));
    assert!(tried.signs.contains(&Sign::Alive));
    assert!(!command(json!({"run": ["true"]})).signs.contains(&Sign::Alive));
}
