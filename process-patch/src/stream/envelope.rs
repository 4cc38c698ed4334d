//! What may stand around the JSON: a byte-order mark, blanks, and one fence (P22.2).

/// The longest name behind the marks of a fence.
const INFO_BYTES_MAX: usize = 16;

const FENCE_MARKS_MIN: usize = 3;

#[derive(Clone, Debug, Eq, PartialEq)]
enum Phase {
    /// Behind the JSON, and behind the marks that close the fence so far.
    Behind(usize),
    /// In a byte-order mark, of which so many bytes were read.
    ByteOrderMark(usize),
    Front,
    /// In the name behind the opening marks.
    Info(Vec<u8>),
    Json,
    /// In the opening marks.
    Marks,
    /// Behind the closed fence.
    Over,
}

/// Where a byte belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Around,
    Json,
}

#[derive(Clone, Debug)]
pub(super) struct Envelope {
    phase: Phase,
    /// The marks that opened the fence; 0 without one.
    marks: usize,
    is_first: bool,
}

impl Envelope {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Front, marks: 0, is_first: true }
    }

    /// Takes one byte, and says whether it belongs to the JSON.
    pub(super) fn push(&mut self, byte: u8) -> Result<Place, String> {
        let is_first = std::mem::take(&mut self.is_first);
        let is_blank = b" \t\r\n".contains(&byte);
        match &mut self.phase {
            Phase::Json => return Ok(Place::Json),
            Phase::ByteOrderMark(read) => {
                if [0xEF, 0xBB, 0xBF][*read] != byte {
                    return Err(prose());
                }
                *read += 1;
                if *read == 3 {
                    self.phase = Phase::Front;
                }
            }
            Phase::Front => match byte {
                0xEF if is_first => self.phase = Phase::ByteOrderMark(1),
                b'[' | b'{' => {
                    self.phase = Phase::Json;
                    return Ok(Place::Json);
                }
                b'`' if self.marks == 0 => {
                    self.marks = 1;
                    self.phase = Phase::Marks;
                }
                _ if is_blank => {}
                _ => return Err(prose()),
            },
            Phase::Marks if byte == b'`' => self.marks += 1,
            Phase::Marks if self.marks < FENCE_MARKS_MIN => return Err(prose()),
            Phase::Marks => {
                self.phase = Phase::Info(Vec::new());
                return self.push(byte);
            }
            Phase::Info(info) if byte == b'\n' => {
                let name = info.trim_ascii();
                if !name.is_empty() && !name.eq_ignore_ascii_case(b"json") {
                    return Err("the fence around the batch is not one of `json`".to_owned());
                }
                self.phase = Phase::Front;
            }
            Phase::Info(info) if info.len() < INFO_BYTES_MAX => info.push(byte),
            Phase::Info(_) => {
                return Err("the fence around the batch is not one of `json`".to_owned());
            }
            Phase::Behind(read) if byte == b'`' && *read < self.marks => *read += 1,
            Phase::Behind(0) if is_blank => {}
            Phase::Behind(read) if is_blank && *read == self.marks => self.phase = Phase::Over,
            Phase::Over if is_blank => {}
            Phase::Behind(_) | Phase::Over => {
                return Err("something stands behind the batch".to_owned());
            }
        }
        Ok(Place::Around)
    }

    /// Notes that the JSON has ended.
    pub(super) fn json_ended(&mut self) {
        self.phase = Phase::Behind(0);
    }

    /// Answers whether nothing is missing.
    pub(super) fn is_whole(&self) -> bool {
        match self.phase {
            Phase::Behind(read) => read == self.marks,
            Phase::Over => true,
            Phase::ByteOrderMark(_)
            | Phase::Front
            | Phase::Info(_)
            | Phase::Json
            | Phase::Marks => false,
        }
    }
}

fn prose() -> String {
    "the stream begins with something that is no batch".to_owned()
}
