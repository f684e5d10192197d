//! Why a customer is in its segment, and how little would change that.

use super::{
    model::{Score, SegmentationModel},
    segment::Segment,
};
use crate::features::{Feature, Rfm};

/// Why a customer is in its segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The segment, and how far the customer is from each.
    pub score: Score,
    /// The segment of the second-nearest centroid; at a tie the lower label.
    pub second: Segment,
    /// By how much the second-nearest centroid is farther than the nearest, in
    /// standard scores; near 0 the customer could as well be in the other.
    pub margin: f64,
    /// What each feature adds to the difference of the two squared distances:
    /// above 0 it speaks for the segment, below for the second. Their sum is
    /// the whole difference.
    pub contributions: [f64; 3],
    /// The feature that speaks most for the segment; the first at a tie.
    pub deciding: Feature,
    /// For each feature the smallest change of it alone that leads to another
    /// segment, if there is one; the smallest in standard scores first.
    pub changes: Vec<Change>,
}

/// A change of one feature that leads to another segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The feature.
    pub feature: Feature,
    /// Its new value: whole days, invoices, or hundredths of the currency unit.
    pub to: f64,
    /// The segment to which it leads.
    pub segment: Segment,
    /// The size of the change in standard scores.
    pub size: f64,
}

impl SegmentationModel {
    /// Scores a customer and tells why it is in its segment.
    #[must_use]
    pub fn explain(&self, rfm: Rfm) -> Explanation {
        let score = self.score(rfm);
        let distance = |segment: Segment| score.squared_distances[segment.label()].sqrt();
        let own = score.segment;
        let others = Segment::ALL.into_iter().filter(|&other| other != own);
        let second = others
            .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
            .unwrap_or(own);
        let scores = self.scaler().transform(rfm);
        let gap = |segment: Segment, i: usize| {
            let centroid = self.segments()[segment.label()].centroid;
            (scores[i] - centroid[i]) * (scores[i] - centroid[i])
        };
        let contributions: [f64; 3] = std::array::from_fn(|i| gap(second, i) - gap(own, i));
        let deciding = Feature::ALL
            .into_iter()
            .rev()
            .max_by(|&a, &b| contributions[a as usize].total_cmp(&contributions[b as usize]));
        let mut changes: Vec<Change> = Feature::ALL
            .into_iter()
            .filter_map(|feature| self.smallest_change(rfm, own, feature))
            .collect();
        changes.sort_by(|a, b| a.size.total_cmp(&b.size));
        Explanation {
            score,
            second,
            margin: distance(second) - distance(own),
            contributions,
            deciding: deciding.unwrap_or(Feature::Recency),
            changes,
        }
    }

    /// The smallest change of one feature, up or down, that leads elsewhere.
    fn smallest_change(&self, rfm: Rfm, own: Segment, feature: Feature) -> Option<Change> {
        let i = feature as usize;
        let from = self.scaler().transform(rfm)[i];
        let change = |direction| {
            let (to, segment) = self.change_towards(rfm, own, feature, direction)?;
            let changed = with(rfm, feature, to)?;
            let size = (self.scaler().transform(changed)[i] - from).abs();
            Some(Change {
                feature,
                to,
                segment,
                size,
            })
        };
        [change(Direction::Up), change(Direction::Down)]
            .into_iter()
            .flatten()
            .min_by(|a, b| a.size.total_cmp(&b.size))
    }

    /// The nearest value in one direction that leads to another segment.
    ///
    /// The customers of a segment are those nearest to its centroid, a convex
    /// set: on a line in one direction it ends once and does not come again, so
    /// that the end can be found by halving.
    fn change_towards(
        &self,
        rfm: Rfm,
        own: Segment,
        feature: Feature,
        direction: Direction,
    ) -> Option<(f64, Segment)> {
        let i = feature as usize;
        let steps_in_one = match feature {
            Feature::Recency | Feature::Frequency => 1.0,
            Feature::Monetary => 100.0,
        };
        // What lies outside of the training data is clipped to their range, so
        // that nothing changes beyond.
        let value = rfm.to_array()[i] * steps_in_one;
        let (start, end, sign) = match direction {
            Direction::Up => {
                let end = self.scaler().max()[i] * steps_in_one;
                (value.floor(), end.ceil(), 1.0)
            }
            Direction::Down => {
                let end = self.scaler().min()[i] * steps_in_one;
                (value.ceil(), end.floor(), -1.0)
            }
        };
        let at = |step: u64| {
            let to = (start + sign * step as f64) / steps_in_one;
            let segment = self.predict(with(rfm, feature, to)?);
            (segment != own).then_some((to, segment))
        };
        // Beyond 2^53 steps a double no longer tells one from the next.
        let all = (end - start) * sign;
        if !(1.0..9e15).contains(&all) || start.abs() > 9e15 {
            return None;
        }
        let (mut inside, mut outside) = (0, all as u64);
        let mut found = at(outside)?;
        while outside - inside > 1 {
            let middle = inside.midpoint(outside);
            match at(middle) {
                Some(change) => (outside, found) = (middle, change),
                None => inside = middle,
            }
        }
        Some(found)
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// The customer with another value of one feature, if that is in range.
fn with(rfm: Rfm, feature: Feature, value: f64) -> Option<Rfm> {
    let mut values = rfm.to_array();
    values[feature as usize] = value;
    Rfm::from_array(values).ok()
}
