//! How the service runs.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{ConfigError, Key, Values, switch, whole};
use crate::dataset::choose;

/// The settings of the service, checked.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Where it listens; port 0 stands for any that is free.
    pub address: SocketAddr,
    /// Whether new files of model and keys are loaded while it runs.
    pub watch: bool,
    /// The file of the keys that clients need; `None` where it is open to all.
    pub api_keys: Option<PathBuf>,
    /// The file of the keys that may reload the model; `None` where nobody may.
    pub admin_keys: Option<PathBuf>,
    /// Origins of pages that may call it, or `*`; empty for none.
    pub cors_origins: Vec<String>,
    /// Names under which it may be called on loopback, beside localhost.
    pub allowed_hosts: Vec<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// How much is logged.
    pub log_level: LogLevel,
    /// The largest body that is read as a whole, in bytes.
    pub max_body: usize,
    /// Connections at once on which something has come.
    pub max_connections: usize,
    /// Requests that are worked on at once.
    pub max_requests: usize,
    /// The time in which a request must have come in.
    pub timeout: Duration,
    /// The time between `not ready` and the end of listening.
    pub drain: Duration,
    /// The time for the last requests after that.
    pub shutdown_timeout: Duration,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// The least important entries that are logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something is wrong, and the service goes on.
    Warn,
    /// The service starts, stops, or loads a model.
    Info,
    /// Every request.
    Debug,
}

impl ServiceConfig {
    pub(super) fn resolve(values: &Values<'_>, root: &Path) -> Result<Self, ConfigError> {
        let whole = |key, least, most| {
            let number = values.parse(key, |text| whole(text, least, most))?;
            Ok(number.unwrap_or_default())
        };
        let count = |key, most| Ok(whole(key, 1, most)? as usize);
        let seconds = |key, least| Ok(Duration::from_secs(whole(key, least, 3600)?));
        let host = values.parse(Key::Host, |text| match text {
            "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            _ => text
                .parse()
                .map_err(|_| "an address such as 127.0.0.1 or 0.0.0.0".to_owned()),
        })?;
        Ok(Self {
            address: SocketAddr::new(
                host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                whole(Key::Port, 0, u16::MAX.into())? as u16,
            ),
            watch: values.parse(Key::Watch, switch)?.unwrap_or_default(),
            api_keys: values.path(Key::ApiKeys, root),
            admin_keys: values.path(Key::AdminKeys, root),
            cors_origins: values
                .parse(Key::CorsOrigins, |text| list(text, is_origin))?
                .unwrap_or_default(),
            allowed_hosts: values
                .parse(Key::AllowedHosts, |text| list(text, is_host))?
                .unwrap_or_default(),
            log_format: values
                .parse(Key::LogFormat, |text| {
                    choose(
                        text,
                        &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                    )
                })?
                .unwrap_or(LogFormat::Text),
            log_level: values
                .parse(Key::LogLevel, |text| {
                    let levels = [
                        ("error", LogLevel::Error),
                        ("warn", LogLevel::Warn),
                        ("info", LogLevel::Info),
                        ("debug", LogLevel::Debug),
                    ];
                    choose(text, &levels)
                })?
                .unwrap_or(LogLevel::Info),
            max_body: count(Key::MaxBody, 1 << 30)?,
            max_connections: count(Key::MaxConnections, 1_000_000)?,
            max_requests: count(Key::MaxRequests, 1_000_000)?,
            timeout: seconds(Key::Timeout, 1)?,
            drain: seconds(Key::Drain, 0)?,
            shutdown_timeout: seconds(Key::ShutdownTimeout, 0)?,
        })
    }
}

/// Names between commas, each of which must pass `check`.
fn list(text: &str, check: fn(&str) -> Result<(), String>) -> Result<Vec<String>, String> {
    text.split(',')
        .map(|name| {
            let name = name.trim();
            check(name).map(|()| name.to_owned())
        })
        .collect()
}

fn is_origin(text: &str) -> Result<(), String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_plain = |host: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        !host.is_empty() && host.chars().all(is_allowed)
    };
    if text == "*" || host.is_some_and(is_plain) {
        Ok(())
    } else {
        Err("origins such as https://shop.example, without a path, or `*`".to_owned())
    }
}

fn is_host(text: &str) -> Result<(), String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if !text.is_empty() && text.chars().all(is_allowed) {
        Ok(())
    } else {
        Err("names of hosts such as rfm.shop.example, without a port".to_owned())
    }
}
