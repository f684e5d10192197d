//! Why a customer is in its segment.

use crate::service::{EXAMPLE, JSON, SEGMENT, Service};

#[test]
fn the_explanation_of_the_example() {
    let answer = Service::new().post(&format!("{SEGMENT}?explain=true"), JSON, EXAMPLE);
    insta::assert_snapshot!(answer.transcript());
}

#[test]
fn following_the_smallest_change_leads_to_the_other_segment() {
    let service = Service::new();
    let explained = service
        .post(&format!("{SEGMENT}?explain=1"), JSON, EXAMPLE)
        .json();
    let change = &explained["changes"][0];
    let mut customer: serde_json::Value = serde_json::from_str(EXAMPLE).expect("JSON");
    customer[change["feature"].as_str().expect("name")] = change["to"].clone();
    let answer = service.post(SEGMENT, JSON, customer.to_string()).json();
    assert_eq!(answer["segment_name"], change["segment_name"]);
    assert_ne!(answer["segment_name"], explained["segment_name"]);
}

#[test]
fn without_being_asked_nothing_is_explained() {
    let service = Service::new();
    for query in [
        "",
        "?explain=false",
        "?explain=0",
        "?other=true",
        "?explain=true&explain=no",
    ] {
        let answer = service.post(&format!("{SEGMENT}{query}"), JSON, EXAMPLE);
        assert_eq!(
            answer.json().as_object().map(serde_json::Map::len),
            Some(2),
            "{query}"
        );
    }
}
