//! The present model and those before it, as users see them.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::{Project, small_shop};

const MODEL: &str = "models/segmentation.json";

/// A project that was trained on a part of the shop, then on all of it.
fn trained_twice() -> Project {
    let shop = small_shop();
    let part: Vec<&str> = shop.lines().take(25).collect();
    let project = Project::with("part.csv", part.join("\n"));
    project.write("orders.csv", &shop);
    project.run(&["all", "part.csv", "-q"]);
    project.run(&["all", "orders.csv", "-q"]);
    project
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let shown = project.run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&shown).expect("JSON")
}

/// What a command warns of.
fn warnings(project: &Project, arguments: &[&str]) -> String {
    let output = project.command(arguments).output().expect("run");
    assert!(output.status.success());
    String::from_utf8(output.stderr).expect("text")
}

fn history(project: &Project) -> Vec<String> {
    let Ok(entries) = fs::read_dir(project.path("models/history")) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.expect("entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
    names.sort();
    names
}

#[test]
fn training_keeps_the_model_that_it_replaces() {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "-q"]);
    project.run(&["train"]);
    assert_eq!(
        history(&project),
        Vec::<String>::new(),
        "the same model is no other"
    );
    let first = project.read(MODEL);
    let shown = project.run(&["train", "--seed", "7"]);
    let kept = history(&project);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].starts_with("0001-"));
    assert!(
        shown.contains(&format!("      models/history/{}", kept[0])),
        "{shown}"
    );
    assert_eq!(project.read(&format!("models/history/{}", kept[0])), first);
    project.run(&["all", "orders.csv", "-q"]);
    assert!(history(&project)[1].starts_with("0002-"));
    assert_eq!(project.read(MODEL), first);
}

#[test]
fn the_list_has_the_present_model_last_and_goes_on_where_one_is_broken() {
    let project = trained_twice();
    project.write("models/history/0002-0123456789abcdef.json", "{}");
    let list = json(&project, &["model", "list"]);
    let list = list.as_array().expect("list");
    let names: Vec<_> = list.iter().map(|listed| listed["name"].as_str()).collect();
    assert_eq!(names, [Some("0001"), Some("0002"), Some("current")]);
    let reason = list[1]["error"].as_str().expect("reason");
    assert!(reason.ends_with("it has no `schema_version`"), "{reason}");
    assert_eq!(list[2]["customers"], 12);
    assert_eq!(list[2]["is_current"], true);
    let shown = project.run(&["model", "list"]);
    assert!(shown.contains("\n0002               broken "), "{shown}");
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
}

#[test]
fn without_an_own_model_the_list_has_the_reference_model() {
    let project = Project::new();
    let shown = project.run(&["model", "list"]);
    assert!(shown.contains("the built-in reference model"), "{shown}");
    assert!(shown.contains("4,338"), "{shown}");
    assert!(!project.path("models").exists(), "nothing is made");
}

#[test]
fn any_model_can_be_shown() {
    let project = trained_twice();
    let first = json(&project, &["model", "show", "1"]);
    let list = json(&project, &["model", "list"]);
    assert_eq!(first["checksum"], list[0]["checksum"]);
    let shown = project.run(&["model", "show", "1"]);
    assert!(shown.starts_with("models/history/0001-"), "{shown}");
    let shown = project.run(&["model", "show", "reference"]);
    assert!(shown.starts_with("the built-in reference model"), "{shown}");
    let current = project.run(&["model", "show", "current"]);
    assert_eq!(current, project.run(&["model", "show"]));
}

#[test]
fn a_diff_says_who_would_move() {
    let project = trained_twice();
    assert_snapshot!(project.run(&["model", "diff", "reference", "current"]));
    let diff = json(&project, &["model", "diff", "reference"]);
    let flows = diff["flows"].as_array().expect("flows");
    let count = |value: &Value| value.as_u64().expect("count");
    let sum = |moved: bool| {
        let flows = flows
            .iter()
            .filter(|flow| !moved || flow["from"] != flow["to"]);
        flows.map(|flow| count(&flow["customers"])).sum::<u64>()
    };
    assert_eq!(sum(false), 12);
    assert_eq!(sum(true), count(&diff["moved"]));
}

#[test]
fn a_diff_compares_the_last_model_with_the_present_one() {
    let project = trained_twice();
    let shown = project.run(&["model", "diff"]);
    let named = project.run(&["model", "diff", "0001", "current"]);
    assert_eq!(shown, named);
    assert!(shown.contains("models/history/0001-"), "{shown}");
    let same = project.run(&["model", "diff", "current"]);
    assert!(same.contains("None of 12 customers would move."), "{same}");
}

#[test]
fn to_promote_and_to_promote_back_gives_the_same_files() {
    let project = trained_twice();
    let before = project.read(MODEL);
    let shown = project.run(&["model", "promote", "1"]);
    assert!(
        shown.starts_with("models/segmentation.json is now the model "),
        "{shown}"
    );
    assert_ne!(project.read(MODEL), before);
    let warned = warnings(&project, &["model", "promote", "2"]);
    assert_eq!(warned, "", "the files of the last run fit again");
    assert_eq!(project.read(MODEL), before);
    assert_eq!(history(&project).len(), 3);
    let shown = project.run(&["model", "promote", "current"]);
    assert!(
        shown.starts_with("models/segmentation.json is already"),
        "{shown}"
    );
    assert_eq!(history(&project).len(), 3);
}

#[test]
fn after_a_promotion_the_files_do_not_belong_together_until_predict() {
    let project = trained_twice();
    let whole = json(&project, &["model", "verify"]);
    for file in ["features", "model", "segments"] {
        assert_eq!(whole["run"][file]["state"], "same");
    }
    let warned = warnings(&project, &["model", "promote", "1"]);
    assert!(
        warned.contains("was made by another model; `rfm predict`"),
        "{warned}"
    );
    let warned = warnings(&project, &["model", "verify"]);
    assert!(
        warned.contains("models/segmentation.json is not that of the last run"),
        "{warned}"
    );
    let warned = warnings(&project, &["predict"]);
    assert!(warned.contains("trained on other features"), "{warned}");
    let warned = warnings(&project, &["model", "verify"]);
    assert!(warned.contains("trained on other features"), "{warned}");
    project.run(&["all", "orders.csv", "-q"]);
    assert_eq!(warnings(&project, &["model", "verify"]), "");
}

#[test]
fn verify_warns_of_segments_that_were_changed() {
    let project = trained_twice();
    let segments = "data/processed/customer_segments.csv";
    project.write(segments, project.read(segments) + "999,1,1,1,Champions,0\n");
    let warned = warnings(&project, &["model", "verify", "-q"]);
    assert_snapshot!(warned);
    fs::remove_file(project.path(segments)).expect("remove");
    let warned = warnings(&project, &["model", "verify", "-q"]);
    assert!(
        warned.contains("cannot be checked: No such file"),
        "{warned}"
    );
}

#[test]
fn a_broken_present_model_can_be_replaced() {
    let project = trained_twice();
    project.write(MODEL, "{}");
    let warned = warnings(&project, &["model", "promote", "1"]);
    assert!(warned.contains("what was replaced is not kept"), "{warned}");
    project.run(&["model", "verify", "-q"]);
}
