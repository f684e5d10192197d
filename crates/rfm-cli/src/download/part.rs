//! What has come of an archive so far, on disk, for the next run to go on.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::DownloadError;

/// A part of an archive and a note on what it is a part of.
///
/// The names start with a dot, so that no command takes them for data.
pub(super) struct Part {
    path: PathBuf,
    note_path: PathBuf,
    /// Of which file it is; `None` where there is no part.
    note: Option<Note>,
    length: u64,
    file: Option<File>,
}

/// Of which file it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Note {
    pub(super) url: String,
    /// What the server calls this state of the file: a strong `ETag`, or else
    /// `Last-Modified`.
    pub(super) validator: Option<String>,
    /// The bytes of the whole file, where they are known.
    pub(super) total: Option<u64>,
}

impl Part {
    /// What an earlier run left of this address in a folder, if anything.
    pub(super) fn find(folder: &Path, url: &str) -> Self {
        let path = folder.join(".online_retail.zip.part");
        let note_path = folder.join(".online_retail.zip.part.json");
        let note = fs::read(&note_path).ok();
        let note = note.and_then(|text| serde_json::from_slice::<Note>(&text).ok());
        let length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let note = note.filter(|note| note.url == url && length > 0);
        Self {
            length: if note.is_some() { length } else { 0 },
            path,
            note_path,
            note,
            file: None,
        }
    }

    /// The bytes that are there.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    pub(super) const fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.note.as_ref()?.total
    }

    /// Whether nothing is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.total() == Some(self.length)
    }

    /// Starts anew. The note comes before any byte, so that none stands under
    /// that of another file.
    pub(super) fn start(&mut self, note: Note) -> Result<(), DownloadError> {
        let truncated = File::create(&self.path);
        self.file = Some(truncated.map_err(|source| self.cannot_write(source))?);
        self.length = 0;
        self.set(note)
    }

    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        if self.file.is_none() {
            let opened = File::options().append(true).open(&self.path);
            self.file = Some(opened.map_err(|source| self.cannot_write(source))?);
        }
        if let Some(file) = &mut self.file {
            let written = file.write_all(bytes);
            written.map_err(|source| self.cannot_write(source))?;
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Notes that nothing is missing.
    pub(super) fn finish(&mut self) -> Result<(), DownloadError> {
        match self.note.clone() {
            Some(note) if note.total.is_none() => self.set(Note {
                total: Some(self.length),
                ..note
            }),
            _ => Ok(()),
        }
    }

    /// The archive, at its start.
    pub(super) fn open(&self) -> Result<File, DownloadError> {
        File::open(&self.path).map_err(|source| DownloadError::Read {
            path: self.path.clone(),
            source,
        })
    }

    /// Removes what is there.
    pub(super) fn remove(&self) -> Result<(), DownloadError> {
        // The note first: bytes without one are never continued.
        for path in [&self.note_path, &self.path] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(DownloadError::Write {
                        path: path.clone(),
                        source: error,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, note: Note) -> Result<(), DownloadError> {
        let written = serde_json::to_vec(&note)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&self.note_path, text));
        written.map_err(|source| DownloadError::Write {
            path: self.note_path.clone(),
            source,
        })?;
        self.note = Some(note);
        Ok(())
    }

    fn cannot_write(&self, source: io::Error) -> DownloadError {
        DownloadError::Write {
            path: self.path.clone(),
            source,
        }
    }
}
