//! What `rfm inspect` says of exports.

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::Project;

const FAULTY: &str = "\
Order ID;Kunde;Order date;Total;Qty;Price;note
1;anna;1.2.2024 10:00;5.00;1;5.00;\"first,
and a long one that goes on and on\"
2;bert;2.2.2024 11:00;-7.50;-1;7.50;
2;bert;2.2.2024 11:00;-7.50;-1;7.50;
3;cleo;31.2.2024 11:00;€7,50;1;€7,50;
4;;4.2.2024 11:00;1;2;.5;
Total;;;5.00;;;
";

/// What is printed of files that `rfm features` would refuse.
fn refused(project: &Project, arguments: &[&str]) -> String {
    let output = project.command(arguments).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).expect("text");
    assert_eq!(message, "error: `rfm features` would refuse this file\n");
    let mut features = arguments.to_owned();
    features[0] = "features";
    let output_of_features = project.command(&features).output().expect("run");
    assert_eq!(output_of_features.status.code(), Some(1));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_can_be_put_aside_is_no_reason_to_refuse() {
    let project = Project::with("orders.csv", FAULTY);
    let options = ["inspect", "orders.csv", "--columns", "customer=Kunde"];
    project.run(&[&options[..], &["--on-bad-row", "quarantine"]].concat());
    project.write(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01,,5\n",
    );
    refused(&project, &["inspect", "orders.csv"]);
}

#[test]
fn an_export_that_is_as_it_should_be() {
    let project = Project::new();
    project.run(&["sample", "--lines", "2000", "--output", "orders.csv"]);
    assert_snapshot!(project.run(&["inspect", "orders.csv"]));
    assert!(!project.path("data").exists(), "it changes nothing");
}

#[test]
fn an_export_with_everything_wrong() {
    let project = Project::with("orders.csv", FAULTY);
    assert_snapshot!(refused(&project, &["inspect", "orders.csv"]));
    let options = ["inspect", "orders.csv", "--columns", "customer=Kunde"];
    assert_snapshot!(refused(&project, &options));
    let json = refused(&project, &[&options[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["cleaning"]["quarantined"], 1);
    assert_eq!(json["columns"][1]["role"], "customer");
    assert_eq!(json["columns"][1]["reason"], "named");
}

#[test]
fn columns_of_several_files_are_counted_together() {
    let project = Project::with(
        "a.csv",
        "invoice,date,customer,amount\n1,2024-01-01,anna,5\n",
    );
    project.write(
        "b.csv",
        "amount,customer,date,invoice\n7,bert,2024-01-02,2\n,,,\n",
    );
    let shown = project.run(&["inspect", "a.csv", "b.csv", "--json"]);
    let json: Value = serde_json::from_str(&shown).expect("JSON");
    let amount = &json["columns"][3];
    let found = ["numbers", "missing", "least", "greatest"].map(|member| &amount[member]);
    assert_eq!(
        found,
        [&Value::from(2), &1.into(), &"5".into(), &"7".into()]
    );
}

#[test]
fn a_pipe_cannot_be_inspected() {
    assert_snapshot!(Project::new().fail(&["inspect", "-"]));
}

/// With a comparison of each column with each other one it took minutes.
#[test]
fn as_many_columns_as_a_spreadsheet_has() {
    let columns: String = (4..16_384).map(|column| format!(",c{column}")).collect();
    let header = format!("invoice,date,customer,amount{columns}\n");
    let line = format!("1,2011-01-02,anna,5{}\n", ",".repeat(16_380));
    let project = Project::with("orders.csv", header + &line);
    assert!(project.run(&["inspect", "orders.csv"]).contains("c16383"));
}
