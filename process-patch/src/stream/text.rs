//! The text of one JSON string, taken byte by byte.

/// What is wrong inside a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    Control,
    Escape,
    Surrogate,
    Utf8,
}

impl Flaw {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Control => "a text holds a control character that is not escaped",
            Self::Escape => "a text holds an escape that JSON does not know",
            Self::Surrogate => "a text holds half of a surrogate pair",
            Self::Utf8 => "the stream is not UTF-8",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Escape {
    #[default]
    None,
    /// Behind a backslash.
    Begun,
    /// In the digits of `\u`: how many were read, and their value.
    Digits(u8, u32),
}

/// Unescapes a string and holds what was not yet told.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// Whole characters.
    text: String,
    /// The bytes of a character that has not ended.
    partial: Vec<u8>,
    escape: Escape,
    /// The first half of a surrogate pair.
    high: Option<u32>,
}

impl Text {
    /// Takes one byte; answers whether it was the quote that ends the string.
    pub(super) fn push(&mut self, byte: u8) -> Result<bool, Flaw> {
        match self.escape {
            Escape::Begun => self.escaped(byte).map(|()| false),
            Escape::Digits(count, value) => self.digit(count, value, byte).map(|()| false),
            Escape::None => self.plain(byte),
        }
    }

    /// Returns the whole characters that were not taken before.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    fn plain(&mut self, byte: u8) -> Result<bool, Flaw> {
        if self.high.is_some() && byte != b'\\' {
            return Err(Flaw::Surrogate);
        }
        if !self.partial.is_empty() || byte >= 0x80 {
            return self.wide(byte).map(|()| false);
        }
        match byte {
            b'"' => return Ok(true),
            b'\\' => self.escape = Escape::Begun,
            0..0x20 => return Err(Flaw::Control),
            _ => self.text.push(char::from(byte)),
        }
        Ok(false)
    }

    /// Takes a byte of a character that has several.
    fn wide(&mut self, byte: u8) -> Result<(), Flaw> {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(character) => {
                self.text.push_str(character);
                self.partial.clear();
                Ok(())
            }
            // It is still only begun.
            Err(error) if error.error_len().is_none() => Ok(()),
            Err(_) => Err(Flaw::Utf8),
        }
    }

    fn escaped(&mut self, byte: u8) -> Result<(), Flaw> {
        self.escape = Escape::None;
        if byte == b'u' {
            self.escape = Escape::Digits(0, 0);
            return Ok(());
        }
        if self.high.is_some() {
            return Err(Flaw::Surrogate);
        }
        self.text.push(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return Err(Flaw::Escape),
        });
        Ok(())
    }

    fn digit(&mut self, count: u8, value: u32, byte: u8) -> Result<(), Flaw> {
        let digit = char::from(byte).to_digit(16).ok_or(Flaw::Escape)?;
        let value = value * 16 + digit;
        if count < 3 {
            self.escape = Escape::Digits(count + 1, value);
            return Ok(());
        }
        self.escape = Escape::None;
        match (self.high.take(), value) {
            (None, 0xD800..0xDC00) => {
                self.high = Some(value);
                return Ok(());
            }
            (Some(high), 0xDC00..0xE000) => {
                let value = 0x1_0000 + ((high - 0xD800) << 10) + (value - 0xDC00);
                self.text.push(char::from_u32(value).ok_or(Flaw::Surrogate)?);
            }
            (Some(_), _) => return Err(Flaw::Surrogate),
            (None, _) => self.text.push(char::from_u32(value).ok_or(Flaw::Surrogate)?),
        }
        Ok(())
    }
}
