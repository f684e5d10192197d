//! Which files are read.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use rfmkit::dataset;

use crate::{
    failure::{self, NoInput, UsageError},
    session::Session,
};

/// The files that were named, else the only one in data/raw/, else the sample.
pub(crate) fn find(session: &Session, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(dataset::files(named)?);
    }
    let folder = session.path("data/raw");
    let mut files = Vec::new();
    if folder.is_dir() {
        let unreadable = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !is_hidden && entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    match &files[..] {
        [_] => Ok(files),
        [] => {
            let sample = session.path("data/external/sample.csv");
            if !sample.is_file() {
                let folder = folder.display().to_string();
                return Err(NoInput { folder }.into());
            }
            failure::note(&format!(
                "{} is empty; using made-up data, {}",
                folder.display(),
                sample.display()
            ));
            Ok(vec![sample])
        }
        _ => Err(UsageError::SeveralInputs {
            folder: folder.display().to_string(),
            files: files
                .iter()
                .filter_map(|file| file.file_name())
                .map(|name| format!("{:?}", name.to_string_lossy()))
                .collect(),
        }
        .into()),
    }
}
