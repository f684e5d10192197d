//! Clusters the points of a file, for `kmeans.py` to compare.
//!
//! `kmeans-points FILE fit|lloyd`: the file has the three columns one behind the
//! other, as doubles with the lowest byte first. `fit` does what training does with
//! four clusters; `lloyd` starts from the first four points. Prints JSON.

use std::{env, error::Error, fs};

use rfmkit::{
    modeling::{KMeans, KMeansParams, Points},
    progress::Progress,
};

const CLUSTERS: usize = 4;
/// Parts of a second in which Linux counts CPU time.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let [_, file, what] = &arguments[..] else {
        return Err("expected FILE and `fit` or `lloyd`".into());
    };
    let points = read(file)?;
    let start = cpu_seconds()?;
    let found = match what.as_str() {
        "fit" => KMeans::fit(&points, &KMeansParams::new(CLUSTERS)?, &Progress::default())?,
        "lloyd" => KMeans::go_on(&points, points.rows().take(CLUSTERS).collect()),
        other => return Err(format!("expected `fit` or `lloyd`, found {other:?}").into()),
    };
    let cpu = cpu_seconds()? - start;
    let (inertia, passes) = (found.inertia(), found.inertia_by_pass().len());
    println!(r#"{{"inertia": {inertia}, "passes": {passes}, "cpu": {cpu:.2}}}"#);
    Ok(())
}

fn read(file: &str) -> Result<Points, Box<dyn Error>> {
    let bytes = fs::read(file)?;
    let values = bytes.as_chunks().0.iter().copied().map(f64::from_le_bytes);
    let values: Vec<f64> = values.collect();
    let rows = values.len() / 3;
    let row = |row: usize| [0, 1, 2].map(|column| values[column * rows + row]);
    Ok((0..rows).map(row).collect())
}

/// User and system time of all threads of this process.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(") ")
        .ok_or("the form of /proc/self/stat")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
}
