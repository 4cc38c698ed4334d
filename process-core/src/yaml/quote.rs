//! How one scalar is written: plain, in double quotes, or as a literal block.

use std::fmt::Write;

use serde_json::{Number, Value};

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    Block,
    Flow,
}

/// Writes a scalar on one line; lists and maps are written in flow style.
pub(super) fn inline(value: &Value, style: Style) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => number(value),
        Value::String(text) => self::text(text, style),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, Style::Flow)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}: {}", text(key, Style::Flow), inline(value, Style::Flow))
            };
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Writes a text on one line, plain if every reader takes it for this very text.
pub(super) fn text(text: &str, style: Style) -> String {
    if is_plain(text, style) { text.to_owned() } else { double_quoted(text) }
}

/// Writes a number so that readers of YAML 1.1 and 1.2 take it for the same number.
fn number(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Writes a text in double quotes.
pub(super) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            _ if is_printable(character) => out.push(character),
            _ if (character as u32) < 0x100 => push_escape(&mut out, 'x', 2, character),
            _ if (character as u32) < 0x1_0000 => push_escape(&mut out, 'u', 4, character),
            _ => push_escape(&mut out, 'U', 8, character),
        }
    }
    out.push('"');
    out
}

/// Writes a text in single quotes, or returns `None` if it needs escapes.
pub(super) fn single_quoted(text: &str) -> Option<String> {
    text.chars().all(is_printable).then(|| format!("'{}'", text.replace('\'', "''")))
}

fn push_escape(out: &mut String, letter: char, width: usize, character: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\{letter}{:0width$x}", character as u32);
}

/// Returns the lines of a literal block with its header, or `None` if the text would not survive.
///
/// The header comes first, then one line each, not indented.
pub(super) fn literal(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let content = text.trim_end_matches('\n');
    let survives = text.contains('\n')
        && !content.is_empty()
        && !content.starts_with([' ', '\t', '\n'])
        && !content.ends_with([' ', '\t'])
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || is_printable(character));
    if !survives {
        return None;
    }
    // `|+` would keep more lines, but then also the blank lines that follow by accident.
    let header = match text.len() - content.len() {
        0 => "|-",
        1 => "|",
        _ => return None,
    };
    Some((header, content.split('\n').collect()))
}

/// Returns whether a character may stand in the text as it is.
pub(super) fn is_printable(character: char) -> bool {
    !matches!(
        character,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'..='\u{ffff}'
    )
}

fn is_plain(text: &str, style: Style) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let bad_start = match first {
        b'-' | b'?' => matches!(bytes.get(1), None | Some(b' ')),
        b' ' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
        | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => true,
        _ => false,
    };
    let is_marker =
        || ["---", "...", "<<<<<<<", "======="].iter().any(|marker| text.starts_with(marker));
    let is_cut_short = matches!(last, b' ' | b':') || text.contains(": ") || text.contains(" #");
    let ends_early = style == Style::Flow && text.contains([',', '[', ']', '{', '}']);
    if bad_start || is_cut_short || ends_early {
        return false;
    }
    text.chars().all(is_printable) && !is_marker() && !is_ambiguous(text)
}

/// Returns whether some reader, of YAML 1.1 or 1.2, takes the plain text for another type.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "=", "<<"];
    const LONGEST: usize = 5;
    if text.len() <= LONGEST && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return true;
    }
    is_like_number(text) || (is_like_timestamp(text) && !is_rfc_3339(text))
}

fn is_like_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    let digits = unsigned.replace('_', "");
    if matches!(digits.trim_start_matches('.'), "inf" | "nan") {
        return true;
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return rest.chars().all(|c| c.is_digit(radix) || matches!(c, '+' | '-'));
        }
    }
    is_like_float(&digits) || is_sexagesimal(&digits)
}

fn is_like_float(digits: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    all_digits(before) && all_digits(after) && all_digits(exponent)
}

/// Matches numbers to the base 60, such as `1:30`, which YAML 1.1 has.
fn is_sexagesimal(digits: &str) -> bool {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut parts = whole.split(':');
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = parts.next().unwrap_or_default();
    !first.is_empty()
        && whole.contains(':')
        && all_digits(first)
        && all_digits(fraction)
        && parts.all(|part| matches!(part.len(), 1 | 2) && all_digits(part))
}

fn is_like_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |c: char| c.is_ascii_digit() || " \t:.,+-TtZz".contains(c);
    year.len() == 4
        && all_digits(year)
        && matches!(month.len(), 1 | 2)
        && all_digits(month)
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().all(is_time)
}

/// Matches `YYYY-MM-DDTHH:MM:SS`, an optional fraction, and `Z` or an offset.
fn is_rfc_3339(text: &str) -> bool {
    let matches = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, sign)| match sign {
                b'0' => byte.is_ascii_digit(),
                _ => byte == sign,
            })
    };
    let Some((instant, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let zone = match rest.strip_prefix('.') {
        Some(rest) => {
            let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == rest.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    matches(instant, "0000-00-00T00:00:00")
        && (zone == "Z" || matches(zone, "+00:00") || matches(zone, "-00:00"))
}
