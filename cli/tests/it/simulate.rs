//! Definitions are tried on a virtual clock, with outcomes that a scenario tells.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::project::{Project, column, texts};

/// A report that is written, approved and published.
const REPORT: &str = "\
name: report
input:
  topic: {type: string, required: true}
  pages: {type: integer, default: 3}
steps:
  - id: write
    type: agent_task
    agent: writer
    message: \"{{ input.pages }} pages about {{ input.topic }}\"
  - id: review
    type: human_approval
    title: Is it good?
    depends_on: [write]
    approvers: [ann, bob]
  - id: publish
    type: agent_task
    agent: writer
    message: Publish it
    depends_on: [review]
    condition: steps.review.decision == 'approved'
outputs:
  - {name: topic, value: \"{{ input.topic }}\"}
  - {name: pages, value: \"{{ input.pages }}\"}
";

const APPROVED: &str = "\
now: 2026-03-02T09:00:00Z
input: {topic: coffee}
steps:
  write: {output: {path: draft.md}, cost: \"0.10\", takes: 10m}
  review: {decision: approved, by: ann, after: 1h}
  publish: {cost: \"0.0123\", takes: 90s}
";

fn project() -> Project {
    Project::with_files(&[("report.yaml", REPORT), ("approved.yaml", APPROVED)])
}

/// Returns a definition of one step, to which the scenario gives this outcome.
fn one(kind: &str, outcome: &str) -> Project {
    let step = format!("name: one\nsteps:\n  - {{id: a, {kind}}}\n");
    let scenario = format!("steps: {{a: {outcome}}}\n");
    Project::with_files(&[("one.yaml", &step), ("s.yaml", &scenario)])
}

const AGENT: &str = "type: agent_task, agent: writer, message: Write";

#[test]
fn a_simulation_tells_what_happened_when_and_what_came_of_it() {
    let project = project();
    let args = ["simulate", "report.yaml", "--scenario", "approved.yaml"];
    let data = project.data(&args);
    assert_eq!(data["status"], "completed");
    assert_eq!((&data["cost"], &data["duration"]), (&json!("0.1123"), &json!("1h11m30s")));
    assert_eq!(data["outputs"], json!({"topic": "coffee", "pages": 3}));
    assert_eq!(data["waiting"], json!([]));
    assert_eq!((&data["unmet"], &data["warnings"]), (&json!([]), &json!([])));
    let write = &data["steps"]["write"];
    assert_eq!(write["message"], "3 pages about coffee");
    assert_eq!((&write["attempts"], &write["visits"]), (&json!(1), &json!(1)));
    assert_eq!(write["output"], json!({"path": "draft.md"}));
    assert_eq!(write["started_at"], "2026-03-02T09:00:00.000Z");
    assert_eq!(write["completed_at"], "2026-03-02T09:10:00.000Z");
    assert_eq!((&write["cost"], &write["skip_reason"]), (&json!("0.10"), &json!(null)));
    let trace = &data["trace"];
    let count = trace.as_array().map_or(0, Vec::len);
    let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    assert_eq!(column(trace, "seq"), numbers);
    assert_eq!((&trace[0]["type"], &trace[0]["step"]), (&json!("started"), &json!(null)));
    assert_eq!(trace[count - 1]["at"], "2026-03-02T10:11:30.000Z");

    let output = project.ok(&args);
    assert_eq!(output.stderr, "", "{output:#?}");
    for line in [
        "        0s  started",
        "       10m  step_completed        write",
        "     1h10m  approval_decided      review",
        "  1h11m30s  process_ended",
        "Output topic: \"coffee\"",
        "Cost: 0.1123",
        "Duration: 1h11m30s",
        "Status: completed",
    ] {
        assert!(output.stdout.lines().any(|shown| shown == line), "{line}: {}", output.stdout);
    }
    assert_eq!(project.tree().len(), 2, "nothing is written");
}

/// S.20.
#[test]
fn without_expectations_the_exit_code_tells_how_it_ended() {
    let cases = [
        (AGENT, "{output: 1}", 0, "completed"),
        (AGENT, "{error: boom}", 1, "failed"),
        (AGENT, "{hang: true}", 7, "in_progress"),
        ("type: human_approval, title: Good", "{decision: rejected}", 1, "failed"),
        ("type: human_approval, title: Good", "[]", 7, "waiting"),
    ];
    for (kind, outcome, code, status) in cases {
        let project = one(kind, outcome);
        let scenario = if outcome == "[]" { "steps: {}\n" } else { &project.read("s.yaml") };
        project.write("s.yaml", scenario);
        let args = ["simulate", "one.yaml", "--scenario", "s.yaml"];
        let data = project.data_with_exit(code, &args);
        assert_eq!(data["status"], status, "{kind} {outcome}");
        assert_eq!(project.run(&args).code, Some(code));
    }
    let cancelled = one(AGENT, "{takes: 1h}");
    cancelled.write("s.yaml", "steps: {a: {takes: 1h}}\ncancel_at: 5m\n");
    let data = cancelled.data_with_exit(1, &["simulate", "one.yaml", "--scenario", "s.yaml"]);
    assert_eq!((&data["status"], &data["duration"]), (&json!("cancelled"), &json!("5m")));
    let blocked = Project::with_files(&[(
        "one.yaml",
        "name: one\nsteps:\n  - {id: a}\n  - {id: b, type: wait_for, until: input.x is defined}\ninput: {x: {type: string}}\n",
    )]);
    let data = blocked.data_with_exit(7, &["simulate", "one.yaml"]);
    assert_eq!(data["status"], "blocked", "{data}");
}

#[test]
fn what_is_waited_for_is_told() {
    let project = project();
    let args = ["simulate", "report.yaml", "--input", "topic=tea"];
    let data = project.data_with_exit(7, &args);
    assert_eq!(data["waiting"], json!([{"step": "review", "for": "approval"}]));
    assert_eq!(data["steps"]["publish"]["status"], "pending");
    let output = project.run(&args);
    assert!(output.stdout.contains("\nWaiting: review for approval\n"), "{output:#?}");
}

/// S.19.
#[test]
fn with_expectations_the_exit_code_tells_whether_all_of_them_held() {
    let project = project();
    let args = ["simulate", "report.yaml", "--scenario", "s.yaml"];
    let rejected = APPROVED.replace("decision: approved", "decision: rejected");
    let held = "expect: {status: completed, steps: {publish: skipped}, skip_reasons: {publish: condition}, cost: 0.1}\n";
    project.write("s.yaml", format!("{rejected}{held}"));
    let data = project.data(&args);
    assert_eq!(data["unmet"], json!([]));
    assert!(project.ok(&args).stdout.ends_with("As expected.\n"));

    let failing = "steps: {write: {error: boom}}\ninput: {topic: tea}\nexpect: {status: failed}\n";
    project.write("s.yaml", failing);
    assert_eq!(project.data(&args)["status"], "failed", "a failure that was expected is none");

    let wrong = "expect:\n  status: failed\n  steps: {publish: skipped}\n  outputs: {topic: tea}\n  \
                 cost: \"5\"\n  duration: 1h\n  order: [[publish, before, write]]\n  attempts: {write: 2}\n";
    project.write("s.yaml", format!("{APPROVED}{wrong}"));
    let data = project.data_with_exit(1, &args);
    let unmet = texts(&data["unmet"]);
    assert_eq!(unmet.len(), 7, "{unmet:#?}");
    for start in [
        "status: ",
        "steps.publish: ",
        "outputs.topic: ",
        "cost: ",
        "duration: ",
        "order: ",
        "attempts.write: ",
    ] {
        assert!(unmet.iter().any(|line| line.starts_with(start)), "{start}: {unmet:#?}");
    }
    let output = project.run(&args);
    assert_eq!(output.code, Some(1));
    for line in unmet {
        assert!(output.stdout.contains(&format!("  {line}\n")), "{line}: {}", output.stdout);
    }
}

#[test]
fn input_of_the_command_line_counts_over_that_of_the_scenario() {
    let project = project();
    let given = |args: &[&str]| {
        let mut all = vec!["simulate", "report.yaml", "--scenario", "approved.yaml"];
        all.extend(args);
        project.data(&all)["outputs"].clone()
    };
    assert_eq!(given(&["--input", "topic=tea"]), json!({"topic": "tea", "pages": 3}));
    assert_eq!(given(&["--input", "topic=3"])["topic"], json!("3"), "text where text is wanted");
    assert_eq!(given(&["--input", "topic=a=b"])["topic"], json!("a=b"));
    let both = ["--input", "pages=12", "--input", "topic="];
    assert_eq!(given(&both), json!({"topic": "", "pages": 12}));
    let any = "name: any\ninput: {x: {}}\nsteps:\n  - {id: a}\noutputs: [{name: x, value: '{{ input.x }}'}]\n";
    project.write("any.yaml", any);
    for (text, value) in [
        ("x=3", json!(3)),
        ("x=[1, {\"a\": true}]", json!([1, {"a": true}])),
        ("x=hot coffee", json!("hot coffee")),
        ("x=\"3\"", json!("3")),
    ] {
        let data = project.data(&["simulate", "any.yaml", "--input", text]);
        assert_eq!(data["outputs"]["x"], value, "{text}");
    }
}

#[test]
fn input_that_the_definition_does_not_take_is_refused_with_every_problem() {
    let project = project();
    let args = ["simulate", "report.yaml", "--input", "pages=many", "--input", "colour=red"];
    let error = project.refused(6, "invalid", &args);
    let messages = column(&error["details"]["problems"], "message");
    assert_eq!(messages.len(), 3, "{error}");
    for name in ["topic", "pages", "colour"] {
        assert!(messages.iter().any(|message| message.contains(name)), "{name}: {messages:?}");
    }
    project.refused(6, "invalid", &["simulate", "report.yaml", "--input", "topic"]);
    project.refused(6, "invalid", &["simulate", "report.yaml", "--input", "=topic"]);
}

#[test]
fn a_definition_with_errors_is_not_tried() {
    let project = Project::with_files(&[(
        "wrong.yaml",
        "name: wrong\nsteps:\n  - {id: a, depends_on: [b]}\n  - {id: c, timeout: soon}\n",
    )]);
    let error = project.refused(6, "invalid", &["simulate", "wrong.yaml"]);
    assert_eq!(column(&error["details"]["problems"], "line"), ["3", "4"]);
    let output = project.run(&["simulate", "wrong.yaml"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(6), ""));
    assert!(output.stderr.contains("wrong.yaml:3:"), "the lines are shown: {output:#?}");
}

#[test]
fn a_scenario_with_mistakes_is_refused_with_every_line() {
    let project = project();
    project.write(
        "s.yaml",
        "input: {topic: tea}\nsteps:\n  nobody: {output: 1}\n  write: {takes: long}\n  review: {decision: maybe}\n\
         mesages: []\nexpect: {order: [[write, after, review]], steps: {ghost: completed}}\n",
    );
    let args = ["simulate", "report.yaml", "--scenario", "s.yaml"];
    let error = project.refused(6, "invalid", &args);
    let problems = &error["details"]["problems"];
    assert_eq!(column(problems, "line"), ["3", "4", "5", "6", "7", "7"], "{problems}");
    project.write("s.yaml", "steps: [\n");
    let error = project.refused(6, "invalid", &args);
    assert_eq!(column(&error["details"]["problems"], "code"), ["yaml"]);
}

#[test]
fn sub_processes_are_found_among_the_templates_and_then_beside_the_definition() {
    let parent = "name: parent\nsteps:\n  - {id: check, type: sub_process, process: fact-check}\n\
                  outputs: [{name: from, value: '{{ steps.check.output.from }}'}]\n";
    let child = |from: &str| {
        format!(
            "name: fact-check\nsteps:\n  - {{id: a}}\noutputs: [{{name: from, value: {from}}}]\n"
        )
    };
    let project = Project::new();
    project.write("flows/parent.yaml", parent);
    let from = || {
        let output = project.run(&["simulate", "flows/parent.yaml", "--json"]);
        (output.envelope()["data"]["outputs"]["from"].clone(), output)
    };
    let (_, output) = from();
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(output.stdout.contains("not_found"), "{output:#?}");

    project.write("flows/other.yaml", child("its name"));
    assert_eq!(from().0, "its name");
    project.write("flows/fact-check.yml", child("its file"));
    assert_eq!(from().0, "its file");
    project.write("flows/fact-check.yaml", child("its better file"));
    assert_eq!(from().0, "its better file");
    project.write(".ai/templates/whatever.yaml", format!("id: fact-check\n{}", child("its id")));
    assert_eq!(from().0, "its id");
    project.write(".ai/templates/fact-check.yaml", child("the template's file"));
    assert_eq!(from().0, "the template's file");

    project.write(".ai/templates/fact-check.yaml", "name: fact-check\nsteps: [\n");
    let (_, output) = from();
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(
        output.stderr.contains("fact-check.yaml"),
        "why it cannot be used is told: {output:#?}"
    );
}

#[test]
fn the_name_of_a_sub_process_is_never_a_path() {
    let project = Project::with_files(&[
        ("secret.yaml", "name: secret\nsteps:\n  - {id: a}\n"),
        (
            "flows/parent.yaml",
            "name: parent\nsteps:\n  - {id: check, type: sub_process, process: ../secret}\n",
        ),
    ]);
    let data = project.data_with_exit(1, &["simulate", "flows/parent.yaml"]);
    assert_eq!(data["steps"]["check"]["status"], "failed", "{data}");
}

#[test]
fn a_template_of_the_project_is_tried_by_its_id() {
    let project = Project::new();
    project.write(".ai/templates/report.yaml", REPORT);
    project.write("approved.yaml", APPROVED);
    let data = project.data(&["simulate", "report", "--scenario", "approved.yaml"]);
    assert_eq!(data["status"], "completed");
    let data = project.data(&["simulate", "bugfix"]);
    assert_eq!(data["status"], "completed", "steps of a checklist are done by hand: {data}");
    project.refused(3, "not_found", &["simulate", "no-such-template"]);
}

#[test]
fn years_pass_in_no_time() {
    let project = Project::with_files(&[(
        "long.yaml",
        "name: long\nsteps:\n  - {id: a, type: timer, delay: 1000d}\n  - {id: b, depends_on: [a]}\n",
    )]);
    let start = Instant::now();
    let data = project.data(&["simulate", "long.yaml"]);
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(data["duration"], "1000d");
}

#[test]
fn what_steps_give_is_harmless_on_a_terminal() {
    let project = one(AGENT, "{error: \"\\e[31mred\\a\"}");
    let output = project.run(&["simulate", "one.yaml", "--scenario", "s.yaml", "--color", "never"]);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(output.stdout.contains("red"), "{output:#?}");
    assert!(!output.stdout.contains(['\u{1b}', '\u{7}']), "{output:#?}");
}

/// A definition to which the example of the page about scenarios fits.
const OF_THE_PAGE: &str = "\
name: report
input:
  topic: {type: string, required: true}
steps:
  - {id: draft, type: agent_task, agent: writer, message: Write, retry: {max_attempts: 2, initial_delay: 1m}}
  - {id: review, type: human_approval, title: Good, depends_on: [draft]}
  - {id: paid, type: wait_for, message: paid}
  - {id: call, type: agent_task, agent: caller, message: Call, foreach: {in: \"{{ ['al'] }}\"}}
  - {id: print, type: agent_task, agent: printer, message: Print, depends_on: [review]}
";

#[test]
fn the_example_of_the_page_about_scenarios_is_one_and_holds() {
    let page = include_str!("../../../docs/formats/scenario.md");
    let block = page.split("```yaml\n").nth(1).expect("the page shows a scenario");
    let block = block.split("```").next().expect("it ends");
    let name = block.split_whitespace().nth(1).expect("it names its file").trim_end_matches(',');
    let project = Project::with_files(&[("report.yaml", OF_THE_PAGE), (name, block)]);
    let output = project.ok(&["test"]);
    assert_eq!(output.stdout.lines().last(), Some("1 passed, 0 failed"), "{output:#?}");
}
