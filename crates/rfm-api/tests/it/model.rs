//! The model: shown, replaced, refused.

use std::fs;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rfm_api::StartError;
use rfmkit::{
    config::Key,
    features::RfmTable,
    modeling::{self, SegmentationModel, TrainParams},
    progress::Progress,
};

use crate::service::{Answer, EXAMPLE, JSON, SEGMENT, Service, write};

const MODEL: &str = "models/segmentation.json";
const ADMIN: &str = "admin-key-0123456789";

/// A model of another shop.
fn own_model() -> SegmentationModel {
    let mut csv = String::from("CustomerID,recency,frequency,monetary\n");
    for i in 0..60 {
        csv += &format!("{i},{},{},{}.5\n", i * 5, 1 + i % 9, 10 + i * i);
    }
    let folder = tempfile::tempdir().expect("folder");
    write(&folder, "features.csv", csv);
    let table = RfmTable::read_csv(&folder.path().join("features.csv")).expect("table");
    let training = rfmkit::features::TrainingData::of(&table, "none".as_ref());
    let params = TrainParams::new(1, 5).expect("parameters");
    modeling::train(&table, training, &params, &Progress::default()).expect("model")
}

fn json_of(model: &SegmentationModel) -> String {
    serde_json::to_string(&model.to_value()).expect("JSON")
}

fn with_admin() -> Service {
    let folder = tempfile::tempdir().expect("folder");
    write(&folder, "admin", ADMIN);
    Service::start(folder, [(Key::AdminKeys, "FOLDER/admin")]).expect("it starts")
}

fn reload(service: &Service, key: &str) -> Answer {
    let request = Request::post("/api/v1/model/reload").header("x-api-key", key);
    service.send(request.body(Body::empty()).expect("request"))
}

#[test]
fn the_reference_model_says_that_it_is_one() {
    let service = Service::new();
    insta::assert_snapshot!("model", service.get("/api/v1/model").transcript());
    insta::assert_snapshot!("segments", service.get("/api/v1/segments").transcript());
}

#[test]
fn an_own_model_replaces_the_reference_model() {
    let service = with_admin();
    let before = service
        .post(SEGMENT, JSON, EXAMPLE)
        .header("x-rfm-model")
        .to_owned();
    let model = own_model();
    service.write(MODEL, json_of(&model));
    let answer = reload(&service, ADMIN).json();
    assert_eq!(answer["is_new"], true);
    assert_eq!(answer["checksum"], model.checksum());
    let shown = service.get("/api/v1/model").json();
    assert_eq!(shown["is_reference"], false);
    let after = service
        .post(SEGMENT, JSON, EXAMPLE)
        .header("x-rfm-model")
        .to_owned();
    assert_eq!(after, model.checksum()[..16]);
    assert_ne!(after, before);
    assert_eq!(
        reload(&service, ADMIN).json()["is_new"],
        false,
        "it is the same"
    );
}

#[test]
fn a_model_that_will_not_do_is_refused_and_the_old_goes_on() {
    let service = with_admin();
    let model = own_model();
    service.write(MODEL, json_of(&model));
    reload(&service, ADMIN);
    for bad in [
        String::new(),
        "{}".to_owned(),
        json_of(&model)[..500].to_owned(),
        json_of(&model).replacen("\"centroid\":[", "\"centroid\":[1", 1),
    ] {
        service.write(MODEL, bad);
        let answer = reload(&service, ADMIN);
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let shown = service.get("/api/v1/model").json();
        assert_eq!(shown["checksum"], model.checksum());
        assert_eq!(service.get("/readyz").status, StatusCode::OK);
    }
    service.write(MODEL, "{}");
    let refusal = reload(&service, ADMIN).transcript();
    let folder = service.path("").display().to_string();
    insta::assert_snapshot!(refusal.replace(&folder, "FOLDER/"));
}

#[test]
fn a_model_that_is_gone_goes_on() {
    let service = with_admin();
    let model = own_model();
    service.write(MODEL, json_of(&model));
    reload(&service, ADMIN);
    fs::remove_file(service.path(MODEL)).expect("remove");
    assert_eq!(reload(&service, ADMIN).json()["checksum"], model.checksum());
}

#[test]
fn only_an_administrator_reloads() {
    let service = with_admin();
    assert_eq!(reload(&service, "").status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        reload(&service, "client-key-0123456789").status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(reload(&service, ADMIN).status, StatusCode::OK);
}

#[test]
fn a_service_does_not_start_with_a_bad_model_or_bad_keys() {
    let start = |name: &str, content: &str, key: Key| {
        let folder = tempfile::tempdir().expect("folder");
        write(&folder, name, content);
        Service::start(folder, [(key, "FOLDER/file")]).err()
    };
    assert!(matches!(
        start(MODEL, "{}", Key::Model),
        Some(StartError::Model(_))
    ));
    assert!(matches!(
        start("other", "", Key::Model),
        Some(StartError::Model(_))
    ));
    assert!(matches!(
        start("file", "short", Key::ApiKeys),
        Some(StartError::Keys(_))
    ));
    assert!(matches!(
        start("other", "", Key::AdminKeys),
        Some(StartError::Keys(_))
    ));
}
