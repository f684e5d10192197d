//! Commands, options, variables and targets that documents name exist.

use std::fs;

use rfmkit::config::Key;

use super::{Document, generated, root};

/// Options of `bench/compare.py`.
const OTHER_OPTIONS: [&str; 2] = ["--runs", "--rfm"];
/// Variables that are no settings.
const OTHER_VARIABLES: [&str; 1] = ["RFM_REFERENCE_DATA"];

#[test]
fn what_documents_name_exists() {
    let commands = generated::all_commands();
    let help: String = commands
        .iter()
        .map(|command| generated::help(command))
        .collect();
    let is_option = |name: &str| {
        let name = name.split(['=', ',']).next().unwrap_or_default();
        help.split(|c: char| c.is_whitespace() || c == ',')
            .any(|word| word == name)
            || OTHER_OPTIONS.contains(&name)
    };
    let makefile = fs::read_to_string(root().join("Makefile")).expect("Makefile");
    let is_target = |name: &str| makefile.contains(&format!("\n{name}:"));
    let is_command = |words: &[&str]| {
        let starts = |command: &Vec<String>| command.iter().zip(words).all(|(is, word)| is == word);
        words.is_empty() || words[0].starts_with('-') || commands.iter().any(starts)
    };
    let is_variable = |name: &str| {
        let name = name.split('=').next().unwrap_or_default();
        Key::ALL.into_iter().any(|key| key.variable() == name) || OTHER_VARIABLES.contains(&name)
    };
    for document in Document::all() {
        for (line, text) in document.prose() {
            let place = format!("{}:{line}", document.name);
            for code in text.split('`').skip(1).step_by(2) {
                let words: Vec<&str> = code.split_whitespace().collect();
                match words[..] {
                    ["rfm", ref rest @ ..] => {
                        assert!(is_command(rest), "{place}: no command `{code}`");
                    }
                    ["make", target, ..] => {
                        assert!(is_target(target), "{place}: no target `{target}`");
                    }
                    _ => {}
                }
                let is_ours = !matches!(words.first(), Some(&("docker" | "cargo" | "curl")));
                for word in words.iter().filter(|_| is_ours) {
                    if word.starts_with("--") && *word != "-->" {
                        assert!(is_option(word), "{place}: no option `{word}`");
                    }
                    if word.starts_with("RFM_") && !word.ends_with('*') {
                        assert!(is_variable(word), "{place}: no variable `{word}`");
                    }
                }
            }
        }
    }
}
