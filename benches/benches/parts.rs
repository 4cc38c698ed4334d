//! The parts by themselves: reading, writing, deciding, comparing; `cargo bench --bench parts`.

#[path = "parts/pure.rs"]
mod pure;
mod support;

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput};
use process_core::difference::difference;
use process_core::model::Defaults;
use process_core::registry::{ProcessEntry, Registry};
use process_core::{Event, Process, Step, StepId, StepStatus, yaml};
use process_engine::{Execution, Input};
use process_store::disk::OsDisk;
use process_store::journal;
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::project::{Failed, create, instant, new_process, process_id, project};

/// How many processes the large project and the large registry hold.
const PROCESSES: u32 = 2_000;

/// How many events the long journal holds.
const EVENTS: usize = 10_000;

/// How many steps the processes that are compared have.
const STEPS: u64 = 100;

/// Samples of work that takes many milliseconds; more would only take longer.
const SAMPLES_OF_SLOW: usize = 20;

fn main() -> Result<(), Failed> {
    let mut criterion = Criterion::default().configure_from_args();
    process_file(&mut criterion)?;
    registry_file(&mut criterion)?;
    history(&mut criterion)?;
    one_change(&mut criterion)?;
    comparison(&mut criterion)?;
    index(&mut criterion)?;
    pure::parts(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// The file of one process, from text to process and back, and one step changed in its text.
fn process_file(criterion: &mut Criterion) -> Result<(), Failed> {
    let process = new_process(1)?;
    let value = process.to_value();
    let text = yaml::write(&value);
    let node = yaml::read(&text)?;
    let defaults = Defaults { id: process.id, uid: process.uid, now: instant()? };
    let mut changed = process.clone();
    changed.steps[1].status = StepStatus::Completed;
    let changed = changed.to_value();
    let mut group = criterion.benchmark_group("process_file");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("yaml_read", |bencher| bencher.iter(|| yaml::read(black_box(&text))));
    group.bench_function("yaml_write", |bencher| bencher.iter(|| yaml::write(black_box(&value))));
    group.bench_function("yaml_edit", |bencher| {
        bencher.iter(|| yaml::edit(black_box(&text), black_box(&changed)));
    });
    group.bench_function("process_read", |bencher| {
        bencher.iter(|| Process::read(black_box(&node), &defaults));
    });
    group.finish();
    Ok(())
}

/// The registry of a large project, from text to registry and back, and one entry changed in it.
fn registry_file(criterion: &mut Criterion) -> Result<(), Failed> {
    let mut registry = Registry { active: Some(process_id(1)?), ..Registry::default() };
    for number in 1..=PROCESSES {
        registry.put(ProcessEntry::of(&new_process(number)?));
    }
    let value = registry.to_value();
    let text = yaml::write(&value);
    let node = yaml::read(&text)?;
    registry.processes[PROCESSES as usize / 2].progress = 50;
    let changed = registry.to_value();
    let mut group = criterion.benchmark_group("registry_2000");
    group.sample_size(SAMPLES_OF_SLOW);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("yaml_read", |bencher| bencher.iter(|| yaml::read(black_box(&text))));
    group.bench_function("yaml_write", |bencher| bencher.iter(|| yaml::write(black_box(&value))));
    group.bench_function("yaml_edit", |bencher| {
        bencher.iter(|| yaml::edit(black_box(&text), black_box(&changed)));
    });
    group.bench_function("registry_read", |bencher| {
        bencher.iter(|| Registry::read(black_box(&node)));
    });
    group.finish();
    Ok(())
}

/// A long journal: read from its file, and replayed.
fn history(criterion: &mut Criterion) -> Result<(), Failed> {
    let events = long_history()?;
    let values: Vec<Value> = events.iter().map(Event::to_value).collect();
    let folder = Folder::new("parts-journal")?;
    let path = folder.path().join("journal.yaml");
    journal::append(&OsDisk, &path, &journal::Head::default(), &values)?;
    let mut group = criterion.benchmark_group("journal_10000");
    group.sample_size(SAMPLES_OF_SLOW);
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| journal::read(&OsDisk, black_box(&path)));
    });
    group.bench_function("replay", |bencher| {
        bencher.iter(|| Execution::replay(black_box(&events)));
    });
    group.finish();
    Ok(())
}

/// One step begun: decided, and applied.
fn one_change(criterion: &mut Criterion) -> Result<(), Failed> {
    let (now, execution) = (instant()?, fresh_execution()?);
    criterion.bench_function("decide_and_apply", |bencher| {
        bencher.iter_batched_ref(
            || execution.clone(),
            |execution| {
                let events = execution.decide(&now, "bench", set(StepStatus::InProgress));
                events.iter().flatten().for_each(|event| execution.apply(event));
            },
            BatchSize::SmallInput,
        );
    });
    Ok(())
}

/// Two processes with many steps, a few of which differ.
fn comparison(criterion: &mut Criterion) -> Result<(), Failed> {
    let mut before = new_process(1)?;
    before.steps =
        (1..=STEPS).map(|number| Step::new(StepId::numbered(number), "A step")).collect();
    let mut after = before.clone();
    after.steps.remove(10);
    after.steps[20].status = StepStatus::Completed;
    after.steps.swap(30, 60);
    after.steps.push(Step::new(StepId::numbered(STEPS + 1), "One more step"));
    criterion.bench_function("difference_100_steps", |bencher| {
        bencher.iter(|| difference(black_box(&before), black_box(&after)));
    });
    Ok(())
}

/// The index of a large project: the registry, each entry held against its files.
fn index(criterion: &mut Criterion) -> Result<(), Failed> {
    let folder = Folder::new("parts-index")?;
    let files = project(Path::new(folder.path()), PROCESSES)?;
    let now = instant()?;
    let mut group = criterion.benchmark_group("index");
    group.sample_size(SAMPLES_OF_SLOW);
    group.bench_function("2000", |bencher| bencher.iter(|| files.index(black_box(&now))));
    group.finish();
    Ok(())
}

fn fresh_execution() -> Result<Execution, Failed> {
    let mut execution = Execution::default();
    let events = execution.decide(&instant()?, "bench", create(new_process(1)?))?;
    events.iter().for_each(|event| execution.apply(event));
    Ok(execution)
}

/// Returns the events of a process whose first step is begun and taken back again and again.
fn long_history() -> Result<Vec<Event>, Failed> {
    let now = instant()?;
    let mut execution = Execution::default();
    let mut events = execution.decide(&now, "bench", create(new_process(1)?))?;
    events.iter().for_each(|event| execution.apply(event));
    for status in [StepStatus::InProgress, StepStatus::Pending].iter().cycle() {
        let decided = execution.decide(&now, "bench", set(*status))?;
        decided.iter().for_each(|event| execution.apply(event));
        events.extend(decided);
        if events.len() >= EVENTS {
            break;
        }
    }
    events.truncate(EVENTS);
    Ok(events)
}

fn set(status: StepStatus) -> Input {
    Input::SetStepStatus { step: StepId::numbered(1), status, outputs: Vec::new(), note: None }
}
