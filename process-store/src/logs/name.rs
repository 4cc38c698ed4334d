//! Names of logs: any namespace and task has one that every file system takes.

use std::path::{Path, PathBuf};

/// Longest name made from a text: file systems take 255 bytes, and an ending comes behind it.
const NAME_BYTES_MAX: usize = 180;

/// How much of a text stays readable in a name that would be too long.
const NAME_BYTES_KEPT: usize = 140;

/// Returns the log of a task: `<logs>/<namespace>/<task>.log`, both percent-encoded.
pub fn log_path(logs: &Path, namespace: &str, task: &str) -> PathBuf {
    logs.join(log_name(namespace)).join(format!("{}.log", log_name(task)))
}

/// Returns a text as the name of a file: letters, digits, `-`, `_` and inner dots stay, every other
/// byte is `%XX`; a name that would be longer than 180 bytes is cut and ends with a hash of the
/// whole text.
pub fn log_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let stays = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_')
            || (byte == b'.' && index > 0);
        if stays {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    if name.len() > NAME_BYTES_MAX {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        name.truncate(NAME_BYTES_KEPT);
        name.push('~');
        name.push_str(&hash.as_str()[..32]);
    }
    name
}
