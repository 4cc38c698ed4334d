//! Writing a registry: changes are made to what the file says under its lock.

use std::sync::Arc;

use procreg::{Delta, Outcome, ProcessInfo, ProcessRegistry, Refused};

use super::folder;
use super::load::Found;
use super::notice::ChildrenNotice;
use super::open::{Children, FILE_BYTES_MAX};
use crate::error::{Error, ErrorKind};
use crate::lock::{Lock, acquire};
use crate::replace::{
    Aside, Durability, copy_aside, folder_of, is_temporary, name_also, name_of, remove_quietly,
    replace,
};

/// How often a commit is begun anew because another program broke into its lock.
const TRIES_MAX: u32 = 3;

/// A registry as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Committed {
    /// What the file says.
    pub registry: Arc<ProcessRegistry>,
    /// What became of each change, in their order.
    pub outcomes: Vec<Outcome>,
    /// What the user should be told.
    pub notices: Vec<ChildrenNotice>,
}

impl Children {
    /// Makes changes, all or none, and returns when they are durable.
    ///
    /// The lock is taken, the file is read again, the changes are made to what others have
    /// written meanwhile, and the file is replaced; the previous one stays as `.bak`.
    /// Where nothing changes, nothing is written.
    ///
    /// # Errors
    /// `Locked` if somebody holds the lock for too long, `Invalid` if a change is refused or the
    /// file has another version, and whatever keeps the file from being read or written.
    /// The file is as it was then, but for one case: where the sync of the folder fails, the
    /// changes are there and may be gone after a power cut.
    pub fn commit(&self, deltas: &[Delta], now_ms: u64) -> Result<Committed, Error> {
        self.commit_with(|registry| {
            let outcomes = registry.merge(deltas).map_err(|refused| self.refused(&refused))?;
            Ok(Change { outcomes, now_ms })
        })
    }

    /// As [`Children::commit`], with the changes made by the caller, perhaps more than once; an
    /// error of it writes nothing.
    pub(super) fn commit_with(
        &self,
        mut change: impl FnMut(&mut ProcessRegistry) -> Result<Change, Error>,
    ) -> Result<Committed, Error> {
        folder::make(self.disk.as_ref(), &self.path)?;
        let mut tries = 1;
        loop {
            match self.try_commit(&mut change)? {
                Some(committed) => return Ok(committed),
                None if tries < TRIES_MAX => tries += 1,
                None => {
                    let message = format!(
                        "cannot write `{}`: another program takes its lock away",
                        self.path.display()
                    );
                    let error = Error::new(ErrorKind::Conflict, message).at(&self.path);
                    return Err(error.with_hint("nothing was written; repeat"));
                }
            }
        }
    }

    /// Returns the error of a change that cannot be made.
    pub(super) fn refused(&self, refused: &Refused) -> Error {
        let message = format!("cannot change `{}`: {refused}", self.path.display());
        Error::new(ErrorKind::Invalid, message).at(&self.path)
    }

    /// Commits once; `None` if somebody took the lock away before anything was written.
    fn try_commit(
        &self,
        change: &mut impl FnMut(&mut ProcessRegistry) -> Result<Change, Error>,
    ) -> Result<Option<Committed>, Error> {
        let disk = self.disk.as_ref();
        let lock = acquire(disk, &self.path, &self.options.lock, self.waiter.as_ref())?;
        self.remove_left_overs()?;
        let (mut registry, origin) = self.load_to_change()?;
        let before: Vec<ProcessInfo> =
            if self.options.strict { registry.list().cloned().collect() } else { Vec::new() };
        let Change { outcomes, now_ms } = change(&mut registry)?;
        let mut notices = Vec::new();
        if origin.is_broken() || outcomes.contains(&Outcome::Changed) {
            registry.stamp(std::process::id(), now_ms);
            let content = self.render(&registry, &before)?;
            if !lock.is_intact()? {
                return Ok(None);
            }
            self.keep_broken(&origin, &mut notices)?;
            if !self.write(&content, &origin, &lock)? {
                return Ok(None);
            }
        }
        // Durable is durable: a lock file that stays behind is replaced by the next holder.
        drop(lock);
        self.notice_unreadable(&registry, &mut notices);
        Ok(Some(Committed { registry: Arc::new(registry), outcomes, notices }))
    }

    /// Reads the registry under its lock.
    fn load_to_change(&self) -> Result<(ProcessRegistry, Origin), Error> {
        let mut origin = Origin::default();
        let mut registry = match self.find(&self.path)? {
            Found::Missing => ProcessRegistry::new(),
            Found::Good(registry) => {
                origin.is_good = true;
                registry
            }
            Found::Corrupt(broken) => {
                let backup = self.find_backup();
                origin.file = Some((broken, backup.is_some()));
                backup.unwrap_or_default()
            }
        };
        origin.side = self.add_side(&mut registry)?;
        Ok((registry, origin))
    }

    /// Keeps beside what cannot be read; copies, so that at no time there is no file.
    fn keep_broken(&self, origin: &Origin, notices: &mut Vec<ChildrenNotice>) -> Result<(), Error> {
        let disk = self.disk.as_ref();
        if let Some((broken, has_backup)) = &origin.file {
            let kept = copy_aside(disk, &self.path, &broken.bytes, Aside::Corrupt)?;
            notices.push(ChildrenNotice::Corrupt {
                path: self.path.clone(),
                reason: broken.reason.clone(),
                kept: Some(kept),
                backup: has_backup.then(|| self.backup()),
            });
        }
        if let Some(broken) = &origin.side {
            let path = self.side();
            let kept = copy_aside(disk, &path, &broken.bytes, Aside::Corrupt)?;
            let reason = broken.reason.clone();
            notices.push(ChildrenNotice::SideLost { path, reason, kept: Some(kept) });
        }
        Ok(())
    }

    fn render(&self, registry: &ProcessRegistry, before: &[ProcessInfo]) -> Result<Content, Error> {
        let content = if self.options.strict {
            // Until the file is replaced it tells of those as well.
            let removed = before.iter().filter(|old| registry.entry(&old.key()).is_none());
            let side = registry.render_side(removed);
            Content { text: registry.render_strict(), side: Some(side) }
        } else {
            Content { text: registry.render(), side: None }
        };
        let bytes = content.text.len().max(content.side.as_ref().map_or(0, String::len)) as u64;
        if bytes <= FILE_BYTES_MAX {
            return Ok(content);
        }
        let message = format!(
            "cannot write `{}`: it would be {bytes} bytes long; at most {FILE_BYTES_MAX} are allowed",
            self.path.display()
        );
        let error = Error::new(ErrorKind::TooLarge, message).at(&self.path);
        Err(error.with_hint("remove entries of children that are gone"))
    }

    /// Writes both files; false if somebody took the lock away, and the file is as it was.
    fn write(&self, content: &Content, origin: &Origin, lock: &Lock<'_>) -> Result<bool, Error> {
        let disk = self.disk.as_ref();
        if let Some(side) = &content.side {
            replace(disk, &self.side(), side.as_bytes(), Durability::Synced)?;
        }
        if origin.is_good {
            name_also(disk, &self.path, &self.backup(), FILE_BYTES_MAX)?;
        }
        if content.side.is_some() && !lock.is_intact()? {
            return Ok(false);
        }
        replace(disk, &self.path, content.text.as_bytes(), Durability::SyncedWithFolder)?;
        if content.side.is_none() && disk.stat(&self.side())?.is_some() {
            // All that it said is in the file, and goes before it.
            remove_quietly(disk, &self.side());
        }
        Ok(true)
    }

    /// Removes what earlier writers of this registry did not finish; the lock is held.
    fn remove_left_overs(&self) -> Result<(), Error> {
        let disk = self.disk.as_ref();
        let folder = folder_of(&self.path);
        let prefix = format!(".{}.", name_of(&self.path)?);
        for entry in disk.list(folder)? {
            if entry.name.starts_with(&prefix) && is_temporary(&entry.name) {
                remove_quietly(disk, &folder.join(&entry.name));
            }
        }
        Ok(())
    }
}

/// What a change has made of a registry.
pub(super) struct Change {
    /// What became of each part of it.
    pub(super) outcomes: Vec<Outcome>,
    /// When it was made, in milliseconds since 1970.
    pub(super) now_ms: u64,
}

/// What is to be written.
struct Content {
    text: String,
    /// The second file of a strict registry.
    side: Option<String>,
}

/// What cannot be read.
pub(super) struct Broken {
    pub(super) bytes: Vec<u8>,
    pub(super) reason: String,
}

/// Where the registry that is changed comes from.
#[derive(Default)]
struct Origin {
    /// Whether the file was read, so that it is worth keeping as the previous content.
    is_good: bool,
    /// The file, if it could not be read, and whether the previous content took its place.
    file: Option<(Broken, bool)>,
    /// The second file of a strict registry, if it could not be read.
    side: Option<Broken>,
}

impl Origin {
    /// Tells whether the file is to be written even if nothing changes.
    fn is_broken(&self) -> bool {
        self.file.is_some() || self.side.is_some()
    }
}
