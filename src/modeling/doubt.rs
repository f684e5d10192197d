//! When the name of a segment does not fit its customers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{profile::Profile, segment::Segment};

/// By how much a score must differ from the average to be called high or low.
const CLEAR: f64 = 0.25;
/// Whoever bought within so many days has not lapsed.
const MONTH: f64 = 30.0;
/// Whoever has not bought for so many days is not recent.
const YEAR: f64 = 365.0;

/// Why the name of a segment may not fit its customers.
///
/// Scores are standard scores of the centroid: 0 is the average customer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Doubt {
    /// The recency speaks against the name.
    RecencyDisagrees {
        /// The score of the recency.
        score: f64,
    },
    /// The recency is so near the average that it says neither.
    RecencyUnclear {
        /// The score of the recency.
        score: f64,
        /// A quarter of the segment bought within so many days.
        first_quartile: f64,
    },
    /// Frequency and monetary value speak against the name.
    ValueDisagrees {
        /// The sum of the scores of frequency and monetary value.
        score: f64,
    },
    /// Frequency and monetary value are so near the average that they say neither.
    ValueUnclear {
        /// The sum of the scores of frequency and monetary value.
        score: f64,
    },
    /// Half of its customers bought within a month, which is not lapsed.
    BoughtLately {
        /// The median of the recency, in days.
        median: f64,
    },
    /// Half of its customers have not bought for a year, which is not recent.
    BoughtLongAgo {
        /// The median of the recency, in days.
        median: f64,
    },
    /// Customers at risk should have bought often before.
    RarelyBought {
        /// The score of the frequency.
        score: f64,
    },
}

impl Doubt {
    /// The doubts about the name of a segment with that centroid.
    ///
    /// The score compares with the average customer of the shop, the profile
    /// tells the days themselves: where everybody buys every month, nobody is
    /// lost, however the scores differ.
    #[must_use]
    pub fn about(segment: Segment, centroid: &[f64; 3], profile: &Profile) -> Vec<Self> {
        let [recency, frequency, monetary] = *centroid;
        let value = frequency + monetary;
        let mut doubts = Vec::new();
        if (recency > 0.0) != segment.is_lapsed() {
            doubts.push(Self::RecencyDisagrees { score: recency });
        } else if recency.abs() < CLEAR {
            doubts.push(Self::RecencyUnclear {
                score: recency,
                first_quartile: profile.first_quartile[0],
            });
        }
        let median = profile.median[0];
        if segment.is_lapsed() && median <= MONTH {
            doubts.push(Self::BoughtLately { median });
        } else if !segment.is_lapsed() && median > YEAR {
            doubts.push(Self::BoughtLongAgo { median });
        }
        if (value > 0.0) != segment.is_valuable() {
            doubts.push(Self::ValueDisagrees { score: value });
        } else if value.abs() < CLEAR {
            doubts.push(Self::ValueUnclear { score: value });
        }
        if segment == Segment::AtRisk && frequency <= 0.0 {
            doubts.push(Self::RarelyBought { score: frequency });
        }
        doubts
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecencyDisagrees { score } if *score > 0.0 => write!(
                f,
                "its customers bought less recently than the average one (score {score:+.2})"
            ),
            Self::RecencyDisagrees { score } => write!(
                f,
                "its customers bought no less recently than the average one (score {score:+.2})"
            ),
            Self::RecencyUnclear {
                score,
                first_quartile,
            } => write!(
                f,
                "recent and lapsed customers mix (recency score {score:+.2}): \
                 a quarter bought within {first_quartile:.0} days"
            ),
            Self::BoughtLately { median } => {
                write!(f, "half of its customers bought within {median:.0} days")
            }
            Self::BoughtLongAgo { median } => {
                write!(
                    f,
                    "half of its customers have not bought for {median:.0} days"
                )
            }
            Self::ValueDisagrees { score } if *score > 0.0 => write!(
                f,
                "its customers buy more than the average one \
                 (frequency and monetary score {score:+.2})"
            ),
            Self::ValueDisagrees { score } => write!(
                f,
                "its customers buy no more than the average one \
                 (frequency and monetary score {score:+.2})"
            ),
            Self::ValueUnclear { score } => write!(
                f,
                "its customers buy about as much as the average one \
                 (frequency and monetary score {score:+.2})"
            ),
            Self::RarelyBought { score } => write!(
                f,
                "its customers never bought often (frequency score {score:+.2})"
            ),
        }
    }
}
