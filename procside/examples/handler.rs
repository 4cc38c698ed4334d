//! Runs a definition, whose step is performed by a handler of this program.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use procside::{
    DriveOptions, Procside, StartRequest, Surroundings, TeamOf,
    runtime::{Done, Failed, Handler, Performing, Team, Work},
};
use serde_json::json;

const FLOW: &str = "\
name: count
steps:
  - {id: count, type: agent_task, agent: counter, message: \"{{ input.text }}\", retry: {max_attempts: 2}}
outputs: {words: \"{{ steps.count.output.words }}\"}
";

/// Counts the words of the message of a step.
#[derive(Default)]
struct WordCount {
    /// The keys of the attempts that were begun.
    seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Handler for WordCount {
    fn perform(&self, work: Work) -> Performing {
        // After a crash the same attempt comes again, under the same key.
        let is_repeat = self.seen.lock().is_ok_and(|mut seen| !seen.insert(work.key.clone()));
        // The future is evaluated on a worker that others share: what blocks belongs on a thread of
        // its own, see `procside::Desk`.
        Box::pin(async move {
            let Some(message) = work.task["message"].as_str() else {
                return Err(Failed::new("the step has no `message`"));
            };
            let words = message.split_whitespace().count();
            Ok(Done { output: json!({"words": words, "repeat": is_repeat}), cost: None })
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("procside-handler-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("count.yaml"), FLOW)?;
    let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;

    // Starting makes it durable; nothing moves before somebody drives it.
    let started = project.start(StartRequest {
        source: "count.yaml".to_owned(),
        folder: folder.clone(),
        input: vec![("text".to_owned(), "three small words".to_owned())],
        ..StartRequest::default()
    })?;
    let id = started.process.id;

    let team = Team::new().with_agent("counter", WordCount::default());
    let options = DriveOptions { team: Some(TeamOf(team)), ..DriveOptions::default() };
    let mut driving = project.drive(&[id], &options)?;
    while driving.next(Duration::from_secs(10)).is_some() {}
    println!("shut down: {}", driving.shut_down(Duration::from_secs(10)));

    let status = project.status(Some(id))?;
    println!("{}", status.process.status);
    let run = status.run.ok_or("it runs by a definition")?;
    println!("{}", run["outputs"]);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
