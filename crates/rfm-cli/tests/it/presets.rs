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

/// The tables of Olist, by the names that its files have.
const OLIST: [(&str, &str); 6] = [
    (
        "olist_customers_dataset.csv",
        "\"customer_id\",\"customer_unique_id\",\"customer_zip_code_prefix\",\"customer_city\",\"customer_state\"
\"c1\",\"anna\",\"14409\",franca,SP
\"c2\",\"anna\",\"09790\",sao paulo,SP
\"c3\",\"bert\",\"01151\",sao paulo,SP
\"c4\",\"cleo\",\"08775\",mogi das cruzes,SP
",
    ),
    (
        "olist_geolocation_dataset.csv",
        "\"geolocation_zip_code_prefix\",\"geolocation_lat\",\"geolocation_lng\",\"geolocation_city\",\"geolocation_state\"
\"01037\",-23.54562128115268,-46.63929204800168,sao paulo,SP
",
    ),
    (
        "olist_order_items_dataset.csv",
        "\"order_id\",\"order_item_id\",\"product_id\",\"seller_id\",\"shipping_limit_date\",\"price\",\"freight_value\"
\"o1\",1,\"p1\",\"s1\",2017-09-19 09:45:35,58.90,13.29
\"o1\",2,\"p1\",\"s1\",2017-09-19 09:45:35,58.90,13.29
\"o2\",1,\"p2\",\"s1\",2018-05-03 11:05:13,239.90,19.93
\"o3\",1,\"p2\",\"s1\",2018-05-03 11:05:13,19.90,1.10
",
    ),
    (
        "olist_order_payments_dataset.csv",
        "\"order_id\",\"payment_sequential\",\"payment_type\",\"payment_installments\",\"payment_value\"
\"o1\",1,\"credit_card\",8,100.00
\"o1\",2,\"voucher\",1,44.38
\"o2\",1,\"credit_card\",1,259.83
\"o3\",1,\"boleto\",1,21.00
\"o5\",1,\"boleto\",1,12.34
\"o9\",1,\"boleto\",1,5.00
",
    ),
    (
        "olist_orders_dataset.csv",
        "\"order_id\",\"customer_id\",\"order_status\",\"order_purchase_timestamp\",\"order_approved_at\",\"order_delivered_carrier_date\",\"order_delivered_customer_date\",\"order_estimated_delivery_date\"
\"o1\",\"c1\",\"delivered\",2017-09-13 08:59:02,2017-09-13 09:45:35,2017-09-19 18:34:16,2017-09-20 23:43:48,2017-09-29 00:00:00
\"o2\",\"c2\",\"shipped\",2018-04-26 10:53:06,2018-04-26 11:05:13,2018-05-04 14:35:00,,2018-05-15 00:00:00
\"o3\",\"c3\",\"canceled\",2018-01-14 14:33:31,2018-01-14 14:48:30,,,2018-02-05 00:00:00
\"o4\",\"c4\",\"delivered\",2018-08-08 10:00:35,2018-08-08 10:10:18,2018-08-10 13:28:00,2018-08-14 13:32:39,2018-08-20 00:00:00
\"o5\",\"c8\",\"delivered\",2018-08-08 10:00:35,,,,2018-08-20 00:00:00
",
    ),
    (
        "product_category_name_translation.csv",
        "product_category_name,product_category_name_english\nbeleza_saude,health_beauty\n",
    ),
];

/// A project with Olist's export in a folder.
fn olist() -> Project {
    let project = Project::new();
    for (name, table) in OLIST {
        project.write(&format!("olist/{name}"), table);
    }
    project
}

/// What a shop's export shows, and the features that come of it.
fn read(export: &str, options: &[&str]) -> String {
    let project = Project::with("orders.csv", export);
    read_in(&project, &[&["orders.csv"], options].concat())
}

fn read_in(project: &Project, arguments: &[&str]) -> String {
    let mut command = project.command(&[&["features"], arguments].concat());
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

/// An export with a line for each item, in which what is of the order stands again
/// and again.
const WOOCOMMERCE_ITEMS: &str = "\
Order Number,Order Status,Order Date,Customer Note,Email (Billing),Country Code (Billing),Order Refund Amount,Order Total Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost
81,Completed,2024-03-01 12:00,,anna@example.org,US,5,35,T,1,Tea,2,10
81,Completed,2024-03-01 12:00,,anna@example.org,US,5,35,C,2,Cup,1,10
82,Completed,2024-03-02 12:00,,bert@example.org,US,0,7,C,1,Cup,1,7
";

#[test]
fn items_of_woocommerce() {
    assert_snapshot!(read(WOOCOMMERCE_ITEMS, &["--returns", "net"]));
    let without_price = WOOCOMMERCE_ITEMS.replace("Item Cost", "Remark");
    assert_snapshot!(read(&without_price, &[]));
}

#[test]
fn charges_of_stripe() {
    assert_snapshot!(read(STRIPE, &["--returns", "net"]));
    assert_snapshot!(read(STRIPE_DASHBOARD, &["--returns", "net"]));
}

#[test]
fn tables_of_olist() {
    let project = olist();
    assert_snapshot!(read_in(&project, &["olist"]));
    assert_snapshot!(project.run(&["inspect", "olist"]));
    let report = project.read("data/interim/clean_report.json");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["joined"]["orders"], 5);
    assert_eq!(report["joined"]["inputs"][0]["rows"], 4);
    let features = project.read("data/processed/rfm_features.csv");

    // In another order, without what is not needed, and in parts.
    let (orders, customers, payments) = (OLIST[4], OLIST[0], OLIST[3]);
    let mut lines = payments.1.lines();
    let header = lines.next().expect("header");
    let (first, second): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.contains("o1"));
    for (name, part) in [("first.csv", first), ("second.csv", second)] {
        project.write(name, [&[header], &part[..]].concat().join("\n"));
    }
    let [orders, customers] = [orders, customers].map(|(name, _)| format!("olist/{name}"));
    project.run(&["features", "second.csv", &orders, "first.csv", &customers]);
    assert_eq!(project.read("data/processed/rfm_features.csv"), features);

    // By the prices of what was bought, where nothing says what was paid.
    let items = format!("olist/{}", OLIST[2].0);
    assert_snapshot!(read_in(&project, &[&items, &orders, &customers]));
}

#[test]
fn tables_of_olist_that_do_not_fit() {
    let project = olist();
    let [orders, customers, payments] = [4, 0, 3].map(|at| format!("olist/{}", OLIST[at].0));
    assert_snapshot!(project.fail(&["features", &orders]));
    assert_snapshot!(project.fail(&["features", &orders, &customers]));
    assert_snapshot!(project.fail(&["features", "--source=olist", &payments]));
    project.write(
        "more.csv",
        "order_id,customer_id,order_status,order_purchase_timestamp\n\
         o1,c1,delivered,2017-09-13 08:59:02\no2,c2,delivered,2018-04-26 10:53:06\n",
    );
    assert_snapshot!(project.fail(&["features", &orders, "more.csv", &customers, &payments]));
    project.write(
        "payments.csv",
        "order_id,payment_sequential,payment_value\no1,1,9\no1,2\no2,1,nine\n",
    );
    assert_snapshot!(project.fail(&["features", "payments.csv", &orders, &customers]));
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
