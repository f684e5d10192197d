//! `rfm predict`: from features and model to the segment of every customer.

use std::io::Write;

use anyhow::Result;
use rfmkit::{
    features::RfmTable,
    modeling::{self, Run, Segment, SegmentationModel},
    output::{OutputError, Outputs},
};
use serde::Serialize;

use crate::{
    cli::PredictArgs,
    failure, screen,
    session::{Session, model_error},
    table::{Table, percent, thousands},
};

/// That model and features do not belong together.
pub(super) const OTHER_FEATURES: &str =
    "the model was trained on other features than these; `rfm train` trains it on these";

pub(crate) fn run(args: &PredictArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let table = RfmTable::read_csv(&session.features())?;
    let model = SegmentationModel::load(&session.config.model.path)
        .map_err(|error| model_error(&session.config.root, error))?;
    let segments = model.predict_table(&table);
    let mut outputs = Outputs::default();
    let run = write(&mut outputs, &session, (&table, &segments), &model)?;
    outputs.commit()?;
    if !run.belongs_together() {
        failure::warn(OTHER_FEATURES);
    }
    let counts = Segment::ALL.map(|segment| Count {
        segment_name: segment.name(),
        cluster_label: segment.label(),
        customers: segments.iter().filter(|&&found| found == segment).count() as u64,
    });
    if args.output.json {
        screen::json(&counts)?;
    } else if !args.output.quiet {
        let mut out = anstream::stdout().lock();
        let mut lines = Table::default();
        lines.row(["segment", "customers", "share"]);
        for count in &counts {
            let share = count.customers as f64 / table.len() as f64;
            lines.row([
                count.segment_name.to_owned(),
                thousands(count.customers),
                percent(share),
            ]);
        }
        for line in lines.lines() {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
        screen::wrote(&mut out, &[&session.segments()])?;
    }
    Ok(())
}

/// The customers of a segment.
#[derive(Serialize)]
struct Count {
    segment_name: &'static str,
    cluster_label: usize,
    customers: u64,
}

/// Writes the segments and the record that ties the files of the run together.
pub(super) fn write(
    outputs: &mut Outputs,
    session: &Session,
    (table, segments): (&RfmTable, &[Segment]),
    model: &SegmentationModel,
) -> Result<Run, OutputError> {
    let run = outputs.write(&session.segments(), |out| {
        modeling::write_segments(out, table, segments, model)
    })?;
    outputs.write_json(&session.run_record(), &run)?;
    Ok(run)
}
