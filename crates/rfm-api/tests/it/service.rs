//! A service to send requests to.

use std::{fmt::Write, fs, path::PathBuf, task::Poll, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, request::Builder},
};
use http_body_util::BodyExt;
use rfm_api::{App, StartError, router};
use rfmkit::config::{self, Key, Layer, Playbook};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

pub(crate) const JSON: &str = "application/json";
pub(crate) const NDJSON: &str = "application/x-ndjson";
pub(crate) const CSV: &str = "text/csv";
pub(crate) const SEGMENT: &str = "/api/v1/segment";
pub(crate) const BATCH: &str = "/api/v1/segment/batch";
pub(crate) const TRANSACTIONS: &str = "/api/v1/transactions/segment";
/// The example of the documentation.
pub(crate) const EXAMPLE: &str = r#"{"recency": 15, "frequency": 2, "monetary": 350.75}"#;

/// A service in a project's folder of its own, without a socket.
pub(crate) struct Service {
    pub(crate) app: App,
    folder: TempDir,
    router: Router,
    runtime: Runtime,
}

/// What the service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with([])
    }

    /// A service with some settings.
    pub(crate) fn with<const N: usize>(settings: [(Key, &str); N]) -> Self {
        Self::start(tempfile::tempdir().expect("folder"), settings).expect("it starts")
    }

    /// A service in a folder that has files already.
    pub(crate) fn start<const N: usize>(
        folder: TempDir,
        settings: [(Key, &str); N],
    ) -> Result<Self, StartError> {
        let root = folder.path().display().to_string();
        let settings = settings.map(|(key, value)| (key, value.replace("FOLDER", &root)));
        let options = settings.into_iter().chain([(Key::Root, root)]);
        let config = config::resolve(&[Layer::from_options(options)]).expect("settings");
        let app = App::new(config.service, config.model, Playbook::default())?;
        Ok(Self {
            router: router(app.clone()),
            app,
            folder,
            runtime: Runtime::new().expect("runtime"),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        write(&self.folder, name, content);
    }

    pub(crate) fn send(&self, request: Request<Body>) -> Answer {
        self.try_send(request).expect("a whole answer")
    }

    /// Sends a request whose answer may break off.
    pub(crate) fn try_send(&self, request: Request<Body>) -> Result<Answer, axum::Error> {
        self.runtime.block_on(answer(self.router.clone(), request))
    }

    /// Sends a request, and waits before it takes each piece of the answer.
    pub(crate) fn read_slowly(&self, request: Request<Body>, wait: Duration) -> Vec<u8> {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await;
            let mut body = response.expect("infallible").into_body();
            let mut answer = Vec::new();
            while let Some(frame) = body.frame().await {
                answer.extend(frame.expect("it goes on").into_data().expect("data"));
                tokio::time::sleep(wait).await;
            }
            answer
        })
    }

    /// Sends two requests at once, the second when the first is under way.
    pub(crate) fn both(&self, first: Request<Body>, second: Request<Body>) -> (Head, Answer) {
        self.runtime.block_on(async {
            let router = self.router.clone();
            let mut first = Box::pin(async move {
                let response = router.oneshot(first).await.expect("infallible");
                let (parts, mut body) = response.into_parts();
                // The first piece of the answer says that it has begun.
                let begun = body.frame().await;
                (
                    Head {
                        status: parts.status,
                    },
                    begun,
                    body,
                )
            });
            let second = answer(self.router.clone(), second);
            // Without a socket one poll goes as far as the body goes.
            let early = futures_util::poll!(&mut first);
            let second = second.await.expect("a whole answer");
            let (head, ..) = match early {
                Poll::Ready(early) => early,
                Poll::Pending => first.await,
            };
            (head, second)
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("request"))
    }

    pub(crate) fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.send(post(path, content_type).body(body.into()).expect("request"))
    }

    /// Sends a body that must be refused, and gives question and answer.
    pub(crate) fn refusal(&self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> String {
        let body = body.as_ref().to_vec();
        let shown: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        let answer = self.post(path, content_type, body);
        assert!(answer.status.is_client_error(), "{answer:?}");
        format!(
            "POST {path}\n{content_type}\n\n{shown}\n\n{}",
            answer.transcript()
        )
    }
}

/// The start of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
}

async fn answer(router: Router, request: Request<Body>) -> Result<Answer, axum::Error> {
    let response = router.oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes().to_vec(),
    })
}

/// A file in a folder.
pub(crate) fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().expect("folder")).expect("create folder");
    fs::write(path, content).expect("write");
}

pub(crate) fn post(path: &str, content_type: &str) -> Builder {
    Request::post(path).header("content-type", content_type)
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"));
        value.to_str().expect("text")
    }

    /// Status, content type and body, as a snapshot shows them.
    pub(crate) fn transcript(&self) -> String {
        assert!(
            self.status.as_u16() < 500 || self.status == StatusCode::SERVICE_UNAVAILABLE,
            "nothing that a client sends leads to {}",
            self.status
        );
        let mut text = format!("{}\n", self.status);
        for name in ["content-type", "allow", "retry-after", "www-authenticate"] {
            if let Some(value) = self.headers.get(name) {
                writeln!(text, "{name}: {}", value.to_str().expect("text")).expect("write");
            }
        }
        text.push('\n');
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => text += &serde_json::to_string_pretty(&value).expect("JSON"),
            Err(_) => text += &String::from_utf8_lossy(&self.body),
        }
        text
    }
}
