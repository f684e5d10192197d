//! `rfm evaluate`: how many clusters the customers fall into.

use std::{
    io::{self, Write},
    sync::Arc,
};

use anyhow::Result;
use rfmkit::{
    features::RfmTable,
    modeling::{self, Evaluation, Index},
    output::Outputs,
    progress::Progress,
};

use crate::{
    cli::EvaluateArgs,
    progress::Bar,
    screen,
    session::Session,
    table::{Table, WIDTH, decimal, thousands, wrap},
};

pub(crate) fn run(args: &EvaluateArgs) -> Result<()> {
    let session = Session::start(args.training.given().chain(args.project.given()))?;
    let table = RfmTable::read_csv(&session.features())?;
    let evaluation = {
        let progress = Arc::new(Progress::default());
        let _bar = Bar::watch("comparing", Arc::clone(&progress));
        modeling::evaluate(&table, &session.config.train, &progress)?
    };
    let (json, csv) = (session.evaluation(), session.evaluation_table());
    let mut outputs = Outputs::default();
    outputs.write_json(&json, &evaluation)?;
    outputs.write(&csv, |out| evaluation.write_csv(out))?;
    outputs.write_json(&session.silhouettes(), &evaluation.silhouettes)?;
    outputs.commit()?;
    if args.output.json {
        screen::json(&evaluation)?;
    } else if !args.output.quiet {
        let mut out = anstream::stdout().lock();
        show(&mut out, &evaluation)?;
        writeln!(out)?;
        screen::wrote(&mut out, &[&json, &csv, &session.silhouettes()])?;
    }
    Ok(())
}

/// Prints the indices by number of clusters, and what they mean.
fn show(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let customers = thousands(evaluation.customers);
    let (seed, restarts) = (evaluation.seed, evaluation.restarts);
    writeln!(
        out,
        "{customers} customers, seed {seed}, restarts {restarts}"
    )?;
    if let Some(sampled) = evaluation.sampled_customers {
        let sampled = thousands(sampled);
        writeln!(
            out,
            "silhouette and stability look at a sample of {sampled}"
        )?;
    }
    writeln!(out)?;
    for line in indices(evaluation).lines() {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "* preferred; the inertia prefers none: it falls with every cluster"
    )?;
    if evaluation.has_gaps() {
        writeln!(
            out,
            "- no value: too few customers differ for so many clusters"
        )?;
    }
    writeln!(out)?;
    for index in Index::ALL {
        let preferred = evaluation.preferred.get(&index);
        let preferred = preferred.map_or_else(|| "none".to_owned(), ToString::to_string);
        let text = format!("prefers {preferred}: {}", index.question());
        paragraph(out, index.name(), &text)?;
    }
    writeln!(out)?;
    paragraph(out, "four segments", &evaluation.verdict)
}

/// The indices by number of clusters, with a star at what each prefers.
fn indices(evaluation: &Evaluation) -> Table {
    const PLACES: [usize; 4] = [3, 1, 3, 3];
    let shown = |value: Option<f64>, places| {
        value.map_or_else(|| "-".to_owned(), |value| decimal(value, places))
    };
    let mut table = Table::default();
    let names = Index::ALL.map(|index| format!("{} ", index.name()));
    table.row(["k", "inertia"].map(str::to_owned).into_iter().chain(names));
    for quality in &evaluation.by_clusters {
        let cells = Index::ALL.into_iter().zip(PLACES).map(|(index, places)| {
            let is_preferred = evaluation.preferred.get(&index) == Some(&quality.clusters);
            let mark = if is_preferred { '*' } else { ' ' };
            format!("{}{mark}", shown(index.of(quality), places))
        });
        let start = [quality.clusters.to_string(), shown(quality.inertia, 3)];
        table.row(start.into_iter().chain(cells));
    }
    table
}

/// Prints a text beside what it is about.
fn paragraph(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    const NAME: usize = 19;
    for (i, line) in wrap(text, WIDTH - NAME).iter().enumerate() {
        let name = if i == 0 { name } else { "" };
        writeln!(out, "{name:<NAME$}{line}")?;
    }
    Ok(())
}
