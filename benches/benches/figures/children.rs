//! Children: what it costs to start one behind its gate, how soon its end is noticed, and what a
//! hundred of them take in the program that looks after them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use procside::children::{Children, ChildrenOptions, RestartPolicy, SpawnRequest, Told};

use crate::{Result, median, ms, require, tell};

/// How often a child is started for one figure.
const STARTS: usize = 60;

/// How often an end is waited for.
const ENDS: usize = 20;

/// How many children live at once for the figure of memory.
const MANY: usize = 100;

/// How long an end is waited for at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures and prints all of it.
///
/// # Errors
/// Whatever the system or the registry says.
pub(crate) fn figures(folder: &Path) -> Result<()> {
    let folder = folder.join("children");
    fs::create_dir(&folder)?;
    spawning(&folder)?;
    noticing(&folder)?;
    remembering(&folder)
}

/// Measures the start of a child beside that of a plain program and one durable write.
fn spawning(folder: &Path) -> Result<()> {
    let plain = median(STARTS, || {
        let mut command = Command::new("sleep");
        let command = command.arg("0.2").stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn()?;
        // Its end is somebody else's business.
        thread::spawn(move || child.wait());
        Ok(())
    })?;
    tell("plain_spawn_ms", ms(plain), "ms")?;
    let write = median(STARTS, || durable_write(folder))?;
    tell("durable_replace_ms", ms(write), "ms")?;
    let children = Children::open(folder, ChildrenOptions::default())?;
    let own = median(STARTS, || {
        let request = SpawnRequest { detached: true, ..request(&["sleep", "0.2"]) };
        children.spawn(request)?;
        Ok(())
    })?;
    tell("child_spawn_ms", ms(own), "ms")?;
    tell("child_spawn_over_floor_ms", ms(own) - ms(plain) - ms(write), "ms")
}

/// Replaces a file as safely as a registry is replaced.
fn durable_write(folder: &Path) -> Result<()> {
    let (path, beside) = (folder.join("floor"), folder.join("floor.new"));
    let mut file = File::create(&beside)?;
    file.write_all(&[b'x'; 4096])?;
    file.sync_all()?;
    fs::rename(&beside, &path)?;
    Ok(File::open(folder)?.sync_all()?)
}

/// Measures the time from the last thing that a child does until its end is told.
fn noticing(folder: &Path) -> Result<()> {
    let children = Children::open(folder, ChildrenOptions::default())?;
    let mut taken = Vec::with_capacity(ENDS);
    for number in 0..ENDS {
        let said = folder.join(format!("said-{number}"));
        let script = format!("date +%s%N > {}; exit 3", said.display());
        let (sender, ended) = mpsc::channel();
        let (_stop, stopped) = stop()?;
        let request = request(&["sh", "-c", &script]);
        children.supervise(request, &stopped, &mut |_| {}, &mut |told| {
            if matches!(told, Told::Exited(..)) {
                let _ = sender.send(SystemTime::now());
            }
        })?;
        let at = ended.recv_timeout(PATIENCE)?.duration_since(UNIX_EPOCH)?;
        let before = Duration::from_nanos(fs::read_to_string(said)?.trim().parse()?);
        taken.push(at.saturating_sub(before));
    }
    taken.sort_unstable();
    tell("child_end_noticed_ms", ms(taken[ENDS / 2]), "ms")
}

/// A pipe whose reader ends when its writer is dropped.
fn stop() -> io::Result<(io::PipeWriter, io::PipeReader)> {
    let (reader, writer) = io::pipe()?;
    Ok((writer, reader))
}

/// Measures the memory of this program before and with a hundred children that it looks after.
fn remembering(folder: &Path) -> Result<()> {
    let children = Children::open(folder, ChildrenOptions::default())?;
    let before = resident_kb()?;
    let mut stops = Vec::with_capacity(MANY);
    let mut keepers = Vec::with_capacity(MANY);
    let (sender, running) = mpsc::channel();
    for _ in 0..MANY {
        let (stop, stopped) = stop()?;
        stops.push(stop);
        let (children, sender) = (children.clone(), sender.clone());
        keepers.push(thread::Builder::new().stack_size(128 * 1024).spawn(move || {
            let mut told = |_: &_| {
                let _ = sender.send(());
            };
            let _ =
                children.supervise(request(&["sleep", "1000"]), &stopped, &mut told, &mut |_| {});
        })?);
    }
    for _ in 0..MANY {
        running.recv_timeout(PATIENCE)?;
    }
    let with = resident_kb()?;
    drop(stops);
    for keeper in keepers {
        require(keeper.join().is_ok(), "a supervision panicked")?;
    }
    let grown = f64::from(u32::try_from(with.saturating_sub(before))?);
    tell("children_100_memory_mb", grown * 1024.0 / 1e6, "MB")
}

/// Returns how many KiB of this program are in memory.
fn resident_kb() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_ascii_whitespace().next());
    Ok(number.ok_or("the system does not tell")?.parse()?)
}

fn request(command: &[&str]) -> SpawnRequest {
    SpawnRequest {
        command: command.iter().map(|&part| part.to_owned()).collect(),
        restart: RestartPolicy::Never,
        ..SpawnRequest::default()
    }
}
