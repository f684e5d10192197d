//! Segments, and which cluster is which.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The number of segments, and so of clusters.
pub const SEGMENTS: usize = 4;

/// One of the four corners of two questions: recent or lapsed, valuable or not.
///
/// The label of a segment is its position in [`Segment::ALL`]; it is the same
/// in every model.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Segment {
    /// Recent and valuable.
    Champions,
    /// Lapsed and of little value.
    #[serde(rename = "Lost Customers")]
    LostCustomers,
    /// Recent and of little value as yet.
    #[serde(rename = "New Customers")]
    NewCustomers,
    /// Lapsed and valuable.
    #[serde(rename = "At-Risk")]
    AtRisk,
}

impl Segment {
    /// Every segment, in the order of the labels.
    pub const ALL: [Self; SEGMENTS] = [
        Self::Champions,
        Self::LostCustomers,
        Self::NewCustomers,
        Self::AtRisk,
    ];

    /// The segment's label, from 0 to 3.
    #[must_use]
    pub const fn label(self) -> usize {
        self as usize
    }

    /// The segment's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Champions => "Champions",
            Self::LostCustomers => "Lost Customers",
            Self::NewCustomers => "New Customers",
            Self::AtRisk => "At-Risk",
        }
    }

    /// What to do about the customers of the segment.
    #[must_use]
    pub const fn strategy(self) -> &'static str {
        match self {
            Self::Champions => {
                "reward: loyalty programme, early access, personal contact; no discounts"
            }
            Self::LostCustomers => "low priority: a cheap win-back newsletter, no large budget",
            Self::NewCustomers => "nurture: welcome series, an incentive for the second purchase",
            Self::AtRisk => "high priority: personal re-engagement, special discounts",
        }
    }

    /// The standard scores of an ideal customer of the segment.
    const fn corner(self) -> [f64; 3] {
        match self {
            Self::Champions => [-1.0, 1.0, 1.0],
            Self::LostCustomers => [1.0, -1.0, -1.0],
            Self::NewCustomers => [-1.0, -1.0, -1.0],
            Self::AtRisk => [1.0, 1.0, 1.0],
        }
    }

    pub(super) const fn is_lapsed(self) -> bool {
        matches!(self, Self::LostCustomers | Self::AtRisk)
    }

    pub(super) const fn is_valuable(self) -> bool {
        matches!(self, Self::Champions | Self::AtRisk)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Segment {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|segment| segment.name() == name)
            .ok_or_else(|| format!("{name:?} is no segment"))
    }
}

/// Puts the centroids of four clusters into the order of the labels.
///
/// Of the 24 ways to give clusters to segments, the one with the greatest sum
/// of dot products of centroid and corner. Clusters are taken in ascending
/// order (by recency, then frequency, then monetary) and the first best way
/// wins, so that the numbers of the clusters play no part.
#[must_use]
pub fn name_clusters(mut centroids: [[f64; 3]; SEGMENTS]) -> [[f64; 3]; SEGMENTS] {
    centroids.sort_by(|a, b| {
        let by_column = a.iter().zip(b).map(|(a, b)| a.total_cmp(b));
        by_column.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let fit = |order: &[usize; SEGMENTS]| -> f64 {
        let pairs = order.iter().zip(&centroids);
        pairs
            .map(|(&label, centroid)| {
                let corner = Segment::ALL[label].corner();
                corner.iter().zip(centroid).map(|(a, b)| a * b).sum::<f64>()
            })
            .sum()
    };
    let mut best = [0, 1, 2, 3];
    let mut best_fit = f64::NEG_INFINITY;
    for order in permutations() {
        let fit = fit(&order);
        if fit > best_fit {
            (best, best_fit) = (order, fit);
        }
    }
    let mut named = [[0.0; 3]; SEGMENTS];
    for (label, centroid) in best.into_iter().zip(centroids) {
        named[label] = centroid;
    }
    named
}

/// The labels of four clusters in every order, ascending.
fn permutations() -> impl Iterator<Item = [usize; SEGMENTS]> {
    const BASE: usize = SEGMENTS;
    (0..BASE.pow(SEGMENTS as u32)).filter_map(|number| {
        let order = [3, 2, 1, 0].map(|place| number / BASE.pow(place) % BASE);
        (0..SEGMENTS)
            .all(|label| order.contains(&label))
            .then_some(order)
    })
}
