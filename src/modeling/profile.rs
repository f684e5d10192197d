//! What the customers of a segment are like, and how features are spread.

use serde::{Deserialize, Serialize};

use super::segment::{SEGMENTS, Segment};
use crate::features::{Rfm, RfmTable};

/// The customers of one segment in figures.
///
/// Arrays are in the order recency (days), frequency (invoices), monetary.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The number of customers.
    pub customers: u64,
    /// Their share of all customers, from 0 to 1.
    pub share: f64,
    /// Their share of the revenue, from 0 to 1.
    pub revenue_share: f64,
    /// The mean of each feature.
    pub mean: [f64; 3],
    /// The first quartile of each feature.
    pub first_quartile: [f64; 3],
    /// The median of each feature.
    pub median: [f64; 3],
    /// The third quartile of each feature.
    pub third_quartile: [f64; 3],
}

/// The profile of each segment, in the order of the labels.
///
/// `segments` has one entry for each row of the table.
#[must_use]
pub fn profiles(table: &RfmTable, segments: &[Segment]) -> [Profile; SEGMENTS] {
    let revenue = table.revenue().to_f64();
    Segment::ALL.map(|segment| {
        let rows: Vec<usize> = (0..table.len())
            .filter(|&row| segments[row] == segment)
            .collect();
        if rows.is_empty() {
            return Profile::default();
        }
        let mut columns = [0, 1, 2].map(|i| {
            rows.iter()
                .map(|&row| table.rfm(row).to_array()[i])
                .collect::<Vec<f64>>()
        });
        for column in &mut columns {
            column.sort_unstable_by(f64::total_cmp);
        }
        let count = rows.len() as f64;
        let own_revenue = rows
            .iter()
            .map(|&row| table.monetary()[row])
            .sum::<crate::dataset::TotalMoney>()
            .to_f64();
        let each = |statistic: &dyn Fn(&[f64]) -> f64| {
            let [recency, frequency, monetary] = &columns;
            [recency, frequency, monetary].map(|column| statistic(column))
        };
        let mut mean = each(&|column| column.iter().sum::<f64>() / count);
        mean[2] = own_revenue / count;
        Profile {
            customers: rows.len() as u64,
            share: count / table.len() as f64,
            revenue_share: own_revenue / revenue,
            mean,
            first_quartile: each(&|column| quantile(column, 0.25)),
            median: each(&|column| quantile(column, 0.5)),
            third_quartile: each(&|column| quantile(column, 0.75)),
        }
    })
}

/// The quantile of ascending values, interpolated between neighbours as numpy
/// does it by default.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// How many customers of the training data have which values of a feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Inner edges, ascending, in the unit of the feature: bin 0 holds what is
    /// at most the first, the last bin what is above the last.
    pub edges: Vec<f64>,
    /// Customers in each bin, one more bin than edges.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Bins between the deciles; fewer where many customers share a value.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let (least, greatest) = (values[0], values[values.len() - 1]);
        let mut edges: Vec<f64> = (1..10)
            .map(|decile| quantile(&values, f64::from(decile) / 10.0))
            .collect();
        edges.dedup();
        edges.retain(|&edge| edge >= least && edge < greatest);
        let mut histogram = Self {
            counts: vec![0; edges.len() + 1],
            edges,
        };
        for value in values {
            let bin = histogram.bin(value);
            histogram.counts[bin] += 1;
        }
        histogram
    }

    /// The bin into which a value falls.
    #[must_use]
    pub fn bin(&self, value: f64) -> usize {
        self.edges.partition_point(|&edge| edge < value)
    }
}

/// The histogram of each feature, in the order recency, frequency, monetary.
pub(super) fn histograms(rows: &[Rfm]) -> [Histogram; 3] {
    [0, 1, 2].map(|i| Histogram::of(rows.iter().map(|row| row.to_array()[i]).collect()))
}
