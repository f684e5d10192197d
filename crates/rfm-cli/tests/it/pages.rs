//! Completions and manual pages, which need no project.

use std::fs;

use rfmkit::config::{self, Key, Layer};

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
fn the_words_of_a_setting_are_offered_and_taken() {
    let script = broken_project().run(&["completions", "bash"]);
    let mut settings = 0;
    for key in Key::ALL {
        let words = key.words();
        if words.is_empty() {
            continue;
        }
        settings += 1;
        let offered = format!("compgen -W \"{}\"", words.join(" "));
        let option = format!("--{})", key.option());
        let offers = script.split(&option).skip(1);
        for offer in offers {
            let offer = offer.split(";;").next().expect("an offer");
            assert!(offer.contains(&offered), "--{}: {offer}", key.option());
        }
        for word in words {
            let layer = Layer::from_options([(key, word.to_owned())]);
            config::resolve(&[layer]).expect(word);
        }
    }
    assert!(settings >= 8, "settings with words are found");
}

#[test]
fn the_manual_can_be_read_on_any_terminal() {
    let project = broken_project();
    project.run(&["man", "--output", "man"]);
    for entry in fs::read_dir(project.path("man")).expect("pages") {
        let path = entry.expect("entry").path();
        let page = fs::read_to_string(&path).expect("page");
        assert!(page.is_ascii(), "{}", path.display());
    }
    let page = project.read("man/rfm-features.1");
    assert!(
        page.contains("\\fBrfm features\\fR [OPTIONS] [INPUT]..."),
        "{page}"
    );
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
