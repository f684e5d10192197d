//! The learned part of the transform: clip, logarithm, standard scores.

use serde::{Deserialize, Serialize};

use crate::features::{Rfm, log1p};

/// Values that are summed before their sum is added to the total.
///
/// A fixed size keeps the order of additions, and so the last bit of the
/// result, the same however the work is shared out.
const BLOCK: usize = 1024;

/// Days and invoices, which are whole numbers, below this come again and again: their
/// scores are worked out once.
const KEPT: usize = 4096;

/// Turns the values of a customer into standard scores.
///
/// Each value is clipped to the range seen in training, then `ln(1 + x)`, then
/// less the mean and divided by the population standard deviation, as
/// scikit-learn's `StandardScaler` does it. Arrays are in the order recency,
/// frequency, monetary.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scaler {
    /// The least value seen in training, in days, invoices and money.
    pub(super) min: [f64; 3],
    /// The greatest value seen in training, in days, invoices and money.
    pub(super) max: [f64; 3],
    /// The mean of the logarithms.
    pub(super) mean: [f64; 3],
    /// The population standard deviation of the logarithms.
    pub(super) deviation: [f64; 3],
}

impl Scaler {
    /// Learns range, mean and deviation from every customer.
    pub(super) fn fit(rows: &[Rfm]) -> Self {
        let mut min = [f64::INFINITY; 3];
        let mut max = [f64::NEG_INFINITY; 3];
        for row in rows {
            let values = row.to_array();
            for i in 0..3 {
                min[i] = min[i].min(values[i]);
                max[i] = max[i].max(values[i]);
            }
        }
        let mut mean = mean(rows, |row| log1p(row.to_array()));
        let variance = self::mean(rows, |row| {
            let logs = log1p(row.to_array());
            std::array::from_fn(|i| (logs[i] - mean[i]) * (logs[i] - mean[i]))
        });
        let mut deviation = variance.map(f64::sqrt);
        for i in 0..3 {
            // Where all values are equal, rounding leaves a mean beside them
            // and a tiny deviation, and with them scores other than zero.
            if min[i] >= max[i] || deviation[i] == 0.0 {
                mean[i] = log1p(min)[i];
                deviation[i] = 1.0;
            }
        }
        Self {
            min,
            max,
            mean,
            deviation,
        }
    }

    /// The standard scores of a customer.
    #[must_use]
    pub fn transform(&self, rfm: Rfm) -> [f64; 3] {
        let values = rfm.to_array();
        std::array::from_fn(|i| self.score(i, values[i]))
    }

    /// The standard scores of many customers, in their order.
    pub fn transform_all(
        &self,
        rows: impl IntoIterator<Item = Rfm>,
    ) -> impl Iterator<Item = [f64; 3]> {
        let mut kept = [(); 2].map(|()| vec![f64::NAN; KEPT]);
        rows.into_iter().map(move |rfm| {
            let mut whole = |feature: usize, value: u32| {
                let score = || self.score(feature, value.into());
                let Some(kept) = kept[feature].get_mut(value as usize) else {
                    return score();
                };
                if kept.is_nan() {
                    *kept = score();
                }
                *kept
            };
            [
                whole(0, rfm.recency()),
                whole(1, rfm.frequency()),
                self.score(2, rfm.monetary()),
            ]
        })
    }

    /// The standard score of one value of a customer.
    fn score(&self, feature: usize, value: f64) -> f64 {
        let clipped = value.clamp(self.min[feature], self.max[feature]);
        let [log] = log1p([clipped]);
        (log - self.mean[feature]) / self.deviation[feature]
    }

    /// The values that have the given standard scores.
    #[must_use]
    pub fn inverse(&self, scores: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| libm::expm1(scores[i] * self.deviation[i] + self.mean[i]))
    }

    /// The least values seen in training, in days, invoices and money.
    #[must_use]
    pub const fn min(&self) -> [f64; 3] {
        self.min
    }

    /// The greatest values seen in training, in days, invoices and money.
    #[must_use]
    pub const fn max(&self) -> [f64; 3] {
        self.max
    }

    /// The means of the logarithms.
    #[must_use]
    pub const fn mean(&self) -> [f64; 3] {
        self.mean
    }

    /// The population standard deviations of the logarithms.
    #[must_use]
    pub const fn deviation(&self) -> [f64; 3] {
        self.deviation
    }
}

/// The mean of three values a row, summed by blocks.
fn mean(rows: &[Rfm], values: impl Fn(&Rfm) -> [f64; 3]) -> [f64; 3] {
    let mut total = [0.0; 3];
    for block in rows.chunks(BLOCK) {
        let mut sum = [0.0; 3];
        for row in block {
            let values = values(row);
            for i in 0..3 {
                sum[i] += values[i];
            }
        }
        for i in 0..3 {
            total[i] += sum[i];
        }
    }
    total.map(|total| total / rows.len() as f64)
}
