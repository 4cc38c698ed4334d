//! The grammar of JSON, byte by byte.

use crate::stream::limits::NESTING_MAX;
use crate::stream::shape::Shape;
use crate::stream::text::Text;

/// The longest number or word: the longest double has 767 digits that count.
const SCALAR_BYTES_MAX: usize = 1_024;

/// A list or a map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Level {
    List,
    Map,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expect {
    Colon,
    CommaOrEnd,
    Done,
    Key,
    KeyOrEnd,
    Value,
    ValueOrEnd,
}

#[derive(Clone, Debug)]
enum Inside {
    Key(Text),
    Nothing,
    Scalar(Vec<u8>),
    Text(Text),
}

/// Reads one value and tells the shape what stands in it.
#[derive(Clone, Debug)]
pub(super) struct Lexer {
    levels: Vec<Level>,
    expect: Expect,
    inside: Inside,
}

impl Lexer {
    pub(super) fn new() -> Self {
        Self { levels: Vec::new(), expect: Expect::Value, inside: Inside::Nothing }
    }

    pub(super) fn is_done(&self) -> bool {
        self.expect == Expect::Done
    }

    /// Takes one byte; the reason is what is wrong with it.
    pub(super) fn push(&mut self, byte: u8, shape: &mut Shape) -> Result<(), String> {
        match &mut self.inside {
            Inside::Nothing => self.between(byte, shape),
            Inside::Scalar(scalar) => {
                if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) {
                    scalar.push(byte);
                    return match scalar.len() > SCALAR_BYTES_MAX {
                        true => Err("a number or word is too long".to_owned()),
                        false => Ok(()),
                    };
                }
                let value = serde_json::from_slice(scalar).map_err(|_| {
                    format!("`{}` is no value of JSON", String::from_utf8_lossy(scalar))
                })?;
                shape.scalar(&value)?;
                self.value_ended();
                self.between(byte, shape)
            }
            Inside::Key(text) => {
                if text.push(byte).map_err(|flaw| flaw.words().to_owned())? {
                    shape.key(text.as_str())?;
                    self.inside = Inside::Nothing;
                    self.expect = Expect::Colon;
                }
                Ok(())
            }
            Inside::Text(text) => {
                if text.push(byte).map_err(|flaw| flaw.words().to_owned())? {
                    shape.piece(&text.take());
                    shape.text_ends();
                    self.value_ended();
                }
                Ok(())
            }
        }
    }

    /// Tells what is known of a text that has not ended.
    pub(super) fn flush(&mut self, shape: &mut Shape) {
        if let Inside::Text(text) = &mut self.inside {
            shape.piece(&text.take());
        }
    }

    fn between(&mut self, byte: u8, shape: &mut Shape) -> Result<(), String> {
        if b" \t\r\n".contains(&byte) {
            return Ok(());
        }
        match (self.expect, byte) {
            (Expect::Value | Expect::ValueOrEnd, b'[') => self.open(Level::List, shape),
            (Expect::Value | Expect::ValueOrEnd, b'{') => self.open(Level::Map, shape),
            (Expect::Value | Expect::ValueOrEnd, b'"') => {
                shape.text_begins()?;
                self.inside = Inside::Text(Text::default());
                Ok(())
            }
            (Expect::Value | Expect::ValueOrEnd, b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                self.inside = Inside::Scalar(vec![byte]);
                Ok(())
            }
            (Expect::ValueOrEnd, b']') => self.close(shape),
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                self.inside = Inside::Key(Text::default());
                Ok(())
            }
            (Expect::KeyOrEnd, b'}') => self.close(shape),
            (Expect::Colon, b':') => {
                self.expect = Expect::Value;
                Ok(())
            }
            (Expect::CommaOrEnd, _) => self.behind_value(byte, shape),
            (expect, byte) => Err(unexpected(expect, byte)),
        }
    }

    fn behind_value(&mut self, byte: u8, shape: &mut Shape) -> Result<(), String> {
        match (self.levels.last(), byte) {
            (Some(Level::List), b',') => self.expect = Expect::Value,
            (Some(Level::Map), b',') => self.expect = Expect::Key,
            (Some(Level::List), b']') | (Some(Level::Map), b'}') => return self.close(shape),
            _ => return Err(unexpected(Expect::CommaOrEnd, byte)),
        }
        Ok(())
    }

    fn open(&mut self, level: Level, shape: &mut Shape) -> Result<(), String> {
        if self.levels.len() == NESTING_MAX {
            return Err(format!("lists and maps are nested over {NESTING_MAX} levels"));
        }
        self.levels.push(level);
        self.expect = match level {
            Level::List => Expect::ValueOrEnd,
            Level::Map => Expect::KeyOrEnd,
        };
        shape.open(level)
    }

    fn close(&mut self, shape: &mut Shape) -> Result<(), String> {
        self.levels.pop();
        self.value_ended();
        shape.close()
    }

    fn value_ended(&mut self) {
        self.inside = Inside::Nothing;
        self.expect = if self.levels.is_empty() { Expect::Done } else { Expect::CommaOrEnd };
    }
}

fn unexpected(expect: Expect, byte: u8) -> String {
    let wanted = match expect {
        Expect::Colon => "a colon",
        Expect::CommaOrEnd => "a comma or the end of the list or map",
        Expect::Done => "nothing more",
        Expect::Key => "a key in quotes",
        Expect::KeyOrEnd => "a key in quotes or `}`",
        Expect::Value => "a value",
        Expect::ValueOrEnd => "a value or `]`",
    };
    match byte {
        0x21..0x7f => format!("`{}` stands where {wanted} belongs", char::from(byte)),
        _ => format!("something else stands where {wanted} belongs"),
    }
}
