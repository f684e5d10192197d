//! `rfm model verify`: whether models are whole, and files belong together.

use std::io::Write;

use anyhow::Result;
use rfmkit::modeling::{
    Consistency, FileState, History, LoadedModel, ModelError, Run, SegmentationModel, model_name,
};
use serde::Serialize;

use crate::{
    cli::ModelVerifyArgs,
    commands::predict,
    failure::{self, BrokenModels},
    screen,
    session::Session,
    table::Table,
};

pub(super) fn run(args: &ModelVerifyArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let history = History::open(session.config.model.clone())?;
    let verified = if args.names.is_empty() {
        Verified {
            models: all(&history),
            run: consistency(&session, &history),
        }
    } else {
        Verified {
            models: named(&history, &args.names)?,
            run: None,
        }
    };
    if args.output.json {
        screen::json(&verified)?;
    } else if !args.output.quiet {
        print(&mut anstream::stdout().lock(), &verified)?;
    }
    if let Some(run) = &verified.run {
        warn(&session, run);
    }
    let models = &verified.models;
    let broken = models.iter().filter(|model| model.error.is_some()).count();
    if broken > 0 {
        let checked = models.len();
        return Err(BrokenModels { broken, checked }.into());
    }
    Ok(())
}

#[derive(Serialize)]
struct Verified {
    models: Vec<Model>,
    /// What became of the files of the last run; `None` if none is recorded or
    /// single models were named.
    run: Option<Consistency>,
}

#[derive(Serialize)]
struct Model {
    name: String,
    checksum: Option<String>,
    error: Option<String>,
}

impl Model {
    fn new(name: String, model: Result<&SegmentationModel, &ModelError>) -> Self {
        Self {
            name,
            checksum: model.ok().map(|model| model.checksum().to_owned()),
            error: model.err().map(|error| failure::words(error)),
        }
    }
}

/// The earlier models, then the present one.
fn all(history: &History) -> Vec<Model> {
    let earlier = history
        .earlier()
        .iter()
        .map(|earlier| Model::new(earlier.name(), earlier.model.as_ref()));
    let current = history.current().map(|current| &current.model);
    let current = Model::new("current".to_owned(), current);
    earlier.chain([current]).collect()
}

fn named(history: &History, names: &[String]) -> Result<Vec<Model>, ModelError> {
    let model = |name: &String| match history.find(name) {
        Err(error @ (ModelError::Unknown { .. } | ModelError::Ambiguous { .. })) => Err(error),
        found => {
            let model = found.map(|found| found.model);
            Ok(Model::new(name.clone(), model.as_ref()))
        }
    };
    names.iter().map(model).collect()
}

fn consistency(session: &Session, history: &History) -> Option<Consistency> {
    let run = Run::load(&session.run_record())?;
    let current = history.current().map(|LoadedModel { model, .. }| model);
    Some(run.check(&session.features(), current, &session.segments()))
}

fn print(out: &mut dyn Write, verified: &Verified) -> Result<()> {
    let mut table = Table::default();
    table.row(["model", "state", "checksum"]);
    for model in &verified.models {
        let (state, checksum) = match &model.checksum {
            Some(checksum) => ("whole", model_name(checksum)),
            None => ("broken", "-"),
        };
        table.row([&model.name, state, checksum]);
    }
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    for model in &verified.models {
        if let Some(error) = &model.error {
            screen::fault(out, &model.name, error)?;
        }
    }
    if verified.run.as_ref().is_some_and(Consistency::holds) {
        writeln!(out, "features, model and segments belong together")?;
    }
    Ok(())
}

/// Warns of each file that is not that of the last run, or else of a model that
/// was trained on other features.
fn warn(session: &Session, run: &Consistency) {
    let model = &session.config.model.path;
    for (path, state) in [
        (&session.features(), &run.features),
        (model, &run.model),
        (&session.segments(), &run.segments),
    ] {
        let path = path.display();
        match state {
            FileState::Same => {}
            FileState::Other { .. } => failure::warn(&format!(
                "{path} is not that of the last run; `rfm predict` makes segments that fit"
            )),
            FileState::Unreadable { reason } => {
                failure::warn(&format!("the last run cannot be checked: {reason}"));
            }
        }
    }
    if run.holds() && !run.trained_on_features {
        failure::warn(predict::OTHER_FEATURES);
    }
}
