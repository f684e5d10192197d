//! What can be typed after `rfm model`.

use clap::{Args, Subcommand};

use super::{OutputArgs, example};
use crate::settings::ProjectSettings;

#[derive(Args, Debug)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    pub(crate) command: ModelCommand,
}

/// How models are named, at the end of a help.
const NAMES: &str = "A model is named by `current`, `reference`, its number in `rfm model list`, \
the first four or more digits of its checksum, or a path.";

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Print the model for people, or as JSON
    #[command(before_help = example(
        "rfm model show --json",
        "prints the model file; without an own model, the built-in reference model",
    ), after_help = NAMES)]
    Show(ModelShowArgs),
    /// List the present model and those that it replaced
    #[command(before_help = example(
        "rfm model list",
        "prints a line for each model in models/history/, and for the present one",
    ))]
    List(ModelListArgs),
    /// Show who would move between segments from one model to another
    #[command(before_help = example(
        "rfm model diff 3 current",
        "scores data/processed/rfm_features.csv by both models and prints who would move",
    ), after_help = NAMES)]
    Diff(ModelDiffArgs),
    /// Make another model the present one; the present one goes into the history
    #[command(before_help = example(
        "rfm model promote 3",
        "verifies model 3 of the history and puts it at models/segmentation.json",
    ), after_help = NAMES)]
    Promote(ModelPromoteArgs),
    /// Check models, and whether the files of the last run belong together
    #[command(before_help = example(
        "rfm model verify",
        "reads every model and data/processed/run.json; the exit code is 1 if a model is broken",
    ), after_help = NAMES)]
    Verify(ModelVerifyArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ModelShowArgs {
    /// The model; the present one unless given
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ModelListArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ModelDiffArgs {
    /// The model before; the last one of the history unless given
    pub(crate) before: Option<String>,
    /// The model after
    #[arg(default_value = "current")]
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ModelPromoteArgs {
    /// The model
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ModelVerifyArgs {
    /// Models; all and the files of the last run unless given
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}
