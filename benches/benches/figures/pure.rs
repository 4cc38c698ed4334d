//! The engine and the definition language by themselves, without a disk.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use process_core::definition::{self, Definition};
use process_core::expr::{Expression, Names};
use process_core::{Diagnostic, Event};
use process_engine::Execution;
use serde_json::{Value, json};

use crate::support::project::instant;
use crate::support::run::{
    CONDITION, FOREACH, STEPS_MAX, Seen, THREE_STEPS, THREE_STEPS_WITH_EXPRESSIONS, chain,
    definition, fan_out, names, run, started,
};
use crate::{Result, median, ms, require, tell, us};

/// How many small processes are timed together; one alone takes less than a clock tells well.
const TOGETHER: u32 = 200;

/// How often a run of small processes is timed.
const RUNS: usize = 200;

/// How often work is timed that takes many milliseconds.
const RUNS_OF_LARGE: usize = 9;

/// The width of the smaller fan-out.
const WIDTH: u32 = 1_000;

/// The width of the larger fan-out: all steps of a definition but the two around.
const WIDTH_MAX: u32 = STEPS_MAX - 2;

/// Measures everything that needs no disk.
///
/// # Errors
/// When a process does not run as it must; its figures would mean nothing.
pub(crate) fn figures() -> Result<()> {
    small_processes()?;
    chains()?;
    fans()?;
    opening()?;
    language()
}

/// Three steps, one after the other, in many processes.
fn small_processes() -> Result<()> {
    let plain = definition(THREE_STEPS)?;
    tell("pure_step_us", us(stepping(&plain)?), "us")?;
    let now = instant()?;
    let whole = median(RUNS, || {
        for _ in 0..TOGETHER {
            let (mut execution, events) = started(&plain, json!({}))?;
            drop(events);
            run(&mut execution, &now, drop)?;
        }
        Ok(())
    })?;
    tell("pure_step_with_start_us", us(whole / (3 * TOGETHER)), "us")?;
    let computed = definition(THREE_STEPS_WITH_EXPRESSIONS)?;
    tell("pure_step_with_expressions_us", us(stepping(&computed)?), "us")
}

/// Returns what a step of a process with three of them takes, once it is started.
fn stepping(definition: &Arc<Definition>) -> Result<Duration> {
    let begun = started(definition, json!({}))?.0;
    let now = instant()?;
    let mut taken = Vec::with_capacity(RUNS);
    for _ in 0..=RUNS {
        let mut executions: Vec<Execution> = (0..TOGETHER).map(|_| begun.clone()).collect();
        let start = Instant::now();
        for execution in &mut executions {
            run(execution, &now, drop)?;
        }
        taken.push(start.elapsed() / (3 * TOGETHER));
    }
    Ok(middle(taken))
}

/// Steps one after the other, as many as a definition has at most.
fn chains() -> Result<()> {
    let (short, _) = large(&definition(&chain(100)?)?, &json!({}))?;
    tell("pure_step_of_100_us", us(short / 100), "us")?;
    let (long, start) = large(&definition(&chain(STEPS_MAX)?)?, &json!({}))?;
    tell("pure_step_of_10000_us", us(long / STEPS_MAX), "us")?;
    tell("pure_start_10000_ms", ms(start), "ms")
}

/// Many steps side by side, between one before and one behind all of them.
fn fans() -> Result<()> {
    let (narrow, _) = large(&definition(&fan_out(WIDTH)?)?, &json!({}))?;
    let (wide, _) = large(&definition(&fan_out(WIDTH_MAX)?)?, &json!({}))?;
    tell("pure_fan_out_1000_ms", ms(narrow), "ms")?;
    tell("pure_fan_out_10000_ms", ms(wide), "ms")?;
    tell("pure_fan_out_ratio", wide.as_secs_f64() / narrow.as_secs_f64(), "times")?;
    let foreach = definition(FOREACH)?;
    let (narrow, _) = large(&foreach, &names(WIDTH))?;
    let (wide, _) = large(&foreach, &names(STEPS_MAX))?;
    tell("pure_foreach_10000_ms", ms(wide), "ms")?;
    tell("pure_foreach_ratio", wide.as_secs_f64() / narrow.as_secs_f64(), "times")
}

/// Returns what it takes to run a process that was started, and what its start takes.
fn large(definition: &Arc<Definition>, input: &Value) -> Result<(Duration, Duration)> {
    let now = instant()?;
    let (mut runs, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..=RUNS_OF_LARGE {
        let begin = Instant::now();
        let (mut execution, events) = started(definition, input.clone())?;
        starts.push(begin.elapsed());
        drop(events);
        let begin = Instant::now();
        run(&mut execution, &now, drop)?;
        runs.push(begin.elapsed());
    }
    Ok((middle(runs), middle(starts)))
}

/// Returns the median of all but the first, which warmed up.
fn middle(mut taken: Vec<Duration>) -> Duration {
    taken.remove(0);
    taken.sort_unstable();
    taken[taken.len() / 2]
}

/// The journal of a long run read and replayed, and its snapshot read in its place.
fn opening() -> Result<()> {
    let (mut execution, mut events) = started(&definition(&chain(STEPS_MAX)?)?, json!({}))?;
    run(&mut execution, &instant()?, |decided| events.extend(decided))?;
    let values: Vec<Value> = events.iter().map(Event::to_value).collect();
    let taken = median(RUNS_OF_LARGE, || {
        let events: std::result::Result<Vec<Event>, String> =
            values.iter().map(Event::from_value).collect();
        Ok(Execution::replay(&events?))
    })?;
    tell("replay_10000_steps_ms", ms(taken), "ms")?;
    let snapshot = execution.to_snapshot()?;
    let taken = median(RUNS_OF_LARGE, || Ok(Execution::from_snapshot(&snapshot)?))?;
    tell("snapshot_10000_steps_ms", ms(taken), "ms")
}

/// Reading a definition as large as one may be, and evaluating a condition.
fn language() -> Result<()> {
    for (figure, text) in [
        ("read_10000_steps_ms", chain(STEPS_MAX)?),
        ("read_10000_steps_fan_out_ms", fan_out(WIDTH_MAX)?),
    ] {
        let taken = median(RUNS_OF_LARGE, || {
            let read = definition::read_text(&text).map_err(|problem| problem.to_string())?;
            require(
                !read.problems.iter().any(Diagnostic::is_error),
                "the definition has mistakes",
            )?;
            Ok(read)
        })?;
        tell(figure, ms(taken), "ms")?;
    }
    let names = Names { is_step: &|id| id == "draft", item_name: None, has_item: false };
    let condition = Expression::parse(CONDITION, &names).map_err(|mistake| mistake.message)?;
    let seen = Seen::default();
    let taken = median(RUNS, || {
        for _ in 0..TOGETHER {
            require(black_box(&condition).holds(&seen)?, "the condition does not hold")?;
        }
        Ok(())
    })?;
    tell("expression_us", us(taken / TOGETHER), "us")
}
