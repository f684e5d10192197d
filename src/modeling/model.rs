//! The trained model, and the one function that scores.

use serde::{Deserialize, Serialize};

use super::{
    doubt::Doubt,
    kmeans::{nearest, squared_distance},
    profile::{Histogram, Profile},
    scaler::Scaler,
    segment::{SEGMENTS, Segment},
};
use crate::features::{Rfm, RfmTable, TrainingData};

/// A trained segmentation.
///
/// It cannot be built by hand, only trained or loaded, and does not change.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentationModel {
    pub(super) content: Content,
    pub(super) checksum: String,
}

/// What a model file holds beside its schema version and checksum.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub(super) version: String,
    pub(super) training: TrainingData,
    pub(super) parameters: Parameters,
    pub(super) metrics: Metrics,
    pub(super) scaler: Scaler,
    pub(super) segments: [SegmentModel; SEGMENTS],
    pub(super) histograms: Histograms,
}

/// The parameters with which a model was trained.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The number of clusters; always four.
    pub clusters: usize,
    /// The seed from which every start was drawn.
    pub seed: u64,
    /// The starts that were tried.
    pub restarts: u32,
}

/// How well the clusters fit the training data.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The sum of squared distances from each customer to its centroid, in
    /// standard scores.
    pub inertia: f64,
    /// The share of all variance that lies between the clusters, from 0 to 1.
    pub explained_variance: f64,
    /// The restarts that ended within a billionth of the lowest inertia.
    pub restarts_at_best: u32,
}

/// One segment of a model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentModel {
    /// The label, equal to the position in the model.
    pub label: usize,
    /// The segment that the name stands for.
    #[serde(rename = "name")]
    pub segment: Segment,
    /// The centroid in standard scores: recency, frequency, monetary.
    pub centroid: [f64; 3],
    /// The customers of the training data in the segment.
    pub profile: Profile,
    /// Why the name may not fit.
    pub doubts: Vec<Doubt>,
}

/// How each feature was spread in training, for watching drift.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Histograms {
    /// Days from the last purchase to the snapshot.
    pub recency: Histogram,
    /// Distinct invoices.
    pub frequency: Histogram,
    /// Sums of amounts.
    pub monetary: Histogram,
}

/// What tells one model from another at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelSummary {
    /// The model's identity, as [`SegmentationModel::checksum`].
    pub checksum: String,
    /// The customers on whom it was trained.
    pub customers: u64,
    /// The instant from which their recency counts, where it is known.
    pub snapshot: Option<String>,
    /// The seed of the training.
    pub seed: u64,
    /// How far customers are from their centroids, as [`Metrics::inertia`].
    pub inertia: f64,
    /// The version of the tool that trained it.
    pub version: String,
}

/// The segment of the nearest centroid; the lower one at a tie.
fn segment(scores: &[f64; 3], centroids: &[[f64; 3]; SEGMENTS]) -> Segment {
    Segment::ALL[nearest(scores, centroids).unwrap_or_default()]
}

/// Where a customer stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The segment of the nearest centroid.
    pub segment: Segment,
    /// Squared distances to the centroids in standard scores, by label.
    pub squared_distances: [f64; SEGMENTS],
}

impl SegmentationModel {
    /// The segment of a customer: transform, nearest centroid, and the lower
    /// label at a tie.
    #[must_use]
    pub fn predict(&self, rfm: Rfm) -> Segment {
        let scores = self.content.scaler.transform(rfm);
        segment(&scores, &self.centroids())
    }

    /// The segment of a customer, and how far it is from each.
    #[must_use]
    pub fn score(&self, rfm: Rfm) -> Score {
        let scores = self.content.scaler.transform(rfm);
        Score {
            segment: self.predict(rfm),
            squared_distances: self
                .centroids()
                .map(|centroid| squared_distance(&scores, &centroid)),
        }
    }

    /// The segment of every customer of a table, in the order of its rows.
    #[must_use]
    pub fn predict_table(&self, table: &RfmTable) -> Vec<Segment> {
        let centroids = self.centroids();
        let scores = self.content.scaler.transform_all(table.rows());
        scores.map(|scores| segment(&scores, &centroids)).collect()
    }

    fn centroids(&self) -> [[f64; 3]; SEGMENTS] {
        std::array::from_fn(|label| self.content.segments[label].centroid)
    }

    /// The segments in the order of their labels.
    #[must_use]
    pub const fn segments(&self) -> &[SegmentModel; SEGMENTS] {
        &self.content.segments
    }

    /// The learned part of the transform.
    #[must_use]
    pub const fn scaler(&self) -> &Scaler {
        &self.content.scaler
    }

    /// The data on which the model was trained.
    #[must_use]
    pub const fn training(&self) -> &TrainingData {
        &self.content.training
    }

    /// The parameters with which it was trained.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.content.parameters
    }

    /// How well it fits the training data.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.content.metrics
    }

    /// How the features were spread in training.
    #[must_use]
    pub const fn histograms(&self) -> &Histograms {
        &self.content.histograms
    }

    /// The version of the tool that trained it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.content.version
    }

    /// What tells it from other models.
    #[must_use]
    pub fn summary(&self) -> ModelSummary {
        ModelSummary {
            checksum: self.checksum.clone(),
            customers: self.training().customers,
            snapshot: self.training().snapshot.clone(),
            seed: self.parameters().seed,
            inertia: self.metrics().inertia,
            version: self.version().to_owned(),
        }
    }

    /// The BLAKE3 hash of the content, in hexadecimal: the model's identity.
    #[must_use]
    pub fn checksum(&self) -> &str {
        &self.checksum
    }
}

/// Digits of the checksum in the name of a model.
pub(super) const NAME_DIGITS: usize = 16;

/// How the service and the history call the model with this checksum: by its first
/// 16 digits.
#[must_use]
pub fn model_name(checksum: &str) -> &str {
    checksum.get(..NAME_DIGITS).unwrap_or(checksum)
}
