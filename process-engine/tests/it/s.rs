//! Scenarios: what they say, what comes of it, and what they expect.

use process_core::yaml;
use process_engine::simulate::{Scenario, Simulation, simulate};
use serde_json::{Value, json};

use crate::check::{check, check_with, definition, result};

/// Simulates once; what is expected need not be met.
fn simulated(text: &str, scenario: &str) -> Simulation {
    let definition = definition(text);
    let node = yaml::read(scenario).unwrap_or_else(|problem| panic!("{problem}\n{scenario}"));
    let scenario = Scenario::read(&node, &definition).expect("a scenario of the definition");
    simulate(&definition, &scenario, &|_| None).expect("the process can be started")
}

/// Returns what is not met of an expectation.
fn unmet(text: &str, scenario: &str) -> Vec<String> {
    simulated(text, scenario).unmet
}

/// Returns what is wrong with a scenario: code and line of each problem.
fn wrong(text: &str, scenario: &str) -> String {
    let node = yaml::read(scenario).unwrap_or_else(|problem| panic!("{problem}\n{scenario}"));
    let problems = Scenario::read(&node, &definition(text)).expect_err("the scenario is wrong");
    let lines = problems.iter().map(|problem| format!("{} {}", problem.code, problem.place.line));
    lines.collect::<Vec<_>>().join(", ")
}

/// Returns a result without its trace.
fn untraced(simulation: &Simulation) -> Value {
    let mut data = simulation.data.clone();
    data.as_object_mut().expect("a result is a map").shift_remove("trace");
    data
}

/// Returns how a trace goes on without the events of dispatches.
fn undispatched(simulation: &Simulation) -> Vec<String> {
    let trace = simulation.data["trace"].as_array().expect("a trace is a list");
    let others = trace.iter().filter(|event| event["type"] != "step_started");
    others.map(|event| format!("{} {} {}", event["at"], event["type"], event["step"])).collect()
}

#[test]
fn s_1_now_is_the_start_and_else_the_first_second_of_2026() {
    let text = "steps: [{id: a}]\noutputs: [{name: at, value: '{{ now }}'}]";
    check(text, "expect: {outputs: {at: '2026-01-01T00:00:00.000Z'}}");
    check(text, "now: 2026-03-02T09:00:00Z\nexpect: {outputs: {at: '2026-03-02T09:00:00.000Z'}}");
}

#[test]
fn s_2_steps_that_are_performed_complete_with_an_empty_map_without_an_entry() {
    let data = result(
        "
steps:
  - {id: m}
  - {id: g, type: agent_task, agent: w, message: Go}
  - {id: c, type: command, command: [make]}
  - {id: n, type: notification, message: Done}
",
        "expect: {status: completed, duration: 0s, cost: '0'}",
    );
    for id in ["m", "g", "c", "n"] {
        assert_eq!(data["steps"][id]["output"], json!({}), "{id}");
    }
}

#[test]
fn s_2_timers_gateways_waits_and_sub_processes_run_for_real_and_nobody_decides_an_approval() {
    check_with(
        &[("child", "steps: [{id: t, type: timer, delay: 3m}]")],
        "
steps:
  - {id: t, type: timer, delay: 10m}
  - {id: w, type: wait_for, message: paid}
  - {id: sub, type: sub_process, process: child}
  - {id: after, depends_on: [sub]}
  - {id: ok, type: human_approval}
  - id: g
    type: gateway
    routes: [{to: x, condition: 'false'}, {to: y, default: true}]
  - {id: x, depends_on: [g]}
  - {id: y, depends_on: [g]}
",
        "
expect:
  status: waiting
  duration: 10m
  waiting: [{step: w, for: message}, {step: ok, for: approval}]
  steps: {t: completed, sub: completed, after: completed, x: skipped, y: completed}
",
    );
    for id in ["t", "w"] {
        let text = "steps: [{id: t, type: timer, delay: 1m}, {id: w, type: wait_for, message: m}]";
        assert_eq!(wrong(text, &format!("steps: {{{id}: {{takes: 1m}}}}")), "no_script 1");
    }
}

#[test]
fn s_3_a_list_holds_one_entry_per_attempt_and_the_last_one_repeats() {
    check(
        "steps: [{id: a, retry: {max_attempts: 4, initial_delay: 1s}}]",
        "
steps: {a: [{error: one, cost: '1'}, {error: two, cost: '10'}]}
expect: {status: failed, attempts: {a: 4}, cost: '31'}
",
    );
}

#[test]
fn s_3_a_list_runs_on_through_visits() {
    check(
        "
steps:
  - {id: a, retry: {max_attempts: 2, initial_delay: 1s}}
  - id: g
    type: gateway
    depends_on: [a]
    routes: [{to: a, condition: 'steps.a.output.n < 3'}, {to: z, default: true}]
  - {id: z, depends_on: [g]}
",
        "
steps: {a: [{error: no}, {output: {n: 1}}, {output: {n: 2}}, {output: {n: 3}}]}
expect: {status: completed, visits: {a: 3}, attempts: {a: 4}}
",
    );
}

#[test]
fn s_3_for_foreach_a_list_is_in_the_order_of_the_items() {
    check(
        "
steps: [{id: a, foreach: {in: [x, y, z]}, retry: {max_attempts: 2, initial_delay: 1s}}]
outputs: [{name: all, value: '{{ steps.a.output }}'}]
",
        "
steps: {a: [{output: 1, takes: 9m}, [{error: no}, {output: 2}], {output: 3}]}
expect: {status: completed, outputs: {all: [1, 2, 3]}}
",
    );
}

#[test]
fn s_4_a_key_names_a_compensator_or_a_step_of_a_child() {
    let child = "steps: [{id: c, compensation: {type: manual}}]\noutputs: [{name: n, value: '{{ steps.c.output.n }}'}]";
    check_with(
        &[("child", child), ("middle", "steps: [{id: inner, type: sub_process, process: child}]")],
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: sub, type: sub_process, process: child, depends_on: [a]}
  - {id: deep, type: sub_process, process: middle, depends_on: [sub]}
  - {id: bad, depends_on: [deep], message: '{{ steps.sub.output.n }}'}
",
        "
steps:
  a/compensation: {cost: '1', takes: 1m}
  sub/c: {output: {n: 7}, takes: 1h}
  sub/c/compensation: {cost: '10'}
  deep/inner/c: {cost: '100'}
  bad: {error: no}
expect:
  status: failed
  message: {bad: '7'}
  compensated: [deep, sub, a]
  cost: '111'
  duration: 1h1m
",
    );
}

#[test]
fn s_5_an_entry_for_a_sub_process_replaces_the_child() {
    let text = "steps: [{id: sub, type: sub_process, process: nowhere}]\noutputs: [{name: n, value: '{{ steps.sub.output.n }}'}]";
    check(
        text,
        "
steps: {sub: {output: {n: 7}, cost: '0.10', takes: 5m}}
expect: {status: completed, outputs: {n: 7}, cost: '0.10', duration: 5m}
",
    );
    check(text, "steps: {sub: {error: broken}}\nexpect: {status: failed, steps: {sub: failed}}");
}

#[test]
fn s_6_several_decisions_are_a_list_each_after_the_opening() {
    check(
        "
steps:
  - {id: a}
  - {id: ok, type: human_approval, approvers: [ana, bob], min_approvals: 2, depends_on: [a]}
",
        "
steps:
  a: {takes: 1h}
  ok: [{decision: approved, by: bob, after: 20m}, {decision: approved, by: ana, after: 5m}]
expect: {status: completed, duration: 1h20m}
",
    );
}

#[test]
fn s_7_an_attempt_takes_no_time_when_nothing_is_said() {
    check(
        "steps: [{id: a}, {id: b, depends_on: [a]}]",
        "steps: {a: {output: {n: 1}}, b: {takes: 0}}\nexpect: {status: completed, duration: 0s}",
    );
}

#[test]
fn s_8_what_hangs_without_a_timeout_ends_the_simulation_in_progress() {
    check(
        "steps: [{id: a}, {id: b, depends_on: [a]}]",
        "steps: {a: {hang: true}}\nexpect: {status: in_progress, steps: {a: in_progress, b: pending}}",
    );
    check(
        "steps: [{id: a, timeout: 5m}]",
        "steps: {a: {hang: true}}\nexpect: {status: failed, steps: {a: failed}, duration: 5m}",
    );
}

#[test]
fn s_9_messages_items_and_the_cancel_come_counted_from_the_start() {
    let text = "
steps:
  - {id: w, type: wait_for, message: paid, correlation: A-1}
  - {id: call, foreach: {in: [ann]}}
  - {id: z, depends_on: [w, call]}
";
    let happens = "
now: 2026-03-02T09:00:00Z
steps: {call: {takes: 10m}, z: {hang: true}}
messages: [{name: paid, key: A-1, data: {amount: 12}, at: 7m}, {name: paid, key: A-2}]
add_items: [{step: call, item: bob, at: 4m}]
";
    let data = result(
        text,
        &format!(
            "{happens}cancel_at: 3h\nexpect: {{status: cancelled, duration: 3h, visits: {{call: 2}}, steps: {{z: cancelled}}}}"
        ),
    );
    assert_eq!(data["steps"]["w"]["completed_at"], "2026-03-02T09:07:00.000Z");
    assert_eq!(data["steps"]["w"]["output"], json!({"amount": 12}));
    assert_eq!(data["steps"]["call"]["completed_at"], "2026-03-02T09:14:00.000Z");
}

#[test]
fn s_10_crash_at_counts_events_from_1_and_a_number_beyond_the_end_is_ignored() {
    let text = "steps: [{id: a}, {id: b, depends_on: [a]}]";
    let whole = simulated(text, "steps: {a: {takes: 1m}}");
    assert_eq!(whole.data["trace"][0]["seq"], 1);
    assert_eq!(whole.data["trace"][0]["at"], "2026-01-01T00:00:00.000Z");
    let first = simulated(text, "steps: {a: {takes: 1m}}\ncrash_at: [1]");
    assert_eq!(untraced(&first), untraced(&whole));
    let beyond = simulated(text, "steps: {a: {takes: 1m}}\ncrash_at: [1000]");
    assert_eq!(beyond.data, whole.data);
}

#[test]
fn s_11_an_attempt_ends_when_it_would_have_ended_and_its_timeout_stays() {
    let text = "steps: [{id: a, timeout: 15m, on_error: skip_step}, {id: b, retry: {max_attempts: 2, initial_delay: 1s}}, {id: t, type: timer, delay: 5m}]";
    for (takes, status, duration) in [("10m", "completed", "10m"), ("20m", "skipped", "15m")] {
        // Each of these numbers stands before the end of the attempt.
        for crash in ["", "crash_at: [2, 3, 4, 5, 6, 7, 8]"] {
            let scenario = format!(
                "{crash}\nsteps: {{a: {{takes: {takes}}}, b: [{{error: no, takes: 1m}}, {{takes: 2m}}]}}\nexpect: {{status: completed, steps: {{a: {status}}}, duration: {duration}, attempts: {{a: 1, b: 2}}}}"
            );
            let simulation = simulated(text, &scenario);
            assert!(simulation.unmet.is_empty(), "{:?}\n{scenario}", simulation.unmet);
            let ended = &simulation.data["steps"]["b"]["completed_at"];
            assert_eq!(ended, "2026-01-01T00:03:01.000Z", "{scenario}");
        }
    }
}

#[test]
fn s_12_a_crash_changes_nothing_but_events_of_dispatches() {
    let text = "steps: [{id: a, retry: {max_attempts: 2, delay: 1m}}, {id: ok, type: human_approval, depends_on: [a]}, {id: t, type: timer, delay: 5m}]";
    let steps = "steps: {a: [{error: no, takes: 1m}, {takes: 1m}], ok: {decision: approved}}";
    let whole = simulated(text, steps);
    let events = whole.data["trace"].as_array().expect("a trace is a list").len();
    for seq in 1..=events {
        let crashed = simulated(text, &format!("{steps}\ncrash_at: [{seq}]"));
        assert_eq!(untraced(&crashed), untraced(&whole), "{seq}");
        assert_eq!(undispatched(&crashed), undispatched(&whole), "{seq}");
    }
}

#[test]
fn s_13_each_key_of_expect_is_held_against_the_result() {
    let text = "
steps:
  - {id: a, message: Hello}
  - {id: b, condition: 'false'}
  - {id: w, type: wait_for, message: paid, depends_on: [a]}
";
    let met = "{status: waiting, waiting: [w], steps: {a: completed}, skip_reasons: {b: condition}, order: [[a, before, w]], outputs: {}, cost: 0, duration: 0s, compensated: [], visits: {a: 1}, attempts: {a: 1}, message: {a: Hello}}";
    check(text, &format!("expect: {met}"));
    for (key, value) in [
        ("status", "completed"),
        ("waiting", "[]"),
        ("waiting", "[a, w]"),
        ("waiting", "[{step: w, for: approval}]"),
        ("steps", "{a: failed}"),
        ("skip_reasons", "{b: manual}"),
        ("order", "[[w, before, a]]"),
        ("outputs", "{n: 1}"),
        ("cost", "1"),
        ("duration", "1s"),
        ("compensated", "[a]"),
        ("visits", "{a: 2}"),
        ("attempts", "{a: 2}"),
        ("message", "{a: Hi}"),
    ] {
        let lines = unmet(text, &format!("expect: {{{key}: {value}}}"));
        assert_eq!(lines.len(), 1, "{key}: {value}: {lines:?}");
        assert!(lines[0].starts_with(key), "{lines:?}");
    }
}

#[test]
fn s_14_an_order_holds_when_the_first_ends_before_the_second_starts() {
    let text = "steps: [{id: a}, {id: b, depends_on: [a]}, {id: c}, {id: n, condition: 'false'}]";
    let steps = "steps: {a: {takes: 5m}, b: {takes: 5m}, c: {takes: 7m}}";
    let order = |pair: &str| unmet(text, &format!("{steps}\nexpect: {{order: [[{pair}]]}}")).len();
    // b starts at the instant at which a ends.
    assert_eq!(order("a, before, b"), 0);
    assert_eq!(order("b, before, a"), 1);
    assert_eq!(order("c, before, b"), 1);
    assert_eq!(order("a, before, c"), 1);
    assert_eq!(order("a, before, n"), 1);
}

#[test]
fn s_15_a_cost_is_compared_as_a_decimal() {
    let text = "steps: [{id: a}, {id: b}]";
    for cost in ["0.3", "'0.3'", "'0.30'", "'0.3000'"] {
        check(
            text,
            &format!("steps: {{a: {{cost: '0.1'}}, b: {{cost: 0.2}}}}\nexpect: {{cost: {cost}}}"),
        );
    }
    let steps = "steps: {a: {cost: '0.1'}, b: {cost: '0.2'}}";
    assert_eq!(unmet(text, &format!("{steps}\nexpect: {{cost: '0.3001'}}")).len(), 1);
}

#[test]
fn s_16_unknown_keys_and_unknown_steps_are_errors() {
    let text = "steps: [{id: a}, {id: ok, type: human_approval}, {id: e, foreach: {in: [1]}}]";
    for scenario in [
        "\nspeed: 3",
        "\nsteps: {a: {result: {}}}",
        "\nsteps: {a: {decision: approved}}",
        "\nsteps: {ok: {takes: 1m}}",
        "\nmessages: [{name: m, to: a}]",
        "\nadd_items: [{step: e, item: 1, when: 1m}]",
        "\nexpect: {state: completed}",
        "\nexpect: {waiting: [{step: a, until: x}]}",
    ] {
        assert_eq!(wrong(text, scenario), "unknown_key 2", "{scenario}");
    }
    for scenario in [
        "\nsteps: {b: {}}",
        "\nsteps: {a/compensation: {}}",
        "\nsteps: {a/b: {}}",
        "\nadd_items: [{step: b, item: 1}]",
        "\nexpect: {steps: {b: completed}}",
        "\nexpect: {skip_reasons: {b: manual}}",
        "\nexpect: {order: [[a, before, b]]}",
        "\nexpect: {waiting: [b]}",
        "\nexpect: {compensated: [b]}",
        "\nexpect: {visits: {b: 1}}",
        "\nexpect: {attempts: {b: 1}}",
        "\nexpect: {message: {b: Hi}}",
    ] {
        assert_eq!(wrong(text, scenario), "unknown_step 2", "{scenario}");
    }
    assert_eq!(wrong(text, "speed: 3\nsteps: {b: {}}"), "unknown_key 1, unknown_step 2");
}

#[test]
fn s_17_the_result_has_duration_instants_trace_and_what_waits() {
    let text = "steps: [{id: a}, {id: ok, type: human_approval, depends_on: [a]}]";
    let data = result(
        text,
        "now: '2026-03-02T10:00:00+01:00'\nsteps: {a: {takes: 90s}}\nexpect: {status: waiting}",
    );
    assert_eq!(data["duration"], "1m30s");
    assert_eq!(data["waiting"], json!([{"step": "ok", "for": "approval"}]));
    assert_eq!(data["steps"]["a"]["started_at"], "2026-03-02T09:00:00.000Z");
    assert_eq!(data["steps"]["a"]["completed_at"], "2026-03-02T09:01:30.000Z");
    let trace = data["trace"].as_array().expect("a trace is a list");
    for (index, event) in trace.iter().enumerate() {
        let keys: Vec<&String> = event.as_object().expect("an event is a map").keys().collect();
        assert_eq!(keys, ["at", "seq", "type", "step"]);
        assert_eq!(event["seq"], index as u64 + 1);
    }
    let completed = trace.iter().find(|event| event["type"] == "step_completed");
    let completed = completed.expect("a completed");
    assert_eq!(completed["step"], "a");
    assert_eq!(completed["at"], "2026-03-02T09:01:30.000Z");
}

#[test]
fn s_18_attempts_and_cost_are_summed_and_message_and_times_are_those_of_the_last_visit() {
    let text = "
steps:
  - {id: a, message: 'Visit {{ steps.a.output.n | default(0) }}'}
  - id: g
    type: gateway
    depends_on: [a]
    routes: [{to: a, condition: 'steps.a.output.n < 2'}, {to: z, default: true}]
  - {id: z, depends_on: [g]}
";
    let data = result(
        text,
        "
steps: {a: [{output: {n: 1}, cost: '0.1', takes: 5m}, {output: {n: 2}, cost: '0.2', takes: 3m}]}
expect: {status: completed, visits: {a: 2}, attempts: {a: 2}}
",
    );
    let a = &data["steps"]["a"];
    assert_eq!(a["cost"], "0.3");
    assert_eq!(a["message"], "Visit 1");
    assert_eq!(a["started_at"], "2026-01-01T00:05:00.000Z");
    assert_eq!(a["completed_at"], "2026-01-01T00:08:00.000Z");
}

#[test]
fn s_18_for_foreach_and_repeat_the_times_are_from_the_first_start_to_the_last_end() {
    for more in [
        "foreach: {in: [1, 2], max_parallel: 1}",
        "repeat: {until: 'steps.a.output.n == 2', max: 3}",
    ] {
        let data = result(
            &format!(
                "steps: [{{id: t, type: timer, delay: 1m}}, {{id: a, {more}, depends_on: [t]}}]"
            ),
            "
steps: {a: [{output: {n: 1}, cost: '0.1', takes: 5m}, {output: {n: 2}, cost: '0.2', takes: 3m}]}
expect: {status: completed, visits: {a: 2}, attempts: {a: 2}}
",
        );
        let a = &data["steps"]["a"];
        assert_eq!(a["started_at"], "2026-01-01T00:01:00.000Z", "{more}");
        assert_eq!(a["completed_at"], "2026-01-01T00:09:00.000Z", "{more}");
        assert_eq!(Some("0.3"), a["cost"].as_str(), "{more}");
    }
}

/// S.19: the exit codes come of this.
#[test]
fn s_19_what_is_unmet_stands_in_the_data_whatever_the_status() {
    let text = "steps: [{id: a}]";
    let failed = simulated(text, "steps: {a: {error: no}}\nexpect: {status: failed}");
    assert_eq!((failed.status.as_str(), &failed.data["unmet"]), ("failed", &json!([])));
    let completed = simulated(text, "expect: {status: failed}");
    assert_eq!(completed.data["unmet"], json!(["status: expected failed, found completed"]));
    assert!(completed.has_expectations);
}

#[test]
fn s_14_an_order_of_a_step_that_was_left_out_is_unmet() {
    let text = "steps: [{id: n, condition: 'false'}, {id: a}]";
    assert_eq!(unmet(text, "expect: {order: [[n, before, a]]}").len(), 1);
}
