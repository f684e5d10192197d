//! Segments of customers: one, many, or from their transactions.

use axum::{
    body::{Body, HttpBody},
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};
use std::{future::poll_fn, pin::Pin, sync::Arc};

use serde::Serialize;
use tokio::time::timeout;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        Object, Ref, RefOr, Schema,
        schema::{AnyOfBuilder, SchemaType},
    },
};

use crate::{
    app::App,
    batch::{self, Batch, CsvBatch, NdjsonBatch, Scorer},
    body::{self, Kind, Whole},
    customer,
    drift::Tally,
    error::{ApiError, json, json_bytes},
    problem::{Place, Problem, text_value},
    responses::BodyErrors,
    served::SegmentResponse,
    transactions::{self, TransactionsRequest, TransactionsResponse},
    wire::{ExplainedSegment, SegmentRequest, WrongItem},
};

/// Bodies of so many bytes take longer than other requests should wait.
const LONG: usize = 64 * 1024;
/// The largest body with one customer, in bytes; a usual one has 60.
const ONE_CUSTOMER: usize = 64 * 1024;
const JSON: &str = "application/json";
const ANY_KIND: &str = "application/json, application/x-ndjson or text/csv";

/// What can be asked about a customer.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "stands for what `wants_explanation` reads in the OpenAPI document"
)]
struct SegmentQuery {
    /// Whether to tell why the customer is in the segment.
    #[param(inline)]
    explain: Option<bool>,
}

/// The segment, and why the customer is in it where that was asked.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "stands for the two answers in the OpenAPI document"
)]
enum OneSegment {
    Explained(ExplainedSegment),
    Plain(SegmentResponse),
}

/// The segment of a customer
///
/// Transform, nearest centroid, name: the same function that `rfm predict`
/// uses, so that a customer has one segment everywhere.
#[utoipa::path(
    post,
    path = "/api/v1/segment",
    tag = "Segments",
    security((), ("key" = []), ("bearer" = [])),
    params(SegmentQuery),
    request_body = SegmentRequest,
    responses(
        (status = 200, description = "The segment", body = OneSegment,
         example = json!({"segment_name": "New Customers", "cluster_label": 2})),
        BodyErrors,
    ),
)]
pub(crate) async fn segment(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    body::kind_of(&headers, &[Kind::Json], JSON)?;
    let whole = body::read(&app, body, ONE_CUSTOMER).await?;
    let explains = wants_explanation(uri.query());
    let rfm = match (
        customer::parse(&whole.bytes, &[Place::Name("body")]),
        &explains,
    ) {
        (Ok(rfm), Ok(_)) => rfm,
        (rfm, _) => {
            let problems = explains.err().into_iter();
            return Err(ApiError::Invalid(
                problems.chain(rfm.err().into_iter().flatten()).collect(),
            ));
        }
    };
    let served = app.served();
    let mut tally = Tally::default();
    let segment = served.predict(rfm, &mut tally);
    app.count(&served, &tally);
    let response = if explains.unwrap_or_default() {
        json(&ExplainedSegment::of(&served, app.playbook(), rfm))
    } else {
        json_bytes(served.answer(segment).clone())
    };
    Ok(served.sign(response))
}

/// The value of `explain`, as Pydantic reads it.
fn wants_explanation(query: Option<&str>) -> Result<bool, Problem> {
    let mut pairs = query
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.rfind(|(name, _)| *name == "explain");
    match value
        .map(|(_, value)| value.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("false" | "0" | "no" | "off" | "f" | "n") => Ok(false),
        Some("true" | "1" | "yes" | "on" | "t" | "y") => Ok(true),
        Some(other) => {
            const MESSAGE: &str = "Input should be a valid boolean, unable to interpret input";
            let loc = [Place::Name("query"), Place::Name("explain")];
            Err(Problem::new(
                "bool_parsing",
                &loc,
                MESSAGE,
                &text_value(other),
            ))
        }
    }
}

/// An item of a batch: a customer, or something that is answered as wrong.
struct AnyItem;

impl ToSchema for AnyItem {}

impl PartialSchema for AnyItem {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name("SegmentRequest"))
            .item(Object::with_type(SchemaType::AnyValue))
            .into()
    }
}

/// The answer to an item of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "stands for the two answers in the OpenAPI document"
)]
enum BatchItem {
    Segment(SegmentResponse),
    Wrong(WrongItem<'static>),
}

/// The segments of many customers
///
/// JSON: an array in, an array of the same order out. NDJSON: line by line,
/// however many, answered while they come in. CSV: a header with the columns
/// recency, frequency and monetary, and the rows with the segment added. A
/// wrong item is answered by what is wrong with it, and the others go on.
#[utoipa::path(
    post,
    path = "/api/v1/segment/batch",
    tag = "Segments",
    security((), ("key" = []), ("bearer" = [])),
    request_body(content(
        (Vec<AnyItem> = "application/json"),
        (String = "application/x-ndjson",
         example = "{\"recency\": 15, \"frequency\": 2, \"monetary\": 350.75}\n"),
        (String = "text/csv", example = "recency,frequency,monetary\n15,2,350.75\n"),
    )),
    responses(
        (status = 200, description = "An answer to each item", content(
            (Vec<BatchItem> = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        BodyErrors,
    ),
)]
pub(crate) async fn batch(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let kind = body::kind_of(&headers, &[Kind::Json, Kind::Ndjson, Kind::Csv], ANY_KIND)?;
    let served = app.served_for_long();
    let scorer = Scorer::new(&app, &served);
    let response = match kind {
        Kind::Json => json_batch(&app, scorer, body).await?,
        Kind::Ndjson => {
            let batch = NdjsonBatch::new(scorer);
            stream(&app, batch, body, Vec::new(), "application/x-ndjson").await?
        }
        Kind::Csv => {
            let time = app.config().timeout;
            let header = timeout(time, read_header(CsvBatch::new(scorer), body)).await;
            let (batch, body, first) = header.map_err(|_| body::too_slow(time))??;
            stream(&app, batch, body, first, "text/csv; charset=utf-8").await?
        }
    };
    Ok(served.sign(response))
}

/// Answers while the body still comes in; `first` is answered already.
async fn stream(
    app: &App,
    batch: impl Batch,
    body: Body,
    first: Vec<u8>,
    content_type: &'static str,
) -> Result<Response, ApiError> {
    let streams = app.limits().streams.clone();
    let Ok(place) = streams.try_acquire_owned() else {
        return Err(body::refuse(body, ApiError::Busy).await);
    };
    let answer = batch::answer(batch, body, first, app.config().timeout, place);
    let mut response = Response::new(answer);
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    Ok(response)
}

async fn json_batch(app: &App, scorer: Scorer, body: Body) -> Result<Response, ApiError> {
    let whole = body::read(app, body, app.config().max_body).await?;
    let (whole, checked) = compute(app, whole, batch::check_array).await?;
    checked.map_err(|problem| ApiError::Invalid(vec![problem]))?;
    Ok(json_bytes(batch::answer_array(scorer, whole)))
}

/// Reads a body up to the end of its first record: columns that are missing
/// change the status of the answer.
async fn read_header(
    mut batch: CsvBatch,
    mut body: Body,
) -> Result<(CsvBatch, Body, Vec<u8>), ApiError> {
    let mut first = Vec::new();
    while !batch.has_header() {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let is_last = frame.is_none();
        let piece = frame.transpose().map_err(|_| ApiError::Interrupted)?;
        let piece = piece.map(body::data_of).unwrap_or_default();
        batch
            .read_header(&piece, is_last, &mut first)
            .map_err(ApiError::Invalid)?;
    }
    Ok((batch, body, first))
}

/// Runs a computation on a body; a long one beside the requests, one a core.
async fn compute<T: Send + 'static>(
    app: &App,
    whole: Whole,
    run: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<(Whole, T), ApiError> {
    if whole.bytes.len() < LONG {
        let result = run(&whole.bytes);
        return Ok((whole, result));
    }
    let core = app.limits().computations.clone().acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let result = run(&whole.bytes);
        drop(core);
        (whole, result)
    });
    // A computation neither panics nor is it cancelled.
    done.await.map_err(|_| ApiError::Busy)
}

/// The segments of customers by their transactions
///
/// The lines are cleaned and rolled up as `rfm features` does it, with exact
/// money, and every customer is scored.
#[utoipa::path(
    post,
    path = "/api/v1/transactions/segment",
    tag = "Segments",
    security((), ("key" = []), ("bearer" = [])),
    request_body = TransactionsRequest,
    responses(
        (status = 200, description = "The customers and their segments", body = TransactionsResponse),
        BodyErrors,
    ),
)]
pub(crate) async fn transactions(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    body::kind_of(&headers, &[Kind::Json], JSON)?;
    let whole = body::read(&app, body, app.config().max_body).await?;
    let served = app.served_for_long();
    let by_model = Arc::clone(&served);
    let (whole, (answer, tally)) = compute(&app, whole, move |bytes| {
        let mut tally = Tally::default();
        let answer = transactions::segment(&by_model, bytes, &mut tally);
        (answer.map(|response| json(&response)), tally)
    })
    .await?;
    app.count(&served, &tally);
    let response = answer.map_err(ApiError::Invalid)?;
    Ok(served.sign(response.map(|body| whole.keep_memory(body))))
}
