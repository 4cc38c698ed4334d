//! Looking at the project's lock, without taking it (docs/formats/lock.md).

use std::path::Path;

use serde_json::Value;

use super::{
    code::{LOCK_FOREIGN, LOCK_NOT_REGULAR, LOCK_STALE},
    examine::Examination,
    folders::kind_name,
};
use crate::{
    disk::FileKind,
    error::ErrorKind,
    lock::{Identity, Verdict},
};

/// More than any holder writes; what is larger names nobody.
const LOCK_BYTES_MAX: u64 = 64 * 1024;

/// Who a lock file names.
enum Holder {
    /// A program of another kind, by its number.
    Foreign(u32),
    /// Nobody.
    Nobody,
    /// A program of ours.
    Ours(Identity),
}

impl Examination<'_> {
    /// Looks at the guard and at the lock file.
    pub(super) fn locks(&mut self) {
        let registry = self.files.layout().registry();
        let visible = registry.with_file_name("registry.yaml.lock");
        self.lock_file(&registry.with_file_name("registry.yaml.lock.guard"));
        if !self.lock_file(&visible) {
            return;
        }
        let holder = match self.files.disk().read(&visible, LOCK_BYTES_MAX) {
            Ok(bytes) => holder_of(&String::from_utf8_lossy(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) if error.kind() == ErrorKind::TooLarge => Holder::Nobody,
            Err(error) => return self.unreadable(&visible, &error),
        };
        match holder {
            Holder::Foreign(pid) if Identity::of(pid).is_none() => {
                let message = format!("process {pid} of another program left it and is gone");
                self.findings.add(LOCK_STALE, &visible, message);
            }
            Holder::Foreign(pid) => {
                let message = format!("process {pid} of another program holds the lock");
                self.findings.add(LOCK_FOREIGN, &visible, message);
            }
            Holder::Nobody => {
                let message = "it names no holder; it is taken over when it is older than 30 s";
                self.findings.add(LOCK_FOREIGN, &visible, message);
            }
            Holder::Ours(identity) => self.lock_of_ours(&visible, &identity),
        }
    }

    fn lock_of_ours(&mut self, visible: &Path, identity: &Identity) {
        let pid = identity.pid;
        match identity.verdict() {
            // Somebody works, which is no problem.
            Verdict::Alive => {}
            Verdict::Dead => {
                let message =
                    format!("process {pid} left it and is gone; the next holder replaces it");
                self.findings.add(LOCK_STALE, visible, message);
            }
            Verdict::Unknown => {
                let host = identity.host.as_deref().unwrap_or("an unknown host");
                let message =
                    format!("process {pid} on {host} holds the lock, as far as can be told");
                self.findings.add(LOCK_FOREIGN, visible, message);
            }
        }
    }

    /// Returns whether there is a file that can be looked into.
    fn lock_file(&mut self, path: &Path) -> bool {
        match self.files.disk().stat(path) {
            Ok(None) => false,
            Ok(Some(stat)) if stat.kind == FileKind::File => true,
            Ok(Some(stat)) => {
                let message = format!("it is {}: nothing can be changed", kind_name(stat.kind));
                self.findings.add(LOCK_NOT_REGULAR, path, message);
                false
            }
            Err(error) => {
                self.unreadable(path, &error);
                false
            }
        }
    }
}

fn holder_of(text: &str) -> Holder {
    let mut lines = text.lines();
    let pid = lines.next().and_then(|line| line.trim().parse::<i32>().ok());
    let Some(pid) = pid.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0) else {
        return Holder::Nobody;
    };
    let record = lines.next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let Some(record) = record.filter(|record| record["pid"].as_u64() == Some(pid.into())) else {
        return Holder::Foreign(pid);
    };
    let text = |key: &str| record[key].as_str().map(str::to_owned);
    Holder::Ours(Identity {
        pid,
        start_time: record["start_time"].as_u64(),
        boot_id: text("boot_id"),
        pid_namespace: record["pid_namespace"].as_u64(),
        host: text("host"),
        command: text("command"),
    })
}
