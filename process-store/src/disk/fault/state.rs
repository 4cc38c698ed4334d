//! What is on the disk: in the cache and on the platters.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::plan::{Course, Operation, Plan};
use crate::disk::seam::{FileKind, Stat};
use crate::error::Error;

pub(super) type NodeId = usize;

/// The root folder is always the first node.
pub(super) const ROOT: NodeId = 0;

#[derive(Debug)]
pub(super) struct State {
    pub(super) nodes: Vec<Node>,
    pub(super) plan: Plan,
    /// The guards that are held.
    pub(super) locks: BTreeSet<NodeId>,
    /// Handles and locks of an earlier life do nothing.
    pub(super) life: u64,
    pub(super) clock_secs: i64,
    /// Grows with every change, so that no two have the same time.
    pub(super) ticks: u32,
    pub(super) is_network: bool,
    pub(super) has_hard_links: bool,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) body: Body,
    pub(super) modified: (i64, u32),
}

#[derive(Debug)]
pub(super) enum Body {
    Fifo,
    File(FileBody),
    Folder(FolderBody),
    Link,
}

#[derive(Debug, Default)]
pub(super) struct FileBody {
    pub(super) cached: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Change>,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    SetLen(usize),
    Write { offset: usize, bytes: Vec<u8> },
}

pub(super) type Names = BTreeMap<String, NodeId>;

#[derive(Debug, Default)]
pub(super) struct FolderBody {
    pub(super) cached: Names,
    pub(super) durable: Names,
    pub(super) pending: Vec<NameChange>,
}

/// One atomic change of names; a rename into another folder stands in both under one number.
#[derive(Clone, Debug)]
pub(super) struct NameChange {
    pub(super) number: u32,
    pub(super) steps: Vec<(String, Option<NodeId>)>,
}

impl State {
    pub(super) fn new() -> State {
        let mut state = State {
            nodes: Vec::new(),
            plan: Plan::default(),
            locks: BTreeSet::new(),
            life: 0,
            clock_secs: 1_700_000_000,
            ticks: 0,
            is_network: false,
            has_hard_links: true,
        };
        state.add(Body::Folder(FolderBody::default()));
        state
    }

    /// Counts an operation and says how it goes.
    pub(super) fn admit(
        &mut self,
        operation: Operation,
        action: &str,
        path: &Path,
    ) -> Result<Course, Error> {
        self.plan.admit(operation).ok_or_else(|| killed(action, path))
    }

    /// Refuses to do anything after the program died.
    pub(super) fn require_up(&self, action: &str, path: &Path) -> Result<(), Error> {
        if self.plan.is_down { Err(killed(action, path)) } else { Ok(()) }
    }

    /// Ends an operation on names: on a power cut nobody is told how it went.
    pub(super) fn conclude<T>(
        &mut self,
        course: Course,
        action: &str,
        path: &Path,
        result: io::Result<T>,
    ) -> Result<T, Error> {
        if course == Course::WholeThenDown {
            self.plan.is_down = true;
            return Err(killed(action, path));
        }
        result.map_err(|error| Error::io(action, path, error))
    }

    pub(super) fn add(&mut self, body: Body) -> NodeId {
        let modified = self.tick();
        self.nodes.push(Node { body, modified });
        self.nodes.len() - 1
    }

    pub(super) fn tick(&mut self) -> (i64, u32) {
        self.ticks += 1;
        (self.clock_secs, self.ticks)
    }

    /// Finds what has this name; links are not followed.
    pub(super) fn find(&self, path: &Path) -> io::Result<NodeId> {
        let mut node = ROOT;
        for name in names(path)? {
            node = *self.folder(node)?.cached.get(&name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    /// Finds the folder that holds this name, and the name.
    pub(super) fn parent(&self, path: &Path) -> io::Result<(NodeId, String)> {
        let mut names = names(path)?;
        let name = names.pop().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = self.find(&names.iter().collect::<PathBuf>())?;
        self.folder(folder)?;
        Ok((folder, name))
    }

    pub(super) fn folder(&self, node: NodeId) -> io::Result<&FolderBody> {
        match &self.nodes[node].body {
            Body::Folder(folder) => Ok(folder),
            Body::Fifo | Body::File(_) | Body::Link => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// Changes names in one folder, in the cache.
    pub(super) fn change_names(
        &mut self,
        folder: NodeId,
        number: u32,
        steps: Vec<(String, Option<NodeId>)>,
    ) {
        if let Body::Folder(folder) = &mut self.nodes[folder].body {
            let change = NameChange { number, steps };
            apply_names(&mut folder.cached, &change);
            folder.pending.push(change);
        }
    }

    pub(super) fn stat(&self, node: NodeId) -> Stat {
        let Node { body, modified } = &self.nodes[node];
        let (kind, len) = match body {
            Body::Fifo => (FileKind::Other, 0),
            Body::File(file) => (FileKind::File, file.cached.len() as u64),
            Body::Folder(_) => (FileKind::Folder, 0),
            Body::Link => (FileKind::Link, 0),
        };
        Stat { kind, len, modified: *modified }
    }

    /// Forgets every handle and lock, as the end of the program does.
    pub(super) fn restart(&mut self) {
        self.locks.clear();
        self.life += 1;
        self.plan.is_down = false;
        self.plan.is_full = false;
        self.plan.fault = None;
    }
}

pub(super) fn apply_names(names: &mut Names, change: &NameChange) {
    for (name, node) in &change.steps {
        match node {
            Some(node) => names.insert(name.clone(), *node),
            None => names.remove(name),
        };
    }
}

pub(super) fn apply_change(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::SetLen(len) => content.resize(*len, 0),
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*offset..end].copy_from_slice(bytes);
        }
    }
}

pub(super) fn killed(action: &str, path: &Path) -> Error {
    Error::io(action, path, io::Error::other("the program was killed"))
}

fn names(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            Component::Normal(name) => {
                names.push(name.to_str().ok_or(io::ErrorKind::InvalidInput)?.to_owned());
            }
            Component::ParentDir => return Err(io::ErrorKind::InvalidInput.into()),
        }
    }
    Ok(names)
}
