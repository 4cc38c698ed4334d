//! The table of a zone: when its clocks were changed, and to what (RFC 9636, section 3).

/// The header, in bytes; the second one stands behind the block of version 1.
const HEADER: usize = 44;

/// One entry of the types of clock time: the offset, whether it is summer, the place of its name.
const TYPE: usize = 6;

/// The second block of the data: transitions of 64 bits.
pub(super) struct Table<'a> {
    transitions: &'a [u8],
    /// For each transition which type begins.
    begins: &'a [u8],
    types: &'a [u8],
    tail: &'a [u8],
}

/// How many entries each part of a block has.
struct Counts {
    marks: usize,
    leaps: usize,
    transitions: usize,
    types: usize,
    names: usize,
}

impl Counts {
    fn of(header: &[u8]) -> Option<Self> {
        let count = |place: usize| {
            let bytes = header.get(20 + 4 * place..24 + 4 * place)?;
            usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
        };
        Some(Self {
            marks: count(0)? + count(1)?,
            leaps: count(2)?,
            transitions: count(3)?,
            types: count(4)?,
            names: count(5)?,
        })
    }

    /// Returns the length of a block whose times take so many bytes.
    fn length(&self, time: usize) -> usize {
        self.transitions * (time + 1)
            + self.types * TYPE
            + self.names
            + self.leaps * (time + 4)
            + self.marks
    }
}

impl<'a> Table<'a> {
    /// Returns the table in this data; `None` when there is none.
    pub(super) fn of(data: &'a [u8]) -> Option<Self> {
        let second = data.get(HEADER + Counts::of(data)?.length(4)..)?;
        let counts = Counts::of(second)?;
        let (block, tail) = second.get(HEADER..)?.split_at_checked(counts.length(8))?;
        let (transitions, rest) = block.split_at_checked(counts.transitions * 8)?;
        let (begins, rest) = rest.split_at_checked(counts.transitions)?;
        let types = rest.get(..counts.types * TYPE)?;
        Some(Self { transitions, begins, types, tail })
    }

    /// Returns the text behind the table: the rule for everything later.
    pub(super) fn tail(&self) -> &'a [u8] {
        self.tail.trim_ascii()
    }

    /// Returns how many transitions there are.
    pub(super) fn transitions(&self) -> usize {
        self.begins.len()
    }

    /// Returns how many transitions are not behind this instant.
    pub(super) fn transitions_until(&self, instant: i64) -> usize {
        let (times, _) = self.transitions.as_chunks::<8>();
        times.partition_point(|time| i64::from_be_bytes(*time) <= instant)
    }

    /// Returns by how many seconds the clocks were ahead of UTC before the transition of this
    /// place, counted from 0; behind the last for the number of transitions.
    pub(super) fn offset_before(&self, place: usize) -> i32 {
        let before = place.checked_sub(1).and_then(|before| self.begins.get(before));
        let at = usize::from(before.copied().unwrap_or(0)) * TYPE;
        let bytes = self.types.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, i32::from_be_bytes)
    }
}
