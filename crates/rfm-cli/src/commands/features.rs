//! `rfm features`: from raw lines to one row per customer.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use rfmkit::{
    features::{self, FeatureError, Features},
    output::{OutputError, Outputs},
};

use crate::{
    cli::{FeaturesArgs, OutputArgs},
    input,
    progress::Bar,
    screen,
    session::Session,
};

pub(crate) fn run(args: &FeaturesArgs) -> Result<()> {
    let session = Session::start(args.data.given().chain(args.project.given()))?;
    let inputs = input::find(&session, &args.inputs)?;
    let features = build(&session, &inputs, args.output)?;
    let mut outputs = Outputs::default();
    write(&mut outputs, &session, &features)?;
    outputs.commit()?;
    if args.output.json {
        screen::json(&features.report)?;
    } else if !args.output.quiet {
        let mut out = anstream::stdout().lock();
        screen::cleaning(&mut out, &features.report)?;
        screen::wrote(&mut out, &[&session.features(), &session.clean_report()])?;
    }
    Ok(())
}

/// Reads, cleans and rolls up files, and tells what there is to remark.
pub(super) fn build(
    session: &Session,
    inputs: &[PathBuf],
    output: OutputArgs,
) -> Result<Features, FeatureError> {
    let features = {
        let _bar = Bar::watch("reading", Arc::clone(&session.config.read.progress));
        features::build(inputs, &session.config.read, &session.config.clean)?
    };
    if output.quiet {
        screen::warnings(&features.report);
    } else {
        screen::remarks(&features.report);
    }
    Ok(features)
}

/// Writes features and report.
pub(super) fn write(
    outputs: &mut Outputs,
    session: &Session,
    features: &Features,
) -> Result<(), OutputError> {
    outputs.write(&session.features(), |out| features.table.write_csv(out))?;
    outputs.write_json(&session.clean_report(), &features.report)
}
