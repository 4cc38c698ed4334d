//! Which old item of a list becomes which new one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::yaml::node::{Data, Node};

/// The most comparisons for a longest common subsequence; longer lists are paired by position.
const COMPARISONS_MAX: usize = 250_000;

/// Returns the index of the old item for each new item that has one.
///
/// Maps with an `id` are recognised by it if all items have one; other items by their content, and
/// what then remains between two recognised items by position.
pub(super) fn matches(old: &[Node], new: &[Value]) -> Vec<Option<usize>> {
    match (old_ids(old), new_ids(new)) {
        (Some(old), Some(new)) => new.iter().map(|id| old.get(id).copied()).collect(),
        _ => by_content(old, new),
    }
}

/// Tells which matched items can stay where they are, so that as few as possible move.
pub(super) fn in_order(partners: &[Option<usize>]) -> Vec<bool> {
    // Longest increasing subsequence: the position of the best end for each length.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; partners.len()];
    for (position, partner) in partners.iter().enumerate() {
        let Some(partner) = partner else { continue };
        let length = ends.partition_point(|end| partners[*end].is_some_and(|end| end < *partner));
        previous[position] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(position);
        } else {
            ends[length] = position;
        }
    }
    let mut stays = vec![false; partners.len()];
    let mut next = ends.last().copied();
    while let Some(position) = next {
        stays[position] = true;
        next = previous[position];
    }
    stays
}

fn old_ids(old: &[Node]) -> Option<BTreeMap<&str, usize>> {
    let mut ids = BTreeMap::new();
    for (index, item) in old.iter().enumerate() {
        let Data::Text(id) = &item.get("id")?.data else {
            return None;
        };
        if ids.insert(id.as_str(), index).is_some() {
            return None;
        }
    }
    Some(ids)
}

fn new_ids(new: &[Value]) -> Option<Vec<&str>> {
    let ids: Option<Vec<&str>> = new.iter().map(|item| item.get("id")?.as_str()).collect();
    let ids = ids?;
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    let unique = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    unique.then_some(ids)
}

fn by_content(old: &[Node], new: &[Value]) -> Vec<Option<usize>> {
    let before = old.iter().zip(new).take_while(|(old, new)| old.equals(new)).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let behind = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(old, new)| old.equals(new))
        .count();
    let old_middle = &old_rest[..old_rest.len() - behind];
    let new_middle = &new_rest[..new_rest.len() - behind];
    let mut partners: Vec<Option<usize>> = (0..before).map(Some).collect();
    let middle = common(old_middle, new_middle);
    partners.extend(middle.into_iter().map(|partner| partner.map(|index| before + index)));
    partners.extend((old.len() - behind..old.len()).map(Some));
    partners
}

/// Matches equal items by a longest common subsequence and the items between them by position.
fn common(old: &[Node], new: &[Value]) -> Vec<Option<usize>> {
    let mut partners = vec![None; new.len()];
    if old.len().saturating_mul(new.len()) <= COMPARISONS_MAX {
        let width = new.len() + 1;
        let mut lengths = vec![0_u32; (old.len() + 1) * width];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                lengths[i * width + j] = if old[i].equals(&new[j]) {
                    lengths[(i + 1) * width + j + 1] + 1
                } else {
                    lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < old.len() && j < new.len() {
            if old[i].equals(&new[j]) {
                partners[j] = Some(i);
                (i, j) = (i + 1, j + 1);
            } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pair_gaps(&mut partners, old.len());
    partners
}

fn pair_gaps(partners: &mut [Option<usize>], old_len: usize) {
    let mut stops = vec![old_len; partners.len()];
    for position in (1..partners.len()).rev() {
        stops[position - 1] = partners[position].unwrap_or(stops[position]);
    }
    let mut next_old = 0;
    for (partner, stop) in partners.iter_mut().zip(stops) {
        if let Some(index) = partner {
            next_old = *index + 1;
        } else if next_old < stop {
            *partner = Some(next_old);
            next_old += 1;
        }
    }
}
