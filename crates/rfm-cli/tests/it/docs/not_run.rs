//! Commands in documents that no test of documents runs, and why.
//!
//! Commands of `console` blocks are run. All others stand in `sh` blocks, and
//! each of those is listed here.

use super::Document;

/// Reasons, and the commands to which they apply.
const NOT_RUN: [(&str, &[&str]); 6] = [
    (
        "it needs jq; `figures.rs` looks at what it is given",
        &["rfm figures --json | jq '.[] | select(.name == \"lorenz_curve\") | .data.gini'"],
    ),
    ("`.ci/run` runs them", &["make all", "make test"]),
    (
        "it builds what the tests run",
        &["cargo install --path crates/rfm-cli"],
    ),
    (
        "they need docker; `make test-container` runs what they do",
        &[
            "docker build -t rfm-api .",
            "docker run -p 8000:8000 --name rfm-service rfm-api",
            "docker run -p 8000:8000 -v \"$PWD/models:/models:ro\" rfm-api",
            "docker run --read-only --cap-drop ALL -p 8000:8000 rfm-api",
            "docker compose up",
            "docker run -p 8000:8000 -e RFM_LOG_FORMAT=json rfm-api",
            "curl -s http://127.0.0.1:8000/api/v1/segment -H 'content-type: application/json' \
             -d '{\"recency\": 15, \"frequency\": 2, \"monetary\": 350.75}'",
        ],
    ),
    (
        "it needs a network; `download.rs` runs it beside a server of its own",
        &["rfm download"],
    ),
    (
        "they need a network; `make compare` does the same",
        &[
            "python3 -m venv /tmp/rfm-bench",
            "/tmp/rfm-bench/bin/pip install -r bench/requirements.txt",
            "/tmp/rfm-bench/bin/python bench/compare.py online_retail.xlsx online_retail.csv",
        ],
    ),
];

#[test]
fn commands_that_are_not_run_are_listed() {
    let listed = || NOT_RUN.iter().flat_map(|(_, commands)| *commands);
    let documents = Document::all();
    let mut found = Vec::new();
    for document in &documents {
        for command in document.commands() {
            assert!(
                listed().any(|listed| *listed == command),
                "{}: `{command}` is not run and not listed",
                document.name
            );
            found.push(command);
        }
    }
    for command in listed() {
        assert!(
            found.iter().any(|it| it == command),
            "no document has `{command}`"
        );
    }
}
