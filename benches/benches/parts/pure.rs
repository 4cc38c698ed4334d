//! The engine and the definition language by themselves: steps, replay, reading, expressions.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use process_core::Event;
use process_core::definition::{self, Definition};
use process_core::expr::{Expression, Names, Text};
use process_engine::Execution;
use serde_json::{Value, json};

use crate::SAMPLES_OF_SLOW;
use crate::support::project::{Failed, instant};
use crate::support::run::{
    CONDITION, FOREACH, STEPS_MAX, Seen, THREE_STEPS, THREE_STEPS_WITH_EXPRESSIONS, chain,
    definition, fan_out, names, run, started,
};

/// Measures everything that needs no disk.
///
/// # Errors
/// When a process does not run as it must.
pub(crate) fn parts(criterion: &mut Criterion) -> Result<(), Failed> {
    steps(criterion)?;
    long_run(criterion)?;
    reading(criterion)?;
    expressions(criterion)
}

/// Processes of several shapes, from their start to their end; the time is that of all steps.
fn steps(criterion: &mut Criterion) -> Result<(), Failed> {
    let mut group = criterion.benchmark_group("engine");
    whole(&mut group, "steps_3", 3, &definition(THREE_STEPS)?, json!({}))?;
    let computed = definition(THREE_STEPS_WITH_EXPRESSIONS)?;
    whole(&mut group, "steps_3_with_expressions", 3, &computed, json!({}))?;
    whole(&mut group, "chain_100", 100, &definition(&chain(100)?)?, json!({}))?;
    group.sample_size(SAMPLES_OF_SLOW);
    whole(&mut group, "chain_10000", STEPS_MAX, &definition(&chain(STEPS_MAX)?)?, json!({}))?;
    for (name, width) in [("fan_out_1000", 1_000), ("fan_out_10000", STEPS_MAX - 2)] {
        whole(&mut group, name, width + 2, &definition(&fan_out(width)?)?, json!({}))?;
    }
    let foreach = definition(FOREACH)?;
    for (name, count) in [("foreach_1000", 1_000), ("foreach_10000", STEPS_MAX)] {
        whole(&mut group, name, count + 2, &foreach, names(count))?;
    }
    group.finish();
    Ok(())
}

/// Runs a process that was started to its end.
fn whole(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    steps: u32,
    definition: &Arc<Definition>,
    input: Value,
) -> Result<(), Failed> {
    let now = instant()?;
    let begun = started(definition, input)?.0;
    if run(&mut begun.clone(), &now, drop)? != steps {
        return Err(format!("{name} has not {steps} steps").into());
    }
    group.throughput(Throughput::Elements(u64::from(steps)));
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(
            || begun.clone(),
            |execution| run(execution, &now, drop),
            BatchSize::SmallInput,
        );
    });
    Ok(())
}

/// The journal of a process with as many steps as there may be, from JSON to state.
fn long_run(criterion: &mut Criterion) -> Result<(), Failed> {
    let (mut execution, mut events) = started(&definition(&chain(STEPS_MAX)?)?, json!({}))?;
    run(&mut execution, &instant()?, |decided| events.extend(decided))?;
    let values: Vec<Value> = events.iter().map(Event::to_value).collect();
    let mut group = criterion.benchmark_group("run_10000");
    group.sample_size(SAMPLES_OF_SLOW);
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("events_write", |bencher| {
        bencher.iter(|| black_box(&events).iter().map(Event::to_value).collect::<Vec<_>>());
    });
    group.bench_function("events_read", |bencher| {
        bencher.iter(|| black_box(&values).iter().map(Event::from_value).collect::<Vec<_>>());
    });
    group.bench_function("replay", |bencher| {
        bencher.iter(|| Execution::replay(black_box(&events)));
    });
    let snapshot = execution.to_snapshot()?;
    if Execution::from_snapshot(&snapshot)? != Execution::replay(&events) {
        return Err("a snapshot is another state than its events make".into());
    }
    group.bench_function("snapshot_write", |bencher| bencher.iter(|| execution.to_snapshot()));
    group.bench_function("snapshot_read", |bencher| {
        bencher.iter(|| Execution::from_snapshot(black_box(&snapshot)));
    });
    group.finish();
    Ok(())
}

/// Definitions as large as they may be, with every problem looked for.
fn reading(criterion: &mut Criterion) -> Result<(), Failed> {
    let mut group = criterion.benchmark_group("definition_10000");
    group.sample_size(SAMPLES_OF_SLOW);
    for (name, text) in [("chain", chain(STEPS_MAX)?), ("fan_out", fan_out(STEPS_MAX - 2)?)] {
        let prepared = definition(&text)?;
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("{name}_read"), |bencher| {
            bencher.iter(|| definition::read_text(black_box(&text)));
        });
        group.bench_function(format!("{name}_stored"), |bencher| {
            bencher.iter(|| black_box(&prepared).stored());
        });
        let stored = prepared.stored();
        group.bench_function(format!("{name}_from_stored"), |bencher| {
            bencher.iter(|| Definition::from_value(black_box(&stored)));
        });
    }
    group.finish();
    Ok(())
}

/// A condition and a text, parsed and evaluated.
fn expressions(criterion: &mut Criterion) -> Result<(), Failed> {
    const TEXT: &str = "Print {{ steps.draft.output.file | upper }} about {{ input.topic }}";
    let names = Names { is_step: &|id| id == "draft", item_name: None, has_item: false };
    let condition = Expression::parse(CONDITION, &names).map_err(|mistake| mistake.message)?;
    let text = Text::parse(TEXT, &names).map_err(|mistake| mistake.message)?;
    let seen = Seen::default();
    if !condition.holds(&seen)? || text.render(&seen)? != "Print DRAFT.MD about bees" {
        return Err("an expression has another value".into());
    }
    let mut group = criterion.benchmark_group("expression");
    group.bench_function("condition_parse", |bencher| {
        bencher.iter(|| Expression::parse(black_box(CONDITION), &names));
    });
    group.bench_function("condition", |bencher| bencher.iter(|| condition.holds(&seen)));
    group.bench_function("text_parse", |bencher| {
        bencher.iter(|| Text::parse(black_box(TEXT), &names));
    });
    group.bench_function("text", |bencher| bencher.iter(|| text.render(&seen)));
    group.finish();
    Ok(())
}
