//! Starts programs, finds them again, keeps one running, and ends what is left.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::time::Duration;

    use procside::children::{
        ChildFilter, Children, ChildrenOptions, RestartPolicy, SpawnRequest, Told,
    };

    let folder = std::env::temp_dir().join(format!("procside-children-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let children = Children::open(&folder, ChildrenOptions::default())?;
    let shell = |script: &str| ["sh", "-c", script].map(str::to_owned).to_vec();

    // It is recorded durably before it runs, so whoever comes after a crash finds it.
    let spawned = children.spawn(SpawnRequest {
        task: Some("server".to_owned()),
        command: shell("echo ready; exec sleep 600"),
        ..SpawnRequest::default()
    })?;
    println!("server lives: {}", spawned.child.is_live());
    // A second one of the same task is refused while it lives.
    let again = SpawnRequest {
        task: Some("server".to_owned()),
        command: shell("true"),
        ..SpawnRequest::default()
    };
    println!("a second one: {}", children.spawn(again).is_err());
    for child in children.list(&ChildFilter::default())? {
        let task = child.info.task_id.as_ref().map(ToString::to_string);
        println!("{} is {}", task.unwrap_or_default(), child.status.as_str());
    }

    // This one fails once, and is started again until it succeeds. Closing `stop` would end it.
    let (stop, _keep) = std::io::pipe()?;
    let request = SpawnRequest {
        task: Some("flaky".to_owned()),
        command: shell("test -e tried || { touch tried; exit 1; }"),
        restart: RestartPolicy::OnFailure,
        ..SpawnRequest::default()
    };
    let mut tell = |told: &Told| match told {
        Told::Started(_) => println!("flaky started"),
        Told::Exited(_, exit) => println!("flaky ended with {:?}", exit.code),
        Told::Restarting(_) => println!("flaky starts again soon"),
        Told::Adopted(_) | Told::CannotStart(_) | Told::GaveUp(_) | Told::Unrecorded(_) => {}
    };
    let end = children.supervise(request, &stop, &mut |_| {}, &mut tell)?;
    println!("{end:?}");

    // TERM to the whole group, KILL to what is left after this time.
    let ended = children.end("server", None, Duration::from_secs(5))?;
    println!("server ended: {}", ended.cleaning.is_success());
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("children are there on Unix");
}
