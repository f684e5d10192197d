//! The HTTP API from its `OpenAPI` document.

use serde_json::{Map, Value};

/// Every call by its tag, then every schema.
pub(super) fn reference(document: &Value) -> String {
    let mut text = String::new();
    for tag in document["tags"].as_array().expect("tags") {
        let description = paragraph(&tag["description"]);
        text += &format!("## {}\n\n{description}", word(&tag["name"]));
        for (path, methods) in object(&document["paths"]) {
            for (method, operation) in object(methods) {
                assert!(operation["tags"][0].is_string(), "{path} has no tag");
                if operation["tags"][0] == tag["name"] {
                    text += &call(&method.to_uppercase(), path, operation);
                }
            }
        }
    }
    text += "## Schemas\n\n";
    for (name, schema) in object(&document["components"]["schemas"]) {
        text += &described_schema(name, schema);
    }
    text
}

fn call(method: &str, path: &str, operation: &Value) -> String {
    let summary = operation["summary"].as_str().unwrap_or(path);
    let mut text = format!("### {summary}\n\n`{method} {path}`\n\n");
    text += &paragraph(&operation["description"]);
    if let Some(parameters) = operation["parameters"].as_array() {
        text += "| parameter | in | type | what |\n|---|---|---|---|\n";
        for parameter in parameters {
            text += &format!(
                "| `{}` | {} | {} | {} |\n",
                word(&parameter["name"]),
                word(&parameter["in"]),
                type_of(&parameter["schema"]),
                line(&parameter["description"])
            );
        }
        text.push('\n');
    }
    let body = &operation["requestBody"];
    if body.is_object() {
        text += &paragraph(&body["description"]);
        text += "| body | type |\n|---|---|\n";
        for (media, content) in object(&body["content"]) {
            text += &format!("| `{media}` | {} |\n", type_of(&content["schema"]));
        }
        text.push('\n');
        for (_, content) in object(&body["content"]) {
            text += &example(&content["example"]);
        }
    }
    text += "| status | answer | content |\n|---|---|---|\n";
    for (status, response) in object(&operation["responses"]) {
        let kind = |(media, content): (&str, &Value)| match media {
            "application/json" => type_of(&content["schema"]),
            _ => format!("`{media}`"),
        };
        let types: Vec<String> = object(&response["content"]).map(kind).collect();
        text += &format!(
            "| {status} | {} | {} |\n",
            line(&response["description"]),
            types.join("<br>")
        );
    }
    text + "\n"
}

fn described_schema(name: &str, schema: &Value) -> String {
    let mut text = format!("### {name}\n\n{}", paragraph(&schema["description"]));
    let Some(members) = schema["properties"].as_object() else {
        return text + &format!("{}.\n\n", type_of(schema));
    };
    let is_required = |member: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|names| names.iter().any(|name| name == member))
    };
    text += "| member | type | what |\n|---|---|---|\n";
    for (member, schema) in members {
        let described = line(&schema["description"]);
        let optional = if is_required(member) {
            ""
        } else {
            " (optional)"
        };
        text += &format!(
            "| `{member}`{optional} | {} | {described} |\n",
            type_of(schema)
        );
    }
    text + "\n" + &example(&schema["example"])
}

/// The type of a schema in words, with its range.
fn type_of(schema: &Value) -> String {
    if let Some(path) = schema["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema[key].as_array() {
            let types: Vec<String> = schemas.iter().map(type_of).collect();
            return types.join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        return values.join(", ");
    }
    let mut text = match &schema["type"] {
        Value::Array(types) => types.iter().map(word).collect::<Vec<_>>().join(" or "),
        Value::String(name) if name == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(name) => name.clone(),
        _ => "any value".to_owned(),
    };
    for (key, words) in [
        ("minimum", "from"),
        ("exclusiveMinimum", "above"),
        ("maximum", "to"),
        ("exclusiveMaximum", "below"),
    ] {
        if let Some(limit) = schema[key].as_number() {
            text += &format!(" {words} {limit}");
        }
    }
    text
}

fn example(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => format!("```text\n{}\n```\n\n", text.trim_end()),
        value => format!("```json\n{value:#}\n```\n\n"),
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().map(Map::iter).into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

fn paragraph(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(String::new, |text| format!("{}\n\n", text.trim()))
}

/// A text that fits into a cell of a table.
fn line(value: &Value) -> String {
    word(value)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
