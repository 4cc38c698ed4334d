//! Commands: what they are given, what they give, and how they end.

use serde_json::json;

use super::{events, is_alive, line_of};
use crate::project::Project;

#[test]
fn what_a_program_prints_is_the_output() {
    let text = "name: F
steps:
  - {id: json, type: command, run: [echo, '{\"a\": [1, 2.5], \"b\": null}']}
  - {id: text, type: command, run: [printf, 'a\\nb\\n']}
  - {id: none, type: command, run: ['true']}
  - {id: bytes, type: command, run: [printf, '\\377x']}
  - {id: huge, type: command, on_error: skip_step, run: [sh, -c, 'head -c 5000000 /dev/zero | tr \"\\0\" x']}
  - {id: env, type: command, env: {N: '7'}, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY $PROCSIDE_PROCESS $N']}
  - {id: out, type: command, cwd: .., on_error: skip_step, run: [pwd]}
  - {id: absent, type: command, on_error: skip_step, run: [/no/such]}
  - {id: killed, type: command, on_error: skip_step, run: [sh, -c, 'kill -9 $$']}
  - {id: left, type: command, run: [sh, -c, 'sleep 60 > /dev/null 2>&1 & echo $! > pid']}
";
    let project = Project::with_files(&[("f.yaml", text)]);
    let data = project.data(&["run", "f.yaml"]);
    let output = |step: &str| data["run"]["steps"][step]["output"].clone();
    assert_eq!(output("json"), json!({"a": [1, 2.5], "b": null}));
    assert_eq!(output("text"), json!({"text": "a\nb"}));
    assert_eq!(output("none"), json!({"text": ""}));
    assert_eq!(output("bytes"), json!({"text": "\u{fffd}x"}));
    assert_eq!(output("env"), json!({"text": "proc-001/env/1/1 proc-001 7"}));
    let error = |step: &str| data["run"]["steps"][step]["error"].to_string();
    assert!(error("huge").contains("more than 4 MiB"), "{}", error("huge"));
    assert!(error("out").contains("leads out of the project"), "{}", error("out"));
    assert!(error("absent").contains("cannot start `/no/such`"), "{}", error("absent"));
    assert!(error("killed").contains("signal 9 (KILL)"), "{}", error("killed"));
    assert!(!is_alive(&line_of(&project, "pid")), "what it left is ended");
}

#[test]
fn a_failure_is_tried_again_after_a_delay_with_what_was_kept() {
    let text = "name: F
steps:
  - id: a
    type: command
    retry: {max_attempts: 3, initial_delay: 200ms}
    run:
      - sh
      - -c
      - |
        kept=$(cat \"$PROCSIDE_CONTEXT_FILE\")
        if [ \"$kept\" = 2 ]; then echo \"{\\\"kept\\\": $kept}\"; exit 0; fi
        echo $((kept + 1)) > \"$PROCSIDE_CONTEXT_FILE\"
        exit 1
";
    let project = Project::with_files(&[("f.yaml", text)]);
    let data = project.data(&["run", "f.yaml"]);
    assert_eq!(data["run"]["steps"]["a"]["output"], json!({"kept": 2}));
    assert_eq!(data["run"]["steps"]["a"]["attempts"], 3);
    let all = events(&project, "proc-001");
    for (index, event) in all.iter().enumerate() {
        if event["type"] == "attempt_failed" {
            let next = all[index..].iter().find(|event| event["type"] == "step_started").unwrap();
            assert!(next["at"].as_str() >= event["retry_at"].as_str(), "never early: {next}");
        }
    }
}

#[test]
fn what_takes_too_long_is_ended_with_all_that_it_started() {
    let text = "name: F
steps:
  - {id: late, type: command, timeout: 500ms, on_error: skip_step, run: [sh, -c, 'sleep 60 & echo $! > pid; wait']}
  - {id: silent, type: command, heartbeat: 700ms, on_error: skip_step, run: [sh, -c, 'echo $$ > silent; sleep 60']}
  - {id: alive, type: command, heartbeat: 2s, run: [sh, -c, 'for i in 1 2 3 4 5; do echo $i; sleep 0.6; done']}
";
    let project = Project::with_files(&[("f.yaml", text)]);
    let data = project.data(&["run", "f.yaml"]);
    let error = |step: &str| data["run"]["steps"][step]["error"].to_string();
    assert!(error("late").contains("timeout"), "{}", error("late"));
    assert!(error("silent").contains("no sign of life"), "{}", error("silent"));
    assert_eq!(data["run"]["steps"]["alive"]["status"], "completed");
    for file in ["pid", "silent"] {
        assert!(!is_alive(&line_of(&project, file)), "{file}");
    }
}

#[test]
fn no_more_run_at_once_than_is_said() {
    let text = "name: F
steps:
  - {id: a, type: command, foreach: {in: [1, 2, 3, 4, 5, 6]}, run: [sh, -c, 'echo + >> ran; sleep 0.1; echo - >> ran']}
";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--concurrency", "2"]);
    let mut now = 0;
    for line in project.read("ran").lines() {
        now += if line == "+" { 1 } else { -1 };
        assert!(now <= 2, "{}", project.read("ran"));
    }
}
