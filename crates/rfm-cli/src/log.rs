//! The log of the service, on stderr.

use std::io;

use rfmkit::config::{LogFormat, LogLevel, ServiceConfig};
use tracing::level_filters::LevelFilter;

/// Starts the log; a process has one.
pub(crate) fn start(config: &ServiceConfig) {
    let level = match config.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
