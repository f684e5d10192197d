//! K-Means on three columns.

mod descent;
mod pass;
mod start;

use std::ops::Range;

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use self::descent::{Clustering, Until};
pub(super) use self::start::uniform;
use super::error::ModelError;
use crate::progress::Progress;

/// By how much of itself an inertia may exceed the lowest and still count as
/// the same: two optima differ by more, rounding by less.
const AT_BEST: f64 = 1e-9;
/// How far a shake moves a centroid at most in each direction, as a part of
/// the root mean square distance of the points from their centroids.
const SHAKE: f64 = 0.1;
/// Shakes in a batch.
const SHAKES: u32 = 32;
/// The most points on which all restarts run to their end.
const FEW: usize = 16_384;
/// Points of the sample on which they run where there are more.
const SAMPLE: usize = 8_192;
/// The best clusterings of a sample that are finished on all points.
const FINISHED: usize = 3;

/// Standard scores of all customers, a column each for recency, frequency and
/// monetary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    columns: [Vec<f64>; 3],
}

impl Points {
    /// The number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns[0].len()
    }

    /// Whether there are no points.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns[0].is_empty()
    }

    /// The point in a row.
    pub(super) fn row(&self, row: usize) -> [f64; 3] {
        std::array::from_fn(|i| self.columns[i][row])
    }

    /// The columns of some rows.
    pub(super) fn columns(&self, rows: Range<usize>) -> [&[f64]; 3] {
        std::array::from_fn(|i| &self.columns[i][rows.clone()])
    }

    /// So many points, one from each of as many stretches, in their order.
    fn sample(&self, count: usize, streams: &mut Streams) -> Self {
        let mut random = streams.take(1).remove(0);
        let drawn = (0..count).map(|part| {
            let [start, end] = [part, part + 1].map(|border| border * self.len() / count);
            let place = (uniform(&mut random) * (end - start) as f64) as usize;
            self.row(start + place)
        });
        drawn.collect()
    }

    /// The points in the order of the rows.
    pub fn rows(&self) -> impl Iterator<Item = [f64; 3]> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// The number of points that differ, counted up to `enough`.
    pub(super) fn distinct(&self, enough: usize) -> usize {
        let mut seen: Vec<[f64; 3]> = Vec::with_capacity(enough);
        for row in self.rows() {
            if seen.len() < enough && !seen.contains(&row) {
                seen.push(row);
            }
        }
        seen.len()
    }
}

impl FromIterator<[f64; 3]> for Points {
    fn from_iter<I: IntoIterator<Item = [f64; 3]>>(rows: I) -> Self {
        let mut points = Self::default();
        let rows = rows.into_iter();
        // Beside what it saves, columns that grow to a power of two come to stand where
        // some processors cannot hold all three in their first cache.
        for column in &mut points.columns {
            column.reserve_exact(rows.size_hint().0);
        }
        for row in rows {
            for (column, value) in points.columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        points
    }
}

/// How K-Means is run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KMeansParams {
    clusters: usize,
    seed: u64,
    restarts: u32,
}

impl KMeansParams {
    /// The seed unless another is given.
    pub const SEED: u64 = 42;
    /// The restarts unless another number is given.
    pub const RESTARTS: u32 = 100;

    /// K-Means for a number of clusters, from 1 to 256: a label is a byte, as labels
    /// of millions of points are read and written in each iteration.
    ///
    /// # Errors
    ///
    /// [`ModelError::Params`] for no clusters, or more.
    pub fn new(clusters: usize) -> Result<Self, ModelError> {
        if !(1..=256).contains(&clusters) {
            return Err(ModelError::Params {
                name: "clusters",
                found: clusters as u64,
                expected: "from 1 to 256",
            });
        }
        Ok(Self {
            clusters,
            seed: Self::SEED,
            restarts: Self::RESTARTS,
        })
    }

    /// Sets the seed from which every start is drawn.
    #[must_use]
    pub const fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets how many starts are tried, from 1 up.
    ///
    /// # Errors
    ///
    /// [`ModelError::Params`] for no restarts.
    pub fn restarts(self, restarts: u32) -> Result<Self, ModelError> {
        if restarts == 0 {
            return Err(ModelError::Params {
                name: "restarts",
                found: 0,
                expected: "at least 1",
            });
        }
        Ok(Self { restarts, ..self })
    }

    /// The number of clusters.
    #[must_use]
    pub const fn clusters(&self) -> usize {
        self.clusters
    }

    /// The seed.
    #[must_use]
    pub const fn get_seed(&self) -> u64 {
        self.seed
    }

    /// The number of restarts.
    #[must_use]
    pub const fn get_restarts(&self) -> u32 {
        self.restarts
    }
}

/// A fitted clustering: the best of all restarts.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    best: Clustering,
    restarts_at_best: u32,
}

impl KMeans {
    /// Clusters the points.
    ///
    /// Every restart begins with a greedy k-means++ start (Arthur and
    /// Vassilvitskii 2007), goes on with Lloyd's iteration until no label
    /// changes, and then moves single points between clusters as long as that
    /// lowers the inertia (Hartigan and Wong 1979, without their live sets).
    /// The restart with the lowest inertia wins, the first at a tie, and is
    /// polished by small shakes.
    ///
    /// Where there are more than 16,384 points, all this happens on 8,192 of them,
    /// drawn by the seed; from the best few clusterings that differ Lloyd's iteration
    /// goes on with all points until a pass lowers the inertia by less than a ten
    /// millionth, and the one with the lowest inertia wins.
    ///
    /// The result depends on points, their order and the parameters, not on the
    /// number of threads or the machine.
    ///
    /// # Errors
    ///
    /// [`ModelError::TooFewDistinct`] if fewer points differ than there are
    /// clusters.
    pub fn fit(
        points: &Points,
        params: &KMeansParams,
        progress: &Progress,
    ) -> Result<Self, ModelError> {
        let needed = params.clusters;
        let distinct = points.distinct(needed);
        if distinct < needed {
            return Err(ModelError::TooFewDistinct {
                found: distinct,
                needed,
            });
        }
        let mut streams = Streams::new(params.seed);
        if points.len() <= FEW {
            let (mut found, restarts_at_best) = search(points, params, &mut streams, progress);
            let best = found.swap_remove(0);
            return Ok(Self {
                best,
                restarts_at_best,
            });
        }
        let sample = points.sample(SAMPLE, &mut streams);
        let (found, restarts_at_best) = search(&sample, params, &mut streams, progress);
        let finished = found.into_iter().take(FINISHED);
        let finished = finished
            .map(|found| Clustering::descend(points, found.centroids, Until::Close))
            .collect();
        Ok(Self {
            best: lowest(finished),
            restarts_at_best,
        })
    }

    /// Goes on from some centroids with Lloyd's iteration, until a pass lowers the
    /// inertia by less than a ten millionth or no label changes: for many points.
    ///
    /// # Panics
    ///
    /// If there are no centroids, or fewer points.
    #[must_use]
    pub fn go_on(points: &Points, centroids: Vec<[f64; 3]>) -> Self {
        assert!((1..=points.len()).contains(&centroids.len()));
        Self {
            best: Clustering::descend(points, centroids, Until::Close),
            restarts_at_best: 1,
        }
    }

    /// The centroids, in no particular order.
    #[must_use]
    pub fn centroids(&self) -> &[[f64; 3]] {
        &self.best.centroids
    }

    /// The cluster of each point, as an index into the centroids.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.best.labels
    }

    /// The sum of squared distances from each point to its centroid.
    #[must_use]
    pub const fn inertia(&self) -> f64 {
        self.best.inertia
    }

    /// The inertia after each pass over the points, of the restart that won.
    #[must_use]
    pub fn inertia_by_pass(&self) -> &[f64] {
        &self.best.inertia_by_pass
    }

    /// How many restarts ended within a billionth of the lowest inertia.
    #[must_use]
    pub const fn restarts_at_best(&self) -> u32 {
        self.restarts_at_best
    }
}

/// Runs all restarts and polishes the best; gives the clusterings that differ in
/// their inertia, the best first, and how many restarts ended at the best.
fn search(
    points: &Points,
    params: &KMeansParams,
    streams: &mut Streams,
    progress: &Progress,
) -> (Vec<Clustering>, u32) {
    progress.start(params.restarts.into(), "restarts");
    let mut found = descend_all(points, streams.take(params.restarts), |random| {
        let start = start::greedy(points, params.clusters, random);
        progress.advance(1);
        start
    });
    // Of equal ones the first stays first.
    found.sort_by(|a, b| a.inertia.total_cmp(&b.inertia));
    let best = polish(points, found[0].clone(), streams);
    let at_best = |found: &&Clustering| found.inertia <= best.inertia * (1.0 + AT_BEST);
    let restarts_at_best = found.iter().filter(at_best).count() as u32;
    found.insert(0, best);
    found.dedup_by(|next, known| next.inertia <= known.inertia * (1.0 + AT_BEST));
    (found, restarts_at_best)
}

/// Shakes the best clustering and descends again, until a whole batch of
/// shakes finds nothing better.
///
/// The good optima lie close together and differ by a few points at a border,
/// so that a small push often leads from one to the next (an iterated local
/// search). On the reference data this finds the best known optimum from every
/// seed tried, even after four restarts.
fn polish(points: &Points, mut best: Clustering, streams: &mut Streams) -> Clustering {
    loop {
        let reach = SHAKE * (best.inertia / points.len() as f64).sqrt();
        let found = descend_all(points, streams.take(SHAKES), |random| {
            let shaken = best.centroids.iter().map(|centroid| {
                centroid.map(|value| value + reach * (2.0 * uniform(random) - 1.0))
            });
            shaken.collect()
        });
        let found = lowest(found);
        if found.inertia >= best.inertia * (1.0 - AT_BEST) {
            return best;
        }
        best = found;
    }
}

/// Descends from a start for each stream of random numbers, in parallel.
fn descend_all(
    points: &Points,
    streams: Vec<Xoshiro256PlusPlus>,
    start: impl Fn(&mut Xoshiro256PlusPlus) -> Vec<[f64; 3]> + Sync,
) -> Vec<Clustering> {
    streams
        .into_par_iter()
        .map(|mut random| Clustering::descend(points, start(&mut random), Until::Exact))
        .collect()
}

/// The clustering with the lowest inertia, the first at a tie.
fn lowest(found: Vec<Clustering>) -> Clustering {
    found
        .into_iter()
        .min_by(|a, b| a.inertia.total_cmp(&b.inertia))
        .expect("every batch has at least one start")
}

/// Streams of random numbers, each a stretch of its own of one sequence, so
/// that it does not matter which thread draws from which.
struct Streams(Xoshiro256PlusPlus);

impl Streams {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn take(&mut self, count: u32) -> Vec<Xoshiro256PlusPlus> {
        let next = |_| {
            self.0.jump();
            self.0.clone()
        };
        (0..count).map(next).collect()
    }
}

/// The squared Euclidean distance.
#[must_use]
pub fn squared_distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    x * x + y * y + z * z
}

/// Finds the centroid nearest to `row`.
///
/// `row` is one customer in standard scores, columns in the order recency,
/// frequency, monetary; `centroids` has shape `(n_clusters, 3)`. Distance is
/// squared Euclidean; a tie goes to the lower index.
///
/// Returns `None` if there are no centroids.
#[must_use]
pub fn nearest(row: &[f64; 3], centroids: &[[f64; 3]]) -> Option<usize> {
    let distances = centroids.iter().map(|c| squared_distance(row, c));
    let nearer = |best: (usize, f64), next: (usize, f64)| if next.1 < best.1 { next } else { best };
    distances.enumerate().reduce(nearer).map(|(index, _)| index)
}
