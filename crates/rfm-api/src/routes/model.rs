//! The model: what it is, and loading another.

use axum::{extract::State, http::HeaderMap, response::Response};

use crate::{
    app::App,
    error::{ApiError, json},
    wire::{ErrorMessage, ModelDescription, Reloaded, SegmentDescription},
};

/// The segments
///
/// Who is in each by the training data, what to do about them, and why a name
/// may not fit.
#[utoipa::path(
    get,
    path = "/api/v1/segments",
    tag = "Model",
    security((), ("key" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The four segments, by label", body = Vec<SegmentDescription>),
        (status = 401, description = "A valid key is needed", body = ErrorMessage),
    ),
)]
pub(crate) async fn segments(State(app): State<App>) -> Response {
    let served = app.served();
    served.sign(json(&SegmentDescription::all(
        &served.model,
        app.playbook(),
    )))
}

/// The model that answers
#[utoipa::path(
    get,
    path = "/api/v1/model",
    tag = "Model",
    security((), ("key" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The model", body = ModelDescription),
        (status = 401, description = "A valid key is needed", body = ErrorMessage),
    ),
)]
pub(crate) async fn show(State(app): State<App>) -> Response {
    let served = app.served();
    served.sign(json(&ModelDescription::new(&served)))
}

/// Loads the model file anew
///
/// A model that will not do is refused, and the one that is there goes on. It
/// needs an admin key, and is off where the service was started without any.
#[utoipa::path(
    post,
    path = "/api/v1/model/reload",
    tag = "Model",
    security(("key" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The model that answers now", body = Reloaded),
        (status = 401, description = "A valid admin key is needed", body = ErrorMessage),
        (status = 403, description = "The service was started without admin keys", body = ErrorMessage),
        (status = 409, description = "The model file was refused", body = ErrorMessage),
    ),
)]
pub(crate) async fn reload(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if !app.keys().has_admins() {
        return Err(ApiError::Off);
    }
    if !app.keys().allow_admin(&headers) {
        return Err(ApiError::Unauthorized);
    }
    let is_new = app.reload().map_err(|error| ApiError::Reload {
        reason: error.to_string(),
    })?;
    Ok(json(&Reloaded {
        is_new,
        checksum: app.model_checksum(),
    }))
}
