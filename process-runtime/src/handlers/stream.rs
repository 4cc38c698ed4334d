//! The pipes to and from a program, which never make anybody wait.

use std::{io, os::fd::OwnedFd};

use rustix::io::{Errno, ioctl_fionbio};

/// The most bytes that a program may write to each of its outputs: that of a step's output.
pub(super) const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How much is read at once; what a pipe holds.
const CHUNK_BYTES: usize = 64 * 1024;

/// How often is read before somebody else has a turn.
const READS_MAX: usize = 16;

/// What a program writes.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) pipe: Option<OwnedFd>,
    pub(super) bytes: Vec<u8>,
    /// Whether it wrote more than is kept; the rest is read and dropped, so that it can end.
    pub(super) is_over: bool,
}

impl Output {
    pub(super) fn new(pipe: Option<OwnedFd>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe, bytes: Vec::new(), is_over: false })
    }

    /// Takes what is there; returns whether anything was.
    pub(super) fn read(&mut self) -> bool {
        let mut heard = false;
        let mut chunk = [0_u8; CHUNK_BYTES];
        for _ in 0..READS_MAX {
            let Some(pipe) = &self.pipe else { break };
            match rustix::io::read(pipe, &mut chunk) {
                Ok(0) => self.pipe = None,
                Ok(length) => {
                    heard = true;
                    let room = OUTPUT_BYTES_MAX - self.bytes.len();
                    self.is_over |= length > room;
                    self.bytes.extend_from_slice(&chunk[..length.min(room)]);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => self.pipe = None,
            }
        }
        heard
    }
}

/// What a program reads.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) pipe: Option<OwnedFd>,
    bytes: Vec<u8>,
    written: usize,
}

impl Input {
    pub(super) fn new(pipe: Option<OwnedFd>, bytes: Vec<u8>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe, bytes, written: 0 })
    }

    /// Writes what there is room for, and closes the pipe behind the last byte.
    ///
    /// A program that does not read it all is none the worse for it.
    pub(super) fn write(&mut self) {
        while let Some(pipe) = &self.pipe {
            let rest = &self.bytes[self.written..];
            if rest.is_empty() {
                self.pipe = None;
                break;
            }
            match rustix::io::write(pipe, rest) {
                Ok(length) => self.written += length,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => self.pipe = None,
            }
        }
    }
}
