//! `rfm config`: every setting and where it comes from.

use std::io::{self, Write};

use anyhow::Result;
use rfmkit::config::{Origin, Setting};
use serde_json::{Map, json};

use crate::{
    cli::ConfigArgs,
    screen,
    session::Session,
    table::{WIDTH, plain},
};

pub(crate) fn run(args: &ConfigArgs) -> Result<()> {
    let session = Session::start(args.settings.given())?;
    let settings = &session.config.settings;
    if args.output.json {
        let settings: Map<String, serde_json::Value> = settings
            .iter()
            .map(|setting| {
                let value = json!({
                    "value": setting.value,
                    "origin": setting.origin.to_string(),
                });
                (setting.key.name().to_owned(), value)
            })
            .collect();
        return Ok(screen::json(&settings)?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    for setting in settings {
        show(&mut out, setting)?;
    }
    Ok(())
}

/// Prints a setting in a line; a long value has lines of its own.
fn show(out: &mut dyn Write, setting: &Setting) -> io::Result<()> {
    const NAME: usize = 17;
    const VALUE: usize = 33;
    let name = setting.key.name();
    let value = plain(setting.value.as_deref().unwrap_or("-"));
    let origin = match setting.origin {
        Origin::Default => "default",
        _ => &setting.place,
    };
    if value.chars().count() <= VALUE {
        return writeln!(out, "{name:<NAME$}{value:<VALUE$} {origin}");
    }
    write!(out, "{name:<NAME$}")?;
    let mut room = WIDTH - NAME;
    // A list goes on in the next line after a comma; a path and an address stay
    // whole.
    let parts: Vec<&str> = if setting.key.is_list() {
        value.split_inclusive(',').collect()
    } else {
        vec![&value]
    };
    for part in parts {
        let length = part.chars().count();
        if length > room && room < WIDTH - NAME {
            write!(out, "\n{:<NAME$}", "")?;
            room = WIDTH - NAME;
        }
        write!(out, "{part}")?;
        room = room.saturating_sub(length);
    }
    writeln!(out)?;
    writeln!(out, "{:<NAME$}{:<VALUE$} {origin}", "", "")
}
