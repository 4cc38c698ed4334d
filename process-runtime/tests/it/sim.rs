//! Simulated worlds in which nothing may be wrong (docs/simulation.md).

use std::process::Command;

use process_runtime::sim::{Options, Random, simulate};

/// How many worlds are simulated; more at night.
const SEEDS: u64 = 150;

/// How many things happen in each of them while there are faults.
const EVENTS: u64 = 300;

/// How many worlds are compared between two programs.
const TRACES: u64 = 20;

fn seeds() -> u64 {
    let told = std::env::var("PROCSIDE_SIM_SEEDS").ok();
    told.and_then(|text| text.parse().ok()).unwrap_or(SEEDS)
}

#[test]
fn nothing_is_wrong_in_any_world() {
    for seed in 1..=seeds() {
        if let Err(violation) = simulate(seed, &Options { events: EVENTS }) {
            panic!("{violation}\n{}", violation.trace.join("\n"));
        }
    }
}

/// Prints the traces of some worlds; the test below runs it in a program of its own.
#[test]
fn a_world_has_one_trace() {
    // In each of them other processes wait for a worker at the same time.
    let traces = (1..=TRACES).map(|seed| {
        let report = simulate(seed, &Options { events: EVENTS }).expect("nothing is wrong");
        report.trace.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    println!("trace {}", traces.collect::<Vec<_>>().join(" "));
}

#[test]
fn the_same_seed_gives_the_same_trace_in_two_programs() {
    let trace = || {
        let this = std::env::current_exe().expect("a program has a path");
        let output = Command::new(this)
            .args(["--exact", "sim::a_world_has_one_trace", "--nocapture"])
            .output()
            .expect("a program that runs can be run again");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let place = text.find("trace ").expect("the test prints its trace");
        text[place..].lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(trace(), trace());
}

#[test]
fn chance_is_the_same_every_time() {
    let numbers = |seed| {
        let mut random = Random::new(seed);
        [random.next_number(), random.next_number()]
    };
    assert_eq!(numbers(0), [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    assert_ne!(numbers(1), numbers(2));
}
