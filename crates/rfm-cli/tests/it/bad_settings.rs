//! Options, variables and settings files that will not do.

use insta::assert_snapshot;

use crate::project::{Project, small_shop};

#[test]
fn an_unknown_option() {
    let project = Project::with("orders.csv", small_shop());
    assert_snapshot!(project.fail(&["all", "orders.csv", "--clusters", "5"]));
}

#[test]
fn options_that_will_not_do() {
    let project = Project::with("orders.csv", small_shop());
    for (name, option, value) in [
        ("delimiter", "--delimiter", "ab"),
        ("decimal", "--decimal", "x"),
        ("encoding", "--encoding", "klingon"),
        ("columns_role", "--columns", "colour=Red"),
        ("columns_form", "--columns", "customer"),
        ("columns_twice", "--columns", "customer=a,customer=b"),
        ("date_format_word", "--date-format", "european"),
        ("date_format_pattern", "--date-format", "%d.%J"),
        ("date_format_no_day", "--date-format", "%H:%M"),
        ("time_zone", "--time-zone", "Mars/Olympus"),
        ("snapshot", "--snapshot", "tomorrow"),
        ("snapshot_ambiguous", "--snapshot", "1/2/2011"),
        ("threads", "--threads", "-1"),
        ("seed", "--seed", "1.5"),
        ("restarts", "--restarts", "0"),
        ("on_bad_row", "--on-bad-row", "skip"),
        ("keep_duplicates", "--keep-duplicates=maybe", "--quiet"),
    ] {
        assert_snapshot!(name, project.fail(&["all", "orders.csv", option, value]));
    }
}

#[test]
fn a_sample_that_no_memory_could_hold() {
    let lines = u64::MAX.to_string();
    let arguments = ["sample", "--shuffle", "--lines", &lines];
    assert_snapshot!(Project::new().fail(&arguments));
}

#[test]
fn numbers_of_a_customer_that_will_not_do() {
    for (name, recency, frequency, monetary) in [
        ("score_recency", "-1", "2", "350.75"),
        ("score_recency_large", "100001", "2", "350.75"),
        ("score_recency_fraction", "1.5", "2", "350.75"),
        ("score_frequency", "15", "0", "350.75"),
        ("score_monetary_nan", "15", "2", "NaN"),
        ("score_monetary_infinite", "15", "2", "inf"),
        ("score_monetary_zero", "15", "2", "0"),
        ("score_monetary_text", "15", "2", "much"),
    ] {
        let arguments = [
            "score",
            "--recency",
            recency,
            "--frequency",
            frequency,
            "--monetary",
            monetary,
        ];
        assert_snapshot!(name, Project::new().fail(&arguments));
    }
}

#[test]
fn settings_files_that_will_not_do() {
    for (name, content) in [
        ("toml_unknown_key", "decimals = ','\n"),
        ("toml_unknown_key_far", "colour = 'red'\n"),
        ("toml_source_key", "[source]\nprest = 'shopify'\n"),
        ("toml_source_other_key", "[source]\nseed = 7\n"),
        ("toml_source_value", "[source]\npreset = 'shop'\n"),
        ("toml_source_type", "[source]\npaid = [7]\n"),
        ("toml_root", "root = '..'\n"),
        ("toml_syntax", "seed = 7\ndecimal =\n"),
        ("toml_value", "decimal = '.,'\n"),
        ("toml_type", "seed = [1, 2]\n"),
        ("toml_columns", "[columns]\ncustomer = 7\n"),
        ("toml_role", "[columns]\ncolour = 'Red'\n"),
    ] {
        let project = Project::with("orders.csv", small_shop());
        project.write("rfm.toml", content);
        assert_snapshot!(name, project.fail(&["all", "orders.csv"]));
    }
}

#[test]
fn playbooks_that_will_not_do() {
    for (name, content) in [
        ("playbook_segment", "Friends = 'invite them'\n"),
        ("playbook_type", "Champions = 7\n"),
    ] {
        let project = Project::with("orders.csv", small_shop());
        project.write("references/playbook.toml", content);
        assert_snapshot!(name, project.fail(&["all", "orders.csv"]));
    }
}

#[test]
fn a_variable_that_will_not_do() {
    let project = Project::with("orders.csv", small_shop());
    let arguments = ["all", "orders.csv"];
    let mut command = project.command(&arguments);
    command.env("RFM_DECIMAL", "x");
    assert_snapshot!(project.fail_with(&arguments, command));
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let project = Project::new();
    let mut command = project.command(&["config", "-q"]);
    command
        .env("RFM_COLOUR", "red")
        .env("RFM_REFERENCE_DATA", "/nowhere");
    let output = command.output().expect("run");
    assert!(output.status.success());
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}
