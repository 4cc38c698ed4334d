//! Every other spelling, and what it is read as.

use super::{canonical, definition, placeless, read, told};
use crate::Severity;
use crate::definition::fix;

/// Checks that a spelling means the same as the canonical one, is remarked, and is rewritten.
fn check(what: &str, written: &str, canonical_text: &str) {
    let wanted = read(canonical_text);
    let is_spelling = |problem: &&crate::Diagnostic| problem.severity == Severity::Dialect;
    assert_eq!(wanted.problems.iter().find(is_spelling), None, "{what}\n{canonical_text}");
    assert!(!wanted.problems.iter().any(crate::Diagnostic::is_error), "{what}\n{}", told(&wanted));
    let found = read(written);
    let remarks: Vec<_> = found.problems.iter().filter(is_spelling).collect();
    assert!(!remarks.is_empty(), "{what} is not remarked");
    for remark in remarks {
        assert!(remark.place.is_known() && remark.hint.is_some(), "{what}: {remark:?}");
    }
    let found = placeless(definition(written));
    let wanted = placeless(definition(canonical_text));
    assert_eq!(canonical(&found), canonical(&wanted), "{what}");
    assert_eq!(found, wanted, "{what}");
    let fixed = fix(written).unwrap_or_else(|problem| panic!("{what}: {problem}"));
    assert!(!fixed.fixed.is_empty(), "{what}: {:?}\n{written}", fixed.left);
    let again = read(&fixed.text);
    assert_eq!(again.problems.iter().find(is_spelling), None, "{what}\n{}", fixed.text);
    assert_eq!(placeless(definition(&fixed.text)), wanted, "{what}\n{}", fixed.text);
}

fn roots(rows: &[(&str, &str)]) {
    for (written, canonical) in rows {
        let root = |row: &str| format!("name: n\nsteps:\n  - id: a\n{row}\n");
        check(written, &root(written), &root(canonical));
    }
}

fn steps(common: &str, rows: &[(&str, &str)]) {
    for (written, canonical) in rows {
        let step = |row: &str| {
            let rows: String =
                format!("{common}\n{row}").lines().map(|l| format!("    {l}\n")).collect();
            format!("name: n\nsteps:\n  - id: b\n  - id: c\n  - id: a\n{rows}")
        };
        check(written, &step(written), &step(canonical));
    }
}

#[test]
fn a_wrapper_around_the_root_is_read() {
    let canonical = "name: n\nsteps:\n  - id: a\n";
    for wrapper in ["process", "definition", "workflow"] {
        let written = format!("{wrapper}:\n  name: n\n  steps:\n    - id: a\n");
        check(wrapper, &written, canonical);
    }
}

#[test]
fn other_spellings_of_root_keys_are_read() {
    roots(&[
        ("version: '1.0'", "version: 1"),
        ("version: 2.0", "version: 2"),
        ("inputs: {x: {type: string}}", "input: {x: {type: string}}"),
        ("parameters: {x: {type: string}}", "input: {x: {type: string}}"),
        ("input: {x: string}", "input: {x: {type: string}}"),
        ("input: {x: int, y: bool}", "input: {x: {type: integer}, y: {type: boolean}}"),
        (
            "input: {x: {type: str}, y: {type: dict}}",
            "input: {x: {type: string}, y: {type: object}}",
        ),
        (
            "input: {x: {type: float}, y: {type: list}}",
            "input: {x: {type: number}, y: {type: array}}",
        ),
        (
            "input: {x: {type: text}, y: {type: map}}",
            "input: {x: {type: string}, y: {type: object}}",
        ),
        ("input: {x: 3}", "input: {x: {default: 3}}"),
        ("input: {x: null}", "input: {x: {}}"),
        ("input: [x, {name: y, type: int}]", "input: {x: {}, y: {type: integer}}"),
        ("input: {x: {optional: false}}", "input: {x: {required: true}}"),
        ("budget: 5", "budget: {cost: 5}"),
        ("budget: {max_cost: '5.00', on_exceed: stop}", "budget: {cost: '5.00', on_exceed: fail}"),
        ("max-visits: 3", "max_visits: 3"),
        ("maxVisits: 3", "max_visits: 3"),
        ("stop_grace_seconds: 90", "stop_grace: 1m30s"),
        ("outputs: {x: '{{ input.y }}'}", "outputs: [{name: x, value: '{{ input.y }}'}]"),
        ("outputs: [{name: x, source: input.y}]", "outputs: [{name: x, value: '{{ input.y }}'}]"),
        (
            "outputs: [{name: x, source: '{{ input.y }}'}]",
            "outputs: [{name: x, value: '{{ input.y }}'}]",
        ),
        ("output: [{name: x, value: y}]", "outputs: [{name: x, value: y}]"),
        (
            "output:\n  on_success:\n    - {type: log, message: m}",
            "on_success:\n  - {type: log, message: m}",
        ),
        ("on_failure: {type: log, message: m}", "on_failure: [{type: log, message: m}]"),
        ("on_failure: [m]", "on_failure: [{type: log, message: m}]"),
        (
            "on_failure: [{type: slack, message: m}]",
            "on_failure: [{type: notification, channel: slack, message: m}]",
        ),
    ]);
}

#[test]
fn other_spellings_of_triggers_are_read() {
    let schedule = "triggers: [{type: schedule, cron: 0 9 * * 1}]";
    roots(&[
        ("triggers: [{cron: 0 9 * * 1}]", schedule),
        ("triggers: [{schedule: 0 9 * * 1}]", schedule),
        ("triggers: [{schedule: {cron: 0 9 * * 1}}]", schedule),
        ("triggers: [{type: cron, schedule: 0 9 * * 1}]", schedule),
        ("triggers: {cron: 0 9 * * 1}", schedule),
        ("trigger: {cron: 0 9 * * 1}", schedule),
        ("schedule: 0 9 * * 1", schedule),
        ("schedule: {cron: 0 9 * * 1}", schedule),
        (
            "triggers: [{cron: 0 9 * * 1, tz: UTC}]",
            "triggers: [{type: schedule, cron: 0 9 * * 1, timezone: UTC}]",
        ),
        ("triggers: [{webhook: new}]", "triggers: [{type: webhook, id: new}]"),
        ("triggers: [{type: http, id: new}]", "triggers: [{type: webhook, id: new}]"),
        ("triggers: [manual]", "triggers: [{type: manual}]"),
        ("trigger: manual", "triggers: [{type: manual}]"),
    ]);
}

#[test]
fn other_spellings_of_what_every_step_has_are_read() {
    steps(
        "message: m",
        &[
            ("depends_on: b", "depends_on: [b]"),
            ("depends_on: b, c", "depends_on: [b, c]"),
            ("dependsOn: [b]", "depends_on: [b]"),
            ("depends-on: [b]", "depends_on: [b]"),
            ("needs: [b]", "depends_on: [b]"),
            ("after: b", "depends_on: [b]"),
            ("dependencies: [b, c]", "depends_on: [b, c]"),
            ("when: input.x == 1", "condition: input.x == 1"),
            ("if: input.x == 1", "condition: input.x == 1"),
            ("depends_on: [b, c]\njoin: '2'", "depends_on: [b, c]\njoin: 2"),
            ("depends_on: [b, c]\njoin: first", "depends_on: [b, c]\njoin: any"),
            ("depends_on: [b, c]\njoin: all-completed", "depends_on: [b, c]\njoin: all_completed"),
            ("timeout_seconds: 90", "timeout: 1m30s"),
            ("timeout_ms: 500", "timeout: 500ms"),
            ("on_error: skip", "on_error: skip_step"),
            ("on_error: continue", "on_error: skip_step"),
            ("on_error: fail", "on_error: fail_process"),
            ("on_error: compensate", "on_error: fail_process"),
            ("on_error: {action: skip_step}", "on_error: skip_step"),
            ("on_error: {action: fail_process}", "on_error: fail_process"),
            ("on_error: {action: compensate}", "on_error: fail_process"),
            ("on_error: {action: goto, target: b}", "on_error: {goto: b}"),
            ("on_error: {action: goto, goto: b}", "on_error: {goto: b}"),
            ("on_error: {target: b}", "on_error: {goto: b}"),
            ("on_error: 'goto: b'", "on_error: {goto: b}"),
            ("on_error: {action: retry, max_attempts: 2}", "retry: {max_attempts: 2}"),
            ("on_error: retry", "retry: {max_attempts: 3}"),
            ("on_failure: skip_step", "on_error: skip_step"),
            ("cancels: b", "cancels: [b]"),
            ("delivery: at-most-once", "delivery: at_most_once"),
            ("roles: {informed: ada}", "roles: {informed: [ada]}"),
            ("budget: {reserve: 1}", "budget: {cost: 1}"),
            ("compensate: {type: manual}", "compensation: {type: manual}"),
            (
                "compensation: {agent: w, message: m}",
                "compensation: {type: agent_task, agent: w, message: m}",
            ),
            (
                "condition: steps.b.decision == 'approve'",
                "condition: steps.b.decision == 'approved'",
            ),
            (
                "condition: '{{steps.b.decision}} != \"reject\"'",
                "condition: '{{steps.b.decision}} != \"rejected\"'",
            ),
        ],
    );
}

#[test]
fn other_spellings_of_retry_foreach_and_repeat_are_read() {
    steps(
        "message: m",
        &[
            ("retry: 3", "retry: {max_attempts: 3}"),
            ("retries: 2", "retry: {max_attempts: 3}"),
            ("retry: {max_retries: 2}", "retry: {max_attempts: 3}"),
            ("retry: {attempts: 3}", "retry: {max_attempts: 3}"),
            ("retry: {max_attempts: 3, delay: 5s}", "retry: {max_attempts: 3, initial_delay: 5s}"),
            (
                "retry: {max_attempts: 3, backoff_ms: 500}",
                "retry: {max_attempts: 3, initial_delay: 500ms}",
            ),
            (
                "retry: {max_attempts: 3, backoff: 5s}",
                "retry: {max_attempts: 3, initial_delay: 5s}",
            ),
            (
                "retry: {max_attempts: 3, backoff: constant}",
                "retry: {max_attempts: 3, backoff: fixed}",
            ),
            (
                "retry: {max_attempts: 3, backoff: Linear}",
                "retry: {max_attempts: 3, backoff: linear}",
            ),
            (
                "retry: {max_attempts: 3, backoff_rate: 3}",
                "retry: {max_attempts: 3, multiplier: 3}",
            ),
            (
                "retry: {max_attempts: 3, max_interval: 5m}",
                "retry: {max_attempts: 3, max_delay: 5m}",
            ),
            (
                "retry: {max_attempts: 3, max_delay_ms: 5000}",
                "retry: {max_attempts: 3, max_delay: 5s}",
            ),
            ("foreach: [1, 2]", "foreach: {in: [1, 2]}"),
            ("foreach: '{{ input.x }}'", "foreach: {in: '{{ input.x }}'}"),
            ("foreach: {in: input.x}", "foreach: {in: '{{ input.x }}'}"),
            (
                "for_each: {items: '{{ input.x }}', concurrency: 2}",
                "foreach: {in: '{{ input.x }}', max_parallel: 2}",
            ),
            (
                "repeat: {until: input.x == 1, max_iterations: 3}",
                "repeat: {until: input.x == 1, max: 3}",
            ),
            (
                "repeat: {until: input.x == 1, interval: 5s}",
                "repeat: {until: input.x == 1, delay: 5s}",
            ),
        ],
    );
}

#[test]
fn other_spellings_of_step_types_are_read() {
    let common = "name: x";
    for (written, canonical) in [
        ("approval", "human_approval"),
        ("human", "human_approval"),
        ("Human-Approval", "human_approval"),
        ("todo", "manual"),
    ] {
        steps(common, &[(&format!("type: {written}"), &format!("type: {canonical}"))]);
    }
    steps(
        common,
        &[
            ("type: agent\nagent: w\nmessage: m", "type: agent_task\nagent: w\nmessage: m"),
            ("type: agent-task\nagent: w\nprompt: m", "type: agent_task\nagent: w\nmessage: m"),
            (
                "type: agent_task\nroles: {executor: w}\nmessage: m",
                "type: agent_task\nagent: w\nmessage: m",
            ),
            ("type: wait\nduration: 5m", "type: timer\ndelay: 5m"),
            ("type: delay\nduration: 5m", "type: timer\ndelay: 5m"),
            ("type: wait\nmessage: m", "type: wait_for\nmessage: m"),
            ("type: notify\ntext: m", "type: notification\nmessage: m"),
            ("type: shell\nrun: echo hi", "type: command\nrun: echo hi\nshell: true"),
            ("type: script\nscript: echo hi", "type: command\nrun: echo hi\nshell: true"),
            ("type: command\nshell: echo hi", "type: command\nrun: echo hi\nshell: true"),
            ("type: command\ncommand: [echo, hi]", "type: command\nrun: [echo, hi]"),
            ("type: command\ncommand: echo\nargs: [hi]", "type: command\nrun: [echo, hi]"),
            ("kind: manual", "type: manual"),
        ],
    );
}

#[test]
fn other_spellings_of_approvals_and_timers_are_read() {
    steps(
        "type: human_approval",
        &[
            ("assignees: [ada]", "approvers: [ada]"),
            ("approvers: ada", "approvers: [ada]"),
            ("config: {approvers: [ada], timeout: 48h}", "approvers: [ada]\ntimeout: 48h"),
            ("config:\n  approvers: [ada]\n  timeout: 48h", "approvers: [ada]\ntimeout: 48h"),
            ("timeout_action: approve", "on_timeout: approve"),
            ("on_timeout: rejected", "on_timeout: reject"),
            ("on_timeout: skip_step", "on_timeout: skip"),
            ("required_approvals: 2", "min_approvals: 2"),
        ],
    );
    steps(
        "type: timer",
        &[
            ("duration: 5m", "delay: 5m"),
            ("config: {duration: 5m}", "delay: 5m"),
            ("config: {wait_until: '09:30', timezone: UTC}", "wait_until: '09:30'\ntimezone: UTC"),
            ("timer: {delay: 5m}", "delay: 5m"),
            ("delay_seconds: 90", "delay: 1m30s"),
            ("until: '09:30'", "wait_until: '09:30'"),
        ],
    );
}

#[test]
fn other_spellings_of_gateways_are_read() {
    let canonical = "routes: [{condition: input.x == 1, next: b}, {default: true, next: c}]";
    steps(
        "type: gateway",
        &[
            (
                "routes: [{condition: input.x == 1, target: b}, {default: true, target: c}]",
                canonical,
            ),
            ("routes: [{condition: input.x == 1, next: b}]\ndefault_route: c", canonical),
            ("conditions: [{expression: input.x == 1, next: b}]\ndefault_route: c", canonical),
            ("routes: [{when: input.x == 1, goto: b}, {default: c}]", canonical),
            ("routes: [{condition: input.x == 1, next: b}, {condition: else, next: c}]", canonical),
            (
                "gateway_type: XOR\nroutes: [{default: true, next: c}]",
                "gateway_type: exclusive\nroutes: [{default: true, next: c}]",
            ),
        ],
    );
    steps(
        "name: x",
        &[
            (
                "type: parallel_gateway\nroutes: [{next: b}]",
                "type: gateway\ngateway_type: parallel\nroutes: [{next: b}]",
            ),
            (
                "type: exclusive_gateway\nroutes: [{default: true, next: b}]",
                "type: gateway\nroutes: [{default: true, next: b}]",
            ),
        ],
    );
}

#[test]
fn other_spellings_of_the_rest_are_read() {
    let process = "process: p\ninput: {x: 1}";
    steps(
        "type: sub_process",
        &[
            ("process_name: p\ninput_mapping: {x: 1}", process),
            ("sub_process: {process_name: p, input: {x: 1}}", process),
            ("sub_process: p\ninputs: {x: 1}", process),
            ("config: {process_name: p, input_mapping: {x: 1}}", process),
            ("template: p\ninput: {x: 1}", process),
        ],
    );
    steps(
        "type: wait_for",
        &[
            ("event: m", "message: m"),
            ("message: m\ncorrelation_key: k", "message: m\ncorrelation: k"),
        ],
    );
    steps(
        "type: notification\nmessage: m",
        &[
            ("channels: [slack]", "channel: slack"),
            ("channel: mail\nto: ada", "channel: email\nrecipients: [ada]"),
            ("channel: Slack\nwebhook_url: u", "channel: slack\nurl: u"),
        ],
    );
}

#[test]
fn a_spelling_beside_the_canonical_key_is_an_error() {
    let text = "name: n\nsteps:\n  - {id: a, condition: input.x == 1, when: input.y == 1}\n";
    let told = told(&read(text));
    assert!(
        told.contains("3:38 error two_spellings: `when` says the same as `condition`"),
        "{told}"
    );
}
