//! Which files are read: one, several, all of a folder, or those of a pattern.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{error::DatasetError, source::STDIN};

/// The files that are meant by what was named, in a fixed order.
///
/// A folder stands for the files in it, without those whose name starts with a
/// dot or an underscore, and without its own folders; a text with `*`, `?` or
/// `[` that is no file stands for the files whose names fit; `-` is standard
/// input. All others stand for themselves, whether they are there or not.
///
/// # Errors
///
/// [`DatasetError`] if a folder cannot be read or has no files, or no file fits
/// a pattern.
pub fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, DatasetError> {
    let mut files = Vec::new();
    for path in named {
        if path != Path::new(STDIN) && path.is_dir() {
            files.extend(in_folder(path)?);
        } else if let Some(found) = pattern(path) {
            files.extend(fitting(path, found)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let read = || {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let is_hidden = matches!(entry.file_name().as_encoded_bytes(), [b'.' | b'_', ..]);
            if !is_hidden && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        io::Result::Ok(files)
    };
    let files = read().map_err(|source| DatasetError::Read {
        path: folder.to_owned(),
        source,
    })?;
    some(folder, files)
}

/// The paths that fit a pattern, if the text is one and no file of that name.
fn pattern(path: &Path) -> Option<glob::Paths> {
    let text = path.to_str()?;
    if !text.contains(['*', '?', '[']) || path.exists() {
        return None;
    }
    glob::glob(text).ok()
}

fn fitting(path: &Path, found: glob::Paths) -> Result<Vec<PathBuf>, DatasetError> {
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|error| DatasetError::Read {
            path: error.path().to_owned(),
            source: error.into(),
        })?;
        if file.is_file() {
            files.push(file);
        }
    }
    some(path, files)
}

fn some(path: &Path, files: Vec<PathBuf>) -> Result<Vec<PathBuf>, DatasetError> {
    if files.is_empty() {
        return Err(DatasetError::NoFiles {
            path: path.to_owned(),
            is_folder: path.is_dir(),
        });
    }
    Ok(files)
}
