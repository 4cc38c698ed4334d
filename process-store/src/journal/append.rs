//! Appending a group of events: durable when it returns, or not there.

use std::path::Path;

use serde_json::Value;

use super::{
    line::{JOURNAL_LINE_BYTES_MAX, Sum, encode},
    read::{Head, JOURNAL_BYTES_MAX},
};
use crate::{
    disk::{Disk, DiskFile},
    error::{Error, ErrorKind},
    replace::folder_of,
};

/// Appends a group of events behind `head`, and returns the new head once the group is durable.
///
/// One sync; one more, of the folder, until the journal's name is known to be durable. A torn end is
/// cut off first.
///
/// # Errors
/// `Conflict` when the journal no longer ends at `head`: load it again and decide again. `TooLarge`
/// for an event over [`JOURNAL_LINE_BYTES_MAX`]. On every error the group is not in the journal.
pub fn append(disk: &dyn Disk, path: &Path, head: &Head, events: &[Value]) -> Result<Head, Error> {
    let (text, sum) = group(path, head, events)?;
    if head.good_bytes + text.len() as u64 > JOURNAL_BYTES_MAX {
        let message = format!("`{}` would pass {JOURNAL_BYTES_MAX} bytes", path.display());
        return Err(Error::new(ErrorKind::TooLarge, message)
            .at(path)
            .with_hint("archive the process and go on with a clone of it"));
    }
    let mut file = if head.exists { disk.open_append(path)? } else { disk.create_new(path)? };
    let found = file.len()?;
    if found != head.file_bytes {
        let message = format!("`{}` was changed meanwhile", path.display());
        return Err(Error::new(ErrorKind::Conflict, message).at(path));
    }
    if let Err(error) = write(disk, file.as_mut(), path, head, &text) {
        drop(file);
        take_back(disk, path, head);
        return Err(error);
    }
    let bytes = head.good_bytes + text.len() as u64;
    Ok(Head {
        sum,
        revision: head.revision + events.len() as u64,
        good_bytes: bytes,
        file_bytes: bytes,
        unterminated: false,
        exists: true,
        is_name_durable: true,
    })
}

/// Returns the text of a journal that holds one group, and its head.
///
/// # Errors
/// `TooLarge` for an event over [`JOURNAL_LINE_BYTES_MAX`].
pub(crate) fn whole(path: &Path, events: &[Value]) -> Result<(String, Head), Error> {
    let (text, sum) = group(path, &Head::default(), events)?;
    let bytes = text.len() as u64;
    let revision = events.len() as u64;
    let head = Head {
        sum,
        revision,
        good_bytes: bytes,
        file_bytes: bytes,
        unterminated: false,
        exists: true,
        is_name_durable: true,
    };
    Ok((text, head))
}

/// Returns the text of a journal that holds these events, each with whether more of its group
/// follows.
///
/// # Errors
/// `TooLarge` for an event over [`JOURNAL_LINE_BYTES_MAX`].
pub(crate) fn chained(path: &Path, events: &[(Value, bool)]) -> Result<String, Error> {
    let mut text = String::new();
    let mut sum = Sum::default();
    for (event, more) in events {
        sum = push(&mut text, path, event, *more, &sum)?;
    }
    Ok(text)
}

fn group(path: &Path, head: &Head, events: &[Value]) -> Result<(String, Sum), Error> {
    let mut text = if head.unterminated { "\n".to_owned() } else { String::new() };
    let mut sum = head.sum.clone();
    for (index, event) in events.iter().enumerate() {
        sum = push(&mut text, path, event, index + 1 < events.len(), &sum)?;
    }
    Ok((text, sum))
}

fn push(
    text: &mut String,
    path: &Path,
    event: &Value,
    more: bool,
    sum: &Sum,
) -> Result<Sum, Error> {
    let (line, next) = encode(event, more, sum);
    if line.len() > JOURNAL_LINE_BYTES_MAX {
        let message = format!("the event has more than {JOURNAL_LINE_BYTES_MAX} bytes");
        return Err(Error::new(ErrorKind::TooLarge, message).at(path));
    }
    text.push_str(&line);
    Ok(next)
}

fn write(
    disk: &dyn Disk,
    file: &mut dyn DiskFile,
    path: &Path,
    head: &Head,
    text: &str,
) -> Result<(), Error> {
    if head.torn_bytes() > 0 {
        file.set_len(head.good_bytes)?;
    }
    file.write_all(text.as_bytes())?;
    file.sync()?;
    if head.is_name_durable { Ok(()) } else { disk.sync_folder(folder_of(path)) }
}

/// Takes a group back that was not acknowledged, so that nobody builds on it.
///
/// After a failed sync its bytes can be read although they will never be durable: left there, the
/// next group would follow a line that a power cut removes.
fn take_back(disk: &dyn Disk, path: &Path, head: &Head) {
    // Best effort: when this fails too, the group stands there whole or torn, and both load.
    let _ = if head.exists {
        disk.open_append(path).and_then(|mut file| file.set_len(head.good_bytes))
    } else {
        disk.remove_file(path)
    };
}
