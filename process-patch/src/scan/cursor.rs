//! A place in a line that counts columns, since a tab may be consumed in part.

/// A place in one line, without its line ending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
    column: usize,
    /// What is left of a tab that was consumed in part, in columns.
    rest: usize,
}

/// The blanks before the next byte that is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indent {
    /// How wide they are.
    pub(super) columns: usize,
    /// Where that byte stands; the length of the line when there is none.
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0, column: 0, rest: 0 }
    }

    pub(super) fn line(&self) -> &'a [u8] {
        self.line
    }

    pub(super) fn indent(&self) -> Indent {
        let mut column = self.column + self.rest;
        let mut at = self.at;
        while let Some(byte) = self.line.get(at) {
            match byte {
                b' ' => column += 1,
                b'\t' => column += 4 - column % 4,
                _ => break,
            }
            at += 1;
        }
        Indent { columns: column - self.column, at }
    }

    /// Consumes so many columns of blanks, at most what is there.
    pub(super) fn skip_columns(&mut self, mut columns: usize) {
        let of_rest = columns.min(self.rest);
        self.rest -= of_rest;
        self.column += of_rest;
        columns -= of_rest;
        while columns > 0 {
            match self.line.get(self.at) {
                Some(b' ') => {
                    self.column += 1;
                    columns -= 1;
                }
                Some(b'\t') => {
                    let width = 4 - self.column % 4;
                    let taken = width.min(columns);
                    self.rest = width - taken;
                    self.column += taken;
                    columns -= taken;
                }
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Consumes the blanks and so many bytes behind them, which are no tabs.
    pub(super) fn skip_marker(&mut self, indent: Indent, bytes: usize) {
        self.at = indent.at + bytes;
        self.column += indent.columns + bytes;
        self.rest = 0;
    }
}
