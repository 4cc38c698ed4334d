//! How programs are ended: asked, then forced, with all that they started in their group.

use std::time::{Duration, Instant};

use process_runtime::{
    Handler, Sign,
    handlers::{AgentCommand, AgentHandler, CommandHandler, Trial},
};
use serde_json::{Value, json};

use super::support::{Tried, attempt, block_on, command, has_ended, is_there, project};

/// Performs a script until it writes, asks it to stop, and waits for its end.
fn stopped(script: &str, grace: Duration) -> Tried {
    let (_folder, mut programs) = project();
    programs.grace = grace;
    let handler = CommandHandler::new(programs);
    let (work, mut trial) = Trial::new(json!({"run": [script], "shell": true}));
    block_on(async {
        let mut signs = Vec::new();
        let performing = tokio::spawn(handler.perform(work));
        while signs.last() != Some(&Sign::Alive) {
            signs.push(trial.sign().await.expect("it says more"));
        }
        trial.stop();
        let result = performing.await.unwrap();
        signs.extend(trial.signs());
        Tried { result, signs }
    })
}

#[test]
fn a_program_that_is_stopped_is_asked_first() {
    let script = "trap 'echo bye >&2; exit 4' TERM; echo ready; sleep 1000 & wait";
    let tried = stopped(script, Duration::from_secs(60));
    assert!(!is_there(tried.pid()));
    assert_eq!(tried.error(), "`sh` was stopped: bye");
}

#[test]
fn what_a_stopped_program_still_gives_counts() {
    let script = "trap 'echo done; exit 0' TERM; echo ready; sleep 1000 & wait";
    // Asked to stop before it sleeps, it leaves somebody behind who is not waited for long.
    let tried = stopped(script, Duration::from_secs(3));
    assert_eq!(tried.output(), json!({"text": "ready\ndone"}));
}

#[test]
fn a_program_that_ignores_the_asking_is_ended_by_force() {
    let script = "trap '' TERM; echo ready; while :; do sleep 1000; done";
    let since = Instant::now();
    let tried = stopped(script, Duration::from_millis(200));
    assert!(since.elapsed() >= Duration::from_millis(200), "it had its grace");
    assert!(!is_there(tried.pid()));
    assert_eq!(tried.error(), "`sh` was stopped");
}

#[test]
fn a_program_that_is_halted_is_ended_all_the_same() {
    let tried = stopped("echo ready; kill -STOP $$; echo never", Duration::from_secs(60));
    assert!(!is_there(tried.pid()));
    assert_eq!(tried.error(), "`sh` was stopped");
}

#[test]
fn the_whole_group_ends_with_a_stopped_program() {
    let script = "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1000; done' & wait";
    let (folder, programs) = project();
    let pids = folder.path().join("pids");
    let script = script.replace("echo $$", "echo $$ > pids; echo ready");
    let handler = CommandHandler::new(programs);
    let (work, mut trial) = Trial::new(json!({"run": [script], "shell": true}));
    block_on(async {
        let performing = tokio::spawn(handler.perform(work));
        while trial.sign().await.expect("it says more") != Sign::Alive {}
        trial.stop();
        performing.await.unwrap().expect_err("it is stopped");
    });
    let pid = std::fs::read_to_string(pids).unwrap().trim().parse().unwrap();
    assert!(has_ended(pid));
}

#[test]
fn what_a_program_leaves_running_ends_with_it() {
    let tried = command(json!({"run": ["sleep 1000 >/dev/null 2>&1 & echo $!"], "shell": true}));
    let pid = tried.output().as_u64().unwrap();
    assert!(has_ended(u32::try_from(pid).unwrap()));
    // One that holds the pipes open keeps nobody waiting for long.
    let since = Instant::now();
    let tried = command(json!({"run": ["sleep 1000 & echo $!"], "shell": true}));
    let pid = tried.output().as_u64().unwrap();
    assert!(has_ended(u32::try_from(pid).unwrap()));
    assert!(since.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_a_program_left_is_read_while_it_comes_to_its_end() {
    let tried =
        command(json!({"run": ["(read x < /dev/null; echo late) & exit 0"], "shell": true}));
    assert_eq!(tried.output(), json!({"text": "late"}));
}

#[test]
fn a_program_that_nobody_waits_for_any_more_is_ended() {
    let (_folder, programs) = project();
    let handler = CommandHandler::new(programs);
    let (work, mut trial) = Trial::new(json!({"run": ["echo ready; sleep 1000"], "shell": true}));
    block_on(async {
        let performing = tokio::spawn(handler.perform(work));
        let Some(Sign::Child { pid, .. }) = trial.sign().await else { panic!("no child") };
        assert_eq!(trial.sign().await, Some(Sign::Alive));
        performing.abort();
        // Nobody can say anything any more as soon as the thread of the child is gone.
        assert_eq!(trial.sign().await, None);
        assert!(!is_there(pid));
    });
}

#[test]
fn a_program_is_ended_when_it_was_stopped_before_it_began() {
    let (_folder, programs) = project();
    let handler = CommandHandler::new(programs);
    let (work, trial) = Trial::new(json!({"run": ["sleep", "1000"]}));
    trial.stop();
    let failed = block_on(handler.perform(work)).expect_err("it is stopped");
    assert_eq!(failed.error, "`sleep` was stopped");
}

#[test]
fn an_agent_has_its_time_and_no_more() {
    let (_folder, programs) = project();
    let agent = AgentCommand {
        command: ["sh", "-c", "echo '{\"cost\": 0.30}'; exec sleep 1000"].map(str::to_owned).into(),
        timeout: Some(Duration::from_secs(1)),
        ..AgentCommand::default()
    };
    let tried = attempt(&AgentHandler::new(agent, programs), json!({"message": "go"}));
    let failed = tried.result.expect_err("it is late");
    assert_eq!(failed.error, "`sh` took longer than 1s, and was ended");
    assert_eq!(failed.cost.map(|cost| cost.to_string()).as_deref(), Some("0.30"), "E6.9");
}

#[test]
fn many_programs_run_at_once_and_none_is_left() {
    let (_folder, programs) = project();
    let handler = CommandHandler::new(programs);
    block_on(async {
        let mut performing = Vec::new();
        let mut trials = Vec::new();
        for number in 0..20 {
            let (work, trial) = Trial::new(json!({"run": ["echo", number.to_string()]}));
            performing.push(tokio::spawn(handler.perform(work)));
            trials.push(trial);
        }
        for (number, performing) in performing.into_iter().enumerate() {
            let done = performing.await.unwrap().expect("it succeeds");
            assert_eq!(done.output, Value::from(number));
        }
        for mut trial in trials {
            let signs = trial.signs();
            let Some(Sign::Child { pid, .. }) = signs.first() else { panic!("{signs:?}") };
            assert!(!is_there(*pid));
        }
    });
}
