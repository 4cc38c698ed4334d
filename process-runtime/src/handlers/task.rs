//! The program of one attempt: found again when a driver before this one started it, or started
//! behind its gate.

use std::{
    fs,
    io::{self, PipeReader},
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::Duration,
};

use process_store::lock::Identity;
use procreg::{EntryKey, ProcessInfo};
use rustix::io::Errno;

use super::{
    child::{Exit, Leader, Started},
    context::ContextFile,
    gave::ran,
    group::Group,
    outputs::{Outputs, input},
    program::{Program, Programs, Ran},
    secrets::Masker,
};
use crate::{
    children::{
        Ended as Over, Errors, Handle, Launch, Left, Limits, RUN_ID, Runs, end_all,
        is_name_for_shells, now_ms, read_stat, why_not_startable,
    },
    handler::{Sign, Signs, Work},
};

/// The file in which the shell of a program writes down its exit, in the folder of the run.
const EXIT: &str = "exit";

/// The file that says that a program was ended because nobody wanted it any more, in the folder of
/// the run.
const UNWANTED: &str = "unwanted";

/// How often something is tried that the disk refuses; some three seconds in all.
const DISK_TRIES: u32 = 6;

/// How long the first pause between two tries is; each is twice the one before.
const DISK_PAUSE: Duration = Duration::from_millis(100);

/// A program that somebody serves now.
pub(super) struct Running {
    started: Started,
    key: EntryKey,
    folder: PathBuf,
    /// Its entry, when it was not started here.
    found: Option<ProcessInfo>,
}

/// A program that runs, and is served by nobody yet.
struct Begun {
    child: Child,
    group: Group,
    outputs: Outputs,
    context: ContextFile,
    key: EntryKey,
    folder: PathBuf,
}

/// Why a program was not started; nothing of it ran.
enum Trouble {
    /// The disk, which may be better in a moment.
    Disk(String),
    /// The program, or the step.
    Program(String),
}

impl Trouble {
    fn text(self) -> String {
        match self {
            Self::Disk(text) | Self::Program(text) => text,
        }
    }
}

/// What a thread that serves a program knows.
pub(super) struct Task {
    pub(super) programs: Programs,
    pub(super) work: Work,
    pub(super) masker: Masker,
}

/// What was found of a program that should perform an attempt.
pub(super) enum Found {
    /// It ran, does not run any more, and left no result.
    Gone(PipeReader),
    /// There never was one.
    Nothing(PipeReader),
    /// It runs, or left its result.
    Running(Box<Running>),
    Unknown,
}

impl Task {
    fn run_id(&self) -> String {
        Runs::id_of(&self.work.uid, &self.work.key, self.work.is_compensation)
    }

    /// Looks for the program that a driver before this one started for the attempt.
    pub(super) fn find(&self, program: &Program, stop: PipeReader) -> Result<Found, String> {
        let (runs, run_id) = (&self.programs.runs, self.run_id());
        let folder = runs.folder_of(&run_id);
        let left =
            patiently(|| runs.left(&run_id).map_err(|error| Trouble::Disk(error.to_string())));
        let (info, leader) = match left.map_err(Trouble::text)? {
            Left::Alive(info) => {
                let leader = adopted(&info, &folder);
                (info, leader)
            }
            Left::Ended(info) => (info, None),
            Left::Nothing => return Ok(Found::Nothing(stop)),
            Left::Torn(info) => return Ok(self.gone(&info, stop)),
            Left::Unknown => return Ok(Found::Unknown),
        };
        let leader = match leader {
            Some(leader) => {
                // Where it cannot be recorded, whoever comes next does not know that it has an owner.
                let _ = patiently(|| {
                    runs.adopt(&info).map_err(|error| Trouble::Disk(error.to_string()))
                });
                leader
            }
            // What it left behind ends before anybody takes its place.
            None if !self.ends(&info) => return Ok(Found::Unknown),
            None => match exit_of(&folder) {
                Some(exit) => Leader::Ended(exit),
                None => return Ok(self.gone(&info, stop)),
            },
        };
        let pid = matches!(leader, Leader::Adopted { .. }).then_some(info.pid);
        let Ok(outputs) = Outputs::left(&folder, pid) else {
            // They went with it: it was given a secret.
            let is_gone = self.ends(&info);
            return Ok(if is_gone { self.gone(&info, stop) } else { Found::Unknown });
        };
        let Some(group) = Group::of(info.pid) else { return Ok(Found::Unknown) };
        let lasted = Duration::from_millis(now_ms().saturating_sub(info.start_time));
        let started = Started {
            leader,
            group,
            outputs,
            context: ContextFile::left_in(&folder, self.work.context.as_ref()),
            stop,
            unwanted: folder.join(UNWANTED),
            grace: self.programs.grace,
            timeout: program.timeout.map(|timeout| timeout.saturating_sub(lasted)),
            signs: self.work.signs.clone(),
        };
        let key = info.key();
        Ok(Found::Running(Box::new(Running { started, key, folder, found: Some(info) })))
    }

    /// Forgets a program that left no result.
    fn gone(&self, info: &ProcessInfo, stop: PipeReader) -> Found {
        self.programs.runs.finished(info.key(), self.programs.runs.folder_of(&self.run_id()));
        Found::Gone(stop)
    }

    /// Ends a program with all that it started, if anything of it is left; returns whether nothing
    /// is.
    fn ends(&self, info: &ProcessInfo) -> bool {
        let ended = end_all(&[info], self.programs.grace);
        ended.iter().all(|end| matches!(end, Over::AlreadyGone | Over::Ended))
    }

    /// Starts the program behind a gate that opens when it is recorded.
    pub(super) fn start(&self, program: &Program, stop: PipeReader) -> Result<Running, String> {
        let run_id = self.run_id();
        let begun = patiently(|| {
            let begun = self.begin(program, &run_id);
            if begun.is_err() {
                // It never ran.
                let _ = fs::remove_dir_all(self.programs.runs.folder_of(&run_id));
            }
            begun
        });
        let begun = begun.map_err(|trouble| self.masker.mask(&trouble.text()).into_owned())?;
        let Begun { child, group, outputs, context, key, folder } = begun;
        let started = Started {
            leader: Leader::Own(child),
            group,
            outputs,
            context,
            stop,
            unwanted: folder.join(UNWANTED),
            grace: self.programs.grace,
            timeout: program.timeout,
            signs: self.work.signs.clone(),
        };
        Ok(Running { started, key, folder, found: None })
    }

    fn begin(&self, program: &Program, run_id: &str) -> Result<Begun, Trouble> {
        let folder = self.programs.runs.make_folder(run_id).map_err(Trouble::Disk)?;
        let context = ContextFile::new(&folder, self.work.context.as_ref());
        let context = context.map_err(|error| {
            Trouble::Disk(format!("cannot make a file for the context: {error}"))
        })?;
        let outputs = Outputs::new(&folder, self.masker.hides_anything());
        let (outputs, errors) = outputs.map_err(|error| {
            Trouble::Disk(format!("cannot keep what a program writes: {error}"))
        })?;
        let launch = self.launch(program, &context, &outputs, errors, &folder);
        let gated = launch
            .map_err(Trouble::Program)?
            .start()
            .map_err(|error| Trouble::Program(cannot_start(program, &why_not(&error))))?;
        let pid = gated.pid();
        let Some(group) = Group::of(pid) else {
            // No system gives such a number to a new program.
            let why = cannot_start(program, "it has the number of another one");
            return Err(Trouble::Program(why));
        };
        let recorded: Vec<String> =
            program.run.iter().map(|part| self.masker.mask(part).into_owned()).collect();
        let key = self.programs.runs.record(pid, &recorded, &self.work.key, run_id);
        let key = key.map_err(|error| Trouble::Disk(cannot_start(program, &error.to_string())))?;
        say_child(&self.work.signs, pid);
        let child = gated
            .open()
            .map_err(|error| Trouble::Program(cannot_start(program, &error.to_string())))?;
        Ok(Begun { child, group, outputs, context, key, folder })
    }

    fn launch(
        &self,
        program: &Program,
        context: &ContextFile,
        outputs: &Outputs,
        stderr: Errors,
        folder: &Path,
    ) -> Result<Launch, String> {
        let Some(name) = program.run.first().filter(|name| !name.is_empty()) else {
            return Err("`run` names no program".to_owned());
        };
        let cwd = working_folder(&self.programs.root, program.cwd.as_deref())?;
        check_texts(program)?;
        if let Some(why) = why_not_startable(name, &cwd, &program.env) {
            return Err(cannot_start(program, why));
        }
        let failed = |error: io::Error| format!("cannot hand over its input: {error}");
        let stdin = program.stdin.as_deref().map(input).transpose().map_err(failed)?;
        let stdout = outputs.stdout.file().map_err(failed)?;
        let mut env = program.env.clone();
        let own = [
            ("PROCSIDE_IDEMPOTENCY_KEY", self.work.key.clone()),
            ("PROCSIDE_PROCESS", self.work.process.to_string()),
            (RUN_ID, self.run_id()),
            ("PROCSIDE_CONTEXT_FILE", context.path().display().to_string()),
        ];
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        Ok(Launch {
            run: program.run.clone(),
            env,
            // They belong to whoever runs us, if we are run as an agent ourselves.
            env_removed: &["PROCSIDE_MODEL", "PROCSIDE_TEMPERATURE"],
            cwd,
            stdin,
            stdout,
            stderr,
            exit: Some(folder.join(EXIT)),
            limits: Limits::default(),
        })
    }

    /// Serves a program to its end.
    pub(super) fn serve(&self, program: &Program, running: Running) -> Result<Ran, String> {
        let Running { started, key, folder, found } = running;
        let mut ended =
            started.serve().map_err(|error| format!("cannot watch a program: {error}"))?;
        if let Some(info) = found {
            // The number of one that was not a child of ours may be anybody's by now.
            ended.is_gone &= self.ends(&info);
        }
        let ran = ran(program, ended, &self.work.signs, &self.masker);
        self.programs.runs.finished(key, folder);
        Ok(ran)
    }
}

/// Tries something again for a while when it is the disk that fails: a moment without space should
/// not fail a step that was waiting for days.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let mut pause = DISK_PAUSE;
    for _ in 1..DISK_TRIES {
        match attempt() {
            Err(Trouble::Disk(_)) => thread::sleep(pause),
            done => return done,
        }
        pause *= 2;
    }
    attempt()
}

/// Holds a child of somebody who is gone, unless it has ended meanwhile.
fn adopted(info: &ProcessInfo, folder: &Path) -> Option<Leader> {
    let handle = Handle::open(info.pid)?;
    // Whoever has the number is held from here on: now it counts whether it is the same.
    let start_time = info.identity.as_ref()?.start_time?;
    let is_same = handle.start_time() == start_time;
    is_same.then(|| Leader::Adopted { handle, exit: folder.join(EXIT) })
}

/// Returns the exit that a program left as its result; that of one which was ended because nobody
/// wanted it any more is none, unless it was done all the same.
fn exit_of(folder: &Path) -> Option<Exit> {
    let was_wanted = !folder.join(UNWANTED).exists();
    Exit::read(&folder.join(EXIT)).filter(|exit| was_wanted || exit.is_success())
}

/// Tells what cannot be handed to any program.
fn check_texts(program: &Program) -> Result<(), String> {
    if program.run.iter().any(|part| part.contains('\0')) {
        return Err(cannot_start(program, "an argument holds a NUL character"));
    }
    for (name, value) in &program.env {
        if !is_name_for_shells(name) {
            let name = name.escape_debug();
            return Err(format!(
                "`{name}` in `env` is no name of a variable: letters, digits, `_`"
            ));
        }
        if value.contains('\0') {
            return Err(format!("the variable `{name}` holds a NUL character"));
        }
    }
    Ok(())
}

/// Returns the folder in which a program runs.
fn working_folder(root: &Path, cwd: Option<&str>) -> Result<PathBuf, String> {
    let root = fs::canonicalize(root)
        .map_err(|error| format!("cannot find the project `{}`: {error}", root.display()))?;
    let Some(cwd) = cwd else { return Ok(root) };
    let folder = fs::canonicalize(root.join(cwd))
        .map_err(|error| format!("cannot use `{cwd}` as `cwd`: {error}"))?;
    if !folder.starts_with(&root) {
        return Err(format!("cannot use `{cwd}` as `cwd`: it leads out of the project"));
    }
    if !folder.is_dir() {
        return Err(format!("cannot use `{cwd}` as `cwd`: it is no folder"));
    }
    Ok(folder)
}

fn say_child(signs: &Signs, pid: u32) {
    let start_time = read_stat(pid).map(|stat| stat.start_time);
    let boot_id = Identity::of_this_process().boot_id;
    signs.say(Sign::Child { pid, start_time, boot_id });
}

pub(super) fn cannot_start(program: &Program, why: &str) -> String {
    let name = program.run.first().map_or("", String::as_str);
    format!("cannot start `{name}`: {why}")
}

/// Says what an error of the system means for a program that was to start.
fn why_not(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::TOOBIG) => {
            "its arguments and variables are too long; hand long texts to its standard input"
                .to_owned()
        }
        _ => error.to_string(),
    }
}
