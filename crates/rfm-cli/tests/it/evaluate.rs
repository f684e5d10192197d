//! `rfm evaluate` as users run it.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::{AS_IT_WAS, Project, small_shop};

const FILES: [&str; 3] = [
    "models/evaluation.json",
    "models/evaluation.csv",
    "models/silhouettes.json",
];

/// A project with the features of a small shop.
fn shop() -> Project {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["features", "orders.csv", "-q"]);
    project
}

#[test]
fn a_small_shop() {
    let shown = shop().run(&["evaluate"]);
    assert!(shown.lines().all(|line| line.chars().count() <= 80));
    assert_snapshot!(shown);
}

#[test]
fn three_customers() {
    let features = "CustomerID,recency,frequency,monetary\n7,1,1,1\n8,2,1,1\n9,300,9,800\n";
    let project = Project::with("data/processed/rfm_features.csv", features);
    assert_snapshot!(project.run(&["evaluate"]));
    assert_snapshot!(project.read("models/evaluation.csv"));
}

#[test]
fn what_is_printed_for_programs_is_the_file() {
    let project = shop();
    let printed = project.run(&["evaluate", "--json"]);
    assert_eq!(printed, project.read("models/evaluation.json"));
    assert!(project.run(&["evaluate", "--quiet"]).is_empty());
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let project = Project::new();
    project.run(&["sample", "--lines", "20000", "--output", "orders.csv"]);
    project.run(&["features", "orders.csv", "-q"]);
    let [one, two, eight] = ["1", "2", "8"].map(|threads| {
        project.run(&["evaluate", "-q", "--threads", threads]);
        FILES.map(|name| project.read(name))
    });
    assert!(one == two);
    assert!(one == eight);
}

#[test]
fn seed_and_restarts_are_those_of_training() {
    let project = shop();
    let arguments = ["--seed", "7", "--restarts", "3"];
    project.run(&[&["evaluate", "-q"][..], &arguments].concat());
    project.run(&[&["train", "-q"][..], &arguments].concat());
    let evaluation = project.read("models/evaluation.json");
    assert!(evaluation.contains("\"seed\": 7,\n  \"restarts\": 3,"));
    let model = project.read("models/segmentation.json");
    let inertia = model.lines().find(|line| line.contains("\"inertia\""));
    let inertia = inertia.expect("inertia").trim().trim_end_matches(',');
    assert!(evaluation.contains(inertia), "{inertia}");
}

#[test]
fn a_failure_at_the_second_file_leaves_the_first_as_it_was() {
    let project = shop();
    project.write(FILES[0], AS_IT_WAS);
    fs::create_dir_all(project.path(FILES[1])).expect("folder");
    let output = project.command(&["evaluate"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert_eq!(project.read(FILES[0]), AS_IT_WAS);
    assert!(project.leftovers().is_empty());
}

#[test]
fn the_silhouettes_of_clusters_make_up_that_of_all() {
    let project = Project::new();
    project.run(&["sample", "--lines", "20000", "--output", "orders.csv", "-q"]);
    project.run(&["features", "orders.csv", "-q"]);
    project.run(&["evaluate", "-q"]);
    let read = |name| serde_json::from_str::<Value>(&project.read(name)).expect("JSON");
    let (silhouettes, evaluation) = (
        read("models/silhouettes.json"),
        read("models/evaluation.json"),
    );
    assert_eq!(
        silhouettes["features_blake3"],
        evaluation["features_blake3"]
    );
    let found = silhouettes["by_clusters"].as_array().expect("array");
    assert_eq!(found.len(), 4);
    for (blades, clusters) in found.iter().zip(3..) {
        let number = |value: &Value| value.as_f64().expect("a number");
        let own = blades["blades"].as_array().expect("array");
        assert_eq!(own.len(), clusters);
        let customers: f64 = own.iter().map(|blade| number(&blade["customers"])).sum();
        assert_eq!(evaluation["customers"].as_f64(), Some(customers));
        let sum: f64 = own
            .iter()
            .map(|blade| number(&blade["customers"]) * number(&blade["mean"]))
            .sum();
        let mean = number(&evaluation["by_clusters"][clusters - 2]["silhouette"]);
        assert!(
            (sum / customers - mean).abs() < 1e-12,
            "{clusters} clusters"
        );
        for blade in own {
            let widths: Vec<f64> = blade["widths"]
                .as_array()
                .expect("array")
                .iter()
                .map(number)
                .collect();
            assert!(widths.is_sorted_by(|a, b| a >= b) && widths.len() <= 101);
            assert!(widths.iter().all(|width| (-1.0..=1.0).contains(width)));
        }
    }
}
