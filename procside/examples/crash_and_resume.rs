//! A program that is killed in the middle of a step, and the one that goes on where it was.
//!
//! It starts itself a second time, as the one that is killed.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use procside::{
    DriveOptions, ProcessId, Procside, StartRequest, Surroundings, TeamOf,
    runtime::{Done, Failed, Team, Work},
};
use serde_json::json;

const FLOW: &str = "\
name: two-steps
steps:
  - {id: first, type: agent_task, agent: worker, message: One}
  - {id: second, type: agent_task, agent: worker, message: Two, depends_on: first}
";

/// How long whatever is waited for may take.
const PATIENCE: Duration = Duration::from_secs(20);

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(folder), Some(id)) => drive(Path::new(&folder), ProcessId::parse(&id)?, true),
        _ => crash_and_resume(),
    }
}

fn crash_and_resume() -> Outcome {
    let folder = std::env::temp_dir().join(format!("procside-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("two-steps.yaml"), FLOW)?;
    let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
    let source = "two-steps.yaml".to_owned();
    let request = StartRequest { source, folder: folder.clone(), ..StartRequest::default() };
    let id = project.start(request)?.process.id;

    // The other program does the first step, begins the second, and is killed: SIGKILL.
    let mut other = Command::new(std::env::current_exe()?)
        .arg(&folder)
        .arg(id.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = other.stdout.take().ok_or("its output is read")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("the other: {line}");
        if line.starts_with("Two") {
            break;
        }
    }
    other.kill()?;
    other.wait()?;
    println!("the other was killed");

    // What was acknowledged is there; the attempt that was lost is performed again under its key.
    drive(&folder, id, false)?;
    let status = project.status(Some(id))?;
    println!("{}", status.process.status);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Drives the process; the second step hangs for whoever is to be killed.
fn drive(folder: &Path, id: ProcessId, hangs: bool) -> Outcome {
    let perform = move |work: Work| async move {
        let message = work.task["message"].as_str().unwrap_or_default().to_owned();
        println!("{message}: {}", work.key);
        if hangs && message == "Two" {
            std::future::pending::<()>().await;
        }
        Ok::<_, Failed>(Done { output: json!(message), cost: None })
    };
    let team = Team::new().with_agent("worker", perform);
    let options = DriveOptions { team: Some(TeamOf(team)), ..DriveOptions::default() };
    let mut driving = Procside::open(folder)?.drive(&[id], &options)?;
    while driving.next(PATIENCE).is_some() {}
    let _ = driving.shut_down(PATIENCE);
    Ok(())
}
