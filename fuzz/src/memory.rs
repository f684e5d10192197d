//! Files without a name.

use std::{
    fs::File,
    io::{Seek, Write},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

/// A file without a name, which is gone with the process, and a path to it.
pub struct MemoryFile {
    file: File,
    path: PathBuf,
}

impl Default for MemoryFile {
    fn default() -> Self {
        let file = tempfile::tempfile().expect("a file");
        let path = format!("/proc/self/fd/{}", file.as_raw_fd()).into();
        Self { file, path }
    }
}

impl MemoryFile {
    /// A path by which the file can be opened as long as it is there.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts other bytes into the file.
    ///
    /// # Panics
    ///
    /// If there is no room for them.
    pub fn fill(&mut self, bytes: &[u8]) {
        self.file.set_len(0).expect("an empty file");
        self.file.rewind().expect("the start");
        self.file.write_all(bytes).expect("room");
    }
}
