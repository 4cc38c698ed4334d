//! Changes of processes and their documents, for people.

use procside::Patches;

use super::plain;

/// Returns the entries, one a line: number, what it changed, who, when, why.
pub(crate) fn patches(patches: &Patches) -> String {
    if patches.entries.is_empty() {
        return "nothing was changed by patches\n".to_owned();
    }
    let mut lines = String::new();
    for line in &patches.entries {
        let entry = &line.entry;
        let kind = match entry.of {
            Some(of) => format!("{} of {of}", entry.kind.as_str()),
            None => entry.kind.as_str().to_owned(),
        };
        let target = if line.is_of_document { "document" } else { "process" };
        let note = entry.note.as_deref().map(|note| format!("  {}", plain(note)));
        let undone = if line.is_undone { "  (taken back)" } else { "" };
        lines.push_str(&format!(
            "{:>4}  {kind:<12} {target:<9} {}  {}{}{undone}\n",
            entry.number,
            line.at,
            plain(&line.by),
            note.unwrap_or_default(),
        ));
    }
    lines
}
