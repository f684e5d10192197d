//! Training: from the RFM table to a model.

use super::{
    doubt::Doubt,
    error::ModelError,
    kmeans::{KMeans, KMeansParams, Points, nearest},
    model::{Content, Histograms, Metrics, Parameters, SegmentModel, SegmentationModel},
    profile::{histograms, profiles},
    scaler::Scaler,
    segment::{SEGMENTS, Segment, name_clusters},
};
use crate::{
    features::{Rfm, RfmTable, TrainingData},
    progress::Progress,
};

/// How a model is trained. The number of clusters is always four.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrainParams {
    kmeans: KMeansParams,
}

impl TrainParams {
    /// Training from a seed with a number of restarts, from 1 up.
    ///
    /// # Errors
    ///
    /// [`ModelError::Params`] for no restarts.
    pub fn new(seed: u64, restarts: u32) -> Result<Self, ModelError> {
        let kmeans = KMeansParams::new(SEGMENTS)?.seed(seed).restarts(restarts)?;
        Ok(Self { kmeans })
    }

    /// K-Means with the same seed and restarts for any number of clusters,
    /// from 1 up.
    ///
    /// # Errors
    ///
    /// [`ModelError::Params`] for no clusters.
    pub fn kmeans(&self, clusters: usize) -> Result<KMeansParams, ModelError> {
        KMeansParams::new(clusters)?
            .seed(self.kmeans.get_seed())
            .restarts(self.kmeans.get_restarts())
    }

    pub(super) const fn seed(&self) -> u64 {
        self.kmeans.get_seed()
    }

    pub(super) const fn restarts(&self) -> u32 {
        self.kmeans.get_restarts()
    }
}

/// Trains a model on a table.
///
/// `data` goes into the model as it is. The result depends on the table and
/// the parameters only.
///
/// # Errors
///
/// [`ModelError::TooFewDistinct`] if fewer than four customers differ.
pub fn train(
    table: &RfmTable,
    data: TrainingData,
    params: &TrainParams,
    progress: &Progress,
) -> Result<SegmentationModel, ModelError> {
    let rows: Vec<Rfm> = table.rows().collect();
    if rows.is_empty() {
        return Err(ModelError::TooFewDistinct {
            found: 0,
            needed: SEGMENTS,
        });
    }
    let scaler = Scaler::fit(&rows);
    let scores: Vec<[f64; 3]> = scaler.transform_all(rows.iter().copied()).collect();
    let points: Points = scores.iter().copied().collect();
    let kmeans = KMeans::fit(&points, &params.kmeans, progress)?;
    let centroids = name_clusters(std::array::from_fn(|i| kmeans.centroids()[i]));
    let segments: Vec<Segment> = scores
        .iter()
        .map(|row| Segment::ALL[nearest(row, &centroids).unwrap_or_default()])
        .collect();
    let profiles = profiles(table, &segments);
    let segments = Segment::ALL.map(|segment| {
        let label = segment.label();
        let (centroid, profile) = (centroids[label], profiles[label].clone());
        SegmentModel {
            label,
            segment,
            centroid,
            doubts: Doubt::about(segment, &centroid, &profile),
            profile,
        }
    });
    let [recency, frequency, monetary] = histograms(&rows);
    Ok(SegmentationModel::from_content(Content {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        training: data,
        parameters: Parameters {
            clusters: params.kmeans.clusters(),
            seed: params.kmeans.get_seed(),
            restarts: params.kmeans.get_restarts(),
        },
        metrics: Metrics {
            inertia: kmeans.inertia(),
            explained_variance: 1.0 - kmeans.inertia() / total_variation(&scores),
            restarts_at_best: kmeans.restarts_at_best(),
        },
        scaler,
        segments,
        histograms: Histograms {
            recency,
            frequency,
            monetary,
        },
    }))
}

/// The sum of squared distances from the mean, which is the origin.
fn total_variation(scores: &[[f64; 3]]) -> f64 {
    scores.iter().flatten().map(|score| score * score).sum()
}
