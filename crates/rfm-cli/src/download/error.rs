//! What can go wrong between an address and a workbook.

use std::{io, path::PathBuf};

use super::content::ContentError;

/// The reference data could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    /// Nobody answers.
    #[error("cannot reach {url}: {reason}")]
    Reach { url: String, reason: String },
    /// The answer is another than the file.
    #[error("{url} answers {status}, expected the file")]
    Status { url: String, status: String },
    /// The address leads to another, and so on.
    #[error("{url} leads on to other addresses more than {limit} times")]
    Redirects { url: String, limit: u32 },
    /// The address leads to one from which nothing may be fetched.
    #[error("{url} leads to {target}, expected https")]
    Insecure { url: String, target: String },
    /// The transfer ended before the file did.
    #[error(
        "the transfer from {url} broke off after {done} {}: {reason}",
        match total {
            Some(total) => format!("of {total} bytes"),
            None => "bytes".to_owned(),
        }
    )]
    Cut {
        url: String,
        done: u64,
        total: Option<u64>,
        reason: String,
    },
    /// The file is larger than any archive of one workbook.
    #[error("{url} holds more than {limit} bytes, expected an archive with one workbook")]
    TooLong { url: String, limit: u64 },
    /// What came is no archive, or a damaged one.
    #[error("{url} holds no readable zip archive: {reason}")]
    Archive { url: String, reason: String },
    /// The archive has no workbook, or several.
    #[error(
        "the archive of {url} has {}, expected one workbook (.xlsx)",
        match found.len() {
            0 => "no workbook".to_owned(),
            _ => format!("{} workbooks: {}", found.len(), quoted(found)),
        }
    )]
    Workbooks { url: String, found: Vec<String> },
    /// The workbook would unpack to more than it can be.
    #[error("{name:?} in the archive of {url} unpacks to more than {limit} bytes")]
    Bomb {
        url: String,
        name: String,
        limit: u64,
    },
    /// The workbook is not what it should be.
    #[error("what {url} holds will not do")]
    Content { url: String, source: ContentError },
    /// A file that is there is not what would be fetched.
    #[error("another file is there already")]
    Present { source: ContentError },
    /// What had come could not be read.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The file could not be written.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl DownloadError {
    /// What can be done about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Reach { .. } => {
                "look whether this machine has a network; a workbook that was fetched on another \
                 one belongs at data/raw/online_retail.xlsx"
            }
            Self::Status { status, .. } if status.starts_with('5') || status.starts_with("429") => {
                "the server cannot answer now; run it again later"
            }
            Self::Cut { done: 0, .. } => "run it again",
            Self::Cut { .. } => "run it again: it goes on where it stopped",
            Self::Content { source, .. } if source.is_other_data() => {
                "`--download-check readable` takes other data than UCI Online Retail"
            }
            Self::Status { .. }
            | Self::Redirects { .. }
            | Self::Insecure { .. }
            | Self::TooLong { .. }
            | Self::Archive { .. }
            | Self::Workbooks { .. }
            | Self::Bomb { .. }
            | Self::Content { .. } => "`--download-url` names another address",
            Self::Present { .. } => "`--force` replaces it",
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room and run it again: it goes on where it stopped"
            }
            Self::Read { .. } | Self::Write { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// Names in a row, escaped, as far as they are few.
pub(super) fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).map(|name| format!("{name:?}"));
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}
