//! From a file to purchases: readers, roles of columns, cleaning.
//!
//! ```
//! use rfmkit::{
//!     dataset::{self, CleanParams, ReadParams},
//!     features::Accumulator,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let orders = folder.path().join("orders.csv");
//! std::fs::write(&orders, "invoice,date,customer,amount\n1,2024-01-01,anna,2.50\n2,2024-01-02,,9\n")?;
//! let read = ReadParams::default();
//! let data = dataset::load(&orders, &read, &CleanParams::default(), Accumulator::default())?;
//! assert_eq!(data.report.rows, 2);
//! assert_eq!(data.report.dropped.missing_customer, 1);
//! assert_eq!(data.report.kept, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clean;
mod columns;
mod csv;
mod dates;
mod error;
mod identifier;
mod lanes;
mod money;
mod named;
mod purchase;
mod record;
mod role;
mod row_hash;
pub mod sample;
mod source;
mod timestamp;
mod xlsx;

use std::{path::Path, sync::Arc};

pub(crate) use self::named::{NamedRow, read_named};
pub use self::{
    clean::{CleanParams, CleanReport, clean},
    columns::ColumnNames,
    csv::CsvFormat,
    dates::{DateError, DateFormat, DateParser, DateReading, parse_snapshot},
    error::{DatasetError, Fault, LISTED_FAULTS},
    identifier::{identifier, is_missing, sort_customers},
    lanes::{DateOrder, IsolatedDate},
    money::{Decimal, DecimalError, Money, TotalMoney},
    purchase::{Dropped, Purchase, Sink},
    record::{Cell, Reader, Record},
    role::{Role, normalize},
    source::InputFile,
    timestamp::Timestamp,
};
use self::{csv::CsvReader, source::Opened, xlsx::XlsxReader};
use crate::progress::Progress;

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadParams {
    /// How CSV is written.
    pub csv: CsvFormat,
    /// The sheet of a workbook; `None` for the first.
    pub sheet: Option<String>,
    /// Moved on by bytes of CSV, or rows of a sheet.
    pub progress: Arc<Progress>,
}

/// A file that was read and cleaned.
#[derive(Debug)]
pub struct Loaded<S> {
    /// What took the purchases in.
    pub sink: S,
    /// The file.
    pub input: InputFile,
    /// What cleaning did.
    pub report: CleanReport,
}

/// Reads and cleans a file, whatever its format, and puts its purchases into
/// `sink`.
///
/// # Errors
///
/// [`DatasetError`] if the file cannot be read, its columns are not to be
/// found, lines do not parse (the first ten are listed), or the dates can be
/// read in two ways.
pub fn load<S: Sink>(
    path: &Path,
    read: &ReadParams,
    clean: &CleanParams,
    sink: S,
) -> Result<Loaded<S>, DatasetError> {
    let mut source = Source::open(path, read)?;
    let (sink, report) = clean::clean(source.reader(), path, clean, sink)?;
    Ok(Loaded {
        sink,
        input: source.describe(),
        report,
    })
}

/// Hands every row of a file to `visit`, the header first, until it breaks.
///
/// # Errors
///
/// [`DatasetError`] if the file cannot be read or is not what it seems.
fn read_rows(
    path: &Path,
    visit: &mut dyn FnMut(&Record) -> std::ops::ControlFlow<()>,
) -> Result<(), DatasetError> {
    Source::open(path, &ReadParams::default())?
        .reader()
        .read(visit)
}

/// An open file in one of the formats that have a reader.
enum Source {
    Csv(Box<CsvReader>),
    Xlsx(Box<XlsxReader>),
}

impl Source {
    /// Opens a file; its first bytes, not its name, tell the format.
    fn open(path: &Path, params: &ReadParams) -> Result<Self, DatasetError> {
        let opened = Opened::new(path)?;
        let progress = Arc::clone(&params.progress);
        if opened.head.starts_with(b"PK\x03\x04") {
            let reader = XlsxReader::open(path, params.sheet.as_deref(), progress)?;
            return Ok(Self::Xlsx(Box::new(reader)));
        }
        if let Some(found) = foreign_format(&opened.head) {
            return Err(DatasetError::Format {
                path: path.to_owned(),
                found,
            });
        }
        let reader = CsvReader::new(path, opened, &params.csv, progress)?;
        Ok(Self::Csv(Box::new(reader)))
    }

    fn reader(&mut self) -> &mut dyn Reader {
        match self {
            Self::Csv(reader) => reader.as_mut(),
            Self::Xlsx(reader) => reader.as_mut(),
        }
    }

    fn describe(&self) -> InputFile {
        match self {
            Self::Csv(reader) => reader.describe(),
            Self::Xlsx(reader) => reader.describe(),
        }
    }
}

/// The kind of a file that no reader takes, by its first bytes.
fn foreign_format(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"\x1f\x8b", "a gzip file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"PAR1", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"),
        (b"%PDF", "a PDF document"),
        (b"PK", "an empty or damaged zip file"),
    ];
    KNOWN
        .into_iter()
        .find_map(|(magic, name)| head.starts_with(magic).then_some(name))
}
