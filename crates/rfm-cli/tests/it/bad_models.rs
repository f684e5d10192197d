//! Models, histories and segments files that will not do.

use std::fs;

use insta::assert_snapshot;

use crate::project::{Project, small_shop};

/// A project with a present model and an earlier one, number 1.
fn with_history() -> Project {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "-q"]);
    project.run(&["train", "-q", "--seed", "7"]);
    project
}

/// Puts a file into the history.
fn put(project: &Project, number: u32, content: &str) {
    project.write(
        &format!("models/history/{number:04}-0123456789abcdef.json"),
        content,
    );
}

#[test]
fn a_name_that_no_model_has() {
    let project = with_history();
    for name in ["2", "abc", "models/other.json"] {
        let message = project.fail(&["model", "promote", name]);
        assert!(
            message.contains(&format!("no model is named {name:?}")),
            "{message}"
        );
    }
    assert_snapshot!(project.fail(&["model", "diff", "7"]));
}

#[test]
fn a_name_where_a_path_belongs() {
    let project = with_history();
    let customer = ["--recency", "1", "--frequency", "1", "--monetary", "1"];
    let score = [&["score", "--model", "1"], &customer[..]].concat();
    for (name, arguments) in [
        ("named_predict", &["predict", "--model", "1"][..]),
        ("named_score", &score),
        ("named_serve", &["serve", "--port", "0", "--model", "0001"]),
        ("named_nobody", &["predict", "--model", "2"]),
    ] {
        let hash = earlier_hash(&project);
        assert_snapshot!(name, project.fail(arguments).replace(&hash, "HASH"));
    }
}

/// The digits in the name of model 1 of the history.
fn earlier_hash(project: &Project) -> String {
    let mut entries = fs::read_dir(project.path("models/history")).expect("history");
    let name = entries.next().expect("a model").expect("entry").file_name();
    name.to_str().expect("text")[5..21].to_owned()
}

#[test]
fn a_name_that_several_models_have() {
    let project = with_history();
    put(&project, 8, "{}");
    project.write("models/history/0008-0123fedcba987654.json", "{}");
    assert_snapshot!("number", project.fail(&["model", "promote", "8"]));
    assert_snapshot!("digits", project.fail(&["model", "promote", "0123"]));
}

#[test]
fn a_history_without_a_model() {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "-q"]);
    assert_snapshot!(project.fail(&["model", "diff"]));
}

#[test]
fn a_file_in_place_of_the_history() {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "-q"]);
    project.write("models/history", "remember");
    assert_snapshot!("list", project.fail(&["model", "list"]));
    assert_snapshot!("train", project.fail(&["train", "--seed", "7"]));
}

#[test]
fn an_earlier_model_that_is_broken() {
    let project = with_history();
    put(&project, 2, "{\"schema_version\": 1");
    assert_snapshot!("promote", project.fail(&["model", "promote", "2"]));
    assert_snapshot!("diff", project.fail(&["model", "diff"]));
    assert_snapshot!(
        "promote_export",
        project.fail(&["model", "promote", "orders.csv"])
    );
}

#[test]
fn a_broken_model_is_verified_to_be_broken() {
    let project = with_history();
    put(&project, 2, "{}");
    let output = project.command(&["model", "verify"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).expect("text");
    assert!(stdout.contains("\n0002     broken "), "{stdout}");
    assert!(stdout.contains("has no `schema_version`"), "{stdout}");
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
    let quiet = project
        .command(&["model", "verify", "current", "1", "-q"])
        .output();
    assert!(quiet.expect("run").status.success(), "the others are whole");
}

#[test]
fn a_promotion_over_a_file_that_is_no_model() {
    let project = with_history();
    project.write("notes.txt", "remember");
    let arguments = ["model", "promote", "reference", "--model", "notes.txt"];
    assert_snapshot!(project.fail(&arguments));
    assert_eq!(project.read("notes.txt"), "remember");
}

#[test]
fn a_diff_without_features() {
    let project = with_history();
    fs::remove_file(project.path("data/processed/rfm_features.csv")).expect("remove");
    let output = project.command(&["model", "diff"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

#[test]
fn segments_that_are_none() {
    let header = "CustomerID,monetary,segment_name\n";
    for (name, content) in [
        (
            "segments_doubled",
            format!("{header}7,1,At-Risk\n8,1,At-Risk\n7,2,Champions\n"),
        ),
        (
            "segments_text",
            format!("{header}7,\"1,50\",Champions\n8,0,At-Risk\n9,2,Winners\n,3,At-Risk\n10,4\n"),
        ),
        (
            "segments_column",
            "CustomerID,recency,frequency,monetary\n7,1,1,1\n".to_owned(),
        ),
        (
            "segments_twice",
            "CustomerID,Customer ID,monetary,segment_name\n7,7,1,At-Risk\n".to_owned(),
        ),
        ("segments_header", header.to_owned()),
        ("segments_empty", String::new()),
    ] {
        let project = Project::with("june.csv", content);
        project.write("july.csv", format!("{header}7,1,Champions\n"));
        assert_snapshot!(name, project.fail(&["compare", "june.csv", "july.csv"]));
    }
    let missing = Project::new().fail(&["compare", "june.csv", "july.csv"]);
    assert_snapshot!("segments_missing", missing);
}

#[test]
fn a_list_in_place_of_what_is_compared() {
    let segments = "CustomerID,monetary,segment_name\n7,1,Champions\n";
    let project = Project::with("june.csv", segments);
    project.write("july.csv", segments);
    let arguments = ["compare", "june.csv", "july.csv", "--output", "./june.csv"];
    assert_snapshot!(project.fail(&arguments));
    assert_eq!(project.read("june.csv"), segments);
    project.write("orders.csv", small_shop());
    let arguments = ["compare", "june.csv", "july.csv", "--output", "orders.csv"];
    assert_snapshot!("list_over_other", project.fail(&arguments));
    assert_eq!(project.read("orders.csv"), small_shop());
    let arguments = ["compare", "june.csv", "july.csv", "--output", "/dev/full"];
    assert_snapshot!("full", project.fail(&arguments));
}

#[test]
fn pages_that_have_no_place() {
    let project = Project::with("man", "remember");
    assert_snapshot!(project.fail(&["man", "--output", "man"]));
    assert_eq!(project.read("man"), "remember");
}
