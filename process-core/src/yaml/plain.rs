//! What a plain, unquoted scalar means in the core schema of YAML 1.2.

use serde_json::Number;

/// The meaning of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    /// `.inf` or `.nan`, which JSON cannot say.
    NotFinite,
    Text,
}

/// Tells what a plain scalar means.
///
/// A number that would lose digits because it fits neither 64 bits nor the range of a double
/// stays text: what was written is then kept whole, and a field that wants a number says so.
pub(super) fn classify(text: &str) -> Plain {
    let Some(first) = text.bytes().next() else {
        return Plain::Null;
    };
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Plain::Null,
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Plain::Bool(true),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Plain::Bool(false),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text).unwrap_or(Plain::Text),
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Option<Plain> {
    if let Some(digits) = text.strip_prefix("0x") {
        return Some(whole_of_radix(digits, 16));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return Some(whole_of_radix(digits, 8));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Plain::NotFinite);
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Plain::NotFinite);
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        return whole(text).map(Plain::Number);
    }
    is_float(unsigned).then(|| float(text)).flatten().map(Plain::Number)
}

fn whole_of_radix(digits: &str, radix: u32) -> Plain {
    // The standard parser would accept a sign after the prefix.
    if !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return Plain::Text;
    }
    u64::from_str_radix(digits, radix).map_or(Plain::Text, |number| Plain::Number(number.into()))
}

/// Reads a decimal integer, or returns `None` if it does not fit 64 bits.
pub(super) fn whole(text: &str) -> Option<Number> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    text.parse::<u64>().ok().map(Number::from)
}

/// Reads a float, or returns `None` if it is out of range or would vanish.
pub(super) fn float(text: &str) -> Option<Number> {
    let number: f64 = text.parse().ok()?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let vanished = number == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if vanished { None } else { Number::from_f64(number) }
}

/// Matches `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
fn is_float(unsigned: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !all_digits(digits) {
                return false;
            }
            mantissa
        }
        None => unsigned,
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    mantissa.len() > usize::from(mantissa.contains('.')) && all_digits(before) && all_digits(after)
}
