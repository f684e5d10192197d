//! The reference data, from an archive in the network to a workbook in its place.

mod archive;
mod content;
mod error;
mod part;
mod transfer;

use std::{
    fs::{self, File},
    io::{self, Seek},
    path::Path,
    sync::Arc,
};

use rfmkit::{
    config::DownloadConfig,
    dataset::Shape,
    output::{OutputError, Outputs},
    progress::Progress,
};

use self::part::Part;
pub(crate) use self::{content::check, error::DownloadError};
use crate::progress::Bar;

/// What was fetched.
pub(crate) struct Fetched {
    pub(crate) shape: Shape,
    /// The bytes of the archive that an earlier run had fetched already.
    pub(crate) continued_from: u64,
}

/// Fetches the archive, checks the workbook in it and puts it at `place`.
///
/// What has come stays beside `place` until the archive is whole, so that the
/// next run goes on there; nothing stays of an archive that will not do.
///
/// # Errors
///
/// [`DownloadError`]; what stood at `place` is then as it was.
pub(crate) fn fetch(config: &DownloadConfig, place: &Path) -> Result<Fetched, DownloadError> {
    let folder = place.parent().unwrap_or(Path::new("."));
    let cannot_write = |source| DownloadError::Write {
        path: place.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let mut part = Part::find(folder, &config.url);
    let continued_from = {
        let progress = Arc::new(Progress::default());
        let _bar = Bar::watch("fetching", Arc::clone(&progress));
        transfer::complete(config, &mut part, &progress)?
    };
    // It has no name, so that nothing stays of it, whatever happens.
    let mut workbook =
        tempfile::tempfile_in(folder).map_err(|error| cannot_write(error.kind().into()))?;
    let unpacked = archive::unpack(&config.url, &part, (&mut workbook, place)).and_then(|name| {
        workbook.rewind().map_err(cannot_write)?;
        let file = workbook.try_clone().map_err(cannot_write)?;
        check(Path::new(&name), file, config.check).map_err(|source| DownloadError::Content {
            url: config.url.clone(),
            source,
        })
    });
    let shape = match unpacked {
        Ok(shape) => shape,
        Err(error) => {
            // An archive that is whole is not fetched again for want of room.
            if !matches!(error, DownloadError::Write { .. }) {
                part.remove()?;
            }
            return Err(error);
        }
    };
    workbook.rewind().map_err(cannot_write)?;
    put(&mut workbook, place)?;
    part.remove()?;
    Ok(Fetched {
        shape,
        continued_from,
    })
}

fn put(workbook: &mut File, place: &Path) -> Result<(), DownloadError> {
    Outputs::write_one(place, |out| io::copy(workbook, out))
        .map(drop)
        .map_err(|OutputError { path, source }| DownloadError::Write { path, source })
}
