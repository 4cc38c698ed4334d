//! What a user should be told although nothing failed.

use std::fmt;
use std::path::PathBuf;

/// Something about a registry file that was mended or passed over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChildrenNotice {
    /// The file cannot be read; the previous content counts, or none if that cannot be read either.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// Where it was kept, if this was a commit.
        kept: Option<PathBuf>,
        /// The previous content, if it could be read.
        backup: Option<PathBuf>,
    },
    /// The second file of a strict registry cannot be read, so that identities are not known.
    SideLost {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// Where it was kept, if this was a commit.
        kept: Option<PathBuf>,
    },
    /// Some of what stands among the entries is none; it is kept as it stands.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
}

impl fmt::Display for ChildrenNotice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChildrenNotice::Corrupt { path, reason, kept, backup } => {
                write!(formatter, "cannot read `{}`: {reason}", path.display())?;
                if let Some(kept) = kept {
                    write!(formatter, "; kept as `{}`", kept.display())?;
                }
                match backup {
                    Some(backup) => write!(formatter, "; `{}` is used", backup.display()),
                    None => formatter
                        .write_str("; there is no backup that can be read, so it counts as empty"),
                }
            }
            ChildrenNotice::SideLost { path, reason, kept } => {
                write!(formatter, "cannot read `{}`: {reason}", path.display())?;
                if let Some(kept) = kept {
                    write!(formatter, "; kept as `{}`", kept.display())?;
                }
                formatter.write_str("; children that it told about cannot be verified")
            }
            ChildrenNotice::Unreadable { path, count } => {
                write!(
                    formatter,
                    "`{}`: {count} of its entries cannot be read and are left as they are",
                    path.display()
                )
            }
        }
    }
}
