//! `rfm compare` as users see it.

use insta::assert_snapshot;

use crate::project::Project;

const JUNE: &str = "\
CustomerID,recency,frequency,monetary,segment_name,cluster_label
1,9,12,5000.25,Champions,0
2,150,3,1200,At-Risk,3
3,200,4,900.5,At-Risk,3
4,3,1,50,New Customers,2
5,300,1,20.000001,Lost Customers,1
";
const JULY: &str = "\
segment_name,customer_id,monetary
Champions,1,5600.25
Champions,2,1900
Champions,3.0,1000.5
Lost Customers,4,50
New Customers,6,75
";

fn project() -> Project {
    let project = Project::with("june.csv", JUNE);
    project.write("july.csv", JULY);
    project
}

#[test]
fn who_moved_is_shown_and_listed() {
    let project = project();
    let shown = project.run(&["compare", "june.csv", "july.csv", "--output", "moved.csv"]);
    assert_snapshot!(shown);
    assert_snapshot!("moved", project.read("moved.csv"));
}

#[test]
fn programs_get_exact_money() {
    let shown = project().run(&["compare", "june.csv", "july.csv", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(value["gone"], 1);
    assert_eq!(value["segments"][1]["revenue_before"], "20.000001");
    assert_eq!(value["segments"][3]["revenue_net"], "-2100.5");
    assert_eq!(value["flows"][0]["from"], "Champions");
    let last = value["flows"]
        .as_array()
        .and_then(|flows| flows.last())
        .expect("flow");
    assert_eq!(last["from"], serde_json::Value::Null);
}

#[test]
fn from_a_file_to_itself_nobody_moves() {
    let project = project();
    let arguments = ["compare", "june.csv", "june.csv", "-o", "moved.csv"];
    let shown = project.run(&arguments);
    assert!(
        shown.contains("None of 5 customers in both moved. New: 0, gone: 0."),
        "{shown}"
    );
    assert_eq!(project.read("moved.csv").lines().count(), 1);
    project.run(&["compare", "june.csv", "july.csv", "-o", "moved.csv"]);
    assert!(
        project.read("moved.csv").lines().count() > 1,
        "a list is replaced"
    );
}

#[test]
fn large_numbers_stay_within_80_columns() {
    let row = |customer, segment| format!("{customer},{segment},4611686018427\n");
    let side = |turn: usize| {
        let segments = ["Champions", "Lost Customers", "New Customers", "At-Risk"];
        let rows = (0..8).map(|i| row(i, segments[(i + turn * (1 + i / 4)) % 4]));
        "CustomerID,segment_name,monetary\n".to_owned() + &rows.collect::<String>()
    };
    let project = Project::with("june.csv", side(0));
    project.write("july.csv", side(1));
    let shown = project.run(&["compare", "june.csv", "july.csv"]);
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{shown}");
}
