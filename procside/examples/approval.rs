//! A process that waits for people, and the decision that moves it.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use procside::{
    Decided, DriveOptions, Driving, ErrorKind, Procside, StartRequest, Surroundings, TeamOf,
    runtime::{Done, Failed, Team, Work},
};
use serde_json::json;

const FLOW: &str = "\
name: publish
steps:
  - {id: draft, type: agent_task, agent: writer, message: \"Write about {{ input.topic }}\"}
  - {id: review, type: human_approval, depends_on: draft, approvers: [ada@example.com]}
  - {id: publish, type: agent_task, agent: writer, message: \"Publish it\", depends_on: review}
";

/// A function is a handler as well.
async fn write(work: Work) -> Result<Done, Failed> {
    Ok(Done { output: json!({"did": work.task["message"]}), cost: None })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("procside-approval-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("publish.yaml"), FLOW)?;
    let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
    let started = project.start(StartRequest {
        source: "publish.yaml".to_owned(),
        folder: folder.clone(),
        input: vec![("topic".to_owned(), "Rust".to_owned())],
        ..StartRequest::default()
    })?;
    let id = started.process.id;

    let team = Team::new().with_agent("writer", write);
    let options = DriveOptions { team: Some(TeamOf(team)), ..DriveOptions::default() };
    let mut driving = project.drive(&[id], &options)?;
    rest(&mut driving);

    // It rests, because only a person can move it. Nothing is lost if this program ends here.
    let open = project.approvals(10)?.approvals;
    let approval = open.first().ok_or("an approval waits")?;
    println!("{} waits for {}", approval.step, approval.approvers.join(", "));

    let decide = |by: &str| {
        let comment = Some("fine".to_owned());
        driving.decide(id, &approval.step, by, Decided::Approved, comment, None)
    };
    // Who may decide is checked, and a decision is taken once.
    let refused = decide("eve@example.com").err().map(|error| error.kind());
    println!("eve is refused: {}", refused == Some(ErrorKind::Forbidden));
    decide("ada@example.com")?;

    rest(&mut driving);
    println!("shut down: {}", driving.shut_down(Duration::from_secs(10)));
    println!("{}", project.status(Some(id))?.process.status);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Listens until nothing moves by itself any more.
fn rest(driving: &mut Driving) {
    // What was decided last may not have been looked at yet.
    driving.look();
    while driving.next(Duration::from_secs(10)).is_some() {}
}
