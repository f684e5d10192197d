//! What clients of the replaced service rely on.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use proptest::prelude::*;
use rfmkit::{features::Rfm, modeling::SegmentationModel};
use serde_json::json;

use crate::service::{EXAMPLE, JSON, SEGMENT, Service};

#[test]
fn the_example_is_a_new_customer() {
    let answer = Service::new().post(SEGMENT, JSON, EXAMPLE);
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), JSON);
    assert_eq!(
        answer.text(),
        r#"{"segment_name":"New Customers","cluster_label":2}"#
    );
}

#[test]
fn the_greetings_are_the_old_ones() {
    let service = Service::new();
    assert_eq!(
        service.get("/").json(),
        json!({"message": "Welcome to the RFM Segmentation API. Go to /docs for API v1."})
    );
    assert_eq!(
        service.get("/api/v1/").json(),
        json!({"message": "API v1 is running"})
    );
}

#[test]
fn integers_may_be_written_with_a_point() {
    let service = Service::new();
    for body in [
        r#"{"recency": 15.0, "frequency": 2.0, "monetary": 350.75}"#,
        r#"{"recency": 1.5e1, "frequency": 20e-1, "monetary": 35075e-2}"#,
        r#"{"monetary": 350.75, "frequency": 2, "recency": 15, "name": "unknown members are left alone"}"#,
        "\u{feff}{\"recency\": 15, \"frequency\": 2, \"monetary\": 350.75}",
    ] {
        let answer = service.post(SEGMENT, JSON, body);
        assert_eq!(answer.json()["cluster_label"], 2, "{body}");
    }
}

#[test]
fn other_names_of_json_are_json() {
    let service = Service::new();
    for content_type in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.shop+json",
    ] {
        let answer = service.post(SEGMENT, content_type, EXAMPLE);
        assert_eq!(answer.status, StatusCode::OK, "{content_type}");
    }
}

#[test]
fn a_slash_too_many_or_too_few_is_redirected() {
    let service = Service::new();
    for (path, target) in [
        ("/api/v1", "/api/v1/"),
        ("/api/v1/segment/", "/api/v1/segment"),
        ("/docs/?a=b", "/docs?a=b"),
    ] {
        let answer = service.get(path);
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
        assert_eq!(answer.header("location"), target);
    }
}

#[test]
fn a_head_is_answered_without_a_body() {
    let request = Request::head("/healthz")
        .body(Body::empty())
        .expect("request");
    let answer = Service::new().send(request);
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
}

#[test]
fn every_path_refuses_other_methods() {
    let service = Service::new();
    let document = rfm_api::openapi();
    for (path, item) in &document.paths.paths {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
        ] {
            let has = match method {
                Method::GET => item.get.is_some(),
                Method::POST => item.post.is_some(),
                _ => false,
            };
            if has {
                continue;
            }
            let request = Request::builder().method(&method).uri(path);
            let answer = service.send(request.body(Body::empty()).expect("request"));
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            assert_eq!(answer.json(), json!({"detail": "Method Not Allowed"}));
            assert!(!answer.header("allow").is_empty());
        }
    }
}

#[test]
fn the_pages_load_nothing_from_elsewhere() {
    let service = Service::new();
    for path in ["/docs", "/redoc"] {
        let answer = service.get(path);
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(!answer.text().contains("src=\"http"), "{path}");
        for part in answer.text().split("src=\"").skip(1) {
            let source = part.split('"').next().expect("a quote");
            let answer = service.get(source);
            assert_eq!(answer.status, StatusCode::OK, "{source}");
            assert!(!answer.body.is_empty());
        }
    }
    assert_eq!(
        service.get("/docs/nothing.js").status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn the_document_has_ranges_and_the_example() {
    let document = Service::new().get("/openapi.json").json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    let customer = &document["components"]["schemas"]["SegmentRequest"];
    assert_eq!(customer["properties"]["recency"]["maximum"], 100_000);
    assert_eq!(customer["properties"]["frequency"]["minimum"], 1);
    assert_eq!(
        customer["properties"]["frequency"]["maximum"],
        1_000_000_000
    );
    assert_eq!(customer["properties"]["monetary"]["exclusiveMinimum"], 0);
    assert_eq!(
        customer["example"],
        json!({"recency": 15, "frequency": 2, "monetary": 350.75})
    );
}

proptest! {
    #[test]
    fn a_customer_gets_the_segment_of_the_library(
        recency in 0..100_000_u64,
        frequency in 1..1_000_000_000_u64,
        monetary in prop_oneof![1e-9..1e9, 1e-300..1e300],
    ) {
        thread_local!(static SERVICE: Service = Service::new());
        let body = json!({"recency": recency, "frequency": frequency, "monetary": monetary});
        let answer = SERVICE.with(|service| service.post(SEGMENT, JSON, body.to_string()));
        let rfm = Rfm::new(recency, frequency, monetary).expect("in range");
        let segment = SegmentationModel::reference().predict(rfm);
        let expected = json!({"segment_name": segment.name(), "cluster_label": segment.label()});
        prop_assert_eq!(answer.json(), expected);
    }
}
