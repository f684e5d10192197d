//! What can go wrong between a file and its cleaned lines.

use std::{
    borrow::Cow,
    fmt, io,
    path::{Path, PathBuf},
};

use super::{money::Decimal, olist::Table, role::Role, timestamp::Timestamp};

/// The faults that are listed before a run stops.
pub const LISTED_FAULTS: usize = 10;

/// A file could not be read, or not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The file could not be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file has no bytes, or blank lines only.
    #[error("{} is empty, expected a header and lines", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file ends after its header.
    #[error("{} has a header and no lines", path.display())]
    HeaderOnly {
        /// The file.
        path: PathBuf,
    },
    /// A folder has no files, or a pattern fits none.
    #[error("{} {}", path.display(), if *is_folder { "has no files" } else { "fits no file" })]
    NoFiles {
        /// The folder or the pattern.
        path: PathBuf,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// The file is of a kind that has no reader.
    #[error("{} is {found}{}", path.display(), match packing {
        Some(packing) => format!(" in {packing}, expected CSV"),
        None => ", expected CSV, xlsx or Parquet".to_owned(),
    })]
    Format {
        /// The file.
        path: PathBuf,
        /// The kind of file that its first bytes show.
        found: &'static str,
        /// How it is packed, if it is: `gzip` or `zstd`.
        packing: Option<&'static str>,
    },
    /// A text is not valid in the encoding of the file.
    #[error("{}:{line}: invalid {encoding} text", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line of the record.
        line: u64,
        /// The encoding in which the file was read.
        encoding: &'static str,
    },
    /// A NUL byte, which no text file has.
    #[error("{}:{line}: a NUL byte, expected text", path.display())]
    Nul {
        /// The file.
        path: PathBuf,
        /// The line of the record.
        line: u64,
    },
    /// A quoted field does not end.
    #[error("{}:{line}: the quote that opens in this record is never closed", path.display())]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The line at which the record starts.
        line: u64,
    },
    /// A record is larger than any real one.
    #[error("{}:{line}: the record is longer than {limit} bytes", path.display())]
    RecordTooLong {
        /// The file.
        path: PathBuf,
        /// The line at which the record starts.
        line: u64,
        /// The largest record that is read.
        limit: usize,
    },
    /// A record has more columns than any real one.
    #[error("{}:{line}: {found} columns, expected at most {limit}", path.display())]
    TooManyColumns {
        /// The file.
        path: PathBuf,
        /// The line at which the record starts.
        line: u64,
        /// The number of its columns.
        found: usize,
        /// The most columns that are read.
        limit: usize,
    },
    /// A packed file is damaged, cut off, or a trap.
    #[error("{} is not a readable {packing} file: {reason}", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
        /// How it is packed: `gzip` or `zstd`.
        packing: &'static str,
        /// What was found when it was unpacked.
        reason: String,
    },
    /// A Parquet file is damaged, or has something that no export has.
    #[error("{} is not a readable Parquet file: {reason}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A column of a Parquet file has no single value in a row.
    #[error("{}: the column {column:?} is nested, expected one value in each row", path.display())]
    Nested {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// The workbook is damaged, or not a workbook.
    #[error("{} is not a readable xlsx workbook: {reason}", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What the workbook's reader found.
        reason: String,
    },
    /// The workbook would unpack to more than a spreadsheet can be.
    #[error(
        "{} unpacks to {found} bytes, expected at most {limit}",
        path.display()
    )]
    WorkbookTooLarge {
        /// The file.
        path: PathBuf,
        /// The unpacked size that the file states.
        found: u64,
        /// The largest workbook that is read.
        limit: u64,
    },
    /// The workbook has no sheet of that name.
    #[error("{} has no sheet {name:?}, found {}", path.display(), Names(sheets))]
    Sheet {
        /// The file.
        path: PathBuf,
        /// The sheet that was asked for.
        name: String,
        /// The sheets that there are.
        sheets: Vec<String>,
    },
    /// No columns have some needed roles.
    #[error(
        "{} has no column for {}, found {}{}",
        path.display(), Roles(roles), Names(found), Later(*later)
    )]
    MissingColumns {
        /// The file.
        path: PathBuf,
        /// What the columns should hold.
        roles: Vec<Role>,
        /// The header.
        found: Vec<String>,
        /// A later line that has all that is needed.
        later: Option<u64>,
    },
    /// Several columns could have one role.
    #[error(
        "{} has {} columns that could be the {role} ({}), found {}",
        path.display(), candidates.len(), Names(candidates), Names(found)
    )]
    AmbiguousColumn {
        /// The file.
        path: PathBuf,
        /// What the column should hold.
        role: Role,
        /// The columns that could hold it.
        candidates: Vec<String>,
        /// The header.
        found: Vec<String>,
    },
    /// A column that was named by option does not exist.
    #[error("{} has no column {name:?} for the {role}, found {}", path.display(), Names(found))]
    UnknownColumn {
        /// The file.
        path: PathBuf,
        /// What the column should hold.
        role: Role,
        /// The name that was given.
        name: String,
        /// The header.
        found: Vec<String>,
    },
    /// Files that are read together have different columns.
    #[error(
        "{} has other columns than {}: {}",
        path.display(), first.display(), Difference { missing, extra }
    )]
    DifferentColumns {
        /// The file.
        path: PathBuf,
        /// The file that was read first.
        first: PathBuf,
        /// Columns that only the first has.
        missing: Vec<String>,
        /// Columns that the first has not.
        extra: Vec<String>,
    },
    /// Files that belong together are not all there.
    #[error("no file has the {}; found {}", missing.join(", nor the "), Tables(found))]
    Tables {
        /// The tables that no file has, with their columns.
        missing: Vec<String>,
        /// The files, with the tables that they have.
        found: Vec<(PathBuf, Option<&'static str>)>,
    },
    /// A table lacks a column that is needed, or has it twice.
    #[error(
        "{} has {count} columns `{column}`, expected one; found {}",
        path.display(), Names(found)
    )]
    NamedColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// How many columns have that name.
        count: usize,
        /// The header.
        found: Vec<String>,
    },
    /// Lines do not parse.
    #[error("{}", FaultList(self))]
    Faults {
        /// The file.
        path: PathBuf,
        /// The first faults, in the order of the file.
        faults: Vec<Fault>,
    },
    /// The lines that do not parse could not be written down.
    #[error("cannot write down the lines that do not parse")]
    Reject {
        /// What the system says.
        source: io::Error,
    },
    /// Nothing in the data says whether the day or the month stands first.
    #[error(
        "{}:{line}: `{column}` is {found:?}, which is {day_first} or {month_first}, \
         and no other line tells which",
        path.display()
    )]
    AmbiguousDates {
        /// The file.
        path: PathBuf,
        /// The first line that has two readings.
        line: u64,
        /// The column of the date.
        column: String,
        /// The text of the date.
        found: String,
        /// Its time if the day stands first.
        day_first: Timestamp,
        /// Its time if the month stands first.
        month_first: Timestamp,
    },
    /// Some dates have a zone and some have none.
    #[error(
        "{}: `{column}` has a zone in line {} and none in {}, expected all or none",
        zoned.path.display(), zoned.line, unzoned.from(&zoned.path)
    )]
    MixedZones {
        /// The column of the date.
        column: String,
        /// The first line with a zone.
        zoned: Place,
        /// The first line without one.
        unzoned: Place,
    },
}

/// A line of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line or row, counted from 1.
    pub line: u64,
}

impl Place {
    /// How the place is called in a message about `path`.
    pub(super) fn from(&self, path: &Path) -> String {
        if self.path == path {
            format!("line {}", self.line)
        } else {
            format!("{}:{}", self.path.display(), self.line)
        }
    }
}

impl DatasetError {
    /// Whether it lists lines that have nothing to do with how all are read.
    #[must_use]
    pub(crate) fn is_about_single_lines(&self) -> bool {
        let Self::Faults { faults, .. } = self else {
            return false;
        };
        let is_single = |fault: &Fault| match fault {
            Fault::Field { .. } => fault.hint().is_none(),
            Fault::Header { .. } | Fault::Ragged { .. } => true,
        };
        faults.len() < LISTED_FAULTS && faults.iter().any(is_single)
    }

    /// What the user can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Encoding { .. } => {
                "if the file comes from an old spreadsheet, pass `--encoding windows-1252`"
            }
            Self::Nul { .. } => "is this a text file? UTF-16 needs `--encoding utf-16le`",
            Self::TooManyColumns { .. } => "if lines look wrong, pass `--delimiter`",
            Self::UnclosedQuote { .. } | Self::RecordTooLong { .. } => {
                "look for a `\"` without a partner near that line"
            }
            Self::NoFiles {
                is_folder: true, ..
            } => "name the folder that has the exports themselves, or a pattern for them",
            Self::Format {
                packing: Some(_), ..
            } => "unpack the file",
            Self::Format { .. } => "export or convert it to CSV, xlsx or Parquet",
            Self::Packed { .. } => "unpack it with the program that packed it to see what is in it",
            Self::Parquet { .. } => "write the file anew, or convert it to CSV",
            Self::Nested { .. } => "write a file without that column, or with a row for each value",
            Self::DifferentColumns { .. } => {
                "read files of one kind together, and give all of them the same header"
            }
            Self::Workbook { .. } => {
                "export the file anew, or open and save it in a spreadsheet program"
            }
            Self::Sheet { .. } => "pass `--sheet NAME`",
            Self::Tables { .. } => {
                "give all files of the export, or the folder that has them; tables that are joined \
                 already are read with `--source generic`"
            }
            Self::MissingColumns {
                later: Some(line), ..
            } => {
                return Some(format!(
                    "if line {line} is the header, pass `--skip-lines {}`",
                    line - 1
                ));
            }
            Self::MissingColumns { found, .. } | Self::AmbiguousColumn { found, .. }
                if Table::of_header(found).is_some() =>
            {
                "this is a table of Olist; give all files of the export, or the folder that has them"
            }
            Self::MissingColumns { found, .. } if found.len() <= 2 => {
                "if the header looks wrong, pass `--delimiter`"
            }
            Self::AmbiguousColumn { candidates, .. }
                if candidates.windows(2).all(|pair| pair[0] == pair[1]) =>
            {
                "rename one of the columns in the file"
            }
            Self::MissingColumns { roles, .. } => return Some(name_columns(roles)),
            Self::AmbiguousColumn { role, .. } | Self::UnknownColumn { role, .. } => {
                return Some(name_columns(&[*role]));
            }
            Self::AmbiguousDates { .. } => {
                "pass `--date-format day-first` or `--date-format month-first`"
            }
            Self::MixedZones { .. } => "export the dates in one form",
            Self::Faults { faults, .. } => return faults.iter().find_map(Fault::hint),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// How to say which columns have some roles.
fn name_columns(roles: &[Role]) -> String {
    let which = if roles.len() == 1 {
        "which column it is"
    } else {
        "which columns they are"
    };
    let or_amount = if roles.contains(&Role::Quantity) || roles.contains(&Role::Price) {
        ", or the line's amount with `amount=NAME`"
    } else {
        ""
    };
    let names: Vec<String> = roles
        .iter()
        .map(|role| format!("{}=NAME", role.option()))
        .collect();
    let names = names.join(",");
    format!("say {which} with `--columns {names}`{or_amount}")
}

/// What is wrong with one line.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A field does not parse.
    Field {
        /// The line at which the record starts.
        line: u64,
        /// The column.
        column: String,
        /// The text of the field.
        found: String,
        /// What would do.
        expected: Cow<'static, str>,
    },
    /// The record is the header once more.
    Header {
        /// The line at which the record starts.
        line: u64,
    },
    /// The record has more or fewer fields than the header.
    Ragged {
        /// The line at which the record starts.
        line: u64,
        /// The number of its fields.
        found: usize,
        /// The number of fields of the header.
        expected: usize,
    },
}

impl Fault {
    fn line(&self) -> u64 {
        match self {
            Self::Field { line, .. } | Self::Header { line } | Self::Ragged { line, .. } => *line,
        }
    }

    fn hint(&self) -> Option<String> {
        let (found, expected) = match self {
            Self::Field {
                found, expected, ..
            } => (found, expected),
            Self::Header { .. } => return None,
            Self::Ragged { .. } => {
                return Some(
                    "each row needs as many fields as the header; in CSV, a delimiter inside a \
                     field must stand in quotes"
                        .to_owned(),
                );
            }
        };
        let hint = match expected.as_ref() {
            DATE_BY_SHAPE if found.contains(|c: char| c.is_ascii_alphabetic()) => {
                "if that is a date, pass its form, such as `--date-format '%d-%b-%Y'`"
            }
            DATE_BY_SHAPE if !found.is_empty() => {
                "if that is a date, pass its form, such as `--date-format '%d.%m.%y'`"
            }
            EACH_ONCE => "each order and each customer needs one line in its table",
            DECIMAL_POINT => return number_hint(found, ','),
            DECIMAL_COMMA => return number_hint(found, '.'),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// What is expected of a date that tells its form by itself.
pub(super) const DATE_BY_SHAPE: &str = "a date such as 2010-12-01 08:26:00";
/// What is expected of what stands once in a table.
pub(super) const EACH_ONCE: &str = "one that no earlier line has with other values";
/// What is expected of a number.
pub(super) const DECIMAL_POINT: &str = "a decimal number such as 2.55";
/// What is expected of a number where commas are decimal marks.
pub(super) const DECIMAL_COMMA: &str = "a decimal number such as 2,55";

/// What to do about a text that is no number; `other` is the decimal mark that is
/// not expected.
fn number_hint(found: &str, other: char) -> Option<String> {
    let bare = found.trim_matches(|c: char| !c.is_ascii_digit());
    let name = if other == ',' { "comma" } else { "point" };
    let is_number = |text: &str, mark| Decimal::parse(text.as_bytes(), mark as u8).is_ok();
    let has_groups = [',', '.'].into_iter().any(|mark| has_groups(bare, mark));
    let hint = match (is_number(found, other), has_groups) {
        // `1,234` is 1234 for some, and 1.234 for others.
        (true, true) => format!(
            "separators between thousands are not read; if the {name} is a decimal mark, \
             pass `--decimal '{other}'`"
        ),
        (true, false) => {
            format!("this file looks like it uses decimal {name}s; pass `--decimal '{other}'`")
        }
        (false, true) => {
            "separators between thousands are not read; export plain numbers".to_owned()
        }
        (false, false) if [',', '.'].into_iter().any(|mark| is_number(bare, mark)) => {
            "signs of currencies, brackets and a minus at the end are not read; \
             export plain numbers"
                .to_owned()
        }
        (false, false) => return None,
    };
    Some(hint)
}

/// Whether a text has marks between its thousands, as `1,234.50` and `1 234.50`,
/// where `mark` is the decimal mark.
fn has_groups(text: &str, mark: char) -> bool {
    let separator = if mark == ',' { '.' } else { ',' };
    let whole = text.split(mark).next().unwrap_or_default();
    let is_separator = |c: char| c == separator || c.is_whitespace() || matches!(c, '\'' | '’');
    let mut groups = whole.split(is_separator);
    let is_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let mut more = groups.peekable();
    let has_more = more.peek().is_some();
    let first_fits = (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0');
    has_more && first_fits && more.all(|group| group.len() == 3 && is_digits(group))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field {
                column,
                found,
                expected,
                ..
            } if found.is_empty() => write!(f, "`{column}` is missing, expected {expected}"),
            Self::Field {
                column,
                found,
                expected,
                ..
            } => write!(f, "`{column}` is {}, expected {expected}", Excerpt(found)),
            Self::Header { .. } => f.write_str("the header once more, expected a line of data"),
            Self::Ragged {
                found, expected, ..
            } => {
                let plural = if *found == 1 { "" } else { "s" };
                write!(
                    f,
                    "{found} field{plural}, expected {expected} as in the header"
                )
            }
        }
    }
}

/// The faults of [`DatasetError::Faults`], a line each.
struct FaultList<'a>(&'a DatasetError);

impl fmt::Display for FaultList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DatasetError::Faults { path, faults } = self.0 else {
            return Ok(());
        };
        for (i, fault) in faults.iter().enumerate() {
            let separator = if i == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{}: {fault}", path.display(), fault.line())?;
        }
        if faults.len() == LISTED_FAULTS {
            write!(
                f,
                "\nthere may be more: these are the first {LISTED_FAULTS}"
            )?;
        }
        Ok(())
    }
}

/// A found text, escaped, and cut where it is longer than a line.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        match self.0.char_indices().nth(SHOWN) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
        }
    }
}

/// How two headers differ.
struct Difference<'a> {
    missing: &'a [String],
    extra: &'a [String],
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { missing, extra } = self;
        match (missing.is_empty(), extra.is_empty()) {
            (false, false) => write!(f, "it lacks {} and has {}", Names(missing), Names(extra)),
            (false, true) => write!(f, "it lacks {}", Names(missing)),
            (true, _) => write!(f, "it also has {}", Names(extra)),
        }
    }
}

/// Files and what they have, in a row.
struct Tables<'a>(&'a [(PathBuf, Option<&'static str>)]);

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (path, table)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            let table = table.unwrap_or("none of the tables");
            write!(f, "{separator}{} ({table})", path.display())?;
        }
        Ok(())
    }
}

/// Roles in a row: `the invoice, the date and the customer`.
struct Roles<'a>(&'a [Role]);

impl fmt::Display for Roles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, role) in self.0.iter().enumerate() {
            let separator = match i {
                0 => "",
                _ if i + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}the {role}")?;
        }
        Ok(())
    }
}

/// A line that may be the header.
struct Later(Option<u64>);

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(line) => write!(f, "; line {line} has all that is needed"),
        }
    }
}

/// Names in a row, escaped: `"Invoice", "Price"`.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        for (i, name) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{}", Excerpt(name))?;
        }
        if self.0.len() > SHOWN {
            write!(f, " and {} more", self.0.len() - SHOWN)?;
        }
        Ok(())
    }
}
