//! Commands in documents do what the documents say.
//!
//! Each document has a project's folder of its own. In the order of the page,
//! commands of `console` blocks are run there, and blocks with a title are
//! written to the file that the title names.

use std::{
    env,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::{Document, generated};
use crate::{project::Project, service::Service};

/// Where documents say that the service is.
const DOCUMENTED: &str = "127.0.0.1:8000";
/// When documents say that it started.
const DOCUMENTED_TIME: &str = "2026-11-23T09:00:00.000000Z";

/// Which commands are run.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    /// Those that need only `rfm` and a shell; the others stay as they are.
    Alone,
    /// Those that talk to the service, too. They need curl.
    WithService,
}

#[test]
fn documents_hold() {
    let commands = run_all(Scope::Alone);
    assert!(commands >= 20, "commands are found");
}

#[test]
#[ignore = "needs curl; `make test-docs` runs it"]
fn documents_hold_with_the_service() {
    run_all(Scope::WithService);
}

fn run_all(scope: Scope) -> usize {
    // One after the other: both may write what differs.
    static DOCUMENTS: Mutex<()> = Mutex::new(());
    let _turn = DOCUMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut commands = 0;
    for document in Document::all() {
        let mut page = Page::new(scope);
        let text = page.run(&generated::fill(&document));
        document.hold(&text);
        commands += page.commands;
    }
    commands
}

/// A document whose commands are being run.
struct Page {
    project: Project,
    service: Option<Service>,
    scope: Scope,
    commands: usize,
}

impl Page {
    fn new(scope: Scope) -> Self {
        Self {
            project: Project::new(),
            service: None,
            scope,
            commands: 0,
        }
    }

    /// Gives the text with what its commands print.
    fn run(&mut self, markdown: &str) -> String {
        let mut text = String::new();
        let mut lines = markdown.lines();
        while let Some(line) = lines.next() {
            text += &format!("{line}\n");
            let Some(info) = line.strip_prefix("```") else {
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if info == "console" {
                text += &self.console(&block);
            } else {
                let content: String = block.iter().map(|line| format!("{line}\n")).collect();
                if let Some(name) = title(info) {
                    self.project.write(name, &content);
                }
                text += &content;
            }
            text += "```\n";
        }
        text
    }

    /// Runs the commands of a block; a command goes on while its lines end
    /// with a `\`.
    fn console(&mut self, block: &[&str]) -> String {
        let mut text = String::new();
        let mut at = 0;
        while at < block.len() {
            let start = at;
            while block[at].ends_with('\\') {
                at += 1;
            }
            at += 1;
            let typed = block[start..at].join("\n");
            let output = at;
            while at < block.len() && !block[at].starts_with("$ ") {
                at += 1;
            }
            let command = typed
                .strip_prefix("$ ")
                .expect("a block starts with a command");
            text += &format!("{typed}\n");
            if self.scope == Scope::Alone && needs_service(command) {
                text.extend(block[output..at].iter().map(|line| format!("{line}\n")));
            } else {
                text += &self.execute(command);
                self.commands += 1;
            }
        }
        text
    }

    /// Runs a command and gives what it prints, errors and all.
    fn execute(&mut self, command: &str) -> String {
        if command.starts_with("rfm serve") {
            self.service = None;
            let mut serve = self.shell(&format!("exec {command} --port 0"));
            // Nobody balances load here.
            serve.env("RFM_DRAIN", "0");
            let service = Service::start(serve);
            let said = service.said().into_iter().map(|entry| {
                let entry = entry.replace(&service.address, DOCUMENTED);
                format!("{DOCUMENTED_TIME} {entry}\n")
            });
            let greeting = said.collect();
            self.service = Some(service);
            return greeting;
        }
        let Some(address) = self.service.as_ref().map(|service| service.address.clone()) else {
            return self.print(command);
        };
        let command = command.replace(DOCUMENTED, &address);
        self.print(&command).replace(&address, DOCUMENTED)
    }

    fn print(&self, command: &str) -> String {
        let mut shell = self.shell(&format!("{{ {command}\n}} 2>&1"));
        let output = shell.output().expect("run");
        self.project.check_rows();
        // HTTP has line ends of its own, which would not show in a document.
        let mut text = String::from_utf8(output.stdout)
            .expect("text")
            .replace("\r\n", "\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// A shell in the page's folder that finds the `rfm` under test.
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    fn shell(&self, script: &str) -> Command {
        let binaries = Path::new(env!("CARGO_BIN_EXE_rfm")).parent();
        let binaries = binaries.expect("folder").display();
        let path = env::var("PATH").expect("PATH");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(self.project.path("."))
            .env("PATH", format!("{binaries}:{path}"));
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("RFM_") {
                shell.env_remove(name);
            }
        }
        if let Some(service) = &self.service {
            let port = service.address.rsplit(':').next().expect("port");
            shell.env("RFM_PORT", port);
        }
        shell
    }
}

/// The file that a block with `title="…"` stands for.
fn title(info: &str) -> Option<&str> {
    let (_, rest) = info.split_once("title=\"")?;
    Some(rest.split_once('"').expect("a title ends").0)
}

fn needs_service(command: &str) -> bool {
    ["rfm serve", "rfm health", "curl "]
        .iter()
        .any(|start| command.starts_with(start))
}
