//! Runs as they are kept: there may be as many as lines.

use super::{Lines, NO_COUNTRY, Run, RunKey};
use crate::dataset::timestamp::Timestamp;

/// Runs in the order in which they were found.
#[derive(Default)]
pub(super) struct RunLog {
    /// All are full but the last: nothing has to be moved to make room.
    chunks: Vec<Vec<Packed>>,
    rests: Vec<Rest>,
}

/// The runs of a full chunk.
const CHUNK: usize = 512;

/// Runs in the order of their keys.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// Each has other customers. One that is no larger than the allocator's threshold
    /// for memory of its own finds room where chunks of a log were.
    groups: Vec<Vec<Packed>>,
    rests: Vec<Rest>,
}

/// The runs of a group, unless one customer has more.
const GROUP: usize = 2048;

/// What stands for the numbers of a log elsewhere.
pub(super) struct Renumbering<'a> {
    /// The new number of each customer.
    pub(super) customers: Vec<u32>,
    /// The new number of each country.
    pub(super) countries: &'a [u32],
    /// By so many places the lines that were kept are moved.
    pub(super) kept_lines: u64,
}

/// A run whose lines are purchases, or else has a [`Rest`] beside.
#[derive(Clone, Copy, Debug)]
struct Packed {
    customer: u32,
    country: u32,
    invoice: u64,
    time: Timestamp,
    bought: i64,
    /// The hash of the only line, or the place of the first among those that were kept.
    lines: u64,
    piece: u32,
    /// Some bits that say what it is, and a number: of purchases, or the place of the
    /// rest, which then has that.
    number: u32,
}

/// [`Packed::lines`] is the hash of the only line.
const ONE: u32 = 1 << 31;
/// [`Packed::lines`] is a place among the lines that were kept.
const KEPT: u32 = 1 << 30;
/// All purchases have the same amount.
const UNIFORM: u32 = 1 << 29;
/// There is a rest.
const REST: u32 = 1 << 28;
/// The bits of the number.
const NUMBER: u32 = REST - 1;

/// What few runs have.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Rest {
    purchases: u32,
    gifts: u32,
    returns: u32,
    refunds: u32,
    returned: i64,
}

impl RunLog {
    pub(super) fn push(&mut self, run: &Run) {
        let packed = Packed::new(run, &mut self.rests);
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(packed),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(packed);
                self.chunks.push(chunk);
            }
        }
    }
}

impl Runs {
    /// Puts the runs of several logs into order. Together they have so many customers.
    pub(super) fn of(logs: Vec<(RunLog, Renumbering<'_>)>, customers: usize) -> Self {
        // Customers are counted, which takes a fraction of the time of comparing them.
        let mut counts = vec![0; customers];
        for (log, new) in &logs {
            for run in log.chunks.iter().flatten() {
                counts[new.customers[run.customer as usize] as usize] += 1;
            }
        }
        let mut runs = Self::default();
        let first = logs.iter().find_map(|(log, _)| log.chunks.first());
        let Some(&any) = first.and_then(|chunk| chunk.first()) else {
            return runs;
        };
        // For each customer the group, and the place of the next run in it.
        let mut places = Vec::with_capacity(customers);
        let mut length = 0;
        for count in counts {
            if length > 0 && length + count > GROUP {
                runs.groups.push(vec![any; length]);
                length = 0;
            }
            places.push((runs.groups.len(), length));
            length += count;
        }
        runs.groups.push(vec![any; length]);
        for (log, new) in logs {
            let rests = runs.rests.len() as u32;
            runs.rests.extend(log.rests);
            for run in log.chunks.into_iter().flatten() {
                let run = run.renumbered(&new, rests);
                let (group, place) = &mut places[run.customer as usize];
                runs.groups[*group][*place] = run;
                *place += 1;
            }
        }
        for group in &mut runs.groups {
            for of_customer in group.chunk_by_mut(Packed::has_customer_of) {
                of_customer.sort_unstable_by_key(Packed::in_customer);
            }
        }
        runs
    }

    /// Adds the runs of `other`, whose numbers are the same.
    pub(super) fn add(&mut self, other: Self) {
        let rests = self.rests.len() as u32;
        let mut all: Vec<Packed> = self.groups.drain(..).flatten().collect();
        all.extend(other.groups.into_iter().flatten().map(|mut run| {
            run.move_rest(rests);
            run
        }));
        // Stable, as that finds the two parts that are in order.
        all.sort_by_key(Packed::key);
        self.groups.push(all);
        self.rests.extend(other.rests);
    }

    /// Puts one run in the place of several of the same key, or none, as `one` says.
    ///
    /// `None` if `one` gives that.
    pub(super) fn merge(
        &mut self,
        mut one: impl FnMut(&[Run]) -> Option<Option<Run>>,
    ) -> Option<()> {
        let mut unpacked = Vec::new();
        for group in &mut self.groups {
            let (mut from, mut merged) = (0, 0);
            while let Some(&first) = group.get(from) {
                let left = &group[from..];
                let same = left.iter().take_while(|run| run.key() == first.key());
                let same = &left[..same.count()];
                from += same.len();
                let run = if same.len() == 1 {
                    first
                } else {
                    unpacked.clear();
                    unpacked.extend(same.iter().map(|run| run.unpack(&self.rests)));
                    match one(&unpacked)? {
                        Some(run) => Packed::new(&run, &mut self.rests),
                        None => continue,
                    }
                };
                group[merged] = run;
                merged += 1;
            }
            group.truncate(merged);
        }
        Some(())
    }

    /// Leaves only the runs that `keep` says.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Run) -> bool) {
        let rests = &self.rests;
        for group in &mut self.groups {
            group.retain(|run| keep(&run.unpack(rests)));
            group.shrink_to_fit();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Run> {
        let all = self.groups.iter().flatten();
        all.map(|run| run.unpack(&self.rests))
    }

    /// The runs of one customer after those of another.
    pub(crate) fn by_customer(&self) -> impl Iterator<Item = impl Iterator<Item = Run>> {
        let unpack = |run: &Packed| run.unpack(&self.rests);
        let groups = self.groups.iter();
        groups
            .flat_map(|group| group.chunk_by(Packed::has_customer_of))
            .map(move |runs| runs.iter().map(unpack))
    }
}

impl Packed {
    fn new(run: &Run, rests: &mut Vec<Rest>) -> Self {
        let rest = Rest {
            purchases: run.purchases,
            gifts: run.gifts,
            returns: run.returns,
            refunds: run.refunds,
            returned: run.returned,
        };
        let has_rest = run.purchases > NUMBER
            || rest
                != Rest {
                    purchases: run.purchases,
                    ..Rest::default()
                };
        let mut number = run.purchases;
        if has_rest {
            number = rests.len() as u32 | REST;
            rests.push(rest);
        }
        if run.is_uniform {
            number |= UNIFORM;
        }
        let lines = match run.lines {
            Lines::InFile => 0,
            Lines::One(hash) => {
                number |= ONE;
                hash
            }
            Lines::Kept(start) => {
                number |= KEPT;
                start
            }
        };
        Self {
            customer: run.key.customer,
            country: run.key.country,
            invoice: run.key.invoice,
            time: run.key.time,
            bought: run.bought,
            lines,
            piece: run.piece,
            number,
        }
    }

    fn unpack(&self, rests: &[Rest]) -> Run {
        let number = self.number & NUMBER;
        let rest = if self.number & REST == 0 {
            Rest {
                purchases: number,
                ..Rest::default()
            }
        } else {
            rests[number as usize]
        };
        Run {
            key: self.key(),
            piece: self.piece,
            purchases: rest.purchases,
            gifts: rest.gifts,
            returns: rest.returns,
            refunds: rest.refunds,
            is_uniform: self.number & UNIFORM != 0,
            bought: self.bought,
            returned: rest.returned,
            lines: if self.number & ONE != 0 {
                Lines::One(self.lines)
            } else if self.number & KEPT != 0 {
                Lines::Kept(self.lines)
            } else {
                Lines::InFile
            },
        }
    }

    fn key(&self) -> RunKey {
        RunKey {
            customer: self.customer,
            invoice: self.invoice,
            time: self.time,
            country: self.country,
        }
    }

    /// What tells the runs of one customer apart, in the order of keys.
    fn in_customer(&self) -> (u64, Timestamp, u32) {
        (self.invoice, self.time, self.country)
    }

    fn has_customer_of(&self, other: &Self) -> bool {
        self.customer == other.customer
    }

    /// The run with its new numbers, and its rest so many places later.
    fn renumbered(mut self, new: &Renumbering<'_>, rests: u32) -> Self {
        self.customer = new.customers[self.customer as usize];
        if self.country != NO_COUNTRY {
            self.country = new.countries[self.country as usize];
        }
        if self.number & KEPT != 0 {
            self.lines += new.kept_lines;
        }
        self.move_rest(rests);
        self
    }

    fn move_rest(&mut self, places: u32) {
        if self.number & REST != 0 {
            self.number += places;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Runs of 100 customers, of whom the first has some more than a group holds.
    fn runs() -> impl Strategy<Value = Vec<Run>> {
        let run = (0_u32..200, 0_u64..50, 0_u32..3, 0_u32..4);
        prop::collection::vec(run, 0..6000).prop_map(|drawn| {
            let runs = drawn.iter().zip(0_u32..);
            let runs = runs.map(|(&(customer, invoice, country, kind), number)| Run {
                piece: number,
                purchases: if number % 1000 == 1 { u32::MAX } else { 1 },
                returns: kind / 2,
                returned: -i64::from(kind / 2),
                bought: number.into(),
                lines: match kind {
                    0 => Lines::InFile,
                    1 => Lines::One(number.into()),
                    _ => Lines::Kept(number.into()),
                },
                ..Run::new(RunKey {
                    customer: customer.saturating_sub(100),
                    invoice,
                    time: Timestamp::from_microseconds(0).expect("a time"),
                    country: if country == 2 { NO_COUNTRY } else { country },
                })
            });
            runs.collect()
        })
    }

    /// What tells two runs apart.
    fn shown(run: &Run) -> (RunKey, u32, String) {
        (run.key, run.piece, format!("{run:?}"))
    }

    fn sorted(runs: impl IntoIterator<Item = Run>) -> Vec<(RunKey, u32, String)> {
        let mut runs: Vec<_> = runs.into_iter().map(|run| shown(&run)).collect();
        runs.sort();
        runs
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn logs_become_runs_in_order(first in runs(), second in runs()) {
            let same: Vec<u32> = (0..100).collect();
            let turned: Vec<u32> = (0..100).rev().collect();
            let logs = [(&first, same, [0, 1]), (&second, turned, [1, 0])];
            let mut expected = Vec::new();
            let logs: Vec<(RunLog, Renumbering<'_>)> = logs
                .iter()
                .map(|(runs, customers, countries)| {
                    let mut log = RunLog::default();
                    for run in *runs {
                        log.push(run);
                        let mut run = *run;
                        run.key.customer = customers[run.key.customer as usize];
                        if let Some(country) = run.key.country() {
                            run.key.country = countries[country as usize];
                        }
                        if let Lines::Kept(place) = &mut run.lines {
                            *place += 7;
                        }
                        expected.push(run);
                    }
                    let customers = customers.clone();
                    (log, Renumbering { customers, countries, kept_lines: 7 })
                })
                .collect();
            let found = Runs::of(logs, 100);
            prop_assert!(found.iter().map(|run| run.key).is_sorted());
            prop_assert_eq!(sorted(found.iter()), sorted(expected.iter().copied()));
            for of_customer in found.by_customer() {
                let customers: Vec<u32> = of_customer.map(|run| run.key.customer).collect();
                let all = expected.iter().filter(|run| run.key.customer == customers[0]);
                prop_assert_eq!(customers.len(), all.count());
            }
        }

        #[test]
        fn runs_that_are_added_stand_in_order(first in runs(), second in runs()) {
            let of = |runs: &[Run]| {
                let mut log = RunLog::default();
                for run in runs {
                    log.push(run);
                }
                let new = Renumbering {
                    customers: (0..100).collect(),
                    countries: &[0, 1],
                    kept_lines: 0,
                };
                Runs::of(vec![(log, new)], 100)
            };
            let mut found = of(&first);
            found.add(of(&second));
            prop_assert!(found.iter().map(|run| run.key).is_sorted());
            let expected = first.into_iter().chain(second);
            prop_assert_eq!(sorted(found.iter()), sorted(expected));
        }
    }
}
