//! The hash by which equal lines are found.

use std::hash::{BuildHasher, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_128_with_secret;

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
            let random = RandomState::new().build_hasher().finish();
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

    /// Adds a text, with its length so that neighbours cannot trade letters.
    pub(super) fn add_text(&mut self, text: &str) {
        self.values.extend((text.len() as u32).to_le_bytes());
        self.values.extend(text.as_bytes());
    }

    /// Adds a missing value, which no text equals.
    pub(super) fn add_missing(&mut self) {
        self.values.extend(u32::MAX.to_le_bytes());
    }

    pub(super) fn add_number(&mut self, number: i64) {
        self.values.extend(number.to_le_bytes());
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
