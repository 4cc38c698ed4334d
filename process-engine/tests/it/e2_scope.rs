//! What expressions of a running process see, and what is undefined.

use crate::check::{check, result};

#[test]
fn e2_12_outside_conditions_and_or_and_not_give_values() {
    check(
        "
steps:
  - {id: t, type: agent_task, agent: w, message: \"{{ input.empty or 'x' }} {{ input.n and 'y' }} {{ not input.empty }}\"}
",
        "
input: {empty: '', n: 3}
expect: {status: completed, message: {t: x y true}}
",
    );
}

#[test]
fn e2_15_an_expression_alone_is_the_native_value() {
    check(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], foreach: {in: '{{ steps.a.list }}'}}
outputs:
  - {name: list, value: '{{ steps.a.list }}'}
  - {name: n, value: '{{ steps.a.n + 1 }}'}
  - {name: text, value: 'n={{ steps.a.n }}'}
",
        "
steps: {a: {output: {list: [1, {k: v}], n: 3}}}
expect:
  status: completed
  visits: {t: 2}
  outputs: {list: [1, {k: v}], n: 4, text: 'n=3'}
",
    );
}

#[test]
fn e2_16_inside_text_maps_lists_and_null_are_json_and_numbers_as_given() {
    check(
        "
steps:
  - {id: a}
  - id: t
    type: agent_task
    agent: w
    depends_on: [a]
    message: 'l={{ steps.a.list }} m={{ steps.a.map }} z={{ steps.a.nil }} f={{ steps.a.f }} b={{ steps.a.b }} big={{ steps.a.big }}'
",
        "
steps: {a: {output: {list: [1, x], map: {k: [true]}, nil: null, f: 2.0, b: true, big: 12345678901234567}}}
expect:
  status: completed
  message: {t: 'l=[1,\"x\"] m={\"k\":[true]} z=null f=2.0 b=true big=12345678901234567'}
",
    );
}

#[test]
fn e2_22_in_scope_are_the_fields_of_steps_the_input_the_process_and_now() {
    check(
        "
steps:
  - {id: a, retry: {max_attempts: 2, initial_delay: 1m}}
  - {id: r, type: human_approval, depends_on: [a]}
  - {id: s, condition: 'false'}
outputs:
  - {name: attempts, value: '{{ steps.a.attempts }}'}
  - {name: status, value: '{{ steps.a.status }} {{ steps.s.status }} {{ steps.s.skip_reason }}'}
  - {name: times, value: '{{ steps.a.started_at }} {{ steps.a.completed_at }}'}
  - {name: duration, value: '{{ steps.a.duration }}'}
  - {name: cost, value: '{{ steps.a.cost }}'}
  - {name: decision, value: '{{ steps.r.decision }} {{ steps.r.decided_by }} {{ steps.r.comment }}'}
  - {name: now, value: '{{ now }}'}
  - {name: input, value: '{{ input.topic }}'}
  - {name: name, value: '{{ process.name }}'}
",
        "
input: {topic: tea}
steps:
  a: [{error: broken}, {output: {n: 1}, takes: 2m, cost: '0.10'}]
  r: {decision: approved, by: ana, comment: good, after: 1m}
expect:
  status: completed
  outputs:
    attempts: 2
    status: completed skipped condition
    times: '2026-01-01T00:00:00.000Z 2026-01-01T00:03:00.000Z'
    duration: 180
    cost: '0.10'
    decision: approved ana good
    now: '2026-01-01T00:04:00.000Z'
    input: tea
    name: test
",
    );
}

#[test]
fn e2_23_a_field_is_short_for_one_of_the_output_and_the_fields_of_a_step_win() {
    check(
        "
steps:
  - {id: a}
outputs:
  - {name: short, value: '{{ steps.a.score }}'}
  - {name: long, value: '{{ steps.a.output.score }}'}
  - {name: own, value: '{{ steps.a.status }}'}
  - {name: given, value: '{{ steps.a.output.status }}'}
",
        "
steps: {a: {output: {score: 7, status: odd}}}
expect: {status: completed, outputs: {short: 7, long: 7, own: completed, given: odd}}
",
    );
}

#[test]
fn e2_24_execution_is_read_as_process_and_comments_and_feedback_as_comment() {
    check(
        "
steps:
  - {id: r, type: human_approval}
outputs:
  - {name: same, value: '{{ execution.id == process.id }}'}
  - {name: comments, value: '{{ steps.r.comments }} {{ steps.r.feedback }}'}
",
        "
steps: {r: {decision: approved, comment: good}}
expect: {status: completed, outputs: {same: true, comments: good good}}
",
    );
}

#[test]
fn e2_25_cost_compares_as_a_decimal_duration_as_seconds_and_instants_as_instants() {
    let conditions = [
        "steps.a.cost == 0.3",
        "steps.a.cost > 0.29",
        "steps.a.duration == 90",
        "steps.a.duration > 1.5",
        "steps.a.started_at < steps.a.completed_at",
        "steps.a.completed_at == '2026-01-01T01:01:30+01:00'",
        "steps.a.completed_at <= now",
        "steps.a.started_at == '2026-01-01T00:00:00Z'",
    ];
    for condition in conditions {
        check(
            &format!(
                "steps: [{{id: a}}, {{id: t, depends_on: [a], condition: {}}}]",
                serde_json::json!(condition)
            ),
            "
steps: {a: {takes: 90s, cost: '0.30'}}
expect: {status: completed, steps: {t: completed}}
",
        );
    }
}

#[test]
fn e2_26_out_of_fuel_or_output_over_the_limit_fails_the_step() {
    let data = result(
        "
steps:
  - {id: a}
  - id: t
    type: agent_task
    agent: w
    depends_on: [a]
    on_error: skip_step
    message: '{% for a in steps.a.l %}{% for b in steps.a.l %}{% for c in steps.a.l %}{% for d in steps.a.l %}{% for e in steps.a.l %}{% for f in steps.a.l %}{% for g in steps.a.l %}xxxxxxxxxx{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}'
",
        "
steps: {a: {output: {l: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}}}
expect: {status: completed, skip_reasons: {t: error}, attempts: {t: 0}}
",
    );
    assert!(data["steps"]["t"]["error"].is_string());
}

#[test]
fn e2_27_undefined_is_allowed_under_default_and_is_defined_and_nowhere_else() {
    check(
        "
steps:
  - {id: a}
  - {id: t, type: agent_task, agent: w, depends_on: [a], message: \"{{ steps.a.x | default('no x') }} {{ steps.a.x is defined }} {{ steps.a.x.y is undefined }}\"}
  - {id: u, type: agent_task, agent: w, depends_on: [a], message: '{{ steps.a.x }}', on_error: skip_step}
  - {id: v, type: agent_task, agent: w, depends_on: [a], message: '{{ steps.a.x + 1 }}', on_error: skip_step}
  - {id: y, type: agent_task, agent: w, depends_on: [a], message: \"{{ steps.a.x.y.z | default('deep') }}\"}
",
        "
expect:
  status: completed
  message: {t: no x false true, y: deep}
  skip_reasons: {u: error, v: error}
",
    );
}

#[test]
fn e2_29_a_step_that_has_not_completed_has_the_output_none() {
    check(
        "
steps:
  - {id: a}
  - {id: slow}
  - {id: bad, on_error: {goto: t}}
  - {id: t, type: agent_task, agent: w, depends_on: [a], message: \"{{ steps.slow.output }} {{ steps.slow.output.x | default('none') }} {{ steps.bad.output }} {{ steps.bad.status }} {{ steps.bad.error }}\"}
",
        "
steps: {slow: {takes: 1h}, bad: {error: broken}}
expect: {status: completed, message: {t: 'null none null failed broken'}}
",
    );
}

#[test]
fn e2_30_a_field_of_the_output_of_a_skipped_step_is_undefined() {
    check(
        "
steps:
  - {id: s, condition: 'false'}
  - {id: a}
  - {id: t, type: agent_task, agent: w, depends_on: [s, a], message: \"{{ steps.s.x | default('nothing') }} {{ steps.s.output.x | default('nothing') }}\"}
  - {id: u, type: agent_task, agent: w, depends_on: [s, a], message: '{{ steps.s.x }}', on_error: skip_step}
",
        "
expect: {status: completed, message: {t: nothing nothing}, skip_reasons: {u: error}}
",
    );
}

#[test]
fn e2_31_status_and_skip_reason_are_always_there() {
    check(
        "
steps:
  - {id: a}
  - {id: later, depends_on: [b]}
  - {id: s, condition: 'false'}
  - {id: b, type: agent_task, agent: w, depends_on: [a], message: '{{ steps.later.status }} {{ steps.later.skip_reason }} {{ steps.s.status }} {{ steps.s.skip_reason }} {{ steps.a.skip_reason }}'}
",
        "
expect: {status: completed, message: {b: pending null skipped condition null}}
",
    );
}

#[test]
fn e2_32_an_undefined_name_in_a_message_fails_the_step_without_an_attempt() {
    check(
        "
steps:
  - {id: a}
  - {id: t, type: agent_task, agent: w, depends_on: [a], message: 'x {{ steps.a.missing }}', retry: {max_attempts: 3, initial_delay: 1h}}
",
        "
expect: {status: failed, steps: {t: failed}, attempts: {t: 0}, duration: 0s}
",
    );
}

#[test]
fn e2_33_an_output_that_has_no_value_is_null_and_told() {
    let data = result(
        "
steps:
  - {id: s, condition: 'false'}
  - {id: a}
outputs:
  - {name: skipped, value: '{{ steps.s.output }}'}
  - {name: field, value: '{{ steps.s.output.x }}'}
  - {name: missing, value: 'x{{ steps.a.missing }}'}
  - {name: wrong, value: \"{{ steps.a.n + 'x' }}\"}
  - {name: fine, value: '{{ steps.a.n }}'}
",
        "
steps: {a: {output: {n: 1}}}
expect:
  status: completed
  outputs: {skipped: null, field: null, missing: null, wrong: null, fine: 1}
",
    );
    let warnings = data["warnings"].to_string();
    for name in ["skipped", "field", "missing", "wrong"] {
        assert!(warnings.contains(&format!("`{name}`")), "{name}: {warnings}");
    }
    assert!(!warnings.contains("`fine`"), "{warnings}");
}

#[test]
fn e2_34_artifacts_that_cannot_be_read_are_left_out_with_a_warning() {
    let data = result(
        "
steps:
  - {id: s, condition: 'false'}
  - {id: a}
  - {id: r, type: human_approval, depends_on: [s, a], artifacts: ['{{ steps.a.path }}', '{{ steps.s.path }}']}
",
        "
steps: {a: {output: {path: draft.md}}, r: {decision: approved}}
expect: {status: completed, steps: {r: completed}}
",
    );
    let warnings = data["warnings"].to_string();
    assert!(warnings.contains("artifact"), "{warnings}");
}
