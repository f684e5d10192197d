//! The report: what came out, for people, as one HTML page and as Markdown.
//!
//! Nothing is computed here that another stage has found: cleaning, training, evaluation
//! and figures left it.
//!
//! ```
//! use std::fs;
//!
//! use rfmkit::{
//!     features::RfmTable,
//!     modeling::SegmentationModel,
//!     plots::{self, Material, Theme},
//!     report::Report,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let features = folder.path().join("rfm_features.csv");
//! fs::write(&features, "CustomerID,recency,frequency,monetary\n7,3,9,900\n8,300,1,20\n")?;
//! let table = RfmTable::read_csv(&features)?;
//! let model = SegmentationModel::reference();
//! let segments = model.predict_table(&table);
//! let material = Material {
//!     table: &table,
//!     segments: &segments,
//!     model: &model,
//!     evaluation: None,
//!     silhouettes: None,
//! };
//! let (figures, _) = plots::draw(material, Theme::Light);
//! let report = Report {
//!     table: &table,
//!     features_blake3: &table.hash(),
//!     segments: &segments,
//!     model: &model,
//!     origin: None,
//!     evaluation: None,
//!     figures: &figures,
//!     strategies: ["invite", "write", "welcome", "call"],
//!     is_anonymous: false,
//! };
//! assert!(report.markdown().contains("- **At-Risk**: call"));
//! assert!(report.html().starts_with("<!doctype html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod document;
mod html;
mod markdown;
mod origin;

use self::document::{Block, Document};
pub use self::origin::Origin;
use crate::{
    features::RfmTable,
    modeling::{Evaluation, Index, Segment, SegmentationModel},
    numbers::{decimal, exact, percent, thousands},
    plots::Figure,
};

/// Customers of each segment who are listed.
const LISTED: usize = 5;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// One row per customer.
    pub table: &'a RfmTable,
    /// The hash of the table.
    pub features_blake3: &'a str,
    /// The segment of each row.
    pub segments: &'a [Segment],
    /// What named the segments.
    pub model: &'a SegmentationModel,
    /// Where the table comes from, if that is known.
    pub origin: Option<&'a Origin>,
    /// How well other numbers of clusters fit these customers, if it was looked at.
    pub evaluation: Option<&'a Evaluation>,
    /// The figures, in their order.
    pub figures: &'a [Figure],
    /// What to do about each segment, by label.
    pub strategies: [&'a str; 4],
    /// Whether customers are numbered instead of named.
    pub is_anonymous: bool,
}

impl Report<'_> {
    /// The report as one page of HTML that loads nothing from elsewhere.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(&self.document())
    }

    /// The report as Markdown; figures are linked as `figures/NAME.svg`.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::text(&self.document())
    }

    fn document(&self) -> Document<'_> {
        let mut document = Document::new("Customer segments");
        self.summary(&mut document);
        self.segments(&mut document);
        self.largest(&mut document);
        self.certainty(&mut document);
        self.cleaning(&mut document);
        document.heading("Figures");
        document
            .blocks
            .extend(self.figures.iter().map(Block::Figure));
        self.reproduction(&mut document);
        document
    }

    fn summary(&self, document: &mut Document<'_>) {
        let customers = thousands(self.table.len() as u64);
        let revenue = exact(&self.table.revenue().to_string());
        let snapshot = self.model.training().snapshot.as_deref();
        let as_of = self
            .origin
            .map(|origin| origin.snapshot.as_str())
            .or(snapshot);
        let as_of = as_of.map_or_else(String::new, |time| format!(", as of {time}"));
        let plural = if self.table.len() == 1 { "" } else { "s" };
        document.paragraph(format!(
            "{customers} customer{plural} with a revenue of {revenue}{as_of}."
        ));
        let warnings = self.origin.map_or(&[][..], |origin| &origin.warnings);
        if self.is_anonymous && !warnings.is_empty() {
            document.paragraph(
                "Cleaning has warned of something, which may name customers; data/interim/clean_report.json has it."
                    .to_owned(),
            );
            return;
        }
        for warning in warnings {
            document.paragraph(format!("Warning: {warning}"));
        }
    }

    fn segments(&self, document: &mut Document<'_>) {
        document.heading("Segments");
        let rows = self.model.segments().iter().map(|segment| {
            let profile = &segment.profile;
            vec![
                segment.segment.name().to_owned(),
                thousands(profile.customers),
                percent(profile.share),
                percent(profile.revenue_share),
                decimal(profile.median[0], 0),
                decimal(profile.median[1], 0),
                decimal(profile.median[2], 0),
            ]
        });
        let headings = [
            "segment",
            "customers",
            "share",
            "of the revenue",
            "median recency, days",
            "median frequency",
            "median monetary",
        ];
        document.table(&headings, rows);
        if self.model.training().features_blake3 != self.features_blake3 {
            document.paragraph(
                "The table is of the customers on whom the model was trained, who are others."
                    .to_owned(),
            );
        }
        document.list(Segment::ALL.map(|segment| {
            let strategy = self.strategies[segment.label()];
            (segment.name().to_owned(), strategy.to_owned())
        }));
        let doubts = self.model.segments().iter().flat_map(|segment| {
            let name = segment.segment.name();
            segment
                .doubts
                .iter()
                .map(move |doubt| (name.to_owned(), doubt.to_string()))
        });
        let doubts: Vec<(String, String)> = doubts.collect();
        if doubts.is_empty() {
            document.paragraph("The data give no reason to doubt a name.".to_owned());
        } else {
            document.paragraph("Doubtful names:".to_owned());
            document.list(doubts);
        }
    }

    /// The customers of each segment who spent the most.
    fn largest(&self, document: &mut Document<'_>) {
        document.heading("Largest customers");
        let mut rows = Vec::new();
        for segment in Segment::ALL {
            let own = (0..self.table.len()).filter(|&row| self.segments[row] == segment);
            let mut own: Vec<usize> = own.collect();
            own.sort_by_key(|&row| std::cmp::Reverse(self.table.monetary()[row]));
            for (&row, number) in own.iter().take(LISTED).zip(1..) {
                let name = if self.is_anonymous {
                    format!("customer {number}")
                } else {
                    self.table.customers()[row].to_string()
                };
                rows.push(vec![
                    segment.name().to_owned(),
                    name,
                    thousands(self.table.recency()[row].into()),
                    thousands(self.table.frequency()[row].into()),
                    exact(&self.table.monetary()[row].to_string()),
                ]);
            }
        }
        let headings = [
            "segment",
            "customer",
            "recency, days",
            "frequency",
            "monetary",
        ];
        document.table(&headings, rows);
    }

    /// What other numbers of clusters would give.
    fn certainty(&self, document: &mut Document<'_>) {
        document.heading("How sure the segments are");
        let explained = percent(self.model.metrics().explained_variance);
        document.paragraph(format!(
            "To know the segment of a customer explains {explained} of the variance of the standard scores."
        ));
        let evaluation = self
            .evaluation
            .filter(|found| found.features_blake3 == self.features_blake3);
        let Some(evaluation) = evaluation else {
            document.paragraph(
                "`rfm evaluate` tells what other numbers of clusters would give; it has not looked at these customers."
                    .to_owned(),
            );
            return;
        };
        document.paragraph(evaluation.verdict.clone());
        let headings = ["clusters", "inertia"]
            .into_iter()
            .chain(Index::ALL.map(Index::name));
        let rows = evaluation.by_clusters.iter().map(|quality| {
            let shown = |value: Option<f64>, places| {
                value.map_or_else(|| "–".to_owned(), |value| decimal(value, places))
            };
            let mut row = vec![quality.clusters.to_string(), shown(quality.inertia, 1)];
            row.extend(Index::ALL.map(|index| {
                let is_preferred = evaluation.preferred.get(&index) == Some(&quality.clusters);
                let mark = if is_preferred { " *" } else { "" };
                format!("{}{mark}", shown(index.of(quality), 3))
            }));
            row
        });
        document.table(&headings.collect::<Vec<_>>(), rows);
        document.paragraph("* preferred by that index".to_owned());
    }

    /// Where the data came from, and what cleaning dropped and why.
    fn cleaning(&self, document: &mut Document<'_>) {
        document.heading("Where the data came from");
        let Some(origin) = self.origin else {
            document.paragraph(
                "The features were not made by the last `rfm features` or `rfm all` in this project."
                    .to_owned(),
            );
            return;
        };
        let files = origin.inputs.iter().map(|file| {
            vec![
                file.path.clone(),
                file.format.clone(),
                thousands(file.rows),
                thousands(file.bytes),
                file.blake3.chars().take(16).collect(),
            ]
        });
        document.table(
            &["file", "format", "lines", "bytes", "BLAKE3 starts with"],
            files,
        );
        let rows = origin.counts().into_iter().map(|(name, lines, reason)| {
            let share = percent(lines as f64 / origin.rows as f64);
            vec![name.to_owned(), thousands(lines), share, reason.to_owned()]
        });
        document.table(&["lines", "number", "share", ""], rows);
    }

    fn reproduction(&self, document: &mut Document<'_>) {
        document.heading("To reproduce it");
        let parameters = self.model.parameters();
        let mut facts = vec![
            ("version", self.model.version().to_owned()),
            ("seed", parameters.seed.to_string()),
            ("restarts", parameters.restarts.to_string()),
            ("clusters", parameters.clusters.to_string()),
            ("inertia", decimal(self.model.metrics().inertia, 6)),
            ("model", self.model.checksum().to_owned()),
            ("features", self.features_blake3.to_owned()),
        ];
        if let Some(origin) = self.origin {
            facts.push(("snapshot", origin.snapshot.clone()));
            let columns = origin
                .columns
                .iter()
                .map(|(role, name)| format!("{role}={name}"));
            facts.push(("columns", columns.collect::<Vec<_>>().join(", ")));
        }
        document.list(
            facts
                .into_iter()
                .map(|(name, fact)| (name.to_owned(), fact)),
        );
    }
}
