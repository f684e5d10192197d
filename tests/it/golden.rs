//! The pipeline against the golden results of pandas and scikit-learn.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use rfmkit::{
    dataset,
    features::Features,
    modeling::{self, KMeans, KMeansParams, Partition, Points, SegmentationModel, TrainParams},
    progress::Progress,
};

use crate::reference::{FROM_CSV, FROM_PARQUET, FROM_XLSX, build, csv, folder, golden_columns};

static MODEL: LazyLock<Option<SegmentationModel>> = LazyLock::new(|| FROM_XLSX.as_ref().map(train));

fn train(features: &Features) -> SegmentationModel {
    let params = TrainParams::new(KMeansParams::SEED, KMeansParams::RESTARTS).unwrap();
    let data = features.report.training_data();
    modeling::train(&features.table, data, &params, &Progress::default()).unwrap()
}

fn points(features: &Features, model: &SegmentationModel) -> Points {
    features
        .table
        .rows()
        .map(|rfm| model.scaler().transform(rfm))
        .collect()
}

macro_rules! assert_close {
    ($left:expr, $right:expr, $tolerance:expr) => {
        let (left, right): (f64, f64) = ($left, $right);
        assert!(
            (left - right).abs() <= $tolerance,
            "{left} and {right} differ by more than {}",
            $tolerance
        );
    };
}

#[test]
fn the_four_line_counts_and_the_snapshot_are_golden() {
    for features in [&*FROM_XLSX, &*FROM_CSV, &*FROM_PARQUET]
        .into_iter()
        .flatten()
    {
        let clean = &features.report.clean;
        let with_customer = clean.rows - clean.dropped.missing_customer;
        let deduplicated = with_customer - clean.dropped.duplicate;
        assert_eq!(
            [clean.rows, with_customer, deduplicated, clean.kept],
            [541_909, 406_829, 401_604, 392_692]
        );
        assert_eq!(features.report.snapshot.to_string(), "2011-12-10 12:50:00");
        assert_eq!(features.table.len(), 4338);
        assert_eq!(features.report.revenue, "8887208.894");
    }
}

#[test]
fn every_customer_has_the_golden_values() {
    let Some(folder) = folder() else { return };
    let (_, rows) = golden_columns(&folder, "rfm_features_exact.csv");
    for features in [&*FROM_XLSX, &*FROM_CSV, &*FROM_PARQUET]
        .into_iter()
        .flatten()
    {
        let table = &features.table;
        let found: Vec<_> = (0..table.len())
            .map(|row| {
                let monetary = table.monetary()[row].millionths();
                assert_eq!(monetary % 1000, 0, "the data have thousandths at most");
                [
                    table.customers()[row].to_string(),
                    table.recency()[row].to_string(),
                    table.frequency()[row].to_string(),
                    (monetary / 1000).to_string(),
                ]
            })
            .collect();
        let expected: Vec<_> = rows
            .iter()
            .map(|row| [0, 1, 2, 4].map(|column| row[column].clone()))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn every_format_gives_the_same_bytes() {
    let (Some(folder), Some(xlsx)) = (folder(), &*FROM_XLSX) else {
        return;
    };
    let write = |features: &Features| {
        let (mut table, mut named) = (Vec::new(), Vec::new());
        features.table.write_csv(&mut table).unwrap();
        let model = train(features);
        let segments = model.predict_table(&features.table);
        modeling::write_segments(&mut named, &features.table, &segments, &model).unwrap();
        [table, named, model.to_value().to_string().into_bytes()]
    };
    let bytes = write(xlsx);
    let text = csv(&folder);
    let scratch = tempfile::tempdir().unwrap();
    let packed = scratch.path().join("orders.csv.zst");
    fs::write(&packed, zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    for other in [
        FROM_CSV.as_ref(),
        FROM_PARQUET.as_ref(),
        Some(&build(&[packed])),
        Some(&build(&by_month(&text, scratch.path()))),
    ] {
        assert!(write(other.unwrap()) == bytes);
    }
}

/// Cuts the reference CSV into files by month.
fn by_month(text: &str, folder: &Path) -> Vec<PathBuf> {
    let (header, lines) = text.split_once('\n').unwrap();
    let mut months: BTreeMap<&str, String> = BTreeMap::new();
    for line in lines.lines() {
        let date = line.find(",2010-").or_else(|| line.find(",2011-")).unwrap();
        let month = months.entry(&line[date + 1..date + 8]);
        let month = month.or_insert_with(|| format!("{header}\n"));
        month.push_str(line);
        month.push('\n');
    }
    assert_eq!(months.len(), 13);
    let folder = folder.join("months");
    fs::create_dir(&folder).unwrap();
    for (month, text) in months {
        fs::write(folder.join(format!("{month}.csv")), text).unwrap();
    }
    dataset::files(&[folder]).unwrap()
}

#[test]
fn the_scaler_is_golden() {
    let (Some(folder), Some(model)) = (folder(), &*MODEL) else {
        return;
    };
    let (_, rows) = golden_columns(&folder, "scaler.csv");
    for (i, row) in rows.iter().enumerate() {
        let golden = |column: usize| row[column].parse::<f64>().unwrap();
        let scaler = model.scaler();
        assert_close!(scaler.mean()[i], golden(1), 1e-9);
        assert_close!(scaler.deviation()[i], golden(2), 1e-9);
        assert_close!(libm::log1p(scaler.min()[i]), golden(3), 1e-9);
        assert_close!(libm::log1p(scaler.max()[i]), golden(4), 1e-9);
    }
}

#[test]
fn every_segment_is_golden() {
    let (Some(folder), Some(model), Some(features)) = (folder(), &*MODEL, &*FROM_XLSX) else {
        return;
    };
    let (_, rows) = golden_columns(&folder, "segments_best.csv");
    let segments = model.predict_table(&features.table);
    let found: Vec<_> = features
        .table
        .customers()
        .iter()
        .zip(segments)
        .map(|(customer, segment)| vec![customer.to_string(), segment.to_string()])
        .collect();
    assert_eq!(found, rows);
}

#[test]
fn the_inertia_is_the_best_known() {
    let Some(model) = &*MODEL else { return };
    assert!(model.metrics().inertia <= 3_938.441_67);
}

#[test]
fn the_built_in_model_is_that_of_the_reference_data() {
    let Some(model) = &*MODEL else { return };
    assert_eq!(SegmentationModel::reference(), *model);
}

#[test]
fn the_optimum_is_found_from_nearly_every_seed() {
    let (Some(model), Some(features)) = (&*MODEL, &*FROM_XLSX) else {
        return;
    };
    let points = points(features, model);
    let fit = |seed| {
        let params = KMeansParams::new(4).unwrap().seed(seed);
        KMeans::fit(&points, &params, &Progress::default()).unwrap()
    };
    let found = (0..50).filter(|&seed| fit(seed).inertia() <= 3_938.441_67);
    let found = found.count();
    assert!(found >= 49, "{found} of 50 seeds");
}

#[test]
fn every_k_reaches_the_best_of_300_starts() {
    let (Some(folder), Some(model), Some(features)) = (folder(), &*MODEL, &*FROM_XLSX) else {
        return;
    };
    let points = points(features, model);
    let (_, rows) = golden_columns(&folder, "k_sweep.csv");
    for row in rows {
        let k = row[0].parse().unwrap();
        let golden: f64 = row[1].parse().unwrap();
        let params = KMeansParams::new(k).unwrap();
        let fit = KMeans::fit(&points, &params, &Progress::default()).unwrap();
        println!("{k}: {} of {golden}", fit.inertia());
        assert!(
            fit.inertia() <= golden * 1.000_01,
            "k = {k}: {}",
            fit.inertia()
        );
    }
}

#[test]
fn the_indices_of_golden_labels_are_golden() {
    let (Some(folder), Some(model), Some(features)) = (folder(), &*MODEL, &*FROM_XLSX) else {
        return;
    };
    let (_, sweep) = golden_columns(&folder, "k_sweep.csv");
    let (_, labels) = golden_columns(&folder, "labels_by_k.csv");
    let customers = features.table.customers().iter().map(ToString::to_string);
    assert!(customers.eq(labels.iter().map(|row| row[0].clone())));
    for (i, row) in sweep.iter().enumerate() {
        let golden = |column: usize| row[column].parse::<f64>().unwrap();
        let partition: Partition = features
            .table
            .rows()
            .map(|rfm| model.scaler().transform(rfm))
            .zip(labels.iter().map(|row| row[i + 1].parse().unwrap()))
            .collect();
        assert_eq!(partition.clusters().to_string(), row[0]);
        let found = [
            partition.silhouette(),
            partition.calinski_harabasz(),
            partition.davies_bouldin(),
        ];
        for (found, golden) in found.into_iter().zip([2, 3, 4].map(golden)) {
            assert_close!(found.unwrap(), golden, 1e-9 * golden);
        }
    }
}

#[test]
fn the_evaluation_has_golden_inertias() {
    let (Some(folder), Some(model), Some(features)) = (folder(), &*MODEL, &*FROM_XLSX) else {
        return;
    };
    let params = TrainParams::new(KMeansParams::SEED, KMeansParams::RESTARTS).unwrap();
    let found = modeling::evaluate(&features.table, &params, &Progress::default()).unwrap();
    let (_, sweep) = golden_columns(&folder, "k_sweep.csv");
    assert_eq!(found.by_clusters.len(), sweep.len());
    for (quality, row) in found.by_clusters.iter().zip(&sweep) {
        assert_eq!(quality.clusters.to_string(), row[0]);
        let golden: f64 = row[1].parse().unwrap();
        assert_close!(quality.inertia.unwrap(), golden, 1e-5 * golden);
    }
    let four = found.by_clusters[2].inertia.unwrap();
    assert_close!(four, model.metrics().inertia, 0.0);
}
