//! Texts of files made harmless for a terminal.

/// Returns a text as one line without control characters: a name must not move the cursor.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns a text without control characters, its lines kept.
pub(crate) fn plain_lines(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// Returns a document without control characters, its lines and tabs kept.
pub(crate) fn plain_document(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// Returns a text cut or padded to a width in characters.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let text = plain(text);
    let count = text.chars().count();
    if count > width {
        let cut: String = text.chars().take(width.saturating_sub(1)).collect();
        format!("{cut}…")
    } else {
        format!("{text}{}", " ".repeat(width - count))
    }
}
