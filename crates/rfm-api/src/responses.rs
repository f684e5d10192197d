//! Answers that several paths have in common, for the OpenAPI document.

use utoipa::IntoResponses;

use crate::wire::{ErrorMessage, Problems};

/// What can be wrong with a request that has a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "stands for `ApiError` in the OpenAPI document")]
pub(crate) enum BodyErrors {
    /// The body ended early
    #[response(status = 400)]
    Interrupted(ErrorMessage),
    /// A valid key is needed
    #[response(status = 401)]
    Unauthorized(ErrorMessage),
    /// The request did not come in within its time
    #[response(status = 408)]
    Timeout(ErrorMessage),
    /// The body is too large
    #[response(status = 413)]
    TooLarge(ErrorMessage),
    /// The content type is not one of those above
    #[response(status = 415)]
    ContentType(ErrorMessage),
    /// The body or the query is wrong; all that is wrong is listed
    #[response(status = 422)]
    Invalid(Problems),
    /// The service is at its limit; `Retry-After` says when to try again
    #[response(status = 503)]
    Busy(ErrorMessage),
}
