//! The programs that must find the faults.

use std::env;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a program may take; a fault may make it run for ever, which is as good as found.
const PATIENCE: Duration = Duration::from_secs(120);

/// How much of what a program says is told.
const SAID_MAX: usize = 100;

/// Where the programs are built when they are not to be built beside the copy.
const TARGET: &str = "PROCSIDE_MUTANTS_TARGET";

/// A program of the copy that looks for faults.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
    /// Where it looks for its files.
    folder: PathBuf,
}

impl Judge {
    /// Builds all that look for faults, the one that is to find most of them first.
    ///
    /// # Errors
    /// When cargo cannot be started or a fault does not compile.
    pub(super) fn build_all(copy: &Path) -> io::Result<Vec<Self>> {
        let messages = build(copy)?;
        let program = |krate: &str, target: &str| -> io::Result<PathBuf> {
            let is_it = |it: &&Value| {
                let is_of = it["package_id"].as_str().is_some_and(|id| id.contains(krate));
                is_of && it["target"]["name"] == target
            };
            let mut found = messages.iter().filter(is_it);
            let path = found.find_map(|it| it["executable"].as_str().map(PathBuf::from));
            path.ok_or_else(|| io::Error::other(format!("cargo names no `{target}` of {krate}")))
        };
        let judge = |name: &'static str,
                     krate: &str,
                     target: &str,
                     arguments: &'static [&'static str]|
         -> io::Result<Self> {
            let program = program(krate, target)?;
            Ok(Self { name, program, arguments, folder: copy.join(krate) })
        };
        Ok(vec![
            judge("simulation", "process-runtime", "simulate", &["--seeds", "300"])?,
            judge("engine", "process-engine", "it", &["--quiet"])?,
            judge(
                "driver",
                "process-runtime",
                "it",
                &["--quiet", "drive::", "recover::", "sim::chance", "sim::the_same_seed"],
            )?,
            judge(
                "more worlds",
                "process-runtime",
                "simulate",
                &["--seed", "301", "--seeds", "1500"],
            )?,
        ])
    }

    /// Returns what the program finds where this fault is switched on, or none where it is 0.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn ask(&self, number: usize) -> io::Result<Option<String>> {
        let mut child = Command::new(&self.program)
            .args(self.arguments)
            .current_dir(&self.folder)
            .env("PROCSIDE_FAULT", number.to_string())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (out, err) = (listen(child.stdout.take()), listen(child.stderr.take()));
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if begin.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                break None;
            }
            thread::sleep(Duration::from_millis(20));
        };
        let text = out.join().unwrap_or_default() + &err.join().unwrap_or_default();
        Ok(match status {
            None => Some("it comes to no end".to_owned()),
            Some(status) if status.success() => None,
            Some(_) => Some(heart_of(&text)),
        })
    }
}

/// Reads on while the program runs, so that it is not held up.
fn listen(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before an error is all there is to tell.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Returns the line that says most: the seed, or the first test that failed, and how many did.
fn heart_of(text: &str) -> String {
    let seed = text.lines().find(|line| line.starts_with("seed "));
    let mut failed = text.lines().filter_map(|line| line.strip_prefix("---- "));
    let said = match (seed, failed.next()) {
        (Some(seed), _) => seed.to_owned(),
        (None, Some(first)) => {
            let first = first.split(' ').next().unwrap_or_default();
            format!("{first} and {} more", failed.count())
        }
        (None, None) => "it panics".to_owned(),
    };
    said.chars().take(SAID_MAX).collect()
}

/// Builds the programs of the copy at once, and returns what cargo says about them.
fn build(copy: &Path) -> io::Result<Vec<Value>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = env::var_os(TARGET).map_or_else(|| copy.join("target"), PathBuf::from);
    let built = Command::new(cargo)
        .args(["build", "--profile", "test", "--offline"])
        .args(["-p", "process-engine", "-p", "process-runtime"])
        .args(["--test", "it", "--example", "simulate"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit())
        .output()?;
    if !built.status.success() {
        return Err(io::Error::other("the copy does not compile with the faults in it"));
    }
    let text = String::from_utf8_lossy(&built.stdout);
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
