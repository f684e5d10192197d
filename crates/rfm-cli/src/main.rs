//! `rfm`: customer segmentation on the command line.

mod cli;
mod commands;
mod download;
mod failure;
mod flows;
mod input;
mod log;
mod progress;
mod screen;
mod session;
mod settings;
mod table;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
