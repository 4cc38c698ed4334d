//! Driving processes, and trusting what they do.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use procside::{
    DriveOptions, Error, ErrorKind, OpenApproval, ProcessId, ProcessStatus, Procside, StartRequest,
};
use serde_json::{Value, json};

use super::definitions::named_value;
use crate::{
    answer::{Answer, Answered, FOUND_WRONG, INTERRUPTED, WAITING},
    args_driving::{Driving, Run},
    text,
    ui::Ui,
};

/// How long attempts may take to end when the program is told to stop: less than the 10 s in which
/// it must have ended.
const PATIENCE: Duration = Duration::from_secs(8);

/// How often it is looked whether the program was told to stop.
const LOOK: Duration = Duration::from_millis(100);

/// How often it is looked whether the project is trusted.
const LOOK_FOR_TRUST: Duration = Duration::from_secs(1);

/// Whether the program was told to stop.
static STOP: AtomicBool = AtomicBool::new(false);

pub(crate) fn run(project: &Procside, folder: &Path, command: Driving, ui: &Ui) -> Answered {
    match command {
        Driving::Run(run) => run_one(project, folder, run, ui),
        Driving::Trust { list: true, .. } => trusted(project),
        Driving::Trust { revoke: true, .. } => revoke(project),
        Driving::Trust { .. } => trust(project),
        Driving::Work { concurrency } => work(project, concurrency, ui),
    }
}

fn run_one(project: &Procside, folder: &Path, run: Run, ui: &Ui) -> Answered {
    let input = run.inputs.iter().map(|input| named_value(input)).collect::<Result<_, _>>()?;
    let options = DriveOptions { concurrency: run.concurrency, ..DriveOptions::default() };
    if !run.detach {
        project.check_drive(&options)?;
    }
    let started = project.start(StartRequest {
        source: run.source,
        folder: folder.to_owned(),
        input,
        input_file: run.input_file.map(|file| folder.join(file)),
        key: run.key,
        becomes_active: true,
        trigger: None,
    })?;
    started.notices.iter().for_each(|notice| ui.tell(notice));
    let id = started.process.id;
    if run.detach || project.is_dry_run() {
        let lines = format!("{id} {}\n", text::plain(&started.process.name));
        return Ok(Answer::new(started.to_value(), lines));
    }
    listen()?;
    let mut driving = project.drive(&[id], &options)?;
    let mut declined = BTreeSet::new();
    loop {
        while let Some(progress) = driving.next(LOOK) {
            text::progress(&progress, id).iter().for_each(|line| ui.say(line));
        }
        if is_stopped() {
            let _ = driving.shut_down(PATIENCE);
            let answer = outcome(project, id)?;
            return Ok(answer.with_exit(INTERRUPTED));
        }
        if driving.is_quiet() && !decide_next(project, &driving, id, &mut declined, run.yes, ui)? {
            break;
        }
    }
    let _ = driving.shut_down(PATIENCE);
    // Of the process itself its outcome tells.
    let others = &project.family(id)? - &BTreeSet::from([id]);
    project.why_held_back(&others)?.iter().for_each(|why| ui.tell(why));
    outcome(project, id)
}

fn outcome(project: &Procside, id: ProcessId) -> Answered {
    let status = project.status(Some(id))?;
    let exit = match status.process.status {
        ProcessStatus::Completed => 0,
        ProcessStatus::Cancelled | ProcessStatus::Failed => FOUND_WRONG,
        ProcessStatus::Blocked
        | ProcessStatus::InProgress
        | ProcessStatus::Paused
        | ProcessStatus::Planned
        | ProcessStatus::Waiting => WAITING,
    };
    let lines = text::outcome(&status);
    Ok(Answer::new(status.to_value(), lines).with_notices(status.notices).with_exit(exit))
}

/// Decides the first approval that waits, if anybody here does; `false` when there is none.
fn decide_next(
    project: &Procside,
    driving: &procside::Driving,
    id: ProcessId,
    declined: &mut BTreeSet<(ProcessId, String)>,
    yes: bool,
    ui: &Ui,
) -> Result<bool, Error> {
    let is_asked = !ui.is_json() && io::stdin().is_terminal() && io::stderr().is_terminal();
    if !yes && !is_asked {
        return Ok(false);
    }
    let driven = project.family(id)?;
    let open = project.approvals(procside::APPROVALS_MAX)?.approvals;
    let next = open.into_iter().find(|approval| {
        driven.contains(&approval.process)
            && !declined.contains(&(approval.process, approval.step.to_string()))
    });
    let Some(approval) = next else { return Ok(false) };
    let by = approval
        .approvers
        .iter()
        .find(|approver| !approval.decided.contains(approver))
        .cloned()
        .unwrap_or_else(|| project.identity().to_owned());
    let said = if yes { Some((procside::Decided::Approved, None)) } else { ask(&approval, &by)? };
    let Some((decision, comment)) = said else {
        declined.insert((approval.process, approval.step.to_string()));
        return Ok(true);
    };
    let via = Some(if yes { "--yes" } else { "terminal" }.to_owned());
    let outcome = driving.decide(approval.process, &approval.step, &by, decision, comment, via);
    match outcome {
        // Somebody else was faster.
        Err(error) if error.kind().exit_code() == 4 => {
            ui.tell(error.message());
            Ok(true)
        }
        outcome => outcome.map(|()| true),
    }
}

/// Asks whoever sits at the terminal; `None` leaves the approval to others.
fn ask(
    approval: &OpenApproval,
    by: &str,
) -> Result<Option<(procside::Decided, Option<String>)>, Error> {
    let mut out = anstream::stderr();
    let failed =
        |error: io::Error| Error::new(ErrorKind::Io, format!("cannot ask for a decision: {error}"));
    write!(out, "{}", text::question(approval, by)).map_err(failed)?;
    loop {
        write!(out, "approve, reject or later? [a/r/l] ").map_err(failed)?;
        out.flush().map_err(failed)?;
        let Some(answer) = read_line().map_err(failed)? else { return Ok(None) };
        let decision = match answer.trim().to_ascii_lowercase().as_str() {
            "a" | "approve" | "y" | "yes" => procside::Decided::Approved,
            "r" | "reject" | "n" | "no" => procside::Decided::Rejected,
            "l" | "later" | "" => return Ok(None),
            _ => continue,
        };
        write!(out, "comment (may be empty): ").map_err(failed)?;
        out.flush().map_err(failed)?;
        let comment = read_line().map_err(failed)?.unwrap_or_default().trim().to_owned();
        if comment.is_empty() && approval.needs_reason && decision == procside::Decided::Rejected {
            writeln!(out, "a rejection of `{}` needs a comment", approval.step).map_err(failed)?;
            continue;
        }
        return Ok(Some((decision, (!comment.is_empty()).then_some(comment))));
    }
}

/// Reads a line; `None` at the end of the input, or when the program is told to stop.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(line)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}

fn work(project: &Procside, concurrency: Option<usize>, ui: &Ui) -> Answered {
    listen()?;
    let options = DriveOptions { concurrency, ..DriveOptions::default() };
    let mut driving = project.drive_all(&options)?;
    let mut schedules = project.schedules()?;
    ui.say(&format!("working in {}", project.root().display()));
    let mut is_trusted = project.is_trusted()?;
    if !is_trusted {
        ui.tell(
            "this project is not trusted: what would start programs or send things waits; look at \
             its definitions, then `procside trust`",
        );
    }
    let mut looked = Instant::now();
    while !is_stopped() {
        if looked.elapsed() >= LOOK_FOR_TRUST {
            looked = Instant::now();
            if project.is_trusted()? != is_trusted {
                is_trusted = !is_trusted;
                // What may be performed is asked when a process is taken up.
                let _ = driving.shut_down(PATIENCE);
                driving = project.drive_all(&options)?;
            }
        }
        if let Some(progress) = driving.wait(LOOK) {
            text::progress_of_any(&progress).iter().for_each(|line| ui.say(line));
        }
        for started in schedules.start_due(project) {
            match started {
                Ok(id) => ui.say(&format!("{id} was started by its schedule")),
                Err(error) => ui.tell(&format!("a schedule could not start: {error}")),
            }
        }
    }
    let is_idle = driving.shut_down(PATIENCE);
    if !is_idle {
        ui.tell("what was being performed goes on as the same attempt with the next `work`");
    }
    Ok(Answer::new(json!({"stopped": true}), "Stopped.\n"))
}

fn trust(project: &Procside) -> Answered {
    project.trust()?;
    let path = project.root().display().to_string();
    let lines = format!("Definitions in {path} may start programs and send things.\n");
    Ok(Answer::new(json!({"path": path, "trusted": true}), lines))
}

fn revoke(project: &Procside) -> Answered {
    let was_trusted = project.revoke_trust()?;
    let path = project.root().display().to_string();
    let lines = if was_trusted {
        format!("Definitions in {path} may start nothing any more.\n")
    } else {
        format!("{path} was not trusted.\n")
    };
    Ok(Answer::new(json!({"path": path, "trusted": false, "was_trusted": was_trusted}), lines))
}

fn trusted(project: &Procside) -> Answered {
    let projects = project.trusted_projects()?;
    let mut lines = String::new();
    for trusted in &projects {
        let note = if trusted.is_same { "" } else { "  (another folder lies there now)" };
        lines.push_str(&format!("{}  since {}{note}\n", text::plain(&trusted.path), trusted.since));
    }
    if projects.is_empty() {
        lines = "No project is trusted.\n".to_owned();
    }
    let values: Vec<Value> = projects.iter().map(procside::TrustedProject::to_value).collect();
    Ok(Answer::new(json!({"projects": values}), lines))
}

/// Listens for Ctrl-C and for being told to end.
fn listen() -> Result<(), Error> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst))
        .map_err(|error| Error::new(ErrorKind::Io, format!("cannot listen for Ctrl-C: {error}")))
}

fn is_stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}
