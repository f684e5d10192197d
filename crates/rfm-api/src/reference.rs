//! The OpenAPI document as a page for people.

use std::fmt::{self, Write};

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

/// The style of the page.
const STYLE: &str = include_str!("reference/style.css");

/// The whole interface on one page, without scripts and without a network.
pub(crate) fn html(document: &OpenApi) -> String {
    let document = serde_json::to_value(document).expect("the document has text keys only");
    let mut page = String::new();
    write_page(&mut page, &document).expect("a text takes all");
    page
}

fn write_page(page: &mut String, document: &Value) -> fmt::Result {
    let info = &document["info"];
    let title = Escaped(text(&info["title"]));
    writeln!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
    )?;
    let operations = operations(document);
    writeln!(page, "<nav>\n<b>{title}</b>")?;
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        writeln!(page, "<h2>{}</h2>\n<ul>", Escaped(name))?;
        for operation in operations
            .iter()
            .filter(|operation| operation.tag() == name)
        {
            let (anchor, path) = (Escaped(operation.anchor()), Escaped(operation.path));
            writeln!(
                page,
                "<li><a href=\"#{anchor}\"><i class=\"{method}\">{method}</i> {path}</a></li>",
                method = operation.method
            )?;
        }
        writeln!(page, "</ul>")?;
    }
    writeln!(page, "<h2>Schemas</h2>\n<ul>")?;
    let schemas = members(&document["components"]["schemas"]);
    for (name, _) in schemas {
        writeln!(page, "<li><a href=\"#{0}\">{0}</a></li>", Escaped(name))?;
    }
    writeln!(page, "</ul>\n</nav>\n<main>\n<h1>{title}</h1>")?;
    writeln!(
        page,
        "<p>{} Version {}. <a href=\"/docs\">Try it out</a>, or take the \
         <a href=\"/openapi.json\">OpenAPI document</a>.</p>",
        Escaped(text(&info["description"])),
        Escaped(text(&info["version"]))
    )?;
    for operation in &operations {
        operation.write(page)?;
    }
    writeln!(page, "<h2>Schemas</h2>")?;
    for (name, schema) in schemas {
        write_schema(page, name, schema)?;
    }
    writeln!(page, "</main>\n</body>\n</html>")
}

/// One method of one path.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    value: &'a Value,
}

/// All operations, in the order of the tags.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations: Vec<_> = members(&document["paths"])
        .iter()
        .flat_map(|(path, methods)| {
            members(methods)
                .iter()
                .map(move |(method, value)| Operation {
                    path,
                    method,
                    value,
                })
        })
        .collect();
    let place = |operation: &Operation<'_>| {
        let mut tags = list(&document["tags"]).iter();
        tags.position(|tag| text(&tag["name"]) == operation.tag())
    };
    operations.sort_by_key(place);
    operations
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        text(&self.value["tags"][0])
    }

    fn anchor(&self) -> &str {
        text(&self.value["operationId"])
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        writeln!(
            page,
            "<section id=\"{anchor}\">\n<h3>{summary}</h3>\n\
             <p class=\"path\"><i class=\"{method}\">{method}</i> <code>{path}</code></p>\n\
             <p>{description}</p>",
            anchor = Escaped(self.anchor()),
            summary = Escaped(text(&self.value["summary"])),
            method = self.method,
            path = Escaped(self.path),
            description = prose(text(&self.value["description"])),
        )?;
        let parameters = list(&self.value["parameters"]);
        if !parameters.is_empty() {
            writeln!(page, "<h4>Parameters</h4>\n<table>")?;
            for parameter in parameters {
                write_row(
                    page,
                    text(&parameter["name"]),
                    &kind(&parameter["schema"]),
                    text(&parameter["description"]),
                )?;
            }
            writeln!(page, "</table>")?;
        }
        let bodies = members(&self.value["requestBody"]["content"]);
        if !bodies.is_empty() {
            writeln!(page, "<h4>Body</h4>\n<table>")?;
            for (content_type, body) in bodies {
                let example = match body.get("example").and_then(Value::as_str) {
                    Some(example) => format!("<pre>{}</pre>", Escaped(example)),
                    None => kind(&body["schema"]),
                };
                write_row(page, content_type, &example, "")?;
            }
            writeln!(page, "</table>")?;
        }
        writeln!(page, "<h4>Answers</h4>\n<table>")?;
        for (status, answer) in members(&self.value["responses"]) {
            let mut kinds: Vec<String> = Vec::new();
            for (content_type, body) in members(&answer["content"]) {
                kinds.push(match kind(&body["schema"]).as_str() {
                    "string" => Escaped(content_type).to_string(),
                    kind => kind.to_owned(),
                });
            }
            write_row(
                page,
                status,
                &kinds.join("<br>"),
                text(&answer["description"]),
            )?;
        }
        writeln!(page, "</table>\n</section>")
    }
}

fn write_schema(page: &mut String, name: &str, schema: &Value) -> fmt::Result {
    writeln!(
        page,
        "<section id=\"{0}\">\n<h3>{0}</h3>\n<p>{1}</p>",
        Escaped(name),
        prose(text(&schema["description"]))
    )?;
    let properties = members(&schema["properties"]);
    if properties.is_empty() {
        writeln!(page, "<p>{}</p>", kind(schema))?;
    } else {
        writeln!(page, "<table>")?;
        let required = list(&schema["required"]);
        for (property, value) in properties {
            let is_required = required.iter().any(|name| name == property);
            let optional = if is_required { "" } else { "<br>optional" };
            let kind = kind(value) + optional;
            write_row(page, property, &kind, text(&value["description"]))?;
        }
        writeln!(page, "</table>")?;
    }
    if let Some(example) = schema.get("example") {
        writeln!(page, "<pre>{}</pre>", Escaped(&example.to_string()))?;
    }
    writeln!(page, "</section>")
}

/// A row of a table; `kind` is HTML already.
fn write_row(page: &mut String, name: &str, kind: &str, description: &str) -> fmt::Result {
    writeln!(
        page,
        "<tr><td><code>{}</code></td><td>{kind}</td><td>{}</td></tr>",
        Escaped(name),
        prose(description)
    )
}

/// What values of a schema are, as HTML.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return format!("<a href=\"#{0}\">{0}</a>", Escaped(name));
    }
    for either in ["oneOf", "anyOf"] {
        let schemas = list(&schema[either]);
        if !schemas.is_empty() {
            return schemas.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    let values = list(&schema["enum"]);
    if !values.is_empty() {
        let values = values
            .iter()
            .map(|value| format!("<code>{}</code>", Escaped(text(value))));
        return values.collect::<Vec<_>>().join(", ");
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    match name.as_str() {
        "array" => format!("list of {}", kind(&schema["items"])),
        "" => "any value".to_owned(),
        _ => name + &range(schema),
    }
}

/// The limits of a number.
fn range(schema: &Value) -> String {
    let limit = |name: &str| schema.get(name).map(Value::to_string);
    match (
        limit("minimum"),
        limit("maximum"),
        limit("exclusiveMinimum"),
    ) {
        (Some(least), Some(most), _) => format!(", {least} to {most}"),
        (Some(least), None, _) => format!(", at least {least}"),
        (None, _, Some(bound)) => format!(", above {bound}"),
        _ => String::new(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}

/// Prose in HTML, with code between backticks.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for (i, part) in text.split('`').enumerate() {
        let part = Escaped(part);
        html += &if i % 2 == 0 {
            part.to_string()
        } else {
            format!("<code>{part}</code>")
        };
    }
    html
}

/// A text whose signs mean nothing in HTML.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
