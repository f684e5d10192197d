//! The xlsx reader.

use std::{
    fs::File,
    io::{BufReader, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use quick_xml::events::Event;
use zip::ZipArchive;

use super::{
    ReadParams,
    error::DatasetError,
    record::{ROW_LIMIT, Reader, Record},
    source::{InputFile, Opened},
    timestamp::Timestamp,
};
use crate::progress::Progress;

/// The largest unpacked workbook in bytes. A full sheet of a million rows has
/// some hundred megabytes of XML; what unpacks to more is a trap.
const WORKBOOK_LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// By how much a workbook may unpack. Sheets of rows that are all alike reach
/// some fifty times their size.
const RATIO_LIMIT: u64 = 200;
/// What any workbook may unpack to in bytes, however small it is.
const SMALL_WORKBOOK: u64 = 64 * 1024 * 1024;
/// By how many bytes of text may come out for each byte of XML: a text that is
/// kept once can stand in many cells.
const TEXT_RATIO_LIMIT: u64 = 100;
/// The bytes of text that may come out of any workbook.
const SMALL_TEXT: u64 = 64 * 1024 * 1024;
/// Columns of a sheet, as spreadsheets have them.
const COLUMN_LIMIT: u32 = 16_384;
const MILLISECONDS_OF_DAY: f64 = 24.0 * 3600.0 * 1000.0;

/// Reads one sheet of an xlsx workbook, cell by cell.
pub(super) struct XlsxReader {
    path: PathBuf,
    workbook: Xlsx<BufReader<File>>,
    bytes: u64,
    blake3: String,
    sheet: String,
    skip_lines: u64,
    /// The bytes of text that may come out.
    most_text: u64,
    progress: Arc<Progress>,
}

impl XlsxReader {
    /// Opens the workbook.
    pub(super) fn open(opened: Opened, params: &ReadParams) -> Result<Self, DatasetError> {
        let path = &opened.path.clone();
        let sheet = params.sheet.as_deref();
        let (file, bytes, blake3) = opened.into_file()?;
        let unpacked = refuse_bomb(path, &file)?;
        let most_text = unpacked.saturating_mul(TEXT_RATIO_LIMIT).max(SMALL_TEXT);
        let workbook = Xlsx::new(BufReader::new(file)).map_err(|error| damaged(path, &error))?;
        let sheets = workbook.sheet_names();
        let found = match sheet {
            None => sheets.first(),
            Some(name) => sheets
                .iter()
                .find(|found| *found == name)
                .or_else(|| sheets.iter().find(|found| found.eq_ignore_ascii_case(name))),
        };
        let sheet = found.cloned().ok_or_else(|| DatasetError::Sheet {
            path: path.to_owned(),
            name: sheet.unwrap_or_default().to_owned(),
            sheets,
        })?;
        Ok(Self {
            path: path.to_owned(),
            workbook,
            bytes,
            blake3,
            sheet,
            skip_lines: params.skip_lines,
            most_text,
            progress: Arc::clone(&params.progress),
        })
    }

    pub(super) fn describe(&self, rows: u64) -> InputFile {
        InputFile {
            path: self.path.clone(),
            format: "xlsx",
            packing: None,
            encoding: None,
            delimiter: None,
            sheet: Some(self.sheet.clone()),
            bytes: self.bytes,
            blake3: self.blake3.clone(),
            rows,
        }
    }
}

impl Reader for XlsxReader {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let path = self.path.clone();
        let is_1904 = self.workbook.has_1904_epoch();
        let mut cells = self
            .workbook
            .worksheet_cells_reader(&self.sheet)
            .map_err(|error| damaged(&path, &error))?;
        self.progress
            .start(u64::from(cells.dimensions().end.0), "rows");

        let mut record = Record::default();
        let mut has_content = false;
        let mut row = None;
        // The header says how many cells a row has; the file leaves out those
        // that are empty.
        let mut width = 0;
        let mut text = 0;
        let most_text = self.most_text;
        let refuse = |reason: String| DatasetError::Workbook {
            path: path.clone(),
            reason,
        };
        let mut finish = |record: &mut Record| {
            let line = record.line();
            if line <= self.skip_lines {
                return Ok(ControlFlow::Continue(()));
            }
            if record.has_nul() {
                return Err(refuse(format!("row {line} has the character NUL")));
            }
            text += record.text_bytes() as u64;
            if text > most_text {
                let reason = format!("its texts come to more than {most_text} bytes by row {line}");
                return Err(refuse(reason));
            }
            record.fit(width);
            if width == 0 {
                width = record.len();
            }
            Ok(visit(record))
        };
        while let Some(cell) = cells.next_cell().map_err(|error| damaged(&path, &error))? {
            let (cell_row, column) = cell.get_position();
            if row != Some(cell_row) {
                if has_content && finish(&mut record)?.is_break() {
                    return Ok(());
                }
                self.progress.advance(1);
                record.restart(u64::from(cell_row) + 1);
                has_content = false;
                row = Some(cell_row);
            }
            let (line, place) = (record.line(), column as usize);
            if column >= COLUMN_LIMIT {
                return Err(refuse(format!("row {line} has a column {}", place + 1)));
            }
            // It would slip into another column without a word.
            if place < record.len() {
                let (column, after) = (place + 1, record.len());
                return Err(refuse(format!(
                    "row {line} has column {column} after column {after}"
                )));
            }
            record.pad(place);
            has_content |= push_value(&mut record, cell.get_value(), is_1904);
            if record.text_bytes() > ROW_LIMIT {
                return Err(refuse(format!(
                    "row {line} has more than {ROW_LIMIT} bytes of text"
                )));
            }
        }
        if has_content {
            let _ = finish(&mut record)?;
        }
        Ok(())
    }
}

/// Appends the value; says whether there is one.
///
/// A formula counts by the result that the file holds, and an error such as
/// `#N/A` by its text, as in a CSV of the same sheet.
fn push_value(record: &mut Record, value: &DataRef<'_>, is_1904: bool) -> bool {
    match value {
        DataRef::Empty => {
            record.push_text("");
            return false;
        }
        DataRef::Error(error) => record.push_text(&error.to_string()),
        DataRef::Float(number) => record.push_number(*number),
        DataRef::Int(number) => record.push_text(&number.to_string()),
        DataRef::Bool(true) => record.push_text("TRUE"),
        DataRef::Bool(false) => record.push_text("FALSE"),
        DataRef::SharedString(text) => record.push_text(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            record.push_text(text);
        }
        DataRef::DateTime(serial) => {
            let time = serial
                .is_datetime()
                .then(|| from_serial(serial.as_f64(), is_1904))
                .flatten();
            match time {
                Some(time) => record.push_time(time),
                None => record.push_number(serial.as_f64()),
            }
        }
    }
    true
}

/// The time for a spreadsheet's serial number of days, to the millisecond.
fn from_serial(days: f64, is_1904: bool) -> Option<Timestamp> {
    // Days from 1970-01-01 to day 0. In the 1900 system day 60 is 29 February
    // 1900, which never was, so that earlier days count from a day later.
    let day_zero = match (is_1904, days < 60.0) {
        (true, _) => -24_107.0,
        (false, true) => -25_568.0,
        (false, false) => -25_569.0,
    };
    // Less than a day is a time without a date.
    if !(1.0..3e6).contains(&days) {
        return None;
    }
    let milliseconds = (days * MILLISECONDS_OF_DAY).round() + day_zero * MILLISECONDS_OF_DAY;
    Timestamp::from_microseconds(milliseconds as i64 * 1000)
}

/// Refuses what unpacks to more than [`WORKBOOK_LIMIT`], and gives what it unpacks
/// to in bytes.
///
/// The stated sizes can be trusted: unpacking stops with an error where an
/// entry turns out to be larger than it says.
fn refuse_bomb(path: &Path, file: &File) -> Result<u64, DatasetError> {
    let refuse = |reason: String| DatasetError::Workbook {
        path: path.to_owned(),
        reason,
    };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| refuse(error.to_string()))?;
    let (mut packed, mut unpacked) = (0_u64, 0_u64);
    let mut texts = Vec::new();
    for index in 0..archive.len() {
        if let Ok(entry) = archive.by_index_raw(index) {
            unpacked = unpacked.saturating_add(entry.size());
            packed = packed.saturating_add(entry.compressed_size());
            let name = entry.name().unwrap_or_default().to_lowercase();
            if name.ends_with("sharedstrings.xml") {
                texts.push(index);
            }
        }
    }
    let limit = (packed.saturating_mul(RATIO_LIMIT)).clamp(SMALL_WORKBOOK, WORKBOOK_LIMIT);
    if unpacked > limit {
        return Err(DatasetError::WorkbookTooLarge {
            path: path.to_owned(),
            found: unpacked,
            limit,
        });
    }
    for index in texts {
        if let Ok(entry) = archive.by_index(index) {
            let bytes = entry.size();
            // Each takes more than one byte.
            if let Some(found) = stated_texts(entry).filter(|&found| found > bytes) {
                return Err(refuse(format!("it states {found} texts in {bytes} bytes")));
            }
        }
    }
    Ok(unpacked)
}

/// How many texts a list of them states to have; calamine makes room for as many
/// before it reads the first. What cannot be read is left to calamine.
fn stated_texts(list: impl Read) -> Option<u64> {
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(list));
    let config = xml.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).ok()? {
            Event::Start(start) if start.local_name().as_ref() == "sst" => {
                let attributes = start.attributes_raw();
                let counts = attributes.split("uniqueCount").skip(1).filter_map(|rest| {
                    let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
                    let end = digits.find(|c: char| !c.is_ascii_digit());
                    let digits = &digits[..end.unwrap_or(digits.len())];
                    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
                });
                return counts.max();
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn damaged(path: &Path, error: &XlsxError) -> DatasetError {
    DatasetError::Workbook {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
