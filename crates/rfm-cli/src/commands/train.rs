//! `rfm train`: from the features to a model.

use std::{io::Write, path::Path, sync::Arc};

use anyhow::Result;
use rfmkit::{
    features::{RfmTable, TrainingData},
    modeling::{self, ModelError, SegmentationModel},
    progress::Progress,
};

use crate::{cli::TrainArgs, progress::Bar, screen, session::Session};

pub(crate) fn run(args: &TrainArgs) -> Result<()> {
    let session = Session::start(args.training.given().chain(args.project.given()))?;
    session.check_model_target(&[])?;
    let table = RfmTable::read_csv(&session.features())?;
    let data = TrainingData::of(&table, &session.clean_report());
    let model = fit(&session, &table, data)?;
    let kept = model.save(&session.config.model.path)?;
    if args.output.json {
        screen::json(&model.to_value())?;
    } else if !args.output.quiet {
        let mut out = anstream::stdout().lock();
        screen::segments(&mut out, &model, &session.playbook)?;
        writeln!(out)?;
        screen::wrote(&mut out, &model_files(&session, kept.as_deref()))?;
    }
    Ok(())
}

/// The model file, and the place of the model that it replaced.
pub(super) fn model_files<'a>(session: &'a Session, kept: Option<&'a Path>) -> Vec<&'a Path> {
    let path = session.config.model.path.as_path();
    [path].into_iter().chain(kept).collect()
}

/// Trains with a bar on the terminal.
pub(super) fn fit(
    session: &Session,
    table: &RfmTable,
    data: TrainingData,
) -> Result<SegmentationModel, ModelError> {
    let progress = Arc::new(Progress::default());
    let _bar = Bar::watch("training", Arc::clone(&progress));
    modeling::train(table, data, &session.config.train, &progress)
}
