//! The workbook in an archive.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
};

use zip::ZipArchive;

use super::{DownloadError, part::Part};

/// By how much a workbook may unpack, which is packed itself.
const RATIO_LIMIT: u64 = 20;
/// What any workbook may unpack to in bytes, however small the archive is.
const SMALL_WORKBOOK: u64 = 64 * 1024 * 1024;
/// The largest workbook in bytes.
const WORKBOOK_LIMIT: u64 = 512 * 1024 * 1024;

/// Unpacks the only workbook into a file, and gives its name; errors of writing
/// name the place of that file.
///
/// # Errors
///
/// [`DownloadError`] if it is no archive, is damaged, or has no workbook or more
/// than one.
pub(super) fn unpack(
    url: &str,
    part: &Part,
    (out, place): (&mut File, &Path),
) -> Result<String, DownloadError> {
    let damaged = |reason: String| DownloadError::Archive {
        url: url.to_owned(),
        reason,
    };
    let Ok(mut archive) = ZipArchive::new(BufReader::new(part.open()?)) else {
        return Err(damaged(kind(part)?.to_owned()));
    };
    let is_workbook = |name: &String| {
        let extension = Path::new(name).extension();
        // Archives made on a Mac have a hidden twin of each file.
        let is_twin = name.starts_with("__MACOSX/");
        !is_twin && extension.is_some_and(|it| it.eq_ignore_ascii_case("xlsx"))
    };
    let names = archive.file_names();
    let names: Result<Vec<String>, _> = names.map(|name| name.map(Into::into)).collect();
    let mut found = names.map_err(|error| damaged(error.to_string()))?;
    found.retain(is_workbook);
    found.sort();
    let [name] = &found[..] else {
        return Err(DownloadError::Workbooks {
            url: url.to_owned(),
            found,
        });
    };
    let mut entry = archive
        .by_name(name)
        .map_err(|error| damaged(error.to_string()))?;
    let limit = entry.compressed_size().saturating_mul(RATIO_LIMIT);
    let limit = limit.clamp(SMALL_WORKBOOK, WORKBOOK_LIMIT);
    let mut buffer = vec![0; 64 * 1024];
    let mut unpacked = 0;
    loop {
        // Counted, not believed: the archive may state another size.
        if unpacked > limit {
            return Err(DownloadError::Bomb {
                url: url.to_owned(),
                name: name.clone(),
                limit,
            });
        }
        let count = entry
            .read(&mut buffer)
            .map_err(|error| damaged(error.to_string()))?;
        if count == 0 {
            return Ok(name.clone());
        }
        out.write_all(&buffer[..count])
            .map_err(|source| DownloadError::Write {
                path: place.to_owned(),
                source,
            })?;
        unpacked += count as u64;
    }
}

/// What came instead of an archive, in words.
fn kind(part: &Part) -> Result<&'static str, DownloadError> {
    let mut head = Vec::new();
    // What cannot be read is told like what is not there.
    let _ = part.open()?.take(512).read_to_end(&mut head);
    let first = head.trim_ascii_start().first();
    Ok(match first {
        None => "it is empty",
        // To log in, to agree, to be sorry.
        Some(b'<') => "it is a web page",
        Some(_) if head.starts_with(b"PK") => "it is cut off or damaged",
        Some(_) => "it is another kind of file",
    })
}
