//! Errors as the user sees them, and exit codes.

use std::{io, process::ExitCode};

use anstream::eprintln;
use anstyle::{AnsiColor, Style};
use rfm_api::{BindError, StartError};
use rfmkit::{
    config::ConfigError, dataset::DatasetError, features::FeatureError, modeling::ModelError,
};

use crate::{
    download::DownloadError,
    table::{WIDTH, plain, wrap},
};

/// The command line or the configuration is at fault.
const USAGE: u8 = 2;
/// The data, the model or the machine is at fault.
const DATA: u8 = 1;

/// A command was used wrongly in a way that its syntax does not show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// No input was named and data/raw has several.
    #[error("{folder} has several files, expected one: {}", files.join(", "))]
    SeveralInputs { folder: String, files: Vec<String> },
    /// What is read twice cannot come through a pipe.
    #[error("{path} can be read only once, expected a file")]
    Pipe { path: String },
    /// The model would be written over another file of the run.
    #[error("the model would replace {path}, which is {role}")]
    ModelTarget { path: String, role: &'static str },
    /// The list of moves would be written over a file that is something else.
    #[error("the list would replace {path}, which {role}")]
    ListTarget { path: String, role: &'static str },
    /// Made-up lines would be written over a file that has others.
    #[error("the lines would replace {path}, which has other content")]
    SampleTarget { path: String },
    /// A number on the command line is out of its range.
    #[error("`--{option}` is {found:?}, expected {expected}")]
    Number {
        option: &'static str,
        found: String,
        expected: &'static str,
    },
}

/// There is nothing to read.
#[derive(Debug, thiserror::Error)]
#[error("no file was named, and {folder} has none")]
pub(crate) struct NoInput {
    pub(crate) folder: String,
}

/// Some of the models that were verified are broken.
#[derive(Debug, thiserror::Error)]
#[error("{broken} of {checked} models {} broken", if *broken == 1 { "is" } else { "are" })]
pub(crate) struct BrokenModels {
    pub(crate) broken: usize,
    pub(crate) checked: usize,
}

/// An error with its causes in one line.
pub(crate) fn words(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<String> = anyhow::Chain::new(error).map(ToString::to_string).collect();
    causes.join(": ")
}

/// Prints an error with its causes and what can be done about it, and gives
/// the exit code.
///
/// A reader that has gone away, as in `rfm … | head`, is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    if error.is::<io::Error>() {
        // Every other file is written and read by the library, which names it.
        causes.insert(0, "cannot write to standard output".to_owned());
    }
    say("error", AnsiColor::Red, &causes.join(": "));
    if let Some(hint) = hint(error) {
        say("hint", AnsiColor::Cyan, &hint);
    }
    let is_wrong_name = matches!(
        error.downcast_ref(),
        Some(ModelError::Unknown { .. } | ModelError::Ambiguous { .. })
    );
    let usage = is_wrong_name || error.is::<UsageError>() || error.is::<ConfigError>();
    ExitCode::from(if usage { USAGE } else { DATA })
}

/// Prints a warning: something may well be wrong, and the run goes on.
pub(crate) fn warn(message: &str) {
    say("warning", AnsiColor::Yellow, message);
}

/// Prints a remark on what was done.
pub(crate) fn note(message: &str) {
    const INDENT: &str = "      ";
    let lines = wrap(message, WIDTH - INDENT.len());
    say(
        "note",
        AnsiColor::Green,
        &lines.join(&format!("\n{INDENT}")),
    );
}

fn say(kind: &str, color: AnsiColor, message: &str) {
    let message = plain(message);
    let style = Style::new().bold().fg_color(Some(color.into()));
    eprintln!("{style}{kind}:{style:#} {message}");
}

fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(StartError::Model(error)) = error.downcast_ref() {
        return error.hint();
    }
    if error.is::<BindError>() {
        return Some("name another address with `--host` or `--port`".to_owned());
    }
    if let Some(error) = error.downcast_ref::<FeatureError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<ModelError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<DatasetError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<DownloadError>() {
        return error.hint();
    }
    if error.is::<NoInput>() {
        return Some("name one: `rfm all FILE`; `rfm sample` makes data to try".to_owned());
    }
    if error.is::<BrokenModels>() {
        return Some(
            "`rfm model promote NAME` puts a whole model in the place of the present one"
                .to_owned(),
        );
    }
    match error.downcast_ref::<UsageError>()? {
        UsageError::SeveralInputs { .. } => {
            Some("name one, or the folder to read all as one data set".to_owned())
        }
        UsageError::Pipe { .. } => Some("put it into a file first".to_owned()),
        UsageError::ModelTarget { .. } => Some("name another file with `--model`".to_owned()),
        UsageError::ListTarget { .. } => Some("name another file with `--output`".to_owned()),
        UsageError::SampleTarget { .. } => {
            Some("name another file with `--output`, or replace this one with `--force`".to_owned())
        }
        UsageError::Number { .. } => None,
    }
}
