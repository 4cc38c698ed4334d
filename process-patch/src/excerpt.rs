//! What a refusal repeats of a text.

/// How much of a text a refusal repeats, in bytes: enough to recognise it.
const EXCERPT_BYTES_MAX: usize = 1_000;

/// Returns the beginning of a text, cut between characters.
pub(crate) fn excerpt(text: &str) -> &str {
    let mut end = text.len().min(EXCERPT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
