//! From the RFM table to named segments: scaler, K-Means, names, model file; and
//! what changes from one model, or one run, to the next.
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
mod comparison;
mod consistency;
mod diff;
mod doubt;
mod error;
mod evaluate;
mod explain;
mod history;
mod kmeans;
mod metrics;
mod model;
mod predict;
mod profile;
mod scaler;
mod segment;
mod segment_table;
mod source;
mod train;
mod transitions;

#[cfg(feature = "plots")]
pub(crate) use self::evaluate::choose;
pub use self::{
    comparison::{Comparison, CustomerMove},
    consistency::{Consistency, FileState},
    diff::{CentroidChange, ModelDiff},
    doubt::Doubt,
    error::ModelError,
    evaluate::{
        Blade, Blades, CLUSTERS, Evaluation, Index, Quality, SAMPLE, Silhouettes, evaluate,
    },
    explain::{Change, Explanation},
    history::{EarlierModel, History, NamedModel, Promotion},
    kmeans::{KMeans, KMeansParams, Points, nearest, squared_distance},
    metrics::{Partition, adjusted_rand_index},
    model::{
        Histograms, Metrics, ModelSummary, Parameters, Score, SegmentModel, SegmentationModel,
        model_name,
    },
    predict::{Run, write_segments},
    profile::{Histogram, Profile, profiles},
    scaler::Scaler,
    segment::{SEGMENTS, Segment, name_clusters},
    segment_table::{SegmentTable, SegmentedCustomer},
    source::{LoadedModel, ModelSource},
    train::{TrainParams, train},
    transitions::{Flow, SegmentChange, Transition, Transitions},
};
