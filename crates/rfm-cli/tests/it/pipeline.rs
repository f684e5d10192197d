//! The commands as users run them.

use std::{fs, io::Read as _, os::unix::fs::PermissionsExt, process::Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::project::{Project, small_shop};

const OUTPUTS: [&str; 4] = [
    "data/processed/rfm_features.csv",
    "data/processed/customer_segments.csv",
    "data/processed/run.json",
    "models/segmentation.json",
];

/// The documented example.
const EXAMPLE: [&str; 7] = [
    "score",
    "--recency",
    "15",
    "--frequency",
    "2",
    "--monetary",
    "350.75",
];

fn outputs(project: &Project) -> Vec<String> {
    OUTPUTS.iter().map(|name| project.read(name)).collect()
}

#[test]
fn the_steps_one_by_one_give_the_same_bytes_as_all_together() {
    let together = Project::with("orders.csv", small_shop());
    together.run(&["all", "orders.csv"]);
    let apart = Project::with("orders.csv", small_shop());
    apart.run(&["features", "orders.csv"]);
    apart.run(&["train"]);
    apart.run(&["predict"]);
    assert_eq!(outputs(&together), outputs(&apart));
    let report = "data/interim/clean_report.json";
    assert_eq!(together.read(report), apart.read(report));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let run = |threads| {
        let project = Project::new();
        project.run(&["sample", "--lines", "20000", "--output", "orders.csv"]);
        project.run(&["all", "orders.csv", "--threads", threads]);
        outputs(&project)
    };
    let one = run("1");
    assert!(one == run("2"));
    assert!(one == run("8"));
}

#[test]
fn any_order_of_lines_gives_the_same_bytes() {
    let run = |shuffle: &[&str]| {
        let project = Project::new();
        let sample = ["sample", "--lines", "20000", "--output", "orders.csv"];
        project.run(&[&sample, shuffle].concat());
        project.run(&["all", "orders.csv"]);
        outputs(&project)
    };
    assert!(run(&[]) == run(&["--shuffle"]));
}

#[test]
fn the_documented_example_holds_without_an_own_model() {
    let project = Project::new();
    let shown = project.run(&EXAMPLE);
    assert!(shown.starts_with("New Customers (label 2)\n"), "{shown}");
    assert!(shown.contains("reference model"), "{shown}");
    let rich = project.run(&[
        "score",
        "--recency",
        "1",
        "--frequency",
        "200",
        "--monetary",
        "200000000000",
        "--json",
    ]);
    assert!(rich.contains(r#""segment_name": "Champions""#), "{rich}");
}

#[test]
fn the_documented_example_holds_after_training_on_the_sample() {
    let project = Project::new();
    project.run(&["sample", "--output", "data/external/sample.csv"]);
    project.run(&["all"]);
    let shown = project.run(&[
        "score",
        "--recency",
        "15.0",
        "--frequency",
        "2",
        "--monetary",
        "350.75",
    ]);
    assert!(shown.starts_with("New Customers (label 2)\n"), "{shown}");
    assert!(shown.contains("models/segmentation.json"), "{shown}");
}

#[test]
fn a_lone_file_in_data_raw_is_found() {
    let project = Project::with("data/raw/orders.csv", small_shop());
    project.run(&["all"]);
    assert!(
        project
            .read("data/interim/clean_report.json")
            .contains("data/raw/orders.csv")
    );
}

#[test]
fn the_root_is_where_files_go_and_the_input_is_where_it_was_typed() {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "--root", "shop"]);
    assert!(project.path("shop/models/segmentation.json").exists());
    assert!(!project.path("models").exists());
}

#[test]
fn stronger_layers_win() {
    let project = Project::with("rfm.toml", "seed = 1\nrestarts = 2\nthreads = 1\n");
    let mut command = project.command(&["config", "--restarts", "4"]);
    let output = command.env("RFM_SEED", "3").output().expect("run");
    let shown = String::from_utf8(output.stdout).expect("text");
    let line = |key: &str| {
        let mut lines = shown.lines();
        let line = lines.find(|line| line.starts_with(key)).expect("setting");
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("seed"), "3 RFM_SEED");
    assert_eq!(line("restarts"), "4 --restarts");
    assert_eq!(line("threads"), "1 rfm.toml: threads");
    assert_eq!(line("decimal"), ". default");
}

#[test]
fn settings_stay_within_80_columns() {
    let project = Project::with(
        "rfm.toml",
        "[source]\npaid = ['paid', 'shipped', 'delivered', 'on its way', 'sent', 'done', 'over']\n\
         [columns]\ncustomer = 'Kunde'\ninvoice = 'Bestellung'\n",
    );
    let origins = "https://shop.example,https://www.shop.example,https://shop.example:8443";
    let shown = project.run(&["config", "--cors-origins", origins]);
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{shown}");
    assert_snapshot!(shown);
}

#[test]
fn an_option_for_another_format_is_a_remark() {
    let project = Project::with("orders.csv", small_shop());
    for command in ["features", "inspect"] {
        let arguments = [
            command,
            "orders.csv",
            "--sheet",
            "Orders",
            "--delimiter",
            ",",
        ];
        let output = project.command(&arguments).output().expect("run");
        let remarks = String::from_utf8(output.stderr).expect("text");
        assert!(
            remarks.contains("note: `--sheet` is not used: no file is a workbook\n"),
            "{remarks}"
        );
        assert!(!remarks.contains("--delimiter"), "{remarks}");
    }
}

#[test]
fn lists_may_be_given_in_parts() {
    let shop = small_shop().replace("CustomerID", "Kunde");
    let project = Project::with("orders.csv", shop.replace("InvoiceNo", "Rechnung"));
    let parts = ["--columns", "customer=Kunde", "--columns=invoice=Rechnung"];
    project.run(&[&["features", "orders.csv"], &parts[..]].concat());
    let shown = project.run(&[&["config"], &parts[..]].concat());
    assert!(
        shown.contains("customer=Kunde,invoice=Rechnung "),
        "{shown}"
    );
}

#[test]
fn columns_can_be_named_in_the_settings_file() {
    let shop = small_shop().replace("CustomerID", "Kunde");
    let project = Project::with("orders.csv", shop);
    project.write("rfm.toml", "[columns]\ncustomer = 'Kunde'\n");
    project.run(&["all", "orders.csv"]);
}

#[test]
fn a_playbook_replaces_the_built_in_strategies() {
    let project = Project::with(
        "references/playbook.toml",
        "'New Customers' = 'send a cake'\n",
    );
    assert!(project.run(&EXAMPLE).contains("strategy   send a cake"));
}

const FAULTY: &str = "\
invoice,date,customer,amount,note
1,2024-01-01,anna,10,\"a, \"\"b\"\"\"
2,2024-01-02,bert,x,ordered
3,13/13/2024,cleo,30,
4,2024-01-04,dora,40
5,2024-01-05,emil,50,
6,2024-01-06,,what,ever
7,2024-01-07,anna,-3,
";

#[test]
fn lines_that_do_not_parse_can_be_put_aside() {
    let project = Project::with("orders.csv", FAULTY);
    project.write(
        "more.csv",
        "note,customer,amount,date,invoice\nlate,fritz,-,2024-01-08,8\n",
    );
    let inputs = ["features", "orders.csv", "more.csv"];
    let options = ["--on-bad-row", "quarantine", "--json"];
    let report = project.run(&[&inputs[..], &options].concat());
    assert_snapshot!(project.read("data/interim/rejected.csv"));
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let (rows, kept, quarantined) = (&report["rows"], &report["kept"], &report["quarantined"]);
    assert_eq!((rows, kept, quarantined), (&json!(8), &json!(2), &json!(4)));

    let project = Project::with("orders.csv", FAULTY);
    let shown = project.run(&["features", "orders.csv", "--on-bad-row=quarantine"]);
    assert!(
        shown.ends_with("\n      data/interim/rejected.csv\n"),
        "{shown}"
    );
    let rejected = project.path("data/interim/rejected.csv");
    let mode = fs::metadata(&rejected).expect("file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "customers are nobody's business");
    // The next run leaves nothing of the last.
    project.write("orders.csv", small_shop());
    let shown = project.run(&["features", "orders.csv", "--on-bad-row=quarantine"]);
    assert!(!shown.contains("rejected.csv"), "{shown}");
    assert_eq!(
        fs::read_to_string(&rejected).expect("file").lines().count(),
        1
    );
}

#[test]
fn a_whole_run_lists_the_lines_that_were_put_aside() {
    let project = Project::with(
        "orders.csv",
        small_shop() + "1,2,CUP,x,2011-01-01,2.50,500,\n",
    );
    let shown = project.run(&["all", "orders.csv", "--on-bad-row=quarantine"]);
    assert!(
        shown.contains("\n      data/interim/rejected.csv\n"),
        "{shown}"
    );
}

#[test]
fn a_sample_replaces_nothing_but_itself() {
    let project = Project::new();
    let sample = ["sample", "--lines", "100", "--output", "orders.csv"];
    let shown = project.run(&sample);
    assert_eq!(shown, "100 lines\nwrote orders.csv\n");
    let written = project.read("orders.csv");
    assert_eq!(project.run(&sample), "", "the same is there");
    let quiet = project.run(&[&sample[..], &["--quiet", "--force"]].concat());
    assert_eq!(quiet, "");
    // Longer, shorter, empty.
    for lines in ["101", "99"] {
        let other = ["sample", "--lines", lines, "--output", "orders.csv"];
        project.fail(&other);
        assert_eq!(project.read("orders.csv"), written);
    }
    project.write("orders.csv", "");
    project.run(&sample);
    assert_eq!(project.read("orders.csv"), written);
}

#[test]
fn returns_can_be_taken_off() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n\
         1,2024-01-01,anna,100.10\n2,2024-01-03,anna,-0.60\nC3,2024-03-01,anna,-25\n\
         4,2024-01-02,bert,7\nC5,2024-01-02,bert,-7\nC6,2024-01-02,cleo,-1\n7,2024-01-04,dora,0\n\
         8,2024-01-02,emil,5\n",
    );
    let shown = project.run(&["features", "orders.csv", "--returns", "net"]);
    assert_snapshot!(shown);
    assert_snapshot!(project.read("data/processed/rfm_features.csv"));
    assert!(
        project
            .run(&["features", "orders.csv"])
            .contains("returns, cancellations, gifts")
    );
    assert!(
        !project
            .read("data/processed/rfm_features.csv")
            .contains("return_rate")
    );
}

#[test]
fn only_what_is_asked_for_counts() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01 23:59:59,anna,1\n2,2024-01-02,anna,2\n2,2024-01-02,anna,2\n",
    );
    let run = |options: &[&str]| {
        let arguments = [&["features", "orders.csv", "--json"], options].concat();
        let report: Value = serde_json::from_str(&project.run(&arguments)).expect("JSON");
        report["revenue"].as_str().expect("text").to_owned()
    };
    assert_eq!(run(&[]), "3");
    assert_eq!(run(&["--keep-duplicates"]), "5");
    assert_eq!(run(&["--since", "2024-01-02"]), "2");
}

#[test]
fn a_last_date_far_from_the_rest_is_a_warning() {
    let line = "1,2,CUP,3,2101-05-01 10:00:00,2.50,500,France\n";
    let project = Project::with("orders.csv", small_shop() + line);
    let report = project.run(&["features", "orders.csv", "--json"]);
    assert!(
        report.contains("none between 2011-12-25 and 2101-05-01"),
        "{report}"
    );
}

#[test]
fn a_mistyped_invoice_with_several_lines_is_a_warning() {
    let lines = "1,2,CUP,3,2101-05-01,2.50,500,France\n1,3,CUP,3,2101-05-01,2.50,500,France\n\
                 2,3,CUP,3,2111-05-01,2.50,501,France\n";
    let project = Project::with("orders.csv", small_shop() + lines);
    let report = project.run(&["features", "orders.csv", "--json"]);
    assert!(
        report.contains("3 last purchases stand far from the rest: none between 2011-12-25"),
        "{report}"
    );
}

#[test]
fn a_delimiter_inside_a_quoted_header_is_none() {
    let shop = small_shop().replace("Description", "\"Text; a; b; c; d; e; f; g; h\"");
    Project::with("orders.csv", shop).run(&["features", "orders.csv"]);
}

#[test]
fn a_column_name_may_have_a_comma() {
    let shop = small_shop().replace("CustomerID", "\"Name, first\"");
    let project = Project::with("orders.csv", shop);
    let columns = "customer=Name, first,date=InvoiceDate";
    project.run(&["features", "orders.csv", "--columns", columns]);
    project.write("rfm.toml", "columns = { customer = 'Name, first' }\n");
    project.run(&["features", "orders.csv"]);
}

#[test]
fn a_byte_order_mark_is_stronger_than_a_setting() {
    let project = Project::with(
        "orders.csv",
        "\u{feff}".to_owned() + &small_shop().replace("France", "Österreich"),
    );
    project.run(&["features", "orders.csv", "--encoding", "windows-1252"]);
    let features = project.read("data/processed/rfm_features.csv");
    assert!(features.contains("Österreich"), "{features}");
}

#[test]
fn an_error_of_a_spreadsheet_is_no_customer() {
    let shop = small_shop() + "1,2,CUP,3,2011-01-01,2.50,#N/A,France\n";
    let project = Project::with("orders.csv", shop);
    let report = project.run(&["features", "orders.csv", "--json"]);
    assert!(report.contains(r#""missing_customer": 1"#), "{report}");
}

#[test]
fn a_guest_account_is_a_warning() {
    let lines: String = (0..30)
        .map(|n| format!("{n},2,CUP,3,2011-05-{:02},2.50,guest,France\n", n % 28 + 1))
        .collect();
    let project = Project::with("orders.csv", small_shop() + &lines);
    let report = project.run(&["features", "orders.csv", "--json"]);
    assert!(
        report.contains(r#"customer \"guest\" has 30 of 63 lines (47.6 %)"#),
        "{report}"
    );
}

#[test]
fn predict_warns_of_a_model_that_was_trained_on_other_features() {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv"]);
    project.write(
        "more.csv",
        small_shop() + "1,2,CUP,3,2011-01-01 10:00:00,9,7,France\n",
    );
    project.run(&["features", "more.csv"]);
    let output = project.command(&["predict"]).output().expect("run");
    assert!(output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("trained on other features"), "{message}");
}

#[test]
fn results_go_to_stdout_and_all_else_to_stderr() {
    let project = Project::with("orders.csv", small_shop());
    let output = project
        .command(&["all", "orders.csv", "--json"])
        .output()
        .expect("run");
    assert!(output.stdout.starts_with(b"{"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("note: columns"));
    let quiet = project
        .command(&["all", "orders.csv", "--quiet"])
        .output()
        .expect("run");
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty());
}

#[test]
fn a_pipe_that_is_closed_is_no_error() {
    let project = Project::new();
    let mut command = project.command(&["sample", "--lines", "100000"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("run");
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().expect("pipe");
    stdout.read_exact(&mut first).expect("read");
    drop(stdout);
    let output = child.wait_with_output().expect("wait");
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
}

#[test]
fn the_features_can_be_parquet_too() {
    let project = Project::with("orders.csv", small_shop());
    let shown = project.run(&["features", "orders.csv", "--format", "parquet"]);
    let parquet = "data/processed/rfm_features.parquet";
    assert!(shown.contains(parquet), "{shown}");
    project.run(&["train"]);
    let model = project.read("models/segmentation.json");
    // What it holds is what the CSV file does.
    fs::copy(
        project.path(parquet),
        project.path("data/processed/rfm_features.csv"),
    )
    .expect("copy");
    project.run(&["train"]);
    assert!(model == project.read("models/segmentation.json"));
}

#[test]
fn standard_input_can_be_read() {
    let project = Project::with("orders.csv", small_shop());
    let from_file = {
        project.run(&["all", "orders.csv"]);
        outputs(&project)
    };
    for name in ["-", "/dev/stdin"] {
        let file = fs::File::open(project.path("orders.csv")).expect("open");
        let mut command = project.command(&["all", name]);
        assert!(command.stdin(file).status().expect("run").success());
        assert_eq!(from_file, outputs(&project));
    }
}

#[test]
fn a_folder_or_a_pattern_is_one_data_set() {
    let project = Project::with("whole.csv", small_shop());
    project.run(&["all", "whole.csv"]);
    let whole = outputs(&project);
    let text = small_shop();
    let (header, lines) = text.split_once('\n').expect("header");
    for (number, line) in lines.lines().enumerate() {
        let name = format!("orders/{}.csv", number % 4);
        let earlier = project.path(&name).exists().then(|| project.read(&name));
        let earlier = earlier.unwrap_or_else(|| format!("{header}\n"));
        project.write(&name, format!("{earlier}{line}\n"));
    }
    for inputs in [
        &["orders"][..],
        &["orders/*.csv"],
        &["orders/[01].csv", "orders/2.csv", "orders/3.csv"],
    ] {
        project.run(&[&["all"], inputs].concat());
        assert!(outputs(&project) == whole, "{inputs:?}");
    }
}

#[test]
fn the_sample_has_the_lines_and_ids_that_were_asked_for() {
    let project = Project::new();
    for (kind, shape) in [("numeric", 5..8), ("email", 15..40), ("uuid", 36..37)] {
        let csv = project.run(&["sample", "--lines", "5000", "--ids", kind]);
        assert_eq!(csv.lines().count(), 5001);
        let customers: Vec<&str> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(6).expect("customer"))
            .collect();
        let missing = customers.iter().filter(|customer| customer.is_empty());
        assert!(
            (800..1700).contains(&missing.count()),
            "a quarter of the lines"
        );
        let named = customers.iter().filter(|customer| !customer.is_empty());
        for customer in named {
            assert!(shape.contains(&customer.len()), "{customer}");
        }
        assert_eq!(
            csv,
            project.run(&["sample", "--lines", "5000", "--ids", kind])
        );
    }
}
