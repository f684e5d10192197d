//! Commands, options, variables and targets that documents name exist.

use std::fs;

use rfmkit::config::Key;

use super::{Document, generated, root};

/// Variables that are no settings.
const OTHER_VARIABLES: [&str; 1] = ["RFM_REFERENCE_DATA"];
/// Tools whose options are not ours.
const OTHER_TOOLS: [&str; 3] = ["cargo", "curl", "docker"];

#[test]
fn what_documents_name_exists() {
    let known = Known::collect();
    for document in Document::all() {
        for (line, text) in document.prose() {
            for code in text.split('`').skip(1).step_by(2) {
                let unknown = known.first_unknown(&document.name, code);
                assert_eq!(unknown, None, "{}:{line}: `{code}`", document.name);
            }
        }
    }
}

/// What there is to name.
struct Known {
    commands: Vec<Vec<String>>,
    help: String,
    makefile: String,
    /// The scripts that `bench/README.md` is about.
    scripts: String,
}

impl Known {
    fn collect() -> Self {
        let read = |path: &str| fs::read_to_string(root().join(path)).expect("file");
        let commands = generated::all_commands();
        let folders = ["bench", "bench/scale", "bench/service"];
        let scripts = folders.iter().flat_map(|folder| {
            let entries = fs::read_dir(root().join(folder)).expect("folder");
            let paths = entries.map(|entry| entry.expect("entry").path());
            paths.filter(|path| path.extension().is_some_and(|end| end == "py"))
        });
        Self {
            help: commands
                .iter()
                .map(|command| generated::help(command))
                .collect(),
            commands,
            makefile: read("Makefile"),
            scripts: scripts
                .map(|path| fs::read_to_string(path).expect("script"))
                .collect(),
        }
    }

    /// The first word of a piece of code that names something which is not
    /// there.
    fn first_unknown<'c>(&self, document: &str, code: &'c str) -> Option<&'c str> {
        let words: Vec<&str> = code.split_whitespace().collect();
        match words[..] {
            ["rfm", ref rest @ ..] if !self.is_command(rest) => return Some(rest[0]),
            ["make", target, ..] if !self.is_target(target) => return Some(target),
            [tool, ..] if OTHER_TOOLS.contains(&tool) => return None,
            _ => {}
        }
        words.into_iter().find(|word| {
            let name = word.split(['=', ',']).next().unwrap_or_default();
            if name.starts_with("--") && name != "-->" {
                let is_in_script = self.scripts.contains(&format!("\"{name}\""));
                let is_known =
                    self.is_option(name) || (document.starts_with("bench/") && is_in_script);
                !is_known
            } else {
                name.starts_with("RFM_") && !name.ends_with('*') && !is_variable(name)
            }
        })
    }

    fn is_command(&self, words: &[&str]) -> bool {
        let starts = |command: &Vec<String>| command.iter().zip(words).all(|(is, word)| is == word);
        words.is_empty() || words[0].starts_with('-') || self.commands.iter().any(starts)
    }

    fn is_target(&self, name: &str) -> bool {
        self.makefile.contains(&format!("\n{name}:"))
    }

    fn is_option(&self, name: &str) -> bool {
        let mut words = self
            .help
            .split(|c: char| c.is_whitespace() || ",[".contains(c));
        words.any(|word| word == name)
    }
}

fn is_variable(name: &str) -> bool {
    Key::ALL.into_iter().any(|key| key.variable() == name) || OTHER_VARIABLES.contains(&name)
}
