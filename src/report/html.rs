//! A report as one page of HTML.

use super::document::{Block, Document};
use crate::plots::escaped;

/// How the page looks: on a screen of any size, dark or light, and on paper.
const STYLE: &str = include_str!("report.css");

/// The whole page.
pub(super) fn page(document: &Document<'_>) -> String {
    let title = escaped(document.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    let mut in_section = false;
    for block in &document.blocks {
        match block {
            Block::Heading(heading) => {
                if in_section {
                    page.push_str("</section>\n");
                }
                in_section = true;
                page.push_str(&format!("<section>\n<h2>{}</h2>\n", escaped(heading)));
            }
            Block::Paragraph(paragraph) => {
                page.push_str(&format!("<p>{}</p>\n", with_code(paragraph)));
            }
            Block::Table(headings, rows) => table(&mut page, headings, rows),
            Block::List(items) => {
                page.push_str("<dl>\n");
                for (name, what) in items {
                    let (name, what) = (escaped(name), with_code(what));
                    page.push_str(&format!("<dt>{name}</dt><dd>{what}</dd>\n"));
                }
                page.push_str("</dl>\n");
            }
            Block::Figure(figure) => {
                let reading = escaped(figure.reading());
                let svg = figure.svg();
                page.push_str(&format!(
                    "<figure>\n{svg}\n<figcaption>{reading}</figcaption>\n</figure>\n"
                ));
            }
        }
    }
    if in_section {
        page.push_str("</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn table(page: &mut String, headings: &[String], rows: &[Vec<String>]) {
    // Numbers stand to the right, where all of a column are some.
    let is_number =
        |cell: &String| cell.starts_with(|first: char| first.is_ascii_digit() || first == '–');
    let columns: Vec<bool> = (0..headings.len())
        .map(|column| rows.iter().all(|row| is_number(&row[column])))
        .collect();
    let class = |column: usize| {
        if columns[column] {
            " class=\"number\""
        } else {
            ""
        }
    };
    page.push_str("<div class=\"wide\"><table>\n<thead><tr>");
    for (column, heading) in headings.iter().enumerate() {
        page.push_str(&format!(
            "<th scope=\"col\"{}>{}</th>",
            class(column),
            escaped(heading)
        ));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            page.push_str(&format!("<td{}>{}</td>", class(column), escaped(cell)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

/// A text in which every second stretch between backticks is code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| match number % 2 {
        1 => format!("<code>{}</code>", escaped(part)),
        _ => escaped(part),
    });
    parts.collect()
}
