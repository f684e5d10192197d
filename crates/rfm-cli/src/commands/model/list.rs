//! `rfm model list`: the present model and those that it replaced.

use std::io::Write;

use anyhow::Result;
use rfmkit::modeling::{
    History, ModelError, ModelSource, ModelSummary, SegmentationModel, model_name,
};
use serde::Serialize;

use crate::{
    cli::ModelListArgs,
    failure, screen,
    session::Session,
    table::{Table, decimal, thousands},
};

pub(super) fn run(args: &ModelListArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let source = &session.config.model;
    let history = History::open(source.clone())?;
    let listed = list(source, &history);
    if args.output.json {
        screen::json(&listed)?;
    } else if !args.output.quiet {
        print(&mut anstream::stdout().lock(), &listed)?;
    }
    Ok(())
}

/// A model, or a file that should be one.
#[derive(Serialize)]
struct Listed {
    /// What it can be called on the command line.
    name: String,
    path: String,
    /// Whether it is the present model, or the same as that.
    is_current: bool,
    #[serde(flatten)]
    model: Option<ModelSummary>,
    error: Option<String>,
}

/// The earlier models in their order, then the present one.
fn list(source: &ModelSource, history: &History) -> Vec<Listed> {
    let current = history.current().map(|current| &current.model);
    let listed = |name: String, path: String, model: Result<&SegmentationModel, &ModelError>| {
        let is_same = |model: &SegmentationModel| {
            current.is_ok_and(|current| current.checksum() == model.checksum())
        };
        Listed {
            is_current: name == "current" || model.is_ok_and(is_same),
            name,
            path,
            model: model.ok().map(SegmentationModel::summary),
            error: model.err().map(|error| failure::words(error)),
        }
    };
    let place = match history.current() {
        Ok(loaded) => source.describe(loaded),
        Err(_) => source.path.display().to_string(),
    };
    let earlier = history.earlier().iter().map(|earlier| {
        let path = earlier.path.display().to_string();
        listed(earlier.name(), path, earlier.model.as_ref())
    });
    earlier
        .chain([listed("current".to_owned(), place, current)])
        .collect()
}

fn print(out: &mut dyn Write, models: &[Listed]) -> Result<()> {
    let mut table = Table::default();
    table.row([
        "model",
        "checksum",
        "customers",
        "snapshot",
        "version",
        "inertia",
    ]);
    for listed in models {
        let same = listed.is_current && listed.name != "current";
        let name = format!("{}{}", listed.name, if same { "*" } else { "" });
        match &listed.model {
            Some(model) => table.row([
                name,
                model_name(&model.checksum).to_owned(),
                thousands(model.customers),
                model.snapshot.clone().unwrap_or_else(|| "-".to_owned()),
                model.version.clone(),
                decimal(model.inertia, 3),
            ]),
            None => table.row([&name, "broken", "-", "-", "-", "-"]),
        }
    }
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    if models.iter().rev().skip(1).any(|listed| listed.is_current) {
        writeln!(out, "* the same as the present model")?;
    }
    writeln!(out)?;
    let current = models.last().map_or("", |current| &current.path);
    screen::fact(out, "current", current)?;
    for listed in models {
        if let Some(error) = &listed.error {
            screen::fault(out, &listed.name, error)?;
        }
    }
    Ok(())
}
