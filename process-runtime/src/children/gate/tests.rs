//! What runs before the gate opens, behind it, and when it closes.

use std::{
    fs,
    io::Read,
    os::unix::process::ExitStatusExt,
    path::Path,
    time::{Duration, Instant},
};

use process_store::lock::Identity;

use super::{Errors, Launch};
use crate::children::Limits;

fn launch(folder: &Path, run: &[&str]) -> Launch {
    Launch {
        run: run.iter().map(|&part| part.to_owned()).collect(),
        env: vec![("WHO".to_owned(), "ada".to_owned())],
        env_removed: &["HOME"],
        cwd: folder.to_owned(),
        stdin: None,
        stdout: fs::File::create(folder.join("out")).unwrap(),
        stderr: Errors::File(folder.join("err")),
        exit: None,
        limits: Limits::default(),
    }
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn nothing_runs_before_the_gate_opens_and_the_number_stays() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo $$ $WHO ${HOME-none}; echo bad >&2; touch ran";
    let gated = launch(folder.path(), &["sh", "-c", script]).start().unwrap();
    let (pid, before) = (gated.pid(), Identity::of(gated.pid()).unwrap());
    std::thread::sleep(Duration::from_millis(50));
    assert!(!folder.path().join("ran").exists());
    let mut child = gated.open().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(child.id(), pid);
    assert!(before.start_time.is_some());
    assert_eq!(read(folder.path(), "out"), format!("{pid} ada none\n"));
    assert_eq!(read(folder.path(), "err"), "bad\n");
}

#[test]
fn a_gate_that_closes_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let gated = launch(folder.path(), &["touch", "ran"]).start().unwrap();
    let pid = gated.pid();
    drop(gated);
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "no zombie is left");
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn the_exit_is_written_down_for_whoever_did_not_start_it() {
    for (script, code) in [("exit 0", "0\n"), ("exit 7", "7\n"), ("kill -KILL $$", "137\n")] {
        let folder = tempfile::tempdir().unwrap();
        let mut launch = launch(folder.path(), &["sh", "-c", script]);
        launch.exit = Some(folder.path().join("exit"));
        let status = launch.start().unwrap().open().unwrap().wait().unwrap();
        assert_eq!(read(folder.path(), "exit"), code);
        assert_eq!(format!("{}\n", status.code().unwrap()), code);
    }
}

#[test]
fn the_shell_stays_to_write_down_an_exit_by_a_signal_to_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = launch(folder.path(), &["sh", "-c", "echo ready; exec sleep 1000"]);
    launch.exit = Some(folder.path().join("exit"));
    let mut child = launch.start().unwrap().open().unwrap();
    let since = Instant::now();
    while read(folder.path(), "out").is_empty() && since.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let group = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::TERM).unwrap();
    child.wait().unwrap();
    assert_eq!(read(folder.path(), "exit"), "143\n");
}

#[test]
fn a_name_that_the_shell_knows_means_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = launch(folder.path(), &["echo", "-n", "a\\tb"]);
    launch.exit = Some(folder.path().join("exit"));
    launch.start().unwrap().open().unwrap().wait().unwrap();
    assert_eq!(read(folder.path(), "out"), "a\\tb", "the program, not what is built in");
}

#[test]
fn standard_input_is_what_was_given_and_both_outputs_may_be_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in"), "from outside\n").unwrap();
    let mut launch = launch(folder.path(), &["sh", "-c", "cat; echo then >&2"]);
    launch.stdin = Some(fs::File::open(folder.path().join("in")).unwrap());
    let out = folder.path().join("out");
    launch.stdout = fs::File::options().append(true).open(&out).unwrap();
    launch.stderr = Errors::WithOutput;
    launch.start().unwrap().open().unwrap().wait().unwrap();
    assert_eq!(read(folder.path(), "out"), "from outside\nthen\n");
}

#[cfg(target_os = "linux")]
#[test]
fn limits_hold_before_the_program_begins() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = launch(folder.path(), &["sh", "-c", "ulimit -n; ulimit -t; ulimit -v"]);
    launch.limits = Limits {
        memory_bytes: Some(512 * 1024 * 1024),
        cpu_time: Some(Duration::from_millis(1_500)),
        files: Some(64),
        processes: None,
    };
    launch.start().unwrap().open().unwrap().wait().unwrap();
    assert_eq!(read(folder.path(), "out"), "64\n2\n524288\n");
}

#[test]
fn a_child_that_was_killed_at_its_gate_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let gated = launch(folder.path(), &["touch", "ran"]).start().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(gated.pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let status = gated.open().unwrap().wait().unwrap();
    assert_eq!(status.signal(), Some(9));
    let mut out = String::new();
    fs::File::open(folder.path().join("out")).unwrap().read_to_string(&mut out).unwrap();
    assert!(out.is_empty() && !folder.path().join("ran").exists());
}
