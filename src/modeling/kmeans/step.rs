//! The descent from a start to a clustering that no single move improves.

use super::{Points, squared_distance};

/// Points whose distances are computed at once: few enough to stay in the
/// first-level cache, enough for the compiler to use vectors.
const BLOCK: usize = 512;
/// Passes after which a descent stops in any case.
const PASSES: usize = 1000;
/// By how much of itself a cost must fall for a move to count. Below it
/// rounding decides, and points would move to and fro.
const GAIN: f64 = 1e-12;

/// Labels, their centroids and the inertia.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clustering {
    pub(super) centroids: Vec<[f64; 3]>,
    pub(super) labels: Vec<u32>,
    pub(super) inertia: f64,
    pub(super) inertia_by_pass: Vec<f64>,
}

impl Clustering {
    /// Descends from starting centroids: Lloyd's iteration until no label
    /// changes, then single moves, until neither finds anything.
    pub(super) fn descend(points: &Points, start: Vec<[f64; 3]>) -> Self {
        let mut clustering = Self {
            centroids: start,
            labels: vec![0; points.len()],
            inertia: f64::INFINITY,
            inertia_by_pass: Vec::new(),
        };
        let mut distances = vec![0.0; points.len()];
        clustering.assign(points, &mut distances);
        while clustering.inertia_by_pass.len() < PASSES {
            clustering.update(points, &mut distances);
            let settled = !clustering.assign(points, &mut distances);
            if settled && !clustering.move_points(points) {
                break;
            }
        }
        clustering
    }

    /// Gives each point the label of its nearest centroid; a tie goes to the
    /// lower one. Says whether any label changed.
    fn assign(&mut self, points: &Points, distances: &mut [f64]) -> bool {
        let mut changed = false;
        let mut inertia = 0.0;
        let mut nearest = [0.0; BLOCK];
        for start in (0..points.len()).step_by(BLOCK) {
            let end = points.len().min(start + BLOCK);
            let [x, y, z] = [0, 1, 2].map(|i| &points.columns[i][start..end]);
            let distances = &mut distances[start..end];
            let nearest = &mut nearest[..end - start];
            distances.fill(f64::INFINITY);
            for (index, centroid) in self.centroids.iter().enumerate() {
                // The label as a double: baseline x86-64 can choose between
                // doubles without a branch.
                compare(index as f64, centroid, [x, y, z], distances, nearest);
            }
            let mut sum = 0.0;
            for ((label, &new), &distance) in self.labels[start..end]
                .iter_mut()
                .zip(&*nearest)
                .zip(&*distances)
            {
                changed |= *label != new as u32;
                *label = new as u32;
                sum += distance;
            }
            inertia += sum;
        }
        self.inertia = inertia;
        self.inertia_by_pass.push(inertia);
        changed
    }

    /// Puts the centroids at the means of their points, after every cluster
    /// without points was given the point that is farthest from its own
    /// centroid, the first at a tie, among those that leave others behind.
    fn update(&mut self, points: &Points, distances: &mut [f64]) {
        let mut sums = self.sums(points);
        while let Some(empty) = sums.iter().position(|sum| sum[3] == 0.0) {
            let mut farthest = None;
            let mut distance = f64::NEG_INFINITY;
            for (row, &label) in self.labels.iter().enumerate() {
                if distances[row] > distance && sums[label as usize][3] > 1.0 {
                    (farthest, distance) = (Some(row), distances[row]);
                }
            }
            // There are at least as many points as clusters.
            let Some(row) = farthest else { break };
            self.labels[row] = empty as u32;
            distances[row] = 0.0;
            sums = self.sums(points);
        }
        for (centroid, [x, y, z, count]) in self.centroids.iter_mut().zip(sums) {
            *centroid = [x / count, y / count, z / count];
        }
    }

    /// The sum of each column and the number of points, by cluster.
    fn sums(&self, points: &Points) -> Vec<[f64; 4]> {
        let mut sums = vec![[0.0; 4]; self.centroids.len()];
        for (row, &label) in points.rows().zip(&self.labels) {
            let sum = &mut sums[label as usize];
            for i in 0..3 {
                sum[i] += row[i];
            }
            sum[3] += 1.0;
        }
        sums
    }

    fn counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.centroids.len()];
        for &label in &self.labels {
            counts[label as usize] += 1.0;
        }
        counts
    }

    /// Passes over the points and moves each to the cluster where it adds least
    /// to the inertia, centroids following at once. Says whether any moved.
    ///
    /// A point at squared distance d adds d·n/(n+1) to a cluster of n points
    /// that it joins, and takes d·n/(n−1) from one that it leaves. Lloyd's
    /// iteration compares d alone and so stops earlier.
    fn move_points(&mut self, points: &Points) -> bool {
        let mut counts = self.counts();
        let mut moved = false;
        for row in 0..points.len() {
            let point = points.row(row);
            let from = self.labels[row] as usize;
            if counts[from] <= 1.0 {
                continue;
            }
            let saved = squared_distance(&point, &self.centroids[from]) * counts[from]
                / (counts[from] - 1.0);
            let mut least = saved * (1.0 - GAIN);
            let mut to = from;
            for (index, centroid) in self.centroids.iter().enumerate() {
                let added =
                    squared_distance(&point, centroid) * counts[index] / (counts[index] + 1.0);
                if index != from && added < least {
                    (least, to) = (added, index);
                }
            }
            if to != from {
                counts[from] -= 1.0;
                counts[to] += 1.0;
                for i in 0..3 {
                    self.centroids[from][i] -= (point[i] - self.centroids[from][i]) / counts[from];
                    self.centroids[to][i] += (point[i] - self.centroids[to][i]) / counts[to];
                }
                self.labels[row] = to as u32;
                moved = true;
            }
        }
        moved
    }
}

/// Takes `centroid` as the nearest wherever it is nearer than the best so far.
#[inline(never)]
fn compare(
    index: f64,
    centroid: &[f64; 3],
    [x, y, z]: [&[f64]; 3],
    distances: &mut [f64],
    nearest: &mut [f64],
) {
    let points = x.iter().zip(y).zip(z);
    let best = distances.iter_mut().zip(nearest);
    for (((&x, &y), &z), (distance, nearest)) in points.zip(best) {
        let [dx, dy, dz] = [x - centroid[0], y - centroid[1], z - centroid[2]];
        let new = dx * dx + dy * dy + dz * dz;
        let is_nearer = new < *distance;
        *nearest = if is_nearer { index } else { *nearest };
        *distance = if is_nearer { new } else { *distance };
    }
}
