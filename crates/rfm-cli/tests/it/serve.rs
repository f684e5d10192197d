//! The service as a process: the same segments as in batch, signals, limits.

use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{project::Project, service::Service};

const SEGMENT: &str = "/api/v1/segment";
const BATCH: &str = "/api/v1/segment/batch";
const JSON: &str = "application/json";
const EXAMPLE: &str = r#"{"recency": 15, "frequency": 2, "monetary": 350.75}"#;

fn serve(project: &Project, options: &[&str]) -> Service {
    let arguments = [&["serve", "--port", "0"], options].concat();
    Service::start(project.command(&arguments))
}

/// Customers as the features file has them, with the label of the segments file.
fn customers(project: &Project) -> Vec<(Value, u64)> {
    let segments = project.read("data/processed/customer_segments.csv");
    let row = |line: &str| {
        let mut fields = line.rsplit(',');
        let mut next = || fields.next().expect("a field");
        let (label, _name) = (next().parse().expect("label"), next());
        let [monetary, frequency, recency] = [next(), next(), next()]
            .map(|text| serde_json::from_str::<Value>(text).expect("number"));
        let customer = json!({"recency": recency, "frequency": frequency, "monetary": monetary});
        (customer, label)
    };
    segments.lines().skip(1).map(row).collect()
}

/// Asks for every customer in every way, and counts those that get another
/// label than `rfm predict` gave them.
fn differences(service: &Service, customers: &[(Value, u64)]) -> usize {
    let texts: Vec<String> = customers
        .iter()
        .map(|(customer, _)| customer.to_string())
        .collect();
    let alone = texts.iter().map(|text| service.answer(SEGMENT, JSON, text));
    let label = |text: &str| -> u64 {
        let answer: Value = serde_json::from_str(text).expect("JSON");
        answer["cluster_label"].as_u64().expect("label")
    };
    let alone: Vec<u64> = alone.map(|answer| label(&answer)).collect();
    let array = service.answer(BATCH, JSON, &format!("[{}]", texts.join(",")));
    let array: Vec<Value> = serde_json::from_str(&array).expect("an array");
    let array: Vec<u64> = array
        .iter()
        .map(|answer| label(&answer.to_string()))
        .collect();
    let lines = service.answer(BATCH, "application/x-ndjson", &texts.join("\n"));
    let lines: Vec<u64> = lines.lines().map(label).collect();
    let rows = customers.iter().map(|(customer, _)| {
        format!(
            "{},{},{}\n",
            customer["recency"], customer["frequency"], customer["monetary"]
        )
    });
    let csv: String = ["recency,frequency,monetary\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect();
    let csv = service.answer(BATCH, "text/csv", &csv);
    let in_csv = |row: &str| {
        row.rsplit(',')
            .nth(1)
            .expect("label")
            .parse()
            .expect("label")
    };
    let csv: Vec<u64> = csv.lines().skip(1).map(in_csv).collect();
    let expected: Vec<u64> = customers.iter().map(|(_, label)| *label).collect();
    [alone, array, lines, csv]
        .iter()
        .map(|labels| {
            assert_eq!(labels.len(), expected.len());
            labels.iter().zip(&expected).filter(|(a, b)| a != b).count()
        })
        .sum()
}

#[test]
fn online_is_as_in_batch() {
    let project = Project::new();
    project.run(&["sample", "--output", "orders.csv", "--lines", "50000"]);
    project.run(&["all", "orders.csv", "--quiet"]);
    let customers = customers(&project);
    assert!(customers.len() > 300);
    assert_eq!(differences(&serve(&project, &[]), &customers), 0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
fn the_reference_customers_online_are_as_in_batch() {
    let Some(data) = env::var_os("RFM_REFERENCE_DATA").map(PathBuf::from) else {
        eprintln!("skipped: RFM_REFERENCE_DATA does not name the reference data");
        return;
    };
    let project = Project::new();
    let workbook = data.join("data/online_retail.xlsx");
    project.run(&["all", workbook.to_str().expect("path"), "--quiet"]);
    let customers = customers(&project);
    assert_eq!(customers.len(), 4338);
    assert_eq!(differences(&serve(&project, &[]), &customers), 0);
    // The built-in model is that of these very data.
    fs::remove_file(project.path("models/segmentation.json")).expect("remove");
    assert_eq!(differences(&serve(&project, &[]), &customers), 0);
}

const LAST_REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Sends the head of a request and the first half of its body.
fn begin(service: &Service) -> TcpStream {
    let mut stream = TcpStream::connect(&service.address).expect("connect");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("timeout");
    let head = format!(
        "POST {SEGMENT} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {JSON}\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        EXAMPLE.len()
    );
    stream.write_all(head.as_bytes()).expect("write");
    // The service asks for the body once it is at work on the request.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).expect("read");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// What comes until the connection ends.
fn read_all(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    let time = Duration::from_secs(30);
    stream.set_read_timeout(Some(time)).expect("timeout");
    stream.read_to_string(&mut answer).expect("read");
    answer
}

#[test]
fn what_was_begun_is_finished_and_then_the_service_ends() {
    let project = Project::new();
    let mut service = serve(&project, &["--drain", "0"]);
    let mut stream = begin(&service);
    service.signal("TERM");
    service.wait_for("not ready any more");
    stream.write_all(EXAMPLE.as_bytes()).expect("write");
    let answer = read_all(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(
        answer.ends_with(r#"{"segment_name":"New Customers","cluster_label":2}"#),
        "{answer}"
    );
    assert_eq!(service.ended().code(), Some(0));
}

#[test]
fn who_does_not_finish_is_left_behind() {
    let project = Project::new();
    let mut service = serve(&project, &["--drain", "0", "--shutdown-timeout", "0"]);
    let _stream = begin(&service);
    service.signal("TERM");
    service.wait_for("some requests did not finish");
    assert_eq!(service.ended().code(), Some(0));
}

#[test]
fn while_it_drains_the_service_answers_but_is_not_ready() {
    let project = Project::new();
    let service = serve(&project, &["--drain", "3600"]);
    assert_eq!(service.get("/readyz").status(), 200);
    service.signal("TERM");
    service.wait_for("not ready any more");
    assert_eq!(service.get("/readyz").status(), 503);
    assert_eq!(service.post(SEGMENT, JSON, EXAMPLE).status(), 200);
    // Dropping it sends SIGINT, which ends the wait.
}

#[test]
fn new_models_are_loaded_and_bad_ones_refused() {
    let project = Project::new();
    project.run(&["sample", "--output", "orders.csv", "--lines", "20000"]);
    project.run(&["all", "orders.csv", "--quiet", "--model", "own.json"]);
    let own = project.read("own.json");
    let service = serve(&project, &["--watch"]);
    let model = || {
        let answer = service.post(SEGMENT, JSON, EXAMPLE);
        answer.headers()["x-rfm-model"]
            .to_str()
            .expect("text")
            .to_owned()
    };
    let reference = model();
    project.write("models/segmentation.json", &own);
    service.wait_for("loaded a model");
    let loaded = model();
    assert_ne!(loaded, reference);
    project.write("models/segmentation.json", &own[..own.len() / 2]);
    let refusal = service.wait_for("refused new files");
    assert!(refusal.contains("is not a segmentation model"), "{refusal}");
    assert_eq!(model(), loaded);
    project.write("models/segmentation.json", &own);
    service.signal("HUP");
    service.wait_for("the model is the same");
}

#[test]
fn without_watching_only_a_signal_loads_a_model() {
    let project = Project::new();
    let service = serve(&project, &[]);
    project.write("models/segmentation.json", "{}");
    service.signal("HUP");
    service.wait_for("refused new files");
}

#[test]
fn segments_of_another_model_are_pointed_out() {
    let project = Project::new();
    project.run(&["sample", "--output", "orders.csv", "--lines", "20000"]);
    project.run(&["all", "orders.csv", "--quiet"]);
    fs::remove_file(project.path("models/segmentation.json")).expect("remove");
    let service = serve(&project, &[]);
    let warning = service.next_entry();
    assert!(
        warning.contains("customer_segments.csv was made by another model"),
        "{warning}"
    );
}

#[test]
fn whoever_sends_nothing_is_cut_off() {
    let project = Project::new();
    let service = serve(&project, &["--timeout", "1"]);
    let silent = TcpStream::connect(&service.address).expect("connect");
    let mut slow = TcpStream::connect(&service.address).expect("connect");
    slow.write_all(b"GET / HTTP/1.1\r\n").expect("write");
    for stream in [silent, slow] {
        let answer = read_all(stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
}

#[test]
fn connections_beyond_the_limit_are_refused_at_once() {
    let project = Project::new();
    let service = serve(&project, &["--max-connections", "1"]);
    // One may be answered, and two more may be open that have sent nothing.
    let mut first = begin(&service);
    let [mut second, _third, fourth] =
        [(); 3].map(|()| TcpStream::connect(&service.address).expect("connect"));
    assert_refused(fourth);
    second.write_all(LAST_REQUEST).expect("write");
    assert_refused(second);
    first.write_all(EXAMPLE.as_bytes()).expect("write");
    let mut status = [0; 15];
    first.read_exact(&mut status).expect("read");
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    drop(first);
    // The service sees that it has gone, and has a place again.
    loop {
        let mut next = TcpStream::connect(&service.address).expect("connect");
        next.write_all(LAST_REQUEST).expect("write");
        if read_all(next).starts_with("HTTP/1.1 200 OK\r\n") {
            break;
        }
    }
}

fn assert_refused(stream: TcpStream) {
    let answer = read_all(stream);
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
}

#[test]
fn requests_are_logged_only_when_asked_and_without_their_bodies() {
    let project = Project::new();
    let service = serve(&project, &["--log-level", "debug"]);
    service.post("/api/v1/segment?explain=true", JSON, EXAMPLE);
    let entry = service.wait_for("POST /api/v1/segment");
    assert!(entry.contains("status=200"), "{entry}");
    assert!(
        !entry.contains("350.75") && !entry.contains("explain"),
        "{entry}"
    );
}

#[test]
fn the_log_can_be_json() {
    let project = Project::new();
    let service = serve(&project, &["--log-format", "json"]);
    service.signal("HUP");
    let entry = service.wait_for("the model is the same");
    let entry: Value = serde_json::from_str(&entry).expect("JSON");
    assert_eq!(entry["level"], "INFO");
    assert_eq!(entry["message"], "the model is the same");
    assert_eq!(
        entry["model"],
        "the built-in reference model (UCI Online Retail)"
    );
}

#[test]
fn a_ready_service_is_healthy() {
    let project = Project::new();
    let service = serve(&project, &[]);
    let port = service.address.rsplit(':').next().expect("port");
    assert_eq!(
        project.run(&["health", "--port", port]),
        "{\"status\":\"ready\"}\n"
    );
    assert_eq!(
        project.run(&["health", "--host", "0.0.0.0", "--port", port]),
        "{\"status\":\"ready\"}\n"
    );
}

/// A port at which nobody listens, or one that is taken while the listener lives.
fn taken_port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = listener.local_addr().expect("address").port().to_string();
    (listener, port)
}

#[test]
fn a_port_that_is_taken() {
    let (_listener, port) = taken_port();
    let project = Project::with("models/segmentation.json", reference_model());
    let message = project.fail(&["serve", "--port", &port]);
    insta::assert_snapshot!(message.replace(&port, "PORT"));
}

#[test]
fn health_without_a_service() {
    let (listener, port) = taken_port();
    drop(listener);
    let message = Project::new().fail(&["health", "--port", &port]);
    insta::assert_snapshot!(message.replace(&port, "PORT"));
}

#[test]
fn health_of_something_else() {
    let (listener, port) = taken_port();
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("accept");
        stream
            .write_all(b"220 mail.shop.example\r\n")
            .expect("write");
    });
    let message = Project::new().fail(&["health", "--port", &port]);
    insta::assert_snapshot!(message.replace(&port, "PORT"));
    other.join().expect("thread");
}

#[test]
fn a_model_that_is_broken() {
    let project = Project::with("models/segmentation.json", "{}");
    insta::assert_snapshot!(project.fail(&["serve", "--port", "0"]));
}

#[test]
fn a_model_that_was_named_and_is_not_there() {
    insta::assert_snapshot!(Project::new().fail(&["serve", "--port", "0", "--model", "none.json"]));
}

#[test]
fn keys_that_will_not_do() {
    let fail = |keys: &str| {
        let project = Project::with("keys", keys);
        project.write("models/segmentation.json", reference_model());
        project.fail(&["serve", "--port", "0", "--api-keys", "keys"])
    };
    insta::assert_snapshot!([fail("# none\n"), fail("a-key-0123456789\nshort\n")].join("\n"));
}

/// The reference model as a file.
fn reference_model() -> String {
    let model = rfmkit::modeling::SegmentationModel::reference();
    serde_json::to_string(&model.to_value()).expect("JSON")
}

#[test]
fn settings_of_the_service_that_will_not_do() {
    let wrong = [
        "--host=shop.example",
        "--port=65536",
        "--watch=maybe",
        "--cors-origins=shop.example",
        "--cors-origins=https://shop.example/path",
        "--allowed-hosts=a:1",
        "--log-format=xml",
        "--log-level=trace",
        "--max-body=0",
        "--max-connections=none",
        "--max-requests=-1",
        "--timeout=0",
        "--drain=1h",
        "--shutdown-timeout=-1",
    ];
    let messages = wrong.map(|option| Project::new().fail(&["serve", option]));
    insta::assert_snapshot!(messages.join("\n"));
}
