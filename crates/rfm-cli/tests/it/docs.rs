//! Every document holds: what its commands print, what is made from the code,
//! what it names, and where its links lead.
//!
//! `UPDATE_DOCS=1 cargo test -p rfm-cli docs` writes the first two anew.

mod console;
mod generated;
mod http;
mod links;
mod measured;
mod names;
mod not_run;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The documents outside `docs/`, relative to the project.
const TOP: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "bench/README.md",
];

/// A Markdown file of the project.
struct Document {
    /// The path below the project's folder.
    name: String,
    text: String,
}

impl Document {
    /// Every document, in a fixed order.
    fn all() -> Vec<Self> {
        let mut names: Vec<String> = TOP.map(str::to_owned).into();
        names.extend(below("docs"));
        names
            .into_iter()
            .map(|name| Self {
                text: fs::read_to_string(root().join(&name)).expect("document"),
                name,
            })
            .collect()
    }

    /// Compares the document with what it should be, or writes that.
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    fn hold(&self, expected: &str) {
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(root().join(&self.name), expected).expect("write");
            return;
        }
        let pairs = self.text.lines().zip(expected.lines());
        let line = pairs.take_while(|(is, should)| is == should).count();
        assert!(
            self.text == expected,
            "{}:{}: should read\n{}\nUPDATE_DOCS=1 writes all that differs",
            self.name,
            line + 1,
            expected
                .lines()
                .skip(line)
                .take(20)
                .collect::<Vec<_>>()
                .join("\n")
        );
    }

    /// The lines outside fenced blocks, with their numbers.
    fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut in_block = false;
        let lines = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(move |(_, line)| {
            let is_fence = line.starts_with("```");
            in_block ^= is_fence;
            !in_block && !is_fence
        })
    }

    /// The commands of all `sh` blocks, without comments, each in one line.
    fn commands(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut in_block = false;
        let mut command = String::new();
        for line in self.text.lines() {
            if let Some(info) = line.strip_prefix("```") {
                in_block = info == "sh";
                continue;
            }
            if !in_block {
                continue;
            }
            let line = line.split(" # ").next().unwrap_or_default().trim();
            if let Some(start) = line.strip_suffix('\\') {
                command += start;
            } else if !line.is_empty() {
                found.push(std::mem::take(&mut command) + line);
            }
        }
        found
    }
}

/// The Markdown files below a folder of the project.
fn below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("folder") {
        let entry = entry.expect("entry");
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if name.contains("/.") {
            // The tools that build the site.
            continue;
        }
        if entry.path().is_dir() {
            found.extend(below(&name));
        } else if Path::new(&name).extension().is_some_and(|end| end == "md") {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What each kind of fenced block is for; there is no other.
const LANGUAGES: [&str; 8] = [
    "console", "csv", "json", "python", "rust", "sh", "text", "toml",
];

#[test]
fn every_block_says_what_it_is() {
    for document in Document::all() {
        let mut in_block = false;
        for (i, line) in document.text.lines().enumerate() {
            let place = format!("{}:{}", document.name, i + 1);
            let Some(info) = line.trim_start().strip_prefix("```") else {
                continue;
            };
            assert!(line.starts_with("```"), "{place}: blocks are not indented");
            in_block ^= true;
            let language = info.split(' ').next().unwrap_or_default();
            let is_known = if in_block {
                LANGUAGES.contains(&language)
            } else {
                info.is_empty()
            };
            assert!(is_known, "{place}: `{info}` is no kind of block");
        }
        assert!(!in_block, "{}: a block is not closed", document.name);
    }
}
