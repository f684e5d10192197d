//! `rfm man`: manual pages, made from the definition of the command line.

use std::io::{self, Write};

use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};
use rfmkit::output::Outputs;

use crate::cli::{Cli, ManArgs};

pub(crate) fn run(args: &ManArgs) -> Result<()> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.output else {
        let mut text = Vec::new();
        page(&command, &mut text)?;
        io::stdout().write_all(&text)?;
        return Ok(());
    };
    let mut outputs = Outputs::default();
    for command in with_subcommands(&command) {
        let path = folder.join(Man::new(command.clone()).get_filename());
        outputs.write(&path, |out| page(command, out))?;
    }
    outputs.commit()?;
    Ok(())
}

/// A command and all below it.
fn with_subcommands(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(with_subcommands);
    [command].into_iter().chain(below).collect()
}

/// Writes the page of a command.
fn page(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    let man = Man::new(command.clone()).source(concat!("rfm ", env!("CARGO_PKG_VERSION")));
    man.render_title(out)?;
    man.render_name_section(out)?;
    synopsis(command).to_writer(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    notes(command).to_writer(out)
}

/// The usage as the help has it; the crate's own leaves out what is repeated.
fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut roff = Roff::default();
    roff.control("SH", ["SYNOPSIS"]);
    match usage.strip_prefix(name) {
        Some(rest) => roff.text([bold(name), roman(rest)]),
        None => roff.text([roman(usage)]),
    };
    roff
}

/// The examples before and after the help, line by line but for what they do,
/// and remarks.
fn notes(command: &Command) -> Roff {
    let mut roff = Roff::default();
    let texts = [command.get_before_help(), command.get_after_help()];
    for text in texts.into_iter().flatten().map(ToString::to_string) {
        if let Some((heading, lines)) = text.split_once(":\n") {
            roff.control("SH", [heading.to_uppercase().as_str()]);
            roff.control("nf", []);
            let mut is_command = true;
            for line in lines.lines().map(str::trim_start) {
                // Words are filled, where commands stand as they are typed.
                if is_command && !line.contains("rfm ") {
                    is_command = false;
                    roff.control("fi", []);
                    roff.control("PP", []);
                }
                roff.text([roman(line)]);
            }
            if is_command {
                roff.control("fi", []);
            }
        } else {
            roff.control("SH", ["NOTES"]);
            roff.text([roman(text)]);
        }
    }
    roff
}
