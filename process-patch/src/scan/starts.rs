//! What the beginning of a line says about the block that it starts.

/// Returns the level of the ATX heading that begins here.
pub(super) fn atx_level(text: &[u8]) -> Option<u8> {
    let signs = text.iter().take_while(|byte| **byte == b'#').count();
    let ended = matches!(text.get(signs), None | Some(b' ' | b'\t'));
    u8::try_from(signs).ok().filter(|level| (1..=6).contains(level) && ended)
}

/// Returns the level of the setext underline that this is.
pub(super) fn setext_level(text: &[u8]) -> Option<u8> {
    let sign = *text.first()?;
    let level = match sign {
        b'=' => 1,
        b'-' => 2,
        _ => return None,
    };
    let length = text.iter().take_while(|byte| **byte == sign).count();
    is_blank(&text[length..]).then_some(level)
}

/// Returns sign and length of the fence that opens here.
pub(super) fn fence(text: &[u8]) -> Option<(u8, usize)> {
    let sign = *text.first().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let length = text.iter().take_while(|byte| **byte == sign).count();
    let fits = length >= 3 && (sign == b'~' || !text[length..].contains(&b'`'));
    fits.then_some((sign, length))
}

/// Answers whether this closes a fence of that sign and length.
pub(super) fn closes_fence(text: &[u8], sign: u8, length: usize) -> bool {
    let signs = text.iter().take_while(|byte| **byte == sign).count();
    signs >= length && is_blank(&text[signs..])
}

/// Answers whether this is a thematic break.
pub(super) fn is_break(text: &[u8]) -> bool {
    let Some(&sign) = text.first().filter(|byte| matches!(byte, b'*' | b'-' | b'_')) else {
        return false;
    };
    let mut signs = 0;
    text.iter().all(|&byte| {
        signs += usize::from(byte == sign);
        byte == sign || matches!(byte, b' ' | b'\t')
    }) && signs >= 3
}

/// The sign of a list item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Marker {
    /// What tells lists apart: the bullet, or the sign behind the number.
    pub(super) sign: u8,
    /// How many bytes it takes.
    pub(super) length: usize,
}

/// Returns the list marker that begins here.
///
/// In the middle of a paragraph only an item with text, numbered 1 or not at all, counts.
pub(super) fn marker(text: &[u8], in_paragraph: bool) -> Option<Marker> {
    let found = match text.first()? {
        sign @ (b'*' | b'+' | b'-') => Marker { sign: *sign, length: 1 },
        b'0'..=b'9' => {
            let digits = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            let sign = *text.get(digits).filter(|byte| matches!(byte, b'.' | b')'))?;
            let one = text[..digits].ends_with(b"1")
                && text[..digits - 1].iter().all(|byte| *byte == b'0');
            if digits > 9 || (in_paragraph && !one) {
                return None;
            }
            Marker { sign, length: digits + 1 }
        }
        _ => return None,
    };
    let rest = &text[found.length..];
    let ended = matches!(rest.first(), None | Some(b' ' | b'\t'));
    (ended && !(in_paragraph && is_blank(rest))).then_some(found)
}

pub(super) fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}
