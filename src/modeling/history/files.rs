//! The files of the history.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    modeling::{
        artifact::read,
        model::{NAME_DIGITS, SegmentationModel, model_name},
    },
    output::{OutputError, Outputs},
};

/// Writes a model file and copies the model that it replaces into the history,
/// first; gives the place of the copy.
pub(in crate::modeling) fn replace(
    outputs: &mut Outputs,
    path: &Path,
    checksum: &str,
    bytes: &[u8],
) -> Result<Option<PathBuf>, OutputError> {
    let kept = keep(outputs, path, checksum)?;
    outputs.write(path, |out| out.write_all(bytes))?;
    Ok(kept)
}

/// Copies the model at a place into the history, unless it is the one with the
/// checksum `next` or no model at all.
fn keep(outputs: &mut Outputs, path: &Path, next: &str) -> Result<Option<PathBuf>, OutputError> {
    let failure = |path: &Path, source| OutputError {
        path: path.to_owned(),
        source,
    };
    // A pipe or a device holds nothing to keep.
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read(path).map_err(|source| failure(path, source))?;
    let checksum = match SegmentationModel::from_json(&bytes, path) {
        Ok(model) if model.checksum() != next => model.checksum().to_owned(),
        _ => return Ok(None),
    };
    let folder = folder_of(path);
    let files = files(&folder).map_err(|source| failure(&folder, source))?;
    let number = match files.last() {
        // A run that was cut short between the copy and the new model.
        Some((_, last)) if read(last).is_ok_and(|kept| kept == bytes) => {
            return Ok(Some(last.clone()));
        }
        Some((number, _)) => number.saturating_add(1),
        None => 1,
    };
    let copy = folder.join(format!("{}-{}.json", padded(number), model_name(&checksum)));
    outputs.write(&copy, |out| out.write_all(&bytes))?;
    Ok(Some(copy))
}

/// The history of the model at a place.
pub(super) fn folder_of(model: &Path) -> PathBuf {
    model.with_file_name("history")
}

/// The files of a history with their numbers, ascending; none if there is no
/// such folder. Files with other names are left alone.
pub(super) fn files(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let Some((number, _)) = parts(&path) {
            files.push((number, path));
        }
    }
    files.sort();
    Ok(files)
}

/// A number as the names of files have it.
pub(super) fn padded(number: u32) -> String {
    format!("{number:04}")
}

/// Number and digits in a name such as `0007-0123456789abcdef.json`.
pub(super) fn parts(path: &Path) -> Option<(u32, &str)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    let (number, digits) = name.split_once('-')?;
    let is_hash =
        digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok()?;
    (is_hash && is_number).then_some((number, digits))
}
