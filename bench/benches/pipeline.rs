//! The stages of the pipeline, one by one.
//!
//! Data are made up outside the timed part, from a fixed seed.

use std::{fs::File, hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rfmkit::{
    dataset::{
        CleanParams, Intake, Money, ReadParams, TotalMoney,
        sample::{self, SampleParams},
    },
    features::{self, CustomerRow, ExtraColumns, Features, Rfm, RfmTable},
    modeling::{self, KMeansParams, SegmentationModel, TrainParams},
    output::Outputs,
    progress::Progress,
};

const LINES: u64 = 100_000;
const CUSTOMERS: u32 = 100_000;

fn write_sample(path: &Path) {
    let params = SampleParams {
        lines: LINES,
        ..SampleParams::default()
    };
    Outputs::write_one(path, |out| {
        sample::write(&params, out, &Progress::default())
    })
    .unwrap();
}

fn build(path: &Path) -> Features {
    let (read, clean) = (ReadParams::default(), CleanParams::default());
    features::build(&[path.to_owned()], Intake::new(&read, &clean)).unwrap()
}

fn train(features: &Features) -> SegmentationModel {
    let params = TrainParams::new(KMeansParams::SEED, KMeansParams::RESTARTS).unwrap();
    let data = features.report.training_data();
    modeling::train(&features.table, data, &params, &Progress::default()).unwrap()
}

/// The customers of a table again and again, each time with a little more money.
fn customers_like(table: &RfmTable) -> RfmTable {
    let again = (0..table.len()).cycle();
    let rows = (0..CUSTOMERS).zip(again).map(|(number, row)| CustomerRow {
        customer: number.to_string().into(),
        recency: table.recency()[row].into(),
        frequency: table.frequency()[row].into(),
        monetary: TotalMoney::from(table.monetary()[row]) + Money::from_millionths(number.into()),
        country: None,
        returned: TotalMoney::default(),
    });
    RfmTable::new(rows.collect(), ExtraColumns::default()).unwrap()
}

fn reading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.csv");
    write_sample(&path);
    let mut group = criterion.benchmark_group("features");
    group.throughput(Throughput::Bytes(path.metadata().unwrap().len()));
    group.bench_function("csv/100k-lines", |bencher| bencher.iter(|| build(&path)));
    group.bench_function("csv/100k-lines/rival-csv-crate-splits-only", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_reader(File::open(&path).unwrap());
            let mut record = csv::ByteRecord::new();
            let mut fields = 0;
            while reader.read_byte_record(&mut record).unwrap() {
                fields += record.len();
            }
            fields
        });
    });
    group.finish();
}

fn modeling(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.csv");
    write_sample(&path);
    let features = build(&path);
    let model = train(&features);
    let customers = features.table.len();
    let mut group = criterion.benchmark_group("modeling");
    group.sample_size(20);
    group.bench_function(
        format!("train/{customers}-customers/100-restarts"),
        |bencher| {
            bencher.iter(|| train(&features));
        },
    );
    let many = customers_like(&features.table);
    group.throughput(Throughput::Elements(CUSTOMERS.into()));
    group.bench_function("predict/100k-customers", |bencher| {
        bencher.iter(|| model.predict_table(&many));
    });
    group.throughput(Throughput::Elements(1));
    let rfm = Rfm::new(15, 2, 350.75).unwrap();
    group.bench_function("predict/1-customer", |bencher| {
        bencher.iter(|| model.predict(black_box(rfm)));
    });
    group.finish();
}

criterion_group!(benches, reading, modeling);
criterion_main!(benches);
