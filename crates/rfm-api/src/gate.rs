//! What every request passes: name of the host, key, number, log.

use std::{
    fmt::Write,
    net::IpAddr,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{app::App, error::ApiError};

/// The header with the number of a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest number that is taken over from a client.
const LONGEST_ID: usize = 64;
/// Below this path a key is needed, where keys are.
const API: &str = "/api/v1/";

/// Checks a request, passes it on, and counts and logs the answer.
pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time of a request is measured"
    )]
    let start = Instant::now();
    let id = request_id(&request);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let is_logged = tracing::enabled!(tracing::Level::DEBUG);
    let line = is_logged.then(|| format!("{} {}", request.method(), request.uri().path()));
    let mut response = match check(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let status = response.status();
    let route = route.as_ref().map(MatchedPath::as_str);
    let time = start.elapsed();
    app.metrics().answered(route, status, time);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(
            request = id.to_str().unwrap_or_default(),
            route,
            "the request failed"
        );
    } else if let Some(line) = line {
        tracing::debug!(
            request = id.to_str().unwrap_or_default(),
            status = status.as_u16(),
            microseconds = time.as_micros() as u64,
            "{line}"
        );
    }
    response.headers_mut().insert(REQUEST_ID, id);
    if app.is_ending() {
        // The next request should go elsewhere before this service is gone.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

fn check(app: &App, request: &Request) -> Result<(), ApiError> {
    check_host(app, request)?;
    // A browser asks without a key whether a page may ask with one.
    let needs_key = request.uri().path().starts_with(API) && request.method() != "OPTIONS";
    if needs_key && !app.keys().allow_client(request.headers()) {
        return Err(ApiError::Unauthorized);
    }
    Ok(())
}

/// On loopback a page in a browser could reach the service under a name of
/// its own that resolves to 127.0.0.1 (DNS rebinding), and read the answers.
fn check_host(app: &App, request: &Request) -> Result<(), ApiError> {
    let config = app.config();
    if !config.address.ip().is_loopback() {
        return Ok(());
    }
    let stated = request
        .headers()
        .get(header::HOST)
        .map(HeaderValue::as_bytes);
    let Some(stated) = stated.or_else(|| {
        request
            .uri()
            .authority()
            .map(|host| host.as_str().as_bytes())
    }) else {
        // HTTP/1.0 knows no Host; browsers send one.
        return Ok(());
    };
    let authority = Authority::try_from(stated).map_err(|_| ApiError::Host)?;
    let host = authority.host();
    let is_loopback = || {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
    };
    let is_allowed = || {
        let mut names = config.allowed_hosts.iter();
        names.any(|name| name.eq_ignore_ascii_case(host))
    };
    if host.eq_ignore_ascii_case("localhost") || is_loopback() || is_allowed() {
        Ok(())
    } else {
        Err(ApiError::Host)
    }
}

/// The client's number of the request if it has a sound one, else a new one.
fn request_id(request: &Request) -> HeaderValue {
    let is_sound = |id: &&HeaderValue| {
        let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(is_allowed)
    };
    match request.headers().get(REQUEST_ID).filter(is_sound) {
        Some(id) => id.clone(),
        None => new_id(),
    }
}

/// A number that no other request has: a random part for the process, then a
/// count.
fn new_id() -> HeaderValue {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut id = String::with_capacity(33);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Writing to a string cannot fail.
    let _ = write!(id, "{:016x}-{count:08x}", *PROCESS);
    HeaderValue::try_from(id).expect("hexadecimal digits")
}
