//! Many customers in one request.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::StatusCode;
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use proptest::prelude::*;
use rfmkit::modeling::{SegmentationModel, model_name};
use serde_json::{Value, json};

use crate::service::{BATCH, CSV, EXAMPLE, JSON, NDJSON, SEGMENT, Service, post};

thread_local!(static SERVICE: Service = Service::new());

fn send(content_type: &str, body: impl Into<Body>) -> String {
    let answer = SERVICE.with(|service| service.post(BATCH, content_type, body));
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.text().to_owned()
}

/// A body that comes in pieces, cut at the given shares of its length.
fn in_pieces(text: &[u8], cuts: &[f64]) -> Body {
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| (cut * text.len() as f64) as usize)
        .collect();
    ends.push(text.len());
    ends.sort_unstable();
    let mut start = 0;
    let mut frames = Vec::new();
    for end in ends {
        frames.push(Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(
            &text[start..end],
        ))));
        start = end;
    }
    Body::new(StreamBody::new(futures_util::stream::iter(frames)))
}

/// An item of a batch: mostly a customer, sometimes something else.
fn item() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..400_u32, 1..100_u32, 1..10_000_000_u32).prop_map(|(r, f, m)| {
            json!({"recency": r, "frequency": f, "monetary": f64::from(m) / 100.0}).to_string()
        }),
        1 => Just(r#"{"recency": -1, "frequency": 1.5}"#.to_owned()),
        1 => Just("null".to_owned()),
        1 => Just(r#"{"recency": 1, "frequency": 1, "monetary": "a\nb,\"c\""}"#.to_owned()),
    ]
}

proptest! {
    #[test]
    fn a_batch_answers_each_item_as_alone(items in prop::collection::vec(item(), 0..20)) {
        let answers = send(JSON, format!("[{}]", items.join(", ")));
        let answers: Vec<Value> = serde_json::from_str(&answers).expect("an array");
        prop_assert_eq!(answers.len(), items.len());
        for (index, (item, answer)) in items.iter().zip(answers).enumerate() {
            let alone = SERVICE.with(|service| service.post(SEGMENT, JSON, item.clone())).json();
            if alone.get("detail").is_none() {
                prop_assert_eq!(answer, alone);
                continue;
            }
            prop_assert_eq!(&answer["index"], index);
            let count = |problems: &Value| problems.as_array().map(Vec::len);
            prop_assert_eq!(count(&answer["detail"]), count(&alone["detail"]));
            prop_assert_eq!(&answer["detail"][0]["loc"][1], index);
        }
    }

    #[test]
    fn ndjson_answers_as_json(items in prop::collection::vec(item(), 0..20)) {
        let array = send(JSON, format!("[{}]", items.join(",")));
        let lines = send(NDJSON, items.join("\n"));
        let joined = lines.lines().collect::<Vec<_>>().join(",");
        prop_assert_eq!(array, format!("[{joined}]"));
    }

    #[test]
    fn it_does_not_matter_how_ndjson_is_cut(
        items in prop::collection::vec(item(), 0..20),
        end in prop_oneof![Just(""), Just("\n"), Just("\r\n\r\n")],
        cuts in prop::collection::vec(0.0..1.0, 0..8),
    ) {
        let text = items.join("\r\n") + end;
        prop_assert_eq!(send(NDJSON, in_pieces(text.as_bytes(), &cuts)), send(NDJSON, text));
    }

    #[test]
    fn it_does_not_matter_how_csv_is_cut(
        rows in prop::collection::vec("[0-9,\"a\r\n]{0,30}", 0..20),
        cuts in prop::collection::vec(0.0..1.0, 0..8),
    ) {
        let text = format!("id,recency,frequency,monetary\n{}", rows.join("\n"));
        prop_assert_eq!(send(CSV, in_pieces(text.as_bytes(), &cuts)), send(CSV, text));
    }

    #[test]
    fn csv_answers_as_json(
        customers in prop::collection::vec((0..400_u32, 1..100_u32, 1..10_000_000_u32), 1..20),
    ) {
        let mut csv = String::from("Monetary,customer,Recency,Frequency\n");
        let mut items = Vec::new();
        for (r, f, m) in customers {
            let m = f64::from(m) / 100.0;
            csv += &format!("{m},\"a, b\",{r},{f}\n");
            items.push(json!({"recency": r, "frequency": f, "monetary": m}));
        }
        let answers: Vec<Value> = serde_json::from_str(&send(JSON, json!(items).to_string())).expect("JSON");
        let csv = send(CSV, csv);
        for (row, answer) in csv.lines().skip(1).zip(answers) {
            let expected = format!(
                ",{},{},", answer["segment_name"].as_str().expect("name"), answer["cluster_label"]
            );
            prop_assert!(row.ends_with(&expected), "{row}, expected {expected}");
        }
    }
}

#[test]
fn a_wrong_item_does_not_end_the_batch() {
    let body = format!("[{EXAMPLE}, {{\"recency\": -1}}, 7, {EXAMPLE}]");
    insta::assert_snapshot!(SERVICE.with(|service| service.post(BATCH, JSON, body).transcript()));
}

#[test]
fn a_wrong_row_does_not_end_the_batch() {
    let body = "id,recency,frequency,monetary\r\n\
        a,15,2,350.75\r\n\
        \"b, \"\"c\"\"\",15.0,2,350.75\r\n\
        \r\n\
        d,-1,,x\r\n\
        e,15\r\n\
        f,15,2,350.75,more\r\n\
        g,\"15\",2,1e-2\r\n\
        \"h,15,2,350.75";
    insta::assert_snapshot!(send(CSV, body));
}

#[test]
fn lines_and_records_beyond_all_measure_are_answered_once() {
    let long = "9".repeat(70_000);
    let lines = send(NDJSON, format!("{EXAMPLE}\n{long}\n{EXAMPLE}\n"));
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.contains(r#"{"index":1,"detail":[{"type":"line_too_long""#));
    let rows = send(
        CSV,
        format!("recency,frequency,monetary\n1,1,{long}\n15,2,350.75\n"),
    );
    assert_eq!(
        rows,
        "recency,frequency,monetary,segment_name,cluster_label,detail\n\
         ,,,,,Record should have at most 65536 bytes\n15,2,350.75,New Customers,2,\n"
    );
    for (kind, text) in [
        (NDJSON, format!("{long}\n{EXAMPLE}")),
        (CSV, format!("recency,frequency,monetary\n{long}\n1,1,1")),
    ] {
        for cut in [0.1, 0.5, 0.93, 0.94, 0.99] {
            let cut = in_pieces(text.as_bytes(), &[cut]);
            assert_eq!(send(kind, cut), send(kind, text.clone()));
        }
    }
}

#[test]
fn an_empty_batch_has_no_answers() {
    assert_eq!(send(JSON, "[]"), "[]");
    assert_eq!(send(NDJSON, ""), "");
    assert_eq!(
        send(CSV, "recency,frequency,monetary"),
        "recency,frequency,monetary,segment_name,cluster_label,detail\n"
    );
}

#[test]
fn a_batch_names_the_model_and_its_kind() {
    let service = Service::new();
    let reference = SegmentationModel::reference();
    for (kind, body, expected) in [
        (JSON, "[]", "application/json"),
        (NDJSON, "", "application/x-ndjson"),
        ("application/jsonl", "", "application/x-ndjson"),
        (
            CSV,
            "recency,frequency,monetary\n",
            "text/csv; charset=utf-8",
        ),
    ] {
        let answer = service.send(post(BATCH, kind).body(Body::from(body)).expect("request"));
        assert_eq!(answer.header("content-type"), expected);
        assert_eq!(
            answer.header("x-rfm-model"),
            model_name(reference.checksum())
        );
    }
}

#[test]
fn wrong_items_are_answered_however_many() {
    // The answers are a hundred times as long as the question.
    let answers = send(JSON, format!("[{}0]", "0,\n".repeat(9999)));
    let answers: Vec<Value> = serde_json::from_str(&answers).expect("an array");
    assert_eq!(answers.len(), 10_000);
    assert_eq!(answers[9999]["index"], 9999);
}
