//! Training, naming, scoring and the model file.

use std::{fs, sync::LazyLock};

use proptest::{collection, prelude::*, sample::Index};
use rfmkit::{
    dataset::{Money, TotalMoney},
    features::{CustomerRow, ExtraColumns, Rfm, RfmTable, TrainingData},
    modeling::{
        self, KMeans, KMeansParams, ModelError, Points, SEGMENTS, Segment, SegmentationModel,
        TrainParams, name_clusters,
    },
    progress::Progress,
};
use serde_json::Value;

use crate::oracle::csv::nowhere;

/// Recency in days, invoices, and hundredths of the currency unit.
pub(crate) type Values = (u32, u32, i64);

pub(crate) fn table(customers: &[Values]) -> RfmTable {
    let rows = customers
        .iter()
        .enumerate()
        .map(|(number, &(recency, frequency, cents))| CustomerRow {
            customer: number.to_string().into(),
            recency: recency.into(),
            frequency: frequency.into(),
            monetary: Money::from_millionths(cents * 10_000).into(),
            country: None,
            returned: TotalMoney::default(),
        });
    RfmTable::new(rows.collect(), ExtraColumns::default()).unwrap()
}

pub(crate) fn train(table: &RfmTable, seed: u64, restarts: u32) -> SegmentationModel {
    let params = TrainParams::new(seed, restarts).unwrap();
    let data = TrainingData::of(table, nowhere());
    modeling::train(table, data, &params, &Progress::default()).unwrap()
}

pub(crate) fn customers() -> impl Strategy<Value = Vec<Values>> {
    let drawn = (0..700_u32, 0..6_u32, 1..2000_i64, 0..4_u32);
    let customer = drawn.prop_map(|(recency, frequency, cents, scale)| {
        (recency, 1 << frequency, cents * 10_i64.pow(scale))
    });
    let coarse = (0..4_u32, 1..3_u32, 1..3_i64);
    prop_oneof![
        3 => collection::vec(customer, 8..90),
        1 => collection::vec(coarse, 40..90),
    ]
    .prop_filter("four that differ", |customers| {
        let mut differing = customers.clone();
        differing.sort_unstable();
        differing.dedup();
        differing.len() >= SEGMENTS
    })
}

/// Any valid customer.
fn any_rfm() -> impl Strategy<Value = Rfm> {
    let monetary = prop_oneof![1e-6..1e6_f64, Just(f64::MAX), Just(f64::MIN_POSITIVE)];
    (
        0..=100_000_u64,
        1..=1_000_000_000_u64,
        0..5_000_u64,
        monetary,
    )
        .prop_map(|(recency, frequency, small, monetary)| {
            let recency = if small % 2 == 0 { recency } else { small };
            let frequency = if small % 3 == 0 {
                frequency
            } else {
                small % 50 + 1
            };
            Rfm::new(recency, frequency, monetary).unwrap()
        })
}

fn counts(segments: &[Segment]) -> [u64; SEGMENTS] {
    Segment::ALL.map(|segment| segments.iter().filter(|found| **found == segment).count() as u64)
}

macro_rules! prop_assert_close {
    ($left:expr, $right:expr, $tolerance:expr) => {
        let (left, right): (f64, f64) = ($left, $right);
        prop_assert!(
            (left - right).abs() <= $tolerance * (1.0 + right.abs()),
            "{} and {} differ",
            left,
            right
        );
    };
}

/// The quantile as numpy has it: `place` counts in quarters of the last index.
fn quartile(mut values: Vec<f64>, quarters: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = quarters * (values.len() - 1);
    let (below, rest) = (values[place / 4], (place % 4) as f64 / 4.0);
    let above = values.get(place / 4 + 1).copied().unwrap_or(below);
    below * (1.0 - rest) + above * rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn prediction_repeats_the_labels_of_training(customers in customers(), seed in any::<u64>()) {
        let table = table(&customers);
        let model = train(&table, seed, 3);
        let segments = model.predict_table(&table);
        prop_assert_eq!(counts(&segments), model.segments().each_ref().map(|s| s.profile.customers));

        let points: Points = table.rows().map(|rfm| model.scaler().transform(rfm)).collect();
        let params = KMeansParams::new(SEGMENTS).unwrap().seed(seed).restarts(3).unwrap();
        let clusters = KMeans::fit(&points, &params, &Progress::default()).unwrap();
        for (segment, &label) in segments.iter().zip(clusters.labels()) {
            let centroid = model.segments()[segment.label()].centroid;
            let trained = clusters.centroids()[label as usize];
            prop_assert_eq!(centroid.map(f64::to_bits), trained.map(f64::to_bits));
        }
        prop_assert_eq!(clusters.inertia().to_bits(), model.metrics().inertia.to_bits());
    }

    #[test]
    fn single_equals_batch_and_takes_the_nearest(customers in customers(), any in any_rfm()) {
        let table = table(&customers);
        let model = train(&table, 42, 2);
        let batch = model.predict_table(&table);
        for (row, segment) in batch.into_iter().enumerate() {
            prop_assert_eq!(model.predict(table.rfm(row)), segment);
        }
        for rfm in table.rows().chain([any]) {
            let score = model.score(rfm);
            prop_assert_eq!(score.segment, model.predict(rfm));
            let least = score.squared_distances.iter().copied().fold(f64::INFINITY, f64::min);
            let first = score.squared_distances.iter().position(|&d| d <= least);
            prop_assert_eq!(first, Some(score.segment.label()));
        }
        let (rows, scaler) = (|| table.rows().chain([any]), model.scaler());
        let bits = |scores: [f64; 3]| scores.map(f64::to_bits);
        let single = rows().map(|rfm| bits(scaler.transform(rfm)));
        prop_assert!(scaler.transform_all(rows()).map(bits).eq(single));
    }

    #[test]
    fn values_beyond_the_training_data_count_as_its_extremes(customers in customers(), any in any_rfm()) {
        let table = table(&customers);
        let model = train(&table, 42, 1);
        let range = |column: &dyn Fn(&Values) -> i64| {
            let values = || customers.iter().map(column);
            (values().min().unwrap(), values().max().unwrap())
        };
        let [recency, frequency, monetary] = any.to_array();
        let (r, f, m) = (range(&|c| c.0.into()), range(&|c| c.1.into()), range(&|c| c.2));
        let clipped = Rfm::new(
            (recency as i64).clamp(r.0, r.1) as u64,
            (frequency as i64).clamp(f.0, f.1) as u64,
            monetary.max(m.0 as f64 / 100.0).min(m.1 as f64 / 100.0),
        );
        prop_assert_eq!(model.score(any), model.score(clipped.unwrap()));
    }

    #[test]
    fn profiles_describe_the_customers_of_each_segment(customers in customers()) {
        let table = table(&customers);
        let model = train(&table, 42, 2);
        let segments = model.predict_table(&table);
        let revenue: i64 = customers.iter().map(|customer| customer.2).sum();
        for found in model.segments() {
            let own: Vec<[f64; 3]> = (0..table.len())
                .filter(|&row| segments[row] == found.segment)
                .map(|row| table.rfm(row).to_array())
                .collect();
            let profile = &found.profile;
            let count = own.len() as f64;
            prop_assert_eq!(profile.customers, own.len() as u64);
            prop_assert_close!(profile.share, count / customers.len() as f64, 1e-12);
            let own_revenue: f64 = own.iter().map(|values| values[2]).sum();
            prop_assert_close!(profile.revenue_share, own_revenue / (revenue as f64 / 100.0), 1e-9);
            for i in 0..3 {
                let column: Vec<f64> = own.iter().map(|values| values[i]).collect();
                prop_assert_close!(profile.mean[i], column.iter().sum::<f64>() / count, 1e-9);
                prop_assert_close!(profile.first_quartile[i], quartile(column.clone(), 1), 1e-9);
                prop_assert_close!(profile.median[i], quartile(column.clone(), 2), 1e-9);
                prop_assert_close!(profile.third_quartile[i], quartile(column, 3), 1e-9);
            }
        }
    }

    #[test]
    fn a_model_file_reads_back_as_the_same_bytes(customers in customers()) {
        let model = train(&table(&customers), 42, 1);
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        model.save(&path("first.json")).unwrap();
        let again = SegmentationModel::load(&path("first.json")).unwrap();
        prop_assert_eq!(&again, &model);
        again.save(&path("second.json")).unwrap();
        let bytes = ["first.json", "second.json"].map(|name| fs::read(path(name)).unwrap());
        prop_assert!(bytes[0] == bytes[1]);
    }
}

fn centroids() -> impl Strategy<Value = [[f64; 3]; SEGMENTS]> {
    let value = prop_oneof![3 => -3.0..3.0_f64, 1 => (-2..3_i8).prop_map(f64::from)];
    let centroid = [value.clone(), value.clone(), value];
    [
        centroid.clone(),
        centroid.clone(),
        centroid.clone(),
        centroid,
    ]
}

/// How well centroids in the order of the labels fit the corners.
fn fit(named: &[[f64; 3]; SEGMENTS]) -> f64 {
    let corners = [[-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [1.0, 1.0]];
    let pairs = named.iter().zip(corners);
    pairs
        .map(|(c, [lapsed, valuable])| c[0] * lapsed + (c[1] + c[2]) * valuable)
        .sum()
}

fn orders() -> Vec<[usize; SEGMENTS]> {
    let mut orders = Vec::new();
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                orders.push([a, b, c, 6 - a - b - c]);
            }
        }
    }
    orders
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_order_of_the_clusters_changes_no_name(centroids in centroids()) {
        let named = name_clusters(centroids);
        for order in orders() {
            prop_assert_eq!(name_clusters(order.map(|i| centroids[i])), named);
        }
    }

    #[test]
    fn names_are_given_by_the_best_of_24_ways(centroids in centroids()) {
        let named = name_clusters(centroids);
        let ways = || orders().into_iter().map(|order| order.map(|i| centroids[i]));
        prop_assert!(ways().any(|way| way == named));
        prop_assert!(ways().all(|way| fit(&way) <= fit(&named) + 1e-9));
    }
}

/// Four groups of customers far from each other, in the order of the labels.
fn four_groups() -> impl Strategy<Value = Vec<(Segment, Values)>> {
    let group = |segment,
                 recency: std::ops::Range<u32>,
                 invoices: std::ops::Range<u32>,
                 money: std::ops::Range<i64>| {
        let customer = (recency, invoices, money).prop_map(move |values| (segment, values));
        collection::vec(customer, 5..30)
    };
    let groups = (
        group(Segment::Champions, 1..6, 30..41, 500_000..800_000),
        group(Segment::LostCustomers, 300..401, 1..3, 1000..2000),
        group(Segment::NewCustomers, 1..6, 1..3, 1000..2000),
        group(Segment::AtRisk, 300..401, 30..41, 500_000..800_000),
    );
    groups
        .prop_map(|(a, b, c, d)| [a, b, c, d].concat())
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn another_seed_changes_no_segment_of_groups_far_apart(groups in four_groups(), seeds in [any::<u64>(), any::<u64>()]) {
        let (expected, customers): (Vec<Segment>, Vec<Values>) = groups.into_iter().unzip();
        let table = table(&customers);
        for seed in seeds {
            let model = train(&table, seed, 10);
            prop_assert_eq!(&model.predict_table(&table), &expected);
            prop_assert!(model.segments().iter().all(|segment| segment.doubts.is_empty()));
        }
    }
}

static MODEL: LazyLock<SegmentationModel> = LazyLock::new(|| {
    let customers: Vec<Values> = (1..200_u32)
        .map(|i| {
            (
                i * 37 % 365,
                i * i % 23 + 1,
                i64::from(i * i * i % 9973 + 5) * 13,
            )
        })
        .collect();
    train(&table(&customers), 7, 5)
});

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    MODEL.save(&path).unwrap();
    fs::read(path).unwrap()
});

fn load(bytes: &[u8]) -> Result<SegmentationModel, ModelError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    SegmentationModel::load(file.path())
}

fn is_refusal(error: &ModelError) -> bool {
    use ModelError::{Broken, Newer, Tampered};
    matches!(error, Broken { .. } | Newer { .. } | Tampered { .. })
}

#[test]
fn no_digit_of_a_model_file_can_be_changed() {
    let mut digits = 0;
    let mut harmless = 0;
    for place in 0..FILE.len() {
        if FILE[place].is_ascii_digit() {
            let mut bytes = FILE.clone();
            bytes[place] = (bytes[place] - b'0' + 1) % 10 + b'0';
            digits += 1;
            match load(&bytes) {
                Ok(model) => {
                    assert_eq!(model, *MODEL, "byte {place}");
                    harmless += 1;
                }
                Err(error) => assert!(is_refusal(&error), "byte {place}: {error}"),
            }
        }
    }
    // The last digit of a double may have a neighbour that means the same.
    assert!(
        digits > 1000 && harmless * 50 < digits,
        "{harmless} of {digits}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_model_file_with_another_byte_is_refused_or_means_the_same(place in any::<Index>(), byte in any::<u8>()) {
        let mut bytes = FILE.clone();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        match load(&bytes) {
            Ok(model) => prop_assert_eq!(&model, &*MODEL),
            Err(error) => prop_assert!(is_refusal(&error), "{}", error),
        }
    }

    #[test]
    fn a_part_of_a_model_file_is_refused(length in any::<Index>(), cut in any::<Index>()) {
        let bytes = &FILE[..FILE.len() - 1];
        let start = &bytes[..length.index(bytes.len())];
        prop_assert!(load(start).is_err_and(|error| is_refusal(&error)));
        let mut without = bytes.to_vec();
        without.remove(cut.index(bytes.len()));
        match load(&without) {
            Ok(model) => prop_assert_eq!(&model, &*MODEL),
            Err(error) => prop_assert!(is_refusal(&error), "{}", error),
        }
    }
}

/// A value as JSON with the members of every object in reverse.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{name:?} : {}", reversed(value)));
            let mut members: Vec<String> = members.collect();
            members.reverse();
            format!("{{\n\n{}}}", members.join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(reversed).collect();
            format!("[{}]", values.join(" ,"))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_names_and_the_layout_of_a_model_file_do_not_matter() {
    let value: Value = serde_json::from_slice(&FILE).unwrap();
    let text = reversed(&value);
    assert_ne!(text.as_bytes(), &FILE[..]);
    assert_eq!(load(text.as_bytes()).unwrap(), *MODEL);
}

#[test]
fn a_model_file_that_could_not_be_written_is_refused() {
    let reference = SegmentationModel::reference().to_value();
    let sealed = |value: &Value| {
        let mut members = value.as_object().expect("members").clone();
        members.remove("checksum");
        let checksum = blake3::hash(Value::Object(members.clone()).to_string().as_bytes());
        members.insert("checksum".to_owned(), checksum.to_hex().as_str().into());
        load(Value::Object(members).to_string().as_bytes())
    };
    assert_eq!(sealed(&reference).unwrap(), SegmentationModel::reference());
    let mut whole = reference.clone();
    whole["scaler"]["mean"][0] = 4.into();
    let mut unknown = reference.clone();
    unknown["training"]["shop"] = "ours".into();
    let mut missing = reference.clone();
    missing["training"]
        .as_object_mut()
        .expect("members")
        .remove("rows");
    for value in [whole, unknown, missing] {
        let error = sealed(&value).expect_err("it would be another file");
        assert!(error.to_string().contains("no model file has"), "{error}");
    }
}
