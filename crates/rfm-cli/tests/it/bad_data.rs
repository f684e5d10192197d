//! Text that does not say what it should, and the message for each.

use insta::assert_snapshot;

use crate::project::{HEADER, Project, shop_with, small_shop};

/// The message for a CSV of that content.
fn message(content: impl AsRef<[u8]>) -> String {
    Project::with("orders.csv", content).fail(&["all", "orders.csv"])
}

#[test]
fn an_empty_file() {
    assert_snapshot!(message(""));
    assert_eq!(message("\n\r\n\n"), message(""));
}

#[test]
fn a_header_and_nothing_else() {
    assert_snapshot!(message(HEADER));
}

#[test]
fn a_missing_column() {
    assert_snapshot!(message(small_shop().replace("CustomerID", "Who")));
}

#[test]
fn no_column_has_a_usual_name() {
    let lines = "Beleg;Datum;Kunde;Menge;Preis\n1;1.2.2024;anna;1;2,50\n";
    assert_snapshot!(message(lines));
}

#[test]
fn titles_above_the_header() {
    let titles = "Orders of 2024\n\n\"by shop, all\"\n";
    let lines = small_shop().replace(',', ";");
    assert_snapshot!(message(format!("{titles}{lines}")));
    let project = Project::with("orders.csv", format!("{titles}{lines}"));
    project.run(&["features", "orders.csv", "--skip-lines", "3"]);
    let skipped = project.read("data/processed/rfm_features.csv");
    project.write("plain.csv", lines);
    project.run(&["features", "plain.csv"]);
    assert_eq!(project.read("data/processed/rfm_features.csv"), skipped);
}

#[test]
fn more_columns_than_a_sheet_can_have() {
    assert_snapshot!(message(format!("{}\n", ",".repeat(16_384))));
}

#[test]
fn a_header_in_the_midst_of_the_lines() {
    assert_snapshot!(message(small_shop() + &small_shop()));
}

#[test]
fn a_line_of_totals_at_the_end() {
    assert_snapshot!(message(small_shop() + "Total\n"));
}

#[test]
fn statuses_of_which_none_counts() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount,state\n1,2024-01-01,anna,5,bezahlt\n\
         2,2024-01-02,bert,5,Offen\n3,2024-01-02,,5,Offen\n",
    );
    let options = ["--columns=status=state", "--paid=bezalt"];
    assert_snapshot!(project.fail(&[&["features", "orders.csv"], &options[..]].concat()));
}

#[test]
fn no_line_that_parses() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,1.2.24,anna,5\n2,03-Jan-2024,bert,5\n",
    );
    assert_snapshot!(project.fail(&["features", "orders.csv"]));
    let options = ["--on-bad-row", "quarantine"];
    assert_snapshot!(project.fail(&[&["features", "orders.csv"], &options[..]].concat()));
}

#[test]
fn no_column_for_the_price() {
    assert_snapshot!(message(small_shop().replace("UnitPrice", "Tariff")));
}

#[test]
fn a_doubled_column() {
    assert_snapshot!(message(small_shop().replace("StockCode", "Customer ID")));
}

#[test]
fn a_column_that_was_named_and_is_not_there() {
    let project = Project::with("orders.csv", small_shop());
    assert_snapshot!(project.fail(&["all", "orders.csv", "--columns", "customer=Kunde"]));
}

#[test]
fn no_line_with_a_customer() {
    let line = "1,2,CUP,3,2011-01-01 10:00:00,2.50,NULL,France\n";
    assert_snapshot!(message(format!("{HEADER}{line}{line}")));
}

#[test]
fn no_line_before_the_snapshot() {
    let project = Project::with("orders.csv", small_shop());
    assert_snapshot!(project.fail(&["all", "orders.csv", "--snapshot", "2010-01-01"]));
}

#[test]
fn fewer_customers_than_segments() {
    let lines = small_shop().lines().take(4).collect::<Vec<_>>().join("\n");
    assert_snapshot!(message(lines));
}

#[test]
fn fewer_customers_that_differ_than_segments() {
    let lines: String = (0..20)
        .map(|customer| format!("{customer},1,CUP,1,2011-01-01 10:00:00,2.50,{customer},France\n"))
        .collect();
    assert_snapshot!(message(format!("{HEADER}{lines}")));
}

#[test]
fn fewer_customers_that_differ_than_can_be_compared() {
    let features = "CustomerID,recency,frequency,monetary\n7,1,1,1\n8,2,1,1\n9,2,1,1\n";
    let project = Project::with("data/processed/rfm_features.csv", features);
    assert_snapshot!(project.fail(&["evaluate"]));
}

#[test]
fn numbers_that_are_none() {
    let line = |quantity: &str, price: &str| {
        format!("1,2,CUP,{quantity},2011-01-01 10:00:00,{price},7,France\n")
    };
    let lines = [
        line("NaN", "1"),
        line("inf", "1"),
        line("1", "-Infinity"),
        line("", "1"),
        line("six", "1"),
        line("1", "£2.55"),
        line("0x10", "1"),
        line("1", "1.2.3"),
        line("1e30", "1"),
    ];
    assert_snapshot!(message(small_shop() + &lines.concat()));
}

#[test]
fn decimal_commas() {
    let line = "1;2;CUP;3;2011-01-01 10:00:00;2,55;7;France\n";
    assert_snapshot!(message(HEADER.replace(',', ";") + line));
}

#[test]
fn decimal_points_where_commas_were_told() {
    let project = Project::with("orders.csv", small_shop());
    assert_snapshot!(project.fail(&["all", "orders.csv", "--decimal", ","]));
}

#[test]
fn separators_between_thousands_and_decimal_commas() {
    let line = |price: &str| format!("1;2;CUP;3;2011-01-01 10:00:00;{price};7;France\n");
    let lines = ["1.234,50", "1 234,50", "1'234.50"].map(line).concat();
    assert_snapshot!(message(HEADER.replace(',', ";") + &lines));
}

#[test]
fn a_line_that_ends_with_a_carriage_return() {
    let line = "1,2,\"TEA\rCUP\",3,soon,2.50,7,France\n";
    assert_snapshot!(message(shop_with(line).replace('\n', "\r")));
}

#[test]
fn an_amount_beyond_all_limits() {
    assert_snapshot!(message(shop_with(
        "1,2,CUP,10000000000,2011-01-01 10:00:00,10000000000,7,France"
    )));
}

#[test]
fn a_sum_beyond_all_limits() {
    let line = |n: u32| format!("{n},2,CUP,9000000000,2011-01-01 10:00:00,1000,7,France");
    assert_snapshot!(message(shop_with(&[line(1), line(2)].join("\n"))));
}

#[test]
fn more_faults_than_are_listed() {
    let lines: String = (0..15)
        .map(|_| "1,2,CUP,x,2011-01-01 10:00:00,1,7,France\n")
        .collect();
    assert_snapshot!(message(small_shop() + &lines));
}

#[test]
fn dates_that_are_none() {
    let line = |date: &str| format!("1,2,CUP,3,{date},2.50,7,France\n");
    let lines = [
        "99999-01-01",
        "2011-02-30",
        "2011-01-01 25:00",
        "soon",
        "1/12/11",
        "9999-12-31",
        "",
        "13/13/2011",
    ];
    let lines: String = lines.into_iter().map(line).collect();
    assert_snapshot!(message(small_shop() + &lines));
}

#[test]
fn ambiguous_dates() {
    let lines: String = (1..10)
        .map(|n| format!("{n},1,CUP,1,{n}/12/2011 8:26,2.50,{n},France\n"))
        .collect();
    assert_snapshot!(message(format!("{HEADER}{lines}")));
}

#[test]
fn contradicting_dates() {
    let line = |date: &str| format!("1,2,CUP,3,{date},2.50,7,France\n");
    let lines = [line("1/2/2011"), line("13/2/2011"), line("2/13/2011")];
    assert_snapshot!(message(format!("{HEADER}{}", lines.concat())));
}

#[test]
fn dates_with_and_without_a_zone() {
    assert_snapshot!(message(shop_with(
        "1,2,CUP,3,2011-01-01T10:00:00+01:00,2.50,7,France"
    )));
}

#[test]
fn a_date_so_old_that_no_recency_fits() {
    assert_snapshot!(message(shop_with("1,2,CUP,3,1066-10-14,2.50,7,France")));
}

#[test]
fn ragged_rows() {
    assert_snapshot!(message(shop_with(
        "1,2,CUP,3,2011-01-01,2.50,7\n1,2,CUP, RED,3,2011-01-01,2.50,7,France"
    )));
}

#[test]
fn a_quote_that_is_never_closed() {
    assert_snapshot!(message(shop_with(
        "1,2,\"CUP,3,2011-01-01,2.50,7,France\n1,2,CUP,3,2011-01-01,2.50,7,France"
    )));
}

#[test]
fn a_nul_byte() {
    assert_snapshot!(message(shop_with("1,2,C\0P,3,2011-01-01,2.50,7,France")));
}

#[test]
fn text_that_is_not_utf_8() {
    let mut bytes = small_shop().into_bytes();
    bytes.extend(b"1,2,CAF\xc9,3,2011-01-01,2.50,7,France\n");
    assert_snapshot!(message(bytes));
}

#[test]
fn control_characters_and_formulas_stay_data() {
    let project = Project::with(
        "orders.csv",
        shop_with("1,2,CUP,3,2011-01-01,2.50,\"=1+1\u{1b}[31m\",France"),
    );
    let shown = project.run(&["all", "orders.csv"]);
    assert!(!shown.contains('\u{1b}'));
    assert!(
        project
            .read("data/processed/customer_segments.csv")
            .contains("=1+1\u{1b}[31m,")
    );
    assert_snapshot!(message(shop_with(
        "1,2,CUP,=1+1\u{1b}[31m,2011-01-01,2.50,7,France"
    )));
}

#[test]
fn two_columns_of_one_name() {
    let project = Project::with(
        "orders.csv",
        small_shop().replace("StockCode", "CustomerID"),
    );
    assert_snapshot!(project.fail(&["all", "orders.csv", "--columns", "customer=CustomerID"]));
}

#[test]
fn a_delimiter_that_is_not_found_by_itself() {
    assert_snapshot!(message(small_shop().replace(',', "^")));
}

#[test]
fn separators_between_thousands() {
    for (name, number) in [("groups", "1,234"), ("groups_with_point", "1,234.50")] {
        let line = format!("1,2,CUP,\"{number}\",2011-01-01,2.50,7,France");
        assert_snapshot!(name, message(shop_with(&line)));
    }
    let line = "1;2;CUP;3;2011-01-01 10:00:00;1.234,50;7;France\n";
    let project = Project::with("orders.csv", HEADER.replace(',', ";") + line);
    assert_snapshot!(project.fail(&["all", "orders.csv", "--decimal", ","]));
}

#[test]
fn dates_that_do_not_fit_the_form_that_was_given() {
    for (name, form, date) in [
        ("form_pattern", "%d.%m.%Y", "2011-01-02"),
        ("form_two_digits", "%d.%m.%Y", "01.02.11"),
        ("form_month_first", "month-first", "13/1/2011"),
    ] {
        let line = format!("1,2,CUP,3,{date},2.50,7,France\n");
        let project = Project::with("orders.csv", HEADER.to_owned() + &line);
        let arguments = ["all", "orders.csv", "--date-format", form];
        assert_snapshot!(name, project.fail(&arguments));
    }
}

#[test]
fn nothing_is_left_after_returns() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01,anna,5\nC2,2024-01-02,anna,-5\n",
    );
    assert_snapshot!(project.fail(&["all", "orders.csv", "--returns", "net"]));
}

#[test]
fn nothing_is_left_after_the_rules() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01,anna,5\n2,2023-01-02,anna,x\n",
    );
    let options = ["--since", "2024-01-02", "--on-bad-row", "quarantine"];
    assert_snapshot!(project.fail(&[&["all", "orders.csv"][..], &options].concat()));
}
