//! The CSV reader.

pub(super) mod index;
pub(super) mod pieces;
mod scan;

use std::{io::Read, ops::ControlFlow, path::PathBuf};

use csv_core::ReadRecordResult;
use encoding_rs::{Encoding, UTF_8};

use super::{
    ReadParams,
    error::DatasetError,
    packing::{self, Packing, Unpacked},
    record::{Reader, Record},
    source::{InputFile, Transcoder},
};

/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;
/// The largest record in bytes. Real ones have some hundred; a quote that is
/// never closed would otherwise draw the rest of the file into memory.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;
/// The most columns, as in a sheet. Whatever is looked for is looked for in all.
const COLUMN_LIMIT: usize = 16_384;
/// The delimiters that are looked for in the header.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a CSV file is written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CsvFormat {
    /// The byte between fields; `None` to find it in the header.
    pub delimiter: Option<u8>,
    /// The encoding, unless a byte order mark says otherwise; `None` for UTF-8.
    pub encoding: Option<&'static Encoding>,
}

/// Reads CSV as RFC 4180 has it, and what spreadsheets make of it: any line
/// end, quotes doubled inside quotes, line ends and delimiters inside quotes.
pub(super) struct CsvReader {
    path: PathBuf,
    input: Transcoder<Unpacked>,
    packing: Option<Packing>,
    encoding: &'static Encoding,
    delimiter: u8,
    /// Whether lines end with a CR alone.
    has_cr_lines: bool,
    /// What was read to look at the header, and is still to be parsed.
    head: Vec<u8>,
}

impl CsvReader {
    pub(super) fn new(
        path: PathBuf,
        input: Unpacked,
        packing: Option<Packing>,
        params: &ReadParams,
    ) -> Result<Self, DatasetError> {
        // A byte order mark is right where a setting may be for other files.
        let by_mark = Encoding::for_bom(input.head()).map(|(encoding, _)| encoding);
        let encoding = by_mark.or(params.csv.encoding).unwrap_or(UTF_8);
        let mut reader = Self {
            path,
            input: Transcoder::new(input, encoding),
            packing,
            encoding,
            delimiter: b',',
            has_cr_lines: false,
            head: Vec::new(),
        };
        let mut head = vec![0; CHUNK];
        let filled = reader.fill(&mut head)?;
        head.truncate(filled);
        empty_lines(&mut head, params.skip_lines);
        let by_file = take_delimiter(&mut head);
        let delimiter = params.csv.delimiter.or(by_file);
        reader.delimiter = delimiter.unwrap_or_else(|| find_delimiter(&head));
        reader.has_cr_lines = has_cr_lines(&head);
        reader.head = head;
        Ok(reader)
    }

    /// What is known of the file once its rows have been read to their end.
    pub(super) fn describe(&self, rows: u64) -> InputFile {
        let meter = self.input.get_ref().meter();
        InputFile {
            path: self.path.clone(),
            format: "csv",
            packing: self.packing.map(Packing::name),
            encoding: Some(self.encoding.name()),
            delimiter: Some(char::from(self.delimiter)),
            sheet: None,
            bytes: meter.count(),
            blake3: meter.hash(),
            rows,
        }
    }

    /// Reads until the buffer is full or the input ends.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, DatasetError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.input.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(packing::failure(&self.path, self.packing, error)),
            }
        }
        Ok(filled)
    }

    fn emit(&self, parser: &Fields, line: u64, record: &mut Record) -> Result<(), DatasetError> {
        record.restart(line);
        let bytes = &parser.bytes[..parser.filled];
        if parser.count > COLUMN_LIMIT {
            return Err(DatasetError::TooManyColumns {
                path: self.path.clone(),
                line,
                found: parser.count,
                limit: COLUMN_LIMIT,
            });
        }
        if memchr::memchr(0, bytes).is_some() {
            let path = self.path.clone();
            return Err(DatasetError::Nul { path, line });
        }
        let mut start = 0;
        for &end in &parser.ends[..parser.count] {
            let Ok(text) = std::str::from_utf8(&bytes[start..end]) else {
                return Err(DatasetError::Encoding {
                    path: self.path.clone(),
                    line,
                    encoding: self.encoding.name(),
                });
            };
            record.push_text(text);
            start = end;
        }
        Ok(())
    }
}

impl Reader for CsvReader {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let mut core = csv_core::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .build();
        let mut fields = Fields::new();
        let mut record = Record::default();
        let mut chunk = std::mem::take(&mut self.head);
        let mut filled = chunk.len();
        // Line ends between records, which the parser does not see.
        let mut passed_lines = 0;
        let mut cr_lines = self.has_cr_lines.then(CrLines::default);
        let mut in_record = false;
        let mut line = 1;
        loop {
            let at_end = filled == 0;
            if at_end {
                if !in_record {
                    return Ok(());
                }
                // A line end closes any record but one with an open quote.
                chunk[0] = b'\n';
                filled = 1;
            }
            let mut rest = &chunk[..filled];
            loop {
                if !in_record {
                    let start = rest.iter().position(|b| !matches!(b, b'\n' | b'\r'));
                    let (blank, tail) = rest.split_at(start.unwrap_or(rest.len()));
                    passed_lines += memchr::memchr_iter(b'\n', blank).count() as u64;
                    rest = tail;
                    line = match &mut cr_lines {
                        None => core.line() + passed_lines,
                        Some(lines) => lines.pass(blank),
                    };
                }
                if rest.is_empty() {
                    break;
                }
                in_record = true;
                let (result, used) = fields.parse(&mut core, rest);
                if let Some(lines) = &mut cr_lines {
                    lines.pass(&rest[..used]);
                }
                rest = &rest[used..];
                match result {
                    ReadRecordResult::Record => {
                        self.emit(&fields, line, &mut record)?;
                        fields.clear();
                        in_record = false;
                        let blank = record.len() == 1 && record.cell(0).text().is_empty();
                        if !blank && visit(&record).is_break() {
                            return Ok(());
                        }
                    }
                    ReadRecordResult::OutputFull if fields.bytes.len() >= RECORD_LIMIT => {
                        return Err(DatasetError::RecordTooLong {
                            path: self.path.clone(),
                            line,
                            limit: RECORD_LIMIT,
                        });
                    }
                    ReadRecordResult::OutputFull => fields.bytes.resize(fields.bytes.len() * 2, 0),
                    ReadRecordResult::OutputEndsFull => {
                        fields.ends.resize(fields.ends.len() * 2, 0);
                    }
                    ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
                }
            }
            if at_end {
                if in_record {
                    let path = self.path.clone();
                    return Err(DatasetError::UnclosedQuote { path, line });
                }
                return Ok(());
            }
            chunk.resize(CHUNK, 0);
            filled = self.fill(&mut chunk)?;
        }
    }
}

/// Counts lines, whatever they end with; the parser knows of LF only.
#[derive(Default)]
struct CrLines {
    ended: u64,
    is_after_cr: bool,
}

impl CrLines {
    /// The number of the line behind these bytes.
    fn pass(&mut self, bytes: &[u8]) -> u64 {
        for &byte in bytes {
            let ends = byte == b'\r' || (byte == b'\n' && !self.is_after_cr);
            self.ended += u64::from(ends);
            self.is_after_cr = byte == b'\r';
        }
        self.ended + 1
    }
}

/// The unquoted fields of the record that is being parsed.
struct Fields {
    bytes: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    fn new() -> Self {
        Self {
            bytes: vec![0; 4096],
            filled: 0,
            ends: vec![0; 64],
            count: 0,
        }
    }

    fn clear(&mut self) {
        (self.filled, self.count) = (0, 0);
    }

    /// Parses on in `input`; also gives the number of bytes that it used.
    fn parse(&mut self, core: &mut csv_core::Reader, input: &[u8]) -> (ReadRecordResult, usize) {
        let (result, used, written, ended) = core.read_record(
            input,
            &mut self.bytes[self.filled..],
            &mut self.ends[self.count..],
        );
        self.filled += written;
        self.count += ended;
        (result, used)
    }
}

/// Empties the first lines, but leaves their ends, so that lines are counted as in
/// the file.
fn empty_lines(head: &mut Vec<u8>, lines: u64) {
    let (mut emptied, mut ends) = (0, Vec::new());
    for _ in 0..lines {
        let rest = &head[emptied..];
        let Some(at) = memchr::memchr2(b'\n', b'\r', rest) else {
            break;
        };
        let length = if rest[at..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        ends.extend_from_slice(&rest[at..at + length]);
        emptied += at + length;
    }
    head.splice(..emptied, ends);
}

/// Takes the line off with which a spreadsheet tells the delimiter: `sep=;`.
fn take_delimiter(head: &mut Vec<u8>) -> Option<u8> {
    let start = head.iter().position(|b| !matches!(b, b'\n' | b'\r'))?;
    let [mark @ .., delimiter, b'\r' | b'\n'] = head.get(start..start + 6)? else {
        return None;
    };
    let delimiter = *delimiter;
    if !mark.eq_ignore_ascii_case(b"sep=")
        || !delimiter.is_ascii_punctuation() && delimiter != b'\t'
    {
        return None;
    }
    head.drain(start..start + 5);
    Some(delimiter)
}

/// The delimiter that stands most often in the first record that has one outside
/// quotes; at a tie the one that comes first in [`DELIMITERS`].
fn find_delimiter(head: &[u8]) -> u8 {
    let mut counts = [0; DELIMITERS.len()];
    let mut in_quotes = false;
    for &byte in head {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b'\n' | b'\r' if !in_quotes && counts != [0; DELIMITERS.len()] => break,
            _ => {}
        }
        if let Some(index) = DELIMITERS.iter().position(|&delimiter| delimiter == byte)
            && !in_quotes
        {
            counts[index] += 1;
        }
    }
    let mut best = 0;
    for index in 1..DELIMITERS.len() {
        if counts[index] > counts[best] {
            best = index;
        }
    }
    DELIMITERS[best]
}

/// Whether the first line ends with a CR that no LF follows.
fn has_cr_lines(head: &[u8]) -> bool {
    let mut in_quotes = false;
    let end = head.iter().position(|&byte| {
        in_quotes ^= byte == b'"';
        !in_quotes && matches!(byte, b'\n' | b'\r')
    });
    end.is_some_and(|end| head[end] == b'\r' && head.get(end + 1) != Some(&b'\n'))
}
