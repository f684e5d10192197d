//! Figures: data in, picture out.
//!
//! Each figure says in one sentence what is to be seen in it, found in the data, and
//! carries the numbers that it shows. The same input gives the same bytes.
//!
//! ```
//! use std::fs;
//!
//! use rfmkit::{
//!     features::RfmTable,
//!     modeling::SegmentationModel,
//!     plots::{self, Material, Theme},
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let features = folder.path().join("rfm_features.csv");
//! fs::write(&features, "CustomerID,recency,frequency,monetary\n7,3,9,900\n8,300,1,20\n")?;
//! let table = RfmTable::read_csv(&features)?;
//! let model = SegmentationModel::reference();
//! let segments = model.predict_table(&table);
//! let material = Material {
//!     table: &table,
//!     segments: &segments,
//!     model: &model,
//!     evaluation: None,
//!     silhouettes: None,
//! };
//! let (figures, omitted) = plots::draw(material, Theme::Light);
//! assert_eq!(figures[0].name(), "customer_segment_proportions_pie");
//! assert!(figures[0].svg().starts_with("<svg"));
//! assert_eq!(omitted[0].reason, "the data have no countries");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![expect(
    clippy::unnecessary_wraps,
    reason = "all figures are drawn by one kind of function, also those that always can be"
)]

mod bars;
mod boxes;
mod canvas;
mod cloud;
mod distribution;
mod elbow;
mod frame;
mod heatmap;
mod lorenz;
mod pie;
mod profiles;
mod scale;
mod scatter;
mod silhouettes;
mod theme;
mod treemap;

use serde::Serialize;

pub(crate) use self::canvas::escaped;
use self::frame::Frame;
pub use self::theme::Theme;
use crate::{
    features::RfmTable,
    modeling::{Evaluation, Profile, SEGMENTS, Segment, SegmentationModel, Silhouettes, profiles},
};

/// What figures are made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// One row per customer; with countries, if the data have them.
    pub table: &'a RfmTable,
    /// The segment of each row.
    pub segments: &'a [Segment],
    /// What named the segments.
    pub model: &'a SegmentationModel,
    /// How well other numbers of clusters fit these customers, if it was looked at.
    pub evaluation: Option<&'a Evaluation>,
    /// What it found of single clusters.
    pub silhouettes: Option<&'a Silhouettes>,
}

/// A picture with what it says.
#[derive(Debug)]
pub struct Figure {
    name: &'static str,
    reading: String,
    data: serde_json::Value,
    frame: Frame,
}

/// A figure that was not drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Omitted {
    /// What it is called.
    pub name: &'static str,
    /// Why, in words.
    pub reason: &'static str,
}

/// A figure, or why there is none.
type Drawn = Result<Figure, &'static str>;
/// What draws a figure of a name.
type Draw = fn(&'static str, &Sheet<'_>) -> Drawn;

/// Every figure, in the order in which a report shows them.
const FIGURES: [(&str, Draw); 24] = [
    ("customer_segment_proportions_pie", pie::proportions),
    ("segment_distribution", bars::customers),
    ("revenue_by_segment", bars::revenue),
    ("segment_treemap", treemap::revenue),
    ("segment_profile_comparison_plots", profiles::centroids),
    ("rfm_boxplots", boxes::by_segment),
    ("median_recency", bars::median_recency),
    ("median_frequency", bars::median_frequency),
    ("median_monetary", bars::median_monetary),
    ("champions_top_countries", bars::champions_countries),
    ("recency_distribution", distribution::recency),
    ("frequency_log_distribution", distribution::frequency),
    ("monetary_log_distribution", distribution::monetary),
    ("order_distribution", bars::orders),
    ("lorenz_curve", lorenz::revenue),
    ("rfm_heatmap", heatmap::monetary),
    ("frequency_vs_monetary_scatter", scatter::frequency_monetary),
    ("recency_vs_monetary_scatter", scatter::recency_monetary),
    ("rfm_3d_scatter", cloud::customers),
    ("kmeans_elbow_plot", elbow::inertia),
    ("silhouette_analysis_k_3", silhouettes::of::<3>),
    ("silhouette_analysis_k_4", silhouettes::of::<4>),
    ("silhouette_analysis_k_5", silhouettes::of::<5>),
    ("silhouette_analysis_k_6", silhouettes::of::<6>),
];

/// Material, and how figures look.
struct Sheet<'a> {
    material: Material<'a>,
    theme: Theme,
    /// By segment.
    profiles: [Profile; SEGMENTS],
    /// The hash of the table.
    features_blake3: String,
}

/// Draws all figures for which there is material, and tells of the others.
///
/// # Panics
///
/// If there is not one segment for each row of the table, which has at least one.
#[must_use]
pub fn draw(material: Material<'_>, theme: Theme) -> (Vec<Figure>, Vec<Omitted>) {
    assert_eq!(material.table.len(), material.segments.len());
    assert!(!material.table.is_empty());
    let model = material.model;
    let features_blake3 = material.table.hash();
    let profiles = if model.training().features_blake3 == features_blake3 {
        std::array::from_fn(|label| model.segments()[label].profile.clone())
    } else {
        profiles(material.table, material.segments)
    };
    let sheet = Sheet {
        material,
        theme,
        profiles,
        features_blake3,
    };
    let (mut figures, mut omitted) = (Vec::new(), Vec::new());
    for (name, draw) in FIGURES {
        match draw(name, &sheet) {
            Ok(figure) => figures.push(figure),
            Err(reason) => omitted.push(Omitted { name, reason }),
        }
    }
    (figures, omitted)
}

impl Figure {
    fn new(name: &'static str, reading: String, data: &impl Serialize, frame: Frame) -> Self {
        // Data of figures are numbers and texts, of which all can be written.
        let data = serde_json::to_value(data).unwrap_or_default();
        Self {
            name,
            reading,
            data,
            frame,
        }
    }

    /// What it is called, as a file without its ending.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What is to be seen, in one sentence or two.
    #[must_use]
    pub fn reading(&self) -> &str {
        &self.reading
    }

    /// The numbers that are shown.
    #[must_use]
    pub const fn data(&self) -> &serde_json::Value {
        &self.data
    }

    /// The picture as SVG, 960 by 600 pixels.
    #[must_use]
    pub fn svg(&self) -> String {
        self.frame.canvas.svg(&self.reading)
    }

    /// The picture as PNG, 1920 by 1200 dots: 300 an inch at 6.4 inches.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        self.frame.canvas.png()
    }
}

impl<'a> Sheet<'a> {
    fn table(&self) -> &'a RfmTable {
        self.material.table
    }

    fn segments(&self) -> &'a [Segment] {
        self.material.segments
    }

    fn profile(&self, segment: Segment) -> &Profile {
        &self.profiles[segment.label()]
    }

    /// The segment with the most of something, the first at a tie.
    fn most(&self, of: impl Fn(&Profile) -> f64) -> Segment {
        Segment::ALL
            .into_iter()
            .reduce(|best, next| {
                if of(self.profile(next)) > of(self.profile(best)) {
                    next
                } else {
                    best
                }
            })
            .unwrap_or(Segment::Champions)
    }
}

/// Why figures of what `rfm evaluate` leaves are not drawn.
const NOT_EVALUATED: &str = "`rfm evaluate` has not looked at these customers";

/// The segments with their colours, for a legend.
fn segment_legend() -> [(&'static str, theme::Ink); SEGMENTS] {
    Segment::ALL.map(|segment| (segment.name(), theme::Ink::Segment(segment)))
}
