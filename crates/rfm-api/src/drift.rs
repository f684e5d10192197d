//! Whether the customers that are asked about are those of the training data.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rfmkit::{
    features::{Feature, Rfm},
    modeling::{Histogram, SEGMENTS, Segment, SegmentationModel},
};

/// The window is an hour, moved on by the length of a slot.
const SLOT: Duration = Duration::from_secs(5 * 60);
const SLOTS: usize = 12;
/// With fewer customers than this the index would be mostly chance: its mean
/// without any drift is about (bins - 1) / customers.
const ENOUGH: u64 = 200;
/// Stands for an empty bin, whose logarithm has no value.
const EMPTY: f64 = 0.5;
/// A histogram has deciles, fewer where they fall together.
const BINS: usize = 10;

/// What was found out about some customers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    /// Customers by label.
    pub(crate) segments: [u64; SEGMENTS],
    /// Values outside of the range of the training data, by feature.
    pub(crate) clipped: [u64; 3],
    /// Customers by feature and bin.
    bins: [[u64; BINS]; 3],
}

impl Tally {
    /// Counts a customer.
    pub(crate) fn add(&mut self, model: &SegmentationModel, rfm: Rfm, segment: Segment) {
        self.segments[segment.label()] += 1;
        let (min, max) = (model.scaler().min(), model.scaler().max());
        let values = rfm.to_array();
        for (i, histogram) in histograms(model).into_iter().enumerate() {
            self.clipped[i] += u64::from(values[i] < min[i] || values[i] > max[i]);
            self.bins[i][histogram.bin(values[i]).min(BINS - 1)] += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        let add = |sums: &mut [u64], counts: &[u64]| {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        };
        add(&mut self.segments, &other.segments);
        add(&mut self.clipped, &other.clipped);
        for (sums, counts) in self.bins.iter_mut().zip(&other.bins) {
            add(sums, counts);
        }
    }
}

fn histograms(model: &SegmentationModel) -> [&Histogram; 3] {
    let all = model.histograms();
    [&all.recency, &all.frequency, &all.monetary]
}

/// Customers of the last hour, in slots by time.
#[derive(Debug)]
pub(crate) struct Window {
    start: Instant,
    slots: Mutex<VecDeque<(u64, Tally)>>,
}

impl Window {
    /// An empty window that starts now.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            start: now,
            slots: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, now: Instant, tally: &Tally) {
        let slot = self.slot(now);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        match slots.back_mut() {
            Some((last, sum)) if *last >= slot => sum.merge(tally),
            _ => slots.push_back((slot, *tally)),
        }
        while slots
            .front()
            .is_some_and(|(first, _)| first + SLOTS as u64 <= slot)
        {
            slots.pop_front();
        }
    }

    /// The population stability index of a feature against the training data,
    /// or `None` while there are fewer than 200 customers in the window.
    ///
    /// The sum over the bins of `(p - q) ln(p / q)`, with the shares `p` of the
    /// window and `q` of the training data. By custom a shift is small below
    /// 0.1 and large above 0.25.
    pub(crate) fn stability_index(
        &self,
        now: Instant,
        model: &SegmentationModel,
        feature: Feature,
    ) -> Option<f64> {
        let seen = self.sum(now).bins[feature as usize];
        let trained = &histograms(model)[feature as usize].counts;
        if seen.iter().sum::<u64>() < ENOUGH {
            return None;
        }
        let shares = |counts: &[u64]| -> Vec<f64> {
            let filled: Vec<f64> = counts
                .iter()
                .map(|&count| if count == 0 { EMPTY } else { count as f64 })
                .collect();
            let all: f64 = filled.iter().sum();
            filled.iter().map(|count| count / all).collect()
        };
        let pairs = shares(&seen[..trained.len().min(BINS)])
            .into_iter()
            .zip(shares(trained));
        Some(pairs.map(|(p, q)| (p - q) * (p / q).ln()).sum())
    }

    /// The number of customers in the window.
    pub(crate) fn customers(&self, now: Instant) -> u64 {
        self.sum(now).segments.iter().sum()
    }

    fn sum(&self, now: Instant) -> Tally {
        let slot = self.slot(now);
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sum = Tally::default();
        for (_, tally) in slots.iter().filter(|(at, _)| at + SLOTS as u64 > slot) {
            sum.merge(tally);
        }
        sum
    }

    fn slot(&self, now: Instant) -> u64 {
        now.duration_since(self.start).as_secs() / SLOT.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A customer from the middle of each decile pair of the training data, as
    /// often as they were seen there.
    fn like_training(model: &SegmentationModel, feature: Feature) -> Vec<f64> {
        let histogram = histograms(model)[feature as usize];
        let ends = [histogram.edges.as_slice(), &[f64::MAX.sqrt()]].concat();
        let pairs = ends.into_iter().zip(&histogram.counts);
        pairs
            .flat_map(|(edge, &count)| std::iter::repeat_n(edge, count as usize))
            .collect()
    }

    fn window_with(model: &SegmentationModel, recency: impl Iterator<Item = u64>) -> Window {
        let now = now();
        let window = Window::new(now);
        let mut tally = Tally::default();
        for days in recency {
            let rfm = Rfm::new(days, 1, 100.0).expect("in range");
            tally.add(model, rfm, model.predict(rfm));
        }
        window.add(now, &tally);
        window
    }

    #[expect(clippy::disallowed_methods, reason = "a window has a start")]
    fn now() -> Instant {
        Instant::now()
    }

    #[test]
    fn customers_like_those_of_the_training_data_have_no_drift() {
        let model = SegmentationModel::reference();
        let days = like_training(&model, Feature::Recency);
        let window = window_with(
            &model,
            days.iter().map(|&days| days.min(1e5).floor() as u64),
        );
        let index = window.stability_index(window.start, &model, Feature::Recency);
        assert!(index.is_some_and(|index| index < 0.01), "{index:?}");
    }

    #[test]
    fn customers_from_one_day_are_far_from_the_training_data() {
        let model = SegmentationModel::reference();
        let window = window_with(&model, std::iter::repeat_n(5, 1000));
        let index = window.stability_index(window.start, &model, Feature::Recency);
        assert!(index.is_some_and(|index| index > 1.0), "{index:?}");
    }

    #[test]
    fn a_few_customers_say_nothing() {
        let model = SegmentationModel::reference();
        let window = window_with(&model, std::iter::repeat_n(5, 199));
        assert_eq!(
            window.stability_index(window.start, &model, Feature::Recency),
            None
        );
    }

    #[test]
    fn after_an_hour_customers_are_forgotten() {
        let model = SegmentationModel::reference();
        let window = window_with(&model, std::iter::repeat_n(5, 300));
        assert_eq!(window.customers(window.start + SLOT * 11), 300);
        assert_eq!(window.customers(window.start + SLOT * 12), 0);
        window.add(window.start + SLOT * 12, &Tally::default());
        assert_eq!(window.slots.lock().expect("lock").len(), 1);
    }
}
