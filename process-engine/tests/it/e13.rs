//! E13: what was spent, and what may still be.

use process_core::{Fact, event::RunFact, money::Cost};

use crate::{
    check::{check, check_with},
    harness::Bench,
};

/// Agents without dependencies, each with keys of its own, and a budget.
fn agents(budget: &str, steps: &[&str]) -> String {
    let mut text = format!("budget: {budget}\nsteps:\n");
    for step in steps {
        text.push_str(&format!("  - {{type: agent_task, agent: w, message: Go, {step}}}\n"));
    }
    text
}

#[test]
fn e13_1_costs_are_kept_for_attempt_step_and_process() {
    let retry = "{max_attempts: 2, initial_delay: 1m}";
    let text = agents("{cost: '9'}", &[&format!("id: a, retry: {retry}"), "id: b"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 0 fail a no cost=0.10 / 1m dispatch a / 2m ok a cost=0.025");
    bench.does("3m dispatch b / 3m ok b cost=1");
    assert_eq!(bench.state("a").cost().to_string(), "0.125");
    assert_eq!(bench.state("b").cost().to_string(), "1");
    assert_eq!(bench.spent(), "1.125");
}

#[test]
fn e13_1_tenths_add_up_exactly() {
    let text = agents("{cost: '9'}", &["id: a, foreach: {in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"]);
    let mut bench = Bench::started(&text);
    for item in 1..=10 {
        bench.does(&format!("0 dispatch a#{item} / 0 ok a#{item} cost=0.1"));
    }
    assert_eq!(bench.spent(), "1.0");
}

/// E13.2: digits that do not fit together are refused, never rounded.
#[test]
fn e13_2_a_sum_that_cannot_be_kept_exactly_is_no_sum() {
    let cost = |text: &str| Cost::parse(text).expect("an amount");
    let large = cost("1000000000000000000000");
    let small = cost("0.0000000000000000000000001");
    let sum = large.plus(small);
    let is_exact = sum.is_none_or(|sum| sum.minus(large) == small);
    assert!(is_exact, "{sum:?}");
}

#[test]
fn e13_2_negative_and_endless_amounts_are_none() {
    for text in ["-1", "-0.01", "99999999999999999999999999999999", "1e40", "NaN", "", "1_0"] {
        assert_eq!(Cost::parse(text), None, "{text}");
    }
    assert_eq!(Cost::parse("0.10").map(|cost| cost.to_string()).as_deref(), Some("0.10"));
}

/// E13.2: what makes the sum overflow is refused, and nothing of it is lost in silence.
#[test]
fn e13_2_a_cost_that_overflows_the_sum_is_refused() {
    let text = "steps:\n  - {id: a}\n  - {id: b}\n";
    let mut bench = Bench::started(text);
    let most = "cost=9999999999999999999999999999";
    let tries: Vec<bool> = (0..10)
        .map(|turn| {
            bench.does(&format!("{turn}m dispatch a"));
            let is_taken = bench.tries(&format!("{turn}m ok a {most}")).is_ok();
            bench.does(&format!("{turn}m reset a"));
            is_taken
        })
        .collect();
    let taken = tries.iter().filter(|is_taken| **is_taken).count();
    let one = Cost::parse("9999999999999999999999999999").expect("an amount");
    let sum = (0..taken).try_fold(Cost::ZERO, |sum, _| sum.plus(one));
    assert_eq!(Some(bench.run().spent()), sum, "{taken} were taken");
}

#[test]
fn e13_3_a_cost_is_printed_with_the_most_decimals_seen() {
    let text = agents("{cost: '9'}", &["id: a", "id: b", "id: c"]);
    check(
        &text,
        "{steps: {a: {cost: '0.10'}, b: {cost: '1'}, c: {cost: '0.9000'}},
          expect: {status: completed, cost: '2'}}",
    );
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 0 ok a cost=0.10 / 0 dispatch b / 0 ok b cost=1");
    assert_eq!(bench.spent(), "1.10");
    bench.does("0 dispatch c / 0 ok c cost=0.9000");
    assert_eq!(bench.spent(), "2.0000");
}

/// E13.4: what has no cost to come goes on when nothing is left.
#[test]
fn e13_4_manual_steps_and_notifications_are_not_costed() {
    let text = "budget: {cost: '1'}
steps:
  - {id: a, type: agent_task, agent: w, message: Go}
  - {id: m, depends_on: [a]}
  - {id: n, type: notification, message: Hi, depends_on: [a]}
  - {id: c, type: command, run: [ls], depends_on: [a]}
  - {id: s, type: sub_process, process: child, depends_on: [a]}
  - {id: w, type: agent_task, agent: w, message: Go, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a cost=1");
    assert_eq!(bench.dispatchable(), "m#1, n#1");
    assert_eq!(bench.waiting(), "m#1 work, n#1 work, c#1 budget, s#1 budget, w#1 budget");
}

#[test]
fn e13_5_the_budget_of_a_step_is_reserved_for_each_attempt() {
    let text =
        agents("{cost: '10'}", &["id: a, budget: {cost: '6'}", "id: b, budget: {cost: '6'}"]);
    let mut bench = Bench::started(&text);
    assert_eq!(bench.dispatchable(), "a#1, b#1");
    assert!(bench.does("0 dispatch a").ends_with("reserved=6"));
    assert_eq!(bench.dispatchable(), "", "6 and 6 are more than 10");
    assert!(bench.refuses("0 dispatch b").starts_with("Conflict"));
    assert!(bench.refuses("0 claim b 10m").starts_with("Conflict"));
    // What was reserved and not spent is free again.
    bench.does("1m ok a cost=1");
    assert_eq!(bench.dispatchable(), "b#1");
}

/// E13.5: nothing is reserved between two attempts.
#[test]
fn e13_5_a_failed_attempt_frees_what_it_reserved() {
    let retry = "retry: {max_attempts: 2, initial_delay: 1m}";
    let steps = [&*format!("id: a, budget: {{cost: '6'}}, {retry}"), "id: b, budget: {cost: '6'}"];
    let mut bench = Bench::started(&agents("{cost: '10'}", &steps));
    bench.does("0 dispatch a / 0 fail a no cost=1");
    assert_eq!(bench.dispatchable(), "b#1");
    bench.does("0 dispatch b / 1m tick");
    assert_eq!(bench.dispatchable(), "");
    bench.does("2m ok b cost=3");
    assert_eq!(bench.dispatchable(), "a#1", "4 are spent, and 6 fit");
}

#[test]
fn e13_6_nothing_is_dispatched_beyond_the_limit() {
    let text = agents("{cost: '10'}", &["id: a", "id: b, budget: {cost: '6.01'}"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 1m ok a cost=4");
    assert_eq!(bench.dispatchable(), "");
    assert_eq!(bench.waiting(), "b#1 budget");
    assert_eq!(bench.status(), "waiting");
    let text = agents("{cost: '10'}", &["id: a", "id: b, budget: {cost: '6.00'}"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 1m ok a cost=4");
    assert_eq!(bench.dispatchable(), "b#1", "exactly the limit is within");
}

#[test]
fn e13_7_spent_is_limit_is_within_and_the_last_dispatch() {
    let text = agents("{cost: '5'}", &["id: a", "id: b, depends_on: [a]"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a");
    assert_eq!(
        bench.kinds("1m ok a cost=5"),
        "step_completed a#1, step_ready b#1, budget_exceeded b#1"
    );
    assert_eq!(bench.waiting(), "b#1 budget");
    // The last step may reach the limit.
    let mut bench = Bench::started(&agents("{cost: '5'}", &["id: a"]));
    bench.does("0 dispatch a / 1m ok a cost=5");
    assert_eq!(bench.status(), "completed");
    assert!(bench.run().warnings().is_empty());
}

#[test]
fn e13_8_behind_eighty_percent_one_goes_alone() {
    let text = agents("{cost: '10'}", &["id: a", "id: b", "id: c"]);
    let mut bench = Bench::started(&text);
    assert_eq!(bench.dispatchable(), "a#1, b#1, c#1");
    bench.does("0 dispatch a / 1m ok a cost=8");
    assert_eq!(bench.dispatchable(), "b#1, c#1");
    bench.does("2m dispatch b");
    assert_eq!(bench.dispatchable(), "");
    assert!(bench.refuses("2m dispatch c").starts_with("Conflict"));
    bench.does("3m ok b cost=1");
    assert_eq!(bench.dispatchable(), "c#1");
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 1m ok a cost=7.99 / 2m dispatch b");
    assert_eq!(bench.dispatchable(), "c#1", "below 80 % they go together");
}

#[test]
fn e13_9_compensators_are_never_held_back() {
    let text = "budget: {cost: '5'}
steps:
  - {id: a, type: agent_task, agent: w, message: Go, compensation: {type: agent_task, agent: w, message: Back}}
  - {id: b, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a cost=9 / 0 dispatch b");
    let undone = "step_failed b#1, ending b, compensation_started a#1";
    assert_eq!(bench.kinds("1m fail b no"), undone);
    bench.does("2m ok a cost=2");
    assert_eq!((bench.status(), bench.spent().as_str()), ("failed", "11"));
}

#[test]
fn e13_10_nothing_said_is_that_the_step_waits() {
    let text = agents("{cost: '5'}", &["id: a", "id: b, depends_on: [a]"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 1m ok a cost=6");
    assert_eq!(bench.status(), "waiting");
    assert_eq!(bench.steps(), "a: completed, b: waiting");
    assert_eq!(bench.state("b").attempts(), 0);
    assert_eq!(bench.does("9m tick"), "", "it is told once");
    check(
        &text,
        "{steps: {a: {cost: '6'}}, expect: {status: waiting, waiting: [{step: b, for: budget}]}}",
    );
}

#[test]
fn e13_11_on_exceed_fail_fails_the_step() {
    let text = agents("{cost: '5', on_exceed: fail}", &["id: a", "id: b, depends_on: [a]"]);
    let mut bench = Bench::started(&text);
    bench.does("0 dispatch a / 1m ok a cost=5");
    assert_eq!(bench.steps(), "a: completed, b: failed");
    assert_eq!(bench.status(), "failed");
}

/// E13.11: a step may say so for itself.
#[test]
fn e13_11_the_word_of_a_step_counts_more() {
    let one = agents(
        "{cost: '5'}",
        &["id: a", "id: b, depends_on: [a], budget: {on_exceed: fail}, on_error: skip_step"],
    );
    let mut bench = Bench::started(&one);
    bench.does("0 dispatch a / 1m ok a cost=5");
    assert_eq!(bench.step("b"), "skipped error");
    let other = agents(
        "{cost: '5', on_exceed: fail}",
        &["id: a", "id: b, depends_on: [a], budget: {on_exceed: pause}"],
    );
    let mut bench = Bench::started(&other);
    bench.does("0 dispatch a / 1m ok a cost=5");
    assert_eq!(bench.waiting(), "b#1 budget");
}

#[test]
fn e13_12_a_budget_that_the_last_step_exceeds_is_a_warning() {
    let mut bench = Bench::started(&agents("{cost: '5', on_exceed: fail}", &["id: a"]));
    bench.does("0 dispatch a / 1m ok a cost=5.01");
    assert_eq!(bench.status(), "completed");
    let warnings = bench.run().warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("5.01") && warnings[0].contains("budget"), "{warnings:?}");
}

#[test]
fn e13_13_a_child_gets_the_rest_as_its_limit() {
    let text = "budget: {cost: '10'}
steps:
  - {id: a, type: agent_task, agent: w, message: Go}
  - {id: s, type: sub_process, process: child, depends_on: [a]}
  - {id: b, type: agent_task, agent: w, message: Go, depends_on: [a], budget: {cost: '0.01'}}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m ok a cost=4");
    let limits = bench.journal.iter().filter_map(|event| match &event.fact {
        Fact::Run(RunFact::ChildOpened { limit, .. }) => *limit,
        _ => None,
    });
    assert_eq!(limits.map(|limit| limit.to_string()).collect::<Vec<_>>(), ["6"]);
    assert_eq!(bench.dispatchable(), "", "it is reserved until the end of the child");
    bench.does("2m child s completed cost=1");
    assert_eq!(bench.dispatchable(), "b#1");
    assert_eq!(bench.spent(), "5");
}

#[test]
fn e13_13_the_limit_of_a_child_is_the_lower_one() {
    let limit = Cost::parse("3");
    let mut bench = Bench::started_with(
        &agents("{cost: '5'}", &["id: a", "id: b, depends_on: [a]"]),
        |start| start.limit = limit,
    );
    bench.does("0 dispatch a / 1m ok a cost=3");
    assert_eq!(bench.waiting(), "b#1 budget");
    check_with(
        &[("child", &agents("{cost: '99'}", &["id: c", "id: d, depends_on: [c]"]))],
        "budget: {cost: '5'}\nsteps: [{id: s, type: sub_process, process: child}]\n",
        "{steps: {s/c: {cost: '5'}, s/d: {cost: '1'}}, expect: {status: waiting}}",
    );
}

/// E13.13: also when the child goes on by another definition.
#[test]
fn e13_13_the_limit_of_the_parent_holds_behind_an_adoption() {
    let limit = Cost::parse("3");
    let steps = ["id: a", "id: b, depends_on: [a]"];
    let mut bench =
        Bench::started_with(&agents("{cost: '5'}", &steps), |start| start.limit = limit);
    bench.does("0 dispatch a / 1m ok a cost=3");
    bench.adopt("2m", &agents("{cost: '50'}", &steps)).expect("nothing is in the way");
    assert_eq!(bench.waiting(), "b#1 budget");
}

/// E13.10: a larger budget lets the step go on.
#[test]
fn e13_10_an_adopted_budget_lets_the_step_go_on() {
    let steps = ["id: a", "id: b, depends_on: [a]"];
    let mut bench = Bench::started(&agents("{cost: '5'}", &steps));
    bench.does("0 dispatch a / 1m ok a cost=5");
    bench.adopt("2m", &agents("{cost: '8'}", &steps)).expect("nothing is in the way");
    assert_eq!(bench.dispatchable(), "b#1");
    assert_eq!(bench.steps(), "a: completed, b: pending");
}
