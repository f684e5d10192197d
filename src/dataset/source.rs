//! Files as bytes: opening, counting, hashing and decoding them.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    sync::Arc,
};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use serde::{Serialize, Serializer};

use super::error::DatasetError;
use crate::progress::Progress;

/// What is known of a file that was read.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct InputFile {
    /// The path as it was given; in JSON, what is not Unicode is replaced.
    #[serde(serialize_with = "lossily")]
    pub path: PathBuf,
    /// The format and how it was read: `csv`, `xlsx` or `parquet`.
    pub format: &'static str,
    /// How it was packed: `gzip` or `zstd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packing: Option<&'static str>,
    /// The encoding of the text, for CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The delimiter between fields, for CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The sheet, for xlsx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The size in bytes.
    pub bytes: u64,
    /// The BLAKE3 hash of the bytes, in hexadecimal.
    pub blake3: String,
    /// Lines read, without the header.
    pub rows: u64,
}

fn lossily<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// A file that is open, and the bytes at its start.
pub(super) struct Opened {
    /// The path, or [`STDIN`].
    pub(super) path: PathBuf,
    /// The first bytes, up to [`HEAD`]; they tell the format.
    pub(super) head: Vec<u8>,
    /// The size in bytes; 0 for a pipe.
    pub(super) size: u64,
    stream: Stream,
}

pub(super) enum Stream {
    File(File),
    /// It can be read once, from the start to the end.
    Pipe(Box<dyn Read + Send>),
}

/// How standard input is called.
pub(super) const STDIN: &str = "-";

/// Enough bytes to tell any format.
pub(super) const HEAD: u64 = 512;

impl Opened {
    /// Opens a file for reading, or standard input as [`STDIN`]; a folder is
    /// refused like any other non-file.
    pub(super) fn new(path: &Path) -> Result<Self, DatasetError> {
        let open = || {
            if path == Path::new(STDIN) {
                let stream = Stream::Pipe(Box::new(io::stdin()));
                return Self::start(path, stream, 0);
            }
            Self::start_file(path, File::open(path)?)
        };
        open().map_err(|source| DatasetError::Read {
            path: path.to_owned(),
            source,
        })
    }

    /// A file that is open already, at its start; `name` is what errors call it.
    pub(super) fn of(name: &Path, file: File) -> Result<Self, DatasetError> {
        Self::start_file(name, file).map_err(|source| DatasetError::Read {
            path: name.to_owned(),
            source,
        })
    }

    fn start_file(path: &Path, file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() {
            Self::start(path, Stream::File(file), metadata.len())
        } else {
            Self::start(path, Stream::Pipe(Box::new(file)), 0)
        }
    }

    fn start(path: &Path, mut stream: Stream, size: u64) -> io::Result<Self> {
        let mut head = Vec::new();
        stream.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(Self {
            path: path.to_owned(),
            head,
            size,
            stream,
        })
    }

    /// All bytes from the start, counted and hashed.
    pub(super) fn into_reader(self, progress: Arc<Progress>) -> Meter<Bytes> {
        let bytes = io::Cursor::new(self.head).chain(self.stream);
        Meter::new(bytes, progress)
    }

    /// A file that can be read from any place, after its bytes were counted and
    /// hashed; what comes through a pipe is put into a file without a name first.
    pub(super) fn into_file(self) -> Result<(File, u64, String), DatasetError> {
        let path = self.path.clone();
        let seekable = || {
            let file = match &self.stream {
                Stream::File(file) => Some(file.try_clone()?),
                Stream::Pipe(_) => None,
            };
            let mut meter = self.into_reader(Arc::default());
            let mut file = if let Some(file) = file {
                io::copy(&mut meter, &mut io::sink())?;
                file
            } else {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut meter, &mut file)?;
                file
            };
            file.rewind()?;
            Ok((file, meter.count(), meter.hash()))
        };
        seekable().map_err(|source| DatasetError::Read { path, source })
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Pipe(pipe) => pipe.read(buffer),
        }
    }
}

/// The bytes of a file whose head has been looked at.
pub(super) type Bytes = io::Chain<io::Cursor<Vec<u8>>, Stream>;

/// A reader that counts and hashes what passes through it.
pub(super) struct Meter<R> {
    inner: R,
    bytes: u64,
    hasher: blake3::Hasher,
    progress: Arc<Progress>,
}

impl<R> Meter<R> {
    fn new(inner: R, progress: Arc<Progress>) -> Self {
        Self {
            inner,
            bytes: 0,
            hasher: blake3::Hasher::new(),
            progress,
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.bytes
    }

    pub(super) fn hash(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

/// A reader that turns text of any encoding into UTF-8.
///
/// UTF-8 itself passes through unchecked: whoever splits it into fields
/// checks each, and so knows the line of a fault.
pub(super) struct Transcoder<R> {
    inner: R,
    decoding: Option<Decoding>,
}

/// The state of decoding what is not UTF-8.
struct Decoding {
    decoder: Decoder,
    encoded: Vec<u8>,
    /// Decoded text, of which the bytes from `served` are still to be read.
    decoded: Vec<u8>,
    served: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoding = (encoding != UTF_8).then(|| Decoding {
            decoder: encoding.new_decoder_with_bom_removal(),
            encoded: vec![0; Decoding::CHUNK],
            decoded: Vec::new(),
            served: 0,
            ended: false,
        });
        Self { inner, decoding }
    }

    pub(super) fn get_ref(&self) -> &R {
        &self.inner
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.decoding {
            None => self.inner.read(buffer),
            Some(decoding) => decoding.read(&mut self.inner, buffer),
        }
    }
}

impl Decoding {
    /// Encoded bytes that are read at once.
    const CHUNK: usize = 64 * 1024;

    fn read(&mut self, inner: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        while self.served == self.decoded.len() && !self.ended {
            self.refill(inner)?;
        }
        let rest = &self.decoded[self.served..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.served += count;
        Ok(count)
    }

    /// Reads and decodes the next chunk. A decoder must not be used after its
    /// end, which `ended` remembers.
    fn refill(&mut self, inner: &mut impl Read) -> io::Result<()> {
        let count = inner.read(&mut self.encoded)?;
        self.ended = count == 0;
        let most = self
            .decoder
            .max_utf8_buffer_length_without_replacement(count)
            .ok_or(io::ErrorKind::InvalidData)?;
        self.decoded.resize(most, 0);
        let (result, _, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.encoded[..count],
            &mut self.decoded,
            self.ended,
        );
        self.decoded.truncate(written);
        self.served = 0;
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }
}
