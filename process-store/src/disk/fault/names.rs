//! Operations on names: find, create, rename, link, remove.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::state::{Body, NodeId, State};
use crate::disk::seam::FileKind;
use crate::error::Error;

pub(super) fn find_file(state: &State, action: &str, path: &Path) -> Result<NodeId, Error> {
    let node = state.find(path).map_err(|error| Error::io(action, path, error))?;
    let what = match state.stat(node).kind {
        FileKind::File => return Ok(node),
        FileKind::Folder => "a folder",
        FileKind::Link => "a link",
        FileKind::Other => "a pipe or a device",
    };
    Err(Error::not_regular(action, path, what))
}

pub(super) fn create(state: &mut State, path: &Path, body: Body) -> io::Result<NodeId> {
    let (folder, name) = state.parent(path)?;
    if state.folder(folder)?.cached.contains_key(&name) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let node = state.add(body);
    let (_, number) = state.tick();
    state.change_names(folder, number, vec![(name, Some(node))]);
    Ok(node)
}

pub(super) fn rename(state: &mut State, from: &Path, to: &Path) -> io::Result<()> {
    let node = state.find(from)?;
    let (from_folder, from_name) = state.parent(from)?;
    let (to_folder, to_name) = state.parent(to)?;
    if let Ok(replaced) = state.find(to) {
        // Two names of one file: POSIX leaves both as they are.
        if replaced == node {
            return Ok(());
        }
        if state.folder(replaced).is_ok() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if state.folder(node).is_ok() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
    }
    let (_, number) = state.tick();
    let gone = (from_name, None);
    let come = (to_name, Some(node));
    if from_folder == to_folder {
        state.change_names(from_folder, number, vec![gone, come]);
    } else {
        state.change_names(from_folder, number, vec![gone]);
        state.change_names(to_folder, number, vec![come]);
    }
    Ok(())
}

pub(super) fn hard_link(state: &mut State, existing: &Path, link: &Path) -> io::Result<()> {
    if !state.has_hard_links {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let node = state.find(existing)?;
    let (folder, name) = state.parent(link)?;
    if state.folder(folder)?.cached.contains_key(&name) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let (_, number) = state.tick();
    state.change_names(folder, number, vec![(name, Some(node))]);
    Ok(())
}

pub(super) fn remove_file(state: &mut State, path: &Path) -> io::Result<()> {
    let node = state.find(path)?;
    if state.folder(node).is_ok() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let (folder, name) = state.parent(path)?;
    let (_, number) = state.tick();
    state.change_names(folder, number, vec![(name, None)]);
    Ok(())
}

pub(super) fn remove_folder(state: &mut State, path: &Path) -> io::Result<()> {
    let node = state.find(path)?;
    if !state.folder(node)?.cached.is_empty() {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    let (folder, name) = state.parent(path)?;
    let (_, number) = state.tick();
    state.change_names(folder, number, vec![(name, None)]);
    Ok(())
}

pub(super) fn collect_files(
    state: &State,
    node: NodeId,
    path: &Path,
    into: &mut BTreeMap<PathBuf, Vec<u8>>,
) {
    match &state.nodes[node].body {
        Body::File(file) => {
            into.insert(path.to_owned(), file.cached.clone());
        }
        Body::Folder(folder) => {
            for (name, node) in &folder.cached {
                collect_files(state, *node, &path.join(name), into);
            }
        }
        Body::Fifo | Body::Link => {}
    }
}
