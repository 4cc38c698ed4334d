//! Tracks work by hand: in files that people can read, and then in one SQLite file.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use procside::{Error, NewProcess, NewStep, Procside, StepId, StepStatus, Surroundings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("procside-embed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;

    // Whoever makes a project may name who acts; else it is `user@host`.
    let project =
        Procside::open_or_new(&folder, Surroundings::of_the_system())?.with_identity("ada");
    println!("in files:");
    track(&project)?;
    let file = folder.join(".ai/processes/proc-001.yaml");
    println!("  people read {}", std::fs::read_to_string(file)?.lines().next().unwrap_or_default());

    // The same in one file of SQLite; nothing else changes.
    let kept = project.with_store("sqlite:kept.db", &folder)?;
    println!("in SQLite:");
    track(&kept)?;
    println!("  it lies in kept.db: {}", folder.join("kept.db").exists());

    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Makes a process with two steps, does the first one, and shows it.
fn track(project: &Procside) -> Result<(), Error> {
    let name = Some("Move the wiki".to_owned());
    let made = project.init(NewProcess { name, ..NewProcess::default() })?;
    let id = Some(made.process.id);
    // Each of these is durable when it returns.
    for name in ["Export the pages", "Import them"] {
        project.add_step(id, NewStep { name: name.to_owned(), ..NewStep::default() })?;
    }
    let first = StepId::parse("s1")?;
    project.set_step_status(id, first, StepStatus::InProgress, Vec::new(), None)?;
    project.take_version(id, "before the import".to_owned())?;

    let status = project.status(id)?;
    for step in &status.process.steps {
        println!("  {} {} {}", step.id, step.name, step.status);
    }
    // An error says what to do: its kind is for programs, its message and hint for people.
    if let Err(error) = project.remove_step(id, StepId::parse("s9")?) {
        println!("  {}: {error}", error.kind().as_str());
    }
    Ok(())
}
