//! Which definitions may start programs and send things (rule E6.20).

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use process_core::{
    ProcessId, StepId,
    definition::{Channel, Definition, StepKind},
    yaml,
};
use process_engine::Execution;
use process_store::{
    disk::{Disk, OsDisk},
    replace::{Durability, replace},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    config::Config,
    definitions::Definitions,
    error::{Error, ErrorKind},
    named::Named,
    project::Procside,
};

/// The largest file of the user's that is read here.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The most definitions to which naming one consents.
const NAMED_MAX: usize = 1_000;

/// The most steps that are named as held back.
const HELD_SHOWN_MAX: usize = 10;

/// What undoes a step that started a process; that process undoes itself.
const COMPENSATE_PROCESS: &str = "compensate_process";

/// A project whose definitions may start programs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustedProject {
    /// Its folder.
    pub path: String,
    /// Since when; the text that the user's file holds.
    pub since: String,
    /// Whether the folder there is still the one that was trusted.
    pub is_same: bool,
}

/// Definitions that were named by whoever runs this program, by their hashes.
pub(crate) type Consents = Mutex<BTreeSet<String>>;

/// What tells a folder apart from a copy of it.
#[derive(Debug, Eq, PartialEq)]
struct Mark {
    path: String,
    uid: u64,
    inode: u64,
}

impl Procside {
    /// Lets definitions in this project start programs and send things.
    ///
    /// # Errors
    /// `NotFound` without a project; `Invalid` where the user has no configuration folder.
    pub fn trust(&self) -> Result<(), Error> {
        let mark = self.mark()?.ok_or_else(|| no_project(self.root()))?;
        if self.is_dry() {
            return Ok(());
        }
        let path = self.trust_folder()?.join(name_of(&mark.path));
        let value = json!({
            "path": mark.path,
            "uid": mark.uid,
            "inode": mark.inode,
            "since": self.now(),
        });
        write(&path, &value)
    }

    /// Takes back what [`Procside::trust`] gave; returns whether there was anything.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn revoke_trust(&self) -> Result<bool, Error> {
        let path = self.trust_folder()?.join(name_of(&shown(self.root())));
        let is_there = OsDisk.stat(&path)?.is_some();
        if is_there && !self.is_dry() {
            OsDisk.remove_file(&path)?;
        }
        Ok(is_there)
    }

    /// Returns whether definitions in this project may start programs and send things.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn is_trusted(&self) -> Result<bool, Error> {
        let Some(mark) = self.mark()? else { return Ok(false) };
        let Ok(folder) = self.trust_folder() else { return Ok(false) };
        Ok(read(&folder.join(name_of(&mark.path)))?.is_some_and(|known| known.0 == mark))
    }

    /// Returns the projects that were trusted, by path.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn trusted_projects(&self) -> Result<Vec<TrustedProject>, Error> {
        let folder = self.trust_folder()?;
        if OsDisk.stat(&folder)?.is_none() {
            return Ok(Vec::new());
        }
        let mut projects = Vec::new();
        for entry in OsDisk.list(&folder)? {
            let Some((mark, since)) = read(&folder.join(&entry.name))? else { continue };
            let is_same = mark_of(Path::new(&mark.path))?.as_ref() == Some(&mark);
            projects.push(TrustedProject { path: mark.path, since, is_same });
        }
        projects.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(projects)
    }

    /// Makes the project; whoever makes one trusts it.
    pub(crate) fn found_project(&self) -> Result<(), Error> {
        let is_new = !self.files().exists()?;
        self.place.found()?;
        // A project that came from elsewhere is not made by what is kept of it here.
        if is_new
            && self.surroundings.user_folder.is_some()
            && let Err(error) = self.trust()
        {
            self.tell([format!("the project is not trusted yet: {error}")]);
        }
        Ok(())
    }

    /// Consents to a definition, and to those beside it that its steps start, and so on.
    pub(crate) fn consent_to_all(
        &self,
        definitions: &Definitions,
        definition: &Definition,
        folder: Option<&Path>,
    ) {
        self.consent_to(definition);
        let named = Named::within(definitions, folder);
        let mut known = BTreeSet::new();
        let mut names = named_by(definition);
        while let Some(name) = names.pop() {
            if known.len() >= NAMED_MAX || !known.insert(name.clone()) {
                continue;
            }
            if let Ok(Some(found)) = named.look_up(&name) {
                self.consent_to(&found);
                names.extend(named_by(&found));
            }
        }
    }

    /// Returns why steps of processes wait for nobody but the user's trust.
    ///
    /// # Errors
    /// Whatever keeps a process from being read.
    pub fn why_held_back(&self, ids: &BTreeSet<ProcessId>) -> Result<Vec<String>, Error> {
        let mut reasons = Vec::new();
        for id in ids {
            let (_, record) = self.read(Some(*id))?;
            reasons.extend(self.why_held(*id, &self.held_back(&record.execution)));
        }
        Ok(reasons)
    }

    /// Returns the steps of a process that wait for nobody but the user's trust.
    pub(crate) fn held_back(&self, execution: &Execution) -> Vec<StepId> {
        let Some(run) = execution.run() else { return Vec::new() };
        // Without agents of the configuration people take their steps.
        let mut agents = None;
        let mut starts = |id: &StepId| {
            let step = run.definition().step(id.as_str()).map(|(_, step)| &step.kind);
            match step {
                Some(StepKind::Command(_)) => true,
                Some(StepKind::Notification(notification)) => notification.channel != Channel::Log,
                Some(StepKind::AgentTask { agent: Some(agent), .. }) => {
                    let agents = agents.get_or_insert_with(|| {
                        Config::of(self.files()).map(|config| config.agents).unwrap_or_default()
                    });
                    agent.constant().is_some_and(|agent| agents.contains_key(agent))
                }
                Some(_) | None => false,
            }
        };
        let mut held: Vec<StepId> = Vec::new();
        for (step, _) in run.dispatchable() {
            if !held.contains(step) && starts(step) {
                held.push(step.clone());
            }
        }
        if let Some(task) = run.compensating().map(|undone| &undone.work)
            && task["type"] != COMPENSATE_PROCESS
            && task["channel"] != "log"
        {
            held.extend(run.undone_visit().map(|visit| visit.step));
        }
        if !held.is_empty() && self.may_execute(execution) {
            held.clear();
        }
        held
    }

    /// Says why steps wait that would start programs, if there are any.
    pub(crate) fn why_held(&self, id: ProcessId, held: &[StepId]) -> Option<String> {
        if held.is_empty() {
            return None;
        }
        let steps: Vec<&str> = held.iter().take(HELD_SHOWN_MAX).map(StepId::as_str).collect();
        let more = if held.len() > HELD_SHOWN_MAX { " and others" } else { "" };
        Some(format!(
            "{id}: {}{more} would start programs or send things, and this project is not trusted; \
             look at its definitions, then `procside trust`",
            steps.join(", ")
        ))
    }

    /// Lets a definition start programs because its file was named by whoever runs this program.
    ///
    /// It is kept for the user where that is possible, so that another program can go on with it.
    pub(crate) fn consent_to(&self, definition: &Definition) {
        let hash = hash_of(definition);
        let consents = &self.consents;
        consents.lock().unwrap_or_else(PoisonError::into_inner).insert(hash.clone());
        if let Some(folder) = &self.surroundings.user_folder {
            let value = json!({"name": definition.name, "since": self.now()});
            let kept = match self.consent_path(folder, &hash) {
                Ok(Some(path)) => write(&path, &value),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = kept {
                self.tell([format!("who goes on with this may have to trust it: {error}")]);
            }
        }
    }

    /// Returns whether the definition of a process may start programs and send things.
    pub(crate) fn may_execute(&self, execution: &Execution) -> bool {
        if self.is_trusted().unwrap_or(false) {
            return true;
        }
        let Some(run) = execution.run() else { return false };
        let hash = hash_of(run.definition());
        if self.consents.lock().unwrap_or_else(PoisonError::into_inner).contains(&hash) {
            return true;
        }
        self.surroundings.user_folder.as_ref().is_some_and(|folder| {
            let path = self.consent_path(folder, &hash).ok().flatten();
            path.is_some_and(|path| OsDisk.stat(&path).is_ok_and(|stat| stat.is_some()))
        })
    }

    /// Returns where the consent to a definition is kept: for this project alone, because what a
    /// definition does depends on the files around it.
    fn consent_path(&self, folder: &Path, hash: &str) -> Result<Option<PathBuf>, Error> {
        let Some(mark) = self.mark()? else { return Ok(None) };
        let text = format!("{}\n{}\n{}\n{hash}", mark.path, mark.uid, mark.inode);
        Ok(Some(folder.join("consent").join(name_of(&text))))
    }

    fn mark(&self) -> Result<Option<Mark>, Error> {
        mark_of(self.root())
    }

    fn trust_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.surroundings.user_folder.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Invalid, "there is no folder for the user's configuration")
                .with_hint("set HOME, or XDG_CONFIG_HOME")
        })?;
        Ok(folder.join("trust"))
    }
}

impl TrustedProject {
    /// Returns the project as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"path": self.path, "since": self.since, "same": self.is_same})
    }
}

/// Returns what tells the project in a folder apart from a copy of it; `None` without a project.
fn mark_of(root: &Path) -> Result<Option<Mark>, Error> {
    let folder = root.join(process_store::files::FOLDER);
    match rustix::fs::stat(&folder) {
        Ok(stat) => {
            let (uid, inode) = (u64::from(stat.st_uid), stat.st_ino);
            Ok(Some(Mark { path: shown(root), uid, inode }))
        }
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
        Err(error) => {
            let message = format!("cannot look at `{}`: {error}", folder.display());
            Err(Error::new(ErrorKind::Io, message))
        }
    }
}

fn shown(root: &Path) -> String {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    real.display().to_string()
}

fn name_of(path: &str) -> String {
    format!("{}.yaml", Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_bytes()))
}

/// Returns what the steps of a definition start, where it is named and not evaluated.
fn named_by(definition: &Definition) -> Vec<String> {
    let names = definition.steps.iter().filter_map(|step| match &step.kind {
        StepKind::SubProcess(child) => child.process.constant().map(str::to_owned),
        _ => None,
    });
    names.collect()
}

fn hash_of(definition: &Definition) -> String {
    blake3::hash(definition.stored().to_string().as_bytes()).to_hex().to_string()
}

fn read(path: &Path) -> Result<Option<(Mark, String)>, Error> {
    if OsDisk.stat(path)?.is_none() {
        return Ok(None);
    }
    let bytes = OsDisk.read(path, FILE_BYTES_MAX)?;
    // What cannot be read trusts nobody.
    let Ok(node) = yaml::read(&String::from_utf8_lossy(&bytes)) else { return Ok(None) };
    let value = node.to_json();
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let number = |key: &str| value[key].as_u64();
    let (Some(path), Some(uid), Some(inode)) = (text("path"), number("uid"), number("inode"))
    else {
        return Ok(None);
    };
    Ok(Some((Mark { path, uid, inode }, text("since").unwrap_or_default())))
}

fn write(path: &Path, value: &Value) -> Result<(), Error> {
    let folders: Vec<&Path> = path.ancestors().skip(1).collect();
    for folder in folders.into_iter().rev() {
        if OsDisk.stat(folder)?.is_none() && !folder.is_dir() {
            OsDisk.create_folder(folder)?;
        }
    }
    replace(&OsDisk, path, yaml::write(value).as_bytes(), Durability::Derived)?;
    Ok(())
}

fn no_project(root: &Path) -> Error {
    let message = format!("there is no project in `{}`", root.display());
    Error::new(ErrorKind::NotFound, message).with_hint("`procside init` makes one")
}
