//! Files that are packed: gzip and Zstandard.

use std::{
    io::{self, BufReader, Cursor, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{
    error::DatasetError,
    source::{Bytes, HEAD, Meter},
};

/// By how much text may unpack. Exports reach some thirty times their size.
const RATIO_LIMIT: u64 = 200;
/// What any file may unpack to in bytes, however small it is.
const SMALL_FILE: u64 = 64 * 1024 * 1024;

/// How a file is packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Packing {
    Gzip,
    Zstandard,
}

impl Packing {
    /// The packing of a file by its first bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
            Some(Self::Zstandard)
        } else {
            None
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstandard => "zstd",
        }
    }
}

/// The bytes of a file, unpacked if they are packed.
pub(super) struct Unpacked {
    /// What was read to look at it.
    head: Cursor<Vec<u8>>,
    stream: Stream,
    /// Bytes that came out so far.
    served: u64,
}

enum Stream {
    Plain(Meter<Bytes>),
    Gzip(Box<MultiGzDecoder<Meter<Bytes>>>),
    Zstandard(zstd::Decoder<'static, BufReader<Meter<Bytes>>>),
}

/// Why packed bytes are not to be had.
#[derive(Debug, thiserror::Error)]
enum PackingError {
    /// The file is damaged, or cut off.
    #[error("{0}")]
    Damaged(io::Error),
    /// It unpacks to more than any export does.
    #[error("{packed} bytes unpack to more than {limit}")]
    TooLarge { packed: u64, limit: u64 },
}

/// An error of reading, told apart from what is wrong with the packing.
pub(super) fn failure(path: &Path, packing: Option<Packing>, error: io::Error) -> DatasetError {
    let path = path.to_owned();
    match (error.downcast::<PackingError>(), packing) {
        (Ok(error), Some(packing)) => DatasetError::Packed {
            path,
            packing: packing.name(),
            reason: error.to_string(),
        },
        (Ok(error), None) => DatasetError::Read {
            path,
            source: io::Error::other(error),
        },
        (Err(source), _) => DatasetError::Read { path, source },
    }
}

impl Unpacked {
    pub(super) fn new(input: Meter<Bytes>, packing: Option<Packing>) -> io::Result<Self> {
        let stream = match packing {
            None => Stream::Plain(input),
            Some(Packing::Gzip) => Stream::Gzip(Box::new(MultiGzDecoder::new(input))),
            Some(Packing::Zstandard) => Stream::Zstandard(zstd::Decoder::new(input)?),
        };
        let mut unpacked = Self {
            head: Cursor::default(),
            stream,
            served: 0,
        };
        let mut head = Vec::new();
        unpacked.by_ref().take(HEAD).read_to_end(&mut head)?;
        unpacked.head = Cursor::new(head);
        Ok(unpacked)
    }

    /// The first bytes, which tell the format.
    pub(super) fn head(&self) -> &[u8] {
        self.head.get_ref()
    }

    /// What was read of the file itself.
    pub(super) fn meter(&self) -> &Meter<Bytes> {
        match &self.stream {
            Stream::Plain(meter) => meter,
            Stream::Gzip(decoder) => decoder.get_ref(),
            Stream::Zstandard(decoder) => decoder.get_ref().get_ref(),
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read(buffer)?;
        if count > 0 {
            return Ok(count);
        }
        let result = match &mut self.stream {
            Stream::Plain(meter) => return meter.read(buffer),
            Stream::Gzip(decoder) => decoder.read(buffer),
            Stream::Zstandard(decoder) => decoder.read(buffer),
        };
        let count = result.map_err(|error| match (error.raw_os_error(), error.kind()) {
            // The file could not be read, or not yet.
            (Some(_), _) | (_, io::ErrorKind::Interrupted) => error,
            (None, _) => io::Error::other(PackingError::Damaged(error)),
        })?;
        self.served += count as u64;
        let packed = self.meter().count();
        let limit = packed.saturating_mul(RATIO_LIMIT).max(SMALL_FILE);
        if self.served > limit {
            return Err(io::Error::other(PackingError::TooLarge { packed, limit }));
        }
        Ok(count)
    }
}
