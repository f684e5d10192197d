//! Whether a workbook is what it should be.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::Path,
    sync::Arc,
};

use rfmkit::{
    config::DownloadCheck,
    dataset::{self, DatasetError, ReadParams, Shape, normalize},
};

use super::error::quoted;
use crate::progress::Bar;

/// The columns of UCI Online Retail; copies also write `Customer ID`.
const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];
/// The lines of UCI Online Retail.
const LINES: u64 = 541_909;

/// A workbook is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    /// It is no table.
    #[error(transparent)]
    Table(Box<DatasetError>),
    /// It is another kind of file.
    #[error("{name} is {found}, expected an xlsx workbook")]
    Format { name: String, found: &'static str },
    /// It is nothing that is known.
    #[error("{name} is not a workbook")]
    Unknown { name: String },
    /// It lacks columns of UCI Online Retail.
    #[error(
        "{name} lacks the columns {}, found {}",
        quoted(missing),
        quoted(found)
    )]
    Columns {
        name: String,
        missing: Vec<String>,
        found: Vec<String>,
    },
    /// It has another number of lines than UCI Online Retail.
    #[error("{name} has {found} lines, expected {LINES}")]
    Lines { name: String, found: u64 },
}

impl ContentError {
    /// Whether it may well be a good workbook of other data.
    pub(super) const fn is_other_data(&self) -> bool {
        matches!(self, Self::Columns { .. } | Self::Lines { .. })
    }
}

/// Whether a file starts as every workbook does; it is then at its start again.
fn starts_as_zip(mut file: &File) -> bool {
    let mut head = [0; 4];
    let is_read = file.read_exact(&mut head).is_ok();
    file.rewind().is_ok() && is_read && head == *b"PK\x03\x04"
}

/// Reads a workbook to its end; `name` is what errors call it.
///
/// # Errors
///
/// [`ContentError`] says what it is instead.
pub(crate) fn check(name: &Path, file: File, check: DownloadCheck) -> Result<Shape, ContentError> {
    let params = ReadParams::default();
    let is_zip = starts_as_zip(&file);
    let shape = {
        let _bar = Bar::watch("checking", Arc::clone(&params.progress));
        dataset::shape(name, file, &params)
    };
    let name = || name.display().to_string();
    let shape = shape.map_err(|error| match error {
        error if is_zip => ContentError::Table(Box::new(error)),
        // Whatever is nothing else is read as CSV, and what that lacks would say
        // nothing to somebody who expects a workbook.
        DatasetError::HeaderOnly { .. }
        | DatasetError::Encoding { .. }
        | DatasetError::Nul { .. }
        | DatasetError::UnclosedQuote { .. }
        | DatasetError::RecordTooLong { .. } => ContentError::Unknown { name: name() },
        DatasetError::Read { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
            ContentError::Unknown { name: name() }
        }
        error => ContentError::Table(Box::new(error)),
    })?;
    if shape.file.format != "xlsx" {
        let found = shape.file.format;
        return Err(ContentError::Format {
            name: name(),
            found,
        });
    }
    if check == DownloadCheck::Readable {
        return Ok(shape);
    }
    let has = |column: &str| {
        let mut header = shape.header.iter();
        header.any(|found| normalize(found) == normalize(column))
    };
    let missing = COLUMNS.into_iter().filter(|column| !has(column));
    let missing: Vec<String> = missing.map(str::to_owned).collect();
    if !missing.is_empty() {
        return Err(ContentError::Columns {
            name: name(),
            missing,
            found: shape.header,
        });
    }
    if shape.file.rows != LINES {
        let found = shape.file.rows;
        return Err(ContentError::Lines {
            name: name(),
            found,
        });
    }
    Ok(shape)
}
