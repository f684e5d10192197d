//! Documentation of the library that the compiler does not ask for.

use std::{fs, path::Path};

/// The source of a module and its public submodules; `folder` has the latter.
fn public_modules(file: &Path, folder: &Path) -> Vec<(String, String)> {
    let source = fs::read_to_string(file).expect("source");
    let names = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    let mut found = vec![(file.display().to_string(), source.clone())];
    for name in names.map(|name| name.trim_end_matches(';')) {
        let file = folder.join(format!("{name}.rs"));
        found.extend(public_modules(&file, &folder.join(name)));
    }
    found
}

#[test]
fn every_public_module_has_an_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = public_modules(&folder.join("lib.rs"), &folder);
    assert!(modules.len() >= 8, "modules are found");
    for (file, source) in modules {
        let mut own = source.lines().take_while(|line| line.starts_with("//!"));
        assert!(own.any(|line| line == "//! ```"), "{file} has no example");
    }
}
