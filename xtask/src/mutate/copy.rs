//! The copy into which faults are put.

use std::fs;
use std::io;
use std::path::Path;

/// The crates that the copy consists of, with all that they need.
const COPIED: [&str; 4] = ["process-core", "process-engine", "process-store", "process-runtime"];

/// Asks which fault is switched on; the environment says so.
const SWITCH: &str = r#"
/// Returns whether this fault is switched on.
#[doc(hidden)]
pub fn is_planted(number: usize) -> bool {
    static NUMBER: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let read = || std::env::var("PROCSIDE_FAULT").ok()?.parse().ok();
    *NUMBER.get_or_init(|| read().unwrap_or(0)) == number
}
"#;

/// Where the crates above the lowest find the switch.
const PASSED_ON: &str = "\n#[doc(hidden)]\npub use process_core::is_planted;\n";

/// Copies what the tests are built of, and adds the switch; what was built before stays.
pub(super) fn make(root: &Path, copy: &Path) -> io::Result<()> {
    for folder in COPIED {
        let to = copy.join(folder);
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        copy_folder(&root.join(folder), &to)?;
    }
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let members = COPIED.map(|folder| format!("\"{folder}\"")).join(", ");
    let lines = manifest.lines().map(|line| {
        if line.starts_with("members = ") {
            format!("members = [{members}]")
        } else {
            line.to_owned()
        }
    });
    let is_left_out =
        |line: &String| line.starts_with("procside = ") || line.starts_with("process-patch = ");
    let lines: Vec<String> = lines.filter(|line| !is_left_out(line)).collect();
    fs::write(copy.join("Cargo.toml"), lines.join("\n"))?;
    append(&copy.join("process-core/src/lib.rs"), SWITCH)?;
    append(&copy.join("process-engine/src/lib.rs"), PASSED_ON)
}

fn append(path: &Path, more: &str) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    fs::write(path, text + more)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
