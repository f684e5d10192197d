//! From the RFM table to named segments: scaler, K-Means, names, model file.
//!
//! ```
//! use rfmkit::{features::Rfm, modeling::SegmentationModel};
//!
//! let model = SegmentationModel::reference();
//! let segment = model.predict(Rfm::new(15, 2, 350.75)?);
//! assert_eq!(segment.name(), "New Customers");
//! assert_eq!(segment.label(), 2);
//! # Ok::<(), rfmkit::features::RfmError>(())
//! ```

mod artifact;
mod doubt;
mod error;
mod evaluate;
mod explain;
mod kmeans;
mod metrics;
mod model;
mod predict;
mod profile;
mod scaler;
mod segment;
mod source;
mod train;

pub use self::{
    doubt::Doubt,
    error::ModelError,
    evaluate::{CLUSTERS, Evaluation, Index, Quality, SAMPLE, evaluate},
    explain::{Change, Explanation},
    kmeans::{KMeans, KMeansParams, Points, nearest, squared_distance},
    metrics::{Partition, adjusted_rand_index},
    model::{Histograms, Metrics, Parameters, Score, SegmentModel, SegmentationModel},
    predict::{Run, write_segments},
    profile::{Histogram, Profile, profiles},
    scaler::Scaler,
    segment::{SEGMENTS, Segment, name_clusters},
    source::{LoadedModel, ModelSource},
    train::{TrainParams, train},
};
