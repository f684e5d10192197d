//! Questions and answers as they are sent.

use std::collections::BTreeMap;

use rfmkit::{
    config::Playbook,
    features::{Feature, Rfm, TrainingData},
    modeling::{
        LoadedModel, Metrics, Parameters, Profile, Segment, SegmentModel, SegmentationModel,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, served::Served};

/// The name of a segment.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands for the library's type in the OpenAPI document"
)]
pub(crate) enum SegmentName {
    Champions,
    #[schema(rename = "Lost Customers")]
    LostCustomers,
    #[schema(rename = "New Customers")]
    NewCustomers,
    #[schema(rename = "At-Risk")]
    AtRisk,
}

/// The name of a feature.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "stands for the library's type in the OpenAPI document"
)]
pub(crate) enum FeatureName {
    Recency,
    Frequency,
    Monetary,
}

/// One customer.
#[derive(ToSchema)]
#[schema(example = json!({"recency": 15, "frequency": 2, "monetary": 350.75}))]
#[expect(
    dead_code,
    reason = "stands for what `customer` reads in the OpenAPI document"
)]
pub(crate) struct SegmentRequest {
    /// Whole periods of 24 hours since the last purchase.
    #[schema(minimum = 0, maximum = 100_000)]
    recency: u32,
    /// Distinct invoices.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    frequency: u32,
    /// The sum of all amounts, in the currency of the training data.
    #[schema(exclusive_minimum = 0)]
    monetary: f64,
}

/// A text in an answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// The text.
    pub(crate) message: &'static str,
}

/// Why a request is not served.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands for the answers of `error` in the OpenAPI document"
)]
pub(crate) struct ErrorMessage {
    /// The reason, in words.
    detail: String,
}

/// What is wrong with a request, all at once.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands for the answers of `error` in the OpenAPI document"
)]
pub(crate) struct Problems {
    detail: Vec<Problem>,
}

/// A value for each feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ByFeature {
    /// For the days since the last purchase.
    pub recency: f64,
    /// For the invoices.
    pub frequency: f64,
    /// For the sum of all amounts.
    pub monetary: f64,
}

impl From<[f64; 3]> for ByFeature {
    fn from([recency, frequency, monetary]: [f64; 3]) -> Self {
        Self {
            recency,
            frequency,
            monetary,
        }
    }
}

/// The segment of a customer, and why it is in it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExplainedSegment {
    /// The segment's name.
    #[schema(value_type = SegmentName)]
    pub segment_name: Segment,
    /// The segment's label, the same in every model.
    #[schema(minimum = 0, maximum = 3)]
    pub cluster_label: usize,
    /// The distance to the centroid of each segment, in standard scores.
    pub distances: BTreeMap<&'static str, f64>,
    /// The segment whose centroid is second-nearest.
    #[schema(value_type = SegmentName)]
    pub second_nearest: Segment,
    /// By how much it is farther than the nearest, in standard scores.
    #[schema(minimum = 0)]
    pub margin: f64,
    /// The feature that speaks most for the segment and against the second.
    #[schema(value_type = FeatureName)]
    pub deciding_feature: Feature,
    /// What each feature adds to the difference of the squared distances; below
    /// 0 it speaks for the second-nearest segment.
    pub contributions: ByFeature,
    /// For each feature the smallest change of it alone that leads to another
    /// segment, if there is one; the smallest of all first.
    pub changes: Vec<SegmentChange>,
    /// What to do about the customers of the segment.
    pub strategy: String,
    /// Why the name of the segment may not fit its customers.
    pub doubts: Vec<String>,
    /// Whether the built-in model of the reference data answers.
    pub is_reference_model: bool,
}

/// A change of one feature that leads to another segment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct SegmentChange {
    /// The feature.
    #[schema(value_type = FeatureName)]
    pub feature: Feature,
    /// Its value.
    pub from: f64,
    /// The nearest value that leads elsewhere.
    pub to: f64,
    /// The segment to which it leads.
    #[schema(value_type = SegmentName)]
    pub segment_name: Segment,
}

impl ExplainedSegment {
    /// Explains the segment of a customer.
    #[must_use]
    pub fn new(loaded: &LoadedModel, playbook: &Playbook, rfm: Rfm) -> Self {
        Self::with(&loaded.model, loaded.is_reference, playbook, rfm)
    }

    pub(crate) fn of(served: &Served, playbook: &Playbook, rfm: Rfm) -> Self {
        Self::with(&served.model, served.is_reference, playbook, rfm)
    }

    fn with(
        model: &SegmentationModel,
        is_reference_model: bool,
        playbook: &Playbook,
        rfm: Rfm,
    ) -> Self {
        let explanation = model.explain(rfm);
        let segment = explanation.score.segment;
        let distance = |other: Segment| explanation.score.squared_distances[other.label()].sqrt();
        let change = |change: &rfmkit::modeling::Change| SegmentChange {
            feature: change.feature,
            from: rfm.to_array()[change.feature as usize],
            to: change.to,
            segment_name: change.segment,
        };
        Self {
            segment_name: segment,
            cluster_label: segment.label(),
            distances: Segment::ALL
                .map(|other| (other.name(), distance(other)))
                .into(),
            second_nearest: explanation.second,
            margin: explanation.margin,
            deciding_feature: explanation.deciding,
            contributions: explanation.contributions.into(),
            changes: explanation.changes.iter().map(change).collect(),
            strategy: playbook.strategy(segment).to_owned(),
            doubts: texts(&model.segments()[segment.label()]),
            is_reference_model,
        }
    }
}

fn texts(segment: &SegmentModel) -> Vec<String> {
    segment.doubts.iter().map(ToString::to_string).collect()
}

/// An item of a batch that is wrong.
#[derive(Serialize, ToSchema)]
pub(crate) struct WrongItem<'a> {
    /// The position of the item, from 0.
    pub(crate) index: usize,
    /// What is wrong with it, all at once.
    pub(crate) detail: &'a [Problem],
}

/// A segment: who is in it, and what to do about them.
#[derive(Serialize, ToSchema)]
pub(crate) struct SegmentDescription {
    /// The segment's label, the same in every model.
    #[schema(minimum = 0, maximum = 3)]
    cluster_label: usize,
    /// The segment's name.
    #[schema(value_type = SegmentName)]
    segment_name: Segment,
    /// What to do about its customers.
    strategy: String,
    /// Why the name may not fit its customers.
    doubts: Vec<String>,
    /// Its customers in the training data.
    profile: SegmentProfile,
}

/// The customers of a segment in the training data.
#[derive(Serialize, ToSchema)]
struct SegmentProfile {
    /// Their number.
    customers: u64,
    /// Their share of all customers, from 0 to 1.
    share: f64,
    /// Their share of the revenue, from 0 to 1.
    revenue_share: f64,
    mean: ByFeature,
    first_quartile: ByFeature,
    median: ByFeature,
    third_quartile: ByFeature,
}

impl From<&Profile> for SegmentProfile {
    fn from(profile: &Profile) -> Self {
        Self {
            customers: profile.customers,
            share: profile.share,
            revenue_share: profile.revenue_share,
            mean: profile.mean.into(),
            first_quartile: profile.first_quartile.into(),
            median: profile.median.into(),
            third_quartile: profile.third_quartile.into(),
        }
    }
}

impl SegmentDescription {
    pub(crate) fn all(model: &SegmentationModel, playbook: &Playbook) -> Vec<Self> {
        let describe = |segment: &SegmentModel| Self {
            cluster_label: segment.label,
            segment_name: segment.segment,
            strategy: playbook.strategy(segment.segment).to_owned(),
            doubts: texts(segment),
            profile: (&segment.profile).into(),
        };
        model.segments().iter().map(describe).collect()
    }
}

/// The model that answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelDescription {
    /// The hash of its content; `x-rfm-model` has the first 16 digits.
    checksum: String,
    /// The version of rfm that trained it.
    version: String,
    /// Whether it is the built-in model of the reference data, which answers
    /// until there is an own one.
    is_reference: bool,
    /// The data on which it was trained.
    training: Training,
    /// How it was trained.
    parameters: ModelParameters,
    /// How well it fits the training data.
    metrics: ModelMetrics,
    /// Where the segments lie.
    centroids: Vec<Centroid>,
}

/// The data on which a model was trained, as far as they are known.
#[derive(Serialize, ToSchema)]
struct Training {
    /// Lines read.
    rows: Option<u64>,
    /// Lines that count.
    kept: Option<u64>,
    /// The instant from which recency counts.
    snapshot: Option<String>,
    /// Customers.
    customers: u64,
    /// The hash of the RFM table.
    features_blake3: String,
}

impl From<&TrainingData> for Training {
    fn from(data: &TrainingData) -> Self {
        Self {
            rows: data.rows,
            kept: data.kept,
            snapshot: data.snapshot.clone(),
            customers: data.customers,
            features_blake3: data.features_blake3.clone(),
        }
    }
}

/// How a model was trained.
#[derive(Serialize, ToSchema)]
struct ModelParameters {
    /// The number of clusters; always four.
    clusters: usize,
    /// The seed from which every start was drawn.
    seed: u64,
    /// The starts that were tried.
    restarts: u32,
}

impl From<&Parameters> for ModelParameters {
    fn from(parameters: &Parameters) -> Self {
        Self {
            clusters: parameters.clusters,
            seed: parameters.seed,
            restarts: parameters.restarts,
        }
    }
}

/// How well the clusters fit the training data.
#[derive(Serialize, ToSchema)]
struct ModelMetrics {
    /// The sum of squared distances to the centroids, in standard scores.
    inertia: f64,
    /// The share of all variance that lies between the clusters, from 0 to 1.
    explained_variance: f64,
    /// The starts that ended at the lowest inertia.
    restarts_at_best: u32,
}

impl From<&Metrics> for ModelMetrics {
    fn from(metrics: &Metrics) -> Self {
        Self {
            inertia: metrics.inertia,
            explained_variance: metrics.explained_variance,
            restarts_at_best: metrics.restarts_at_best,
        }
    }
}

/// The centre of a segment.
#[derive(Serialize, ToSchema)]
struct Centroid {
    /// The segment's label.
    #[schema(minimum = 0, maximum = 3)]
    cluster_label: usize,
    /// The segment's name.
    #[schema(value_type = SegmentName)]
    segment_name: Segment,
    /// In days, invoices and money.
    values: ByFeature,
    /// In standard scores of the logarithms.
    scores: ByFeature,
}

impl ModelDescription {
    pub(crate) fn new(served: &Served) -> Self {
        let model = &served.model;
        let centroid = |segment: &SegmentModel| Centroid {
            cluster_label: segment.label,
            segment_name: segment.segment,
            values: model.scaler().inverse(segment.centroid).into(),
            scores: segment.centroid.into(),
        };
        Self {
            checksum: model.checksum().to_owned(),
            version: model.version().to_owned(),
            is_reference: served.is_reference,
            training: model.training().into(),
            parameters: model.parameters().into(),
            metrics: model.metrics().into(),
            centroids: model.segments().iter().map(centroid).collect(),
        }
    }
}

/// The result of loading a model.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reloaded {
    /// Whether the model is another one now.
    pub(crate) is_new: bool,
    /// The hash of the model that answers now.
    pub(crate) checksum: String,
}
