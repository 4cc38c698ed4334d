//! What is left after the power went.

use std::collections::BTreeSet;

use super::state::{Body, Change, FileBody, FolderBody, NodeId, State, apply_change, apply_names};

/// How much of what was not synced the disk holds after a power cut.
///
/// Changes of names survive as a prefix, in order, folder by folder; a rename from one folder to
/// another survives in both or in none.
/// Writes survive as a prefix file by file, and may be torn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Survival {
    /// All of it.
    Everything,
    /// All names, but no content: a file that was renamed without a sync is empty.
    NamesOnly,
    /// Nothing of it.
    Nothing,
    /// The first changes of every folder and every file, so many of each.
    Prefix(usize),
    /// A prefix drawn for every folder and file from this seed; the write behind it may be torn
    /// anywhere, with or without zeros in place of its rest.
    Seeded(u64),
    /// All of it but the second half of the last write to every file.
    TornLastWrite,
    /// As `TornLastWrite`, with zeros in place of the lost half: the length was stored first.
    ZeroedLastWrite,
}

impl State {
    /// Drops what does not survive; what survives is durable.
    pub(super) fn cut_power(&mut self, survival: Survival) {
        let mut draw = Draw::new(survival);
        self.cut_names(survival, &mut draw);
        for node in &mut self.nodes {
            if let Body::File(file) = &mut node.body {
                cut_file(file, survival, &mut draw);
            }
        }
    }

    /// Makes the names of a folder durable, and the other half of each rename between folders.
    pub(super) fn sync_names(&mut self, node: NodeId) {
        let Ok(folder) = self.folder(node) else {
            return;
        };
        let mut kept = vec![0; self.nodes.len()];
        kept[node] = folder.pending.len();
        self.keep_names(kept);
    }

    fn cut_names(&mut self, survival: Survival, draw: &mut Draw) {
        let kept = self.nodes.iter().map(|node| match &node.body {
            Body::Folder(FolderBody { pending, .. }) => match survival {
                Survival::Nothing => 0,
                Survival::Prefix(count) => count.min(pending.len()),
                Survival::Seeded(_) => draw.up_to(pending.len()),
                Survival::Everything
                | Survival::NamesOnly
                | Survival::TornLastWrite
                | Survival::ZeroedLastWrite => pending.len(),
            },
            Body::Fifo | Body::File(_) | Body::Link => 0,
        });
        let kept = kept.collect();
        self.keep_names(kept);
        for node in &mut self.nodes {
            if let Body::Folder(folder) = &mut node.body {
                folder.pending.clear();
                folder.cached = folder.durable.clone();
            }
        }
    }

    /// Makes the first so many changes of each folder durable, and whatever belongs to them.
    fn keep_names(&mut self, mut kept: Vec<usize>) {
        loop {
            let numbers: BTreeSet<u32> = self
                .folders()
                .flat_map(|(node, folder)| {
                    folder.pending[..kept[node]].iter().map(|change| change.number)
                })
                .collect();
            let grown: Vec<(NodeId, usize)> = self
                .folders()
                .filter_map(|(node, folder)| {
                    let last =
                        folder.pending.iter().rposition(|change| numbers.contains(&change.number));
                    last.map(|last| (node, last + 1)).filter(|(node, count)| *count > kept[*node])
                })
                .collect();
            if grown.is_empty() {
                break;
            }
            for (node, count) in grown {
                kept[node] = count;
            }
        }
        for (node, count) in kept.into_iter().enumerate() {
            if let Body::Folder(folder) = &mut self.nodes[node].body {
                for change in folder.pending.drain(..count) {
                    apply_names(&mut folder.durable, &change);
                }
            }
        }
    }

    fn folders(&self) -> impl Iterator<Item = (NodeId, &FolderBody)> {
        self.nodes.iter().enumerate().filter_map(|(node, body)| match &body.body {
            Body::Folder(folder) => Some((node, folder)),
            Body::Fifo | Body::File(_) | Body::Link => None,
        })
    }
}

fn cut_file(file: &mut FileBody, survival: Survival, draw: &mut Draw) {
    let pending = std::mem::take(&mut file.pending);
    let whole = match survival {
        Survival::Everything => pending.len(),
        Survival::NamesOnly | Survival::Nothing => 0,
        Survival::Prefix(count) => count.min(pending.len()),
        Survival::Seeded(_) => draw.up_to(pending.len()),
        Survival::TornLastWrite | Survival::ZeroedLastWrite => pending.len().saturating_sub(1),
    };
    for change in &pending[..whole] {
        apply_change(&mut file.durable, change);
    }
    if let Some(Change::Write { offset, bytes }) = pending.get(whole) {
        let torn = match survival {
            Survival::TornLastWrite => Some((bytes.len() / 2, false)),
            Survival::ZeroedLastWrite => Some((bytes.len() / 2, true)),
            Survival::Seeded(_) => Some((draw.up_to(bytes.len()), draw.up_to(1) == 1)),
            Survival::Everything
            | Survival::NamesOnly
            | Survival::Nothing
            | Survival::Prefix(_) => None,
        };
        if let Some((stored, zeroed)) = torn {
            let mut bytes = bytes.clone();
            bytes[stored..].fill(0);
            bytes.truncate(if zeroed { bytes.len() } else { stored });
            apply_change(&mut file.durable, &Change::Write { offset: *offset, bytes });
        }
    }
    file.cached = file.durable.clone();
}

/// Numbers from a seed (SplitMix64), so that a failed run can be repeated.
struct Draw(u64);

impl Draw {
    fn new(survival: Survival) -> Draw {
        match survival {
            Survival::Seeded(seed) => Draw(seed),
            Survival::Everything
            | Survival::NamesOnly
            | Survival::Nothing
            | Survival::Prefix(_)
            | Survival::TornLastWrite
            | Survival::ZeroedLastWrite => Draw(0),
        }
    }

    /// Returns a number from 0 to `max`, both included.
    fn up_to(&mut self, max: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed % (max as u64 + 1)) as usize
    }
}
