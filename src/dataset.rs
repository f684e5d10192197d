//! From a file to purchases: readers, roles of columns, cleaning.
//!
//! ```
//! use rfmkit::{
//!     dataset::{self, CleanParams, Intake, ReadParams},
//!     features::Accumulator,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let orders = folder.path().join("orders.csv");
//! std::fs::write(&orders, "invoice,date,customer,amount\n1,2024-01-01,anna,2.50\n2,2024-01-02,,9\n")?;
//! let (read, clean) = (ReadParams::default(), CleanParams::default());
//! let data = dataset::load(&[orders], Intake::new(&read, &clean), Accumulator::default())?;
//! assert_eq!(data.report.rows, 2);
//! assert_eq!(data.report.dropped.missing_customer, 1);
//! assert_eq!(data.report.kept, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod choice;
mod clean;
mod columns;
mod csv;
mod dates;
mod error;
mod files;
mod identifier;
mod lanes;
mod line;
mod money;
mod named;
mod olist;
mod packing;
mod parquet;
mod preset;
mod purchase;
mod record;
mod rejects;
mod returns;
mod role;
mod row_hash;
mod runs;
pub mod sample;
mod source;
mod tables;
mod timestamp;
mod xlsx;

use std::{
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(crate) use self::{
    choice::choose,
    named::{NamedRow, read_named},
    runs::{Rolled, Run, roll},
    tables::Tables,
};
use self::{
    clean::Cleaning,
    csv::CsvReader,
    packing::{Packing, Unpacked},
    parquet::ParquetReader,
    rejects::Rejects,
    source::Opened,
    xlsx::XlsxReader,
};
pub use self::{
    clean::{CleanParams, CleanReport, clean},
    columns::ColumnNames,
    csv::CsvFormat,
    dates::{DateError, DateFormat, DateParser, DateReading, parse_snapshot},
    error::{DatasetError, Fault, LISTED_FAULTS, Place},
    files::files,
    identifier::{identifier, is_missing, sort_customers},
    lanes::{DateOrder, IsolatedDate},
    money::{Decimal, DecimalError, Money, TotalMoney},
    olist::JoinReport,
    preset::{Preset, Unit},
    purchase::{Dropped, Purchase, Sink},
    record::{Cell, Reader, Record},
    returns::{Return, Returns, ReturnsReport},
    role::{Role, RoleReason, normalize},
    source::InputFile,
    timestamp::Timestamp,
};
use crate::progress::Progress;

/// How a file is read.
#[derive(Clone, Debug)]
pub struct ReadParams {
    /// How CSV is written.
    pub csv: CsvFormat,
    /// The sheet of a workbook; `None` for the first.
    pub sheet: Option<String>,
    /// Lines of CSV, or rows of a sheet, above the header.
    pub skip_lines: u64,
    /// Bytes of CSV that a thread takes at once; no result depends on it.
    pub piece: usize,
    /// Moved on by bytes of CSV, or rows of a sheet.
    pub progress: Arc<Progress>,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self {
            csv: CsvFormat::default(),
            sheet: None,
            skip_lines: 0,
            // What fits into the second cache of one core, beside the places of its
            // fields and the table of its lines.
            piece: 256 * 1024,
            progress: Arc::default(),
        }
    }
}

/// How files are taken in.
pub struct Intake<'a> {
    /// How they are read.
    pub read: &'a ReadParams,
    /// How rows are understood and which of them count.
    pub clean: &'a CleanParams,
    /// Where lines go that do not parse, as CSV with their places and reasons;
    /// `None` to stop at them.
    pub rejected: Option<&'a mut dyn io::Write>,
}

impl<'a> Intake<'a> {
    /// An intake that stops at lines that do not parse.
    #[must_use]
    pub const fn new(read: &'a ReadParams, clean: &'a CleanParams) -> Self {
        Self {
            read,
            clean,
            rejected: None,
        }
    }
}

/// Files that were read and cleaned.
#[derive(Debug)]
pub struct Loaded<S> {
    /// What took the purchases in.
    pub sink: S,
    /// The files with lines, in the order in which they were read.
    pub inputs: Vec<InputFile>,
    /// What was joined to the lines, where that stands in other files.
    pub joined: Option<JoinReport>,
    /// What cleaning did.
    pub report: CleanReport,
}

/// Reads and cleans files, whatever their formats, as one data set, and puts
/// its purchases into `sink`.
///
/// Columns are found by their names, so that their order may differ from file to
/// file. The order of the files has no bearing on the purchases. [`files`] finds
/// those of a folder.
///
/// # Errors
///
/// [`DatasetError`] if a file cannot be read, its columns are not to be found or
/// not those of the first, lines do not parse and have no other place to go (the
/// first ten are listed), or the dates can be read in two ways.
///
/// # Panics
///
/// If there are no files.
pub fn load<S: Sink>(
    paths: &[PathBuf],
    intake: Intake<'_>,
    sink: S,
) -> Result<Loaded<S>, DatasetError> {
    let mut tables = Tables::find(paths, intake.read, intake.clean.source)?;
    let rejects = intake.rejected.map(Rejects::new);
    let mut cleaning = Cleaning::new(intake.clean, tables.source(), rejects, sink);
    let mut inputs = Vec::new();
    for path in tables.with_lines() {
        let mut table = tables.open(&path)?;
        let rows = cleaning.read(&mut table, &path)?;
        inputs.push(table.describe(rows));
    }
    let (sink, report) = cleaning.finish()?;
    Ok(Loaded {
        sink,
        inputs,
        joined: tables.finish(),
        report,
    })
}

/// A file as a table: what it is, and how its columns are called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shape {
    /// The file, with its number of lines.
    pub file: InputFile,
    /// The names of the columns, in the order of the file.
    pub header: Vec<String>,
}

/// Reads a file to its end without asking what its cells mean.
///
/// `file` is at its start; `name` is what errors call it.
///
/// ```
/// use std::{fs::File, path::Path};
///
/// use rfmkit::dataset::{ReadParams, shape};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("stock.csv");
/// std::fs::write(&path, "item,pieces\ncup,3\nbowl,some\n")?;
/// let shape = shape(Path::new("stock"), File::open(&path)?, &ReadParams::default())?;
/// assert_eq!(shape.header, ["item", "pieces"]);
/// assert_eq!(shape.file.rows, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`DatasetError`] if the file cannot be read, is not what it seems, or has no
/// lines.
pub fn shape(name: &Path, file: File, params: &ReadParams) -> Result<Shape, DatasetError> {
    let mut source = Source::of(Opened::of(name, file)?, params)?;
    let mut header = None;
    let mut rows = 0;
    source.reader().read(&mut |record| {
        if header.is_some() {
            rows += 1;
        } else {
            let cells = record.cells().map(|cell| cell.text().into_owned());
            header = Some(cells.collect());
        }
        ControlFlow::Continue(())
    })?;
    let path = || name.to_owned();
    let header = header.ok_or_else(|| DatasetError::Empty { path: path() })?;
    if rows == 0 {
        return Err(DatasetError::HeaderOnly { path: path() });
    }
    let file = source.describe(rows);
    Ok(Shape { file, header })
}

/// An open file in one of the formats that have a reader.
enum Source {
    Csv(Box<CsvReader>),
    Xlsx(Box<XlsxReader>),
    Parquet(Box<ParquetReader>),
}

impl Source {
    /// Opens a file; its first bytes, not its name, tell the format.
    fn open(path: &Path, params: &ReadParams) -> Result<Self, DatasetError> {
        Self::of(Opened::new(path)?, params)
    }

    fn of(opened: Opened, params: &ReadParams) -> Result<Self, DatasetError> {
        let path = &opened.path.clone();
        if opened.head.starts_with(b"PK\x03\x04") {
            let reader = XlsxReader::open(opened, params)?;
            return Ok(Self::Xlsx(Box::new(reader)));
        }
        let progress = Arc::clone(&params.progress);
        if opened.head.starts_with(parquet::MAGIC) {
            let reader = ParquetReader::open(opened, progress)?;
            return Ok(Self::Parquet(Box::new(reader)));
        }
        progress.start(opened.size, "bytes");
        let packing = Packing::of(&opened.head);
        let meter = opened.into_reader(progress);
        let unpacked = Unpacked::new(meter, packing)
            .map_err(|error| packing::failure(path, packing, error))?;
        if let Some(found) = foreign_format(unpacked.head()) {
            return Err(DatasetError::Format {
                path: path.to_owned(),
                found,
                packing: packing.map(Packing::name),
            });
        }
        let reader = CsvReader::new(path.to_owned(), unpacked, packing, params)?;
        Ok(Self::Csv(Box::new(reader)))
    }

    fn reader(&mut self) -> &mut dyn Reader {
        match self {
            Self::Csv(reader) => reader.as_mut(),
            Self::Xlsx(reader) => reader.as_mut(),
            Self::Parquet(reader) => reader.as_mut(),
        }
    }

    /// What is known of the file, once its `rows` have been read.
    fn describe(&self, rows: u64) -> InputFile {
        match self {
            Self::Csv(reader) => reader.describe(rows),
            Self::Xlsx(reader) => reader.describe(rows),
            Self::Parquet(reader) => reader.describe(rows),
        }
    }
}

/// The kind of a file that no reader takes, by its first bytes.
fn foreign_format(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"\x1f\x8b", "a gzip file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"PAR1", "a Parquet file"),
        (b"PK\x03\x04", "a workbook or a zip file"),
        (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"),
        (b"%PDF", "a PDF document"),
        (b"PK\x05\x06", "an empty zip file"),
        (b"PK\x07\x08", "one part of a zip file"),
    ];
    KNOWN
        .into_iter()
        .find_map(|(magic, name)| head.starts_with(magic).then_some(name))
}
