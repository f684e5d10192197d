//! `rfm figures`: pictures of the customers and their segments.

use std::io::{self, Write};

use anyhow::Result;
use rayon::prelude::*;
use rfmkit::{
    features::RfmTable,
    modeling::{Evaluation, Segment, SegmentationModel, Silhouettes},
    output::{OutputError, Outputs},
    plots::{self, Figure, Material, Omitted, Theme},
};
use serde::Serialize;

use crate::{
    cli::{FiguresArgs, FiguresTheme},
    failure, screen,
    session::{Session, model_error},
    table::{WIDTH, wrap},
};

/// A figure as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    reading: &'a str,
    data: &'a serde_json::Value,
}

/// What figures and reports are made of.
pub(super) struct Shop {
    pub(super) table: RfmTable,
    pub(super) model: SegmentationModel,
    pub(super) segments: Vec<Segment>,
    pub(super) evaluation: Option<Evaluation>,
    silhouettes: Option<Silhouettes>,
}

impl Shop {
    /// Reads features and model, and what `rfm evaluate` left.
    pub(super) fn load(session: &Session) -> Result<Self> {
        let table = RfmTable::read_csv_with_countries(&session.features())?;
        let model = SegmentationModel::load(&session.config.model.path)
            .map_err(|error| model_error(&session.config.root, error))?;
        Ok(Self {
            segments: model.predict_table(&table),
            evaluation: Evaluation::load(&session.evaluation()),
            silhouettes: Silhouettes::load(&session.silhouettes()),
            table,
            model,
        })
    }

    /// Draws all figures for which there is material.
    pub(super) fn draw(&self, theme: Theme) -> (Vec<Figure>, Vec<Omitted>) {
        let material = Material {
            table: &self.table,
            segments: &self.segments,
            model: &self.model,
            evaluation: self.evaluation.as_ref(),
            silhouettes: self.silhouettes.as_ref(),
        };
        plots::draw(material, theme)
    }
}

pub(crate) fn run(args: &FiguresArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let shop = Shop::load(&session)?;
    let theme = match args.theme {
        FiguresTheme::Light => Theme::Light,
        FiguresTheme::Dark => Theme::Dark,
    };
    let (figures, omitted) = shop.draw(theme);
    let mut outputs = Outputs::default();
    write(&mut outputs, &session, &figures)?;
    outputs.commit()?;
    if args.output.json {
        let shown = figures.iter().map(|figure| Shown {
            name: figure.name(),
            reading: figure.reading(),
            data: figure.data(),
        });
        screen::json(&shown.collect::<Vec<_>>())?;
    } else if !args.output.quiet {
        show(&mut anstream::stdout().lock(), &session, &figures)?;
    }
    if !args.output.quiet {
        for alike in omitted.chunk_by(|a, b| a.reason == b.reason) {
            let names: Vec<&str> = alike.iter().map(|omitted| omitted.name).collect();
            failure::note(&format!("no {}: {}", names.join(", "), alike[0].reason));
        }
    }
    Ok(())
}

/// Writes each figure as SVG and as PNG.
pub(super) fn write(
    outputs: &mut Outputs,
    session: &Session,
    figures: &[Figure],
) -> Result<(), OutputError> {
    let pictures: Vec<(String, Vec<u8>)> = figures
        .par_iter()
        .map(|figure| (figure.svg(), figure.png()))
        .collect();
    for (figure, (svg, png)) in figures.iter().zip(pictures) {
        for (ending, bytes) in [("svg", svg.as_bytes()), ("png", &png)] {
            let path = session.figure(figure.name(), ending);
            outputs.write(&path, |out| out.write_all(bytes))?;
        }
    }
    Ok(())
}

/// Prints what is to be seen in each figure.
fn show(out: &mut dyn Write, session: &Session, figures: &[Figure]) -> io::Result<()> {
    for figure in figures {
        writeln!(out, "{}", figure.name())?;
        for line in wrap(figure.reading(), WIDTH - 2) {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out)?;
    let all = session.figures().join("*");
    writeln!(
        out,
        "wrote {} figures, each as SVG and PNG: {}",
        figures.len(),
        crate::table::plain(&all.to_string_lossy())
    )
}
