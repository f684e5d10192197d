//! Cleaning: from the rows of a file to the purchases in it.

use std::{borrow::Cow, collections::BTreeMap, ops::ControlFlow, path::Path};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    columns::{AmountColumns, ColumnNames, Columns},
    dates::{DateFormat, DateParser, DateReading},
    error::{DECIMAL_COMMA, DECIMAL_POINT, DatasetError, Fault, LISTED_FAULTS},
    identifier::identifier,
    lanes::{DateOrder, IsolatedDate, Lanes, Line},
    money::{Decimal, DecimalError},
    purchase::{Dropped, Sink},
    record::{Cell, Reader, Record},
    role::Role,
    row_hash::RowHasher,
    timestamp::Timestamp,
};

/// How rows are understood and which of them count.
#[derive(Clone, Debug)]
pub struct CleanParams {
    /// Columns named by the user; all others are found by alias.
    pub columns: ColumnNames,
    /// The decimal mark, `b'.'` or `b','`.
    pub decimal: u8,
    /// How the dates are written.
    pub date_format: DateFormat,
    /// The zone to whose civil time zoned dates are converted.
    pub time_zone: TimeZone,
    /// Lines at or after this time are dropped.
    pub snapshot: Option<Timestamp>,
}

impl Default for CleanParams {
    fn default() -> Self {
        Self {
            columns: ColumnNames::default(),
            decimal: b'.',
            date_format: DateFormat::default(),
            time_zone: TimeZone::UTC,
            snapshot: None,
        }
    }
}

/// What cleaning did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CleanReport {
    /// The column of each role.
    pub columns: BTreeMap<Role, String>,
    /// An amount column that was not used, since quantity times price was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored_amount_column: Option<String>,
    /// Whether the day or the month stands first, where the data had to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// Lines read, without the header. Equals `kept` and `dropped` together.
    pub rows: u64,
    /// Lines dropped, by rule.
    pub dropped: Dropped,
    /// Lines that count.
    pub kept: u64,
    /// The time of the first purchase.
    pub first: Option<Timestamp>,
    /// The time of the last purchase.
    pub last: Option<Timestamp>,
    /// A last date that stands far from all others.
    #[serde(skip)]
    pub isolated_date: Option<IsolatedDate>,
}

/// Reads rows to their end, cleans them and puts the purchases into `sink`.
///
/// [`load`](super::load) does it for files; this is for rows from elsewhere.
///
/// Rules apply in the order of [`Dropped`]; only lines with a customer are
/// parsed. `path` is named in errors.
///
/// # Errors
///
/// [`DatasetError`] if the file cannot be read, its columns are not to be
/// found, lines do not parse (the first ten are listed), or the dates can be
/// read in two ways.
pub fn clean<S: Sink>(
    reader: &mut dyn Reader,
    path: &Path,
    params: &CleanParams,
    sink: S,
) -> Result<(S, CleanReport), DatasetError> {
    let mut cleaning = None;
    let mut sink = Some(sink);
    let mut failure = None;
    reader.read(&mut |record| match (&mut cleaning, sink.take()) {
        (None, Some(sink)) => {
            let header = record.cells().map(|cell| cell.text().into_owned());
            match Columns::resolve(path, header.collect(), &params.columns) {
                Ok(columns) => cleaning = Some(Cleaning::new(path, columns, params, sink)),
                Err(error) => failure = Some(error),
            }
            match failure {
                None => ControlFlow::Continue(()),
                Some(_) => ControlFlow::Break(()),
            }
        }
        (Some(cleaning), _) => cleaning.row(record),
        (None, None) => ControlFlow::Break(()),
    })?;
    match (cleaning, failure) {
        (_, Some(error)) => Err(error),
        (Some(cleaning), None) => cleaning.finish(),
        (None, None) => Err(DatasetError::Empty {
            path: path.to_owned(),
        }),
    }
}

/// The state of one run over a file.
struct Cleaning<'p, S> {
    path: &'p Path,
    columns: Columns,
    decimal: u8,
    dates: DateParser,
    hasher: RowHasher,
    rows: u64,
    missing_customer: u64,
    faults: Vec<Fault>,
    /// The first line with a zone in its date, and the first without.
    zoned: Option<u64>,
    unzoned: Option<u64>,
    lanes: Lanes<S>,
    last_date: Option<(String, DateReading)>,
}

impl<'p, S: Sink> Cleaning<'p, S> {
    fn new(path: &'p Path, columns: Columns, params: &CleanParams, sink: S) -> Self {
        Self {
            path,
            columns,
            decimal: params.decimal,
            dates: DateParser::new(params.date_format.clone(), params.time_zone.clone()),
            hasher: RowHasher::with_fresh_key(),
            rows: 0,
            missing_customer: 0,
            faults: Vec::new(),
            zoned: None,
            unzoned: None,
            lanes: Lanes::new(params.snapshot, sink),
            last_date: None,
        }
    }

    fn row(&mut self, record: &Record) -> ControlFlow<()> {
        self.rows += 1;
        match self.parse(record) {
            Ok(None) => self.missing_customer += 1,
            Ok(Some((line, reading))) => {
                if let Err(fault) = self.take(record, &line, reading) {
                    self.faults.push(fault);
                }
            }
            Err(fault) => self.faults.push(fault),
        }
        if self.faults.len() == LISTED_FAULTS || (self.zoned.is_some() && self.unzoned.is_some()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Parses a line; `None` if it names no customer.
    fn parse<'r>(&mut self, record: &'r Record) -> Result<Option<(Line<'r>, DateReading)>, Fault> {
        if record.len() != self.columns.count() {
            return Err(Fault::Ragged {
                line: record.line(),
                found: record.len(),
                expected: self.columns.count(),
            });
        }
        let Some(customer) = record.cell(self.columns.customer).identifier() else {
            return Ok(None);
        };
        let reading = self.date(record)?;
        self.hasher.restart();
        let amount = match self.columns.amount {
            AmountColumns::Product { quantity, price } => {
                let (pieces, unit_price) = (
                    self.decimal(record, quantity)?,
                    self.decimal(record, price)?,
                );
                self.hasher.add_number(pieces.millionths());
                self.hasher.add_number(unit_price.millionths());
                pieces.times(unit_price).ok_or_else(|| {
                    let expected =
                        "a price that times the quantity stays below 9223372036854.775808";
                    self.fault(record, price, expected)
                })?
            }
            AmountColumns::Amount(column) => {
                let amount = self.decimal(record, column)?;
                self.hasher.add_number(amount.millionths());
                amount.into()
            }
        };
        let invoice = record
            .cell(self.columns.invoice)
            .identifier()
            .ok_or_else(|| self.fault(record, self.columns.invoice, "an invoice"))?;
        let country = self
            .columns
            .country
            .and_then(|column| record.cell(column).identifier());
        let line = Line {
            customer,
            invoice,
            amount,
            country,
        };
        self.hash_texts(record, &line);
        Ok(Some((line, reading)))
    }

    /// Adds to the hash what is not a number or the date.
    fn hash_texts(&mut self, record: &Record, line: &Line<'_>) {
        let numbers = match self.columns.amount {
            AmountColumns::Product { quantity, price } => [quantity, price],
            AmountColumns::Amount(column) => [column; 2],
        };
        for (column, cell) in record.cells().enumerate() {
            if column == self.columns.date || numbers.contains(&column) {
                continue;
            }
            if column == self.columns.customer {
                self.hasher.add_text(&line.customer);
            } else if column == self.columns.invoice {
                self.hasher.add_text(&line.invoice);
            } else if Some(column) == self.columns.country {
                match &line.country {
                    Some(country) => self.hasher.add_text(country),
                    None => self.hasher.add_missing(),
                }
            } else {
                self.hasher.add_text(identifier(&cell.text()));
            }
        }
    }

    fn decimal(&self, record: &Record, column: usize) -> Result<Decimal, Fault> {
        let parsed = match record.cell(column) {
            Cell::Number(number) => Decimal::from_f64(number),
            Cell::Text(text) => Decimal::parse(text.as_bytes(), self.decimal),
            Cell::Time(_) => Err(DecimalError::Syntax),
        };
        parsed.map_err(|error| {
            let expected = match (error, self.decimal) {
                (DecimalError::Range, _) => "a number below 9223372036854.775808",
                (DecimalError::Syntax, b',') => DECIMAL_COMMA,
                (DecimalError::Syntax, _) => DECIMAL_POINT,
            };
            self.fault(record, column, expected)
        })
    }

    fn date(&mut self, record: &Record) -> Result<DateReading, Fault> {
        let column = self.columns.date;
        let text = match record.cell(column) {
            Cell::Time(time) => {
                self.unzoned.get_or_insert(record.line());
                return Ok(DateReading::certain(time, false));
            }
            cell => cell.text(),
        };
        // The lines of an invoice have one date.
        if let Some((last, reading)) = &self.last_date
            && *last == text
        {
            return Ok(*reading);
        }
        let reading = self
            .dates
            .parse(&text)
            .map_err(|error| self.fault(record, column, self.dates.expected(error)))?;
        let first = if reading.zoned {
            &mut self.zoned
        } else {
            &mut self.unzoned
        };
        first.get_or_insert(record.line());
        let memo = self.last_date.get_or_insert((String::new(), reading));
        memo.0.clear();
        memo.0.push_str(&text);
        memo.1 = reading;
        Ok(reading)
    }

    /// Puts a line into the lanes that its date leaves possible.
    fn take(
        &mut self,
        record: &Record,
        line: &Line<'_>,
        reading: DateReading,
    ) -> Result<(), Fault> {
        let column = self.columns.date;
        let found = || record.cell(column).text().into_owned();
        self.lanes
            .settle(reading, record.line(), found)
            .map_err(|expected| self.fault(record, column, expected))?;
        // After a fault the run will fail; only further faults are of interest.
        if self.faults.is_empty() {
            let hasher = &mut self.hasher;
            self.lanes.take(line, reading, |time| {
                hasher.finish_with(time.microseconds())
            });
        }
        Ok(())
    }

    fn fault(
        &self,
        record: &Record,
        column: usize,
        expected: impl Into<Cow<'static, str>>,
    ) -> Fault {
        Fault::Field {
            line: record.line(),
            column: self.columns.name(column).to_owned(),
            found: record.cell(column).text().into_owned(),
            expected: expected.into(),
        }
    }

    fn finish(self) -> Result<(S, CleanReport), DatasetError> {
        let path = || self.path.to_owned();
        if !self.faults.is_empty() {
            return Err(DatasetError::Faults {
                path: path(),
                faults: self.faults,
            });
        }
        if let (Some(zoned), Some(unzoned)) = (self.zoned, self.unzoned) {
            return Err(DatasetError::MixedZones {
                path: path(),
                column: self.columns.name(self.columns.date).to_owned(),
                zoned,
                unzoned,
            });
        }
        if self.rows == 0 {
            return Err(DatasetError::HeaderOnly { path: path() });
        }
        let (lane, date_order) =
            self.lanes
                .close()
                .map_err(|example| DatasetError::AmbiguousDates {
                    path: path(),
                    line: example.line,
                    column: self.columns.name(self.columns.date).to_owned(),
                    found: example.found,
                    day_first: example.day_first,
                    month_first: example.month_first,
                })?;
        let dropped = Dropped {
            missing_customer: self.missing_customer,
            ..lane.dropped
        };
        assert_eq!(
            self.rows,
            lane.kept + dropped.total(),
            "every line is kept or dropped by one rule"
        );
        let report = CleanReport {
            columns: self.columns.by_role(),
            ignored_amount_column: self.columns.ignored_amount().map(str::to_owned),
            date_order,
            rows: self.rows,
            dropped,
            kept: lane.kept,
            first: lane.span.map(|(first, _)| first),
            last: lane.span.map(|(_, last)| last),
            isolated_date: lane.isolated_date(),
        };
        Ok((lane.sink, report))
    }
}
