//! Files that appear whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

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

/// A file that is written beside its place and takes it when it is complete.
///
/// Until [`finish`](Self::finish), an earlier file of that name is untouched;
/// dropping an unfinished one removes it. What is no regular file (a pipe, a
/// terminal, a device) is written to directly.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    writer: BufWriter<Target>,
}

#[derive(Debug)]
enum Target {
    Beside(NamedTempFile),
    Direct(File),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(file) => file.as_file_mut().write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(file) => file.as_file_mut().flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl OutputFile {
    /// Starts a file; the folder is made if there is none.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the folder cannot be made or not be written to.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let target = create_target(path).map_err(|source| OutputError {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            writer: BufWriter::with_capacity(64 * 1024, target),
        })
    }

    /// Puts the complete file at its place, once it is safe on the disk.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the rest cannot be written, say on a full disk.
    pub fn finish(self) -> Result<(), OutputError> {
        let Self { path, writer } = self;
        let finish = || match writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
        {
            Target::Direct(mut file) => file.flush(),
            Target::Beside(file) => {
                file.as_file().sync_all()?;
                file.persist(&path).map(drop).map_err(|error| error.error)
            }
        };
        finish().map_err(|source| OutputError {
            path: path.clone(),
            source,
        })
    }

    /// Writes a value as JSON for people: indented, with a last line end.
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with).
    pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), OutputError> {
        Self::with(path, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Writes a file by `fill` and finishes it.
    ///
    /// # Errors
    ///
    /// [`OutputError`] with what `fill`, [`create`](Self::create) or
    /// [`finish`](Self::finish) fails with.
    pub fn with(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let mut file = Self::create(path)?;
        fill(&mut file.writer).map_err(|source| OutputError {
            path: path.to_owned(),
            source,
        })?;
        file.finish()
    }
}

fn create_target(path: &Path) -> io::Result<Target> {
    if let Ok(metadata) = fs::metadata(path) {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return File::options().write(true).open(path).map(Target::Direct);
        }
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".rfm-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other new file; the system takes off what the umask says.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
        .tempfile_in(folder)
        .map(Target::Beside)
        .map_err(|error| without_path(&error))
}

/// The error without the name of the unfinished file, which means nothing to
/// the user.
fn without_path(error: &io::Error) -> io::Error {
    error.kind().into()
}

/// Writes a CSV field, in quotes only where it needs them.
pub(crate) fn write_field(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if memchr::memchr3(b',', b'"', b'\n', text.as_bytes()).is_some() || text.contains('\r') {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
