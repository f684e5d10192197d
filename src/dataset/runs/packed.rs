//! Runs as they are kept: there may be as many as lines.

use super::{Lines, Run, RunKey};

/// Runs, in as little memory as they need.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    packed: Vec<Packed>,
    /// What few runs have.
    rests: Vec<Rest>,
}

/// A run whose lines are purchases, or else has a [`Rest`] beside.
#[derive(Clone, Copy, Debug)]
struct Packed {
    key: RunKey,
    piece: u32,
    purchases: u32,
    bought: i64,
    /// The hash of the only line, or the place of the first among those that were kept.
    lines: u64,
    kind: Kind,
    is_uniform: bool,
    /// The place of the rest, or [`NO_REST`].
    rest: u32,
}

/// What [`Packed::lines`] stands for.
#[derive(Clone, Copy, Debug)]
enum Kind {
    InFile,
    One,
    Kept,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Rest {
    gifts: u32,
    returns: u32,
    refunds: u32,
    returned: i64,
}

const NO_REST: u32 = u32::MAX;

impl Runs {
    pub(super) fn push(&mut self, run: &Run) {
        let packed = Packed::new(run, &mut self.rests);
        self.packed.push(packed);
    }

    /// Adds the runs of `other`, with what `change` makes of their keys.
    pub(super) fn append(&mut self, mut other: Self, change: impl Fn(RunKey) -> RunKey) {
        let before = self.rests.len() as u32;
        for run in &mut other.packed {
            if run.rest != NO_REST {
                run.rest += before;
            }
            run.key = change(run.key);
        }
        if self.packed.is_empty() {
            self.packed = other.packed;
        } else {
            self.packed.append(&mut other.packed);
        }
        self.rests.append(&mut other.rests);
    }

    /// Says that the lines that were kept stand so many places later.
    pub(super) fn move_lines(&mut self, places: u64) {
        for run in &mut self.packed {
            if let Kind::Kept = run.kind {
                run.lines += places;
            }
        }
    }

    /// Puts the runs in the order of their keys.
    pub(super) fn sort(&mut self) {
        self.packed.sort_unstable_by(|a, b| {
            let (a, b) = (a.key, b.key);
            let by_invoice = a.of_invoice().cmp(&b.of_invoice());
            by_invoice.then_with(|| (a.time, a.country).cmp(&(b.time, b.country)))
        });
    }

    /// Puts one run in the place of several of the same key, or none, as `one` says. The
    /// runs must be in order.
    ///
    /// `None` if `one` gives that.
    pub(super) fn merge(
        &mut self,
        mut one: impl FnMut(&[Run]) -> Option<Option<Run>>,
    ) -> Option<()> {
        let (mut from, mut merged) = (0, 0);
        let mut group = Vec::new();
        while let Some(&first) = self.packed.get(from) {
            let left = &self.packed[from..];
            let same = left.iter().take_while(|run| run.key == first.key);
            let same = &left[..same.count()];
            from += same.len();
            let run = if same.len() == 1 {
                first
            } else {
                group.clear();
                group.extend(same.iter().map(|run| run.unpack(&self.rests)));
                match one(&group)? {
                    Some(run) => Packed::new(&run, &mut self.rests),
                    None => continue,
                }
            };
            self.packed[merged] = run;
            merged += 1;
        }
        self.packed.truncate(merged);
        Some(())
    }

    /// Leaves only the runs that `keep` says.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Run) -> bool) {
        let rests = &self.rests;
        self.packed.retain(|run| keep(&run.unpack(rests)));
        self.packed.shrink_to_fit();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Run> {
        self.packed.iter().map(|run| run.unpack(&self.rests))
    }

    /// The runs of one customer after those of another, if they are in order.
    pub(crate) fn by_customer(&self) -> impl Iterator<Item = impl Iterator<Item = Run>> {
        let is_same = |a: &Packed, b: &Packed| a.key.customer == b.key.customer;
        let unpack = |run: &Packed| run.unpack(&self.rests);
        self.packed
            .chunk_by(is_same)
            .map(move |runs| runs.iter().map(unpack))
    }
}

impl Packed {
    fn new(run: &Run, rests: &mut Vec<Rest>) -> Self {
        let rest = Rest {
            gifts: run.gifts,
            returns: run.returns,
            refunds: run.refunds,
            returned: run.returned,
        };
        let (kind, lines) = match run.lines {
            Lines::InFile => (Kind::InFile, 0),
            Lines::One(hash) => (Kind::One, hash),
            Lines::Kept(start) => (Kind::Kept, start),
        };
        Self {
            key: run.key,
            piece: run.piece,
            purchases: run.purchases,
            bought: run.bought,
            lines,
            kind,
            is_uniform: run.is_uniform,
            rest: if rest == Rest::default() {
                NO_REST
            } else {
                rests.push(rest);
                rests.len() as u32 - 1
            },
        }
    }

    fn unpack(&self, rests: &[Rest]) -> Run {
        // [`NO_REST`] is beyond all of them.
        let rest = rests.get(self.rest as usize).copied().unwrap_or_default();
        Run {
            key: self.key,
            piece: self.piece,
            purchases: self.purchases,
            gifts: rest.gifts,
            returns: rest.returns,
            refunds: rest.refunds,
            is_uniform: self.is_uniform,
            bought: self.bought,
            returned: rest.returned,
            lines: match self.kind {
                Kind::InFile => Lines::InFile,
                Kind::One => Lines::One(self.lines),
                Kind::Kept => Lines::Kept(self.lines),
            },
        }
    }
}
