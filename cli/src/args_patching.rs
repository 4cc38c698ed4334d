//! The grammar of patches: of documents, of processes, and taking them back.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// The commands about documents and patches.
#[derive(Debug, Subcommand)]
pub(crate) enum Patching {
    /// Print the document of a process, byte for byte; or put another text in its place.
    Doc {
        /// The process [default: the active one].
        id: Option<String>,
        /// Open it in the editor that VISUAL or EDITOR names.
        #[arg(long, conflicts_with = "set")]
        edit: bool,
        /// Put the text of this file in its place; `-` is stdin.
        #[arg(long, value_name = "FILE")]
        set: Option<PathBuf>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Change a document by patches, all or nothing.
    ///
    /// With one name: the document of the active process. With two, the first is a process, else a
    /// file, whose new text is printed. Refused patches change nothing: exit 6 says why.
    Patch(Patch),
    /// List what changed a process and its document by patches, oldest first.
    Patches {
        /// The process [default: the active one].
        id: Option<String>,
    },
    /// Make a change anew that was taken back.
    Redo {
        /// The process [default: the active one].
        id: Option<String>,
        /// The number of the change [default: the one that was taken back last].
        #[arg(long, value_name = "NUMBER")]
        patch: Option<u64>,
        /// Who does it [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Take a change back, of the document or of the process: exactly, or not at all.
    Undo {
        /// The process [default: the active one].
        id: Option<String>,
        /// The number of the change [default: the newest one that is in effect].
        #[arg(long, value_name = "NUMBER")]
        patch: Option<u64>,
        /// Who does it [default: the identity of your configuration, else user@host].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

/// What is to be patched, and how.
#[derive(ClapArgs, Debug)]
pub(crate) struct Patch {
    /// A file of patches as JSON, with the process or the document before it; `-` is stdin.
    #[arg(value_name = "[ID|FILE.md] PATCHES", num_args = 1..=2, required_unless_present = "of_process")]
    pub(crate) names: Vec<String>,
    /// Change the process itself: operations on its JSON (RFC 6902; /steps/by-id/ID names a step),
    /// or a map that is merged into it (RFC 7396).
    #[arg(long = "process-patch", value_name = "FILE", conflicts_with_all = ["in_place", "inverse", "base_hash", "relaxed"])]
    pub(crate) of_process: Option<PathBuf>,
    /// Replace the file instead of printing its new text.
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Write what takes the patches back to this file; it is applied in the same way.
    #[arg(long, value_name = "FILE")]
    pub(crate) inverse: Option<PathBuf>,
    /// The SHA-256 of the text that the patches were made for.
    #[arg(long, value_name = "HASH")]
    pub(crate) base_hash: Option<String>,
    /// How far a text to find may differ: 0 not at all, 1 by blanks at line ends, 2 by the kind of
    /// blanks, quotes and dashes, 3 a little.
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(crate) relaxed: u8,
    /// Print what changes, line by line.
    #[arg(long)]
    pub(crate) diff: bool,
    /// Who does it [default: the identity of your configuration, else user@host].
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}
