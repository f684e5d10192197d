//! A snapshot of every answer to a request that cannot be served.

use axum::{body::Body, http::Request};
use rfmkit::config::Key;

use crate::service::{BATCH, CSV, EXAMPLE, JSON, NDJSON, SEGMENT, Service, TRANSACTIONS, post};

macro_rules! refusals {
    ($($name:ident: $path:expr, $content_type:expr, $body:expr;)+) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(Service::new().refusal($path, $content_type, $body));
        }
    )+};
}

refusals! {
    all_members_are_missing: SEGMENT, JSON, "{}";
    numbers_in_strings: SEGMENT, JSON, r#"{"recency": "15", "frequency": "2", "monetary": "350.75"}"#;
    values_of_other_types: SEGMENT, JSON, r#"{"recency": null, "frequency": true, "monetary": [1]}"#;
    values_below_their_range: SEGMENT, JSON, r#"{"recency": -1, "frequency": 0, "monetary": 0}"#;
    values_above_their_range: SEGMENT, JSON, r#"{"recency": 100001, "frequency": 1000000001, "monetary": 1e400}"#;
    fractions_of_days_and_invoices: SEGMENT, JSON, r#"{"recency": 15.5, "frequency": 2.5, "monetary": 350.75}"#;
    a_number_of_26_digits: SEGMENT, JSON, r#"{"recency": 12345678901234567890123456, "frequency": 2, "monetary": 1}"#;
    members_that_stand_twice: SEGMENT, JSON, r#"{"recency": 1, "recency": 2, "frequency": 2, "monetary": 1}"#;
    no_number_in_json: SEGMENT, JSON, r#"{"recency": NaN, "frequency": 2, "monetary": 1}"#;
    no_object: SEGMENT, JSON, "[15, 2, 350.75]";
    no_json: SEGMENT, JSON, "{recency: 15}";
    half_a_body: SEGMENT, JSON, r#"{"recency": 15, "#;
    an_empty_body: SEGMENT, JSON, "";
    more_after_the_end: SEGMENT, JSON, format!("{EXAMPLE} {EXAMPLE}");
    no_utf_8: SEGMENT, JSON, b"{\"recency\": \"\xff\"}";
    utf_16: SEGMENT, JSON, b"\xff\xfe{\0}\0";
    deep_json: SEGMENT, JSON, format!("{{\"recency\": {}", "[".repeat(10_000));
    a_deep_value: SEGMENT, JSON, format!("{{\"recency\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    another_content_type: SEGMENT, "application/x-www-form-urlencoded", EXAMPLE;
    ndjson_for_one_customer: SEGMENT, NDJSON, EXAMPLE;
    a_body_that_is_too_large: SEGMENT, JSON, " ".repeat(70_000);
    no_boolean: "/api/v1/segment?explain=maybe", JSON, r#"{"recency": -1}"#;
    a_batch_that_is_no_array: BATCH, JSON, EXAMPLE;
    a_batch_that_breaks_off: BATCH, JSON, format!("[{EXAMPLE}, {EXAMPLE}");
    a_batch_of_another_kind: BATCH, "application/xml", "<customers/>";
    a_csv_without_its_columns: BATCH, CSV, "id,recency,Recency\n1,2,3\n";
    an_empty_csv: BATCH, CSV, "";
    no_transactions: TRANSACTIONS, JSON, "{}";
    an_empty_list_of_transactions: TRANSACTIONS, JSON, r#"{"transactions": []}"#;
    transactions_that_are_no_list: TRANSACTIONS, JSON, r#"{"transactions": {}, "snapshot": "tomorrow"}"#;
    transactions_of_other_types: TRANSACTIONS, JSON,
        r#"{"snapshot": 1, "transactions": [3, {}, {"customer_id": true, "invoice": [], "invoice_date": 1, "quantity": "6", "unit_price": null}]}"#;
    dates_and_numbers_that_are_none: TRANSACTIONS, JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": 1, "invoice_date": "2011-02-30", "quantity": 1, "unit_price": 1},
            {"customer_id": 1, "invoice": 1, "invoice_date": "today", "quantity": 1, "unit_price": 1},
            {"customer_id": 1, "invoice": 1, "invoice_date": "2011-02-03", "quantity": 1e300, "unit_price": 1},
            {"customer_id": 1, "invoice": "", "invoice_date": "2011-02-03", "quantity": 1, "unit_price": 1}]}"#;
    a_transaction_without_its_invoice: TRANSACTIONS, JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": null, "invoice_date": "2011-02-03", "quantity": 1, "unit_price": 1}]}"#;
    dates_with_two_readings: TRANSACTIONS, JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": 1, "invoice_date": "1/2/2011", "quantity": 1, "unit_price": 1}]}"#;
    dates_with_and_without_a_zone: TRANSACTIONS, JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": 1, "invoice_date": "2011-01-02T03:04:05Z", "quantity": 1, "unit_price": 1},
            {"customer_id": 1, "invoice": 1, "invoice_date": "2011-01-02T03:04:05", "quantity": 1, "unit_price": 1}]}"#;
    a_sum_that_is_too_large: TRANSACTIONS, JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": 1, "invoice_date": "2011-01-02", "quantity": 9000000, "unit_price": 1000000},
            {"customer_id": 1, "invoice": 2, "invoice_date": "2011-01-02", "quantity": 9000000, "unit_price": 1000000}]}"#;
}

#[test]
fn an_unknown_path() {
    insta::assert_snapshot!(Service::new().get("/api/v2/segment").transcript());
}

#[test]
fn another_method() {
    insta::assert_snapshot!(Service::new().get(SEGMENT).transcript());
}

#[test]
fn no_content_type() {
    let request = Request::post(SEGMENT)
        .body(Body::from(EXAMPLE))
        .expect("request");
    insta::assert_snapshot!(Service::new().send(request).transcript());
}

#[test]
fn a_packed_body() {
    let request = post(SEGMENT, JSON).header("content-encoding", "gzip");
    let answer = Service::new().send(request.body(Body::from("...")).expect("request"));
    insta::assert_snapshot!(answer.transcript());
}

#[test]
fn another_host() {
    let request = Request::get("/").header("host", "shop.example");
    let answer = Service::new().send(request.body(Body::empty()).expect("request"));
    insta::assert_snapshot!(answer.transcript());
}

#[test]
fn a_batch_that_is_too_large() {
    let service = Service::with([(Key::MaxBody, "1000")]);
    insta::assert_snapshot!(service.refusal(BATCH, JSON, " ".repeat(1001)));
}

#[test]
fn reloading_without_admin_keys() {
    let request = Request::post("/api/v1/model/reload").body(Body::empty());
    insta::assert_snapshot!(Service::new().send(request.expect("request")).transcript());
}
