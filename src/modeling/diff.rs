//! What changes for the customers when one model takes the place of another.

use serde::Serialize;

use super::{
    model::{ModelSummary, SegmentationModel},
    segment::{SEGMENTS, Segment},
    transitions::Transitions,
};
use crate::features::RfmTable;

/// The difference of two models on the customers of one table.
///
/// ```
/// # use rfmkit::{dataset::Money, features::{CustomerRow, ExtraColumns, RfmTable}};
/// use rfmkit::modeling::{ModelDiff, SegmentationModel};
///
/// # let row = |customer: &str, recency| CustomerRow {
/// #     customer: customer.into(), recency, frequency: 2, country: None,
/// #     returned: Default::default(),
/// #     monetary: Money::from_millionths(350_750_000).into(),
/// # };
/// # let table = RfmTable::new(vec![row("7", 15), row("8", 200)], ExtraColumns::default())?;
/// let model = SegmentationModel::reference();
/// let diff = ModelDiff::new(&model, &model, &table);
/// assert_eq!(diff.transitions.moved().customers, 0);
/// # Ok::<(), rfmkit::features::FeatureError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelDiff {
    /// The model before.
    pub before: ModelSummary,
    /// The model after.
    pub after: ModelSummary,
    /// Where the customers of the table would go. Revenue before and after is
    /// the same, as the customers are.
    #[serde(flatten)]
    pub transitions: Transitions,
    /// Where the centroids lie, by label.
    pub centroids: [CentroidChange; SEGMENTS],
}

/// Where the centroid of a segment lies before and after.
///
/// Arrays are in the order recency (days), frequency (invoices), monetary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CentroidChange {
    /// The segment.
    #[serde(rename = "segment_name")]
    pub segment: Segment,
    /// The values of the centroid before.
    pub before: [f64; 3],
    /// The values of the centroid after.
    pub after: [f64; 3],
}

impl ModelDiff {
    /// Scores every customer of a table by both models.
    #[must_use]
    pub fn new(before: &SegmentationModel, after: &SegmentationModel, table: &RfmTable) -> Self {
        let mut transitions = Transitions::default();
        for (rfm, &monetary) in table.rows().zip(table.monetary()) {
            let side = |model: &SegmentationModel| Some((model.predict(rfm), monetary));
            transitions.add(side(before), side(after));
        }
        let values = |model: &SegmentationModel, segment: Segment| {
            let centroid = model.segments()[segment.label()].centroid;
            model.scaler().inverse(centroid)
        };
        Self {
            before: before.summary(),
            after: after.summary(),
            transitions,
            centroids: Segment::ALL.map(|segment| CentroidChange {
                segment,
                before: values(before, segment),
                after: values(after, segment),
            }),
        }
    }
}
