//! `rfm figures` as users run it.

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::Project;

/// A project with features and a model.
fn shop() -> Project {
    let project = Project::new();
    project.run(&["sample", "--lines", "20000", "--output", "orders.csv", "-q"]);
    project.run(&["all", "orders.csv", "-q"]);
    project
}

#[test]
fn every_figure_is_written_twice_and_told_of() {
    let project = shop();
    project.run(&["evaluate", "-q"]);
    let printed = project.run(&["figures"]);
    let figures: Value = serde_json::from_str(&project.run(&["figures", "--json"])).expect("JSON");
    let figures = figures.as_array().expect("figures");
    assert_eq!(figures.len(), 24);
    for figure in figures {
        let name = figure["name"].as_str().expect("name");
        assert!(
            printed.lines().any(|line| line == name),
            "{name} is told of"
        );
        assert!(!figure["data"].is_null(), "{name} has data");
        let svg = project.read(&format!("reports/figures/{name}.svg"));
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{name}");
        let png = std::fs::read(project.path(&format!("reports/figures/{name}.png")));
        assert!(
            png.expect("PNG").starts_with(b"\x89PNG\r\n\x1a\n"),
            "{name}"
        );
    }
    assert!(project.run(&["figures", "--quiet"]).is_empty());
}

#[test]
fn what_is_not_drawn_is_told_with_the_reason() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01,anna,5\n2,2024-01-03,ben,20\n\
         3,2024-03-01,carl,70\n4,2024-03-02,dora,1\n5,2024-03-02,dora,2\n",
    );
    project.run(&["all", "orders.csv", "-q"]);
    let output = project.command(&["figures"]).output().expect("run");
    assert!(output.status.success());
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

/// What a run that must fail says.
fn failure(project: &Project) -> String {
    let output = project.command(&["figures"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert!(!project.path("reports/figures").exists());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_features_nothing_is_drawn() {
    assert_snapshot!(failure(&Project::new()));
}

#[test]
fn without_a_model_nothing_is_drawn() {
    let project = shop();
    std::fs::remove_file(project.path("models/segmentation.json")).expect("remove");
    assert_snapshot!(failure(&project));
}

#[test]
fn silhouettes_that_no_run_leaves_are_not_drawn() {
    let project = shop();
    project.run(&["evaluate", "-q"]);
    let file = "models/silhouettes.json";
    let whole: Value = serde_json::from_str(&project.read(file)).expect("JSON");
    let blades = "/by_clusters/0/blades";
    for (place, value) in [
        (blades, serde_json::json!([])),
        ("/by_clusters/0/blades/0/widths", serde_json::json!([])),
        ("/by_clusters/0/blades/0/widths/0", serde_json::json!(7.5)),
        ("/by_clusters/0/blades/0/customers", serde_json::json!(0)),
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(place).expect("a place") = value;
        project.write(file, broken.to_string());
        let output = project.command(&["figures"]).output().expect("run");
        assert!(output.status.success(), "{place}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains("no silhouette_analysis_k_3"),
            "{place}: {told}"
        );
    }
}

#[test]
fn dark_figures_stand_on_another_ground() {
    let project = shop();
    let ground = |project: &Project| {
        let svg = project.read("reports/figures/lorenz_curve.svg");
        let start = svg.find("fill=\"#").expect("a ground");
        svg[start + 6..start + 13].to_owned()
    };
    project.run(&["figures", "-q"]);
    assert_eq!(ground(&project), "#ffffff");
    project.run(&["figures", "-q", "--theme", "dark"]);
    assert_eq!(ground(&project), "#14181d");
}
