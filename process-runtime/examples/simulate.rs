//! Simulates worlds, one for each seed: `simulate [--seeds N] [--seed S] [--events M]`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use process_runtime::sim::{Options, Report, Violation, simulate};

/// How often it is told how far it is, in worlds.
const PROGRESS: u64 = 500;

/// What is simulated.
struct Wanted {
    seed: u64,
    seeds: u64,
    options: Options,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = match read(&arguments) {
        Ok(wanted) => wanted,
        Err(what) => {
            tell(&format!("error: {what}\nusage: simulate [--seeds N] [--seed S] [--events M]"));
            return ExitCode::from(2);
        }
    };
    match run(&wanted) {
        Ok(summary) => {
            // Nothing better can be done when stdout itself is closed.
            let _ = writeln!(io::stdout(), "{summary}");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            tell(&violation.trace.join("\n"));
            let (seed, events) = (violation.seed, wanted.options.events);
            tell(&format!("{violation}"));
            tell(&format!("again: cargo xtask simulate --seeds 1 --seed {seed} --events {events}"));
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted { seed: 1, seeds: 100, options: Options::default() };
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` needs a number", pair[0])) };
        let value: u64 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
        match name.as_str() {
            "--seeds" => wanted.seeds = value,
            "--seed" => wanted.seed = value,
            "--events" => wanted.options.events = value,
            other => return Err(format!("there is no option `{other}`")),
        }
    }
    Ok(wanted)
}

/// Simulates every world on every processor, and returns the summary in the order of the seeds.
fn run(wanted: &Wanted) -> Result<String, Box<Violation>> {
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<(u64, Report)>> = Mutex::new(Vec::new());
    let first: Mutex<Option<Box<Violation>>> = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= wanted.seeds {
                        return;
                    }
                    if number > 0 && number.is_multiple_of(PROGRESS) {
                        tell(&format!("{number} of {}", wanted.seeds));
                    }
                    match simulate(wanted.seed.wrapping_add(number), &wanted.options) {
                        Ok(report) => lock(&results).push((number, report)),
                        Err(violation) => {
                            is_over.store(true, Ordering::Relaxed);
                            lock(&first).get_or_insert(violation);
                        }
                    }
                }
            });
        }
    });
    if let Some(violation) = lock(&first).take() {
        return Err(violation);
    }
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by_key(|(number, _)| *number);
    Ok(summary(&results))
}

fn summary(results: &[(u64, Report)]) -> String {
    let mut hasher = blake3::Hasher::new();
    results.iter().for_each(|(_, report)| {
        hasher.update(&report.trace);
    });
    let sum = |of: fn(&Report) -> u64| results.iter().map(|(_, report)| of(report)).sum::<u64>();
    let (seeds, trace) = (results.len(), hasher.finalize().to_hex());
    let (events, stored) = (sum(|it| it.events), sum(|it| it.stored));
    let (crashes, faults) = (sum(|it| it.crashes), sum(|it| it.faults));
    format!(
        "{stored} events stored, {faults} failures of the store\n\
         {seeds} seeds, {events} events, {crashes} crashes, 0 violations, trace {trace}"
    )
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(what: &str) {
    // Nothing better can be done when stderr itself is closed.
    let _ = writeln!(io::stderr(), "{what}");
}
