//! `rfm model diff`: who would move from one model to another.

use std::io::Write;

use anyhow::Result;
use rfmkit::{
    features::RfmTable,
    modeling::{History, ModelDiff, ModelSummary, Transitions},
};

use crate::{
    cli::ModelDiffArgs,
    flows, screen,
    session::Session,
    table::{Table, decimal, exact, percent, thousands},
};

pub(super) fn run(args: &ModelDiffArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let history = History::open(session.config.model.clone())?;
    let before = match &args.before {
        Some(name) => history.find(name)?,
        None => history.last()?,
    };
    let after = history.find(&args.after)?;
    let table = RfmTable::read_csv(&session.features())?;
    let diff = ModelDiff::new(&before.model, &after.model, &table);
    if args.output.json {
        return Ok(screen::json(&diff)?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    screen::fact(&mut out, "before", &describe(&before.place, &diff.before))?;
    screen::fact(&mut out, "after", &describe(&after.place, &diff.after))?;
    flows::summary(&mut out, &summary(&diff.transitions))?;
    flows::customers(&mut out, &diff.transitions)?;
    moves(&mut out, &diff.transitions)?;
    shares(&mut out, &diff.transitions)?;
    centroids(&mut out, &diff)?;
    Ok(())
}

/// A model in one line.
fn describe(place: &str, model: &ModelSummary) -> String {
    let snapshot = model.snapshot.as_ref();
    let as_of = snapshot.map_or_else(String::new, |time| format!(" as of {time}"));
    format!(
        "{place}: {} customers{as_of}, seed {}, inertia {}",
        thousands(model.customers),
        model.seed,
        decimal(model.inertia, 3)
    )
}

fn summary(transitions: &Transitions) -> String {
    let (moved, all) = (transitions.moved(), transitions.common());
    let all = thousands(all.customers);
    let Some(largest) = flows::largest(transitions) else {
        return format!("None of {all} customers would move.");
    };
    format!(
        "{} of {all} customers ({}) would move, with revenue {}; {largest}.",
        thousands(moved.customers),
        percent(transitions.moved_share()),
        exact(&moved.revenue_before.to_string()),
    )
}

/// Prints who would move where, with what revenue.
fn moves(out: &mut dyn Write, transitions: &Transitions) -> Result<()> {
    let moves = transitions.moves();
    if moves.is_empty() {
        return Ok(());
    }
    let rows = moves.iter().map(|way| {
        [
            flows::name(way),
            thousands(way.flow.customers),
            exact(&way.flow.revenue_before.to_string()),
        ]
    });
    let table = Table::new(&[["would move", "customers", "revenue"]], rows);
    Ok(flows::print(out, &table)?)
}

/// Prints how large each segment is by either model.
fn shares(out: &mut dyn Write, transitions: &Transitions) -> Result<()> {
    let headings = [
        ["", "customers", "", "share", "", "revenue", "share"],
        [
            "segment", "before", "after", "before", "after", "before", "after",
        ],
    ];
    let rows = transitions.segments().into_iter().map(|change| {
        [
            change.segment.name().to_owned(),
            thousands(change.customers_before),
            thousands(change.customers_after),
            percent(change.share_before),
            percent(change.share_after),
            percent(change.revenue_share_before),
            percent(change.revenue_share_after),
        ]
    });
    Ok(flows::print(out, &Table::new(&headings, rows))?)
}

/// Prints where the centroids lie in real units.
fn centroids(out: &mut dyn Write, diff: &ModelDiff) -> Result<()> {
    let headings = [
        ["", "days", "", "invoices", "", "amount", ""],
        [
            "centroid", "before", "after", "before", "after", "before", "after",
        ],
    ];
    let rows = diff.centroids.iter().map(|change| {
        let (before, after) = (change.before, change.after);
        [
            change.segment.name().to_owned(),
            decimal(before[0], 1),
            decimal(after[0], 1),
            decimal(before[1], 1),
            decimal(after[1], 1),
            decimal(before[2], 2),
            decimal(after[2], 2),
        ]
    });
    Ok(flows::print(out, &Table::new(&headings, rows))?)
}
