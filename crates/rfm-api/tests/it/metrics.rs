//! What is counted.

use rfmkit::modeling::SegmentationModel;

use crate::service::{BATCH, EXAMPLE, JSON, NDJSON, SEGMENT, Service, TRANSACTIONS};

/// The value of a series, which must be there.
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("no {series} in\n{metrics}"));
    line.parse().expect("a number")
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let service = Service::new();
    service.post(SEGMENT, JSON, EXAMPLE);
    service.post(SEGMENT, JSON, EXAMPLE);
    service.post(SEGMENT, JSON, "{}");
    service.get("/nothing/7");
    service.get("/nothing/8");
    let metrics = service.get("/metrics");
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let metrics = metrics.text();
    let requests = |route: &str, status: u16| {
        let series = format!("rfm_http_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        value(metrics, &series)
    };
    assert_eq!(requests(SEGMENT, 200) as u64, 2);
    assert_eq!(requests(SEGMENT, 422) as u64, 1);
    assert_eq!(requests("none", 404) as u64, 2, "paths are no labels");
    assert!(!metrics.contains("nothing"));
    let count = format!("rfm_http_request_duration_seconds_count{{route=\"{SEGMENT}\"}}");
    assert_eq!(value(metrics, &count) as u64, 3);
    assert!(metrics.ends_with("# EOF\n"));
}

#[test]
fn customers_are_counted_by_segment_wherever_they_come_from() {
    let service = Service::new();
    service.post(SEGMENT, JSON, EXAMPLE);
    service.post(BATCH, JSON, format!("[{EXAMPLE}, 7]"));
    service.post(BATCH, NDJSON, format!("{EXAMPLE}\n"));
    service.post(
        TRANSACTIONS,
        JSON,
        r#"{"transactions": [{"customer_id": 1, "invoice": 1, "invoice_date": "2011-01-02", "quantity": 1, "unit_price": 300}]}"#,
    );
    let metrics = service.get("/metrics");
    let metrics = metrics.text();
    let series = "rfm_predictions_total{segment=\"New Customers\"}";
    assert_eq!(value(metrics, series) as u64, 4);
    assert_eq!(value(metrics, "rfm_window_customers") as u64, 4);
    let reference = SegmentationModel::reference();
    let series = format!("rfm_model_info{{checksum=\"{}", reference.checksum());
    assert!(metrics.contains(&series), "{metrics}");
}

#[test]
fn values_beyond_the_training_data_are_counted() {
    let service = Service::new();
    service.post(
        SEGMENT,
        JSON,
        r#"{"recency": 99999, "frequency": 2, "monetary": 1e12}"#,
    );
    let metrics = service.get("/metrics");
    let clipped = |feature: &str| {
        let series = format!("rfm_clipped_inputs_total{{feature=\"{feature}\"}}");
        value(metrics.text(), &series) as u64
    };
    assert_eq!(
        [
            clipped("recency"),
            clipped("frequency"),
            clipped("monetary")
        ],
        [1, 0, 1]
    );
}

#[test]
fn drift_shows_once_there_are_enough_customers() {
    let service = Service::new();
    let index = "rfm_feature_stability_index{feature=\"recency\"}";
    let lines = |count: usize| format!("{EXAMPLE}\n").repeat(count);
    service.post(BATCH, NDJSON, lines(199));
    assert!(!service.get("/metrics").text().contains(index));
    service.post(BATCH, NDJSON, lines(1));
    assert!(value(service.get("/metrics").text(), index) > 0.25);
}
