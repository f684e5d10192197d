//! One thread's part of the work: pieces in, runs out.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{ControlFlow, Range},
    sync::Arc,
};

use hashbrown::HashSet;

use super::{
    Line, Lines, NO_COUNTRY, Names, Run, RunKey,
    names::{NameParts, PARTS, Texts, part_of},
    packed::RunLog,
};
use crate::dataset::{
    clean::{CleanParams, LISTED},
    columns::Columns,
    csv::index::{Fields, Index},
    lanes::{DateOrder, Rules},
    line::{self, LineParser, Row, Unread, Values},
    money::Money,
    parquet::{Group, Rows},
    preset::Preset,
    record::{Reader, Record},
    returns::{LARGEST, Return},
    row_hash::ShortHash,
    timestamp::Timestamp,
    xlsx::XlsxReader,
};

/// Runs with one of so many lines at either end of a piece keep their lines: they may
/// well go on beyond it.
const EDGE: usize = 32;
/// A piece with fewer lines to a run is in no order, and keeps the lines of all.
const ORDERED: usize = 4;

/// Why files are not rolled up in pieces.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// Something that only the plain reader can tell of, or deal with.
    Unusual,
    /// A date makes sense only with day and month in the other order.
    OtherOrder,
}

/// A piece of a file.
pub(super) struct Piece {
    /// Its number among those of all files.
    pub(super) number: u32,
    /// The number of the file.
    pub(super) file: usize,
    pub(super) columns: Arc<Columns>,
    pub(super) content: Content,
}

/// What a piece is made of.
pub(super) enum Content {
    /// So many bytes at the start of the buffer.
    Csv {
        bytes: usize,
        delimiter: u8,
        /// Whether the first record is the header.
        has_header: bool,
    },
    /// Rows, so many of which make a piece of their own, with the next number.
    Parquet { group: Box<Group>, rows: usize },
    /// All rows of a file that can only be read from its start to its end; so many
    /// make a piece, and there are at most so many pieces.
    Sheet {
        reader: Box<XlsxReader>,
        rows: usize,
        pieces: u32,
    },
}

/// What it costs to read a piece once more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Again {
    Cheap,
    /// More than to keep all its lines.
    Dear,
}

/// What one worker found in its pieces.
pub(super) struct Worker<'p> {
    lines: LineParser<'p>,
    hash: ShortHash,
    /// How dates with two readings are read.
    order: DateOrder,
    rules: Rules,
    /// The only runs that are of interest, by their parts, and their lines with them.
    wanted: Option<&'p [HashSet<RunKey>]>,
    index: Index,
    seen: Seen,
    record: Record,
    /// The lines of the present piece that were new.
    new: Vec<Line>,
    /// The runs of the present piece; the last one is the present one. Their customers
    /// are numbered as they stand in `customers`.
    runs: Vec<Run>,
    /// The customers of the present piece in the order of its lines. They are looked up
    /// together, at its end.
    customers: Texts,
    /// Their numbers among all customers, once they were.
    numbers: Vec<u32>,
    /// The hash of the present run's key.
    run_hash: u64,
    pub(super) found: Found,
}

/// What comes out of all pieces of a worker together.
#[derive(Default)]
pub(super) struct Found {
    pub(super) customers: NameParts,
    pub(super) countries: Names,
    /// The runs by the parts of their customers, so that each part can be sorted alone,
    /// and in the cache.
    pub(super) parts: Vec<RunLog>,
    pub(super) kept_lines: Vec<Line>,
    pub(super) tally: Tally,
}

/// What is counted beside the runs.
#[derive(Default)]
pub(super) struct Tally {
    /// Lines by file.
    pub(super) rows: Vec<u64>,
    pub(super) missing_customer: u64,
    pub(super) continued: u64,
    pub(super) not_paid: u64,
    pub(super) duplicates: u64,
    pub(super) unpaid: BTreeMap<String, u64>,
    pub(super) currencies: BTreeSet<String>,
    pub(super) dates: Dates,
    /// The largest returns, each with the hash of its line.
    pub(super) largest: Vec<(Return, u64)>,
}

/// What dates there were.
#[expect(clippy::struct_excessive_bools, reason = "each is a kind of its own")]
#[derive(Clone, Copy, Default)]
pub(super) struct Dates {
    pub(super) zoned: bool,
    pub(super) unzoned: bool,
    /// Dates that can be read in two ways.
    pub(super) open: bool,
    /// Dates that make sense only with the day, or the month, first.
    pub(super) day_first: bool,
    pub(super) month_first: bool,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self, rules: &Rules) -> Result<(), Stop> {
        let files = self.rows.len().max(other.rows.len());
        self.rows.resize(files, 0);
        for (rows, others) in self.rows.iter_mut().zip(other.rows) {
            *rows += others;
        }
        self.missing_customer += other.missing_customer;
        self.continued += other.continued;
        self.not_paid += other.not_paid;
        self.duplicates += other.duplicates;
        for (status, lines) in other.unpaid {
            *self.unpaid.entry(status).or_default() += lines;
        }
        self.currencies.extend(other.currencies);
        self.dates.zoned |= other.dates.zoned;
        self.dates.unzoned |= other.dates.unzoned;
        self.dates.open |= other.dates.open;
        self.dates.day_first |= other.dates.day_first;
        self.dates.month_first |= other.dates.month_first;
        self.largest.extend(other.largest);
        first_of(&mut self.largest, rules);
        self.check()
    }

    /// Which statuses or currencies are listed, if there are too many, is a question
    /// of the order of lines.
    fn check(&self) -> Result<(), Stop> {
        if self.unpaid.len() > LISTED || self.currencies.len() > LISTED {
            return Err(Stop::Unusual);
        }
        Ok(())
    }
}

/// The texts of the last line that tell its run, and what they stand for.
struct Last<'t> {
    /// The first and last column of each text: neighbours are one text.
    columns: Vec<(usize, usize)>,
    texts: [&'t [u8]; 4],
    run: LastRun,
}

#[derive(Clone, Copy)]
enum LastRun {
    /// They are others, or there is no line before.
    None,
    /// No customer is named.
    Missing,
    /// The run of the customer with that number is still to be opened.
    Of(u32),
    /// The run is the present one.
    Open,
}

impl<'t> Last<'t> {
    fn new(columns: &Columns) -> Self {
        let columns = columns.of_run();
        let neighbours = columns.chunk_by(|a, b| a + 1 == *b);
        Self {
            columns: neighbours
                .map(|columns| (columns[0], columns[columns.len() - 1]))
                .collect(),
            texts: [&[]; 4],
            run: LastRun::None,
        }
    }

    /// Whether a row has the texts of the last one; they are its own from now on.
    #[inline]
    fn is_same<const PLAIN: bool>(&mut self, row: &Fields<'t, PLAIN>) -> bool {
        let mut is_same = true;
        for (text, &(first, last)) in self.texts.iter_mut().zip(&self.columns) {
            let found = row.raw(first, last);
            is_same = is_same && is_equal(text, found);
            *text = found;
        }
        is_same
    }
}

impl<'p> Worker<'p> {
    pub(super) fn new(
        params: &'p CleanParams,
        source: Preset,
        hash: ShortHash,
        order: DateOrder,
    ) -> Self {
        Self {
            lines: LineParser::new(params, source),
            hash,
            order,
            rules: Rules::of(params),
            wanted: None,
            index: Index::default(),
            seen: Seen::default(),
            record: Record::default(),
            new: Vec::new(),
            runs: Vec::new(),
            customers: Texts::default(),
            numbers: Vec::new(),
            run_hash: 0,
            found: Found {
                parts: (0..PARTS).map(|_| RunLog::default()).collect(),
                ..Found::default()
            },
        }
    }

    /// A worker that looks for some runs alone, given by their parts, and keeps their
    /// lines. The numbers in their keys are those in `names`, of customers and of
    /// countries.
    pub(super) fn looking_for(
        mut self,
        wanted: &'p [HashSet<RunKey>],
        names: (&NameParts, &Names),
    ) -> Self {
        self.wanted = Some(wanted);
        self.found.customers = names.0.clone();
        self.found.countries = names.1.clone();
        self
    }

    /// Takes in a piece.
    pub(super) fn piece(&mut self, buffer: &[u8], piece: Piece) -> Result<(), Stop> {
        let rows = match piece.content {
            Content::Csv {
                bytes,
                delimiter,
                has_header,
            } => {
                let rows = self.csv(&piece.columns, &buffer[..bytes], delimiter, has_header)?;
                self.close_runs(piece.number, Again::Cheap);
                rows
            }
            Content::Parquet { group, rows } => {
                self.parquet(&piece.columns, *group, rows, piece.number)?
            }
            Content::Sheet {
                mut reader,
                rows,
                pieces,
            } => {
                let numbers = piece.number..piece.number + pieces;
                self.sheet(&piece.columns, &mut *reader, rows, numbers)?
            }
        };
        let file_rows = &mut self.found.tally.rows;
        if file_rows.len() <= piece.file {
            file_rows.resize(piece.file + 1, 0);
        }
        file_rows[piece.file] += rows;
        Ok(())
    }

    /// Takes in a row group in pieces of `at_once` rows, and gives the number of all.
    fn parquet(
        &mut self,
        columns: &Columns,
        group: Group,
        at_once: usize,
        mut number: u32,
    ) -> Result<u64, Stop> {
        let mut group = Rows::new(group, columns, self.hash.clone(), self.lines.decimal_mark());
        let mut all = 0;
        loop {
            let rows = group.fill(at_once).ok_or(Stop::Unusual)?;
            if rows == 0 {
                return Ok(all);
            }
            all += rows as u64;
            self.seen.restart(rows);
            let mut last = LastRun::None;
            for row in 0..rows {
                if group.changes(row) {
                    last = LastRun::None;
                }
                self.row(columns, &group.row(row), &mut last)?;
            }
            self.close_runs(number, Again::Cheap);
            number += 1;
        }
    }

    /// Takes in all rows behind the header in pieces of `at_once` rows, and gives their
    /// number.
    fn sheet(
        &mut self,
        columns: &Columns,
        reader: &mut dyn Reader,
        at_once: usize,
        mut numbers: Range<u32>,
    ) -> Result<u64, Stop> {
        let (mut rows, mut failure) = (0, None);
        let mut has_header = true;
        self.seen.restart(at_once);
        let read = reader.read(&mut |record| {
            if std::mem::take(&mut has_header) {
                return ControlFlow::Continue(());
            }
            rows += 1;
            let taken = if record.len() == columns.count() {
                self.row(columns, record, &mut LastRun::None)
            } else {
                Err(Stop::Unusual)
            };
            let closed = taken.and_then(|()| {
                if rows % at_once as u64 == 0 {
                    let number = numbers.next().ok_or(Stop::Unusual)?;
                    self.close_runs(number, Again::Dear);
                    self.seen.restart(at_once);
                }
                Ok(())
            });
            match closed {
                Ok(()) => ControlFlow::Continue(()),
                Err(stop) => {
                    failure = Some(stop);
                    ControlFlow::Break(())
                }
            }
        });
        if read.is_err() || failure.is_some() {
            return Err(failure.unwrap_or(Stop::Unusual));
        }
        let number = numbers.next().ok_or(Stop::Unusual)?;
        self.close_runs(number, Again::Dear);
        Ok(rows)
    }

    /// Takes in records of CSV, and gives their number.
    fn csv(
        &mut self,
        columns: &Columns,
        bytes: &[u8],
        delimiter: u8,
        has_header: bool,
    ) -> Result<u64, Stop> {
        let text = str::from_utf8(bytes).map_err(|_| Stop::Unusual)?;
        let mut index = std::mem::take(&mut self.index);
        index.find(bytes, delimiter).ok_or(Stop::Unusual)?;
        self.seen.restart(index.len());
        let rows = if index.is_plain() {
            self.records::<true>(columns, &index, text, has_header)?
        } else {
            self.records::<false>(columns, &index, text, has_header)?
        };
        self.index = index;
        Ok(rows)
    }

    /// Takes in all records of an index, and gives their number.
    fn records<const PLAIN: bool>(
        &mut self,
        columns: &Columns,
        index: &Index,
        text: &str,
        has_header: bool,
    ) -> Result<u64, Stop> {
        let mut is_header = has_header;
        let mut last = Last::new(columns);
        let mut rows = 0;
        let is_whole = index.visit(text, |row: &Fields<'_, PLAIN>| {
            if std::mem::take(&mut is_header) {
                return Ok(());
            }
            rows += 1;
            if row.len() != columns.count() {
                return Err(Stop::Unusual);
            }
            if row.has_doubled_quotes() {
                last.run = LastRun::None;
                let mut record = std::mem::take(&mut self.record);
                row.copy_to(&mut record);
                self.row(columns, &record, &mut LastRun::None)?;
                self.record = record;
                return Ok(());
            }
            if !last.is_same(row) {
                last.run = LastRun::None;
            }
            self.row(columns, row, &mut last.run)
        })?;
        if is_whole {
            Ok(rows)
        } else {
            Err(Stop::Unusual)
        }
    }

    /// Takes in a line; `last` is what the texts that tell its run stand for, if the
    /// line before had the same.
    #[inline]
    fn row(&mut self, columns: &Columns, row: &impl Row, last: &mut LastRun) -> Result<(), Stop> {
        if let LastRun::None = last {
            *last = match self.customer(columns, row) {
                None => LastRun::Missing,
                Some(number) => LastRun::Of(number),
            };
        }
        if let LastRun::Missing = last {
            self.found.tally.missing_customer += 1;
            return Ok(());
        }
        if self.is_unread(columns, row)? {
            return Ok(());
        }
        if let LastRun::Of(number) = *last {
            let key = self.key(columns, row, number)?;
            self.open_run(key);
            *last = LastRun::Open;
        }
        self.line(columns, row)
    }

    fn customer(&mut self, columns: &Columns, row: &impl Row) -> Option<u32> {
        let customer = self.lines.customer(columns, row)?;
        let hash = self.hash.text(&customer);
        Some(self.customers.push(&customer, hash))
    }

    fn is_unread(&mut self, columns: &Columns, row: &impl Row) -> Result<bool, Stop> {
        match self.lines.unread(columns, row) {
            None => return Ok(false),
            Some(Unread::Continued) => self.found.tally.continued += 1,
            Some(Unread::NotPaid(status)) => {
                self.found.tally.not_paid += 1;
                *self.found.tally.unpaid.entry(status).or_default() += 1;
                self.found.tally.check()?;
            }
        }
        Ok(true)
    }

    fn key(&mut self, columns: &Columns, row: &impl Row, customer: u32) -> Result<RunKey, Stop> {
        let invoice = line::invoice(columns, row).map_err(|_| Stop::Unusual)?;
        let country = line::country(columns, row);
        Ok(RunKey {
            customer,
            invoice: self.hash.text(&invoice),
            time: self.time(columns, row)?,
            country: country.map_or(NO_COUNTRY, |country| self.country(&country)),
        })
    }

    /// The number of a country, which most often is that of the run before.
    fn country(&mut self, country: &str) -> u32 {
        let countries = &mut self.found.countries;
        let last = self.runs.last().and_then(|run| run.key.country());
        match last.filter(|&last| countries.get(last) == country) {
            Some(last) => last,
            None => countries.number(country, self.hash.text(country)),
        }
    }

    fn time(&mut self, columns: &Columns, row: &impl Row) -> Result<Timestamp, Stop> {
        let reading = self.lines.date(columns, row).map_err(|_| Stop::Unusual)?;
        let dates = &mut self.found.tally.dates;
        *(if reading.zoned {
            &mut dates.zoned
        } else {
            &mut dates.unzoned
        }) = true;
        match (reading.day_first, reading.month_first) {
            (Some(day_first), Some(month_first)) => dates.open |= day_first != month_first,
            (day_first, month_first) => {
                dates.day_first |= day_first.is_some();
                dates.month_first |= month_first.is_some();
            }
        }
        let time = match self.order {
            DateOrder::DayFirst => reading.day_first,
            DateOrder::MonthFirst => reading.month_first,
        };
        time.ok_or(Stop::OtherOrder)
    }

    /// Makes the run of `key` the present one.
    fn open_run(&mut self, key: RunKey) {
        if self.runs.last().is_some_and(|run| run.key == key) {
            return;
        }
        self.runs.push(Run::new(key));
        let mut hasher = self.hash.start();
        hasher.add_number(self.customers.hash(key.customer) as i64);
        hasher.add_number(key.invoice as i64);
        hasher.add_number(key.time.microseconds());
        let country = key
            .country()
            .map(|number| self.found.countries.hash(number));
        hasher.add_number(country.unwrap_or_default() as i64);
        self.run_hash = hasher.finish();
    }

    /// Adds a line to the present run, unless it stood in this piece before.
    fn line(&mut self, columns: &Columns, row: &impl Row) -> Result<(), Stop> {
        let (lines, mut hasher) = (&self.lines, self.hash.start());
        let amount = lines
            .amount(columns, row, &mut hasher)
            .map_err(|_| Stop::Unusual)?;
        let refund = lines.refund(columns, row).map_err(|_| Stop::Unusual)?;
        line::add_others(columns, row, &mut hasher);
        let hash = hasher.finish();
        if let Some(currency) = line::currency(columns, row)
            && !currency.is_empty()
            && !self.found.tally.currencies.contains(currency.as_ref())
        {
            self.found.tally.currencies.insert(currency.into_owned());
            self.found.tally.check()?;
        }
        let run = self.runs.last_mut().expect("a run is open");
        let line = Line {
            hash,
            amount: amount.millionths(),
            refund: refund
                .filter(|_| amount.is_positive())
                .map_or(0, Money::millionths),
        };
        // Both hashes are as good as random, and so is what they make together.
        let identity = hash ^ self.run_hash;
        if !self.rules.keep_duplicates && !self.seen.insert(identity) {
            self.found.tally.duplicates += 1;
            return Ok(());
        }
        run.add(&line).ok_or(Stop::Unusual)?;
        let (time, given_back) = (run.key.time, line.given_back());
        self.new.push(line);
        if given_back < 0 && self.rules.counts(time) {
            self.note_return(columns, row, (given_back, time), identity)?;
        }
        Ok(())
    }

    /// Remembers what was given back, if it is among the most.
    fn note_return(
        &mut self,
        columns: &Columns,
        row: &impl Row,
        (amount, time): (i64, Timestamp),
        identity: u64,
    ) -> Result<(), Stop> {
        let largest = &mut self.found.tally.largest;
        let least = largest.get(LARGEST - 1);
        if least.is_some_and(|(least, _)| amount > least.amount.millionths()) {
            return Ok(());
        }
        let invoice = line::invoice(columns, row).map_err(|_| Stop::Unusual)?;
        let customer = self.lines.customer(columns, row).unwrap_or_default();
        let line = Return {
            amount: Money::from_millionths(amount),
            invoice: invoice.into_owned(),
            customer: customer.into_owned(),
            time,
        };
        largest.push((line, identity));
        first_of(largest, &self.rules);
        Ok(())
    }

    /// Hands the runs of a piece on, with the lines of those that may go on in another.
    fn close_runs(&mut self, piece: u32, again: Again) {
        let scattered = self.new.len() < ORDERED * self.runs.len() || again == Again::Dear;
        let middle = EDGE..self.new.len().saturating_sub(EDGE);
        let customers = &mut self.found.customers;
        customers.number_all(&self.customers, &mut self.numbers);
        let mut start = 0;
        for mut run in self.runs.drain(..) {
            let lines = start..start + run.len() as usize;
            start = lines.end;
            let part = part_of(self.customers.hash(run.key.customer));
            run.key.customer = self.numbers[run.key.customer as usize];
            if self
                .wanted
                .is_some_and(|wanted| !wanted[part].contains(&run.key))
            {
                continue;
            }
            let is_inside = middle.contains(&lines.start) && lines.end <= middle.end;
            run.piece = piece;
            run.lines = match run.len() {
                0 => continue,
                1 => Lines::One(self.new[lines.start].hash),
                _ if is_inside && !scattered && self.wanted.is_none() => Lines::InFile,
                _ => {
                    let kept = &mut self.found.kept_lines;
                    kept.extend_from_slice(&self.new[lines]);
                    Lines::Kept(kept.len() as u64 - u64::from(run.len()))
                }
            };
            self.found.parts[part].push(&run);
        }
        self.new.clear();
        self.customers.clear();
    }
}

/// Whether two texts are equal; most are short, and compared without a call.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    /// The first and the last bytes of a text, which may overlap.
    fn both_ends<const N: usize>(text: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        text.first_chunk().zip(text.last_chunk())
    }
    a.len() == b.len()
        && match a.len() {
            4..8 => both_ends::<4>(a) == both_ends(b),
            8..16 => both_ends::<8>(a) == both_ends(b),
            16..=32 => both_ends::<16>(a) == both_ends(b),
            _ => a == b,
        }
}

/// Leaves the largest returns in order, of equal lines one.
fn first_of(returns: &mut Vec<(Return, u64)>, rules: &Rules) {
    returns.sort_unstable();
    if !rules.keep_duplicates {
        returns.dedup();
    }
    returns.truncate(LARGEST);
}

/// The identities of the lines of a piece.
#[derive(Default)]
struct Seen {
    /// Open addressing; 0 stands for an empty place.
    table: Vec<u64>,
}

impl Seen {
    /// Empties the table and makes room for `lines`.
    fn restart(&mut self, lines: usize) {
        self.table.clear();
        self.table.resize((lines * 2).next_power_of_two(), 0);
    }

    /// Whether an identity is new.
    fn insert(&mut self, identity: u64) -> bool {
        let identity = identity.max(1);
        let last = self.table.len() - 1;
        let mut place = identity as usize & last;
        loop {
            match self.table[place] {
                0 => {
                    self.table[place] = identity;
                    return true;
                }
                known if known == identity => return false,
                _ => place = (place + 1) & last,
            }
        }
    }
}
