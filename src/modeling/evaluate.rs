//! How many clusters: what the indices say for each number of them.

mod silhouettes;
mod verdict;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    ops::RangeInclusive,
    path::Path,
};

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::silhouettes::{Blade, Blades, Silhouettes};
use super::{
    error::ModelError,
    kmeans::{KMeans, KMeansParams, Points, uniform},
    metrics::{Partition, adjusted_rand_index},
    scaler::Scaler,
    train::TrainParams,
};
use crate::{
    features::{Rfm, RfmTable},
    progress::Progress,
};

/// The numbers of clusters that are compared.
pub const CLUSTERS: RangeInclusive<usize> = 2..=10;
/// Silhouette and stability look at so many customers at most: time grows with
/// the square of them.
pub const SAMPLE: usize = 20_000;
/// Subsamples for the stability; each pair of them is compared.
const SUBSAMPLES: usize = 6;
/// The share of the customers in a subsample, as a fraction.
const SHARE: [usize; 2] = [4, 5];
/// A subsample is clustered with one in so many restarts.
const RESTARTS_SHARE: u32 = 10;

/// How customers fall into clusters, for each number of clusters.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Evaluation {
    /// The version of the tool.
    pub version: String,
    /// The hash of the RFM table.
    pub features_blake3: String,
    /// The number of customers.
    pub customers: u64,
    /// The customers at whom silhouette and stability looked, if not all.
    pub sampled_customers: Option<u64>,
    /// The seed of training, from which the samples were drawn, too.
    pub seed: u64,
    /// The restarts of training.
    pub restarts: u32,
    /// The indices for each of [`CLUSTERS`], ascending.
    pub by_clusters: Vec<Quality>,
    /// The number of clusters that each index prefers, the least at a tie. An
    /// index without any value is not there.
    pub preferred: BTreeMap<Index, usize>,
    /// What that means for four segments, in words.
    pub verdict: String,
    /// The silhouettes of single clusters; they have a file of their own.
    #[serde(skip)]
    pub silhouettes: Silhouettes,
}

/// How well customers fall into some number of clusters.
///
/// `None` where too few customers differ for the number of clusters.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Quality {
    /// The number of clusters.
    pub clusters: usize,
    /// The sum of squared distances from each customer to its centroid, in
    /// standard scores. It falls with every further cluster.
    pub inertia: Option<f64>,
    /// See [`Partition::silhouette`].
    pub silhouette: Option<f64>,
    /// See [`Partition::calinski_harabasz`].
    pub calinski_harabasz: Option<f64>,
    /// See [`Partition::davies_bouldin`].
    pub davies_bouldin: Option<f64>,
    /// The mean [`adjusted_rand_index`] of the clusters of two subsamples; see
    /// [`evaluate`].
    pub stability: Option<f64>,
}

/// What prefers some number of clusters to others. The inertia is no such
/// index: it always prefers more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Index {
    /// How much nearer customers are to their own cluster than to the next.
    Silhouette,
    /// How far apart clusters lie for their spread.
    CalinskiHarabasz,
    /// How much each cluster overlaps with the one most like it.
    DaviesBouldin,
    /// Whether training on part of the customers would give the same clusters.
    Stability,
}

impl Index {
    /// Every index, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::Silhouette,
        Self::CalinskiHarabasz,
        Self::DaviesBouldin,
        Self::Stability,
    ];

    /// The name of the index.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silhouette => "silhouette",
            Self::CalinskiHarabasz => "Calinski-Harabasz",
            Self::DaviesBouldin => "Davies-Bouldin",
            Self::Stability => "stability",
        }
    }

    /// What the index asks.
    #[must_use]
    pub const fn question(self) -> &'static str {
        match self {
            Self::Silhouette => {
                "how much nearer are customers to their own cluster than to the next?"
            }
            Self::CalinskiHarabasz => "how far apart do clusters lie for their spread?",
            Self::DaviesBouldin => "how much does each cluster overlap with the one most like it?",
            Self::Stability => "would training on part of the customers give the same clusters?",
        }
    }

    /// The value of the index.
    #[must_use]
    pub const fn of(self, quality: &Quality) -> Option<f64> {
        match self {
            Self::Silhouette => quality.silhouette,
            Self::CalinskiHarabasz => quality.calinski_harabasz,
            Self::DaviesBouldin => quality.davies_bouldin,
            Self::Stability => quality.stability,
        }
    }

    /// The number of clusters with the best value, the least at a tie.
    fn preferred(self, by_clusters: &[Quality]) -> Option<usize> {
        let is_better = |new: f64, old: f64| match self {
            Self::DaviesBouldin => new < old,
            _ => new > old,
        };
        by_clusters
            .iter()
            .filter_map(|quality| Some((quality.clusters, self.of(quality)?)))
            .reduce(|best, next| {
                if is_better(next.1, best.1) {
                    next
                } else {
                    best
                }
            })
            .map(|(clusters, _)| clusters)
    }
}

/// Clusters a table into each number of [`CLUSTERS`], as training does it into
/// four, and looks how well each fits.
///
/// Inertia, Caliński-Harabasz and Davies-Bouldin look at all customers. Above
/// [`SAMPLE`] customers, silhouette and stability look at so many of them,
/// drawn at random, the same ones for every number of clusters.
///
/// **Stability** is found by clustering parts of the customers (after Ben-Hur,
/// Elisseeff and Guyon 2002). Six subsamples are drawn, each of four fifths of
/// the customers, rounded down, all equally likely and none twice; they are the
/// same for every number of clusters. Each is clustered by K-Means with the seed
/// of training and a tenth of its restarts, rounded up; the standard scores stay
/// those of all customers. For each of the 15 pairs of subsamples the labels of
/// the customers that are in both are compared by [`adjusted_rand_index`]; the
/// stability is the mean. There is none unless every subsample has more
/// customers than clusters, and as many that differ.
///
/// The result depends on the table and the parameters only.
///
/// # Errors
///
/// [`ModelError::TooFewToCompare`] if fewer than three customers differ.
pub fn evaluate(
    table: &RfmTable,
    params: &TrainParams,
    progress: &Progress,
) -> Result<Evaluation, ModelError> {
    let rows: Vec<Rfm> = table.rows().collect();
    let scaler = Scaler::fit(&rows);
    let points: Points = scaler.transform_all(rows.iter().copied()).collect();
    let found = points.distinct(3);
    if found < 3 {
        return Err(ModelError::TooFewToCompare { found });
    }
    let samples = Samples::draw(&points, params.seed());
    progress.start((CLUSTERS.count() * (1 + SUBSAMPLES)) as u64, "clusterings");
    let mut by_clusters = Vec::new();
    let mut silhouettes = Silhouettes {
        features_blake3: table.hash(),
        by_clusters: Vec::new(),
    };
    for clusters in CLUSTERS {
        let params = params.kmeans(clusters)?;
        let (quality, blades) = quality(&points, &samples, &params, progress)?;
        by_clusters.push(quality);
        silhouettes.by_clusters.extend(blades);
    }
    let preferred: BTreeMap<_, _> = Index::ALL
        .into_iter()
        .filter_map(|index| Some((index, index.preferred(&by_clusters)?)))
        .collect();
    Ok(Evaluation {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        features_blake3: silhouettes.features_blake3.clone(),
        customers: table.len() as u64,
        sampled_customers: (table.len() > SAMPLE).then_some(SAMPLE as u64),
        seed: params.seed(),
        restarts: params.restarts(),
        verdict: verdict::of_four(&by_clusters, &preferred),
        by_clusters,
        preferred,
        silhouettes,
    })
}

impl Evaluation {
    /// Reads what an earlier run left; `None` if there is nothing that can be read.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Whether too few customers differ for some of the values.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        let has_gap =
            |quality: &Quality| Index::ALL.iter().any(|index| index.of(quality).is_none());
        self.by_clusters.iter().any(has_gap)
    }

    /// Writes the indices as CSV, a row for each number of clusters; a field is
    /// empty where there is no value.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"clusters,inertia,silhouette,calinski_harabasz,davies_bouldin,stability\n")?;
        for quality in &self.by_clusters {
            write!(out, "{}", quality.clusters)?;
            let indices = Index::ALL.map(|index| index.of(quality));
            for value in [quality.inertia].into_iter().chain(indices) {
                match value {
                    Some(value) => write!(out, ",{value}")?,
                    None => out.write_all(b",")?,
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// The customers at whom silhouette and stability look.
struct Samples {
    /// Rows of all points.
    rows: Vec<usize>,
    /// The points of these rows.
    points: Points,
    /// Subsamples, as rows of the points above.
    parts: Vec<Vec<usize>>,
}

impl Samples {
    fn draw(points: &Points, seed: u64) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        // Beyond the stretches of the sequence that restarts have.
        random.long_jump();
        let rows = choose(SAMPLE.min(points.len()), points.len(), &mut random);
        let [part, whole] = SHARE;
        let parts = (0..SUBSAMPLES)
            .map(|_| choose(rows.len() * part / whole, rows.len(), &mut random))
            .collect();
        Self {
            points: rows.iter().map(|&row| points.row(row)).collect(),
            rows,
            parts,
        }
    }
}

/// Draws `count` of the numbers below `of`, all sets of so many equally likely,
/// in ascending order.
pub(crate) fn choose(count: usize, of: usize, random: &mut impl Rng) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(count);
    for number in 0..of {
        let (wanted, left) = (count - chosen.len(), of - number);
        if uniform(random) * (left as f64) < wanted as f64 {
            chosen.push(number);
        }
    }
    chosen
}

fn quality(
    points: &Points,
    samples: &Samples,
    params: &KMeansParams,
    progress: &Progress,
) -> Result<(Quality, Option<Blades>), ModelError> {
    let clusters = params.clusters();
    let fit = cluster(points, params)?;
    progress.advance(1);
    let Some(fit) = fit else {
        progress.advance(SUBSAMPLES as u64);
        let none = Quality {
            clusters,
            ..Quality::default()
        };
        return Ok((none, None));
    };
    let labels = fit.labels();
    let partition: Partition = points.rows().zip(labels.iter().copied()).collect();
    let sample: Partition = samples
        .rows
        .iter()
        .map(|&row| (points.row(row), labels[row]))
        .collect();
    let blades = if silhouettes::CLOSELY.contains(&clusters) {
        Blades::of(&fit, &sample)
    } else {
        None
    };
    // Time grows with the square of the customers: what is known is not computed again.
    let silhouette = blades.as_ref().map(|blades| blades.mean);
    let quality = Quality {
        clusters,
        inertia: Some(fit.inertia()),
        silhouette: silhouette.or_else(|| sample.silhouette()),
        calinski_harabasz: partition.calinski_harabasz(),
        davies_bouldin: partition.davies_bouldin(),
        stability: stability(samples, params, progress)?,
    };
    Ok((quality, blades))
}

/// The mean agreement of the clusters of all pairs of subsamples.
fn stability(
    samples: &Samples,
    params: &KMeansParams,
    progress: &Progress,
) -> Result<Option<f64>, ModelError> {
    let restarts = params.get_restarts().div_ceil(RESTARTS_SHARE);
    let params = params.restarts(restarts)?;
    let label = |part: &Vec<usize>| {
        let labels = label_part(&samples.points, part, &params);
        progress.advance(1);
        labels
    };
    let labels: Vec<_> = samples
        .parts
        .par_iter()
        .map(label)
        .collect::<Result<_, _>>()?;
    let Some(labels) = labels.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut sum = 0.0;
    let mut pairs = 0;
    for (i, first) in labels.iter().enumerate() {
        for second in &labels[..i] {
            let common = first.iter().zip(second).filter_map(|(&a, &b)| a.zip(b));
            sum += adjusted_rand_index(common);
            pairs += 1;
        }
    }
    Ok(Some(sum / f64::from(pairs)))
}

/// The labels of the points, `None` for those beside the part; `None` if the
/// part has too few points for so many clusters.
fn label_part(
    points: &Points,
    part: &[usize],
    params: &KMeansParams,
) -> Result<Option<Vec<Option<u8>>>, ModelError> {
    if part.len() <= params.clusters() {
        return Ok(None);
    }
    let own: Points = part.iter().map(|&row| points.row(row)).collect();
    let Some(fit) = cluster(&own, params)? else {
        return Ok(None);
    };
    let mut labels = vec![None; points.len()];
    for (&row, &label) in part.iter().zip(fit.labels()) {
        labels[row] = Some(label);
    }
    Ok(Some(labels))
}

/// Clusters points; `None` if fewer differ than there are clusters.
fn cluster(points: &Points, params: &KMeansParams) -> Result<Option<KMeans>, ModelError> {
    match KMeans::fit(points, params, &Progress::default()) {
        Ok(fit) => Ok(Some(fit)),
        Err(ModelError::TooFewDistinct { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
