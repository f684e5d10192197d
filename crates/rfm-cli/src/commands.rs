//! One file for each subcommand.

mod all;
mod compare;
mod completions;
mod config;
mod download;
mod evaluate;
mod features;
mod figures;
mod health;
mod inspect;
mod man;
mod model;
mod predict;
mod report;
mod sample;
mod score;
mod serve;
mod train;

use anyhow::Result;

use crate::cli::Command;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::All(args) => all::run(args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Figures(args) => figures::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Health(args) => health::run(&args),
        Command::Sample(args) => sample::run(&args),
        Command::Download(args) => download::run(&args),
        Command::Model(args) => model::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
