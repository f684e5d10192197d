//! The Parquet reader.

mod header;
mod pages;
mod plain;

use std::{
    fmt,
    fs::File,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType},
    column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader},
    data_type::{
        BoolType, ByteArray, DataType, DoubleType, FixedLenByteArray, FloatType, Int32Type,
        Int64Type, Int96,
    },
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, RowGroupMetaData},
        reader::{FileReader, RowGroupReader, SerializedFileReader},
    },
    schema::types::ColumnDescriptor,
};

use self::pages::Pages;
use super::{
    error::DatasetError,
    record::{ROW_LIMIT, Reader, Record},
    source::{InputFile, Opened},
    timestamp::Timestamp,
};
use crate::progress::Progress;

/// The first bytes of every Parquet file.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// Rows that are read at once.
const ROWS: usize = 1024;
/// The largest text in bytes.
const TEXT_LIMIT: usize = 16 * 1024 * 1024;
/// By how much a column may unpack, and what any may, in bytes: a column of one
/// text that is repeated packs well.
const RATIO_LIMIT: i64 = 200;
const SMALL_COLUMN: i64 = 1024 * 1024 * 1024;
/// Rows that any file may state, and those for each of its bytes: a column of one
/// value takes next to nothing.
const SMALL_FILE: u64 = 10_000_000;
const ROWS_OF_BYTE: u64 = 1000;
/// The bytes of text that may come out for each byte of a file, and those that may
/// come out of any: a text that is kept once can stand in every row.
const TEXT_OF_BYTE: u64 = 1000;
const SMALL_TEXT: u64 = 4 * 1024 * 1024 * 1024;
/// Digits behind the point that 128 bits have room for.
const LARGEST_SCALE: u32 = 38;
const MICROSECONDS_OF_DAY: i64 = 24 * 3600 * 1_000_000;

/// Reads the columns of a Parquet file side by side, row by row.
///
/// A row has the number that it has in the file, counted from 1.
pub(super) struct ParquetReader {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    bytes: u64,
    blake3: String,
    /// The same file, for what is looked at before the crate does.
    again: Arc<File>,
    progress: Arc<Progress>,
}

impl ParquetReader {
    pub(super) fn open(opened: Opened, progress: Arc<Progress>) -> Result<Self, DatasetError> {
        let path = opened.path.clone();
        let (file, bytes, blake3) = opened.into_file()?;
        let again = file.try_clone().map_err(|source| DatasetError::Read {
            path: path.clone(),
            source,
        })?;
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(&path, error))?;
        let opened = Self {
            path,
            reader,
            bytes,
            blake3,
            again: Arc::new(again),
            progress,
        };
        opened.check_columns()?;
        opened.check_sizes()?;
        Ok(opened)
    }

    pub(super) fn describe(&self, rows: u64) -> InputFile {
        InputFile {
            path: self.path.clone(),
            format: "parquet",
            packing: None,
            encoding: None,
            delimiter: None,
            sheet: None,
            bytes: self.bytes,
            blake3: self.blake3.clone(),
            rows,
        }
    }

    fn columns(&self) -> &[Arc<ColumnDescriptor>] {
        let metadata = self.reader.metadata().file_metadata();
        metadata.schema_descr().columns()
    }

    fn check_columns(&self) -> Result<(), DatasetError> {
        for column in self.columns() {
            let name = column.path().parts()[0].clone();
            if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
                return Err(DatasetError::Nested {
                    path: self.path.clone(),
                    column: name,
                });
            }
            if column.physical_type() == PhysicalType::FIXED_LEN_BYTE_ARRAY
                && column.type_length() < 1
            {
                return Err(self.damaged(format!("column {name:?} has values without bytes")));
            }
            if let Meaning::Decimal { scale } = Meaning::of(column)
                && scale > LARGEST_SCALE
            {
                let reason = format!("column {name:?} has {scale} digits behind the point");
                return Err(self.damaged(reason));
            }
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<(), DatasetError> {
        let metadata = self.reader.metadata();
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(u64::MAX);
        let most = self.bytes.saturating_mul(ROWS_OF_BYTE).max(SMALL_FILE);
        if rows > most {
            let bytes = self.bytes;
            return Err(self.damaged(format!("it states {rows} rows in {bytes} bytes")));
        }
        let groups = metadata.row_groups().iter();
        for column in groups.flat_map(RowGroupMetaData::columns) {
            let name = column.column_path().string();
            if !is_within(column, self.bytes) {
                return Err(self.damaged(format!("column {name:?} lies beyond the file")));
            }
            let (packed, unpacked) = (column.compressed_size(), column.uncompressed_size());
            if unpacked > packed.saturating_mul(RATIO_LIMIT).max(SMALL_COLUMN) {
                return Err(self.damaged(format!(
                    "column {name:?} unpacks from {packed} to {unpacked} bytes"
                )));
            }
        }
        Ok(())
    }

    fn damaged(&self, reason: String) -> DatasetError {
        DatasetError::Parquet {
            path: self.path.clone(),
            reason,
        }
    }
}

impl Reader for ParquetReader {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let path = self.path.clone();
        let mut record = Record::default();
        record.restart(0);
        for column in self.columns() {
            record.push_text(column.name());
        }
        if record.is_empty() {
            return Err(self.damaged("it has no columns".to_owned()));
        }
        if visit(&record).is_break() {
            return Ok(());
        }
        let rows = self.reader.metadata().file_metadata().num_rows();
        self.progress.start(rows.unsigned_abs(), "rows");
        let (mut line, mut text) = (0, 0);
        let most_text = self.bytes.saturating_mul(TEXT_OF_BYTE).max(SMALL_TEXT);
        for number in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(number);
            let mut group = Group::open(
                group.map_err(|error| damaged(&path, error))?.as_ref(),
                self.columns(),
                &self.again,
            )
            .map_err(|error| damaged(&path, error))?;
            while group.left > 0 {
                let rows = group.fill().map_err(|error| damaged(&path, error))?;
                for row in 0..rows {
                    line += 1;
                    record.restart(line);
                    let pushed = group.push(row, &mut record);
                    text += record.text_bytes() as u64;
                    let checked = match pushed {
                        Ok(()) if record.has_nul() => Err(BadText::Nul),
                        Ok(()) if text > most_text => Err(BadText::TooMuch),
                        pushed => pushed,
                    };
                    checked.map_err(|fault| self.damaged(format!("row {line} has {fault}")))?;
                    if visit(&record).is_break() {
                        return Ok(());
                    }
                }
                self.progress.advance(rows as u64);
            }
        }
        Ok(())
    }
}

/// Whether a column chunk is where it says; the crate takes that for granted.
fn is_within(column: &ColumnChunkMetaData, size: u64) -> bool {
    let dictionary = column.dictionary_page_offset();
    let start = dictionary.unwrap_or(column.data_page_offset());
    let end = start.checked_add(column.compressed_size());
    let is_size = |end: i64| u64::try_from(end).is_ok_and(|end| end <= size);
    start >= 0 && column.compressed_size() >= 0 && end.is_some_and(is_size)
}

fn damaged(path: &Path, error: ParquetError) -> DatasetError {
    DatasetError::Parquet {
        path: path.to_owned(),
        reason: match error {
            ParquetError::General(reason) | ParquetError::EOF(reason) => reason,
            other => other.to_string(),
        },
    }
}

/// A value that is no text of an export.
enum BadText {
    NotUtf8,
    TooLong,
    Nul,
    /// With the other texts of its row.
    LongRow,
    /// With all texts before it.
    TooMuch,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => write!(f, "a text that is not UTF-8"),
            Self::TooLong => write!(f, "a text of more than {TEXT_LIMIT} bytes"),
            Self::Nul => write!(f, "the character NUL"),
            Self::LongRow => write!(f, "more than {ROW_LIMIT} bytes of text"),
            Self::TooMuch => write!(f, "more text before it than the file can hold"),
        }
    }
}

/// The columns of a row group, side by side.
struct Group {
    columns: Vec<Box<dyn Column>>,
    /// Rows that are not in memory yet.
    left: usize,
}

impl Group {
    fn open(
        group: &dyn RowGroupReader,
        descriptors: &[Arc<ColumnDescriptor>],
        file: &Arc<File>,
    ) -> Result<Self, ParquetError> {
        let columns = descriptors.iter().enumerate().map(|(number, descriptor)| {
            let pages = group.get_column_page_reader(number)?;
            let column = group.metadata().column(number);
            let pages = Pages::new(pages, Arc::clone(file), column, descriptors.len());
            let reader = get_column_reader(Arc::clone(descriptor), Box::new(pages));
            Ok(column_of(reader, descriptor))
        });
        Ok(Self {
            columns: columns.collect::<Result<_, ParquetError>>()?,
            left: usize::try_from(group.metadata().num_rows()).unwrap_or_default(),
        })
    }

    /// Puts the next rows into memory, and gives their number.
    fn fill(&mut self) -> Result<usize, ParquetError> {
        let rows = self.left.min(ROWS);
        for column in &mut self.columns {
            let found = column.fill(rows)?;
            if found != rows {
                let missing = self.left - found;
                return Err(ParquetError::General(format!(
                    "a column ends {missing} rows before its row group"
                )));
            }
        }
        self.left -= rows;
        Ok(rows)
    }

    fn push(&mut self, row: usize, record: &mut Record) -> Result<(), BadText> {
        let mut columns = self.columns.iter_mut();
        columns.try_for_each(|column| {
            column.push(row, record)?;
            if record.text_bytes() > ROW_LIMIT {
                return Err(BadText::LongRow);
            }
            Ok(())
        })
    }
}

/// One column of a row group, some rows of which are in memory.
trait Column {
    /// Reads on for so many rows; fewer come only at the end.
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError>;
    /// Appends the cell of a row among those in memory; rows come in order.
    fn push(&mut self, row: usize, record: &mut Record) -> Result<(), BadText>;
}

fn column_of(reader: ColumnReader, descriptor: &ColumnDescriptor) -> Box<dyn Column> {
    let meaning = Meaning::of(descriptor);
    let most = descriptor.max_def_level();
    match reader {
        ColumnReader::BoolColumnReader(reader) => Typed::<BoolType>::of(reader, meaning, most),
        ColumnReader::Int32ColumnReader(reader) => Typed::<Int32Type>::of(reader, meaning, most),
        ColumnReader::Int64ColumnReader(reader) => Typed::<Int64Type>::of(reader, meaning, most),
        ColumnReader::Int96ColumnReader(reader) => Typed::of(reader, meaning, most),
        ColumnReader::FloatColumnReader(reader) => Typed::<FloatType>::of(reader, meaning, most),
        ColumnReader::DoubleColumnReader(reader) => Typed::<DoubleType>::of(reader, meaning, most),
        ColumnReader::ByteArrayColumnReader(reader) => Typed::of(reader, meaning, most),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => Typed::of(reader, meaning, most),
    }
}

/// The values of a column, all of one physical type.
struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    meaning: Meaning,
    /// The level at which there is a value; 0 if there always is.
    most: i16,
    levels: Vec<i16>,
    values: Vec<T::T>,
    /// The next of the values.
    next: usize,
}

impl<T: DataType> Typed<T>
where
    T::T: Physical,
{
    fn of(reader: ColumnReaderImpl<T>, meaning: Meaning, most: i16) -> Box<dyn Column> {
        Box::new(Self {
            reader,
            meaning,
            most,
            levels: Vec::new(),
            values: Vec::new(),
            next: 0,
        })
    }
}

impl<T: DataType> Column for Typed<T>
where
    T::T: Physical,
{
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        self.values.clear();
        self.next = 0;
        let mut found = 0;
        while found < rows {
            let (records, ..) = self.reader.read_records(
                rows - found,
                Some(&mut self.levels),
                None,
                &mut self.values,
            )?;
            if records == 0 {
                break;
            }
            found += records;
        }
        Ok(found)
    }

    fn push(&mut self, row: usize, record: &mut Record) -> Result<(), BadText> {
        let is_there = self.most == 0 || self.levels.get(row) == Some(&self.most);
        let value = if is_there {
            self.values.get(self.next)
        } else {
            None
        };
        let Some(value) = value else {
            record.push_text("");
            return Ok(());
        };
        self.next += 1;
        value.push(self.meaning, record)
    }
}

/// What the values of a column mean beside their physical type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Integers, in units of ten to the power of minus `scale`.
    Decimal {
        scale: u32,
    },
    /// Days since 1970.
    Date,
    /// Time since 1970.
    Timestamp {
        unit: Unit,
        is_zoned: bool,
    },
    Uuid,
    Half,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Unit {
    /// Finer fractions are cut off; what has no microseconds is out of range.
    fn to_microseconds(self, value: i64) -> Option<i64> {
        match self {
            Self::Milliseconds => value.checked_mul(1000),
            Self::Microseconds => Some(value),
            Self::Nanoseconds => Some(value.div_euclid(1000)),
        }
    }
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Self {
        let scale = |scale: i32| u32::try_from(scale).unwrap_or_default();
        match column.logical_type_ref() {
            Some(LogicalType::Integer(integer)) if !integer.is_signed => Self::Unsigned,
            Some(LogicalType::Decimal(decimal)) => Self::Decimal {
                scale: scale(decimal.scale),
            },
            Some(LogicalType::Date) => Self::Date,
            Some(LogicalType::Timestamp(time)) => Self::Timestamp {
                unit: match time.unit {
                    TimeUnit::MILLIS => Unit::Milliseconds,
                    TimeUnit::MICROS => Unit::Microseconds,
                    TimeUnit::NANOS => Unit::Nanoseconds,
                },
                is_zoned: time.is_adjusted_to_u_t_c,
            },
            Some(LogicalType::Uuid) => Self::Uuid,
            Some(LogicalType::Float16) => Self::Half,
            Some(_) => Self::Plain,
            // What older writers say instead. Their times are in UTC.
            None => match column.converted_type() {
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64 => Self::Unsigned,
                ConvertedType::DECIMAL => Self::Decimal {
                    scale: scale(column.type_scale()),
                },
                ConvertedType::DATE => Self::Date,
                ConvertedType::TIMESTAMP_MILLIS => Self::Timestamp {
                    unit: Unit::Milliseconds,
                    is_zoned: true,
                },
                ConvertedType::TIMESTAMP_MICROS => Self::Timestamp {
                    unit: Unit::Microseconds,
                    is_zoned: true,
                },
                _ if column.physical_type() == PhysicalType::INT96 => Self::Timestamp {
                    unit: Unit::Nanoseconds,
                    is_zoned: false,
                },
                _ => Self::Plain,
            },
        }
    }
}

/// A physical type of Parquet.
trait Physical {
    /// Appends the value as a cell.
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText>;
}

impl Physical for bool {
    fn push(&self, _: Meaning, record: &mut Record) -> Result<(), BadText> {
        record.push_text(if *self { "TRUE" } else { "FALSE" });
        Ok(())
    }
}

impl Physical for i32 {
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
        match meaning {
            Meaning::Unsigned => record.push_decimal(i128::from(*self as u32), 0),
            Meaning::Date => {
                let days = i64::from(*self);
                push_day(days, days.checked_mul(MICROSECONDS_OF_DAY), record);
            }
            other => return i64::from(*self).push(other, record),
        }
        Ok(())
    }
}

impl Physical for i64 {
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
        match meaning {
            Meaning::Unsigned => record.push_decimal(i128::from(*self as u64), 0),
            Meaning::Decimal { scale } => record.push_decimal(i128::from(*self), scale),
            Meaning::Timestamp { unit, is_zoned } => {
                push_time(unit.to_microseconds(*self), *self, is_zoned, record);
            }
            _ => record.push_decimal(i128::from(*self), 0),
        }
        Ok(())
    }
}

impl Physical for Int96 {
    /// Nanoseconds of a day, and the number of the day in the Julian count.
    fn push(&self, _: Meaning, record: &mut Record) -> Result<(), BadText> {
        const JULIAN_1970: i64 = 2_440_588;
        let &[low, high, day] = self.data() else {
            record.push_text("");
            return Ok(());
        };
        let nanoseconds = u64::from(high) << 32 | u64::from(low);
        let days = i64::from(day) - JULIAN_1970;
        let time = days
            .checked_mul(MICROSECONDS_OF_DAY)
            .and_then(|time| time.checked_add(i64::try_from(nanoseconds / 1000).ok()?));
        push_day(days, time, record);
        Ok(())
    }
}

impl Physical for f32 {
    /// By its own shortest decimal: 2.55, not 2.549999952316284.
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
        let shortest: f64 = self.to_string().parse().unwrap_or(f64::NAN);
        shortest.push(meaning, record)
    }
}

impl Physical for f64 {
    fn push(&self, _: Meaning, record: &mut Record) -> Result<(), BadText> {
        if self.is_nan() {
            record.push_text("");
        } else {
            record.push_number(*self);
        }
        Ok(())
    }
}

impl Physical for ByteArray {
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
        push_bytes(self.data(), meaning, record)
    }
}

impl Physical for FixedLenByteArray {
    fn push(&self, meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
        push_bytes(self.data(), meaning, record)
    }
}

fn push_bytes(bytes: &[u8], meaning: Meaning, record: &mut Record) -> Result<(), BadText> {
    match (meaning, bytes) {
        (Meaning::Decimal { scale }, _) => match big_endian(bytes) {
            Some(unscaled) => record.push_decimal(unscaled, scale),
            // Too large for any use.
            None => record.push_number(f64::MAX),
        },
        (Meaning::Uuid, _) if bytes.len() == 16 => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let parts = [
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..],
            ];
            record.push_text(&parts.join("-"));
        }
        (Meaning::Half, &[low, high]) => {
            return half(u16::from_le_bytes([low, high])).push(meaning, record);
        }
        _ if bytes.len() > TEXT_LIMIT => return Err(BadText::TooLong),
        _ => record.push_text(str::from_utf8(bytes).map_err(|_| BadText::NotUtf8)?),
    }
    Ok(())
}

/// An integer in two's complement, the highest byte first; `None` if it has more
/// than 128 bits.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.first().is_some_and(|first| first >> 7 == 1);
    let (sign, start) = if is_negative { (0xff, -1) } else { (0, 0) };
    let (extension, low) = bytes.split_at(bytes.len().saturating_sub(16));
    let value = low
        .iter()
        .fold(start, |value: i128, &byte| value << 8 | i128::from(byte));
    let fits = extension.iter().all(|&byte| byte == sign) && (value < 0) == is_negative;
    fits.then_some(value)
}

/// The value of a floating-point number of 16 bits.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
    }
}

/// Appends a time in microseconds since 1970; what is out of range stands as the
/// number that it is in the file.
fn push_time(microseconds: Option<i64>, number: i64, is_zoned: bool, record: &mut Record) {
    let time = microseconds.and_then(Timestamp::from_microseconds);
    match (time, microseconds) {
        (Some(_), Some(microseconds)) if is_zoned => record.push_instant(microseconds),
        (Some(time), _) => record.push_time(time),
        _ => record.push_decimal(i128::from(number), 0),
    }
}

/// Appends the time of a day since 1970 in microseconds; what is out of range stands
/// as no number, which could pass for seconds since 1970.
fn push_day(days: i64, microseconds: Option<i64>, record: &mut Record) {
    match microseconds.and_then(Timestamp::from_microseconds) {
        Some(time) => record.push_time(time),
        None => record.push_text(&format!("day {days} from 1970")),
    }
}
