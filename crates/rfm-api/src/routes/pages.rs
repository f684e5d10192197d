//! Pages for people: greetings, and the documentation of the interface.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::Path,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;

use crate::{
    error::{ApiError, json, json_bytes},
    reference,
    router::{openapi, templates},
    wire::Message,
};

/// A greeting
#[utoipa::path(
    get,
    path = "/",
    tag = "Greetings",
    responses((status = 200, description = "Where to go", body = Message)),
)]
pub(crate) async fn root() -> Response {
    json(&Message {
        message: "Welcome to the RFM Segmentation API. Go to /docs for API v1.",
    })
}

/// A greeting of version 1
#[utoipa::path(
    get,
    path = "/api/v1/",
    tag = "Greetings",
    responses((status = 200, description = "It runs", body = Message)),
)]
pub(crate) async fn version_1() -> Response {
    json(&Message {
        message: "API v1 is running",
    })
}

/// The OpenAPI document.
pub(crate) async fn document() -> Response {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
        let text = openapi()
            .to_json()
            .expect("the document has text keys only");
        text.into()
    });
    json_bytes(DOCUMENT.clone())
}

/// Swagger UI, with everything that it loads below `/docs/`.
pub(crate) async fn docs() -> Response {
    html(include_str!("pages/docs.html"))
}

/// A file of Swagger UI.
pub(crate) async fn docs_file(Path(name): Path<String>) -> Result<Response, ApiError> {
    if name == "start.js" {
        let script = Bytes::from_static(include_bytes!("pages/start.js"));
        return Ok(page(script.into(), "text/javascript"));
    }
    let config = Arc::new(utoipa_swagger_ui::Config::from("/openapi.json"));
    match utoipa_swagger_ui::serve(&name, config) {
        Ok(Some(file)) => Ok(page(file.bytes.into_owned().into(), &file.content_type)),
        _ => Err(ApiError::NotFound),
    }
}

/// The whole interface on one page, without scripts.
pub(crate) async fn redoc() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(|| reference::html(&openapi()));
    html(&PAGE)
}

/// A path without a route: with or without a slash at its end it may have one.
pub(crate) async fn not_found(uri: Uri) -> Response {
    let path = uri.path();
    let other = match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    };
    if templates().any(|template| template == other) {
        let query = uri
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        return Redirect::temporary(&(other + &query)).into_response();
    }
    ApiError::NotFound.into_response()
}

pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

fn html(text: &'static str) -> Response {
    page(
        Bytes::from_static(text.as_bytes()).into(),
        "text/html; charset=utf-8",
    )
}

/// A page or a part of one, which loads nothing from elsewhere.
fn page(body: axum::body::Body, content_type: &str) -> Response {
    const OWN: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                       frame-ancestors 'none'";
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(OWN),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
