//! A CSV file in pieces of whole records, for several threads at once.

use std::io::{Cursor, Read};

use super::{CsvReader, RECORD_LIMIT};
use crate::dataset::{error::DatasetError, source::InputFile};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Cuts a file at the ends of records.
///
/// Quotes are taken to stand around whole fields, doubled inside. Where that does
/// not hold, records may be cut; [`Index`](super::index::Index) finds each such place.
pub(in crate::dataset) struct Pieces {
    reader: CsvReader,
    /// Bytes that are read at once.
    size: usize,
    /// What was read to look at the header.
    head: Cursor<Vec<u8>>,
    /// The start of a record whose end is not read yet.
    carried: Vec<u8>,
    ended: bool,
}

impl Pieces {
    pub(in crate::dataset) fn new(mut reader: CsvReader, size: usize) -> Self {
        let mut head = Cursor::new(std::mem::take(&mut reader.head));
        if head.get_ref().starts_with(BYTE_ORDER_MARK) {
            head.set_position(BYTE_ORDER_MARK.len() as u64);
        }
        Self {
            reader,
            size,
            head,
            carried: Vec::new(),
            ended: false,
        }
    }

    pub(in crate::dataset) const fn delimiter(&self) -> u8 {
        self.reader.delimiter
    }

    /// What is known of the file once all pieces have been read.
    pub(in crate::dataset) fn describe(&self, rows: u64) -> InputFile {
        self.reader.describe(rows)
    }

    /// Puts the next whole records, each with its line end, at the start of `buffer`;
    /// gives the number of bytes, which is 0 at the end of the file. `None` if there is
    /// no end of a record.
    ///
    /// The buffer grows as needed and is never emptied, as that costs time.
    pub(in crate::dataset) fn next(
        &mut self,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<usize>, DatasetError> {
        let mut filled = self.carried.len();
        make_room(buffer, filled);
        buffer[..filled].copy_from_slice(&self.carried);
        self.carried.clear();
        let mut is_in_quotes = false;
        let mut counted = 0;
        while !self.ended {
            make_room(buffer, filled + self.size);
            let read = self.fill(&mut buffer[filled..filled + self.size])?;
            filled += read;
            self.ended = read < self.size;
            let quotes = memchr::memchr_iter(b'"', &buffer[counted..filled]).count();
            is_in_quotes ^= quotes % 2 == 1;
            counted = filled;
            let piece = &buffer[..filled];
            if !self.ended
                && let Some(end) = last_record_end(piece, is_in_quotes)
            {
                self.carried.extend_from_slice(&piece[end..]);
                return Ok(Some(end));
            }
            if filled > RECORD_LIMIT {
                return Ok(None);
            }
        }
        if is_in_quotes {
            return Ok(None);
        }
        if filled > 0 && buffer[filled - 1] != b'\n' {
            make_room(buffer, filled + 1);
            buffer[filled] = b'\n';
            filled += 1;
        }
        Ok(Some(filled))
    }

    /// Reads until the buffer is full or the file ends.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, DatasetError> {
        // Reading from memory does not fail.
        let head = self.head.read(buffer).unwrap_or_default();
        Ok(head + self.reader.fill(&mut buffer[head..])?)
    }
}

fn make_room(buffer: &mut Vec<u8>, bytes: usize) {
    if buffer.len() < bytes {
        buffer.resize(bytes, 0);
    }
}

/// The place behind the last line end outside quotes; `is_in_quotes` tells of the end
/// of the bytes.
fn last_record_end(bytes: &[u8], mut is_in_quotes: bool) -> Option<usize> {
    for at in memchr::memrchr2_iter(b'\n', b'"', bytes) {
        if bytes[at] == b'"' {
            is_in_quotes = !is_in_quotes;
        } else if !is_in_quotes {
            return Some(at + 1);
        }
    }
    None
}
