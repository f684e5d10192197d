//! Cleaning: from the rows of a file to the purchases in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    columns::{ColumnNames, Columns},
    dates::{DateFormat, DateReading},
    error::{DatasetError, Fault, LISTED_FAULTS, Place},
    lanes::{DateOrder, IsolatedDate, Lanes, Line, Rules, Spot},
    line::{self, LineParser, Unread, Values},
    preset::{Preset, Unit},
    purchase::{Dropped, Sink},
    record::{Reader, Record},
    rejects::Rejects,
    returns::{Returns, ReturnsReport},
    role::Role,
    row_hash::RowHasher,
    timestamp::Timestamp,
};

/// Currencies, or statuses, that are listed; real data have one or a few.
pub(super) const LISTED: usize = 20;

/// The rows behind the first in which a header is looked for, if the first is none.
const LAST_LIKELY_HEADER: usize = 20;

/// How rows are understood and which of them count.
#[derive(Clone, Debug)]
pub struct CleanParams {
    /// The system that the files come from; `None` to find it in the header.
    pub source: Option<Preset>,
    /// Columns named by the user; all others are found by the source's names, and
    /// by alias.
    pub columns: ColumnNames,
    /// In what amounts are; `None` for what the source has.
    pub unit: Option<Unit>,
    /// The statuses of orders that count; `None` for those of the source.
    pub paid: Option<Vec<String>>,
    /// The decimal mark, `b'.'` or `b','`.
    pub decimal: u8,
    /// How the dates are written.
    pub date_format: DateFormat,
    /// The zone to whose civil time zoned dates are converted.
    pub time_zone: TimeZone,
    /// Lines at or after this time are dropped.
    pub snapshot: Option<Timestamp>,
    /// Lines before this time are dropped.
    pub since: Option<Timestamp>,
    /// What lines with an amount below zero are.
    pub returns: Returns,
    /// Whether lines that are equal in every column all count.
    pub keep_duplicates: bool,
}

impl Default for CleanParams {
    fn default() -> Self {
        Self {
            source: None,
            columns: ColumnNames::default(),
            unit: None,
            paid: None,
            decimal: b'.',
            date_format: DateFormat::default(),
            time_zone: TimeZone::UTC,
            snapshot: None,
            since: None,
            returns: Returns::default(),
            keep_duplicates: false,
        }
    }
}

/// What cleaning did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CleanReport {
    /// The system that the files come from.
    pub source: Preset,
    /// The column of each role.
    pub columns: BTreeMap<Role, String>,
    /// An amount column that was not used, since quantity times price was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored_amount_column: Option<String>,
    /// Whether the day or the month stands first, where the data had to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// Lines read, without headers. Equals `kept`, `dropped` and `quarantined`
    /// together.
    pub rows: u64,
    /// Lines dropped, by rule.
    pub dropped: Dropped,
    /// Lines that do not parse and were put aside.
    pub quarantined: u64,
    /// Lines that count.
    pub kept: u64,
    /// The lines with an amount below zero, whatever they count for.
    pub returns: ReturnsReport,
    /// The time of the first purchase.
    pub first: Option<Timestamp>,
    /// The time of the last purchase.
    pub last: Option<Timestamp>,
    /// The currencies of amounts, where the data name them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub currencies: BTreeSet<String>,
    /// The statuses of lines that were dropped as not paid, with their number.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unpaid: BTreeMap<String, u64>,
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
    let mut cleaning = Cleaning::new(params, params.source, None, sink);
    cleaning.read(reader, path)?;
    cleaning.finish()
}

/// The state of one run over the files of a data set.
pub(super) struct Cleaning<'p, S> {
    params: &'p CleanParams,
    /// The files in the order in which they are read.
    files: Vec<PathBuf>,
    /// The system that the files come from, where that is known before their headers.
    given_source: Option<Preset>,
    /// The last cells of each row of the present file that do not stand in it.
    joined: usize,
    /// The columns of the first file.
    first: Option<Columns>,
    lines: LineParser<'p>,
    hasher: RowHasher,
    rows: u64,
    /// Lines that were dropped before they were parsed.
    dropped: Dropped,
    /// The currencies of lines, as far as they are listed.
    currencies: BTreeSet<String>,
    /// Lines that were not paid by their status, as far as it is listed.
    unpaid: BTreeMap<String, u64>,
    faults: Vec<Fault>,
    /// Where faults go, if the run shall not stop at them.
    rejects: Option<Rejects<'p>>,
    /// What failed in the midst of a file.
    failure: Option<DatasetError>,
    /// The first line with a zone in its date, and the first without.
    zoned: Option<Spot>,
    unzoned: Option<Spot>,
    lanes: Lanes<S>,
}

impl<'p, S: Sink> Cleaning<'p, S> {
    pub(super) fn new(
        params: &'p CleanParams,
        given_source: Option<Preset>,
        rejects: Option<Rejects<'p>>,
        sink: S,
    ) -> Self {
        Self {
            params,
            files: Vec::new(),
            given_source,
            joined: 0,
            first: None,
            lines: LineParser::new(params, given_source.unwrap_or(Preset::Generic)),
            hasher: RowHasher::with_fresh_key(),
            rows: 0,
            dropped: Dropped::default(),
            currencies: BTreeSet::new(),
            unpaid: BTreeMap::new(),
            faults: Vec::new(),
            rejects,
            failure: None,
            zoned: None,
            unzoned: None,
            lanes: Lanes::new(Rules::of(params), sink),
        }
    }

    /// Takes all rows of a file in, and gives their number.
    pub(super) fn read(
        &mut self,
        reader: &mut dyn Reader,
        path: &Path,
    ) -> Result<u64, DatasetError> {
        self.files.push(path.to_owned());
        self.joined = reader.joined();
        let before = self.rows;
        let mut columns = None;
        let mut rows_behind = 0;
        reader.read(&mut |record| match (&columns, &mut self.failure) {
            (Some(columns), _) => self.row(columns, record),
            (None, None) => match self.header(record) {
                Ok(found) => {
                    columns = Some(found);
                    ControlFlow::Continue(())
                }
                Err(error @ DatasetError::MissingColumns { .. }) => {
                    self.failure = Some(error);
                    ControlFlow::Continue(())
                }
                Err(error) => self.fail(error),
            },
            // A title may stand above the header.
            (None, Some(_)) => {
                rows_behind += 1;
                self.look_for_header(record, rows_behind)
            }
        })?;
        let path = || path.to_owned();
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let Some(columns) = columns else {
            return Err(DatasetError::Empty { path: path() });
        };
        let first = self.first.get_or_insert(columns);
        if !self.faults.is_empty() {
            let faults = std::mem::take(&mut self.faults);
            return Err(DatasetError::Faults {
                path: path(),
                faults,
            });
        }
        if let (Some(zoned), Some(unzoned)) = (self.zoned, self.unzoned) {
            return Err(DatasetError::MixedZones {
                column: first.name(first.date).to_owned(),
                zoned: self.place(zoned),
                unzoned: self.place(unzoned),
            });
        }
        Ok(self.rows - before)
    }

    fn fail(&mut self, error: DatasetError) -> ControlFlow<()> {
        self.failure = Some(error);
        ControlFlow::Break(())
    }

    fn header(&mut self, record: &Record) -> Result<Columns, DatasetError> {
        let path = self.path(self.files.len() - 1);
        let header: Vec<String> = record.cells().map(|cell| cell.text().into()).collect();
        let source = match (&self.first, self.given_source) {
            (None, None) => Preset::of_header(&header),
            _ => self.lines.source(),
        };
        let mut columns = Columns::resolve(path, header, &self.params.columns, source)?;
        if let Some(first) = &self.first {
            columns.fit(path, (self.path(0), first))?;
        }
        if source != self.lines.source() {
            self.lines = LineParser::new(self.params, source);
        }
        if let Some(rejects) = &mut self.rejects {
            rejects
                .start(&columns)
                .map_err(|source| DatasetError::Reject { source })?;
        }
        Ok(columns)
    }

    /// Notes a row behind one that is no header, if it could be one.
    fn look_for_header(&mut self, record: &Record, rows_behind: usize) -> ControlFlow<()> {
        let is_header = self.header(record).is_ok();
        if let Some(DatasetError::MissingColumns { later, .. }) = &mut self.failure
            && is_header
        {
            *later = Some(record.line());
        }
        if is_header || rows_behind == LAST_LIKELY_HEADER {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn row(&mut self, columns: &Columns, record: &Record) -> ControlFlow<()> {
        self.rows += 1;
        let taken = match self.parse(columns, record) {
            Ok(Some((line, reading))) => self.take(columns, record, &line, reading),
            Ok(None) => Ok(()),
            Err(Fault::Field { line, .. }) if columns.is_header(record) => {
                Err(Fault::Header { line })
            }
            Err(fault) => Err(fault),
        };
        match (taken, &mut self.rejects) {
            (Ok(()), _) => {}
            (Err(fault), None) => self.faults.push(fault),
            (Err(fault), Some(rejects)) => {
                let path = &self.files[self.files.len() - 1];
                if let Err(source) = rejects.push((path, record), columns, &fault) {
                    return self.fail(DatasetError::Reject { source });
                }
            }
        }
        if self.faults.len() == LISTED_FAULTS || (self.zoned.is_some() && self.unzoned.is_some()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Parses a line; `None` if it is dropped before that, and counted.
    fn parse<'r>(
        &mut self,
        columns: &Columns,
        record: &'r Record,
    ) -> Result<Option<(Line<'r>, DateReading)>, Fault> {
        if record.len() != columns.count() {
            return Err(Fault::Ragged {
                line: record.line(),
                found: record.len() - self.joined,
                expected: columns.count() - self.joined,
            });
        }
        let lines = &mut self.lines;
        let Some(customer) = lines.customer(columns, record) else {
            self.dropped.missing_customer += 1;
            return Ok(None);
        };
        match lines.unread(columns, record) {
            None => {}
            Some(Unread::Continued) => {
                self.dropped.continued += 1;
                return Ok(None);
            }
            Some(Unread::NotPaid(status)) => {
                self.dropped.not_paid += 1;
                if self.unpaid.len() < LISTED || self.unpaid.contains_key(&status) {
                    *self.unpaid.entry(status).or_default() += 1;
                }
                return Ok(None);
            }
        }
        let reading = lines.date(columns, record)?;
        self.hasher.restart();
        let fault = |bad| lines.fault(columns, record, bad);
        let amount = lines.amount(columns, record, &mut self.hasher);
        let line = Line {
            customer,
            amount: amount.map_err(fault)?,
            invoice: line::invoice(columns, record)?,
            country: line::country(columns, record),
            refund: lines.refund(columns, record).map_err(fault)?,
        };
        self.hasher.add_text(&line.customer);
        self.hasher.add_text(&line.invoice);
        match &line.country {
            Some(country) => self.hasher.add_text(country),
            None => self.hasher.add_missing(),
        }
        line::add_others(columns, record, &mut self.hasher);
        Ok(Some((line, reading)))
    }

    /// Puts a line into the lanes that its date leaves possible.
    fn take(
        &mut self,
        columns: &Columns,
        record: &Record,
        line: &Line<'_>,
        reading: DateReading,
    ) -> Result<(), Fault> {
        let spot = self.spot(record);
        let found = || record.cell(columns.date).text().into_owned();
        if let Err((order, settled)) = self.lanes.settle(reading, spot, found) {
            let settled = self.place(settled).from(self.path(spot.file));
            let expected = format!("a date with {order}, as in {settled}");
            return Err(columns.fault(record, columns.date, expected));
        }
        let first = if reading.zoned {
            &mut self.zoned
        } else {
            &mut self.unzoned
        };
        first.get_or_insert(spot);
        self.note_currency(columns, record);
        // After a fault the run will fail; only further faults are of interest.
        if self.faults.is_empty() {
            let hasher = &mut self.hasher;
            self.lanes.take(line, reading, |time| {
                hasher.finish_with(time.microseconds())
            });
        }
        Ok(())
    }

    fn note_currency(&mut self, columns: &Columns, record: &Record) {
        let Some(currency) = line::currency(columns, record) else {
            return;
        };
        let is_listed = self.currencies.contains(currency.as_ref());
        if !currency.is_empty() && !is_listed && self.currencies.len() < LISTED {
            self.currencies.insert(currency.into_owned());
        }
    }

    fn spot(&self, record: &Record) -> Spot {
        Spot {
            file: self.files.len() - 1,
            line: record.line(),
        }
    }

    fn path(&self, file: usize) -> &Path {
        &self.files[file]
    }

    fn place(&self, spot: Spot) -> Place {
        Place {
            path: self.path(spot.file).to_owned(),
            line: spot.line,
        }
    }

    /// What was found, once all files are read.
    pub(super) fn finish(self) -> Result<(S, CleanReport), DatasetError> {
        let Self { files, .. } = self;
        let columns = self.first.expect("a data set has a file");
        if self.rows == 0 {
            let path = files[0].clone();
            return Err(DatasetError::HeaderOnly { path });
        }
        let (lane, date_order) =
            self.lanes
                .close()
                .map_err(|example| DatasetError::AmbiguousDates {
                    path: files[example.spot.file].clone(),
                    line: example.spot.line,
                    column: columns.name(columns.date).to_owned(),
                    found: example.found,
                    day_first: example.day_first,
                    month_first: example.month_first,
                })?;
        let dropped = Dropped {
            missing_customer: self.dropped.missing_customer,
            not_paid: self.dropped.not_paid,
            continued: self.dropped.continued,
            ..lane.dropped
        };
        let quarantined = self.rejects.map_or(0, |rejects| rejects.lines);
        assert_eq!(
            self.rows,
            lane.kept + dropped.total() + quarantined,
            "every line is kept, dropped by one rule, or put aside"
        );
        let report = CleanReport {
            source: self.lines.source(),
            currencies: self.currencies,
            columns: columns.by_role(),
            ignored_amount_column: columns.ignored_amount().map(str::to_owned),
            date_order,
            rows: self.rows,
            dropped,
            quarantined,
            kept: lane.kept,
            returns: lane.returns.clone(),
            first: lane.span.map(|(first, _)| first),
            last: lane.span.map(|(_, last)| last),
            unpaid: self.unpaid,
            isolated_date: lane.isolated_date(),
        };
        Ok((lane.sink, report))
    }
}
