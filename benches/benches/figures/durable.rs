//! Processes that are driven and stored: nothing is performed before it is durable, and nothing is
//! counted before its end is.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use procside::disk::FaultDisk;
use procside::store::Store;
use procside::store::files::{Files, Options};
use procside::store::lock::StdWaiter;
use procside::store::sqlite::{Sqlite, SqliteOptions};

use crate::driving::{Counted, Driving, new};
use crate::floor::Floor;
use crate::support::run::{STEPS_MAX, chain, definition, fan_out};
use crate::{Result, ms, quantile, require, tell, us};

/// Three steps, one after the other.
const THREE_STEPS: &str = "\
name: report
steps:
  - {id: draft, type: agent_task, agent: writer, message: Write the draft}
  - {id: check, type: agent_task, agent: reader, message: Read the draft, depends_on: [draft]}
  - {id: print, type: agent_task, agent: writer, message: Print the draft, depends_on: [check]}
";

/// A step that waits for longer than any bench, and one behind it.
const WAITING: &str = "\
name: reminder
steps:
  - {id: wait, type: timer, delay: 30d}
  - {id: remind, type: agent_task, agent: writer, message: Remind them, depends_on: [wait]}
";

/// How many processes run at once in the crowd.
const CROWD: usize = 10_000;

/// How many attempts are performed at once there.
const CROWD_LIMIT: usize = 4_096;

/// How often the crowd runs; the floor is measured before and behind each.
const CROWDS: usize = 3;

/// How many steps run alone.
const ALONE: u32 = 300;

/// The widths of the fans: the second is as wide as a definition may be.
const WIDTHS: [(&str, u32, usize); 2] =
    [("fan_out_1000_ms", 1_000, 9), ("fan_out_10000_ms", STEPS_MAX - 2, 3)];

/// How many processes are unfinished when a driver starts.
const UNFINISHED: usize = 100_000;

/// How many of them have work that is due: one in a hundred.
const DUE: usize = UNFINISHED / 100;

/// How many processes are started with one sync while they are laid down.
const BATCH: usize = 4_000;

/// How long the idle program is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_millis(700);

/// The argument by which this program is the idle one.
pub(crate) const IDLE_ARGUMENT: &str = "--idle-in";

/// Measures everything that is durable.
///
/// # Errors
/// When a process does not end as it must; its figures would mean nothing.
pub(crate) fn figures(folder: &Path) -> Result<()> {
    let floor = Floor::new(folder)?;
    let commit = floor.alone()?;
    alone(folder, commit)?;
    crowd(folder, &floor)?;
    for (figure, width, times) in WIDTHS {
        tell(figure, ms(fan(folder, figure, width, times)?), "ms")?;
    }
    files()?;
    resume(folder)?;
    idle(folder)
}

/// One process whose steps run one after the other: each waits for its own sync.
fn alone(folder: &Path, commit: Duration) -> Result<()> {
    let store = sqlite(&folder.join("alone.db"))?;
    let counted = Arc::new(Counted { store, appends: AtomicU64::new(0) });
    let driving = Driving::start(counted.clone(), 16)?;
    let steps = definition(&agents(ALONE)?)?;
    driving.run(&steps, 1)?;
    driving.take_begun();
    let before = counted.appends.load(Relaxed);
    driving.run(&steps, 1)?;
    let appends = u32::try_from(counted.appends.load(Relaxed) - before)?;
    let begun = driving.take_begun();
    require(begun.len() == ALONE as usize, "a step did not run")?;
    let mut taken: Vec<Duration> = begun.windows(2).map(|pair| pair[1] - pair[0]).collect();
    taken.sort_unstable();
    let middle = quantile(&taken, 50);
    tell("durable_step_latency_us", us(middle), "us")?;
    tell("durable_step_latency_p99_us", us(quantile(&taken, 99)), "us")?;
    tell("durable_step_over_commit_us", us(middle) - us(commit), "us")?;
    tell("fsyncs_per_step", f64::from(appends) / f64::from(ALONE), "syncs")
}

/// Many processes at once, which share their syncs.
fn crowd(folder: &Path, floor: &Floor) -> Result<()> {
    let steps = definition(THREE_STEPS)?;
    let (mut floors, mut found, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut appends = 0;
    for round in 0..CROWDS {
        let store = sqlite(&folder.join(format!("crowd-{round}.db")))?;
        let counted = Arc::new(Counted { store, appends: AtomicU64::new(0) });
        let driving = Driving::start(counted.clone(), CROWD_LIMIT)?;
        let before = floor.grouped()?;
        let start = Instant::now();
        driving.run(&steps, CROWD)?;
        let steps_per_s = 3.0 * CROWD as f64 / start.elapsed().as_secs_f64();
        let rows_per_s = f64::midpoint(before, floor.grouped()?);
        appends += counted.appends.load(Relaxed);
        floors.push(rows_per_s);
        found.push(steps_per_s);
        ratios.push(steps_per_s / rows_per_s);
    }
    for values in [&mut floors, &mut found, &mut ratios] {
        values.sort_unstable_by(f64::total_cmp);
    }
    tell("sqlite_grouped_rows_per_s", floors[CROWDS / 2], "rows/s")?;
    tell("durable_steps_per_s", found[CROWDS / 2], "steps/s")?;
    tell("durable_steps_per_grouped_row", ratios[CROWDS / 2], "ratio")?;
    tell("fsyncs_per_step_of_many", appends as f64 / (3 * CROWD * CROWDS) as f64, "syncs")
}

/// One process with one step, then many side by side, then one.
fn fan(folder: &Path, name: &str, width: u32, times: usize) -> Result<Duration> {
    let steps = definition(&fan_out(width)?)?;
    let store = sqlite(&folder.join(format!("{name}.db")))?;
    let driving = Driving::start(store, width as usize)?;
    let mut taken = Vec::with_capacity(times);
    for _ in 0..=times {
        let start = Instant::now();
        driving.run(&steps, 1)?;
        taken.push(start.elapsed());
    }
    taken.remove(0);
    taken.sort_unstable();
    Ok(quantile(&taken, 50))
}

/// How often a step syncs where processes are files: each alone, and many at once.
fn files() -> Result<()> {
    let disk = FaultDisk::new();
    disk.plant_folder("/project");
    let files = Files::new(
        Arc::new(disk.clone()),
        Arc::new(StdWaiter),
        "/project",
        Options::default(),
        procside::fresh_uid,
    );
    files.found()?;
    let driving = Driving::start(Arc::new(files), 16)?;
    let steps = definition(&agents(ALONE)?)?;
    let before = disk.counts().syncs();
    driving.run(&steps, 1)?;
    let syncs = u32::try_from(disk.counts().syncs() - before)?;
    tell("fsyncs_per_step_in_files", f64::from(syncs) / f64::from(ALONE), "syncs")
}

/// A new driver over many unfinished processes, from the opening of the file until all that was due
/// is handed out and done, and every timer is set.
fn resume(folder: &Path) -> Result<()> {
    let path = folder.join("resume.db");
    lay_down(&path)?;
    let start = Instant::now();
    let driving = Driving::start(sqlite(&path)?, CROWD_LIMIT)?;
    driving.rest()?;
    let taken = start.elapsed();
    require(driving.take_begun().len() == DUE, "work that was due was not handed out")?;
    tell("resume_100000_s", taken.as_secs_f64(), "s")
}

/// Stores processes that wait, and some that have work to do.
fn lay_down(path: &Path) -> Result<()> {
    let store = sqlite(path)?;
    let (waiting, due) = (definition(WAITING)?, definition(&agents(1)?)?);
    let clock = procside::Surroundings::of_the_system().clock;
    for batch in 0..UNFINISHED / BATCH {
        let ids = store.reserve(u32::try_from(BATCH)?)?;
        let groups: std::result::Result<Vec<_>, _> = ids
            .into_iter()
            .enumerate()
            .map(|(index, id)| {
                let is_due = (batch * BATCH + index).is_multiple_of(UNFINISHED / DUE);
                new(if is_due { &due } else { &waiting }).begin(&clock(), "bench", id)
            })
            .collect();
        let groups = groups.map_err(|rejected| rejected.to_string())?;
        for outcome in store.append(&groups) {
            outcome?;
        }
    }
    Ok(())
}

/// The memory of a program that opened the library and has nothing to do.
fn idle(folder: &Path) -> Result<()> {
    let output = Command::new(std::env::current_exe()?)
        .arg(IDLE_ARGUMENT)
        .arg(folder.join("idle.db"))
        .stdin(Stdio::null())
        .output()?;
    require(output.status.success(), "the idle program failed")?;
    let kilobytes: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    tell("idle_memory_mb", kilobytes * 1024.0 / 1e6, "MB")
}

/// Opens a database and a driver, idles, and prints how many KiB of memory are resident.
///
/// # Errors
/// Where the system does not tell.
pub(crate) fn be_idle(path: &Path) -> Result<String> {
    let driving = Driving::start(sqlite(path)?, 16)?;
    driving.rest()?;
    std::thread::sleep(IDLE);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let line = line.ok_or("the system does not tell the memory")?;
    Ok(line.trim().trim_end_matches("kB").trim().to_owned())
}

fn sqlite(path: &Path) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(Sqlite::open(path, SqliteOptions::default())?))
}

/// Returns so many steps of an agent, one after the other.
fn agents(steps: u32) -> Result<String> {
    let text = chain(steps)?;
    Ok(text.replace("{id:", "{type: agent_task, agent: writer, message: Go on, id:"))
}
