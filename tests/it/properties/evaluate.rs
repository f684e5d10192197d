//! The comparison of numbers of clusters.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use rfmkit::{
    features::RfmTable,
    modeling::{self, CLUSTERS, Evaluation, Index, ModelError, SAMPLE, TrainParams},
    progress::Progress,
};

use super::model::{Values, customers, table, train};

fn evaluate(table: &RfmTable, restarts: u32) -> Result<Evaluation, ModelError> {
    let params = TrainParams::new(42, restarts).unwrap();
    modeling::evaluate(table, &params, &Progress::default())
}

fn csv(evaluation: &Evaluation) -> String {
    let mut csv = Vec::new();
    evaluation.write_csv(&mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

/// Customers without structure, all different.
fn crowd(count: u32) -> Vec<Values> {
    (0..count)
        .map(|i| {
            (
                i * 7919 % 701,
                1 + i * 31 % 17,
                i64::from(1 + i * 104_729 % 99_991),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn there_is_a_row_for_each_number_of_clusters(customers in customers()) {
        let table = table(&customers);
        let found = evaluate(&table, 2).unwrap();
        let mut different = customers.clone();
        different.sort_unstable();
        different.dedup();
        let numbers: Vec<usize> = found.by_clusters.iter().map(|q| q.clusters).collect();
        prop_assert_eq!(numbers, CLUSTERS.collect::<Vec<_>>());
        for quality in &found.by_clusters {
            prop_assert_eq!(quality.inertia.is_some(), quality.clusters <= different.len());
            prop_assert!(quality.stability.is_none_or(|s| (-1.0..=1.0).contains(&s)));
        }
    }

    #[test]
    fn the_preferred_number_has_the_best_value_and_is_the_least_that_has(customers in customers()) {
        let found = evaluate(&table(&customers), 1).unwrap();
        for index in Index::ALL {
            let sign = if index == Index::DaviesBouldin { -1.0 } else { 1.0 };
            let values: Vec<_> = found
                .by_clusters
                .iter()
                .filter_map(|quality| Some((quality.clusters, sign * index.of(quality)?)))
                .collect();
            let best = values.iter().map(|v| v.1).fold(f64::NEG_INFINITY, f64::max);
            let first = values.iter().find(|v| v.1.total_cmp(&best).is_eq());
            prop_assert_eq!(found.preferred.get(&index), first.map(|(clusters, _)| clusters));
        }
    }

    #[test]
    fn four_clusters_are_those_of_the_model(customers in customers()) {
        let table = table(&customers);
        let four = evaluate(&table, 3).unwrap().by_clusters[2];
        let inertia = train(&table, 42, 3).metrics().inertia;
        prop_assert_eq!(four.inertia.map(f64::to_bits), Some(inertia.to_bits()));
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let table = table(&crowd(300));
    let [one, two, eight] = [1, 2, 8].map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| evaluate(&table, 12).unwrap())
    });
    assert_eq!(csv(&one), csv(&two));
    assert_eq!(csv(&one), csv(&eight));
}

#[test]
fn fewer_than_three_customers_that_differ_cannot_be_compared() {
    for (customers, expected) in [
        (vec![], 0),
        (vec![(1, 1, 1); 5], 1),
        (vec![(1, 1, 1), (2, 1, 1), (2, 1, 1)], 2),
    ] {
        match evaluate(&table(&customers), 1) {
            Err(ModelError::TooFewToCompare { found }) => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn numbers_of_clusters_that_too_few_customers_allow_have_no_values() {
    let found = evaluate(&table(&crowd(3)), 1).unwrap();
    let [two, three, four, ..] = &found.by_clusters[..] else {
        panic!("{found:?}")
    };
    assert!(two.inertia.is_some() && two.silhouette.is_some());
    // Every customer a cluster.
    assert!(three.inertia.unwrap() < 1e-18);
    assert!(Index::ALL.iter().all(|index| index.of(three).is_none()));
    assert_eq!(four.inertia, None);
    assert!(found.has_gaps());
    assert!(
        found
            .verdict
            .starts_with("Four segments need at least four")
    );
    assert!(csv(&found).ends_with("\n9,,,,,\n10,,,,,\n"));
}

#[test]
fn an_index_without_any_value_prefers_nothing() {
    let found = evaluate(&table(&crowd(3)), 1).unwrap();
    assert!(!found.preferred.contains_key(&Index::Stability));
    assert_eq!(found.preferred[&Index::Silhouette], 2);
}

#[test]
fn groups_that_stand_apart_are_found() {
    let corners = [
        (20, 40, 900_000),
        (600, 1, 1_000),
        (20, 1, 1_000),
        (600, 40, 900_000),
    ];
    let customers: Vec<Values> = (0..80_u32)
        .map(|i| {
            let (recency, frequency, cents) = corners[i as usize % 4];
            (recency + i % 3, frequency, cents + i64::from(i))
        })
        .collect();
    let found = evaluate(&table(&customers), 10).unwrap();
    for index in [Index::Silhouette, Index::DaviesBouldin] {
        assert_eq!(found.preferred[&index], 4, "{index:?}: {found:#?}");
    }
    assert_eq!(found.by_clusters[2].stability, Some(1.0));
    assert!(
        found.verdict.contains("strong structure"),
        "{}",
        found.verdict
    );
}

#[test]
fn above_the_limit_a_sample_is_looked_at_and_the_result_says_so() {
    let limit = SAMPLE as u32;
    // Few that differ, so that clustering is quick.
    let customer = |i: u32| (i % 2 * 600 + i % 3, 1 + i % 2 * 30, 100);
    let customers = |count| (0..count).map(customer).collect::<Vec<_>>();
    let at_limit = evaluate(&table(&customers(limit)), 1).unwrap();
    assert_eq!(at_limit.sampled_customers, None);
    let above = evaluate(&table(&customers(limit + 1)), 1).unwrap();
    assert_eq!(above.sampled_customers, Some(20_000));
    let [exact, sampled] = [at_limit, above].map(|e| e.by_clusters[0].silhouette.unwrap());
    assert!((exact - sampled).abs() < 0.01, "{exact} {sampled}");
}
