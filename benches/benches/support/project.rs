//! Processes as people have them, and projects that hold many.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use process_core::model::Defaults;
use process_core::{Process, ProcessId, RegistryFact, StepId, StepStatus, Timestamp, template};
use process_engine::Input;
use process_store::disk::{Disk, FaultDisk, OsDisk};
use process_store::files::{Files, Options};
use process_store::lock::StdWaiter;

/// What a bench ends with when something fails.
pub(crate) type Failed = Box<dyn Error>;

/// How many steps of a process are done.
const STEPS_DONE: u64 = 3;

/// Returns the instant at which everything happens.
///
/// # Errors
/// Never in practice: the text is an instant.
pub(crate) fn instant() -> Result<Timestamp, Failed> {
    Timestamp::parse("2026-02-10T10:00:00.000Z").ok_or_else(|| "no instant".into())
}

/// Returns the id with this number.
///
/// # Errors
/// When the number is none of a process.
pub(crate) fn process_id(number: u32) -> Result<ProcessId, Failed> {
    ProcessId::from_number(number).ok_or_else(|| format!("{number} is no process number").into())
}

/// Returns a process as the template `infra-deploy` makes it.
///
/// # Errors
/// When the number is none of a process.
pub(crate) fn new_process(number: u32) -> Result<Process, Failed> {
    let template = template::builtin("infra-deploy").ok_or("the template is not there")?;
    let defaults =
        Defaults { id: process_id(number)?, uid: procside::fresh_uid(), now: instant()? };
    let name = format!("{} {number}", template.name);
    let mut process = Process::new(defaults, name, template.goal);
    process.template = Some(template.id.to_string());
    process.steps = template.steps.into_iter().map(|step| step.step).collect();
    process.risks = template.risks;
    process.tags = vec!["infrastructure".to_owned(), format!("team-{}", number % 10)];
    Ok(process)
}

/// Makes a project with so many processes, each with a few steps done.
///
/// It is made in memory and laid down without a sync: only what is measured pays for the disk.
///
/// # Errors
/// Whatever the store or the system says.
pub(crate) fn project(root: &Path, processes: u32) -> Result<Files, Failed> {
    let disk = FaultDisk::new();
    disk.plant_folder(root);
    let files = open(Arc::new(disk.clone()), root);
    files.found()?;
    let mut change = files.change(&instant()?, "bench")?;
    let mut facts = Vec::new();
    for number in 1..=processes {
        let process = new_process(number)?;
        facts.push(RegistryFact::ProcessCreated {
            process: process.id,
            uid: process.uid,
            template: process.template.clone(),
        });
        let mut inputs = vec![create(process)];
        inputs.extend((1..=STEPS_DONE).flat_map(step_done));
        change.create(process_id(number)?, inputs, Vec::new())?;
    }
    facts.push(RegistryFact::Switched { process: process_id(1)? });
    change.record(facts)?;
    if let Some(notice) = change.finish().first() {
        return Err(notice.0.clone().into());
    }
    lay_down(&disk, &files.layout().registry())?;
    Ok(open(Arc::new(OsDisk), root))
}

/// Writes every file of the disk in memory to the real one.
fn lay_down(disk: &FaultDisk, registry: &Path) -> io::Result<()> {
    let earlier = SystemTime::now() - Duration::from_secs(3600);
    for (path, bytes) in disk.files() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, bytes)?;
        // An index trusts its entry of a process only if the process's file is the older one.
        if path != registry {
            File::options().append(true).open(&path)?.set_modified(earlier)?;
        }
    }
    Ok(())
}

fn open(disk: Arc<dyn Disk>, root: &Path) -> Files {
    Files::new(disk, Arc::new(StdWaiter), root, Options::default(), procside::fresh_uid)
}

/// Returns what asks for this process to be made.
pub(crate) fn create(process: Process) -> Input {
    Input::Create { process: Box::new(process), reason: "Initial process creation".to_owned() }
}

fn step_done(number: u64) -> [Input; 2] {
    [StepStatus::InProgress, StepStatus::Completed].map(|status| Input::SetStepStatus {
        step: StepId::numbered(number),
        status,
        outputs: Vec::new(),
        note: None,
    })
}
