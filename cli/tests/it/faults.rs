//! A fault at every call that touches the files of a project in SQLite (docs/simulation.md).
//!
//! `fault.c` puts itself between the program and the system, counts the calls, and spoils one of
//! them. What was told before the fault must be there afterwards, once, and everything comes to its
//! end. `PROCSIDE_FAULTS` says which: nothing for a sample, `all`, or some
//! by their name: `run`, `run:17`, `run:17:torn`.

mod cases;
mod check;
mod preload;
mod scenarios;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use cases::Case;
use preload::{Library, Told};
use scenarios::{SCENARIOS, Scenario};

/// How many faults are tried when nobody asks for more, over all scenarios.
const SAMPLE: usize = 140;

/// How many programs with a fault run at once: most of the time they wait.
const AT_ONCE: usize = 4;

/// The most failures that are told.
const TOLD_MAX: usize = 40;

/// What came of many faults.
#[derive(Default)]
struct Sum {
    /// How many met a call.
    met: usize,
    /// How often each scenario ended how, by kind of fault.
    ends: BTreeMap<String, usize>,
    failures: Vec<String>,
}

#[test]
fn nothing_is_lost_or_stuck_whichever_call_fails() {
    let library = Library::build();
    let asked = std::env::var("PROCSIDE_FAULTS").unwrap_or_default();
    let mut cases: Vec<(&Scenario, Case)> = Vec::new();
    for scenario in &SCENARIOS {
        let told = play(scenario, &library, None).unwrap_or_else(|failure| panic!("{failure}"));
        let found = cases::of(&told.calls);
        assert!(!found.is_empty(), "no call was counted: is the program linked statically?");
        tell(&format!("{}: {} calls, {} faults", scenario.name, told.calls.len(), found.len()));
        cases.extend(found.into_iter().map(|case| (scenario, case)));
    }
    let all = cases.len();
    match asked.as_str() {
        "" => cases = cases::sample(cases, SAMPLE),
        "all" => {}
        some => cases.retain(|(scenario, case)| {
            format!("{}:{case}:", scenario.name).starts_with(&format!("{some}:"))
        }),
    }
    assert!(!cases.is_empty(), "no scenario has the fault `{asked}`");
    let begin = Instant::now();
    let sum = try_all(&cases, &library);
    for (end, count) in &sum.ends {
        tell(&format!("{count:>6}  {end}"));
    }
    let (tried, met, lasted) = (cases.len(), sum.met, begin.elapsed().as_secs());
    let failures = sum.failures.len();
    tell(&format!("{tried} of {all} faults, {met} met, {failures} failures, {lasted} s"));
    let shown: Vec<_> = sum.failures.into_iter().take(TOLD_MAX).collect();
    assert!(shown.is_empty(), "{failures} of {tried} faults:\n{}", shown.join("\n"));
}

fn try_all(cases: &[(&Scenario, Case)], library: &Library) -> Sum {
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Sum::default());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((scenario, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = play(scenario, library, Some(case));
                    let mut sum = sum.lock().expect("nobody panics with it");
                    match outcome {
                        Ok(told) => {
                            sum.met += usize::from(told.met.is_some());
                            let end = format!("{} {}: {}", scenario.name, case.kind, told.end());
                            *sum.ends.entry(end).or_default() += 1;
                        }
                        Err(failure) => {
                            tell(&failure);
                            sum.failures.push(failure);
                        }
                    }
                }
            });
        }
    });
    sum.into_inner().expect("nobody panics with it")
}

/// Plays a scenario with a fault, or with none; the error tells what is wrong and how to repeat it.
fn play(scenario: &Scenario, library: &Library, case: Option<&Case>) -> Result<Told, String> {
    let project = (scenario.prepare)(library);
    let told = library.run(&project, scenario, case);
    let checked = check::during(&told, scenario, case.is_some())
        .and_then(|()| check::kept(&project, &told))
        .and_then(|()| (scenario.settle)(&project, &told));
    checked.map(|()| told.clone()).map_err(|what| {
        let name = case.map_or_else(|| "without a fault".to_owned(), Case::to_string);
        let met = told.met.as_deref().unwrap_or("no call");
        format!(
            "PROCSIDE_FAULTS={}:{name} ({met}): {what}\n  {}\n{}",
            scenario.name,
            told.end(),
            told.said()
        )
    })
}

#[expect(clippy::print_stdout, reason = "whoever runs all of them wants the numbers")]
fn tell(line: &str) {
    println!("{line}");
}
