//! `rfm features`: from raw lines to one row per customer.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use rfmkit::{
    config::{Config, Key, OnBadRow, Origin},
    dataset::{InputFile, Intake},
    features::{self, Features},
    output::{OutputError, Outputs},
};

use crate::{
    cli::{FeaturesArgs, FeaturesFormat, OutputArgs},
    failure, input,
    progress::Bar,
    screen,
    session::Session,
};

pub(crate) fn run(args: &FeaturesArgs) -> Result<()> {
    let session = Session::start(args.data.given().chain(args.project.given()))?;
    let inputs = input::find(&session, &args.inputs)?;
    let mut outputs = Outputs::default();
    let features = build(&session, &inputs, args.output, &mut outputs)?;
    write(&mut outputs, &session, &features)?;
    let mut written = vec![session.features(), session.clean_report()];
    written.extend(rejected(&session, &features));
    if args.format == FeaturesFormat::Parquet {
        let path = session.features_parquet();
        outputs.write(&path, |out| features.table.write_parquet(out))?;
        written.insert(1, path);
    }
    outputs.commit()?;
    if args.output.json {
        screen::json(&features.report)?;
    } else if !args.output.quiet {
        let mut out = anstream::stdout().lock();
        screen::cleaning(&mut out, &features.report)?;
        let written: Vec<&Path> = written.iter().map(PathBuf::as_path).collect();
        screen::wrote(&mut out, &written)?;
    }
    Ok(())
}

/// Reads, cleans and rolls up files, and tells what there is to remark; lines that
/// do not parse are among the `outputs`, if they shall be put aside.
pub(super) fn build(
    session: &Session,
    inputs: &[PathBuf],
    output: OutputArgs,
    outputs: &mut Outputs,
) -> Result<Features> {
    let config = &session.config;
    let features = {
        let _bar = Bar::watch("reading", Arc::clone(&config.read.progress));
        match config.on_bad_row {
            OnBadRow::Stop => features::build(inputs, Intake::new(&config.read, &config.clean)),
            OnBadRow::Quarantine => outputs.write_private(&session.rejected(), |out| {
                let intake = Intake {
                    read: &config.read,
                    clean: &config.clean,
                    rejected: Some(out),
                };
                Ok(features::build(inputs, intake))
            })?,
        }?
    };
    if output.quiet {
        screen::warnings(&features.report);
    } else {
        screen::remarks(&features.report);
        unused(config, &features.report.inputs);
    }
    Ok(features)
}

/// Tells which options were typed that are for other formats than those of the
/// files.
pub(super) fn unused(config: &Config, files: &[InputFile]) {
    for (key, format, expected) in [
        (Key::Sheet, "xlsx", "a workbook"),
        (Key::Delimiter, "csv", "CSV"),
        (Key::Encoding, "csv", "CSV"),
    ] {
        let mut settings = config.settings.iter();
        let setting = settings.find(|setting| setting.key == key);
        let is_typed = setting.is_some_and(|setting| setting.origin == Origin::CommandLine);
        if is_typed && files.iter().all(|file| file.format != format) {
            let option = key.option();
            failure::note(&format!("`--{option}` is not used: no file is {expected}"));
        }
    }
}

/// The file of the lines that were put aside, if there are any.
pub(super) fn rejected(session: &Session, features: &Features) -> Option<PathBuf> {
    (features.report.clean.quarantined > 0).then(|| session.rejected())
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
