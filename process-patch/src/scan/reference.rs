//! Link reference definitions, which are no text: a paragraph of them alone cannot be underlined.

/// Characters that a label may have at most.
const LABEL_CHARS_MAX: usize = 999;
/// Brackets that a destination may nest at most; CommonMark asks for at least three.
const BRACKETS_MAX: usize = 32;

/// Returns how many bytes of the paragraph its leading definitions take: whole lines.
pub(super) fn definitions_end(paragraph: &[u8]) -> usize {
    let mut end = 0;
    while let Some(length) = definition(&paragraph[end..]) {
        end += length;
    }
    end
}

/// Returns the length of the definition that begins here, with its line ending.
fn definition(text: &[u8]) -> Option<usize> {
    let mut at = skip_blanks(text, 0);
    at = label(text, at)?;
    if text.get(at) != Some(&b':') {
        return None;
    }
    at = destination(text, skip_line_end(text, at + 1))?;
    let without_title = line_end(text, at);
    let behind = skip_line_end(text, at);
    let titled = (behind > at).then(|| title(text, behind)).flatten();
    titled.and_then(|at| line_end(text, at)).or(without_title)
}

/// Returns where the label ends, behind its bracket.
fn label(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'[') {
        return None;
    }
    let mut at = start + 1;
    let mut chars = 0;
    let mut filled = false;
    loop {
        match text.get(at)? {
            b']' => return filled.then_some(at + 1),
            b'[' => return None,
            b'\\' => {
                filled = true;
                at += usize::from(text.get(at + 1).is_some_and(u8::is_ascii_punctuation));
            }
            byte => filled |= !byte.is_ascii_whitespace(),
        }
        at += 1;
        while text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
            at += 1;
        }
        chars += 1;
        if chars > LABEL_CHARS_MAX {
            return None;
        }
    }
}

/// Returns where the destination ends.
fn destination(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    if text.get(at) == Some(&b'<') {
        loop {
            at += 1;
            match text.get(at)? {
                b'>' => return Some(at + 1),
                b'<' | b'\n' | b'\r' => return None,
                b'\\' => at += usize::from(text.get(at + 1).is_some_and(u8::is_ascii_punctuation)),
                _ => {}
            }
        }
    }
    let mut depth = 0_usize;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if text.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 1,
            b'(' => {
                depth += 1;
                if depth > BRACKETS_MAX {
                    return None;
                }
            }
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            byte if byte == b' ' || byte.is_ascii_control() => break,
            _ => {}
        }
        at += 1;
    }
    (at > start && depth == 0).then_some(at)
}

/// Returns where the title ends, behind its closing sign.
fn title(text: &[u8], start: usize) -> Option<usize> {
    let close = match text.get(start)? {
        b'"' => b'"',
        b'\'' => b'\'',
        b'(' => b')',
        _ => return None,
    };
    let mut at = start + 1;
    loop {
        match *text.get(at)? {
            byte if byte == close => return Some(at + 1),
            b'(' if close == b')' => return None,
            b'\\' => at += usize::from(text.get(at + 1).is_some_and(u8::is_ascii_punctuation)),
            _ => {}
        }
        at += 1;
    }
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// Skips blanks with at most one line ending among them.
fn skip_line_end(text: &[u8], at: usize) -> usize {
    let at = skip_blanks(text, at);
    match text.get(at) {
        Some(b'\r') if text.get(at + 1) == Some(&b'\n') => skip_blanks(text, at + 2),
        Some(b'\n' | b'\r') => skip_blanks(text, at + 1),
        _ => at,
    }
}

/// Returns where the next line begins when only blanks are left on this one.
fn line_end(text: &[u8], at: usize) -> Option<usize> {
    let at = skip_blanks(text, at);
    match text.get(at) {
        None => Some(at),
        Some(b'\r') if text.get(at + 1) == Some(&b'\n') => Some(at + 2),
        Some(b'\n' | b'\r') => Some(at + 1),
        Some(_) => None,
    }
}
