//! What the doctor finds, what it repairs, and that nothing is lost by that.

mod branches;
mod hostile;
mod single;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use process_core::{Process, ProcessId, RegistryFact, Severity, Timestamp, Uid, model::Defaults};
use process_engine::{Input, NewStep};

use super::{Problem, code};
use crate::{
    disk::FaultDisk,
    files::{Files, Options},
    lock::StdWaiter,
};

/// A project on a disk in memory.
pub(super) struct Project {
    pub(super) disk: FaultDisk,
    pub(super) files: Files,
}

impl Project {
    fn on(disk: FaultDisk) -> Self {
        static UIDS: AtomicU64 = AtomicU64::new(1);
        let uid = || Uid::from_u128(u128::from(UIDS.fetch_add(1, Ordering::Relaxed)) | (7 << 76));
        let files =
            Files::new(Arc::new(disk.clone()), Arc::new(StdWaiter), "/p", Options::default(), uid);
        Self { disk, files }
    }

    /// An empty folder.
    pub(super) fn empty() -> Self {
        let disk = FaultDisk::new();
        disk.plant_folder("/p");
        Self::on(disk)
    }

    /// A project with two processes, the first with two steps and two versions.
    pub(super) fn new() -> Self {
        let project = Self::empty();
        project.init("2026-02-10T09:00:00.000Z", "Move");
        project.change(1, "2026-02-10T09:01:00.000Z", vec![step("Pack"), step("Drive")]);
        let reason = "Steps known".to_owned();
        project.change(1, "2026-02-10T09:02:00.000Z", vec![Input::TakeVersion { reason }]);
        project.init("2026-02-10T09:03:00.000Z", "Paint");
        project
    }

    /// A copy, as a clone of a Git repository is.
    pub(super) fn branch(&self) -> Self {
        let disk = FaultDisk::new();
        disk.plant_folder("/p/.ai");
        for (path, bytes) in self.disk.files() {
            disk.plant(path, bytes);
        }
        Self::on(disk)
    }

    pub(super) fn init(&self, now: &str, name: &str) -> ProcessId {
        let now = at(now);
        self.files.found().expect("a folder");
        let mut change = self.files.change(&now, "ada").expect("no other holder");
        let id = change.next_id().expect("a number");
        let uid = change.fresh_uid();
        let process = Process::new(Defaults { id, uid, now: now.clone() }, name, "");
        let input = Input::Create { process: Box::new(process), reason: "Initial".to_owned() };
        let facts = vec![
            RegistryFact::ProcessCreated { process: id, uid, template: None },
            RegistryFact::Switched { process: id },
        ];
        change.create(id, vec![input], facts).expect("a process");
        assert_eq!(change.finish(), []);
        id
    }

    pub(super) fn change(&self, number: u32, now: &str, inputs: Vec<Input>) {
        let mut change = self.files.change(&at(now), "ada").expect("no other holder");
        let mut record = change.load(id(number)).expect("a process");
        change.commit(&mut record, inputs).expect("a change");
        assert_eq!(change.finish(), []);
    }

    pub(super) fn doctor(&self, fix: bool) -> Vec<Problem> {
        self.files.doctor(&at("2026-02-11T00:00:00.000Z"), "ada", fix).expect("a project")
    }

    pub(super) fn text(&self, path: &str) -> String {
        let bytes = self.disk.files().remove(&ai(path)).unwrap_or_else(|| panic!("no {path}"));
        String::from_utf8(bytes).expect("text")
    }

    pub(super) fn plant(&self, path: &str, text: &str) {
        self.disk.plant(ai(path), text);
    }

    pub(super) fn process(&self, number: u32) -> Process {
        let record = self.files.read_process(id(number)).expect("a journal").expect("a process");
        assert!(record.fork.is_none());
        record.process().expect("it is made").clone()
    }
}

pub(super) fn ai(path: &str) -> PathBuf {
    Path::new("/p/.ai").join(path)
}

pub(super) fn id(number: u32) -> ProcessId {
    ProcessId::from_number(number).expect("a number of a process")
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("an instant")
}

pub(super) fn step(name: &str) -> Input {
    Input::AddStep(NewStep { name: name.to_owned(), ..NewStep::default() })
}

/// Returns problems a line each; uids are made equal.
pub(super) fn told(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let fixed = if problem.fixed { " (fixed)" } else { "" };
        let Problem { code, path, message, .. } = problem;
        format!("{} {code} {path}: {message}{fixed}\n", problem.severity.as_str())
    };
    let text: String = problems.iter().map(line).collect();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find("00000000-0000-7000-") {
        out.push_str(&rest[..start]);
        out.push_str("UID");
        rest = &rest[start + 36..];
    }
    out + rest
}

/// Looks at a damaged project, repairs it, and looks again.
///
/// Looking writes nothing; what was repaired is not found again; no byte of a file with an error
/// is gone.
pub(super) fn heal(project: &Project) -> (String, String, String) {
    let operations = project.disk.operations();
    let before = project.disk.files();
    let found = project.doctor(false);
    assert_eq!(project.disk.operations(), operations, "looking wrote something");
    let fixed = project.doctor(true);
    let after = project.doctor(false);
    for problem in fixed.iter().filter(|problem| problem.fixed) {
        let again = after.iter().any(|one| (one.code, &one.path) == (problem.code, &problem.path));
        assert!(!again, "{problem:?} is there again");
    }
    nothing_is_lost(&before, &project.disk.files(), &found);
    (told(&found), told(&fixed), told(&after))
}

fn nothing_is_lost(
    before: &BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
    found: &[Problem],
) {
    for problem in found.iter().filter(|problem| problem.severity == Severity::Error) {
        let path = Path::new("/p").join(&problem.path);
        if let Some(bytes) = before.get(&path) {
            assert!(
                after.values().any(|other| other == bytes),
                "{problem:?}: the old file is gone"
            );
        }
    }
}

#[test]
fn a_sound_project_has_no_problems() {
    let project = Project::new();
    assert_eq!(told(&project.doctor(false)), "");
    assert_eq!(told(&project.doctor(true)), "");
}

#[test]
fn a_folder_without_a_project_is_not_found() {
    let project = Project::empty();
    let error = project.files.doctor(&at("2026-02-11T00:00:00Z"), "ada", true).err();
    assert_eq!(error.map(|error| error.kind()), Some(crate::ErrorKind::NotFound));
}

#[test]
fn every_code_is_explained() {
    let page = include_str!("../../../../docs/doctor.md");
    for code in code::ALL {
        let row = format!("| `{}` | {} |", code.name, code.severity.as_str());
        assert!(page.contains(&row), "docs/doctor.md lacks {row}");
    }
    assert_eq!(page.matches("\n| `").count(), code::ALL.len());
}
