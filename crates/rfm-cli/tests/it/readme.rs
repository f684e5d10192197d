//! Every command in the README does what the README says.
//!
//! `UPDATE_README=1 cargo test -p rfm-cli readme` writes what the commands
//! print into it.

use std::{env, fs, path::Path, process::Command};

use crate::project::Project;

/// Runs the commands of all `console` blocks, and gives the text with what
/// they print.
fn with_output(markdown: &str, run: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut in_block = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            in_block = line == "```console";
        }
        let command = line.strip_prefix("$ ").filter(|_| in_block);
        let is_old_output = in_block && command.is_none() && !line.starts_with("```");
        if !is_old_output {
            text += line;
            text += "\n";
        }
        if let Some(command) = command {
            text += &run(command);
        }
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
fn the_readme_holds() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let project = Project::new();
    let binaries = Path::new(env!("CARGO_BIN_EXE_rfm")).parent();
    let binaries = binaries.expect("folder").display().to_string();
    let path = env::var("PATH").expect("PATH");
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .current_dir(project.path("."))
            .env("PATH", format!("{binaries}:{path}"))
            .env_remove("RFM_REFERENCE_DATA");
        let output = shell.output().expect("run");
        String::from_utf8(output.stdout).expect("text")
    };
    let before = fs::read_to_string(&readme).expect("README");
    let after = with_output(&before, run);
    assert!(after.matches("\n$ rfm ").count() >= 5, "commands are found");
    if env::var_os("UPDATE_README").is_some() {
        fs::write(&readme, &after).expect("write");
    } else {
        assert!(before == after, "the README should read:\n{after}");
    }
}
