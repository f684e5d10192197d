//! Commands in documents that no test of documents runs, and why.
//!
//! Commands of `console` blocks are run. All others stand in `sh` blocks, and
//! each of those is listed here.

use super::Document;

/// Reasons, and the commands to which they apply.
const NOT_RUN: [(&str, &[&str]); 1] = [
    (
        "`.ci/run` runs it",
        &["make all", "make test"],
    ),
];

#[test]
fn commands_that_are_not_run_are_listed() {
    let listed = || NOT_RUN.iter().flat_map(|(_, commands)| *commands);
    let documents = Document::all();
    let mut found = Vec::new();
    for document in &documents {
        for command in document.commands("sh") {
            assert!(
                listed().any(|listed| *listed == command),
                "{}: `{command}` is not run and not listed",
                document.name
            );
            found.push(command);
        }
    }
    for command in listed() {
        assert!(found.iter().any(|it| it == command), "no document has `{command}`");
    }
}
