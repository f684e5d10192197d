//! One pass over the points: the nearest centroid of each, and the sums of which
//! the next centroids are made.
//!
//! Every bit comes out the same whatever the number of threads and the width of
//! vectors: rows are taken in stretches of one length, rows of a stretch are added
//! up in a fixed number of turns, and the stretches in their order.

#![expect(
    clippy::inline_always,
    reason = "loops are compiled for each kind of vectors only with all that they call"
)]

use pulp::Arch;
use rayon::prelude::*;

use super::Points;

/// Points whose distances are computed at once: few enough to stay in the
/// first-level cache, enough for the compiler to use vectors.
const BLOCK: usize = 512;
/// Points that one thread takes at once.
const STRETCH: usize = 64 * BLOCK;
/// Sums that are added to in turn, so that an addition need not wait for the one
/// before.
const TURNS: usize = 4;
/// The same for distances, of which vectors add up several at once.
const LANES: usize = 8;

/// The sum of each column and the number of points, of one cluster.
pub(super) type Sums = [f64; 4];

/// What a pass finds beside the labels.
pub(super) struct Pass {
    /// The sum of squared distances to the nearest centroids.
    pub(super) inertia: f64,
    /// Whether any label is another than before.
    pub(super) has_changed: bool,
    /// By cluster, for the labels that were found.
    pub(super) sums: Vec<Sums>,
}

/// Gives each point the label of its nearest centroid; a tie goes to the lower one.
pub(super) fn assign(points: &Points, centroids: &[[f64; 3]], labels: &mut [u8]) -> Pass {
    let arch = Arch::new();
    /// The first of some numbers of clusters that it is.
    macro_rules! first_that_fits {
        ($($clusters:literal)*) => {
            $(if let Ok(known) = <&[[f64; 3]; $clusters]>::try_from(centroids) {
                return assign_all(arch, points, known, labels);
            })*
        };
    }
    // Centroids of a number that the compiler knows stay in registers.
    first_that_fits!(4 2 3 5 6 7 8 9 10);
    assign_all(arch, points, centroids, labels)
}

/// The sums by cluster for labels as they stand.
pub(super) fn sums(points: &Points, labels: &[u8], clusters: usize) -> Vec<Sums> {
    let mut whole = vec![Sums::default(); clusters];
    for (index, labels) in labels.chunks(STRETCH).enumerate() {
        let start = index * STRETCH;
        let mut turns = Turns::new(clusters);
        turns.add(points.columns(start..start + labels.len()), labels);
        add_to(&mut whole, &turns.finish());
    }
    whole
}

fn assign_all<C: Centroids + ?Sized>(
    arch: Arch,
    points: &Points,
    centroids: &C,
    labels: &mut [u8],
) -> Pass {
    let mut whole = Pass {
        inertia: 0.0,
        has_changed: false,
        sums: vec![Sums::default(); centroids.count()],
    };
    let stretch = |(index, labels)| {
        arch.dispatch(|| assign_stretch(points, index * STRETCH, centroids, labels))
    };
    let parts: Vec<Pass> = if labels.len() <= STRETCH {
        vec![stretch((0, labels))]
    } else {
        let stretches = labels.par_chunks_mut(STRETCH).enumerate();
        stretches.map(stretch).collect()
    };
    for part in parts {
        whole.inertia += part.inertia;
        whole.has_changed |= part.has_changed;
        add_to(&mut whole.sums, &part.sums);
    }
    whole
}

#[inline(always)]
fn assign_stretch<C: Centroids + ?Sized>(
    points: &Points,
    start: usize,
    centroids: &C,
    labels: &mut [u8],
) -> Pass {
    let mut has_changed = false;
    let mut inertia = [0.0; LANES];
    let mut turns = Turns::new(centroids.count());
    let mut distances = [0.0; BLOCK];
    let mut nearest = [0; BLOCK];
    for (index, labels) in labels.chunks_mut(BLOCK).enumerate() {
        let start = start + index * BLOCK;
        let columns = points.columns(start..start + labels.len());
        let mut padded;
        let block = columns.map(<&[f64; BLOCK]>::try_from);
        let block = if let [Ok(x), Ok(y), Ok(z)] = block {
            [x, y, z]
        } else {
            padded = [[0.0; BLOCK]; 3];
            for (padded, column) in padded.iter_mut().zip(columns) {
                padded[..column.len()].copy_from_slice(column);
            }
            padded.each_ref()
        };
        centroids.find_nearest(block, &mut distances, &mut nearest);
        distances[labels.len()..].fill(0.0);
        for lanes in distances.as_chunks::<LANES>().0 {
            for (sum, distance) in inertia.iter_mut().zip(lanes) {
                *sum += distance;
            }
        }
        for (label, &new) in labels.iter_mut().zip(&nearest) {
            has_changed |= *label != new as u8;
            *label = new as u8;
        }
        turns.add(columns, labels);
    }
    Pass {
        inertia: inertia.iter().sum(),
        has_changed,
        sums: turns.finish(),
    }
}

/// Centroids to which points are compared.
trait Centroids: Sync {
    fn count(&self) -> usize;

    /// Finds for each point of a block the squared distance to the nearest centroid,
    /// and its number; a tie goes to the lower one.
    fn find_nearest(
        &self,
        block: [&[f64; BLOCK]; 3],
        distances: &mut [f64; BLOCK],
        nearest: &mut [u64; BLOCK],
    );
}

impl<const K: usize> Centroids for [[f64; 3]; K] {
    fn count(&self) -> usize {
        K
    }

    #[inline(always)]
    fn find_nearest(
        &self,
        [x, y, z]: [&[f64; BLOCK]; 3],
        distances: &mut [f64; BLOCK],
        nearest: &mut [u64; BLOCK],
    ) {
        for i in 0..BLOCK {
            let point = [x[i], y[i], z[i]];
            let mut least = squared(point, &self[0]);
            let mut number = 0;
            for k in 1..K {
                let distance = squared(point, &self[k]);
                let is_nearer = distance < least;
                number = if is_nearer { k as u64 } else { number };
                least = if is_nearer { distance } else { least };
            }
            distances[i] = least;
            nearest[i] = number;
        }
    }
}

impl Centroids for [[f64; 3]] {
    fn count(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn find_nearest(
        &self,
        [x, y, z]: [&[f64; BLOCK]; 3],
        distances: &mut [f64; BLOCK],
        nearest: &mut [u64; BLOCK],
    ) {
        distances.fill(f64::INFINITY);
        for (number, centroid) in self.iter().enumerate() {
            for i in 0..BLOCK {
                let distance = squared([x[i], y[i], z[i]], centroid);
                let is_nearer = distance < distances[i];
                nearest[i] = if is_nearer { number as u64 } else { nearest[i] };
                distances[i] = if is_nearer { distance } else { distances[i] };
            }
        }
    }
}

#[inline(always)]
fn squared(point: [f64; 3], centroid: &[f64; 3]) -> f64 {
    let [x, y, z] = [0, 1, 2].map(|i| point[i] - centroid[i]);
    x * x + y * y + z * z
}

/// The sums by cluster, each in several turns.
struct Turns {
    clusters: usize,
    /// The clusters of the first turn, those of the second, and so on.
    sums: Vec<Sums>,
}

impl Turns {
    fn new(clusters: usize) -> Self {
        Self {
            clusters,
            sums: vec![Sums::default(); TURNS * clusters],
        }
    }

    #[inline(always)]
    fn add(&mut self, [x, y, z]: [&[f64]; 3], labels: &[u8]) {
        let points = x.iter().zip(y).zip(z).zip(labels);
        for (row, (((&x, &y), &z), &label)) in points.enumerate() {
            let sums = &mut self.sums[row % TURNS * self.clusters + label as usize];
            for (sum, value) in sums.iter_mut().zip([x, y, z, 1.0]) {
                *sum += value;
            }
        }
    }

    fn finish(self) -> Vec<Sums> {
        let mut whole = vec![Sums::default(); self.clusters];
        for turn in self.sums.chunks(self.clusters) {
            add_to(&mut whole, turn);
        }
        whole
    }
}

fn add_to(whole: &mut [Sums], part: &[Sums]) {
    for (whole, part) in whole.iter_mut().flatten().zip(part.iter().flatten()) {
        *whole += part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next of some numbers that look random, from 0 to 1.
    fn next(state: &mut u64) -> f64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn bits_are_the_same_by_every_kind_of_vectors() {
        let state = &mut 42;
        let points: Points = (0..3 * STRETCH + 700)
            .map(|_| [0; 3].map(|_| next(state)))
            .collect();
        let centroids = [0; 4].map(|_| [0; 3].map(|_| next(state)));
        let pass = |arch, centroids: &dyn Fn(Arch, &mut [u8]) -> Pass| {
            let mut labels = vec![0; points.len()];
            let pass = centroids(arch, &mut labels);
            let bits = |sums: &Sums| sums.map(f64::to_bits);
            let sums: Vec<_> = pass.sums.iter().map(bits).collect();
            (pass.inertia.to_bits(), pass.has_changed, sums, labels)
        };
        let known = |arch, labels: &mut [u8]| assign_all(arch, &points, &centroids, labels);
        let any = |arch, labels: &mut [u8]| assign_all(arch, &points, &centroids[..], labels);
        let expected = pass(Arch::Scalar, &known);
        assert_eq!(pass(Arch::new(), &known), expected);
        assert_eq!(pass(Arch::Scalar, &any), expected);
        assert_eq!(pass(Arch::new(), &any), expected);
    }
}
