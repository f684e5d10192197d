//! The Parquet reader.

mod column;
mod file;
mod header;
mod hybrid;
mod pages;
mod plain;
mod rows;
mod values;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use parquet::{
    basic::Type as PhysicalType,
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, RowGroupMetaData},
        reader::{FileReader, SerializedFileReader},
    },
    schema::types::ColumnDescriptor,
};

pub(super) use self::rows::Rows;
use self::{
    column::Column,
    file::SharedFile,
    pages::Pages,
    values::{BadText, Kind},
};
use super::{
    error::DatasetError,
    record::{ROW_LIMIT, Reader, Record},
    source::{InputFile, Opened},
};
use crate::progress::Progress;

/// The first bytes of every Parquet file.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// Rows that are read at once.
const ROWS: usize = 1024;
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

/// Reads the columns of a Parquet file side by side, row by row.
///
/// A row has the number that it has in the file, counted from 1.
pub(super) struct ParquetReader {
    path: PathBuf,
    reader: SerializedFileReader<SharedFile>,
    /// The same file, for what is looked at before the crate does.
    file: SharedFile,
    bytes: u64,
    blake3: String,
    progress: Arc<Progress>,
}

impl ParquetReader {
    pub(super) fn open(opened: Opened, progress: Arc<Progress>) -> Result<Self, DatasetError> {
        let path = opened.path.clone();
        let (file, bytes, blake3) = opened.into_file()?;
        let file = SharedFile::new(file, bytes);
        let reader = SerializedFileReader::new(file.clone());
        let opened = Self {
            reader: reader.map_err(|error| damaged(&path, error))?,
            path,
            file,
            bytes,
            blake3,
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
            if let Some(scale) = Kind::of(column).scale()
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

/// Hands the row groups of a file out one by one.
pub(super) struct Groups {
    reader: ParquetReader,
    next: usize,
}

impl Groups {
    pub(super) fn new(reader: ParquetReader) -> Self {
        reader.progress.start(reader.rows(), "rows");
        Self { reader, next: 0 }
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> Vec<String> {
        let columns = self.reader.columns().iter();
        columns.map(|column| column.name().to_owned()).collect()
    }

    /// The next row group with its number of rows; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<(Group, usize)>, DatasetError> {
        if self.next == self.reader.reader.num_row_groups() {
            return Ok(None);
        }
        let group = self.reader.group(self.next);
        let group = group.map_err(|error| damaged(&self.reader.path, error))?;
        self.next += 1;
        self.reader.progress.advance(group.left as u64);
        let rows = group.left;
        Ok(Some((group, rows)))
    }

    /// What is known of the file.
    pub(super) fn describe(&self, rows: u64) -> InputFile {
        self.reader.describe(rows)
    }
}

impl ParquetReader {
    /// Opens a row group, counted from 0.
    fn group(&self, number: usize) -> Result<Group, ParquetError> {
        let group = self.reader.get_row_group(number)?;
        let columns = self.columns().iter().enumerate();
        let columns = columns.map(|(number, descriptor)| {
            let pages = group.get_column_page_reader(number)?;
            let (file, column) = (self.file.clone(), group.metadata().column(number));
            let pages = Pages::new(pages, file, column, self.columns().len());
            Ok(Column::new(pages, Kind::of(descriptor)))
        });
        let text_of_row = self.most_text() / self.rows().max(1);
        Ok(Group {
            columns: columns.collect::<Result<_, ParquetError>>()?,
            left: usize::try_from(group.metadata().num_rows()).unwrap_or_default(),
            harmless: usize::try_from(text_of_row)
                .unwrap_or(ROW_LIMIT)
                .min(ROW_LIMIT),
        })
    }

    fn rows(&self) -> u64 {
        let metadata = self.reader.metadata().file_metadata();
        metadata.num_rows().unsigned_abs()
    }

    /// The bytes of text that may come out of all rows.
    fn most_text(&self) -> u64 {
        self.bytes.saturating_mul(TEXT_OF_BYTE).max(SMALL_TEXT)
    }
}

impl Reader for ParquetReader {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let damage = |error| damaged(&self.path, error);
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
        self.progress.start(self.rows(), "rows");
        let (mut line, mut text) = (0, 0);
        let most_text = self.most_text();
        for number in 0..self.reader.num_row_groups() {
            let mut group = self.group(number).map_err(damage)?;
            loop {
                let rows = group.fill(ROWS).map_err(damage)?;
                if rows == 0 {
                    break;
                }
                for row in 0..rows {
                    line += 1;
                    record.restart(line);
                    let copied = group.copy(row, &mut record);
                    text += record.text_bytes() as u64;
                    let checked = match copied {
                        Ok(()) if text > most_text => Err(BadText::TooMuch),
                        copied => copied,
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

/// The columns of a row group, side by side.
pub(super) struct Group {
    columns: Vec<Column>,
    /// Rows that are not in memory yet.
    left: usize,
    /// The bytes of text that each row of the file may have, whatever the others have.
    harmless: usize,
}

impl Group {
    /// Puts the next rows into memory, `rows` if there are so many, and gives their
    /// number.
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        let rows = self.left.min(rows);
        for column in &mut self.columns {
            let found = column.fill(rows)?;
            if found < rows {
                let missing = self.left - found;
                return Err(ParquetError::General(format!(
                    "a column ends {missing} rows before its row group"
                )));
            }
        }
        self.left -= rows;
        Ok(rows)
    }

    /// Whether no row in memory can have a bad text or too much of it.
    fn is_harmless(&self) -> bool {
        let longest = self.columns.iter().map(Column::longest).sum::<usize>();
        longest <= self.harmless && !self.columns.iter().any(Column::has_bad)
    }

    /// Adds the cells of a row among those in memory to `record`.
    fn copy(&self, row: usize, record: &mut Record) -> Result<(), BadText> {
        for column in &self.columns {
            record.push(column.cell(row)?);
            if record.text_bytes() > ROW_LIMIT {
                return Err(BadText::LongRow);
            }
        }
        Ok(())
    }
}
