//! From files to runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    Line, Names, Rolled, RolledPart, Runs,
    merge::{Count, Part},
    names::{NameParts, PARTS},
    packed::{Renumbering, RunLog},
    queue::Queue,
    worker::{Found, Stop, Tally, Worker},
};
use crate::dataset::{
    CleanParams, CleanReport, Intake, ReadParams, Tables,
    columns::Columns,
    lanes::{DateOrder, IsolatedDate, Rules},
    preset::Preset,
    purchase::Dropped,
    rejects::Rejects,
    returns::ReturnsReport,
    row_hash::ShortHash,
    source::STDIN,
};

/// Rolls files up as [`load`](crate::dataset::load) does, but in pieces.
///
/// `None` if they have something that only [`load`](crate::dataset::load) can tell
/// of, or deal with: several formats, a pipe, tables to be joined, lines that do not
/// parse, irregular quotes. Nothing was written then.
pub(crate) fn roll(paths: &[PathBuf], intake: &mut Intake<'_>) -> Option<Rolled> {
    let is_file = |path: &PathBuf| {
        path != Path::new(STDIN) && path.metadata().is_ok_and(|path| path.is_file())
    };
    if !paths.iter().all(is_file) {
        return None;
    }
    let tables = Tables::find(paths, intake.read, intake.clean.source).ok()?;
    if tables.is_joined() {
        return None;
    }
    let mut roll = Roll {
        paths,
        read: intake.read,
        clean: intake.clean,
        source: tables.source(),
        hash: ShortHash::default(),
        order: DateOrder::MonthFirst,
    };
    let rolled = match roll.files() {
        Err(Stop::OtherOrder) => {
            roll.order = DateOrder::DayFirst;
            roll.files()
        }
        other => other,
    };
    let (rolled, columns) = rolled.ok()?;
    if let Some(out) = &mut intake.rejected {
        Rejects::new(*out).start(&columns).ok()?;
    }
    Some(rolled)
}

/// What goes over the files is made with.
struct Roll<'a> {
    paths: &'a [PathBuf],
    read: &'a ReadParams,
    clean: &'a CleanParams,
    source: Option<Preset>,
    hash: ShortHash,
    /// How dates with two readings are read.
    order: DateOrder,
}

impl Roll<'_> {
    fn files(&self) -> Result<(Rolled, Arc<Columns>), Stop> {
        let rules = Rules::of(self.clean);
        let queue = self.queue(None);
        let mut found = self.work(&queue, |worker| worker)?;
        let (columns, source, mut inputs) = queue.finish().ok_or(Stop::Unusual)?;
        let mut countries = Names::default();
        let numbers = found
            .iter_mut()
            .map(|found| countries.add_all(std::mem::take(&mut found.countries)));
        let numbers: Vec<Vec<u32>> = numbers.collect();
        let (parts, kept_lines) = together(&mut found, &numbers);
        let merged: Option<Vec<Part>> = parts
            .into_par_iter()
            .map(|of_workers| {
                let (customers, runs) = in_order(of_workers);
                let part = Part::merge(runs, &kept_lines, &rules)?;
                Some(Part { customers, ..part })
            })
            .collect();
        drop(kept_lines);
        let mut parts = merged.ok_or(Stop::Unusual)?;
        self.compare_open(&mut parts, &countries)?;

        let mut tally = Tally::default();
        for found in found {
            tally.add(found.tally, &rules)?;
        }
        tally.duplicates += parts.iter().map(|part| part.duplicates).sum::<u64>();
        for (input, rows) in inputs.iter_mut().zip(&tally.rows) {
            input.rows = *rows;
        }
        let count = parts
            .par_iter_mut()
            .map(|part| Count::of(&mut part.runs, &rules))
            .reduce(Count::default, Count::add);
        let parts = parts.into_iter().map(|part| RolledPart {
            customers: part.customers,
            runs: part.runs,
        });
        let report = report(&columns, source, tally, count)?;
        let rolled = Rolled {
            parts: parts.collect(),
            countries: countries.iter().map(Into::into).collect(),
            inputs,
            report,
        };
        Ok((rolled, columns))
    }

    fn queue(&self, wanted: Option<BTreeSet<u32>>) -> Queue<'_> {
        Queue::new((self.paths, self.read, self.clean), self.source, wanted)
    }

    /// Lets all threads work on the pieces of a queue.
    fn work<'w>(
        &'w self,
        queue: &Queue<'_>,
        prepare: impl Fn(Worker<'w>) -> Worker<'w> + Sync,
    ) -> Result<Vec<Found>, Stop> {
        let found = rayon::broadcast(|_| {
            let mut buffer = Vec::new();
            let mut worker = None;
            while let Some((piece, source)) = queue.next(&mut buffer)? {
                let worker = worker.get_or_insert_with(|| {
                    let hash = self.hash.clone();
                    prepare(Worker::new(self.clean, source, hash, self.order))
                });
                worker.piece(&buffer, piece).inspect_err(|_| queue.stop())?;
            }
            Ok(worker.map(|worker: Worker<'_>| worker.found))
        });
        let found: Result<Vec<Option<Found>>, Stop> = found.into_iter().collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// Reads the pieces again in which keys stand whose lines are not at hand, and
    /// compares these.
    fn compare_open(&self, parts: &mut [Part], countries: &Names) -> Result<(), Stop> {
        let mut wanted = Vec::new();
        let mut pieces = BTreeSet::new();
        for part in &mut *parts {
            wanted.push(part.open.keys().copied().collect());
            pieces.append(&mut part.pieces);
        }
        if pieces.is_empty() {
            return Ok(());
        }
        let customers: NameParts = parts.iter().map(|part| part.customers.clone()).collect();
        let queue = self.queue(Some(pieces));
        let names = (&customers, countries);
        let mut found = self.work(&queue, |worker| worker.looking_for(&wanted, names))?;
        let same = vec![(0..countries.len() as u32).collect(); found.len()];
        let (again, kept_lines) = together(&mut found, &same);
        let rules = Rules::of(self.clean);
        for (part, of_workers) in parts.iter_mut().zip(again) {
            let (_, runs) = in_order(of_workers);
            // The file may have been changed between the two readings.
            let mut lines = BTreeMap::new();
            for run in runs.iter() {
                *lines.entry(run.key).or_default() += u64::from(run.len());
            }
            if lines != part.open {
                return Err(Stop::Unusual);
            }
            let again = Part::merge(runs, &kept_lines, &rules).ok_or(Stop::Unusual)?;
            part.duplicates += again.duplicates;
            part.runs.add(again.runs);
        }
        Ok(())
    }
}

/// What one worker found of a part.
struct OfWorker<'a> {
    customers: Names,
    log: RunLog,
    /// The number that each of its countries has among all.
    countries: &'a [u32],
    /// The lines that workers before it kept.
    lines_before: u64,
}

/// What all workers found by parts, and the lines that were kept. `countries` has for
/// each of them the numbers of its countries.
fn together<'a>(
    found: &mut [Found],
    countries: &'a [Vec<u32>],
) -> (Vec<Vec<OfWorker<'a>>>, Vec<Line>) {
    let mut parts: Vec<Vec<OfWorker<'_>>> = (0..PARTS).map(|_| Vec::new()).collect();
    let mut kept_lines = Vec::new();
    for (found, countries) in found.iter_mut().zip(countries) {
        let lines_before = kept_lines.len() as u64;
        kept_lines.append(&mut found.kept_lines);
        let customers = std::mem::take(&mut found.customers).into_parts();
        let logs = std::mem::take(&mut found.parts);
        for (part, (customers, log)) in parts.iter_mut().zip(customers.into_iter().zip(logs)) {
            part.push(OfWorker {
                customers,
                log,
                countries,
                lines_before,
            });
        }
    }
    (parts, kept_lines)
}

/// The customers and the runs of a part.
fn in_order(of_workers: Vec<OfWorker<'_>>) -> (Names, Runs) {
    let mut customers = Names::default();
    let logs = of_workers.into_iter().map(|found| {
        let new = Renumbering {
            customers: customers.add_all(found.customers),
            countries: found.countries,
            kept_lines: found.lines_before,
        };
        (found.log, new)
    });
    let logs = logs.collect();
    let runs = Runs::of(logs, customers.len());
    (customers, runs)
}

/// What cleaning did; fails where the dates leave something open.
fn report(
    columns: &Columns,
    source: Preset,
    tally: Tally,
    count: Count,
) -> Result<CleanReport, Stop> {
    let rows: u64 = tally.rows.iter().sum();
    let dates = tally.dates;
    let date_order = match (dates.day_first, dates.month_first) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        (false, false) => None,
        (true, true) => return Err(Stop::Unusual),
    };
    let is_open = dates.open && date_order.is_none();
    if rows == 0 || is_open || (dates.zoned && dates.unzoned) {
        return Err(Stop::Unusual);
    }
    let dropped = Dropped {
        missing_customer: tally.missing_customer,
        not_paid: tally.not_paid,
        continued: tally.continued,
        duplicate: tally.duplicates,
        ..count.dropped
    };
    assert_eq!(
        rows,
        count.kept + dropped.total(),
        "every line is kept or dropped by one rule"
    );
    let days: BTreeMap<_, _> = count.days.into_iter().collect();
    Ok(CleanReport {
        source,
        columns: columns.by_role(),
        ignored_amount_column: columns.ignored_amount().map(str::to_owned),
        date_order,
        rows,
        dropped,
        quarantined: 0,
        kept: count.kept,
        returns: ReturnsReport {
            lines: count.returns,
            amount: count.returned,
            largest: tally.largest.into_iter().map(|(line, _)| line).collect(),
        },
        first: count.span.map(|(first, _)| first),
        last: count.span.map(|(_, last)| last),
        currencies: tally.currencies,
        unpaid: tally.unpaid,
        isolated_date: IsolatedDate::find(&days, count.kept),
    })
}
