//! Completions and manual pages, which need no project.

use std::fs;

use crate::project::Project;

/// A project whose settings no other command would take.
fn broken_project() -> Project {
    Project::with("rfm.toml", "seed = ")
}

#[test]
fn every_shell_has_completions_of_every_command() {
    let project = broken_project();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = project.run(&["completions", shell]);
        for word in ["promote", "compare", "date-format"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let project = broken_project();
    let page = project.run(&["man"]);
    assert!(page.contains(".TH rfm 1"), "{page}");
    project.run(&["man", "--output", "man"]);
    assert_eq!(project.read("man/rfm.1"), page);
    let promote = project.read("man/rfm-model-promote.1");
    assert!(promote.contains("rfm model promote 3"), "{promote}");
    let reference = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/command-line.md"
    );
    let reference = fs::read_to_string(reference).expect("the reference");
    let commands = reference
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    for command in commands {
        let page = format!("man/{}.1", command.replace(' ', "-"));
        assert!(project.path(&page).is_file(), "{page}");
    }
}
