//! An explanation holds: each change that it names leads where it says, and no
//! smaller one does.

use std::sync::LazyLock;

use proptest::prelude::*;
use rfmkit::{
    features::{Feature, Rfm},
    modeling::{Segment, SegmentationModel},
};

static MODEL: LazyLock<SegmentationModel> = LazyLock::new(SegmentationModel::reference);

fn customer() -> impl Strategy<Value = Rfm> {
    (0..500_u64, 1..300_u64, 1..5_000_000_u64).prop_map(|(recency, frequency, cents)| {
        Rfm::new(recency, frequency, cents as f64 / 100.0).expect("in range")
    })
}

fn with(rfm: Rfm, feature: Feature, value: f64) -> Option<Rfm> {
    let mut values = rfm.to_array();
    values[feature as usize] = value;
    Rfm::from_array(values).ok()
}

/// The segment in which a customer ends whose feature is moved by whole steps.
fn moved(rfm: Rfm, feature: Feature, steps: f64) -> Option<Segment> {
    let in_one = if feature == Feature::Monetary {
        100.0
    } else {
        1.0
    };
    let value = (rfm.to_array()[feature as usize] * in_one).round() + steps;
    with(rfm, feature, value / in_one).map(|rfm| MODEL.predict(rfm))
}

proptest! {
    #[test]
    fn a_change_leads_where_it_says_and_one_step_less_does_not(rfm in customer()) {
        let explanation = MODEL.explain(rfm);
        let own = explanation.score.segment;
        for change in &explanation.changes {
            let changed = with(rfm, change.feature, change.to).expect("in range");
            prop_assert_eq!(MODEL.predict(changed), change.segment);
            prop_assert_ne!(change.segment, own);
            let step = if change.feature == Feature::Monetary { 0.01 } else { 1.0 };
            let back = if change.to > rfm.to_array()[change.feature as usize] { -step } else { step };
            let less = with(rfm, change.feature, change.to + back).expect("in range");
            prop_assert_eq!(MODEL.predict(less), own);
        }
    }

    #[test]
    fn no_day_or_invoice_nearer_leads_elsewhere(rfm in customer()) {
        let explanation = MODEL.explain(rfm);
        let own = explanation.score.segment;
        for feature in [Feature::Recency, Feature::Frequency] {
            let change = explanation.changes.iter().find(|change| change.feature == feature);
            let found = change.map(|change| change.to);
            let value = rfm.to_array()[feature as usize];
            let reaches = |steps: f64| moved(rfm, feature, steps).is_some_and(|segment| segment != own);
            let up = (1..600).map(f64::from).find(|&steps| reaches(steps)).map(|steps| value + steps);
            let down = (1..600).map(f64::from).find(|&steps| reaches(-steps)).map(|steps| value - steps);
            prop_assert!(found == up || found == down, "{found:?}, expected {up:?} or {down:?}");
            prop_assert_eq!(found.is_some(), up.is_some() || down.is_some());
        }
    }

    #[test]
    fn the_contributions_are_the_difference_of_the_squared_distances(rfm in customer()) {
        let explanation = MODEL.explain(rfm);
        let squared = explanation.score.squared_distances;
        let own = explanation.score.segment.label();
        let difference = squared[explanation.second.label()] - squared[own];
        let sum: f64 = explanation.contributions.iter().sum();
        prop_assert!((sum - difference).abs() < 1e-9);
        prop_assert!(explanation.margin >= 0.0);
        let is_nearest_of_others = squared.iter().enumerate().all(|(label, &distance)| {
            label == own || distance >= squared[explanation.second.label()]
        });
        prop_assert!(is_nearest_of_others);
        let greatest = explanation.contributions.iter().copied().fold(f64::MIN, f64::max);
        prop_assert!(explanation.contributions[explanation.deciding as usize] >= greatest);
    }
}
