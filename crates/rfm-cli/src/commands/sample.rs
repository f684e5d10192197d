//! `rfm sample`: transactions made up from a stated model.

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
};

use anyhow::Result;
use rfmkit::{
    dataset::sample::{self, SampleParams},
    output::Outputs,
    progress::Progress,
};

use crate::{cli::SampleArgs, progress::Bar};

pub(crate) fn run(args: &SampleArgs) -> Result<()> {
    let params = SampleParams {
        lines: args.lines,
        seed: args.seed,
        ids: args.ids,
        shuffle: args.shuffle,
        missing_share: args.missing_share,
        duplicate_share: args.duplicate_share,
        lines_per_customer: args.lines_per_customer.into(),
    };
    let progress = Arc::new(Progress::default());
    let _bar = Bar::watch("sampling", Arc::clone(&progress));
    match &args.output {
        Some(path) => Outputs::write_one(path, |out| sample::write(&params, out, &progress))?,
        None => to_stdout(&params, &progress)?,
    }
    Ok(())
}

fn to_stdout(params: &SampleParams, progress: &Progress) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    sample::write(params, &mut out, progress)?;
    out.flush()
}
