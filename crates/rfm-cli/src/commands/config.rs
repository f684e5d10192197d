//! `rfm config`: every setting and where it comes from.

use std::io::Write;

use anyhow::Result;
use rfmkit::config::Origin;
use serde_json::{Map, json};

use crate::{cli::ConfigArgs, screen, session::Session};

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
        let value = setting.value.as_deref().unwrap_or("-");
        let origin = match setting.origin {
            Origin::Default => "default".to_owned(),
            origin => origin.place(setting.key),
        };
        writeln!(out, "{:<17}{value:<33} {origin}", setting.key.name())?;
    }
    Ok(())
}
