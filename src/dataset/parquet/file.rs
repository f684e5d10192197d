//! A file that is read from many places.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::reader::{ChunkReader, Length},
};

/// A file that several threads read, each from places of its own.
///
/// All handles of a file have one place in common: who goes to another must read
/// before anyone else moves on.
#[derive(Clone)]
pub(super) struct SharedFile {
    file: Arc<Mutex<File>>,
    size: u64,
}

impl SharedFile {
    pub(super) fn new(file: File, size: u64) -> Self {
        Self {
            file: Arc::new(Mutex::new(file)),
            size,
        }
    }

    fn from(&self, place: u64) -> ReadFrom {
        ReadFrom {
            file: self.clone(),
            place,
        }
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let wanted = length as u64;
        let mut bytes = Vec::with_capacity(wanted.min(self.size) as usize);
        let read = self.from(start).take(wanted).read_to_end(&mut bytes)?;
        if read < length {
            return Err(ParquetError::EOF(format!(
                "the file ends {} bytes too early",
                length - read
            )));
        }
        Ok(bytes.into())
    }
}

/// A file from some place on.
pub(super) struct ReadFrom {
    file: SharedFile,
    place: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = self.file.file.lock();
        let mut file = file.unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.place))?;
        let read = file.read(buffer)?;
        self.place += read as u64;
        Ok(read)
    }
}
