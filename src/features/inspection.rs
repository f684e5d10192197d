//! What a file holds and how it would be read, without doing anything.

use std::{collections::BTreeMap, fmt, io, ops::ControlFlow, path::PathBuf};

use serde::{Serialize, Serializer};

use super::{
    accumulator::Accumulator,
    error::FeatureError,
    report::{self, Warning},
};
use crate::dataset::{
    self, Cell, CleanParams, CleanReport, DatasetError, DateParser, InputFile, Intake, JoinReport,
    Money, Preset, ReadParams, Reader, Record, Role, RoleReason, Tables, Timestamp, is_missing,
    normalize,
};

/// The first rows that are shown.
const SHOWN_ROWS: usize = 3;
/// The values of a column that are shown.
const EXAMPLES: usize = 3;
/// Signs of currencies that stand beside amounts.
const CURRENCY_SIGNS: [char; 8] = ['$', '€', '£', '¥', '₹', '₽', '₩', '₺'];
/// Words that stand in a line that sums others up.
const TOTALS: [&str; 8] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
];

/// What was found in some files.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The files with lines, in the order in which they were read.
    pub inputs: Vec<InputFile>,
    /// What is joined to the lines, where that stands in other files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<JoinReport>,
    /// The system that they seem to come from, or the one that was named.
    pub source: Preset,
    /// The columns of all files, in the order in which they are met.
    pub columns: Vec<ColumnInspection>,
    /// The first rows of the first file.
    pub first_rows: Vec<Vec<String>>,
    /// What cleaning would do; `None` if it would fail, as the findings say.
    pub cleaning: Option<CleanReport>,
    /// What looks wrong, or keeps the files from being read.
    pub findings: Vec<Finding>,
}

/// What was found in a column.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnInspection {
    /// Its name.
    pub name: String,
    /// What it can hold by its name.
    pub role: Option<Role>,
    /// Why it has that role.
    pub reason: Option<RoleReason>,
    /// Whether it would be read in that role.
    pub is_used: bool,
    /// Fields without a value.
    pub missing: u64,
    /// Fields that are numbers.
    pub numbers: u64,
    /// Fields that are dates; in a column for them, numbers can be such too.
    pub dates: u64,
    /// All other fields.
    pub texts: u64,
    /// The least number or date.
    pub least: Option<String>,
    /// The greatest number or date.
    pub greatest: Option<String>,
    /// The first values that differ.
    pub examples: Vec<String>,
}

/// Something that looks wrong, or is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Finding {
    /// The files cannot be read as they stand.
    Error {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Some lines do not parse.
    Faults {
        /// How many.
        lines: u64,
        /// The first of them.
        first: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Amounts stand with the sign of a currency, which makes them no numbers.
    CurrencySigns {
        /// The column.
        column: String,
        /// How many fields have one.
        lines: u64,
        /// One of them.
        example: String,
    },
    /// Quantities below zero: returns, or corrections of the stock.
    NegativeQuantity {
        /// The column.
        column: String,
        /// How many there are.
        lines: u64,
    },
    /// Prices or amounts below zero.
    NegativePrice {
        /// The column.
        column: String,
        /// How many there are.
        lines: u64,
    },
    /// Lines that sum others up.
    Totals {
        /// How many there are.
        lines: u64,
        /// The file and line of the first.
        place: String,
    },
    /// What a run would warn of.
    Warning(Warning),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |lines: u64, one: &str, many: &str| {
            if lines == 1 {
                format!("1 {one}")
            } else {
                format!("{lines} {many}")
            }
        };
        match self {
            Self::Error { message, .. } => f.write_str(message),
            Self::Faults { lines, first, .. } => {
                write!(
                    f,
                    "{}: {first}",
                    many(*lines, "line does not parse", "lines do not parse")
                )
            }
            Self::CurrencySigns {
                column,
                lines,
                example,
            } => write!(
                f,
                "`{column}` has {} with the sign of a currency, such as {example:?}; export plain \
                 numbers",
                many(*lines, "value", "values")
            ),
            Self::NegativeQuantity { column, lines } => write!(
                f,
                "`{column}` is below zero in {}: returns, or corrections of the stock",
                many(*lines, "line", "lines")
            ),
            Self::NegativePrice { column, lines } => {
                write!(
                    f,
                    "`{column}` is below zero in {}",
                    many(*lines, "line", "lines")
                )
            }
            Self::Totals { lines, place } => write!(
                f,
                "{} up others, the first in {place}; such lines count like any other",
                many(*lines, "line seems to sum", "lines seem to sum")
            ),
            Self::Warning(warning) => warning.fmt(f),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Looks at files as one data set, and changes nothing.
///
/// # Errors
///
/// [`DatasetError`] if a file cannot be read at all. What else keeps it from
/// being understood is among the findings.
pub fn inspect(
    paths: &[PathBuf],
    read: &ReadParams,
    clean: &CleanParams,
) -> Result<Inspection, DatasetError> {
    let mut tables = Tables::find(paths, read, clean.source)?;
    let mut looking = Looking::new(clean, tables.source());
    let mut inputs = Vec::new();
    for path in tables.with_lines() {
        looking.path.clone_from(&path);
        looking.places.clear();
        let mut rows = 0;
        let mut lines = tables.open(&path)?;
        lines.read(&mut |record| {
            if looking.places.is_empty() {
                looking.header(record);
            } else {
                rows += 1;
                looking.row(record);
            }
            ControlFlow::Continue(())
        })?;
        inputs.push(lines.describe(rows));
    }
    let (cleaning, mut findings) = rehearse(paths, read, clean);
    findings.extend(looking.findings());
    let source = looking.source();
    let used = cleaning.as_ref().map(|report| &report.columns);
    let columns = looking.columns.into_iter().map(Seen::into_found);
    let mut columns: Vec<ColumnInspection> = columns.collect();
    for column in &mut columns {
        let name = column.role.and_then(|role| used?.get(&role));
        column.is_used = name.is_some_and(|name| normalize(name) == normalize(&column.name));
    }
    Ok(Inspection {
        inputs,
        joined: tables.finish(),
        source,
        columns,
        first_rows: looking.first_rows,
        cleaning,
        findings,
    })
}

/// Cleans the files, and gives what would come of it and what would be said.
fn rehearse(
    paths: &[PathBuf],
    read: &ReadParams,
    clean: &CleanParams,
) -> (Option<CleanReport>, Vec<Finding>) {
    let error = |error: DatasetError| {
        let error = FeatureError::from(error);
        Finding::Error {
            message: error.to_string(),
            hint: error.hint(),
        }
    };
    let mut nowhere = io::sink();
    let tolerant = Intake {
        read,
        clean,
        rejected: Some(&mut nowhere),
    };
    let data = match dataset::load(paths, tolerant, Accumulator::default()) {
        Ok(data) => data,
        Err(failure) => return (None, vec![error(failure)]),
    };
    let mut findings = Vec::new();
    if data.report.quarantined > 0 {
        let strict = Intake::new(read, clean);
        if let Err(failure) = dataset::load(paths, strict, Accumulator::default()) {
            let failure = FeatureError::from(failure);
            let message = failure.to_string();
            findings.push(Finding::Faults {
                lines: data.report.quarantined,
                first: message.lines().next().unwrap_or_default().to_owned(),
                hint: failure.hint(),
            });
        }
    }
    let warnings = report::warnings(&data.report, &data.sink.totals());
    findings.extend(warnings.into_iter().map(Finding::Warning));
    (Some(data.report), findings)
}

/// The state of one look over the files.
struct Looking<'a> {
    clean: &'a CleanParams,
    given_source: Option<Preset>,
    dates: DateParser,
    path: PathBuf,
    header: Vec<String>,
    columns: Vec<Seen>,
    /// For each column of the file, its place among all columns.
    places: Vec<usize>,
    first_rows: Vec<Vec<String>>,
    totals: u64,
    first_total: Option<String>,
}

/// A column, and what is counted of it.
struct Seen {
    found: ColumnInspection,
    /// The least and the greatest number.
    numbers: Option<(Money, Money)>,
    /// The first and the last date.
    times: Option<(Timestamp, Timestamp)>,
    negative: u64,
    signs: u64,
    with_sign: String,
}

impl<'a> Looking<'a> {
    fn new(clean: &'a CleanParams, given_source: Option<Preset>) -> Self {
        Self {
            clean,
            given_source,
            dates: DateParser::new(clean.date_format.clone(), clean.time_zone.clone()),
            path: PathBuf::new(),
            header: Vec::new(),
            columns: Vec::new(),
            places: Vec::new(),
            first_rows: Vec::new(),
            totals: 0,
            first_total: None,
        }
    }
}

impl Looking<'_> {
    fn source(&self) -> Preset {
        self.given_source
            .unwrap_or_else(|| Preset::of_header(&self.header))
    }

    fn header(&mut self, record: &Record) {
        let header: Vec<String> = record.cells().map(|cell| cell.text().into()).collect();
        if self.header.is_empty() {
            self.header.clone_from(&header);
        }
        let source = self.source();
        // The columns of earlier files by their names, of equal ones the first last,
        // which is taken first.
        let mut known: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, seen) in self.columns.iter().enumerate().rev() {
            let places = known.entry(normalize(&seen.found.name)).or_default();
            places.push(place);
        }
        for name in header {
            let place = known.get_mut(&normalize(&name)).and_then(Vec::pop);
            let place = place.unwrap_or_else(|| {
                let role = self.clean.columns.role_of(&name, source);
                self.columns.push(Seen::new(name, role));
                self.columns.len() - 1
            });
            self.places.push(place);
        }
    }

    fn row(&mut self, record: &Record) {
        if self.first_rows.len() < SHOWN_ROWS {
            let row = record.cells().map(|cell| cell.text().into_owned());
            self.first_rows.push(row.collect());
        }
        let mut is_total = false;
        for (&place, cell) in self.places.iter().zip(record.cells()) {
            let seen = &mut self.columns[place];
            if let Cell::Text(text) = cell {
                is_total |= text.len() < 20 && TOTALS.contains(&text.to_lowercase().as_str());
            }
            seen.count(cell, self.clean.decimal, &self.dates);
        }
        if is_total {
            self.totals += 1;
            let place = || format!("{}:{}", self.path.display(), record.line());
            self.first_total.get_or_insert_with(place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for seen in &self.columns {
            let column = || seen.found.name.clone();
            let lines = seen.negative;
            match seen.found.role {
                Some(Role::Quantity) if lines > 0 => findings.push(Finding::NegativeQuantity {
                    column: column(),
                    lines,
                }),
                Some(Role::Price | Role::Amount) if lines > 0 => {
                    findings.push(Finding::NegativePrice {
                        column: column(),
                        lines,
                    });
                }
                _ => {}
            }
            if seen.signs > 0 && seen.found.role.is_some_and(Role::is_number) {
                findings.push(Finding::CurrencySigns {
                    column: column(),
                    lines: seen.signs,
                    example: seen.with_sign.clone(),
                });
            }
        }
        if let Some(place) = &self.first_total {
            findings.push(Finding::Totals {
                lines: self.totals,
                place: place.clone(),
            });
        }
        findings
    }
}

impl Seen {
    fn new(name: String, role: Option<(Role, RoleReason)>) -> Self {
        Self {
            found: ColumnInspection {
                name,
                role: role.map(|(role, _)| role),
                reason: role.map(|(_, reason)| reason),
                is_used: false,
                missing: 0,
                numbers: 0,
                dates: 0,
                texts: 0,
                least: None,
                greatest: None,
                examples: Vec::new(),
            },
            numbers: None,
            times: None,
            negative: 0,
            signs: 0,
            with_sign: String::new(),
        }
    }

    fn count(&mut self, cell: Cell<'_>, mark: u8, dates: &DateParser) {
        let found = &mut self.found;
        if let Cell::Text(text) = cell
            && is_missing(text)
        {
            found.missing += 1;
            return;
        }
        let text = cell.text();
        if found.examples.len() < EXAMPLES && !found.examples.iter().any(|known| *known == text) {
            found.examples.push(text.clone().into_owned());
        }
        // Seconds since 1970 are dates only where dates are expected.
        let number = match found.role {
            Some(Role::Date) => None,
            _ => cell.decimal(mark).ok(),
        };
        if let Some(number) = number {
            found.numbers += 1;
            self.negative += u64::from(number.millionths() < 0);
            self.numbers = Some(widened(self.numbers, Money::from(number)));
            return;
        }
        if let Some(time) = time_of(cell, dates) {
            found.dates += 1;
            self.times = Some(widened(self.times, time));
            return;
        }
        found.texts += 1;
        if text.contains(CURRENCY_SIGNS) {
            if self.signs == 0 {
                self.with_sign = text.into_owned();
            }
            self.signs += 1;
        }
    }

    /// The column, with its range; a few numbers among texts have none.
    fn into_found(self) -> ColumnInspection {
        let others = self.found.numbers + self.found.texts;
        let range = if self.found.role == Some(Role::Date) || self.found.dates > others {
            self.times
                .map(|(first, last)| (first.to_string(), last.to_string()))
        } else if self.found.numbers > self.found.texts {
            self.numbers
                .map(|(least, greatest)| (least.to_string(), greatest.to_string()))
        } else {
            None
        };
        let (least, greatest) = range.unzip();
        ColumnInspection {
            least,
            greatest,
            ..self.found
        }
    }
}

/// A range that also has `value` in it.
fn widened<T: Copy + Ord>(range: Option<(T, T)>, value: T) -> (T, T) {
    let (least, greatest) = range.unwrap_or((value, value));
    (least.min(value), greatest.max(value))
}

/// The time of a cell; with the day first, where both readings are possible.
fn time_of(cell: Cell<'_>, dates: &DateParser) -> Option<Timestamp> {
    let reading = match cell {
        Cell::Time(time) => return Some(time),
        Cell::Instant(microseconds) => return Timestamp::from_microseconds(microseconds),
        other => dates.parse(&other.text()).ok()?,
    };
    reading.day_first.or(reading.month_first)
}
