//! How near each customer is to its cluster, for a look at single clusters.

use std::{ops::RangeInclusive, path::Path};

use serde::{Deserialize, Serialize};

use crate::modeling::{kmeans::KMeans, metrics::Partition};

/// The numbers of clusters that are looked at: four, and those beside it.
pub(super) const CLOSELY: RangeInclusive<usize> = 3..=6;
/// Widths that are kept of each cluster, at most.
const KEPT: usize = 101;

/// Silhouettes of single clusters: `models/silhouettes.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Silhouettes {
    /// The hash of the RFM table.
    pub features_blake3: String,
    /// By the number of clusters, ascending; those for which too few customers differ
    /// are not there.
    pub by_clusters: Vec<Blades>,
}

/// The silhouettes of some number of clusters.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Blades {
    /// The number of clusters.
    pub clusters: usize,
    /// The mean of all widths, as [`Partition::silhouette`].
    pub mean: f64,
    /// One for each cluster.
    pub blades: Vec<Blade>,
}

/// The silhouette of one cluster.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Blade {
    /// The centroid in standard scores: recency, frequency, monetary.
    pub centroid: [f64; 3],
    /// The customers who were looked at.
    pub customers: u64,
    /// The mean width.
    pub mean: f64,
    /// Widths in descending order, from -1 to 1: of all of them, or so many that are
    /// spread evenly over all.
    pub widths: Vec<f64>,
}

impl Silhouettes {
    /// Reads what an earlier run left; `None` if there is nothing that can be read, or it
    /// is not what a run leaves.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        let found: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        found
            .by_clusters
            .iter()
            .all(Blades::is_whole)
            .then_some(found)
    }
}

impl Blades {
    /// Whether there is one blade for each cluster, with widths that can be.
    fn is_whole(&self) -> bool {
        let is_blade = |blade: &Blade| {
            let mut widths = blade.widths.iter();
            blade.customers > 0
                && !blade.widths.is_empty()
                && widths.all(|width| (-1.0..=1.0).contains(width))
        };
        self.clusters > 0 && self.blades.len() == self.clusters && self.blades.iter().all(is_blade)
    }

    /// `partition` has some of the points of `fit`; `None` if it has no silhouette, or
    /// lacks a cluster.
    pub(super) fn of(fit: &KMeans, partition: &Partition) -> Option<Self> {
        let widths = partition.silhouette_widths()?;
        if widths.len() != fit.centroids().len() {
            return None;
        }
        let all = widths.iter().flatten();
        let mean = all.clone().sum::<f64>() / all.count() as f64;
        let blades = fit.centroids().iter().zip(widths);
        Some(Self {
            clusters: fit.centroids().len(),
            mean,
            blades: blades
                .map(|(&centroid, widths)| Blade::new(centroid, widths))
                .collect(),
        })
    }
}

impl Blade {
    fn new(centroid: [f64; 3], mut widths: Vec<f64>) -> Self {
        let count = widths.len();
        let mean = widths.iter().sum::<f64>() / count as f64;
        widths.sort_unstable_by(|a, b| b.total_cmp(a));
        if count > KEPT {
            let place = |number: usize| number * (count - 1) / (KEPT - 1);
            widths = (0..KEPT).map(|number| widths[place(number)]).collect();
        }
        Self {
            centroid,
            customers: count as u64,
            mean,
            widths,
        }
    }
}
