//! `rfm completions`: what a shell needs to complete commands and options.

use std::io::{self, Write};

use anyhow::Result;
use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};

pub(crate) fn run(args: &CompletionsArgs) -> Result<()> {
    // The generator panics where writing fails, which memory does not.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rfm", &mut script);
    io::stdout().write_all(&script)?;
    Ok(())
}
