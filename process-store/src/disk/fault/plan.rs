//! Which operation fails, and how.

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The program dies before the operation; what the system has cached stays.
    Kill,
    /// From the operation on, a write stores its first half and then fails, until
    /// [`FaultDisk::clear`](super::FaultDisk::clear).
    NoSpace,
    /// The operation reaches the cache, then the power goes before its caller is told.
    PowerCut,
    /// That sync, of a file or a folder, fails; only syncs are counted for it.
    ///
    /// What was not synced is lost without further notice: it can be read until the power goes,
    /// later syncs succeed, and none of them writes it. Linux does the same.
    SyncError,
    /// The program dies in the middle of the operation, if it is a write: its first half is
    /// stored. Any other operation is not carried out.
    TornWrite,
}

/// How many operations of each kind a disk was asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Files created, guards of locks included.
    pub creates: u64,
    /// Syncs of files.
    pub file_syncs: u64,
    /// Syncs of folders.
    pub folder_syncs: u64,
    /// Folders created.
    pub folders: u64,
    /// Hard links made.
    pub links: u64,
    /// Renames.
    pub renames: u64,
    /// Changes of a length.
    pub set_lens: u64,
    /// Names removed.
    pub unlinks: u64,
    /// Writes.
    pub writes: u64,
}

impl Counts {
    /// Returns the number of all operations.
    pub fn all(&self) -> u64 {
        self.creates
            + self.syncs()
            + self.folders
            + self.links
            + self.renames
            + self.set_lens
            + self.unlinks
            + self.writes
    }

    /// Returns the number of syncs, of files and of folders.
    pub fn syncs(&self) -> u64 {
        self.file_syncs + self.folder_syncs
    }
}

/// The kinds of operation that change something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operation {
    Create,
    CreateFolder,
    FileSync,
    FolderSync,
    Link,
    Rename,
    SetLen,
    Unlink,
    Write,
}

/// How an operation is to be carried out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Course {
    /// As asked.
    Whole,
    /// As asked, then the power goes.
    WholeThenDown,
    /// The first half of a write, then the program dies.
    HalfThenDown,
    /// The first half of a write, then an error.
    HalfThenFull,
    /// The sync fails and forgets.
    Forget,
}

/// The plan and how far it has come.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) fault: Option<(Fault, u64)>,
    pub(super) counts: Counts,
    pub(super) is_full: bool,
    pub(super) is_down: bool,
}

impl Plan {
    /// Counts an operation and says how it goes; `None` if it is not carried out.
    pub(super) fn admit(&mut self, operation: Operation) -> Option<Course> {
        if self.is_down {
            return None;
        }
        self.count(operation);
        let is_sync = matches!(operation, Operation::FileSync | Operation::FolderSync);
        let due = match self.fault {
            Some((Fault::SyncError, at)) if is_sync && at == self.counts.syncs() => {
                Some(Fault::SyncError)
            }
            Some((Fault::SyncError, _)) | None => None,
            Some((fault, at)) => (at == self.counts.all()).then_some(fault),
        };
        if due.is_some() {
            self.fault = None;
        }
        match due {
            Some(Fault::Kill) => {
                self.is_down = true;
                return None;
            }
            Some(Fault::PowerCut) => return Some(Course::WholeThenDown),
            Some(Fault::TornWrite) if operation == Operation::Write => {
                return Some(Course::HalfThenDown);
            }
            Some(Fault::TornWrite) => {
                self.is_down = true;
                return None;
            }
            Some(Fault::SyncError) => return Some(Course::Forget),
            Some(Fault::NoSpace) => self.is_full = true,
            None => {}
        }
        let is_full = self.is_full && operation == Operation::Write;
        Some(if is_full { Course::HalfThenFull } else { Course::Whole })
    }

    fn count(&mut self, operation: Operation) {
        let counts = &mut self.counts;
        let counter = match operation {
            Operation::Create => &mut counts.creates,
            Operation::CreateFolder => &mut counts.folders,
            Operation::FileSync => &mut counts.file_syncs,
            Operation::FolderSync => &mut counts.folder_syncs,
            Operation::Link => &mut counts.links,
            Operation::Rename => &mut counts.renames,
            Operation::SetLen => &mut counts.set_lens,
            Operation::Unlink => &mut counts.unlinks,
            Operation::Write => &mut counts.writes,
        };
        *counter += 1;
    }
}
