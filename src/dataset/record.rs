//! What every reader hands on: one row of cells at a time.

use std::{borrow::Cow, ops::ControlFlow};

use super::{
    error::DatasetError,
    identifier::{identifier, is_missing, trim},
    money::{Decimal, DecimalError},
    timestamp::Timestamp,
};

/// The most text of a row in bytes. Real ones have some hundred; a text that is
/// kept once and stands in every cell would otherwise fill the memory.
pub(super) const ROW_LIMIT: usize = 16 * 1024 * 1024;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text, trimmed; empty if the cell is.
    Text(&'a str),
    /// A number that the file holds as a binary double.
    Number(f64),
    /// A number that the file holds exactly.
    Decimal {
        /// The number without its decimal point.
        unscaled: i128,
        /// Digits behind the point.
        scale: u32,
    },
    /// A time that the file holds as one, without a zone.
    Time(Timestamp),
    /// An instant in microseconds since 1970-01-01 00:00:00 UTC.
    Instant(i64),
}

impl<'a> Cell<'a> {
    /// The cell as text: a number as its shortest decimal, a time as
    /// `2010-12-01 08:26:00`, an instant as `2010-12-01T08:26:00Z`.
    #[must_use]
    #[inline]
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.written()),
        }
    }

    /// The text of a cell that has none.
    fn written(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            // Identifiers and codes: a whole number is written much faster as one.
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                (number as i64).to_string()
            }
            Self::Number(number) => number.to_string(),
            Self::Decimal { unscaled, scale } => decimal(unscaled, scale as usize),
            Self::Time(time) => time.to_string(),
            Self::Instant(microseconds) => {
                let instant = jiff::Timestamp::from_microsecond(microseconds);
                instant.map_or_else(|_| microseconds.to_string(), |time| time.to_string())
            }
        }
    }

    /// The cell as a number; `mark` is the decimal mark of text, `b'.'` or `b','`.
    ///
    /// # Errors
    ///
    /// As [`Decimal::parse`]; a time is none.
    pub fn decimal(self, mark: u8) -> Result<Decimal, DecimalError> {
        match self {
            Self::Number(number) => Decimal::from_f64(number),
            Self::Text(text) => Decimal::parse(text.as_bytes(), mark),
            Self::Decimal { unscaled, scale } => Decimal::from_scaled(unscaled, scale),
            Self::Time(_) | Self::Instant(_) => Err(DecimalError::Syntax),
        }
    }

    /// The cell as an identifier, or `None` where the value is missing.
    #[must_use]
    pub fn identifier(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => (!is_missing(text)).then(|| Cow::Borrowed(identifier(text))),
            other => Some(other.text()),
        }
    }
}

/// A number without zeros at its end behind the point.
fn decimal(unscaled: i128, scale: usize) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// One row of a file: its line number and its cells.
///
/// A reader fills the same record again and again, so that a row costs no
/// allocation.
#[derive(Debug, Default)]
pub struct Record {
    line: u64,
    text: String,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Text { start: u32, end: u32 },
    Number(f64),
    Decimal { unscaled: i128, scale: u32 },
    Time(Timestamp),
    Instant(i64),
}

impl Record {
    /// The line or row in the file at which the record starts, counted from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether the record has no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The cell in a column counted from 0; an empty text beyond the last.
    #[must_use]
    pub fn cell(&self, column: usize) -> Cell<'_> {
        match self.slots.get(column) {
            None => Cell::Text(""),
            Some(&Slot::Number(number)) => Cell::Number(number),
            Some(&Slot::Decimal { unscaled, scale }) => Cell::Decimal { unscaled, scale },
            Some(&Slot::Time(time)) => Cell::Time(time),
            Some(&Slot::Instant(microseconds)) => Cell::Instant(microseconds),
            Some(&Slot::Text { start, end }) => {
                Cell::Text(trim(&self.text[start as usize..end as usize]))
            }
        }
    }

    /// All cells in their order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|column| self.cell(column))
    }

    /// The bytes of all texts together.
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Whether a text has the character NUL, which no text file can hold.
    pub(super) fn has_nul(&self) -> bool {
        memchr::memchr(0, self.text.as_bytes()).is_some()
    }

    /// Empties the record and sets the line of the next one.
    pub fn restart(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.slots.clear();
    }

    /// Makes this record the same as another.
    pub(super) fn copy(&mut self, other: &Self) {
        self.restart(other.line);
        self.text.push_str(&other.text);
        self.slots.extend_from_slice(&other.slots);
    }

    /// Adds a cell.
    pub(super) fn push(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Text(text) => self.push_text(text),
            Cell::Number(number) => self.push_number(number),
            Cell::Decimal { unscaled, scale } => self.push_decimal(unscaled, scale),
            Cell::Time(time) => self.push_time(time),
            Cell::Instant(microseconds) => self.push_instant(microseconds),
        }
    }

    /// Adds a cell with a text.
    pub fn push_text(&mut self, text: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        let end = self.text.len() as u32;
        self.slots.push(Slot::Text { start, end });
    }

    pub(super) fn push_number(&mut self, number: f64) {
        self.slots.push(Slot::Number(number));
    }

    pub(super) fn push_decimal(&mut self, unscaled: i128, scale: u32) {
        self.slots.push(Slot::Decimal { unscaled, scale });
    }

    pub(super) fn push_instant(&mut self, microseconds: i64) {
        self.slots.push(Slot::Instant(microseconds));
    }

    pub(super) fn push_time(&mut self, time: Timestamp) {
        self.slots.push(Slot::Time(time));
    }

    /// Pads with empty cells to `columns` cells.
    pub(super) fn pad(&mut self, columns: usize) {
        while self.len() < columns {
            self.push_text("");
        }
    }

    /// Pads or cuts empty cells at the end, so that the record has `columns`
    /// cells unless cells with content stand beyond.
    pub(super) fn fit(&mut self, columns: usize) {
        while self.len() > columns && self.cell(self.len() - 1) == Cell::Text("") {
            self.slots.pop();
        }
        self.pad(columns);
    }
}

/// A source of rows: one file in one format.
///
/// Rows are pushed rather than pulled, because a spreadsheet's cells borrow
/// from the workbook that is open while they are read.
pub trait Reader {
    /// Hands every row to `visit`, the header first, until it breaks.
    ///
    /// Rows without any content are passed over. The record is valid during
    /// the call only.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] if the file cannot be read or is not what it seems.
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError>;

    /// The number of cells at the end of each row that do not stand in the file.
    fn joined(&self) -> usize {
        0
    }
}
