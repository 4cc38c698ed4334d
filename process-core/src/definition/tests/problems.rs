//! Every problem that a definition can have, at its place.

use expect_test::{Expect, expect};

use super::{read, told};

/// Reads steps below a name; what is wrong with them.
fn check(steps: &str, expect: Expect) {
    expect.assert_eq(&told(&read(&format!("name: n\nsteps:\n{steps}"))));
}

/// Reads a root with one step; what is wrong with it.
fn check_root(root: &str, expect: Expect) {
    expect.assert_eq(&told(&read(&format!("name: n\n{root}\nsteps: [{{id: a}}]\n"))));
}

#[test]
fn every_problem_is_reported_at_once_in_the_order_of_the_file() {
    let text = r#"name: ten
versoin: 1
budget: {cost: -1}
triggers:
  - {type: schedule, cron: "61 * * * *", timezone: Europe/Pariz}
steps:
  - {id: Draft It, type: agent_task, agent: w, message: m}
  - {id: b, type: timer, delay: 5 minutes}
  - {id: c, type: command}
  - {id: c, depends_on: [bb]}
  - {id: d, depends_on: [e], condition: "steps.b.output.x =="}
  - {id: e, depends_on: [d], retry: {max_attempts: 0}}
  - {id: f, type: gateway, routes: [{next: b}], approvers: [x]}
"#;
    expect![[r#"
        2:1 warning unknown_key: the definition has the unknown key `versoin` (`version`?)
        3:16 error bad_cost: `cost` of the budget is no amount of zero or more (write it as "5.00")
        5:28 error bad_cron: "61 * * * *" is no cron pattern: component error: number out of bounds (write it as "0 9 * * 1-5")
        5:52 error bad_zone: `timezone` of a trigger is no time zone: "Europe/Pariz" (`Europe/Paris`?)
        7:10 error bad_id: "Draft It" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ - (write `draft-it`, wherever it is named)
        8:33 error bad_duration: `delay` of step `b` is no duration: "5 minutes" (write it as 500ms, 90s, 5m, 1h30m or 2d)
        9:5 error missing_key: step `c` has no `run`
        10:10 error duplicate_id: step id `c` is given twice, first on line 9
        10:26 error unknown_step: step `c` depends on the unknown step `bb` (`b`?)
        11:26 error cycle: steps depend on each other in a circle: d → e → d (a loop is a route of a gateway back to an earlier step)
        11:61 error expression_syntax: a value is missing at the end
        12:52 error out_of_range: `max_attempts` of `retry` of step `e` is 0, not a whole number from 1 on
        13:44 error missing_condition: a route of step `f` has no `condition` (or write `default: true`)
        13:49 warning key_of_another_type: `approvers` of step `f` belongs to the type human_approval (leave it out, or make the type human_approval)
    "#]].assert_eq(&told(&read(text)));
}

#[test]
fn steps_that_are_named_must_be_there_and_be_others() {
    check(
        r#"  - {id: alpha, depends_on: [alhpa, alpha, beta, beta]}
  - {id: beta, cancels: [beta, zz]}
  - {id: c, on_error: {goto: c}}
  - {id: d, on_error: {goto: bta}}
  - {id: g, type: gateway, routes: [{condition: "true", next: nowhere}, {default: true, next: g}]}
"#,
        expect![[r#"
            3:30 error unknown_step: step `alpha` depends on the unknown step `alhpa`
            3:37 error self_reference: step `alpha` depends on itself
            3:50 warning given_twice: `depends_on` of step `alpha` names `beta` twice (leave one out)
            4:26 error self_reference: step `beta` cancels itself
            4:32 error unknown_step: step `beta` cancels the unknown step `zz`
            5:30 error self_reference: a failure of step `c` leads to itself (write `retry` to try it again)
            6:30 error unknown_step: a failure of step `d` leads to the unknown step `bta` (`beta`?)
            7:63 error unknown_step: a route of step `g` leads to the unknown step `nowhere`
            7:95 error self_reference: a route of step `g` leads to itself
        "#]],
    );
}

#[test]
fn a_goto_target_that_depends_on_the_failing_step_is_an_error() {
    check(
        r#"  - {id: g, on_error: {goto: h}}
  - {id: h, depends_on: [g]}
"#,
        expect![[r#"
            3:30 error goto_dependency: `h` depends on `g`, whose failure leads to it (take `g` out of `depends_on` of `h`)
        "#]],
    );
}

#[test]
fn cancels_that_names_a_step_upstream_is_an_error() {
    check(
        r#"  - {id: g}
  - {id: h, depends_on: [g]}
  - {id: i, depends_on: [h], cancels: [g]}
"#,
        expect![[r#"
            5:40 error cancels_upstream: step `i` cancels `g`, which it comes after
        "#]],
    );
}

#[test]
fn a_circle_is_spelled_out_and_what_is_behind_it_is_unreachable() {
    check(
        r#"  - {id: b, depends_on: [c]}
  - {id: c, depends_on: [d]}
  - {id: d, depends_on: [b]}
  - {id: e, depends_on: [d]}
"#,
        expect![[r#"
            3:26 error cycle: steps depend on each other in a circle: b → c → d → b (a loop is a route of a gateway back to an earlier step)
            6:10 warning unreachable: step `e` can never run (no way leads to it from a step that can run)
        "#]],
    );
}

#[test]
fn a_condition_that_is_never_true_makes_steps_unreachable() {
    check(
        r#"  - {id: a, condition: "false"}
  - {id: g, type: gateway, routes: [{condition: "true", next: b}, {condition: "input.x > 1", next: c}, {default: true, next: d}]}
  - {id: b}
  - {id: c}
  - {id: d}
  - {id: e, depends_on: [c, d]}
"#,
        expect![[r#"
            3:10 warning unreachable: step `a` can never run (its condition is never true)
            6:10 warning unreachable: step `c` can never run (no way leads to it from a step that can run)
            7:10 warning unreachable: step `d` can never run (no way leads to it from a step that can run)
            8:10 warning unreachable: step `e` can never run (no way leads to it from a step that can run)
        "#]],
    );
}

#[test]
fn routes_have_conditions_where_the_gateway_asks_for_them() {
    check(
        r#"  - {id: g, type: gateway, routes: [{next: a}, {condition: "true", default: true, next: a}, {default: true, next: b}, {condition: "input.x > 1"}]}
  - {id: a}
  - {id: b}
  - {id: p, type: gateway, gateway_type: parallel, routes: [{next: a, condition: "true"}, {default: true, next: b}]}
  - {id: y, type: gateway, routes: []}
  - {id: z, type: gateway, gateway_type: exclusve, routes: [{default: true, next: null}]}
"#,
        expect![[r#"
            3:44 error missing_condition: a route of step `g` has no `condition` (or write `default: true`)
            3:60 error condition_not_allowed: a route of step `g` has a `condition`, and it is the default (leave it out)
            3:103 error several_defaults: gateway `g` has several defaults
            3:119 error missing_key: a route of step `g` has no `next`
            6:82 error condition_not_allowed: a route of step `p` has a `condition`, and all routes of this gateway are taken (leave it out)
            6:101 warning default_says_nothing: a route of step `p` is the default, and all routes are taken (leave `default` out)
            7:5 error missing_key: step `y` has no `routes`
            8:42 error unknown_word: `gateway_type` of step `z` is "exclusve", not one of exclusive, parallel, inclusive, event (`exclusive`?)
        "#]],
    );
}

#[test]
fn targets_of_an_event_gateway_are_wait_for_and_timer_without_further_dependencies() {
    check(
        r#"  - {id: a}
  - {id: v, type: gateway, gateway_type: event, routes: [{next: w}, {next: m}, {next: x}]}
  - {id: w, type: timer, delay: 5s}
  - {id: x, type: timer, delay: 5s, depends_on: [a]}
  - {id: m}
"#,
        expect![[r#"
            4:76 error event_target: the event gateway leads to `m`, a manual (lead to wait_for and timer steps, and go on behind them)
            4:87 error event_target: `x` behind an event gateway has other dependencies (leave its `depends_on` out)
        "#]],
    );
}

#[test]
fn a_route_target_that_lists_other_dependencies_may_run_without_its_route() {
    check(
        r#"  - {id: a}
  - {id: p, type: gateway, gateway_type: parallel, routes: [{next: q}, {next: r}, {next: s}]}
  - {id: q, depends_on: [a]}
  - {id: r, depends_on: [a], join: all_completed}
  - {id: s, depends_on: [q]}
"#,
        expect![[r#"
            5:26 warning route_and_dependency: `q` runs after `a` although `p` did not choose it (let `p` depend on `a`, or write `join: all_completed`)
        "#]],
    );
}

#[test]
fn joins_count_no_more_arcs_than_there_are() {
    check(
        r#"  - {id: a, join: any}
  - {id: b, depends_on: [a], join: 2}
  - {id: c, join: 0}
  - {id: d, join: most}
"#,
        expect![[r#"
            3:19 warning join_without_dependencies: step `a` has a `join` and nothing before it (write `depends_on`, or leave `join` out)
            4:36 error join_too_many: step `b` waits for 2 steps, and has 1 before it
            5:19 error out_of_range: `join` of step `c` is 0, not a whole number from 1 on
            5:19 warning join_without_dependencies: step `c` has a `join` and nothing before it (write `depends_on`, or leave `join` out)
            6:19 error unknown_word: `join` of step `d` is "most" (write all, all_completed, any, each or a number)
            6:19 warning join_without_dependencies: step `d` has a `join` and nothing before it (write `depends_on`, or leave `join` out)
        "#]],
    );
}

#[test]
fn a_default_join_over_a_step_with_a_condition_is_remarked() {
    check(
        r#"  - {id: a, condition: "input.x == 1"}
  - {id: b}
  - {id: c, depends_on: [a, b]}
  - {id: d, depends_on: [a, b], join: all}
  - {id: e, depends_on: [a]}
"#,
        expect![[r#"
            5:26 info conditional_dependency: step `c` runs also when `a` is skipped by its condition (write `join: all_completed` if it may not, else `join: all`)
        "#]],
    );
}

#[test]
fn a_step_that_reads_one_it_cannot_have_waited_for_is_warned_about() {
    check(
        r#"  - {id: a, type: agent_task, agent: w, message: "{{ steps.c.output | default('-') }}"}
  - {id: b, depends_on: [a], message: "{{ steps.a.output.x }}"}
  - {id: c, depends_on: [b], message: "{{ steps.a.output.x }}"}
  - {id: d, condition: "steps.a.status == 'completed' and false"}
  - {id: e, type: wait_for, until: "steps.a.status == 'completed'"}
  - {id: f, message: "{{ steps.f.output.x }}"}
  - {id: g, message: "{{ steps.g.output.x | default(1) }}", repeat: {until: "steps.g.output.x > 3"}, compensation: {type: manual, message: "{{ steps.g.output.x }}"}}
"#,
        expect![[r#"
            3:50 warning reads_without_waiting: step `a` reads `c` and does not wait for it (add `c` to `depends_on` of `a`)
            6:24 warning reads_without_waiting: step `d` reads `a` and does not wait for it (add `a` to `depends_on` of `d`)
            8:22 warning reads_without_waiting: step `f` reads itself before it has run (name another step)
        "#]],
    );
}

#[test]
fn in_a_loop_an_earlier_step_may_read_a_later_one() {
    check(
        r#"  - {id: draft, message: "{{ steps.review.comment | default('') }}"}
  - {id: review, type: human_approval, depends_on: [draft], on_reject: continue}
  - {id: g, type: gateway, depends_on: [review], routes: [{condition: "steps.review.decision == 'rejected'", next: draft}, {default: true, next: null}]}
"#,
        expect![[r#"
            5:116 info loop: the way from `g` back to `draft` is a loop (`draft` runs at most 100 times, see `max_visits`)
        "#]],
    );
}

#[test]
fn a_rejection_without_on_reject_has_an_outcome_that_is_told() {
    check(
        r#"  - {id: e, type: human_approval}
  - {id: f, type: human_approval, on_error: skip_step}
  - {id: g, type: human_approval}
  - {id: h, condition: "steps.g.output.decision == 'approved'", depends_on: [g]}
  - {id: i, type: human_approval, on_reject: skip}
"#,
        expect![[r#"
            3:10 info reject_outcome: rejected, step `e` fails (write `on_reject: fail` to say so)
            4:10 info reject_outcome: rejected, step `f` is skipped, as its `on_error` says (write `on_reject: skip` to say so)
            5:10 info reject_outcome: rejected, step `g` continues, for a condition reads its decision (write `on_reject: continue` to say so)
        "#]],
    );
}

#[test]
fn durations_have_units() {
    check(
        r#"  - {id: a, timeout: 90}
  - {id: b, timeout: soon}
  - {id: c, type: timer, delay: 3}
  - {id: d, type: timer, delay: "{{ input.delay }}"}
  - {id: e, heartbeat: 40000d}
"#,
        expect![[r#"
            3:22 error bad_duration: `timeout` of step `a` is no duration (a number has no unit: write `1m30s` for seconds)
            4:22 error bad_duration: `timeout` of step `b` is no duration: "soon" (write it as 500ms, 90s, 5m, 1h30m or 2d)
            5:33 error bad_duration: `delay` of step `c` is no duration (a number has no unit: write `3s` for seconds)
            7:24 error out_of_range: `heartbeat` of step `e` is longer than a hundred years (at most 36500d)
        "#]],
    );
}

#[test]
fn a_timer_has_a_delay_or_a_time_to_wait_until() {
    check(
        r#"  - {id: a, type: timer}
  - {id: b, type: timer, delay: 5s, wait_until: "09:30"}
  - {id: c, type: timer, wait_until: "25:00", timezone: Mars}
  - {id: d, type: timer, wait_until: "2026-02-10T10:00:00Z"}
"#,
        expect![[r#"
            3:5 error missing_key: step `a` has no `delay` and no `wait_until`
            4:49 error either_or: step `b` has both `delay` and `wait_until` (leave `delay` or `wait_until` out)
            5:38 error bad_instant: `wait_until` of step `c` is no clock time and no instant (write "09:30" or "2026-02-10T10:00:00Z")
            5:57 error bad_zone: `timezone` of step `c` is no time zone: "Mars" (write it as Europe/Paris or UTC)
        "#]],
    );
}

#[test]
fn a_wait_has_a_message_or_an_until_which_may_not_use_now() {
    check(
        r#"  - {id: k, type: wait_for}
  - {id: l, type: wait_for, message: a, until: "input.x > 1"}
  - {id: m, type: wait_for, until: "now > '2026-01-01T00:00:00Z'"}
"#,
        expect![[r#"
            3:5 error missing_key: step `k` has no `message` and no `until`
            4:48 error either_or: step `l` has both `message` and `until` (leave `message` or `until` out)
            5:36 error now_in_until: `until` of step `m` reads `now`, which is no event (use a timer, or `timeout`)
        "#]],
    );
}

#[test]
fn a_type_has_keys_that_it_must_have() {
    check(
        r#"  - {id: a, type: agent_task, message: Write}
  - {id: b, type: sub_process}
  - {id: c, type: notification}
  - {id: d, foreach: {as: x}}
  - {id: e, repeat: {max: 2}}
  - {id: f, type: gateway}
  - {id: g, retry: {}}
  - {id: h, compensation: {type: command}}
  - {id: i, type: robot}
  - {id: j, compensation: {type: timer, delay: 5s}}
"#,
        expect![[r#"
            3:5 error missing_key: step `a` has no `agent`
            4:5 error missing_key: step `b` has no `process`
            5:5 error missing_key: step `c` has no `message`
            6:22 error missing_key: `foreach` of step `d` has no `in`
            7:21 error missing_key: `repeat` of step `e` has no `until`
            8:5 error missing_key: step `f` has no `routes`
            9:20 error missing_key: `retry` of step `g` has no `max_attempts`
            10:27 error missing_key: the compensation of step `h` has no `run`
            11:19 error unknown_word: `type` of step `i` is "robot", not one of manual, agent_task, command, human_approval, gateway, timer, notification, sub_process, wait_for
            12:34 error unknown_word: `type` of the compensation of step `j` is "timer", not one of manual, agent_task, command, notification, sub_process
            12:41 warning key_of_another_type: `delay` of the compensation of step `j` belongs to the type timer (leave it out, or make the type timer)
        "#]],
    );
}

#[test]
fn keys_of_another_type_and_unknown_keys_are_kept_and_warned_about() {
    check(
        r#"  - {id: a, type: timer, delay: 5s, approvers: [x], output_key: k}
  - {id: b, agent: w}
  - {id: c, dependz_on: [a], roles: {executor: bob}, xyzzy: 1}
"#,
        expect![[r#"
            3:37 warning key_of_another_type: `approvers` of step `a` belongs to the type human_approval (leave it out, or make the type human_approval)
            3:53 warning key_of_another_type: `output_key` of step `a` belongs to the type sub_process (leave it out, or make the type sub_process)
            4:13 warning key_of_another_type: `agent` of step `b` belongs to the type agent_task (write `type: agent_task`, or leave it out)
            5:13 warning unknown_key: step `c` has the unknown key `dependz_on` (`depends_on`?)
            5:38 warning unknown_key: `roles` of step `c` has the unknown key `executor` (write `agent` on a step of the type agent_task)
            5:54 warning unknown_key: step `c` has the unknown key `xyzzy`
        "#]],
    );
}

#[test]
fn a_key_without_a_value_in_unquoted_text_asks_for_quotes() {
    check(
        r#"  - {id: a, message: first, then the second}
"#,
        expect![[r#"
            3:29 error unknown_key: step `a` has the unknown key `then the second` without a value (a comma in unquoted text? put quotes around the text)
        "#]],
    );
}

#[test]
fn a_secret_in_the_arguments_of_a_program_is_refused() {
    check(
        r#"  - {id: b, type: command, run: [echo, "${TOKEN}"], env: {A: "${TOKEN}"}}
  - {id: c, type: command, run: "echo ${TOKEN}", shell: true}
"#,
        expect![[r#"
            3:40 error secret_in_run: `${TOKEN}` in `run` of step `b` is left as it is (name it in `env`, and read it from there)
            4:33 warning secret_in_run: `${TOKEN}` in `run` of step `c` is the shell's (name it in `env`, and read it from there)
        "#]],
    );
}

#[test]
fn a_program_is_a_list_and_only_a_shell_reads_text() {
    check(
        r#"  - {id: a, type: command, run: echo hi}
  - {id: b, type: command, run: [echo, hi], shell: true}
  - {id: c, type: command, run: []}
"#,
        expect![[r#"
            3:33 error wrong_type: `run` of step `a` must be a list of texts, not text (write ["echo", "hi"], or `shell: true` beside it)
            4:33 error wrong_type: `run` of step `b` is a list, and a shell reads one text (leave `shell` out, or write one text)
            5:33 error missing_key: `run` of step `c` names no program
        "#]],
    );
}

#[test]
fn names_that_mean_something_else_are_refused() {
    check(
        r#"  - {id: compensation}
  - {id: a, foreach: {in: [1], as: steps}}
  - {id: b, foreach: {in: [1], as: my item}}
  - {id: c, foreach: {in: [1], as: item}, repeat: {until: "true"}}
"#,
        expect![[r#"
            3:10 error reserved_name: `compensation` is no step id (choose another id: `STEP/compensation` is how a compensation is named)
            4:36 error reserved_name: `as` of `foreach` of step `a` is "steps", which means something else
            5:36 error bad_name: `as` of `foreach` of step `b` is no name: "my item" (letters, digits and _ only)
            6:51 error either_or: step `c` has both `foreach` and `repeat` (leave `foreach` or `repeat` out)
        "#]],
    );
}

#[test]
fn a_step_without_an_id_gets_one_and_a_warning() {
    check(
        r#"  - {name: Do it}
  - {id: 7}
  - {id: Big One}
"#,
        expect![[r#"
            3:5 warning missing_id: step 1 has no `id`, and is called `s1` (write `id: do-it`)
            4:10 error wrong_type: `id` of step 2 must be the id of a step, a text, not a number (put quotes around it)
            5:10 error bad_id: "Big One" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ - (write `big-one`, wherever it is named)
        "#]],
    );
}

#[test]
fn a_placeholder_in_quotes_is_text_and_warned_about() {
    check(
        r#"  - {id: a, condition: "'{{ input.x }}' == 'y'"}
"#,
        expect![[r#"
            3:24 warning quoted_placeholder: a condition of step `a` has a placeholder in quotes (take the quotes away: in quotes it is text and never the value)
        "#]],
    );
}

#[test]
fn an_expression_that_does_not_compile_is_an_error_at_its_column() {
    check(
        r#"  - id: a
    condition: input.x == == 1
  - id: b
    message: "Hello {{ input.x"
  - id: c
    message: 'Hello {{ stepz.a.output }}'
"#,
        expect![[r#"
            4:27 error expression_syntax: expected a value, found `==`
            6:21 error expression_syntax: `}}` is missing (write `{% raw %}…{% endraw %}` around braces that mean themselves)
            8:24 error unknown_name: unknown name `stepz` (did you mean `steps`?)
        "#]],
    );
}

#[test]
fn numbers_have_a_range() {
    check(
        r#"  - {id: a, retry: {max_attempts: 2, jitter: true, multiplier: -1, backoff: linaer}}
  - {id: b, retry: {max_attempts: 2, jitter: 3}, max_visits: 0}
  - {id: c, type: human_approval, approvers: [x], min_approvals: 2, on_reject: skip}
  - {id: d, foreach: {in: 5, max_parallel: -1}}
"#,
        expect![[r#"
            3:64 error out_of_range: `multiplier` of `retry` of step `a` is -1, not between 0 and 1000
            3:77 error unknown_word: `backoff` of `retry` of step `a` is "linaer", not one of fixed, linear, exponential (`linear`?)
            4:46 error out_of_range: `jitter` of `retry` of step `b` is 3, not between 0 and 1
            4:62 error out_of_range: `max_visits` of step `b` is 0, not a whole number from 1 on
            5:66 error out_of_range: `min_approvals` of step `c` is 2, and it has 1 approvers
            6:27 error wrong_type: `in` of `foreach` of step `d` must be a list, or a text with an expression, not a number
            6:44 error out_of_range: `max_parallel` of `foreach` of step `d` is -1, not a whole number from 1 on
        "#]],
    );
}

#[test]
fn wrong_types_are_errors() {
    check(
        r#"  - {id: a, name: 5, depends_on: {b: 1}, retry: often, condition: 5, checks: [1]}
  - just text
"#,
        expect![[r#"
            3:19 error wrong_type: `name` of step `a` must be text, not a number (put quotes around it)
            3:34 error wrong_type: `depends_on` of step `a` must be a list, not a map
            3:49 error wrong_type: `retry` of step `a` must be a map, not text
            3:67 error wrong_type: `condition` of step `a` must be an expression, a text, not a number
            3:79 error wrong_type: `checks` of step `a` must be a list of texts, not a number (put quotes around it)
            4:5 error wrong_type: step 2 must be a map, not text
        "#]],
    );
}

#[test]
fn what_happens_to_a_failure_is_one_of_three_things() {
    check(
        r#"  - {id: a, on_error: explode}
  - {id: b, on_error: {goto: a, after: 5s}}
  - {id: c, on_error: 5}
"#,
        expect![[r#"
            3:23 error unknown_word: `on_error` of step `a` is "explode" (write fail_process, skip_step or {goto: STEP})
            4:33 error unknown_key: `on_error` of step `b` has the unknown key `after` (write fail_process, skip_step or {goto: STEP})
            5:23 error wrong_type: `on_error` of step `c` must be fail_process, skip_step or {goto: STEP}, a text, not a number
        "#]],
    );
}

#[test]
fn loops_are_named_with_how_often_they_run() {
    let text = r#"name: n
max_visits: 7
steps:
  - {id: a}
  - {id: g, type: gateway, depends_on: [a], routes: [{condition: "input.x > 1", next: a}, {default: true, next: null}]}
  - {id: b, max_visits: 3}
  - {id: c, depends_on: [b], on_error: {goto: b}}
"#;
    expect![[r#"
        5:87 info loop: the way from `g` back to `a` is a loop (`a` runs at most 7 times, see `max_visits`)
        7:47 info loop: the way from `c` back to `b` is a loop (`b` runs at most 3 times, see `max_visits`)
    "#]].assert_eq(&told(&read(text)));
}

#[test]
fn a_webhook_trigger_needs_a_server() {
    check_root(
        "triggers: [{type: webhook, id: x}]",
        expect![[r#"
        2:12 info needs_server: a webhook trigger starts something only while a server runs (start it with `procside serve`)
    "#]],
    );
}

#[test]
fn cron_patterns_have_five_fields_and_zones_exist() {
    check_root(
        "triggers: [{type: schedule, cron: 0 0 9 * * 1}, {type: schedule, cron: 0 9 * * 1-5, timezone: europe/paris}, {type: schedule}, {type: comet}]",
        expect![[r#"
            2:35 error bad_cron: "0 0 9 * * 1" is no cron pattern: invalid pattern: pattern must have 5 fields when seconds are disallowed (write it as "0 9 * * 1-5")
            2:95 error bad_zone: `timezone` of a trigger is no time zone: "europe/paris" (`Europe/Paris`?)
            2:110 error missing_key: a trigger has no `cron`
            2:135 error unknown_word: `type` of a trigger is "comet", not one of manual, schedule, webhook
        "#]],
    );
}

#[test]
fn inputs_have_types_and_defaults_that_fit() {
    check_root(
        "input: {a: {type: strng}, b: {type: integer, default: x}, c: {typ: string}, d: [1]}",
        expect![[r#"
            2:19 error unknown_word: `type` of input `a` is "strng", not one of string, integer, number, boolean, array, object (`string`?)
            2:55 error wrong_type: `default` of input `b` is no integer
            2:63 warning unknown_key: input `c` has the unknown key `typ` (`type`?)
            2:80 error wrong_type: input `d` must be a map, not a list
        "#]],
    );
}

#[test]
fn a_root_has_steps_and_should_have_a_name() {
    expect![[r#"
        1:1 warning missing_name: the definition has no name (write `name: …` as its first line)
        1:1 error missing_key: the definition has no `steps`
    "#]]
    .assert_eq(&told(&read("description: x\n")));
    expect![[r#"
        1:1 error missing_key: the definition has no `steps`
    "#]]
    .assert_eq(&told(&read("name: x\nsteps: []\n")));
    expect![[r#"
        1:1 error wrong_type: the definition must be a map, not a list
    "#]]
    .assert_eq(&told(&read("- a\n")));
    expect![[r#"
        1:7 error wrong_type: `name` of the definition must be text, not a number (put quotes around it)
        2:8 error wrong_type: `steps` of the definition must be a list, not a map
    "#]].assert_eq(&told(&read("name: 5\nsteps: {}\n")));
}

#[test]
fn a_definition_has_at_most_10_000_steps() {
    let steps: String = (0..10_001).map(|step| format!("  - {{id: s{step}}}\n")).collect();
    let told = told(&read(&format!("name: n\nsteps:\n{steps}")));
    assert_eq!(
        told,
        "10003:5 error too_many_steps: the definition has 10001 steps, more than 10000\n"
    );
}

#[test]
fn a_text_is_at_most_1_mib_long() {
    let text = "x".repeat(1024 * 1024 + 1);
    let told = told(&read(&format!("name: n\nsteps: [{{id: a, message: {text}}}]\n")));
    assert_eq!(told, "2:26 error too_long: `message` of step `a` is longer than 1 MiB\n");
}
