//! What stands before the Markdown: a byte-order mark and front matter.

/// Returns where the Markdown begins: behind the byte-order mark and the front matter.
///
/// Front matter goes from `---` on line 1 up to the next line `---`; blanks may follow the dashes.
pub(crate) fn opaque_end(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let bytes = text.as_bytes();
    let (first, mut at) = line_at(bytes, mark);
    if !is_fence(first) {
        return mark;
    }
    while at < bytes.len() {
        let (line, next) = line_at(bytes, at);
        if is_fence(line) {
            return next;
        }
        at = next;
    }
    mark
}

fn is_fence(line: &[u8]) -> bool {
    line.strip_prefix(b"---")
        .is_some_and(|rest| rest.iter().all(|&byte| matches!(byte, b' ' | b'\t')))
}

/// Returns the line that begins there, and where the next one begins.
pub(super) fn line_at(bytes: &[u8], start: usize) -> (&[u8], usize) {
    let rest = &bytes[start..];
    match memchr::memchr2(b'\n', b'\r', rest) {
        None => (rest, bytes.len()),
        Some(end) => {
            let wide = rest[end] == b'\r' && rest.get(end + 1) == Some(&b'\n');
            (&rest[..end], start + end + if wide { 2 } else { 1 })
        }
    }
}
