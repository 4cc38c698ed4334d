//! The codes of all problems: stable names, how bad each is, and whether it can be repaired.

use process_core::Severity;

/// A kind of problem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Code {
    /// The name that programs match on.
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    /// Whether there is a repair; it may still fail, or be impossible for one file.
    pub(super) can_be_repaired: bool,
}

/// Declares the codes, and a list of all of them.
macro_rules! codes {
    ($($constant:ident = $name:literal, $severity:ident, $repair:literal;)+) => {
        $(pub(super) const $constant: Code = Code {
            name: $name,
            severity: Severity::$severity,
            can_be_repaired: $repair,
        };)+

        #[cfg(test)]
        pub(super) const ALL: &[Code] = &[$($constant),+];
    };
}

codes! {
    CONFIG_INVALID = "config_invalid", Error, false;
    FOLDER_NOT_REGULAR = "folder_not_regular", Error, true;
    GITATTRIBUTES_MISSING = "gitattributes_missing", Info, true;
    GLOBAL_FORKED = "global_forked", Error, true;
    ID_MISMATCH = "id_mismatch", Error, true;
    JOURNAL_BAD_EVENT = "journal_bad_event", Error, false;
    JOURNAL_CONFLICT_MARKERS = "journal_conflict_markers", Error, true;
    JOURNAL_CORRUPT = "journal_corrupt", Error, false;
    JOURNAL_EMPTY = "journal_empty", Info, false;
    JOURNAL_FOREIGN = "journal_foreign", Info, false;
    JOURNAL_FORKED = "journal_forked", Error, true;
    JOURNAL_NOT_REGULAR = "journal_not_regular", Error, false;
    JOURNAL_TOO_NEW = "journal_too_new", Error, false;
    JOURNAL_TORN_TAIL = "journal_torn_tail", Info, true;
    JOURNAL_TWO_PROCESSES = "journal_two_processes", Error, true;
    KEPT_ASIDE = "kept_aside", Info, false;
    LEFTOVER_TEMPORARY = "leftover_temporary", Info, true;
    LEGACY_INVALID = "legacy_invalid", Error, false;
    LEGACY_LAYOUT = "legacy_layout", Info, true;
    LOCK_FOREIGN = "lock_foreign", Warning, false;
    LOCK_NOT_REGULAR = "lock_not_regular", Error, false;
    LOCK_STALE = "lock_stale", Warning, true;
    LOCK_UNAVAILABLE = "lock_unavailable", Error, false;
    PROCESS_STUCK = "process_stuck", Error, false;
    REGISTRY_CORRUPT = "registry_corrupt", Error, true;
    REGISTRY_MISSING = "registry_missing", Warning, true;
    REGISTRY_STALE = "registry_stale", Warning, true;
    REGISTRY_TOO_NEW = "registry_too_new", Error, false;
    REGISTRY_UNKNOWN_PROCESS = "registry_unknown_process", Warning, true;
    STORE_CORRUPT = "store_corrupt", Error, false;
    STORE_INDEX_STALE = "store_index_stale", Error, true;
    STORE_UNREADABLE = "store_unreadable", Error, false;
    TEMPLATE_INVALID = "template_invalid", Error, false;
    TOO_MANY_PROBLEMS = "too_many_problems", Error, false;
    UID_TWICE = "uid_twice", Error, false;
    UNKNOWN_FILE = "unknown_file", Info, false;
    UNREADABLE = "unreadable", Error, false;
    VERSION_CHANGED = "version_changed", Warning, true;
    VERSION_CORRUPT = "version_corrupt", Error, true;
    VERSION_MISSING = "version_missing", Warning, true;
    VERSION_UNKNOWN = "version_unknown", Info, false;
    VIEW_CORRUPT = "view_corrupt", Error, true;
    VIEW_EDITED = "view_edited", Info, true;
    VIEW_INVALID = "view_invalid", Error, true;
    VIEW_MISPLACED = "view_misplaced", Warning, true;
    VIEW_MISSING = "view_missing", Warning, true;
    VIEW_NOT_REGULAR = "view_not_regular", Error, true;
    VIEW_STALE = "view_stale", Warning, true;
    VIEW_TWICE = "view_twice", Warning, true;
    VIEW_WITHOUT_JOURNAL = "view_without_journal", Info, false;
}
