//! `rfm sample`: transactions made up from a stated model.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
    sync::Arc,
};

use anyhow::Result;
use rfmkit::{
    dataset::{
        DatasetError,
        sample::{self, SampleParams},
    },
    output::Outputs,
    progress::Progress,
};

use crate::{
    cli::SampleArgs,
    failure::{self, UsageError},
    progress::Bar,
    screen,
};

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
    let bar = Bar::watch("sampling", Arc::clone(&progress));
    let Some(path) = &args.output else {
        return Ok(to_stdout(&params, &progress)?);
    };
    let is_there = !args.force && has_content(path);
    if is_there {
        compare(&params, path, &progress)?;
    } else {
        Outputs::write_one(path, |out| sample::write(&params, out, &progress))?;
    }
    drop(bar);
    if args.quiet {
        return Ok(());
    }
    let (lines, _) = screen::counted(args.lines, "line");
    if is_there {
        let path = path.display();
        failure::note(&format!("{path} has these {lines} already"));
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    writeln!(out, "{lines}")?;
    Ok(screen::wrote(&mut out, &[path])?)
}

fn to_stdout(params: &SampleParams, progress: &Progress) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    sample::write(params, &mut out, progress)?;
    out.flush()
}

/// Whether there is a file from which something could be lost.
fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}

/// Makes sure that a file has the lines that would be written.
fn compare(params: &SampleParams, path: &Path, progress: &Progress) -> Result<()> {
    let file = File::open(path).map_err(|source| DatasetError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut expected = Expected {
        file: BufReader::with_capacity(256 * 1024, file),
        found: Vec::new(),
    };
    let written = sample::write(params, &mut expected, progress);
    let is_same = written.is_ok() && expected.file.read(&mut [0])? == 0;
    if is_same {
        return Ok(());
    }
    let path = path.display().to_string();
    Err(UsageError::SampleTarget { path }.into())
}

/// A file that takes only the bytes that it has.
struct Expected {
    file: BufReader<File>,
    found: Vec<u8>,
}

impl Write for Expected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.found.resize(bytes.len(), 0);
        self.file.read_exact(&mut self.found)?;
        if self.found == bytes {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
