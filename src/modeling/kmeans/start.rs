//! Greedy k-means++ starts.

use rand_core::Rng;

use super::{Points, squared_distance};

/// Chooses starting centroids among the points.
///
/// Each next one is drawn with a probability in proportion to its squared
/// distance from those chosen; of `2 + ln(clusters)` draws the one is taken
/// that lowers the sum of these distances most, as scikit-learn does it.
pub(super) fn greedy(points: &Points, clusters: usize, random: &mut impl Rng) -> Vec<[f64; 3]> {
    let trials = 2 + (clusters as f64).ln() as usize;
    let first = (uniform(random) * points.len() as f64) as usize;
    let mut centroids = vec![points.row(first)];
    let mut distances: Vec<f64> = points
        .rows()
        .map(|row| squared_distance(&row, &centroids[0]))
        .collect();
    let mut sum: f64 = distances.iter().sum();
    let mut candidate = Vec::with_capacity(points.len());
    let mut best = Vec::with_capacity(points.len());
    while centroids.len() < clusters {
        let mut best_sum = f64::INFINITY;
        let mut best_row = 0;
        for _ in 0..trials {
            let row = draw(&distances, uniform(random) * sum);
            let centroid = points.row(row);
            candidate.clear();
            candidate.extend(
                points
                    .rows()
                    .zip(&distances)
                    .map(|(point, &distance)| distance.min(squared_distance(&point, &centroid))),
            );
            let candidate_sum = candidate.iter().sum();
            if candidate_sum < best_sum {
                (best_sum, best_row) = (candidate_sum, row);
                std::mem::swap(&mut best, &mut candidate);
            }
        }
        centroids.push(points.row(best_row));
        std::mem::swap(&mut distances, &mut best);
        sum = best_sum;
    }
    centroids
}

/// The row at which the running sum of `weights` passes `target`.
///
/// Rounding may leave `target` above the sum; then it is the last row that has
/// a weight, so that no centroid is chosen twice.
fn draw(weights: &[f64], target: f64) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (row, &weight) in weights.iter().enumerate() {
        if weight > 0.0 {
            sum += weight;
            last = row;
            if sum > target {
                break;
            }
        }
    }
    last
}

/// A double from 0 up to 1, exclusive, with 53 random bits.
pub(in crate::modeling) fn uniform(random: &mut impl Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
