//! A report as Markdown.

use super::document::{Block, Document};

/// The whole text.
pub(super) fn text(document: &Document<'_>) -> String {
    let mut text = format!("# {}\n", document.title);
    for block in &document.blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => text.push_str(&format!("## {heading}\n")),
            Block::Paragraph(paragraph) => text.push_str(&format!("{}\n", escaped(paragraph))),
            Block::Table(headings, rows) => {
                row(&mut text, headings);
                let rules: Vec<&str> = headings.iter().map(|_| "---").collect();
                text.push_str(&format!("|{}|\n", rules.join("|")));
                for cells in rows {
                    row(&mut text, cells);
                }
            }
            Block::List(items) => {
                for (name, what) in items {
                    text.push_str(&format!("- **{}**: {}\n", escaped(name), escaped(what)));
                }
            }
            Block::Figure(figure) => {
                let (name, reading) = (figure.name(), escaped(figure.reading()));
                text.push_str(&format!("![{reading}](figures/{name}.svg)\n\n{reading}\n"));
            }
        }
    }
    text
}

fn row(text: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    text.push_str(&format!("| {} |\n", cells.join(" | ")));
}

/// A text in one line in which nothing is markup but code between backticks.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}
