//! Exports in the shapes of the systems that are known.

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::Project;

const SHOPIFY: &str = "\
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Shipping Country,Refunded Amount,Id,Tags
#1001,anna@example.org,paid,2024-01-15 10:24:00 -0500,fulfilled,EUR,30.00,5.00,0.00,35.00,,0.00,2024-01-15 10:23:45 -0500,2,Tea,10.00,Anna,DE,0.00,1,
#1001,anna@example.org,,,,,,,,,,,2024-01-15 10:23:45 -0500,1,Cup,10.00,,,,,
#1002,anna@example.org,partially_refunded,2024-02-01 09:00:00 -0500,fulfilled,EUR,50.00,0.00,0.00,50.00,,0.00,2024-02-01 08:59:00 -0500,1,Pot,50.00,Anna,DE,20.00,2,
#1003,bert@example.org,voided,,,EUR,99.00,0.00,0.00,99.00,,0.00,2024-02-03 08:59:00 -0500,1,Pot,99.00,Bert,FR,0.00,3,
#1004,bert@example.org,paid,2024-02-04 09:00:00 -0500,,EUR,12.50,0.00,0.00,12.50,,0.00,2024-02-04 23:30:00 -0500,1,Tea,12.50,Bert,FR,0.00,4,
#1005,,paid,2024-02-05 09:00:00 -0500,,EUR,12.50,0.00,0.00,12.50,,0.00,2024-02-05 09:00:00 -0500,1,Tea,12.50,,FR,0.00,5,
#1006,cleo@example.org,refunded,2024-02-05 09:00:00 -0500,,EUR,8.00,0.00,0.00,8.00,,0.00,2024-02-05 09:00:00 -0500,1,Tea,8.00,,FR,8.00,6,
";

const WOOCOMMERCE: &str = "\
order_id,order_number,date,status,shipping_total,order_total,refunded_total,order_currency,payment_method,customer_id,billing_first_name,billing_email,billing_country,line_items
71,71,2024-03-01 12:00:00,completed,5,105.50,0,USD,card,3,Anna,anna@example.org,US,name:Tea|quantity:2
72,72,2024-03-02 12:00:00,wc-processing,0,20,-5.25,USD,card,3,Anna,anna@example.org,US,name:Cup|quantity:1
73,73,2024-03-03 12:00:00,cancelled,0,77,0,USD,card,4,Bert,bert@example.org,CA,name:Pot|quantity:1
74,74,2024-03-04 12:00:00,Completed,0,10,0,USD,card,0,Bert,bert@example.org,CA,name:Pot|quantity:1
75,75,2024-03-05 12:00:00,on-hold,0,10,0,USD,transfer,0,Cleo,cleo@example.org,CA,name:Pot|quantity:1
76,76,2024-03-06 12:00:00,refunded,0,30,30,USD,card,5,Dora,dora@example.org,CA,name:Pot|quantity:1
";

const STRIPE: &str = "\
id,object,amount,amount_refunded,created,currency,customer,description,paid,status
ch_1,charge,1050,0,1704103200,eur,cus_anna,First,true,succeeded
ch_2,charge,2000,500,1704189600,eur,cus_anna,Second,true,succeeded
ch_3,charge,9900,0,1704189600,eur,cus_bert,Third,false,failed
ch_4,charge,1,0,1704276000,eur,cus_bert,Fourth,true,succeeded
ch_5,charge,700,0,1704276000,eur,,Fifth,true,succeeded
ch_6,charge,1500,0,1704276000,jpy,cus_cleo,Sixth,true,succeeded
";

const STRIPE_DASHBOARD: &str = "\
id,Description,Created (UTC),Amount,Amount Refunded,Currency,Customer ID,Customer Email,Status
ch_1,First,2024-01-01 10:00,10.50,0.00,eur,cus_anna,anna@example.org,Paid
ch_2,Second,2024-01-02 10:00,20.00,5.00,eur,cus_anna,anna@example.org,Paid
ch_3,Third,2024-01-02 10:00,99.00,0.00,eur,cus_bert,bert@example.org,Failed
ch_4,Fourth,2024-01-03 10:00,0.01,0.00,eur,cus_bert,bert@example.org,Paid
";

/// What a shop's export shows, and the features that come of it.
fn read(export: &str, options: &[&str]) -> String {
    let project = Project::with("orders.csv", export);
    let mut command = project.command(&[&["features", "orders.csv"], options].concat());
    let output = command.output().expect("run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let features = project.read("data/processed/rfm_features.csv");
    let columns = features.lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        [&fields[..4], &fields[7..]].concat().join(",") + "\n"
    });
    format!(
        "{}{}\n{}",
        text(output.stderr),
        text(output.stdout),
        columns.collect::<String>()
    )
}

#[test]
fn orders_of_shopify() {
    assert_snapshot!(read(SHOPIFY, &[]));
    assert_snapshot!(read(SHOPIFY, &["--returns", "net"]));
}

#[test]
fn orders_of_woocommerce() {
    assert_snapshot!(read(WOOCOMMERCE, &[]));
    assert_snapshot!(read(WOOCOMMERCE, &["--returns", "net"]));
    let paid = ["--paid", "completed,on-hold"];
    assert_snapshot!(read(WOOCOMMERCE, &paid));
}

#[test]
fn charges_of_stripe() {
    assert_snapshot!(read(STRIPE, &["--returns", "net"]));
    assert_snapshot!(read(STRIPE_DASHBOARD, &["--returns", "net"]));
}

#[test]
fn a_source_is_what_it_is_said_to_be() {
    let amount = "--columns=amount=Subtotal,customer=Email,invoice=Name,date=Created at";
    let project = Project::with("orders.csv", SHOPIFY);
    let message = project.fail(&["features", "orders.csv", "--source=generic", amount]);
    assert!(message.contains("`Subtotal` is missing"), "{message}");
    assert_snapshot!(project.fail(&["features", "orders.csv", "--source", "magento"]));
}

#[test]
fn an_own_source_stands_in_the_settings_file() {
    let project = Project::with(
        "rfm.toml",
        "[source]\npreset = \"generic\"\nunit = \"cents\"\npaid = [\"bezahlt\", \"Geliefert\"]\n\
         [columns]\nstatus = \"Zustand\"\nrefund = \"Erstattet\"\ncustomer = \"Kunde\"\n\
         invoice = \"Beleg\"\ndate = \"Datum\"\namount = \"Betrag\"\n",
    );
    project.write(
        "orders.csv",
        "Beleg;Kunde;Datum;Betrag;Erstattet;Zustand\n1;anna;1.2.2024;1050;0;bezahlt\n\
         2;anna;2.2.2024;2000;500;geliefert\n3;bert;3.2.2024;100;;storniert\n",
    );
    let report = project.run(&["features", "orders.csv", "--returns=net", "--json"]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["revenue"], "25.5");
    assert_eq!(report["dropped"]["not_paid"], 1);
}
