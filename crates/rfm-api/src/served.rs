//! The model that answers, with all that belongs to it.

use std::time::Instant;

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};
use bytes::Bytes;
use rfmkit::{
    features::Rfm,
    modeling::{LoadedModel, SEGMENTS, Segment, SegmentationModel, model_name},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    drift::{Tally, Window},
    wire::SegmentName,
};

/// The header that names the model by the first digits of its checksum.
pub(crate) const MODEL: HeaderName = HeaderName::from_static("x-rfm-model");

/// A loaded model. A request takes it once and is answered wholly by it.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) model: SegmentationModel,
    /// Whether it is the built-in model of the reference data.
    pub(crate) is_reference: bool,
    /// The first digits of the checksum.
    pub(crate) name: HeaderValue,
    /// Customers that were asked about since it was loaded.
    pub(crate) window: Window,
    answers: [Bytes; SEGMENTS],
}

/// The segment of a customer.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentResponse {
    /// The segment's name.
    #[schema(value_type = SegmentName, example = "New Customers")]
    pub(crate) segment_name: Segment,
    /// The segment's label, the same in every model.
    #[schema(minimum = 0, maximum = 3, example = 2)]
    pub(crate) cluster_label: usize,
}

impl From<Segment> for SegmentResponse {
    fn from(segment: Segment) -> Self {
        Self {
            segment_name: segment,
            cluster_label: segment.label(),
        }
    }
}

impl Served {
    pub(crate) fn new(loaded: LoadedModel, now: Instant) -> Self {
        let answer = |segment| {
            let response = SegmentResponse::from(segment);
            serde_json::to_vec(&response)
                .expect("a segment is JSON")
                .into()
        };
        let name = model_name(loaded.model.checksum());
        Self {
            name: HeaderValue::from_str(name).expect("hexadecimal digits"),
            window: Window::new(now),
            answers: Segment::ALL.map(answer),
            is_reference: loaded.is_reference,
            model: loaded.model,
        }
    }

    /// Names the model in an answer that it gave.
    pub(crate) fn sign(&self, mut response: Response) -> Response {
        response.headers_mut().insert(MODEL, self.name.clone());
        response
    }

    /// The segment of a customer, counted.
    pub(crate) fn predict(&self, rfm: Rfm, tally: &mut Tally) -> Segment {
        let segment = self.model.predict(rfm);
        tally.add(&self.model, rfm, segment);
        segment
    }

    /// A segment as [`SegmentResponse`] in JSON, made once for each.
    pub(crate) const fn answer(&self, segment: Segment) -> &Bytes {
        &self.answers[segment.label()]
    }
}
