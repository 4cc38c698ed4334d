//! How alike two texts are.

/// Characters that are compared at most; the work grows with their square.
const CHARS_MAX: usize = 200;

/// Returns how many characters must be changed, added or removed to make one text the other.
///
/// Only the first 200 characters of each are looked at.
pub(crate) fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(CHARS_MAX).collect();
    let right: Vec<char> = right.chars().take(CHARS_MAX).collect();
    edits_between(&left, &right)
}

pub(crate) fn edits_between<T: PartialEq>(left: &[T], right: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, item) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(item != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

/// Returns the share of neighbouring letters that two texts have in common, from 0 to 1.
///
/// It costs little more than reading them, so that many lines can be compared.
pub(crate) fn shared(left: &[u16], right: &[u16]) -> f64 {
    let (mut at, mut other, mut common) = (0, 0, 0_usize);
    while at < left.len() && other < right.len() {
        match left[at].cmp(&right[other]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                at += 1;
                other += 1;
            }
        }
    }
    let total = left.len() + right.len();
    if total == 0 { 0.0 } else { 2.0 * ratio(common, total) }
}

/// Returns the pairs of neighbouring bytes of a text, in order.
pub(crate) fn pairs(text: &str) -> Vec<u16> {
    let bytes = &text.as_bytes()[..text.len().min(CHARS_MAX)];
    let mut pairs: Vec<u16> =
        bytes.windows(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1])).collect();
    pairs.sort_unstable();
    pairs
}

pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    let exact = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { exact(part) / exact(whole) }
}
