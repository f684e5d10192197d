//! Does one stage of the library some times over, for `instructions.py` to count.
//!
//! `stages STAGE TIMES [FILE]`: `features` rolls FILE up, `lloyd` and `predict` take
//! what they make up. Prints how many units there are in one time: lines, points in
//! all passes, customers.

use std::{env, error::Error, hint::black_box, path::PathBuf};

use rfmkit::{
    dataset::{CleanParams, Intake, Money, ReadParams, TotalMoney},
    features::{self, CustomerRow, ExtraColumns, RfmTable},
    modeling::{KMeans, Points, SegmentationModel},
};

const CLUSTERS: usize = 4;
const ROWS: u32 = 50_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let [_, stage, times, file @ ..] = &arguments[..] else {
        return Err("expected STAGE, TIMES and perhaps FILE".into());
    };
    let times: u32 = times.parse()?;
    let units = match (stage.as_str(), file) {
        ("features", [file]) => repeat(times, || roll_up(file.into()))?,
        ("lloyd", []) => {
            let points: Points = (0..ROWS).map(point).collect();
            let start: Vec<_> = points.rows().take(CLUSTERS).collect();
            repeat(times, || {
                let found = KMeans::go_on(&points, start.clone());
                Ok(u64::from(ROWS) * found.inertia_by_pass().len() as u64)
            })?
        }
        ("predict", []) => {
            let (model, table) = (SegmentationModel::reference(), customers()?);
            repeat(times, || Ok(model.predict_table(&table).len() as u64))?
        }
        _ => return Err("expected `features FILE`, `lloyd` or `predict`".into()),
    };
    println!("{units}");
    Ok(())
}

/// Does a stage so many times; gives the units of one.
fn repeat(
    times: u32,
    stage: impl Fn() -> Result<u64, Box<dyn Error>>,
) -> Result<u64, Box<dyn Error>> {
    let mut units = 0;
    for _ in 0..times {
        units = black_box(stage()?);
    }
    Ok(units)
}

fn roll_up(file: PathBuf) -> Result<u64, Box<dyn Error>> {
    let (read, clean) = (ReadParams::default(), CleanParams::default());
    let made = features::build(&[file], Intake::new(&read, &clean))?;
    Ok(made.report.clean.rows)
}

/// Three numbers that look random.
fn random(row: u32) -> [u32; 3] {
    [0, 1, 2].map(|column| (3 * row + column).wrapping_mul(2_654_435_761))
}

fn point(row: u32) -> [f64; 3] {
    random(row).map(|value| f64::from(value) / f64::from(u32::MAX))
}

fn customers() -> Result<RfmTable, Box<dyn Error>> {
    let rows = (0..ROWS).map(|row| {
        let [recency, frequency, monetary] = random(row);
        CustomerRow {
            customer: row.to_string().into(),
            recency: u64::from(recency >> 8) % 700,
            frequency: u64::from(frequency >> 8) % 20 + 1,
            monetary: TotalMoney::from(Money::from_millionths(i64::from(monetary) + 1)),
            country: None,
            returned: TotalMoney::default(),
        }
    });
    Ok(RfmTable::new(rows.collect(), ExtraColumns::default())?)
}
