//! What every request passes: host, key, number.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rfmkit::config::Key;

use crate::service::{Answer, EXAMPLE, JSON, SEGMENT, Service, post, write};

const CLIENT: &str = "client-key-0123456789";
const OTHER_CLIENT: &str = "other-client-key-0123456789";
const ADMIN: &str = "admin-key-0123456789";

fn with_host(service: &Service, host: &str) -> StatusCode {
    let request = Request::get("/").header("host", host);
    service
        .send(request.body(Body::empty()).expect("request"))
        .status
}

#[test]
fn on_loopback_only_names_of_loopback_are_answered() {
    let service = Service::new();
    for host in [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1:1",
        "127.3.2.1",
        "[::1]:8000",
    ] {
        assert_eq!(with_host(&service, host), StatusCode::OK, "{host}");
    }
    for host in [
        "shop.example",
        "127.0.0.1.shop.example",
        "10.0.0.1",
        "localhost.",
        "a b",
        "",
    ] {
        assert_eq!(
            with_host(&service, host),
            StatusCode::MISDIRECTED_REQUEST,
            "{host}"
        );
    }
}

#[test]
fn further_names_can_be_allowed() {
    let service = Service::with([(Key::AllowedHosts, "rfm.shop.example, other")]);
    assert_eq!(with_host(&service, "rfm.shop.example:443"), StatusCode::OK);
    assert_eq!(
        with_host(&service, "shop.example"),
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[test]
fn elsewhere_any_name_is_answered() {
    let service = Service::with([(Key::Host, "0.0.0.0")]);
    assert_eq!(with_host(&service, "shop.example"), StatusCode::OK);
}

fn with_keys() -> Service {
    let folder = tempfile::tempdir().expect("folder");
    write(
        &folder,
        "api",
        format!("# keys\n\n{CLIENT}\n {OTHER_CLIENT} \n"),
    );
    write(&folder, "admin", ADMIN);
    let keys = [
        (Key::ApiKeys, "FOLDER/api"),
        (Key::AdminKeys, "FOLDER/admin"),
    ];
    Service::start(folder, keys).expect("it starts")
}

fn ask(service: &Service, header: &str, key: &str) -> Answer {
    let request = post(SEGMENT, JSON).header(header, key);
    service.send(request.body(Body::from(EXAMPLE)).expect("request"))
}

#[test]
fn every_key_opens_the_service_and_nothing_else_does() {
    let service = with_keys();
    for key in [CLIENT, OTHER_CLIENT, ADMIN] {
        assert_eq!(ask(&service, "x-api-key", key).status, StatusCode::OK);
        let bearer = format!("bearer {key}");
        assert_eq!(
            ask(&service, "authorization", &bearer).status,
            StatusCode::OK
        );
    }
    for key in [
        "",
        "# keys",
        &CLIENT[1..],
        "client-key-012345678",
        "client-key-01234567899",
    ] {
        assert_eq!(
            ask(&service, "x-api-key", key).status,
            StatusCode::UNAUTHORIZED,
            "{key:?}"
        );
    }
    assert_eq!(
        ask(&service, "authorization", CLIENT).status,
        StatusCode::UNAUTHORIZED
    );
    insta::assert_snapshot!(service.post(SEGMENT, JSON, EXAMPLE).transcript());
}

#[test]
fn health_and_documentation_need_no_key() {
    let service = with_keys();
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/openapi.json",
    ] {
        assert_eq!(service.get(path).status, StatusCode::OK, "{path}");
    }
    for path in [
        "/api/v1/",
        "/api/v1/model",
        "/api/v1/segments",
        "/api/v1/nothing",
    ] {
        assert_eq!(service.get(path).status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[test]
fn new_keys_are_loaded_and_bad_ones_leave_the_old() {
    let service = with_keys();
    service.write("api", "a-new-key-0123456789");
    service.app.reload().expect("keys");
    assert_eq!(
        ask(&service, "x-api-key", CLIENT).status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        ask(&service, "x-api-key", "a-new-key-0123456789").status,
        StatusCode::OK
    );
    for (bad, reason) in [
        ("short", "expected a key of at least 16"),
        ("a key with spaces in it", "expected a key"),
        ("# none\n", "has no key"),
    ] {
        service.write("api", bad);
        let error = service.app.reload().expect_err("bad keys").to_string();
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("short"), "a key is not shown: {error}");
        assert_eq!(
            ask(&service, "x-api-key", "a-new-key-0123456789").status,
            StatusCode::OK
        );
    }
}

#[test]
fn a_sound_request_id_comes_back() {
    let service = Service::new();
    let id = |sent: &str| {
        let request = Request::get("/").header("x-request-id", sent);
        let answer = service.send(request.body(Body::empty()).expect("request"));
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(id("Order-7_a.b"), "Order-7_a.b");
    let longest = "x".repeat(64);
    assert_eq!(id(&longest), longest);
    for bad in ["", "a b", "a\tb", "<script>", &"x".repeat(65)] {
        assert_ne!(id(bad), bad);
    }
    assert_ne!(id(""), id(""), "every request has another");
}

#[test]
fn pages_of_other_origins_are_let_in_only_by_name() {
    let preflight = |service: &Service, origin: &str| {
        let request = Request::options(SEGMENT)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let answer = service.send(request.body(Body::empty()).expect("request"));
        answer.headers.contains_key("access-control-allow-origin")
    };
    assert!(!preflight(&Service::new(), "https://shop.example"));
    let service = Service::with([(
        Key::CorsOrigins,
        "https://shop.example,http://localhost:3000",
    )]);
    assert!(preflight(&service, "https://shop.example"));
    assert!(preflight(&service, "http://localhost:3000"));
    assert!(!preflight(&service, "https://other.example"));
}
