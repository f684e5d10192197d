//! A project's folder to run `rfm` in.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// The files that commands write.
const OUTPUTS: [&str; 9] = [
    "data/interim/clean_report.json",
    "data/interim/rejected.csv",
    "data/processed/rfm_features.csv",
    "data/processed/customer_segments.csv",
    "data/processed/run.json",
    "models/segmentation.json",
    "models/evaluation.json",
    "models/evaluation.csv",
    "models/silhouettes.json",
];

/// What stands in an earlier output, for a test to find it untouched.
pub(crate) const AS_IT_WAS: &str = "{\"as\": \"it was\"}";

/// A folder of its own for one test.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("folder"),
        }
    }

    /// A project with a file in it.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let project = Self::new();
        project.write(name, content);
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("folder")).expect("create folder");
        fs::write(path, content).expect("write");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The command with its arguments, to run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfm"));
        command.args(arguments).current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RFM_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs a command that must succeed, and gives what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("run");
        assert!(
            output.status.success(),
            "rfm {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        self.check_rows();
        String::from_utf8(output.stdout).expect("text")
    }

    /// Makes sure that the report of the last cleaning, if there is one, counts
    /// every line of its files once.
    pub(crate) fn check_rows(&self) {
        let Ok(report) = fs::read(self.path("data/interim/clean_report.json")) else {
            return;
        };
        let report: Value = serde_json::from_slice(&report).expect("JSON");
        if report == serde_json::from_str::<Value>(AS_IT_WAS).expect("JSON") {
            return;
        }
        let count = |value: &Value| value.as_u64().expect("a number of lines");
        let inputs = report["inputs"].as_array().expect("files").iter();
        let read: u64 = inputs.map(|file| count(&file["rows"])).sum();
        let dropped = report["dropped"].as_object().expect("rules").values();
        let dropped: u64 = dropped.map(count).sum();
        let rows = count(&report["rows"]);
        assert_eq!(rows, read);
        assert_eq!(
            rows,
            count(&report["kept"]) + dropped + count(&report["quarantined"])
        );
    }

    /// Runs a command that must fail and leave every earlier file as it was;
    /// gives exit code and message.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        self.fail_with(arguments, self.command(arguments))
    }

    /// As [`fail`](Self::fail), with a command that was prepared otherwise.
    pub(crate) fn fail_with(&self, arguments: &[&str], mut command: Command) -> String {
        for name in OUTPUTS {
            if !self.path(name).exists() {
                self.write(name, AS_IT_WAS);
            }
        }
        let before = self.outputs();
        let output = command.output().expect("run");
        assert!(before == self.outputs(), "a failed run changed a file");
        assert_eq!(self.leftovers(), Vec::<PathBuf>::new());
        self.transcript(arguments, &output)
    }

    fn outputs(&self) -> Vec<Vec<u8>> {
        OUTPUTS
            .iter()
            .map(|name| fs::read(self.path(name)).expect("output"))
            .collect()
    }

    /// Unfinished files that a run left behind.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in ["data/interim", "data/processed", "models"] {
            let Ok(entries) = fs::read_dir(self.path(folder)) else {
                continue;
            };
            found.extend(
                entries
                    .map(|entry| entry.expect("entry").path())
                    .filter(|path| is_unfinished(path)),
            );
        }
        found
    }

    fn transcript(&self, arguments: &[&str], output: &Output) -> String {
        let mut text = format!("$ rfm {}\n", arguments.join(" "));
        let code = output.status.code();
        writeln!(text, "exit {}", code.expect("no signal")).expect("write");
        assert!(output.stdout.is_empty(), "a failed run has no result");
        let stderr = String::from_utf8(output.stderr.clone()).expect("text");
        assert!(
            !stderr.contains("panicked"),
            "bad input never panics: {stderr}"
        );
        assert!(
            !stderr.chars().any(|c| c.is_control() && c != '\n'),
            "control characters never reach the terminal"
        );
        text + &stderr.replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

fn is_unfinished(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".part")
}

/// A small shop that can be segmented: a CSV with the UCI columns.
pub(crate) fn small_shop() -> String {
    let mut lines = String::from(HEADER);
    for customer in 0..12_u32 {
        for invoice in 0..=customer % 5 {
            let day = 1 + (customer * 7 + invoice * 3) % 28;
            writeln!(
                lines,
                "{},{},TEA CUP,{},2011-{:02}-{day:02} 10:00:00,{}.50,{},France",
                1000 + customer * 10 + invoice,
                20_000 + invoice,
                1 + customer % 4,
                1 + customer % 12,
                2 + customer,
                500 + customer
            )
            .expect("write");
        }
    }
    lines
}

/// The header of the UCI data.
pub(crate) const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

/// The lines of a small shop with one more.
pub(crate) fn shop_with(line: &str) -> String {
    small_shop() + line + "\n"
}
