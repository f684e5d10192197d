//! The layout that ARCHITECTURE.md describes, as far as code can hold it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules of the library, and those that each may import.
const IMPORTS: [(&str, &[&str]); 9] = [
    ("numbers", &[]),
    ("progress", &[]),
    ("output", &[]),
    ("dataset", &["output", "progress"]),
    ("features", &["dataset", "output", "progress"]),
    ("modeling", &["dataset", "features", "output", "progress"]),
    ("plots", &["dataset", "features", "modeling", "numbers"]),
    (
        "report",
        &["dataset", "features", "modeling", "numbers", "plots"],
    ),
    ("config", &["dataset", "features", "modeling"]),
];

const MOST_LINES: usize = 800;

/// All Rust files below a folder, in a fixed order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("source");
    // Examples in documentation may import what they like.
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_run_one_way() {
    let known = IMPORTS.map(|(module, _)| module);
    let mut checked = 0;
    for path in sources(&root().join("src")) {
        let relative = path.strip_prefix(root().join("src")).expect("below src");
        let first = relative.iter().next().expect("name").to_string_lossy();
        let module = first.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let rule = IMPORTS.iter().find(|(name, _)| *name == module);
        let (_, allowed) = rule.unwrap_or_else(|| panic!("{module} has no rule"));
        let code = code(&path);
        for other in known {
            // `use crate::{a, b::c}` is written over several lines.
            let names = |text: &str| text.contains(&format!("crate::{other}"));
            let grouped = code.split("use crate::{").skip(1).any(|rest| {
                let group = rest.split(";\n").next().unwrap_or(rest);
                let starts = [format!("    {other}::"), format!("    {other},")];
                let inline = [
                    format!("{{{other}::"),
                    format!(" {other}::"),
                    format!(" {other},"),
                ];
                let group = format!("{{{group}");
                starts
                    .iter()
                    .chain(&inline)
                    .any(|start| group.contains(start))
            });
            if names(&code) || grouped {
                checked += 1;
                assert!(
                    other == module || allowed.contains(&other),
                    "{} imports {other}",
                    path.display()
                );
            }
        }
    }
    assert!(checked > 10, "imports are found");
}

#[test]
fn the_library_reads_no_clock_and_no_environment() {
    for path in sources(&root().join("src")) {
        let code = code(&path);
        for forbidden in [
            "env::var",
            "SystemTime",
            "Instant::now",
            "std::net",
            "static mut",
        ] {
            assert!(
                !code.contains(forbidden),
                "{} has {forbidden}",
                path.display()
            );
        }
    }
}

/// The values of a table in a Cargo.toml, without those that only one has.
fn shared(manifest: &str, table: &str) -> Vec<String> {
    const ONLY_IN_ROOT: [&str; 1] = ["allow"];
    manifest
        .lines()
        .skip_while(|line| *line != table)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.contains('=') && !line.starts_with('#'))
        .filter(|line| !ONLY_IN_ROOT.iter().any(|word| line.contains(word)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn separate_workspaces_have_the_lints_and_versions_of_the_root() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("manifest");
    let workspace = read("Cargo.toml");
    for path in ["bench/Cargo.toml", "fuzz/Cargo.toml"] {
        let manifest = read(path);
        for (ours, theirs) in [
            ("[workspace.lints.rust]", "[lints.rust]"),
            ("[workspace.lints.clippy]", "[lints.clippy]"),
        ] {
            let expected = shared(&workspace, ours);
            assert!(!expected.is_empty());
            assert_eq!(shared(&manifest, theirs), expected, "{path}");
        }
        let package = shared(&manifest, "[package]");
        for line in shared(&workspace, "[workspace.package]") {
            assert!(package.contains(&line), "{path} lacks {line}");
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    let folders = [
        "src",
        "crates",
        "tests",
        "bench/benches",
        "fuzz/examples",
        "fuzz/fuzz_targets",
        "fuzz/src",
    ];
    for path in folders
        .iter()
        .flat_map(|folder| sources(&root().join(folder)))
    {
        let lines = fs::read_to_string(&path).expect("source").lines().count();
        assert!(
            lines < MOST_LINES,
            "{} has {lines} lines, expected fewer than {MOST_LINES}",
            path.display()
        );
    }
}
