//! Answers to requests that cannot be served, in the shape of FastAPI.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::problem::Problem;

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The body or the query is wrong.
    #[error("{} problems", .0.len())]
    Invalid(Vec<Problem>),
    /// There is nothing at that path.
    #[error("Not Found")]
    NotFound,
    /// The path has no such method.
    #[error("Method Not Allowed")]
    MethodNotAllowed,
    /// The body is of a kind that the path does not take.
    #[error("the content type is {found}, expected {expected}")]
    ContentType {
        /// As it was sent.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// The body is packed.
    #[error("the body has a content encoding, expected none")]
    ContentEncoding,
    /// The body is larger than what is read.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The largest body that is read here.
        limit: usize,
    },
    /// The request did not come in within its time.
    #[error("the request did not come in within {seconds} seconds")]
    Timeout {
        /// The time that it had.
        seconds: u64,
    },
    /// The body ended before its end.
    #[error("the body ended early")]
    Interrupted,
    /// No key, or none that is known.
    #[error("a valid key is needed, in the header X-API-Key or as Authorization: Bearer")]
    Unauthorized,
    /// The service was started without admin keys.
    #[error("this is off: the service was started without admin keys")]
    Off,
    /// The name in the header Host is not one of the service's.
    #[error("the service is not called by that host name; see --allowed-hosts")]
    Host,
    /// More requests than the service works on at once.
    #[error("the service is at its limit; try again")]
    Busy,
    /// The service does not want requests.
    #[error("{reason}")]
    NotReady {
        /// Why.
        reason: &'static str,
    },
    /// A new model was refused; the old one goes on.
    #[error("the model was not replaced: {reason}")]
    Reload {
        /// What is wrong with the new one.
        reason: String,
    },
}

impl ApiError {
    /// The status of the answer. Nothing that a client sends leads to a 5xx;
    /// 503 says that the service is busy or ending.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType { .. } | Self::ContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Interrupted => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Off => StatusCode::FORBIDDEN,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Busy | Self::NotReady { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Reload { .. } => StatusCode::CONFLICT,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Problems(&'a [Problem]),
    Message(String),
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    detail: Detail<'a>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let detail = match &self {
            Self::Invalid(problems) => Detail::Problems(problems),
            other => Detail::Message(other.to_string()),
        };
        let mut response = json(&ErrorBody { detail });
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        match self {
            Self::Busy | Self::NotReady { .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// An answer in JSON.
pub(crate) fn json(value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("answers have text keys only");
    json_bytes(body)
}

/// An answer that is JSON already.
pub(crate) fn json_bytes(body: impl Into<axum::body::Body>) -> Response {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
