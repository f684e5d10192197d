//! `rfm report` as users run it.

use insta::assert_snapshot;

use crate::project::Project;

/// A project with features, a model and an evaluation.
fn shop() -> Project {
    let project = Project::new();
    project.run(&["sample", "--lines", "20000", "--output", "orders.csv", "-q"]);
    project.run(&["all", "orders.csv", "-q"]);
    project.run(&["evaluate", "-q"]);
    project
}

#[test]
fn the_report_as_markdown() {
    let project = shop();
    assert_snapshot!(project.run(&["report"]));
    assert_snapshot!(project.read("reports/report.md"));
}

#[test]
fn the_page_holds_all_that_it_shows() {
    let project = shop();
    assert!(project.run(&["report", "--quiet"]).is_empty());
    let page = project.read("reports/report.html");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<svg").count(), 24);
    for loaded in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!page.contains(loaded), "the page has {loaded}");
    }
    let count = |tag: &str| {
        (
            page.matches(&format!("<{tag}>")).count(),
            page.matches(&format!("</{tag}>")).count(),
        )
    };
    for tag in [
        "section",
        "table",
        "figure",
        "figcaption",
        "dl",
        "tr",
        "main",
    ] {
        let (opened, closed) = count(tag);
        assert!(
            opened > 0 && opened == closed,
            "{opened} {tag}, {closed} closed"
        );
    }
}

#[test]
fn names_in_data_are_text() {
    let name = "<img src=x onerror=alert(1)></script>|*a*";
    let mut orders = "invoice,date,customer,amount,country\n".to_owned();
    for number in 1..30 {
        let day = number % 28 + 1;
        orders += &format!(
            "{number},2024-01-{day:02},{name}{},{},{name}\n",
            number % 7,
            number * 11
        );
    }
    let project = Project::with("orders.csv", orders);
    project.run(&["all", "orders.csv", "-q"]);
    project.run(&["report", "-q"]);
    let page = project.read("reports/report.html");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&lt;/script&gt;|*a*"));
    assert!(!page.contains("<img") && !page.contains("</script"));
    let text = project.read("reports/report.md");
    assert!(
        text.contains(r"\<img src=x onerror=alert(1)\>\</script\>\|\*a\*"),
        "{text}"
    );
}

#[test]
fn customers_can_be_numbered_instead_of_named() {
    let project = Project::with(
        "orders.csv",
        "invoice,date,customer,amount\n1,2024-01-01,anna,5\n2,2024-01-03,ben,20\n\
         3,2024-03-01,carl,70\n4,2024-03-02,dora,1\n5,2024-03-02,dora,2\n",
    );
    project.run(&["all", "orders.csv", "-q"]);
    let names = ["anna", "ben", "carl", "dora"];
    project.run(&["report", "-q"]);
    let page = project.read("reports/report.html");
    assert!(names.iter().all(|name| page.contains(name)));
    project.run(&["report", "-q", "--anonymise"]);
    for file in ["reports/report.html", "reports/report.md"] {
        let text = project.read(file);
        let named = names.iter().find(|name| {
            text.contains(&format!(">{name}<")) || text.contains(&format!("| {name} "))
        });
        assert_eq!(named, None, "{file}");
        assert!(text.contains("customer 1"), "{file}");
    }
}

#[test]
fn a_warning_that_names_a_customer_is_not_in_an_anonymous_report() {
    let project = shop();
    project.run(&["report", "-q"]);
    let warning = "Warning: customer \"12449\" has";
    assert!(project.read("reports/report.md").contains(warning));
    project.run(&["report", "-q", "--anonymise"]);
    for file in ["reports/report.html", "reports/report.md"] {
        let text = project.read(file);
        assert!(!text.contains("12449"), "{file}");
        assert!(text.contains("Cleaning has warned of something"), "{file}");
    }
}

#[test]
fn what_is_not_known_is_said() {
    let project = shop();
    for file in ["data/interim/clean_report.json", "models/evaluation.json"] {
        std::fs::remove_file(project.path(file)).expect("remove");
    }
    project.run(&["report", "-q"]);
    let text = project.read("reports/report.md");
    assert!(
        text.contains("it has not looked at these customers"),
        "{text}"
    );
    assert!(text.contains("were not made by the last"), "{text}");
}
