//! The figures that people ask for, measured whole: `{"figure","value","unit"}`, one a line.
//!
//! What they mean, and why the floor of the machine is among them, is told in `benches/README.md`.

#[path = "figures/children.rs"]
mod children;
#[path = "figures/driving.rs"]
mod driving;
#[path = "figures/durable.rs"]
mod durable;
#[path = "figures/floor.rs"]
mod floor;
#[path = "figures/patches.rs"]
mod patches;
#[path = "figures/pure.rs"]
mod pure;
mod support;

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use process_core::registry::Registry;
use process_core::yaml;
use procside::disk::FaultDisk;
use procside::{Changed, NewProcess, NewStep, Procside, Surroundings, TemplateId};
use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::project::{process_id, project};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The allocator of the program, so that what is measured is what people run.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many processes the large project holds.
const PROCESSES: u32 = 2_000;

/// How often an operating-system process is started for one figure.
const STARTS: usize = 40;

/// How often an operation that syncs is done for one figure.
const OPERATIONS: usize = 60;

/// How often a plain append is synced: it is the unit of all others, so it is measured best.
const APPENDS: usize = 300;

/// How long an appended line is, in bytes; the lines of a journal are about as long.
const APPENDED_BYTES: usize = 200;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(durable::IDLE_ARGUMENT) {
        let path = arguments.next().ok_or("the idle program needs a path")?;
        return Ok(writeln!(io::stdout(), "{}", durable::be_idle(Path::new(&path))?)?);
    }
    // Without the flag somebody tests that benches build, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    pure::figures()?;
    patches::figures()?;
    allocations()?;
    let binary = build_binary()?;
    let folder = Folder::new("figures")?;
    tell("fdatasync_us", us(fdatasync(folder.path())?), "us")?;
    durable::figures(folder.path())?;
    children::figures(folder.path())?;
    tracked_operation(folder.path())?;
    let root = folder.path().join("large");
    fs::create_dir(&root)?;
    project(&root, PROCESSES)?;
    reading(&root)?;
    programs(&binary, &root)?;
    let bytes = u32::try_from(fs::metadata(&binary)?.len())?;
    tell("binary_mb", f64::from(bytes) / 1e6, "MB")
}

/// Measures what the disk takes for one append of the size of a journal line, durable.
fn fdatasync(folder: &Path) -> Result<Duration> {
    let path = folder.join("floor");
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    median(APPENDS, || {
        file.write_all(&[b'x'; APPENDED_BYTES])?;
        Ok(file.sync_data()?)
    })
}

/// Measures one tracked operation of the library, in a project with a single process.
fn tracked_operation(folder: &Path) -> Result<()> {
    let root = folder.join("small");
    fs::create_dir(&root)?;
    let project = Procside::open_or_new(&root, Surroundings::of_the_system())?;
    project.init(deployment()?)?;
    let taken = median(OPERATIONS, || add_step(&project))?;
    tell("tracked_operation_ms", ms(taken), "ms")?;

    let disk = FaultDisk::new();
    disk.plant_folder("/project");
    let surroundings =
        Surroundings { disk: Arc::new(disk.clone()), ..Surroundings::of_the_system() };
    let project = Procside::open_or_new("/project", surroundings)?;
    project.init(deployment()?)?;
    // The second group of a journal syncs the folder once more, the third is one like all others.
    add_step(&project)?;
    let before = disk.counts().syncs();
    add_step(&project)?;
    let syncs = u32::try_from(disk.counts().syncs() - before)?;
    tell("tracked_operation_fsyncs", f64::from(syncs), "syncs")
}

/// Measures what the library reads of a large project.
fn reading(root: &Path) -> Result<()> {
    let project = Procside::open(root)?;
    let id = process_id(PROCESSES / 2)?;
    let taken = median(APPENDS, || Ok(project.process(Some(id))?))?;
    tell("process_read_us", us(taken), "us")?;
    let path = root.join(".ai/registry.yaml");
    let taken = median(STARTS, || {
        let text = fs::read_to_string(&path)?;
        let registry = Registry::read(&yaml::read(&text)?);
        let registry = registry.map_err(|problems| format!("{problems:?}"))?;
        require(registry.processes.len() == PROCESSES as usize, "the registry lacks processes")
    })?;
    tell("registry_read_2000_ms", ms(taken), "ms")
}

/// Measures the program as people start it, beside a program that does nothing.
fn programs(binary: &Path, root: &Path) -> Result<()> {
    let taken = median(STARTS, || run(Path::new("true"), root, &[]))?;
    tell("spawn_floor_ms", ms(taken), "ms")?;
    let taken = median(STARTS, || {
        let printed = run(binary, root, &["list"])?;
        let lines = printed.iter().filter(|byte| **byte == b'\n').count();
        require(lines >= PROCESSES as usize, "the list lacks processes")
    })?;
    tell("list_2000_ms", ms(taken), "ms")?;
    let taken = median(STARTS, || run(binary, root, &["status"]))?;
    tell("status_ms", ms(taken), "ms")?;
    let taken = median(STARTS, || run(binary, root, &["add-step", "One more step"]))?;
    tell("list_2000_change_ms", ms(taken), "ms")
}

/// Runs the bench that counts allocations, which prints its figures itself.
fn allocations() -> Result<()> {
    let (mut cargo, _) = cargo(&["bench", "-p", "procside-benches", "--bench", "allocations"])?;
    require(cargo.status()?.success(), "the allocations cannot be counted")
}

/// Builds the program as it is delivered, and returns where it lies.
fn build_binary() -> Result<PathBuf> {
    let (mut cargo, target) = cargo(&["build", "--release", "-p", "procside-cli"])?;
    let status = cargo.stdout(Stdio::null()).status()?;
    require(status.success(), "the program cannot be built")?;
    let name = format!("procside{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}

/// Returns a call of cargo for the target folder of this bench, and that folder.
fn cargo(arguments: &[&str]) -> Result<(Command, PathBuf)> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).ok_or("the bench lies in no target folder")?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(arguments)
        .args(["--quiet", "--locked", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    Ok((cargo, target.to_owned()))
}

/// Runs a program to its end, its output read from a pipe.
fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output =
        Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    require(output.status.success(), &format!("{} failed: {said}", program.display()))?;
    Ok(output.stdout)
}

fn deployment() -> Result<NewProcess> {
    let template = Some(TemplateId::parse("infra-deploy")?);
    Ok(NewProcess { template, ..NewProcess::default() })
}

fn add_step(project: &Procside) -> Result<Changed> {
    let step = NewStep { name: "One more step".to_owned(), ..NewStep::default() };
    Ok(project.add_step(None, step)?)
}

/// Returns the median of how long some work takes; a first time that is not counted warms up.
fn median<T>(times: usize, mut work: impl FnMut() -> Result<T>) -> Result<Duration> {
    work()?;
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        let result = work()?;
        taken.push(start.elapsed());
        drop(result);
    }
    taken.sort_unstable();
    Ok(taken[times / 2])
}

/// Returns the value below which this share of the sorted ones lies, in percent.
fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// Ends the bench when a program or a file is not as it must be: its figure would mean nothing.
fn require(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn tell(figure: &str, value: f64, unit: &str) -> Result<()> {
    // Three digits behind the point are more than any two runs share.
    let value = (value * 1e3).round() / 1e3;
    let line: Value = json!({"figure": figure, "value": value, "unit": unit});
    Ok(writeln!(io::stdout(), "{line}")?)
}

fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
