//! The descent from a start to a clustering that no single move improves.

use super::{
    Points,
    pass::{self, Pass, Sums},
    squared_distance,
};

/// Passes after which a descent stops in any case.
const PASSES: usize = 1000;
/// By how much of itself a cost must fall for a move to count. Below it
/// rounding decides, and points would move to and fro.
const GAIN: f64 = 1e-12;

/// By how much of itself the inertia may still fall in a pass that is close to the
/// end.
const CLOSE: f64 = 1e-7;

/// How far a descent goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Until {
    /// Until no single move improves anything.
    Exact,
    /// Until a pass improves next to nothing: for many points, of which each has next
    /// to no weight.
    Close,
}

/// Labels, their centroids and the inertia.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clustering {
    pub(super) centroids: Vec<[f64; 3]>,
    pub(super) labels: Vec<u8>,
    pub(super) inertia: f64,
    pub(super) inertia_by_pass: Vec<f64>,
}

impl Clustering {
    /// Descends from starting centroids: Lloyd's iteration until `until` says so, or
    /// no label changes any more, and then single moves, until neither finds anything.
    pub(super) fn descend(points: &Points, start: Vec<[f64; 3]>, until: Until) -> Self {
        let mut clustering = Self {
            centroids: start,
            labels: vec![0; points.len()],
            inertia: f64::INFINITY,
            inertia_by_pass: Vec::new(),
        };
        let mut sums = clustering.assign(points).sums;
        while clustering.inertia_by_pass.len() < PASSES {
            let before = clustering.inertia;
            clustering.center(points, sums);
            let pass = clustering.assign(points);
            sums = pass.sums;
            match until {
                Until::Close if before - pass.inertia <= CLOSE * before => break,
                _ if pass.has_changed => {}
                Until::Exact if clustering.move_points(points) => {
                    sums = pass::sums(points, &clustering.labels, clustering.centroids.len());
                }
                _ => break,
            }
        }
        clustering
    }

    fn assign(&mut self, points: &Points) -> Pass {
        let pass = pass::assign(points, &self.centroids, &mut self.labels);
        self.inertia = pass.inertia;
        self.inertia_by_pass.push(pass.inertia);
        pass
    }

    /// Puts the centroids at the means of their points, after every cluster
    /// without points was given the point that is farthest from its own
    /// centroid, the first at a tie, among those that leave others behind.
    fn center(&mut self, points: &Points, mut sums: Vec<Sums>) {
        let count = |sums: &Sums| sums[3];
        while let Some(empty) = sums.iter().position(|sums| count(sums) == 0.0) {
            let mut farthest = None;
            let mut most = f64::NEG_INFINITY;
            for (row, &label) in self.labels.iter().enumerate() {
                let label = label as usize;
                let distance = squared_distance(&points.row(row), &self.centroids[label]);
                if distance > most && count(&sums[label]) > 1.0 {
                    (farthest, most) = (Some(row), distance);
                }
            }
            // There are at least as many points as clusters.
            let Some(row) = farthest else { break };
            self.labels[row] = empty as u8;
            self.centroids[empty] = points.row(row);
            sums = pass::sums(points, &self.labels, self.centroids.len());
        }
        for (centroid, [x, y, z, count]) in self.centroids.iter_mut().zip(sums) {
            *centroid = [x / count, y / count, z / count];
        }
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
                self.labels[row] = to as u8;
                moved = true;
            }
        }
        moved
    }
}
