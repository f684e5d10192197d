//! Indices of how well points fall into clusters, from points and labels alone.

use std::ops::Range;

use rayon::prelude::*;

use super::kmeans::{Points, squared_distance};

/// Distances that are added side by side, so that the compiler can use vectors;
/// a fixed number keeps the order of additions the same on every CPU.
const LANES: usize = 8;
/// From here on, the likeness of two clusters is that of two with the same
/// mean, which rounding alone keeps apart.
const SAME_MEAN: f64 = 1e12;

/// Points, each in one cluster.
///
/// Collected from points and their labels. A label is nothing but a name:
/// numbers may be left out, and every label that occurs is a cluster. Another
/// order of points or of labels changes an index by rounding only.
///
/// An index has no value (`None`) unless there are at least two clusters and
/// fewer clusters than points, as in scikit-learn; each says what else it needs.
/// Distances are Euclidean, and points must be finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The points of the first cluster, then those of the second, and so on.
    points: Points,
    /// The rows of each cluster.
    clusters: Vec<Range<usize>>,
}

impl FromIterator<([f64; 3], u8)> for Partition {
    fn from_iter<I: IntoIterator<Item = ([f64; 3], u8)>>(labelled: I) -> Self {
        let mut labelled: Vec<_> = labelled.into_iter().collect();
        labelled.sort_by_key(|&(_, label)| label);
        let mut clusters = Vec::new();
        let mut start = 0;
        for own in labelled.chunk_by(|(_, a), (_, b)| a == b) {
            clusters.push(start..start + own.len());
            start += own.len();
        }
        Self {
            points: labelled.into_iter().map(|(point, _)| point).collect(),
            clusters,
        }
    }
}

impl Partition {
    /// The number of clusters, each with at least one point.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.clusters.len()
    }

    /// The mean silhouette width, from -1 to 1; the higher, the better
    /// (Rousseeuw 1987).
    ///
    /// With `a` the mean distance of a point to the others of its cluster, and
    /// `b` the least mean distance to the points of another cluster, its width
    /// is `(b - a) / max(a, b)`; 0 for the only point of a cluster, and where
    /// both are 0. Every distance is looked at: time grows with the square of
    /// the points.
    #[must_use]
    pub fn silhouette(&self) -> Option<f64> {
        let widths = self.silhouette_widths()?;
        finite(widths.iter().flatten().sum::<f64>() / self.points.len() as f64)
    }

    /// The silhouette width of every point, by cluster; see [`Partition::silhouette`].
    #[must_use]
    pub fn silhouette_widths(&self) -> Option<Vec<Vec<f64>>> {
        if !self.is_proper() {
            return None;
        }
        let of_cluster = |own: &Range<usize>| {
            let rows = own.clone().into_par_iter();
            rows.map(|row| self.silhouette_width(own, row)).collect()
        };
        Some(self.clusters.par_iter().map(of_cluster).collect())
    }

    /// The ratio of the variance between the clusters to that within them, each
    /// for its degrees of freedom, from 0 up; the higher, the better (Caliński
    /// and Harabasz 1974).
    ///
    /// `(B / (k - 1)) / (W / (n - k))` for n points in k clusters, with W the
    /// sum of squared distances from each point to the mean of its cluster and
    /// B that from each of these means to the mean of all, once for each point.
    ///
    /// Also `None` where all points of every cluster are equal.
    #[must_use]
    pub fn calinski_harabasz(&self) -> Option<f64> {
        if !self.is_proper() {
            return None;
        }
        let (n, k) = (self.points.len() as f64, self.clusters() as f64);
        let center = self.mean(0..self.points.len());
        let (mut between, mut within) = (0.0, 0.0);
        for own in &self.clusters {
            let mean = self.mean(own.clone());
            between += own.len() as f64 * squared_distance(&mean, &center);
            within += self.squared_distances(&mean, own).sum::<f64>();
        }
        finite((between / (k - 1.0)) / (within / (n - k)))
    }

    /// How much each cluster overlaps with the one most like it, on average,
    /// from 0 up; the lower, the better (Davies and Bouldin 1979).
    ///
    /// The likeness of two clusters is `(s + t) / d`, with s and t the mean
    /// distances of their points to their means and d the distance of these
    /// means: p = 2 and q = 1 in the paper's terms, as in scikit-learn.
    ///
    /// Also `None` where two clusters have the same mean.
    #[must_use]
    pub fn davies_bouldin(&self) -> Option<f64> {
        if !self.is_proper() {
            return None;
        }
        let clusters: Vec<_> = self
            .clusters
            .iter()
            .map(|own| {
                let mean = self.mean(own.clone());
                let distances = self.squared_distances(&mean, own).map(f64::sqrt);
                (mean, distances.sum::<f64>() / own.len() as f64)
            })
            .collect();
        let mut sum = 0.0;
        for (i, (mean, spread)) in clusters.iter().enumerate() {
            let mut most = 0.0_f64;
            for (j, (other, other_spread)) in clusters.iter().enumerate() {
                if i == j {
                    continue;
                }
                let distance = squared_distance(mean, other).sqrt();
                let likeness = (spread + other_spread) / distance;
                // 0 by 0 is no number, and so in no range.
                if !(0.0..SAME_MEAN).contains(&likeness) {
                    return None;
                }
                most = most.max(likeness);
            }
            sum += most;
        }
        finite(sum / self.clusters() as f64)
    }

    /// Whether there is anything to tell apart, and anything to put together.
    fn is_proper(&self) -> bool {
        (2..self.points.len()).contains(&self.clusters())
    }

    fn silhouette_width(&self, own: &Range<usize>, row: usize) -> f64 {
        if own.len() == 1 {
            return 0.0;
        }
        let point = self.points.row(row);
        let (mut within, mut between) = (0.0, f64::INFINITY);
        for cluster in &self.clusters {
            let sum = sum_of_distances(&point, self.points.columns(cluster.clone()));
            if cluster == own {
                // The distance to itself is 0.
                within = sum / (cluster.len() - 1) as f64;
            } else {
                between = between.min(sum / cluster.len() as f64);
            }
        }
        let larger = within.max(between);
        if larger == 0.0 {
            return 0.0;
        }
        (between - within) / larger
    }

    /// The mean of some points, as the first and the mean difference from it:
    /// the mean of equal points is then that point, to the last bit, and their
    /// spread 0.
    fn mean(&self, rows: Range<usize>) -> [f64; 3] {
        let first = self.points.row(rows.start);
        let count = rows.len() as f64;
        let mut sum = [0.0; 3];
        for row in rows {
            let point = self.points.row(row);
            for i in 0..3 {
                sum[i] += point[i] - first[i];
            }
        }
        std::array::from_fn(|i| first[i] + sum[i] / count)
    }

    fn squared_distances(&self, from: &[f64; 3], rows: &Range<usize>) -> impl Iterator<Item = f64> {
        rows.clone()
            .map(|row| squared_distance(&self.points.row(row), from))
    }
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// The sum of the distances from a point to others, which are given by column.
fn sum_of_distances(point: &[f64; 3], columns: [&[f64]; 3]) -> f64 {
    let [(xs, x), (ys, y), (zs, z)] = columns.map(<[f64]>::as_chunks::<LANES>);
    let mut sums = [0.0; LANES];
    for ((x, y), z) in xs.iter().zip(ys).zip(zs) {
        for lane in 0..LANES {
            sums[lane] += squared_distance(&[x[lane], y[lane], z[lane]], point).sqrt();
        }
    }
    for (lane, ((&x, &y), &z)) in x.iter().zip(y).zip(z).enumerate() {
        sums[lane] += squared_distance(&[x, y, z], point).sqrt();
    }
    sums.iter().sum()
}

/// How far two labellings of the same points agree, corrected for chance: 1 if
/// they part the points in the same way, about 0 if they have nothing to do
/// with each other, and less if they agree less than by chance (Hubert and
/// Arabie 1985).
///
/// Each item has the two labels of a point, of up to 2³² points. What the labels
/// are called, the order of the points and the order of the two labellings
/// change nothing, not even the last bit: pairs of points are counted in
/// integers. Fewer than two points have no pairs, and agree.
#[must_use]
pub fn adjusted_rand_index(labels: impl IntoIterator<Item = (u8, u8)>) -> f64 {
    let mut both: Vec<(u8, u8)> = labels.into_iter().collect();
    both.sort_unstable();
    let first: Vec<u8> = both.iter().map(|&(first, _)| first).collect();
    let mut second: Vec<u8> = both.iter().map(|&(_, second)| second).collect();
    second.sort_unstable();
    let (together, a, b) = (pairs(&both), pairs(&first), pairs(&second));
    let all = pairs_of(both.len());
    // (together - a·b/all) / ((a + b)/2 - a·b/all), times 2·all above and below.
    let divisor = (a + b) * all - 2 * a * b;
    if divisor == 0 {
        // Both are one cluster, or both leave every point alone.
        return 1.0;
    }
    2.0 * (together * all - a * b) as f64 / divisor as f64
}

/// The pairs of points with the same label; `sorted` has equal ones together.
fn pairs<T: PartialEq>(sorted: &[T]) -> i128 {
    sorted
        .chunk_by(T::eq)
        .map(|equal| pairs_of(equal.len()))
        .sum()
}

fn pairs_of(count: usize) -> i128 {
    let count = count as i128;
    count * (count - 1) / 2
}
