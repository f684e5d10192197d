//! Errors as the user sees them, and exit codes.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use anstream::eprintln;
use anstyle::{AnsiColor, Style};
use rfm_api::{BindError, StartError};
use rfmkit::{
    config::ConfigError, dataset::DatasetError, features::FeatureError, modeling::ModelError,
};
use terminal_size::{Width, terminal_size_of};

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

/// A model was asked for by a name where its path belongs.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct MisnamedModel {
    pub(crate) message: String,
    /// Where the model is that has the name.
    pub(crate) path: String,
}

/// The features of some files could not be made.
#[derive(Debug, thiserror::Error)]
#[error("`rfm features` would refuse {}", if *files == 1 { "this file" } else { "these files" })]
pub(crate) struct UnreadableFiles {
    pub(crate) files: usize,
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
    const KIND: &str = "note";
    let width = terminal_width().unwrap_or(WIDTH);
    print(KIND, AnsiColor::Green, &laid_out(KIND, message, width));
}

/// Prints a message, in lines that fit the terminal; elsewhere a fault stays in
/// one line, so that it can be searched for.
fn say(kind: &str, color: AnsiColor, message: &str) {
    match terminal_width() {
        Some(width) => print(kind, color, &laid_out(kind, message, width)),
        None => print(kind, color, message),
    }
}

fn print(kind: &str, color: AnsiColor, message: &str) {
    let message = plain(message);
    let style = Style::new().bold().fg_color(Some(color.into()));
    eprintln!("{style}{kind}:{style:#} {message}");
}

/// The columns of the terminal to which messages go; `None` if it is none.
fn terminal_width() -> Option<usize> {
    const LEAST: usize = 40;
    let size = terminal_size_of(io::stderr());
    let width = size.map(|(Width(width), _)| usize::from(width).max(LEAST));
    io::stderr().is_terminal().then(|| width.unwrap_or(WIDTH))
}

/// A message in lines of some width that go on below its first word. Where it has
/// several faults, each is set apart by how its further lines are indented.
fn laid_out(kind: &str, message: &str, width: usize) -> String {
    let start = kind.len() + ": ".len();
    let further = if message.contains('\n') {
        start + 2
    } else {
        start
    };
    let fault = |fault| wrap(fault, width - further).join(&format!("\n{:further$}", ""));
    let faults: Vec<String> = message.lines().map(fault).collect();
    faults.join(&format!("\n{:start$}", ""))
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
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return error.hint();
    }
    if let Some(MisnamedModel { path, .. }) = error.downcast_ref() {
        return Some(format!("`--model` takes a path; that model is {path}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_on_below_its_first_word() {
        let said = laid_out("hint", "say which column it is", 16);
        assert_eq!(said, "say which\n      column it\n      is");
        assert_eq!(laid_out("hint", "short", 80), "short");
    }

    #[test]
    fn faults_are_set_apart() {
        let said = laid_out("error", "a.csv:2: no date\na.csv:3: no number", 20);
        let lines = [
            "a.csv:2: no",
            "         date",
            "       a.csv:3: no",
            "         number",
        ];
        assert_eq!(said, lines.join("\n"));
    }
}
