//! `rfm all`: features, training and prediction in one go.

use std::io::Write;

use anyhow::Result;
use rfmkit::{features::FeaturesReport, modeling::SegmentModel, output::Outputs};
use serde::Serialize;

use super::{features, predict, train};
use crate::{cli::AllArgs, input, screen, session::Session};

pub(crate) fn run(args: AllArgs) -> Result<()> {
    let AllArgs {
        inputs,
        output,
        data,
        training,
        project,
    } = args;
    let options = data.given().chain(training.given()).chain(project.given());
    let session = Session::start(options)?;
    let inputs = input::find(&session, &inputs)?;
    session.check_model_target(&inputs)?;

    // Files are replaced only when all of them are on the disk.
    let mut outputs = Outputs::default();
    let features = features::build(&session, &inputs, output, &mut outputs)?;
    let model = train::fit(&session, &features.table, features.report.training_data())?;
    let segments = model.predict_table(&features.table);

    features::write(&mut outputs, &session, &features)?;
    let kept = model.write(&mut outputs, &session.config.model.path)?;
    predict::write(&mut outputs, &session, (&features.table, &segments), &model)?;
    outputs.commit()?;

    if output.json {
        return Ok(screen::json(&Summary {
            features: &features.report,
            model_blake3: model.checksum(),
            inertia: model.metrics().inertia,
            segments: model.segments(),
        })?);
    }
    if !output.quiet {
        let mut out = anstream::stdout().lock();
        screen::cleaning(&mut out, &features.report)?;
        writeln!(out)?;
        screen::segments(&mut out, &model, &session.playbook)?;
        writeln!(out)?;
        let rejected = features::rejected(&session, &features);
        let (segments, features) = (session.segments(), session.features());
        let files = [segments.as_path(), &features].into_iter();
        let files = files.chain(rejected.as_deref());
        let files = files.chain(train::model_files(&session, kept.as_deref()));
        screen::wrote(&mut out, &files.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// What `rfm all --json` prints.
#[derive(Serialize)]
struct Summary<'a> {
    features: &'a FeaturesReport,
    model_blake3: &'a str,
    inertia: f64,
    segments: &'a [SegmentModel],
}
