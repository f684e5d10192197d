//! `rfm download`: the reference data.

use std::{fs::File, io::Write, path::Path};

use anyhow::Result;
use rfmkit::dataset::{DatasetError, Shape};
use serde::Serialize;

use crate::{
    cli::DownloadArgs,
    download::{self, DownloadError},
    failure, screen,
    session::Session,
    table::thousands,
};

/// The workbook, for programs.
#[derive(Serialize)]
struct Downloaded<'a> {
    /// Whether it was fetched now.
    fetched: bool,
    url: &'a str,
    path: String,
    /// The size of the workbook.
    bytes: u64,
    blake3: &'a str,
    /// The lines without the header.
    rows: u64,
    columns: &'a [String],
}

pub(crate) fn run(args: &DownloadArgs) -> Result<()> {
    let session = Session::start(args.download.given().chain(args.project.given()))?;
    let config = &session.config.download;
    let place = session.raw_workbook();
    let present = if args.force {
        None
    } else {
        present(&session, &place)?
    };
    let is_present = present.is_some();
    let shape = if let Some(shape) = present {
        shape
    } else {
        let fetched = download::fetch(config, &place)?;
        if fetched.continued_from > 0 && !args.output.quiet {
            let from = thousands(fetched.continued_from);
            failure::note(&format!("went on after the {from} bytes of an earlier run"));
        }
        fetched.shape
    };
    if args.output.json {
        screen::json(&Downloaded {
            fetched: !is_present,
            url: &config.url,
            path: place.to_string_lossy().into_owned(),
            bytes: shape.file.bytes,
            blake3: &shape.file.blake3,
            rows: shape.file.rows,
            columns: &shape.header,
        })?;
    } else if !args.output.quiet {
        let rows = thousands(shape.file.rows);
        if is_present {
            let place = place.display();
            failure::note(&format!(
                "{place} is there, with {rows} lines; `--force` fetches it anew"
            ));
            return Ok(());
        }
        let mut out = anstream::stdout().lock();
        let columns = shape.header.len();
        writeln!(out, "{rows} lines, {columns} columns")?;
        screen::wrote(&mut out, &[&place])?;
    }
    Ok(())
}

/// The workbook that is there, if there is one.
fn present(session: &Session, place: &Path) -> Result<Option<Shape>> {
    if !place.is_file() {
        return Ok(None);
    }
    let file = File::open(place).map_err(|source| DatasetError::Read {
        path: place.to_owned(),
        source,
    })?;
    let shape = download::check(place, file, session.config.download.check)
        .map_err(|source| DownloadError::Present { source })?;
    Ok(Some(shape))
}
