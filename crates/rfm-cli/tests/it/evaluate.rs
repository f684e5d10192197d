//! `rfm evaluate` as users run it.

use std::fs;

use insta::assert_snapshot;

use crate::project::{AS_IT_WAS, Project, small_shop};

const FILES: [&str; 2] = ["models/evaluation.json", "models/evaluation.csv"];

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
