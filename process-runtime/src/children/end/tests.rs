//! Who is ended, who is killed, and who is never touched.

use std::{
    fs,
    io::Read,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use procreg::{ChildIdentity, ProcessInfo, ProcessMetadata};

use super::{Ended, end_all, left_by};
use crate::children::{
    RUN_ID,
    seen::{all_living, identity_of, read_stat, run_id_of},
};

/// Somebody who leads a group of his own and has said that he is ready.
struct Subject {
    child: Child,
    info: ProcessInfo,
    run: String,
}

impl Subject {
    fn start(script: &str) -> Self {
        let run = uuid::Uuid::now_v7().to_string();
        let mut command = Command::new("sh");
        command.args(["-c", script]).env(RUN_ID, &run).process_group(0);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("sh is there");
        let mut ready = [0];
        let out = child.stdout.as_mut().expect("it was piped");
        out.read_exact(&mut ready).expect("it says that it is ready");
        let identity =
            ChildIdentity { run_id: Some(run.clone()), group: true, ..identity_of(child.id()) };
        let metadata = ProcessMetadata { identity: Some(identity), ..ProcessMetadata::default() };
        let info = ProcessInfo::new(child.id(), metadata);
        Self { child, info, run }
    }

    fn is_alive(&self) -> bool {
        read_stat(self.child.id()).is_some_and(|stat| !stat.is_over())
    }

    fn members(&self) -> usize {
        all_living().iter().filter(|(pid, _)| run_id_of(*pid).as_ref() == Some(&self.run)).count()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn end(info: &ProcessInfo, grace: Duration) -> Ended {
    end_all(&[info], grace).remove(0)
}

const PATIENT: Duration = Duration::from_secs(20);
const IMPATIENT: Duration = Duration::from_millis(200);

#[test]
fn a_child_and_all_that_it_started_are_ended_also_outside_of_its_group() {
    let subject = Subject::start(
        "sleep 1000 & setsid sleep 1000 & setsid sh -c 'sleep 1000 & exec sleep 1000' & \
         echo; exec sleep 1000",
    );
    while subject.members() < 5 {
        std::thread::yield_now();
    }
    assert_eq!(end(&subject.info, PATIENT), Ended::Ended);
    assert_eq!(subject.members(), 0);
    assert_eq!(end(&subject.info, PATIENT), Ended::AlreadyGone, "a zombie is gone");
}

#[test]
fn who_does_not_listen_is_killed_after_the_grace() {
    let subject = Subject::start("trap '' TERM; echo; while :; do sleep 1000; done");
    let since = Instant::now();
    assert_eq!(end(&subject.info, IMPATIENT), Ended::Ended);
    assert!(since.elapsed() >= IMPATIENT);
    assert_eq!(subject.members(), 0);
}

#[test]
fn who_is_stopped_hears_of_it() {
    let subject = Subject::start("echo; kill -STOP $$; sleep 1000");
    while read_stat(subject.child.id()).is_some_and(|stat| stat.state != 'T') {
        std::thread::yield_now();
    }
    let since = Instant::now();
    assert_eq!(end(&subject.info, PATIENT), Ended::Ended);
    assert!(since.elapsed() < PATIENT);
}

#[test]
fn what_a_dead_child_left_is_found_by_its_run() {
    let mut subject = Subject::start("setsid sh -c 'echo; exec sleep 1000' & sleep 0.05");
    subject.child.wait().expect("it ends by itself");
    assert_eq!(left_by(&[&subject.info])[0].len(), 1);
    assert_eq!(end(&subject.info, PATIENT), Ended::Ended);
    assert_eq!(subject.members(), 0);
    assert_eq!(left_by(&[&subject.info]), [Vec::<u32>::new()]);
}

#[test]
fn who_hides_his_run_is_known_by_the_group_as_long_as_somebody_lives_in_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("pid");
    let script = format!(
        "env -i sh -c 'trap \"\" TERM; echo $$ >{}; echo; while :; do sleep 1000; done' & wait",
        file.display()
    );
    let subject = Subject::start(&script);
    let pid: u32 = read(&file).trim().parse().expect("it is a number");
    assert_eq!(run_id_of(pid), None);
    assert_eq!(end(&subject.info, IMPATIENT), Ended::Ended);
    assert!(read_stat(pid).is_none_or(|stat| stat.is_over()), "{pid} lives");
}

#[test]
fn who_is_not_the_one_that_was_started_is_never_signalled() {
    let bystander = Subject::start("echo; exec sleep 1000");
    let changed = |change: &dyn Fn(&mut ProcessInfo)| {
        let mut info = bystander.info.clone();
        // Its run is that of somebody else.
        info.identity.get_or_insert_default().run_id = Some("another".to_owned());
        change(&mut info);
        end(&info, Duration::ZERO)
    };
    let identity = |info: &mut ProcessInfo, start_time| {
        info.identity.get_or_insert_default().start_time = start_time;
    };
    assert_eq!(changed(&|info| identity(info, Some(1))), Ended::AlreadyGone, "a reused number");
    let reboot = |info: &mut ProcessInfo| {
        info.identity.get_or_insert_default().boot_id = Some("before".to_owned());
    };
    assert_eq!(changed(&reboot), Ended::AlreadyGone, "another boot");
    let failed = |ended: Ended| matches!(ended, Ended::Failed(_));
    assert!(failed(changed(&|info| identity(info, None))), "no start time");
    assert!(failed(changed(&|info| info.identity = None)), "no identity");
    let elsewhere = |info: &mut ProcessInfo| {
        info.identity.get_or_insert_default().host = Some("elsewhere".to_owned());
    };
    assert!(failed(changed(&elsewhere)), "another host");
    assert!(bystander.is_alive());
}

#[test]
fn the_system_we_and_our_ancestors_are_never_signalled() {
    let us = std::process::id();
    let parent = read_stat(us).expect("we live").parent;
    for pid in [1, us, parent] {
        let identity = ChildIdentity { run_id: run_id_of(us), group: true, ..identity_of(pid) };
        let metadata = ProcessMetadata { identity: Some(identity), ..ProcessMetadata::default() };
        let ended = end(&ProcessInfo::new(pid, metadata), Duration::ZERO);
        assert!(matches!(ended, Ended::Failed(_)), "{pid}: {ended:?}");
    }
    assert_eq!(
        end(&ProcessInfo::new(0, ProcessMetadata::default()), IMPATIENT),
        Ended::AlreadyGone
    );
}

#[test]
fn a_hundred_that_do_not_listen_take_one_grace() {
    let subjects: Vec<Subject> =
        (0..100).map(|_| Subject::start("trap '' TERM; echo; exec sleep 1000")).collect();
    let infos: Vec<&ProcessInfo> = subjects.iter().map(|subject| &subject.info).collect();
    let since = Instant::now();
    let ended = end_all(&infos, Duration::from_millis(500));
    assert_eq!(ended, vec![Ended::Ended; 100]);
    assert!(since.elapsed() < PATIENT, "{:?}", since.elapsed());
    assert!(subjects.iter().all(|subject| !subject.is_alive()));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it was written")
}
