//! Definitions of the largest size are read at once, whatever their shape.

use std::{fmt::Write as _, time::Instant};

use crate::{definition, yaml};

/// Far above what any of them takes on a slow machine, far below what a square of 10,000 takes.
const SECONDS_MAX: u64 = 10;

fn check(name: &str, steps: &str) {
    let node = yaml::read(&format!("name: n\nsteps:\n{steps}")).unwrap();
    let begin = Instant::now();
    let read = definition::read(&node);
    let took = begin.elapsed();
    assert!(read.definition.is_some());
    assert!(!read.problems.iter().any(crate::Diagnostic::is_error));
    println!("{name}: {took:?}");
    assert!(took.as_secs() < SECONDS_MAX, "{name} took {took:?}");
}

fn steps(count: usize, step: impl Fn(&mut String, usize) -> std::fmt::Result) -> String {
    let mut text = String::new();
    (0..count).for_each(|place| step(&mut text, place).unwrap());
    text
}

#[test]
fn a_chain_of_10_000_steps_is_read_at_once() {
    let chain = steps(10_000, |text, step| match step.checked_sub(1) {
        None => writeln!(text, "  - {{id: s0}}"),
        Some(before) => writeln!(text, "  - {{id: s{step}, depends_on: [s{before}]}}"),
    });
    check("chain", &chain);
}

#[test]
fn a_chain_whose_steps_read_far_back_is_read_at_once() {
    let chain = steps(10_000, |text, step| match step.checked_sub(1) {
        None => writeln!(text, "  - {{id: s0}}"),
        Some(before) => {
            let read = step / 2;
            let message = format!("\"{{{{ steps.s{read}.output.x }}}}\"");
            writeln!(text, "  - {{id: s{step}, depends_on: [s{before}], message: {message}}}")
        }
    });
    check("chain that reads", &chain);
}

#[test]
fn a_fan_of_9_998_steps_is_read_at_once() {
    let ids: Vec<String> = (0..9_998).map(|step| format!("s{step}")).collect();
    let mut fan = "  - {id: first}\n".to_owned();
    for id in &ids {
        writeln!(fan, "  - {{id: {id}, depends_on: [first]}}").unwrap();
    }
    writeln!(fan, "  - {{id: last, depends_on: [{}]}}", ids.join(", ")).unwrap();
    check("fan", &fan);
}

#[test]
fn gateways_with_loops_are_read_at_once() {
    let gateways = steps(5_000, |text, step| {
        let (before, back) = (step.saturating_sub(1), step.saturating_sub(3));
        let depends = if step == 0 { String::new() } else { format!("depends_on: [s{before}], ") };
        writeln!(
            text,
            "  - {{id: g{step}, {depends}type: gateway, routes: [{{condition: input.x > 1, next: \
             s{step}}}, {{default: true, next: s{back}}}]}}\n  - {{id: s{step}}}"
        )
    });
    check("gateways with loops", &gateways);
}

#[test]
fn gateways_in_reverse_order_are_read_at_once() {
    let gateways = steps(5_000, |text, step| {
        let place = 4_999 - step;
        let next = if place == 4_999 { "s4999".to_owned() } else { format!("g{}", place + 1) };
        writeln!(
            text,
            "  - {{id: g{place}, type: gateway, routes: [{{condition: input.x > 1, next: \
             {next}}}, {{default: true, next: s{place}}}]}}\n  - {{id: s{place}}}"
        )
    });
    check("gateways reversed", &gateways);
}

#[test]
fn one_loop_around_gateways_in_reverse_order_is_read_at_once() {
    let gateways = steps(5_000, |text, step| {
        let place = 4_999 - step;
        let next = (place + 1) % 5_000;
        writeln!(
            text,
            "  - {{id: g{place}, type: gateway, routes: [{{condition: input.x > 1, next: \
             g{next}}}, {{default: true, next: s{place}}}]}}\n  - {{id: s{place}}}"
        )
    });
    check("loop reversed", &gateways);
}
