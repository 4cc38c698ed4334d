//! The disk that fails, as programs see it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::file::{FaultLock, Shared, enter, open, sync_failed};
use super::names::{
    collect_files, create, find_file, hard_link, remove_file, remove_folder, rename,
};
use super::plan::{Counts, Course, Fault, Operation};
use super::state::{Body, FileBody, FolderBody, NodeId, ROOT, State};
use super::survival::Survival;
use crate::disk::seam::{Disk, DiskFile, Entry, Stat};
use crate::error::Error;

/// A disk in memory that counts what it is asked for and fails where a test wants it to.
///
/// Clones share one disk.
/// The root folder exists; other folders are created or planted.
///
/// ```
/// use process_store::disk::{Disk, Fault, FaultDisk, Survival};
/// # fn main() -> Result<(), process_store::Error> {
/// let disk = FaultDisk::new();
/// let mut file = disk.create_new("/journal".as_ref())?;
/// disk.sync_folder("/".as_ref())?;
/// file.write_all(b"one\n")?;
/// file.sync()?;
/// disk.plan(Fault::PowerCut, disk.operations() + 1);
/// assert!(file.write_all(b"two\n").is_err());
/// disk.restart_after_power_cut(Survival::TornLastWrite);
/// assert_eq!(disk.read("/journal".as_ref(), 100)?, b"one\ntw");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FaultDisk {
    shared: Shared,
}

impl Default for FaultDisk {
    fn default() -> FaultDisk {
        FaultDisk::new()
    }
}

impl FaultDisk {
    /// Returns an empty disk on which nothing fails.
    pub fn new() -> FaultDisk {
        FaultDisk { shared: Arc::new(Mutex::new(State::new())) }
    }

    /// Lets the operation with this number fail, counted from 1 since the disk was made; for
    /// [`Fault::SyncError`] only syncs are counted. Each plan replaces the one before.
    pub fn plan(&self, fault: Fault, at: u64) {
        self.enter().plan.fault = Some((fault, at));
    }

    /// Drops the plan and makes room on a full disk.
    pub fn clear(&self) {
        let mut state = self.enter();
        state.plan.fault = None;
        state.plan.is_full = false;
    }

    /// Returns how many operations that change something were asked for.
    pub fn operations(&self) -> u64 {
        self.counts().all()
    }

    /// Returns how many syncs were asked for, of files and of folders.
    pub fn syncs(&self) -> u64 {
        self.counts().syncs()
    }

    /// Returns how many operations of each kind were asked for.
    pub fn counts(&self) -> Counts {
        self.enter().plan.counts
    }

    /// Tells whether the program was killed or the power is off.
    pub fn is_down(&self) -> bool {
        self.enter().plan.is_down
    }

    /// Starts the program anew: all that was cached is there, locks are free, handles are dead,
    /// the plan is dropped.
    pub fn restart(&self) {
        self.enter().restart();
    }

    /// Starts the machine anew: as [`FaultDisk::restart`], but of what was not synced only so
    /// much is left.
    pub fn restart_after_power_cut(&self, survival: Survival) {
        let mut state = self.enter();
        state.cut_power(survival);
        state.restart();
    }

    /// Returns every file that can be read, with its content.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.enter();
        let mut files = BTreeMap::new();
        collect_files(&state, ROOT, Path::new("/"), &mut files);
        files
    }

    /// Puts a durable file there, with its folders, in place of what there was.
    pub fn plant(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref().to_vec();
        let file = FileBody { cached: bytes.clone(), durable: bytes, pending: Vec::new() };
        self.plant_body(path.as_ref(), Body::File(file));
    }

    /// Puts a symbolic link there; where it points to is of no interest, as nothing follows it.
    pub fn plant_link(&self, path: impl AsRef<Path>) {
        self.plant_body(path.as_ref(), Body::Link);
    }

    /// Puts a pipe there.
    pub fn plant_fifo(&self, path: impl AsRef<Path>) {
        self.plant_body(path.as_ref(), Body::Fifo);
    }

    /// Puts a durable folder there, with those above it.
    pub fn plant_folder(&self, path: impl AsRef<Path>) {
        self.plant_body(path.as_ref(), Body::Folder(FolderBody::default()));
    }

    /// Sets the time, in seconds since 1970, that later changes bear.
    pub fn set_clock(&self, secs: i64) {
        self.enter().clock_secs = secs;
    }

    /// Makes the disk a network file system.
    pub fn become_network(&self) {
        self.enter().is_network = true;
    }

    /// Makes the disk refuse hard links, as FAT does.
    pub fn forbid_hard_links(&self) {
        self.enter().has_hard_links = false;
    }

    fn enter(&self) -> MutexGuard<'_, State> {
        enter(&self.shared)
    }

    fn enter_up(&self, action: &str, path: &Path) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.enter();
        state.require_up(action, path)?;
        Ok(state)
    }

    fn plant_body(&self, path: &Path, body: Body) {
        let missing = path.parent().filter(|parent| self.enter().find(parent).is_err());
        if let Some(parent) = missing {
            self.plant_folder(parent);
        }
        let mut state = self.enter();
        if let Ok((folder, name)) = state.parent(path) {
            let node = state.add(body);
            if let Body::Folder(folder) = &mut state.nodes[folder].body {
                folder.cached.insert(name.clone(), node);
                folder.durable.insert(name, node);
            }
        }
    }
}

impl Disk for FaultDisk {
    fn read(&self, path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let state = self.enter_up("read", path)?;
        let node = find_file(&state, "read", path)?;
        match &state.nodes[node].body {
            Body::File(file) if file.cached.len() as u64 > limit_bytes => {
                Err(Error::too_large(path, limit_bytes))
            }
            Body::File(file) => Ok(file.cached.clone()),
            Body::Fifo | Body::Folder(_) | Body::Link => Ok(Vec::new()),
        }
    }

    fn stat(&self, path: &Path) -> Result<Option<Stat>, Error> {
        let state = self.enter_up("look at", path)?;
        match state.find(path) {
            Ok(node) => Ok(Some(state.stat(node))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("look at", path, error)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, Error> {
        let state = self.enter_up("list", folder)?;
        let names = state.find(folder).and_then(|node| state.folder(node).map(|body| &body.cached));
        let names = names.map_err(|error| Error::io("list", folder, error))?;
        let entry = |(name, node): (&String, &NodeId)| Entry {
            name: name.clone(),
            kind: state.stat(*node).kind,
        };
        Ok(names.iter().map(entry).collect())
    }

    fn create_new(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::Create, "create", path)?;
        let result = create(&mut state, path, Body::File(FileBody::default()));
        let node = state.conclude(course, "create", path, result)?;
        Ok(open(&self.shared, state.life, node, path))
    }

    fn open_append(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error> {
        let state = self.enter_up("open", path)?;
        let node = find_file(&state, "open", path)?;
        Ok(open(&self.shared, state.life, node, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::Rename, "rename to", to)?;
        let result = rename(&mut state, from, to);
        state.conclude(course, "rename to", to, result)
    }

    fn hard_link(&self, existing: &Path, link: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::Link, "create", link)?;
        let result = hard_link(&mut state, existing, link);
        state.conclude(course, "create", link, result)
    }

    fn remove_file(&self, path: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::Unlink, "remove", path)?;
        let result = remove_file(&mut state, path);
        state.conclude(course, "remove", path, result)
    }

    fn create_folder(&self, path: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::CreateFolder, "create folder", path)?;
        let is_there = state.find(path).is_ok_and(|node| state.folder(node).is_ok());
        let result = if is_there {
            Ok(())
        } else {
            create(&mut state, path, Body::Folder(FolderBody::default())).map(|_| ())
        };
        state.conclude(course, "create folder", path, result)
    }

    fn remove_folder(&self, path: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::Unlink, "remove", path)?;
        let result = remove_folder(&mut state, path);
        state.conclude(course, "remove", path, result)
    }

    fn sync_folder(&self, path: &Path) -> Result<(), Error> {
        let mut state = self.enter();
        let course = state.admit(Operation::FolderSync, "sync folder", path)?;
        let found = state.find(path).and_then(|node| state.folder(node).map(|_| node));
        match (course, found) {
            (Course::Forget, Ok(node)) => {
                if let Body::Folder(folder) = &mut state.nodes[node].body {
                    folder.pending.clear();
                }
                Err(Error::io("sync folder", path, sync_failed()).poisoning())
            }
            (Course::WholeThenDown, _) => state.conclude(course, "sync folder", path, Ok(())),
            (_, Ok(node)) => {
                state.sync_names(node);
                Ok(())
            }
            (_, Err(error)) => Err(Error::io("sync folder", path, error)),
        }
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Send>>, Error> {
        let mut state = self.enter_up("lock", path)?;
        if state.find(path).is_err() {
            let course = state.admit(Operation::Create, "lock", path)?;
            let result = create(&mut state, path, Body::File(FileBody::default()));
            state.conclude(course, "lock", path, result)?;
        }
        let node = find_file(&state, "lock", path)?;
        if !state.locks.insert(node) {
            return Ok(None);
        }
        let life = state.life;
        Ok(Some(Box::new(FaultLock { shared: Arc::clone(&self.shared), node, life })))
    }

    fn is_network(&self, path: &Path) -> Result<bool, Error> {
        let state = self.enter_up("look at", path)?;
        state.find(path).map_err(|error| Error::io("look at", path, error))?;
        Ok(state.is_network)
    }
}
