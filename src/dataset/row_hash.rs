//! The hash by which equal lines are found.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FoldHasher, RandomState};
use xxhash_rust::xxh3::xxh3_128_with_secret;

use super::line::Values;

/// Bytes of an XXH3 secret.
const SECRET: usize = 192;

/// A keyed 128-bit hash of the values of a line.
///
/// The key is new in each run, so that nobody can write lines that differ and
/// yet count as duplicates. No output depends on it.
#[derive(Clone)]
pub(super) struct RowHasher {
    secret: [u8; SECRET],
    values: Vec<u8>,
}

impl RowHasher {
    pub(super) fn with_fresh_key() -> Self {
        let mut seed = blake3::Hasher::new();
        for _ in 0..4 {
            // The standard library's only source of randomness.
            let random = std::hash::RandomState::new().build_hasher().finish();
            seed.update(&random.to_le_bytes());
        }
        let mut secret = [0; SECRET];
        seed.finalize_xof().fill(&mut secret);
        Self {
            secret,
            values: Vec::with_capacity(256),
        }
    }

    pub(super) fn restart(&mut self) {
        self.values.clear();
    }

    /// Adds a missing value, which no text equals.
    pub(super) fn add_missing(&mut self) {
        self.values.extend(u32::MAX.to_le_bytes());
    }

    /// The hash of what was added, and of `last` behind it.
    pub(super) fn finish_with(&mut self, last: i64) -> u128 {
        let length = self.values.len();
        self.add_number(last);
        let hash = xxh3_128_with_secret(&self.values, &self.secret);
        self.values.truncate(length);
        hash
    }
}

impl Values for RowHasher {
    fn add_number(&mut self, number: i64) {
        self.values.extend(number.to_le_bytes());
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        self.values.extend((bytes.len() as u32).to_le_bytes());
        self.values.extend(bytes);
    }
}

/// A keyed 64-bit hash: enough to tell names, and the lines of one invoice, apart.
///
/// As with [`RowHasher`], the key is new in each run.
#[derive(Clone, Default)]
pub(super) struct ShortHash(RandomState);

/// A short hash to which values are still added.
pub(super) struct ShortHasher(FoldHasher<'static>);

impl ShortHash {
    pub(super) fn start(&self) -> ShortHasher {
        ShortHasher(self.0.build_hasher())
    }

    pub(super) fn text(&self, text: &str) -> u64 {
        let mut hasher = self.start();
        hasher.add_text(text);
        hasher.finish()
    }
}

impl ShortHasher {
    pub(super) fn finish(&self) -> u64 {
        self.0.finish()
    }
}

impl Values for ShortHasher {
    fn add_number(&mut self, number: i64) {
        self.0.write_i64(number);
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        // The length goes into the hash too.
        self.0.write(bytes);
    }
}

/// Hands a hash on to a table as it is.
#[derive(Clone, Copy, Default)]
pub(super) struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (low, _) = bytes.split_at(8);
        self.0 = low
            .iter()
            .rev()
            .fold(0, |hash, &b| hash << 8 | u64::from(b));
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}
