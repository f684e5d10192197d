//! Where the reference data come from.

use std::time::Duration;

use super::{ConfigError, Key, Values, whole};
use crate::dataset::choose;

/// The settings of the download, checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DownloadConfig {
    /// The address of the archive: HTTPS, or HTTP on loopback.
    pub url: String,
    /// What the workbook in it must be.
    pub check: DownloadCheck,
    /// The time in which something must come.
    pub timeout: Duration,
}

/// What a downloaded workbook must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DownloadCheck {
    /// UCI Online Retail: its columns and its number of lines.
    Reference,
    /// A table with a header and lines.
    Readable,
}

impl DownloadConfig {
    pub(super) fn resolve(values: &Values<'_>) -> Result<Self, ConfigError> {
        let url = values.parse(Key::DownloadUrl, address)?.unwrap_or_default();
        let check = values.parse(Key::DownloadCheck, |text| {
            let checks = [
                ("reference", DownloadCheck::Reference),
                ("readable", DownloadCheck::Readable),
            ];
            choose(text, &checks)
        })?;
        let timeout = values.parse(Key::DownloadTimeout, |text| whole(text, 1, 3600))?;
        // Elsewhere may well be other data.
        let is_reference = Key::DownloadUrl.default() == Some(&url);
        Ok(Self {
            check: check.unwrap_or(if is_reference {
                DownloadCheck::Reference
            } else {
                DownloadCheck::Readable
            }),
            url,
            timeout: Duration::from_secs(timeout.unwrap_or_default()),
        })
    }
}

/// Whether an address may be fetched from: nobody else can read or change what
/// comes, as it is encrypted or does not leave the machine.
///
/// ```
/// use rfmkit::config::is_safe_address;
///
/// assert!(is_safe_address("https://shop.example/orders.zip"));
/// assert!(is_safe_address("http://127.0.0.1:8000/orders.zip"));
/// assert!(is_safe_address("http://[::1]/orders.zip"));
/// assert!(!is_safe_address("http://shop.example/orders.zip"));
/// assert!(!is_safe_address("http://localhost.shop.example/orders.zip"));
/// assert!(!is_safe_address("http://localhost@shop.example/orders.zip"));
/// ```
#[must_use]
pub fn is_safe_address(url: &str) -> bool {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    let Some((scheme, rest)) = url.split_once("://").filter(|_| is_plain) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Names and passwords would be shown wherever the address is.
    if authority.contains(['@', '\\']) {
        return false;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "443"),
    };
    if host.is_empty() || port.parse::<u16>().is_err() {
        return false;
    }
    let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    scheme == "https" || (scheme == "http" && is_loopback)
}

fn address(text: &str) -> Result<String, String> {
    if is_safe_address(text) {
        Ok(text.to_owned())
    } else {
        Err("an https address; http only on this machine".to_owned())
    }
}
