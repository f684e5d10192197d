//! Files that appear whole or not at all.
//!
//! ```
//! use rfmkit::output::Outputs;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("report/total.json");
//! Outputs::write_one(&path, |out| out.write_all(b"42\n"))?;
//! assert_eq!(std::fs::read(&path)?, b"42\n");
//!
//! // What fails leaves the earlier file as it was.
//! let failed = Outputs::write_one(&path, |out| {
//!     out.write_all(b"4")?;
//!     Err::<(), _>(std::io::ErrorKind::StorageFull.into())
//! });
//! assert!(failed.is_err());
//! assert_eq!(std::fs::read(&path)?, b"42\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use serde::Serialize;
use tempfile::{Builder, NamedTempFile};

/// A file could not be written. What stood at its place is as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct OutputError {
    /// The place of the file.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Files that are written beside their places and take them all at the end.
///
/// Until [`commit`](Self::commit), earlier files of those names are untouched;
/// dropping this removes what was written. What is no regular file (a pipe, a
/// terminal, a device) is written to directly.
///
/// ```
/// use rfmkit::output::Outputs;
///
/// let folder = tempfile::tempdir()?;
/// let mut outputs = Outputs::default();
/// outputs.write(&folder.path().join("a.txt"), |out| out.write_all(b"first"))?;
/// outputs.write(&folder.path().join("b.txt"), |out| out.write_all(b"second"))?;
/// assert!(!folder.path().join("a.txt").exists());
/// outputs.commit()?;
/// assert!(folder.path().join("a.txt").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Outputs {
    files: Vec<Unfinished>,
}

/// The permissions of any new file; the system takes off what the umask says.
const ANYBODY: u32 = 0o666;
/// The permissions of a file with data that are nobody else's business.
const OWNER: u32 = 0o600;

/// A complete file beside its place.
#[derive(Debug)]
struct Unfinished {
    path: PathBuf,
    /// The place itself: where a symbolic link leads, else the path.
    place: PathBuf,
    file: NamedTempFile,
}

impl Outputs {
    /// Writes a file by `fill` and gives what that returns; the folder is made
    /// if there is none.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the folder cannot be made or not be written to, or
    /// with what `fill` fails with, say on a full disk.
    pub fn write<T>(
        &mut self,
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, OutputError> {
        self.try_write(path, ANYBODY, fill)
            .map_err(|source| OutputError {
                path: path.to_owned(),
                source,
            })
    }

    /// As [`write`](Self::write), for data that are nobody else's business: only
    /// the owner of the file may read it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_private<T>(
        &mut self,
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, OutputError> {
        self.try_write(path, OWNER, fill)
            .map_err(|source| OutputError {
                path: path.to_owned(),
                source,
            })
    }

    /// Writes a value as JSON for people: indented, with a last line end.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_json(&mut self, path: &Path, value: &impl Serialize) -> Result<(), OutputError> {
        self.write(path, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Puts all files at their places.
    ///
    /// # Errors
    ///
    /// [`OutputError`] names the first that cannot be put there.
    pub fn commit(self) -> Result<(), OutputError> {
        for Unfinished { path, place, file } in self.files {
            file.persist(place).map_err(|error| OutputError {
                path,
                source: error.error,
            })?;
        }
        Ok(())
    }

    /// Writes a single file.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write) and [`commit`](Self::commit).
    pub fn write_one<T>(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, OutputError> {
        let mut outputs = Self::default();
        let result = outputs.write(path, fill)?;
        outputs.commit()?;
        Ok(result)
    }

    fn try_write<T>(
        &mut self,
        path: &Path,
        mode: u32,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        if let Ok(metadata) = fs::metadata(path) {
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !metadata.is_file() {
                let device = File::options().write(true).open(path)?;
                return fill_and_flush(&device, fill);
            }
        }
        // A link stays a link, and what it leads to is replaced.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let file = create_beside(&place, mode)?;
        let result = fill_and_flush(file.as_file(), fill)?;
        file.as_file().sync_all()?;
        let path = path.to_owned();
        self.files.push(Unfinished { path, place, file });
        Ok(result)
    }
}

fn fill_and_flush<T>(
    file: &File,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let mut writer = BufWriter::with_capacity(64 * 1024, file);
    let result = fill(&mut writer)?;
    writer.flush()?;
    Ok(result)
}

fn create_beside(place: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".rfm-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    // Without the name of the unfinished file, which means nothing to the user.
    builder
        .tempfile_in(folder)
        .map_err(|error| error.kind().into())
}

/// Writes a CSV field, in quotes only where it needs them.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_field(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let is_special = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if text.bytes().any(is_special) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

/// Writes `count` lines, which are made by all threads: `line` adds the one with a
/// number from 0 on to a text.
///
/// # Errors
///
/// What `out` or `line` fails with.
pub(crate) fn write_lines(
    out: &mut dyn Write,
    count: usize,
    line: impl Fn(usize, &mut Vec<u8>) -> io::Result<()> + Sync,
) -> io::Result<()> {
    /// Lines that one thread makes at a time: some hundred kilobytes.
    const PART: usize = 2048;
    // Parts that are in memory together.
    let parts = 2 * rayon::current_num_threads();
    for start in (0..count).step_by(PART * parts) {
        let end = count.min(start + PART * parts);
        let starts = (start..end).into_par_iter().step_by(PART);
        let texts: io::Result<Vec<Vec<u8>>> = starts
            .map(|start| {
                let mut text = Vec::new();
                for number in start..end.min(start + PART) {
                    line(number, &mut text)?;
                }
                Ok(text)
            })
            .collect();
        for text in texts? {
            out.write_all(&text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_threads_are_in_order() -> io::Result<()> {
        for count in [0, 1, 2048, 2049, 200_000] {
            let mut out = Vec::new();
            write_lines(&mut out, count, |number, line| writeln!(line, "{number}"))?;
            let expected: String = (0..count).map(|number| format!("{number}\n")).collect();
            assert!(out == expected.as_bytes(), "{count} lines");
        }
        Ok(())
    }
}
