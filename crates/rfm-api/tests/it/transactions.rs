//! From the lines of a few customers to their segments.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::service::{JSON, Service, TRANSACTIONS};

fn line(customer: impl Into<Value>, invoice: &str, date: &str, quantity: f64, price: f64) -> Value {
    json!({"customer_id": customer.into(), "invoice": invoice, "invoice_date": date,
           "quantity": quantity, "unit_price": price})
}

fn send(body: &Value) -> Value {
    let answer = Service::new().post(TRANSACTIONS, JSON, body.to_string());
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[test]
fn lines_are_cleaned_and_rolled_up_as_in_the_pipeline() {
    let answer = send(&json!({"transactions": [
        line("17850", "1", "2011-11-01 10:00:00", 6.0, 2.55),
        line("17850", "1", "2011-11-01 10:00:00", 6.0, 2.55),
        line("17850", "1", "2011-11-01 10:00:00", 1.0, 0.1),
        line("17850", "2", "2011-11-30 10:00:00", 3.0, 0.1),
        line("9", "3", "2011-12-01 12:00:00", 2.0, 10.0),
        line("9", "C4", "2011-12-02 12:00:00", -2.0, 10.0),
        line(Value::Null, "5", "2011-12-03 12:00:00", 1.0, 1.0),
    ]}));
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).expect("JSON"));
}

#[test]
fn a_number_that_names_a_customer_is_its_text() {
    let answer = send(&json!({"transactions": [
        line(17850, "1", "2011-11-01", 1.0, 1.0),
        line("17850", "2", "2011-11-01", 1.0, 1.0),
        line("017850", "3", "2011-11-01", 1.0, 1.0),
    ]}));
    let customers: Vec<&str> = answer["customers"]
        .as_array()
        .expect("customers")
        .iter()
        .map(|customer| customer["customer_id"].as_str().expect("text"))
        .collect();
    assert_eq!(customers, ["017850", "17850"]);
}

#[test]
fn what_lies_after_the_snapshot_does_not_count() {
    let answer = send(&json!({"snapshot": "2011-11-15", "transactions": [
        line("a", "1", "2011-11-01", 1.0, 1.0),
        line("b", "2", "2011-11-15", 1.0, 1.0),
    ]}));
    assert_eq!(answer["snapshot"], "2011-11-15 00:00:00");
    assert_eq!(answer["dropped"]["after_snapshot"], 1);
    assert_eq!(answer["customers"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["customers"][0]["recency"], 14);
}

#[test]
fn who_bought_nothing_has_no_segment() {
    let answer = send(&json!({"transactions": [line("a", "C1", "2011-11-01", -1.0, 1.0)]}));
    assert_eq!(answer["customers"], json!([]));
    assert_eq!(answer["snapshot"], Value::Null);
    assert_eq!(answer["dropped"]["not_a_purchase"], 1);
}

#[test]
fn money_is_summed_as_decimals() {
    let lines: Vec<Value> = (0..10)
        .map(|i| line("a", &i.to_string(), "2011-11-01", 1.0, 0.1))
        .collect();
    assert_eq!(
        send(&json!({"transactions": lines}))["customers"][0]["monetary"],
        1.0
    );
}

#[test]
fn only_so_many_problems_are_listed() {
    let body = format!("{{\"transactions\": [{}1]}}", "1,".repeat(1000));
    let answer = Service::new().post(TRANSACTIONS, JSON, body);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["detail"].as_array().map(Vec::len), Some(100));
}
