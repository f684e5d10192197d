//! The indices of how well points fall into clusters.

use proptest::{collection, prelude::*};
use rfmkit::modeling::{Partition, adjusted_rand_index};

use super::points::{Point, anywhere, mean, on_grid, squared};

/// The indices by their definitions, without regard to time.
mod oracle {
    use super::{Point, mean, squared};

    fn distance(a: &Point, b: &Point) -> f64 {
        squared(a, b).sqrt()
    }

    fn members(points: &[Point], labels: &[u8], label: u8) -> Vec<Point> {
        let own = points.iter().zip(labels).filter(|(_, l)| **l == label);
        own.map(|(point, _)| *point).collect()
    }

    pub(super) fn distinct(labels: &[u8]) -> Vec<u8> {
        let mut distinct = labels.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        distinct
    }

    pub(super) fn silhouette(points: &[Point], labels: &[u8]) -> f64 {
        let mut sum = 0.0;
        for (i, own) in labels.iter().enumerate() {
            let mean_distance = |label: u8| {
                let others = (0..points.len()).filter(|&j| j != i && labels[j] == label);
                let distances: Vec<f64> =
                    others.map(|j| distance(&points[i], &points[j])).collect();
                distances.iter().sum::<f64>() / distances.len() as f64
            };
            if labels
                .iter()
                .enumerate()
                .all(|(j, label)| j == i || label != own)
            {
                continue;
            }
            let a = mean_distance(*own);
            let others = distinct(labels).into_iter().filter(|label| label != own);
            let b = others.map(mean_distance).fold(f64::INFINITY, f64::min);
            if a.max(b) > 0.0 {
                sum += (b - a) / a.max(b);
            }
        }
        sum / points.len() as f64
    }

    pub(super) fn calinski_harabasz(points: &[Point], labels: &[u8]) -> f64 {
        let center = mean(points.iter());
        let (mut between, mut within) = (0.0, 0.0);
        let distinct = distinct(labels);
        for &label in &distinct {
            let own = members(points, labels, label);
            let mean = mean(own.iter());
            for point in &own {
                between += squared(&mean, &center);
                within += squared(point, &mean);
            }
        }
        let (n, k) = (points.len() as f64, distinct.len() as f64);
        between * (n - k) / (within * (k - 1.0))
    }

    pub(super) fn davies_bouldin(points: &[Point], labels: &[u8]) -> f64 {
        let distinct = distinct(labels);
        let means: Vec<Point> = distinct
            .iter()
            .map(|&label| mean(members(points, labels, label).iter()))
            .collect();
        let spreads: Vec<f64> = distinct
            .iter()
            .zip(&means)
            .map(|(&label, mean)| {
                let own = members(points, labels, label);
                own.iter().map(|point| distance(point, mean)).sum::<f64>() / own.len() as f64
            })
            .collect();
        let k = distinct.len();
        let worst = |i: usize| {
            let others = (0..k).filter(|&j| j != i);
            let ratio = |j| (spreads[i] + spreads[j]) / distance(&means[i], &means[j]);
            others.map(ratio).fold(0.0, f64::max)
        };
        (0..k).map(worst).sum::<f64>() / k as f64
    }

    pub(super) fn has_equal_means(points: &[Point], labels: &[u8]) -> bool {
        let mean = |label: &u8| mean(members(points, labels, *label).iter());
        let means: Vec<Point> = distinct(labels).iter().map(mean).collect();
        let is_met = |i: usize| {
            means[..i]
                .iter()
                .any(|other| distance(other, &means[i]) < 1e-12)
        };
        (0..means.len()).any(is_met)
    }

    /// By looking at every pair of points.
    pub(super) fn adjusted_rand_index(labels: &[(u8, u8)]) -> f64 {
        let (mut both, mut first, mut second, mut all) = (0.0, 0.0, 0.0, 0.0);
        for (i, a) in labels.iter().enumerate() {
            for b in &labels[..i] {
                all += 1.0;
                first += f64::from(u8::from(a.0 == b.0));
                second += f64::from(u8::from(a.1 == b.1));
                both += f64::from(u8::from(a == b));
            }
        }
        let expected = first * second / all;
        (both - expected) / (f64::midpoint(first, second) - expected)
    }
}

/// Labelled points, with many that are equal or lie on a grid.
fn labelled() -> impl Strategy<Value = Vec<(Point, u8)>> {
    let label = prop_oneof![0..4_u8, Just(u8::MAX)];
    prop_oneof![
        collection::vec((on_grid(), label.clone()), 0..60),
        collection::vec((anywhere(), label), 0..60),
    ]
}

fn indices(labelled: &[(Point, u8)]) -> [Option<f64>; 3] {
    let partition: Partition = labelled.iter().copied().collect();
    [
        partition.silhouette(),
        partition.calinski_harabasz(),
        partition.davies_bouldin(),
    ]
}

/// Equal up to rounding, on which the order of sums depends.
fn close(a: &[Option<f64>; 3], b: &[Option<f64>; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * (1.0 + a.abs()),
        (None, None) => true,
        _ => false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn the_indices_are_those_of_their_definitions(labelled in labelled()) {
        let (points, labels): (Vec<_>, Vec<_>) = labelled.iter().copied().unzip();
        let [silhouette, calinski_harabasz, davies_bouldin] = indices(&labelled);
        let clusters = oracle::distinct(&labels).len();
        if !(2..points.len()).contains(&clusters) {
            prop_assert_eq!([silhouette, calinski_harabasz, davies_bouldin], [None; 3]);
            return Ok(());
        }
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        prop_assert!(close(silhouette.unwrap(), oracle::silhouette(&points, &labels)));
        match calinski_harabasz {
            Some(found) => {
                prop_assert!(close(found, oracle::calinski_harabasz(&points, &labels)));
            }
            None => prop_assert!(oracle::calinski_harabasz(&points, &labels) > 1e12),
        }
        match davies_bouldin {
            Some(found) => {
                prop_assert!(close(found, oracle::davies_bouldin(&points, &labels)));
            }
            None => prop_assert!(oracle::has_equal_means(&points, &labels)),
        }
    }

    #[test]
    fn the_indices_are_in_their_ranges(labelled in labelled()) {
        let [silhouette, calinski_harabasz, davies_bouldin] = indices(&labelled);
        prop_assert!(silhouette.is_none_or(|s| (-1.0..=1.0).contains(&s)));
        prop_assert!(calinski_harabasz.is_none_or(|ch| ch >= 0.0 && ch.is_finite()));
        prop_assert!(davies_bouldin.is_none_or(|db| db >= 0.0 && db.is_finite()));
    }

    #[test]
    fn relabelling_changes_nothing(labelled in labelled(), key in any::<u8>()) {
        let renamed: Vec<_> = labelled.iter().map(|&(point, label)| (point, label ^ key)).collect();
        prop_assert!(close(&indices(&labelled), &indices(&renamed)));
    }

    #[test]
    fn the_order_of_rows_changes_nothing(
        (labelled, shuffled) in labelled().prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())),
    ) {
        prop_assert!(close(&indices(&labelled), &indices(&shuffled)));
    }

    #[test]
    fn agreement_is_that_of_its_definition(
        labels in collection::vec((0..4_u8, 0..3_u8), 2..50),
    ) {
        let naive = oracle::adjusted_rand_index(&labels);
        let found = adjusted_rand_index(labels);
        prop_assert!(naive.is_nan() || (found - naive).abs() < 1e-12, "{} {}", found, naive);
        prop_assert!(found <= 1.0);
    }

    #[test]
    fn agreement_depends_on_nothing_but_who_is_with_whom(
        labels in collection::vec((0..4_u8, 0..4_u8), 0..50),
        key in any::<u8>(),
    ) {
        let found = adjusted_rand_index(labels.iter().copied());
        let swapped = labels.iter().map(|&(a, b)| (b, a));
        prop_assert_eq!(adjusted_rand_index(swapped).to_bits(), found.to_bits());
        let renamed = labels.iter().map(|&(a, b)| (a ^ key, b));
        prop_assert_eq!(adjusted_rand_index(renamed).to_bits(), found.to_bits());
        let reversed = labels.iter().rev().copied();
        prop_assert_eq!(adjusted_rand_index(reversed).to_bits(), found.to_bits());
    }

    #[test]
    fn equal_labellings_agree_wholly(labels in collection::vec(0..5_u8, 0..50), key in any::<u8>()) {
        let pairs = labels.iter().map(|&label| (label, label ^ key));
        prop_assert_eq!(adjusted_rand_index(pairs).to_bits(), 1.0_f64.to_bits());
    }
}

#[test]
fn equal_points_in_clusters_of_their_own_have_no_spread() {
    let places = [[0.1, 0.2, 0.3], [0.7, 0.1, 0.9], [1.1, 1.3, 1.7]];
    let labelled: Vec<_> = (0..30).map(|i| (places[i % 3], i as u8 % 3)).collect();
    assert_eq!(indices(&labelled), [Some(1.0), None, Some(0.0)]);
}

#[test]
fn clusters_with_one_mean_cannot_be_told_apart() {
    let labelled = [-1.0, 1.0, -2.0, 2.0].map(|x| [x, 0.0, 0.0]).into_iter();
    let labelled: Vec<_> = labelled.zip([0, 0, 1, 1]).collect();
    assert_eq!(indices(&labelled)[2], None);
}

#[test]
fn labellings_that_have_nothing_to_do_with_each_other_agree_less_than_by_chance() {
    let crossed = (0..4).map(|i| (i / 2, i % 2));
    assert!((adjusted_rand_index(crossed) + 0.5).abs() < 1e-15);
}
