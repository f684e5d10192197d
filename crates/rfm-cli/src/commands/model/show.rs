//! `rfm model show`: what is in the model.

use std::io::Write;

use anyhow::Result;
use rfmkit::modeling::{History, SegmentationModel};

use crate::{
    cli::ModelShowArgs,
    screen,
    session::Session,
    table::{Table, decimal, percent, plain, thousands},
};

pub(super) fn run(args: &ModelShowArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let source = &session.config.model;
    let (model, place) = if let Some(name) = &args.name {
        let named = History::open(source.clone())?.find(name)?;
        (named.model, named.place)
    } else {
        let loaded = session.load_model()?;
        let place = source.describe(&loaded);
        (loaded.model, place)
    };
    if args.output.json {
        screen::json(&model.to_value())?;
        return Ok(());
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", plain(&place))?;
    training(&mut out, &model)?;
    writeln!(out)?;
    centroids(&mut out, &model)?;
    writeln!(out)?;
    screen::segments(&mut out, &model, &session.playbook)?;
    Ok(())
}

/// Prints on what the model was trained, how, and how well it fits.
fn training(out: &mut dyn Write, model: &SegmentationModel) -> Result<()> {
    let (training, metrics) = (model.training(), model.metrics());
    let mut line = |name: &str, value: String| screen::fact(out, name, &value);
    line("customers", thousands(training.customers))?;
    if let (Some(rows), Some(kept)) = (training.rows, training.kept) {
        let lines = format!("{}, of which {} count", thousands(rows), thousands(kept));
        line("lines", lines)?;
    }
    if let Some(snapshot) = &training.snapshot {
        line("snapshot", snapshot.clone())?;
    }
    line(
        "parameters",
        format!(
            "{} clusters, {} restarts, seed {}",
            model.parameters().clusters,
            model.parameters().restarts,
            model.parameters().seed
        ),
    )?;
    line(
        "fit",
        format!(
            "inertia {}, {} of the variance explained, {} of {} restarts ended there",
            decimal(metrics.inertia, 6),
            percent(metrics.explained_variance),
            metrics.restarts_at_best,
            model.parameters().restarts
        ),
    )?;
    line("version", model.version().to_owned())?;
    line("checksum", model.checksum().to_owned())?;
    Ok(())
}

/// Prints where the segments lie, in standard scores and in real units.
fn centroids(out: &mut dyn Write, model: &SegmentationModel) -> Result<()> {
    let mut table = Table::default();
    table.row(["centroid", "recency", "", "frequency", "", "monetary", ""]);
    table.row(["", "score", "days", "score", "invoices", "score", "amount"]);
    for segment in model.segments() {
        let [recency, frequency, monetary] = segment.centroid;
        let [days, invoices, amount] = model.scaler().inverse(segment.centroid);
        table.row([
            segment.segment.name().to_owned(),
            format!("{recency:+.2}"),
            decimal(days, 1),
            format!("{frequency:+.2}"),
            decimal(invoices, 1),
            format!("{monetary:+.2}"),
            decimal(amount, 2),
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
