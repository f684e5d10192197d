//! What is said to be measured was.

use std::fs;

use super::{Document, below, root};

/// The page whose tables are all measurements.
const PAGE: &str = "docs/explanation/speed.md";

#[test]
fn tables_of_measurements_stand_in_a_run() {
    let runs: Vec<String> = below("bench/runs")
        .into_iter()
        .map(|name| fs::read_to_string(root().join(name)).expect("run"))
        .collect();
    let documents = Document::all();
    let page = documents.iter().find(|document| document.name == PAGE);
    let rows = page.expect("page").prose();
    let mut checked = 0;
    for (line, row) in rows.filter(|(_, line)| line.starts_with('|')) {
        let is_measured = runs.iter().any(|run| run.lines().any(|found| found == row));
        assert!(
            is_measured,
            "{PAGE}:{line}: no run in bench/runs has\n{row}"
        );
        checked += 1;
    }
    assert!(checked > 10, "there are tables: {checked}");
}
