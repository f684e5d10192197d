//! Bytes over HTTP, from where an earlier run stopped.

use std::{
    io::{self, Read},
    time::Duration,
};

use rfmkit::{
    config::{DownloadConfig, is_safe_address},
    progress::Progress,
};
use ureq::{
    Agent, Body, ResponseExt, Timeout,
    http::{HeaderMap, Response, header},
};

use super::{
    DownloadError,
    part::{Note, Part},
};

/// The longest time for a connection.
const CONNECT: Duration = Duration::from_secs(20);
/// How often an address may lead on to another one.
const REDIRECTS: u32 = 5;
/// The largest archive in bytes, twenty times that of the reference data.
const ARCHIVE_LIMIT: u64 = 512 * 1024 * 1024;

/// Fetches what is missing of a file, and gives the bytes that an earlier run had
/// fetched already.
///
/// The server is asked for the rest of the state of the file of which the part
/// is. If it has another one by now, or does not know how to send a rest, the
/// file comes from its start.
///
/// # Errors
///
/// [`DownloadError`]; of a transfer that broke off, what has come stays.
pub(super) fn complete(
    config: &DownloadConfig,
    part: &mut Part,
    progress: &Progress,
) -> Result<u64, DownloadError> {
    if part.is_whole() {
        return Ok(part.length());
    }
    let url = &config.url;
    let agent = agent(config);
    let mut response = ask(
        &agent,
        config,
        Some(&*part).filter(|part| part.length() > 0),
    )?;
    let is_refused = match response.status().as_u16() {
        206 => !is_rest(response.headers(), part),
        416 => true,
        _ => false,
    };
    if is_refused && part.length() > 0 {
        // Its connection may wait for somebody to read it.
        drop(response);
        response = ask(&agent, config, None)?;
    }
    match response.status().as_u16() {
        200 => part.start(Note {
            url: url.clone(),
            validator: validator(response.headers()),
            total: response.body().content_length(),
        })?,
        206 if part.length() > 0 && !is_refused => {}
        _ => {
            return Err(DownloadError::Status {
                url: url.clone(),
                status: response.status().to_string(),
            });
        }
    }
    let continued_from = part.length();
    progress.start_from(continued_from, part.total().unwrap_or(0), "bytes");
    let received = receive(config, &mut response, part, progress);
    match &received {
        Ok(()) => part.finish()?,
        Err(DownloadError::TooLong { .. }) => part.remove()?,
        Err(_) if part.length() == 0 => part.remove()?,
        Err(_) => {}
    }
    received.map(|()| continued_from)
}

/// Appends the body of an answer to the part.
fn receive(
    DownloadConfig { url, timeout, .. }: &DownloadConfig,
    response: &mut Response<Body>,
    part: &mut Part,
    progress: &Progress,
) -> Result<(), DownloadError> {
    let too_long = || DownloadError::TooLong {
        url: url.clone(),
        limit: ARCHIVE_LIMIT,
    };
    if part.total().is_some_and(|total| total > ARCHIVE_LIMIT) {
        return Err(too_long());
    }
    let mut body = response.body_mut().as_reader();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let cut = |reason: &str| DownloadError::Cut {
            url: url.clone(),
            done: part.length(),
            total: part.total(),
            reason: reason.to_owned(),
        };
        let count = match body.read(&mut buffer) {
            Ok(count) => count,
            Err(error) => return Err(cut(&reason(&error.into(), *timeout))),
        };
        if count == 0 {
            return match part.total() {
                Some(total) if total != part.length() => Err(cut("the server sent no more")),
                _ => Ok(()),
            };
        }
        if part.length() + count as u64 > ARCHIVE_LIMIT {
            return Err(too_long());
        }
        part.append(&buffer[..count])?;
        progress.advance(count as u64);
    }
}

fn agent(DownloadConfig { url, timeout, .. }: &DownloadConfig) -> Agent {
    let (connect, stall) = (Some(CONNECT.min(*timeout)), Some(*timeout));
    Agent::config_builder()
        .https_only(url.starts_with("https://"))
        // Settings come from the options, variables and the file of `rfm`.
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(REDIRECTS)
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_recv_response(stall)
        .timeout_per_read(stall)
        .timeout_per_write(stall)
        .user_agent(concat!("rfm/", env!("CARGO_PKG_VERSION")))
        // A range is one of the file, not of a packing of it.
        .accept_encoding("identity")
        .build()
        .into()
}

/// Asks for a file, or for what is missing of it.
fn ask(
    agent: &Agent,
    DownloadConfig { url, timeout, .. }: &DownloadConfig,
    part: Option<&Part>,
) -> Result<Response<Body>, DownloadError> {
    let mut request = agent.get(url);
    if let Some(part) = part {
        request = request.header(header::RANGE, format!("bytes={}-", part.length()));
        if let Some(validator) = part.note().and_then(|note| note.validator.as_ref()) {
            request = request.header(header::IF_RANGE, validator);
        }
    }
    let insecure = |target: String| DownloadError::Insecure {
        url: url.clone(),
        target,
    };
    let response = request.call().map_err(|error| match error {
        ureq::Error::TooManyRedirects => DownloadError::Redirects {
            url: url.clone(),
            limit: REDIRECTS,
        },
        ureq::Error::RequireHttpsOnly(target) => insecure(target),
        error => DownloadError::Reach {
            url: url.clone(),
            reason: reason(&error, *timeout),
        },
    })?;
    // What starts on this machine may lead away from it.
    let target = response.get_uri().to_string();
    if is_safe_address(&target) {
        Ok(response)
    } else {
        Err(insecure(target))
    }
}

/// Whether an answer goes on where the part ends, in a file of the same size.
fn is_rest(headers: &HeaderMap, part: &Part) -> bool {
    let range = headers.get(header::CONTENT_RANGE);
    let parse = || {
        let range = range?.to_str().ok()?.strip_prefix("bytes ")?;
        let (range, total) = range.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let total: u64 = total.parse().ok()?;
        Some((first, last, total))
    };
    parse().is_some_and(|(first, last, total)| {
        let is_same_size = part.total().is_none_or(|noted| noted == total);
        first == part.length() && last.checked_add(1) == Some(total) && is_same_size
    })
}

/// What the server calls this state of the file. A weak `ETag` will not do: it
/// stays the same where bytes differ.
fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = text(header::ETAG).filter(|tag| tag.starts_with('"'));
    tag.or_else(|| text(header::LAST_MODIFIED))
        .map(str::to_owned)
}

/// A fault of the network in words; `timeout` is how long was waited for it.
fn reason(error: &ureq::Error, timeout: Duration) -> String {
    let waited = |time: Duration| match time.as_secs() {
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    match error {
        ureq::Error::HostNotFound => "the name of the host is not known".to_owned(),
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            format!("no connection within {}", waited(CONNECT.min(timeout)))
        }
        ureq::Error::Timeout(_) => format!("nothing came for {}", waited(timeout)),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the server hung up".to_owned()
        }
        ureq::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}
