//! What is made from the code stands between two comments in a document:
//! `<!-- made: NAME -->` and `<!-- end: NAME -->`.

use std::{fs, path::PathBuf, process::Command};

use rfmkit::{
    config::{Group, Key},
    dataset::{Preset, Role},
};

use super::{Document, http, root};

/// The text of a document with its made parts as they should be.
pub(super) fn fill(document: &Document) -> String {
    let mut text = String::new();
    let mut lines = document.text.lines();
    while let Some(line) = lines.next() {
        text += &format!("{line}\n");
        if let Some(name) = marker(line, "made") {
            let made = make(name).trim().to_owned();
            text += &format!("\n{made}\n\n<!-- end: {name} -->\n");
            let end = lines.find(|line| marker(line, "end") == Some(name));
            assert!(end.is_some(), "{}: `{name}` has no end", document.name);
        }
    }
    text
}

fn marker<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    line.strip_prefix("<!-- ")?
        .strip_suffix(" -->")?
        .strip_prefix(kind)?
        .strip_prefix(": ")
}

fn make(name: &str) -> String {
    match name {
        "commands" => commands(),
        "settings" => settings(),
        "aliases" => aliases(),
        "presets" => presets(),
        "http" => http(),
        "errors in data" => errors("rfm-cli", "bad_data"),
        "errors in files" => errors("rfm-cli", "bad_files"),
        "errors in downloads" => errors("rfm-cli", "bad_downloads"),
        "errors in models" => errors("rfm-cli", "bad_models"),
        "errors in settings" => errors("rfm-cli", "bad_settings"),
        "errors in requests" => errors("rfm-api", "bad_requests"),
        _ => panic!("nothing makes `{name}`"),
    }
}

/// What `rfm` prints as its help, with the names of its subcommands before it.
pub(super) fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rfm"))
        .args(command)
        .arg("--help")
        .env("COLUMNS", "80")
        .output()
        .expect("run");
    assert!(output.status.success(), "rfm {} --help", command.join(" "));
    String::from_utf8(output.stdout).expect("text")
}

/// Every command as the words that are typed, in the order of the help;
/// commands with subcommands stand for these only.
pub(super) fn all_commands() -> Vec<Vec<String>> {
    fn collect(command: &[String], found: &mut Vec<Vec<String>>) {
        let help = help(command);
        let Some((_, list)) = help.split_once("\nCommands:\n") else {
            found.push(command.to_owned());
            return;
        };
        for line in list.lines().take_while(|line| !line.is_empty()) {
            let name = line.split_whitespace().next().expect("name");
            // A line that goes on starts farther to the right.
            if name != "help" && line.starts_with("  ") && !line.starts_with("   ") {
                collect(&[command, &[name.to_owned()]].concat(), found);
            }
        }
    }
    let mut found = Vec::new();
    collect(&[], &mut found);
    found
}

/// The help of every command.
fn commands() -> String {
    let section = |command: &[String]| {
        let title = [&["rfm".to_owned()], command].concat().join(" ");
        format!("## {title}\n\n```text\n{}```\n\n", help(command))
    };
    let each: String = all_commands()
        .iter()
        .map(|command| section(command))
        .collect();
    section(&[]) + &each
}

/// Every setting in its four forms, by group.
fn settings() -> String {
    let mut text = String::new();
    let mut last = None;
    for key in Key::ALL {
        let group = heading(key.group());
        if last != Some(group) {
            text += &format!("## {group}\n\n");
            last = Some(group);
        }
        let default = key
            .default()
            .map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let value = if key.is_switch() {
            String::new()
        } else {
            format!(" {}", key.value_name())
        };
        text += &format!(
            "### {}\n\n{}.\n\n\
             - option: `--{}{value}`\n- variable: `{}`\n- default: {default}\n- taken by: {}\n\n",
            key.name(),
            key.help(),
            key.option(),
            key.variable(),
            taken_by(key),
        );
    }
    text
}

const fn heading(group: Group) -> &'static str {
    match group {
        Group::Project => "Project",
        Group::Data => "Reading data",
        Group::Download => "Download",
        Group::Training => "Training",
        Group::Address | Group::Service => "Service",
    }
}

/// The commands whose help names the option of a setting.
fn taken_by(key: Key) -> String {
    let option = format!("--{}", key.option());
    let takes =
        |command: &&Vec<String>| help(command).split_whitespace().any(|word| word == option);
    all_commands()
        .iter()
        .filter(takes)
        .map(|command| format!("`rfm {}`", command.join(" ")))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The names by which columns are known.
fn aliases() -> String {
    let mut text = String::from(
        "| role | names | names that count where no column has one of those |\n|---|---|---|\n",
    );
    for role in Role::ALL {
        let [first, second] = role.aliases().map(code);
        if !first.is_empty() {
            text += &format!("| {} | {first} | {second} |\n", role.option());
        }
    }
    text
}

/// What is known of each system, beside the names that are usual.
fn presets() -> String {
    let mut text = String::new();
    for preset in Preset::ALL {
        if Role::ALL
            .iter()
            .all(|role| preset.columns(*role).is_empty())
        {
            continue;
        }
        text +=
            &format!("### {preset}\n\n| role | columns, the first that is there |\n|---|---|\n");
        for role in Role::ALL {
            let columns = preset.columns(role);
            if !columns.is_empty() {
                text += &format!("| {} | {} |\n", role.option(), code(columns));
            }
        }
        text += &format!("\nStatuses that count: {}\n\n", code(preset.paid()));
    }
    text
}

fn code(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" ")
}

/// Every call of the service.
fn http() -> String {
    let document = serde_json::to_value(rfm_api::openapi()).expect("text keys");
    http::reference(&document)
}

/// Errors as users see them, from the snapshots of a module of a crate's tests.
fn errors(name: &str, module: &str) -> String {
    let folder = root().join(format!("crates/{name}/tests/it/snapshots"));
    let prefix = format!("it__{module}__");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("name").to_string_lossy();
        if name.starts_with(&prefix) {
            found.push(path);
        }
    }
    found.sort();
    let message = |path: &PathBuf| {
        let snapshot = fs::read_to_string(path).expect("snapshot");
        let (_, message) = snapshot[3..].split_once("\n---\n").expect("content");
        format!("```text\n{}\n```\n\n", visible(message.trim()))
    };
    found.iter().map(message).collect()
}

/// A text with other control characters than line ends as they are escaped.
fn visible(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
