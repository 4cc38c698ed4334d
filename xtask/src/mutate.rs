//! Puts known faults into a copy of the workspace: the simulation must find every one of them.

mod faults;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use faults::{FAULTS, Fault};

/// The crates that the copy consists of, with all that they need.
const COPIED: [&str; 4] = ["process-core", "process-engine", "process-store", "process-runtime"];

/// How many worlds each fault is looked for in.
const SEEDS: &str = "300";

/// Plants each fault whose number is named, or all, and answers whether every one was found.
///
/// # Errors
/// When the copy cannot be written, cargo cannot be started, or a fault does not fit the text.
pub(crate) fn run(root: &Path, numbers: &[&str]) -> io::Result<bool> {
    let copy = root.join("target").join("mutants");
    copy_workspace(root, &copy)?;
    let mut caught = 0;
    let mut tried = 0;
    for (index, fault) in FAULTS.iter().enumerate() {
        let number = (index + 1).to_string();
        if !numbers.is_empty() && !numbers.contains(&number.as_str()) {
            continue;
        }
        tried += 1;
        let found = try_one(&copy, fault)?;
        caught += usize::from(found.is_some());
        let verdict = found.unwrap_or_else(|| "NOT CAUGHT".to_owned());
        let (invariant, what) = (fault.invariant, fault.what);
        writeln!(io::stdout(), "{number:>3} {invariant:<4} {what:<62} {verdict}")?;
    }
    writeln!(io::stdout(), "caught {caught} of {tried}")?;
    Ok(caught == tried)
}

/// Plants a fault, looks for it, and takes it out again; returns what the simulation said.
fn try_one(copy: &Path, fault: &Fault) -> io::Result<Option<String>> {
    let path = copy.join(fault.file);
    let text = fs::read_to_string(&path)?;
    if !text.contains(fault.find) {
        let what = format!("`{}` does not hold `{}`", fault.file, fault.find);
        return Err(io::Error::other(what));
    }
    fs::write(&path, text.replacen(fault.find, fault.replacement, 1))?;
    let said = simulate(copy);
    fs::write(&path, text)?;
    said
}

fn simulate(copy: &Path) -> io::Result<Option<String>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = target_of(copy);
    let command = |last: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(last).current_dir(copy).env("CARGO_TARGET_DIR", &target);
        command.stdout(Stdio::null());
        command
    };
    let build = ["build", "--quiet", "--profile", "test", "-p", "process-runtime", "--example"];
    let build = [&build[..], &["simulate"]].concat();
    let built = command(&build).output()?;
    if !built.status.success() {
        let text = String::from_utf8_lossy(&built.stderr).into_owned();
        return Err(io::Error::other(format!("the fault does not compile: {text}")));
    }
    let program = target.join("debug").join("examples").join("simulate");
    // A fault may make it run for ever, which is as good as found.
    let mut child = Command::new(program)
        .args(["--seeds", SEEDS])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let patience = std::time::Duration::from_secs(120);
    let begin = std::time::Instant::now();
    let mut said = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(said) = &mut said {
            let _ = io::Read::read_to_string(said, &mut text);
        }
        text
    });
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if begin.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let text = reader.join().unwrap_or_default();
    Ok(match status {
        None => Some("it comes to no end".to_owned()),
        Some(status) if status.success() => None,
        Some(_) => {
            let line = text.lines().find(|line| line.starts_with("seed "));
            Some(line.unwrap_or("it panics").chars().take(100).collect())
        }
    })
}

/// Copies what the simulation is built of; what was built before stays.
fn copy_workspace(root: &Path, copy: &Path) -> io::Result<()> {
    for folder in COPIED {
        let to = copy.join(folder);
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        copy_folder(&root.join(folder), &to)?;
    }
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let members = COPIED.map(|folder| format!("\"{folder}\"")).join(", ");
    let lines = manifest.lines().map(|line| {
        if line.starts_with("members = ") {
            format!("members = [{members}]")
        } else {
            line.to_owned()
        }
    });
    let lines = lines.filter(|line| !line.starts_with("procside = "));
    fs::write(copy.join("Cargo.toml"), lines.collect::<Vec<String>>().join("\n"))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Returns where the copy is built: beside it, or where the environment says.
fn target_of(copy: &Path) -> PathBuf {
    let told: Option<OsString> = env::var_os("PROCSIDE_MUTANTS_TARGET");
    told.map_or_else(|| copy.join("target"), PathBuf::from)
}
