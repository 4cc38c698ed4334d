//! The program with a library between it and the system.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Command, ExitStatus},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{cases::Case, scenarios::Scenario};
use crate::project::{Project, kill, signal};

/// A program with a fault that runs longer hangs. It waits five seconds for a lock in vain, and a
/// disk that is broken for a while is tried again.
const HANGS: Duration = Duration::from_secs(30);

/// How long a disk is full or broken, in milliseconds.
const LASTS_MS: u32 = 400;

/// How often it is looked whether a program that does not end by itself is done.
const LOOK: Duration = Duration::from_millis(250);

/// The library that counts calls and spoils one.
pub(super) struct Library(PathBuf);

/// What a run left.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// The exit code; `None` when a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) hung: bool,
    /// The keys of the programs that it ran, and those of runs before it.
    pub(super) ran: Vec<String>,
    /// The calls, in order, each with the file: `write kept.db-wal`.
    pub(super) calls: Vec<String>,
    /// The call that met the fault.
    pub(super) met: Option<String>,
}

impl Library {
    /// Builds it. There is a C compiler wherever Rust links programs.
    pub(super) fn build() -> Self {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/fault.c");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join(format!("procside-fault-{}.so", std::process::id()));
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let output = Command::new(&compiler)
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"])
            .args([library.as_os_str(), source.as_ref()])
            .output()
            .unwrap_or_else(|error| panic!("cannot start the C compiler {compiler:?}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{compiler:?} does not build fault.c:\n{said}");
        Self(library)
    }

    /// Runs the program of a scenario, with a fault or with none.
    pub(super) fn run(&self, project: &Project, scenario: &Scenario, case: Option<&Case>) -> Told {
        let log = project.root().with_extension("calls");
        let mut command = project.command(scenario.args);
        command
            .env("LD_PRELOAD", &self.0)
            .env("FAULT_BELOW", project.root())
            .env("FAULT_LOG", &log)
            .env("FAULT_MS", LASTS_MS.to_string());
        if let Some(case) = case {
            command.env("FAULT_AT", case.at.to_string()).env("FAULT_KIND", case.kind);
        }
        let mut told = watch(command, project, scenario);
        let ran = fs::read_to_string(project.path("ran")).unwrap_or_default();
        told.ran = ran.lines().map(str::to_owned).collect();
        let lines = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        for line in lines.lines() {
            match line.strip_prefix("! ") {
                Some(met) if told.met.is_none() => told.met = Some(met.to_owned()),
                Some(_) => {}
                None => {
                    let words: Vec<&str> = line.split(' ').skip(1).take(2).collect();
                    told.calls.push(words.join(" "));
                }
            }
        }
        told
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Told {
    /// Returns how it ended, in a few words.
    pub(super) fn end(&self) -> String {
        let code = match self.code {
            _ if self.hung => "hung".to_owned(),
            None => "killed".to_owned(),
            Some(code) => format!("exit {code}"),
        };
        let answer = serde_json::from_str::<Value>(&self.stdout).ok();
        let error = answer.map(|answer| answer["error"].clone()).unwrap_or_default();
        let told = match error["kind"].as_str() {
            Some(kind) => format!(" {kind}: {}", error["message"].as_str().unwrap_or_default()),
            None => self
                .stderr
                .lines()
                .filter_map(|line| line.split_once("error:"))
                .fold(String::new(), |told, (_, message)| format!("{told}:{message}")),
        };
        let met = if self.met.is_some() { "" } else { ", no call was met" };
        // Every project has another folder.
        let words: Vec<_> = told
            .split('/')
            .map(|it| if it.starts_with("procside-it-") { "…" } else { it })
            .collect();
        format!("{code}{}{met}", words.join("/"))
    }

    /// Returns all that it said.
    pub(super) fn said(&self) -> String {
        let lines = self.stdout.lines().chain(self.stderr.lines());
        lines.map(|line| format!("  | {line:.600}\n")).collect()
    }

    /// Returns the steps that were told to be completed, as `proc-001/a`.
    pub(super) fn completed(&self) -> Vec<String> {
        let lines = self.stderr.lines().filter_map(|line| {
            let (before, after) = line.split_once("✓ ")?;
            let process = if before.is_empty() { "proc-001" } else { before.trim_end() };
            Some(format!("{process}/{}", after.split(' ').next().unwrap_or_default()))
        });
        lines.collect()
    }
}

fn watch(mut command: Command, project: &Project, scenario: &Scenario) -> Told {
    let mut child = command.spawn().expect("the program can be started");
    let mut stdout = child.stdout.take().expect("it is piped");
    let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let said = Arc::new(Mutex::new(String::new()));
    let heard = said.clone();
    // Programs that it started may hold its pipes after it was killed; they end soon.
    let listener = thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let mut said = heard.lock().expect("nobody panics with it");
            *said += &line;
            *said += "\n";
        }
    });
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let _ = stdout.read_to_string(&mut text);
        text
    });
    let begin = Instant::now();
    let mut looked = begin;
    let mut was_told = false;
    let mut hung = false;
    let status: ExitStatus = loop {
        if let Some(status) = child.try_wait().expect("it is a child") {
            break status;
        }
        if let Some(is_done) = scenario.ends_when
            && !was_told
            && looked.elapsed() > LOOK
        {
            looked = Instant::now();
            if is_done(project) {
                was_told = true;
                signal(child.id(), Signal::TERM);
            }
        }
        if begin.elapsed() > HANGS && !hung {
            hung = true;
            kill(child.id());
        }
        thread::sleep(Duration::from_millis(4));
    };
    let stdout = reader.join().expect("it does not panic");
    listener.join().expect("it does not panic");
    let stderr = said.lock().expect("nobody panics with it").clone();
    Told { code: status.code(), stdout, stderr, hung, ..Told::default() }
}
