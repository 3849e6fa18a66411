//! Cuts a file into pieces that end where a record ends, without ever holding more than one piece.
//!
//! A line longer than [`RECORD_OCTETS_MAX`] is skipped up to its end and reported, never buffered. A quoted field may hold
//! line ends, up to [`MULTILINE_OCTETS_MAX`]; a quote that is not closed by then costs its own line only: reading goes on
//! behind that line.

use std::io::{self, Read};

use domain::reject::REJECT_OCTETS_MAX;
use memchr::memchr;

use super::records::{Dialect, Extent};

/// The longest record.
pub const RECORD_OCTETS_MAX: usize = 64 << 10;
/// The longest record of more than one line. Longer than any whose values are accepted; short, because whatever lies
/// between a stray quote and the next one looks like such a record.
const MULTILINE_OCTETS_MAX: usize = 5_000;
/// Bytes of a piece. Longer than a record, so that a piece always ends.
const CHUNK_OCTETS: usize = 256 << 10;

/// A piece of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it starts in the file.
    pub offset: u64,
    /// Line number of its first byte, from 1.
    pub line: u64,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Whole records; only the last one of the file may lack its line end.
    Records(Vec<u8>),
    /// One line that is not read: `head` is how it begins, `octets` how long it is with its line end.
    Unreadable { problem: Problem, head: Vec<u8>, octets: u64 },
}

/// Why a line is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    TooLong,
    UnclosedQuote,
}

#[derive(Debug)]
pub struct Chunks<R> {
    source: R,
    dialect: Dialect,
    /// Read and not yet handed out: `buffer[start..]`.
    buffer: Vec<u8>,
    start: usize,
    /// Of `buffer[start]`.
    offset: u64,
    line: u64,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    /// `source` is at `offset` of the file, which is the beginning of line `line`.
    pub fn new(source: R, dialect: Dialect, offset: u64, line: u64) -> Self {
        Self { source, dialect, buffer: Vec::new(), start: 0, offset, line, ended: false }
    }

    /// The next piece; None at the end of the file.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        self.fill()?;
        let pending = &self.buffer[self.start..];
        if pending.is_empty() {
            return Ok(None);
        }
        let (octets, tail) = self.whole_records(pending);
        if octets > 0 {
            return Ok(Some(self.take_records(octets)));
        }
        // From here on the first record is longer than the limit, or the file ends in it.
        let first_line = &pending[..pending.len().min(RECORD_OCTETS_MAX)];
        if pending.len() > RECORD_OCTETS_MAX && memchr(self.dialect.line_end.byte(), first_line).is_none() {
            return self.skip_line(Problem::TooLong).map(Some);
        }
        // Closed somewhere behind, and too long all the same: where the pending bytes end, the record need not.
        let too_far = pending.len() > MULTILINE_OCTETS_MAX && self.spans_lines(pending);
        match tail {
            Extent::Complete(_) | Extent::Open if !too_far => {
                Ok(Some(self.take_records(self.buffer.len() - self.start)))
            }
            _ => self.skip_line(Problem::UnclosedQuote).map(Some),
        }
    }

    /// How many of the pending bytes are whole records of an acceptable length, and how the record behind them goes on.
    fn whole_records(&self, pending: &[u8]) -> (usize, Extent) {
        let end = self.dialect.line_end.byte();
        let plain = self.dialect.separator.is_none() || memchr(b'"', pending).is_none();
        if plain && let Some(last) = memchr::memrchr(end, pending) {
            // A first line beyond the limit is reported; one further inside is seen by the reader of the piece.
            return (last + 1, Extent::Open);
        }
        let mut whole = 0;
        loop {
            match self.dialect.extent(&pending[whole..]) {
                Extent::Complete(octets)
                    if octets > MULTILINE_OCTETS_MAX && self.spans_lines(&pending[whole..whole + octets]) =>
                {
                    return (whole, Extent::Quoted);
                }
                Extent::Complete(octets) => whole += octets,
                tail => return (whole, tail),
            }
            if whole == pending.len() {
                return (whole, Extent::Open);
            }
        }
    }

    fn spans_lines(&self, record: &[u8]) -> bool {
        memchr(self.dialect.line_end.byte(), record).is_some_and(|at| at + 1 < record.len())
    }

    fn take_records(&mut self, octets: usize) -> Chunk {
        let bytes = self.buffer[self.start..self.start + octets].to_vec();
        let (offset, line) = (self.offset, self.line);
        self.advance(octets);
        Chunk { offset, line, content: Content::Records(bytes) }
    }

    fn advance(&mut self, octets: usize) {
        let taken = &self.buffer[self.start..self.start + octets];
        self.line += self.dialect.count_lines(taken);
        self.offset += octets as u64;
        self.start += octets;
    }

    /// Drops bytes up to the next line end, whatever the quotes say.
    fn skip_line(&mut self, problem: Problem) -> io::Result<Chunk> {
        let (offset, line) = (self.offset, self.line);
        let pending = &self.buffer[self.start..];
        let head = pending[..pending.len().min(REJECT_OCTETS_MAX)].to_vec();
        loop {
            let pending = &self.buffer[self.start..];
            if let Some(at) = memchr(self.dialect.line_end.byte(), pending) {
                self.advance(at + 1);
                break;
            }
            self.advance(pending.len());
            if self.ended {
                break;
            }
            self.fill()?;
        }
        let head_end = memchr(self.dialect.line_end.byte(), &head).unwrap_or(head.len());
        let head = head[..head_end].to_vec();
        Ok(Chunk { offset, line, content: Content::Unreadable { problem, head, octets: self.offset - offset } })
    }

    /// Moves what is pending to the front and reads until a piece is full or the file ends.
    fn fill(&mut self) -> io::Result<()> {
        if self.ended || self.buffer.len() - self.start > RECORD_OCTETS_MAX {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let mut filled = self.buffer.len();
        self.buffer.resize(CHUNK_OCTETS, 0);
        while filled < CHUNK_OCTETS {
            match self.source.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }
}

#[cfg(test)]
#[path = "chunks_tests.rs"]
mod tests;
