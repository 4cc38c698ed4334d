//! The stream as its user sees it: bytes in, events out, the batch at the end.

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::error::PatchError;
use crate::stream::envelope::{Envelope, Place};
use crate::stream::event::StreamEvent;
use crate::stream::lexer::Lexer;
use crate::stream::limits::STREAM_BYTES_MAX;
use crate::stream::shape::Shape;

/// Reads a batch of patches while it is written (P22).
#[derive(Clone, Debug)]
pub struct PatchStream {
    envelope: Envelope,
    lexer: Lexer,
    shape: Shape,
    /// The JSON so far.
    json: Vec<u8>,
    read: usize,
    line: usize,
    column: usize,
    is_line_over: bool,
    failure: Option<PatchError>,
}

impl PatchStream {
    /// Returns a stream of which nothing has come.
    pub fn new() -> Self {
        Self {
            envelope: Envelope::new(),
            lexer: Lexer::new(),
            shape: Shape::default(),
            json: Vec::new(),
            read: 0,
            line: 1,
            column: 0,
            is_line_over: false,
            failure: None,
        }
    }

    /// Takes the next bytes, cut anywhere, and adds what they tell to `events`.
    ///
    /// # Errors
    /// `invalid_patch` when they can be no batch, with `line` and `column` in the details; events
    /// of the bytes before are added, and the stream stays refused.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<StreamEvent>) -> Result<(), PatchError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let taken = bytes.iter().try_for_each(|byte| self.take(*byte));
        self.lexer.flush(&mut self.shape);
        events.append(&mut self.shape.take_events());
        taken.map_err(|reason| {
            let error = self.refused(&reason);
            self.failure = Some(error.clone());
            error
        })
    }

    /// Ends the stream and returns the batch, as it stands in it.
    ///
    /// # Errors
    /// `invalid_patch` when the batch has not ended, or was refused before.
    pub fn finish(self) -> Result<Value, PatchError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if !self.envelope.is_whole() {
            let error = self.refused("the stream ends before the batch does");
            return Err(error.hint("nothing was applied; send the batch again"));
        }
        serde_json::from_slice(&self.json).map_err(|error| self.refused(&error.to_string()))
    }

    /// Ends the stream and returns the batch, read.
    ///
    /// # Errors
    /// Those of [`PatchStream::finish`] and of [`Batch::from_json`].
    pub fn finish_batch(self) -> Result<Batch, PatchError> {
        Batch::from_json(self.finish()?)
    }

    fn take(&mut self, byte: u8) -> Result<(), String> {
        self.count(byte);
        if self.read > STREAM_BYTES_MAX {
            return Err(format!("the stream is longer than {STREAM_BYTES_MAX} bytes"));
        }
        if self.envelope.push(byte)? == Place::Around {
            return Ok(());
        }
        self.json.push(byte);
        self.lexer.push(byte, &mut self.shape)?;
        if self.lexer.is_done() {
            self.envelope.json_ended();
        }
        Ok(())
    }

    fn count(&mut self, byte: u8) {
        self.read += 1;
        // The end of a line still stands in that line.
        if std::mem::replace(&mut self.is_line_over, byte == b'\n') {
            self.line += 1;
            self.column = 0;
        }
        // The bytes of one character stand in one column.
        if !(0x80..0xC0).contains(&byte) {
            self.column += 1;
        }
    }

    fn refused(&self, reason: &str) -> PatchError {
        let (line, column) = (self.line, self.column);
        let message = format!("the patches are no batch: line {line}, column {column}: {reason}");
        let hint =
            "send one JSON value and nothing else: a list of patches, or a map with `patches`";
        PatchError::invalid(message)
            .hint(hint)
            .with_details(json!({ "line": line, "column": column }))
    }
}

impl Default for PatchStream {
    fn default() -> Self {
        Self::new()
    }
}
