//! Health and metrics, for those who run the service.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{ApiError, json},
    wire::ErrorMessage,
};

const ENDING: &str = "the service is shutting down";

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Status {
    /// `ok`, or `ready`.
    status: &'static str,
}

/// Whether the service runs
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Operations",
    responses((status = 200, description = "It runs", body = Status)),
)]
pub(crate) async fn health() -> Response {
    json(&Status { status: "ok" })
}

/// Whether the service wants requests
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operations",
    responses(
        (status = 200, description = "It wants requests", body = Status),
        (status = 503, description = "It does not, and why", body = ErrorMessage),
    ),
)]
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, ApiError> {
    if app.is_ending() {
        return Err(ApiError::NotReady { reason: ENDING });
    }
    Ok(json(&Status { status: "ready" }))
}

/// Metrics for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operations",
    responses((status = 200, description = "Metrics in the OpenMetrics text format",
               body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = app.metrics().encode().expect("a text takes all");
    let mut response = Response::new(text.into());
    let content_type = HeaderValue::from_static(TEXT);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}
