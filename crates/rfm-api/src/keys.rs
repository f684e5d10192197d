//! Keys of clients and administrators.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use axum::http::{HeaderMap, header};
use rfmkit::config::ServiceConfig;

/// The shortest key, in characters: what can be guessed is no key.
const SHORTEST: usize = 16;

/// A file of keys will not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line is no key. What stands there is not shown.
    #[error(
        "{}:{line}: expected a key of at least {SHORTEST} letters, digits or signs without spaces",
        path.display()
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The file has no key.
    #[error("{} has no key, expected one a line", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The keys that are valid now.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// `None` where no key is needed.
    clients: Option<KeySet>,
    /// `None` where nobody may administrate.
    admins: Option<KeySet>,
}

impl Keys {
    pub(crate) fn load(config: &ServiceConfig) -> Result<Self, KeysError> {
        let load = |path: &Option<PathBuf>| path.as_deref().map(KeySet::load).transpose();
        Ok(Self {
            clients: load(&config.api_keys)?,
            admins: load(&config.admin_keys)?,
        })
    }

    /// Whether a request may use the service. An administrator may.
    pub(crate) fn allow_client(&self, headers: &HeaderMap) -> bool {
        match &self.clients {
            None => true,
            Some(clients) => {
                key_of(headers).is_some_and(|key| clients.has(key)) || self.allow_admin(headers)
            }
        }
    }

    /// Whether a request may administrate.
    pub(crate) fn allow_admin(&self, headers: &HeaderMap) -> bool {
        let key = key_of(headers);
        self.admins
            .as_ref()
            .is_some_and(|admins| key.is_some_and(|key| admins.has(key)))
    }

    /// Whether there are administrators at all.
    pub(crate) const fn has_admins(&self) -> bool {
        self.admins.is_some()
    }
}

/// The key that a request shows.
fn key_of(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.as_bytes());
    }
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, key) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(key)
}

/// Keys as hashes, so that the time of a comparison tells nothing of a key.
#[derive(Debug)]
struct KeySet(Vec<blake3::Hash>);

impl KeySet {
    fn load(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read_to_string(path).map_err(|source| KeysError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut keys = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let key = line.trim();
            if key.is_empty() || key.starts_with('#') {
                continue;
            }
            if key.len() < SHORTEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(KeysError::Key {
                    path: path.to_owned(),
                    line: i + 1,
                });
            }
            keys.push(blake3::hash(key.as_bytes()));
        }
        if keys.is_empty() {
            return Err(KeysError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(Self(keys))
    }

    /// Compares with every key, each in constant time.
    fn has(&self, key: &[u8]) -> bool {
        let hash = blake3::hash(key);
        let equal = self.0.iter().filter(|known| **known == hash);
        equal.count() > 0
    }
}
