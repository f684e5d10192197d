//! `rfm model promote`: makes another model the present one.

use std::io::Write;

use anyhow::Result;
use rfmkit::modeling::{History, Run, model_name};
use serde::Serialize;

use crate::{
    cli::ModelPromoteArgs, commands::train, failure, screen, session::Session, table::plain,
};

pub(super) fn run(args: &ModelPromoteArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    session.check_model_target(&[])?;
    let source = &session.config.model;
    let named = History::open(source.clone())?.find(&args.name)?;
    let promotion = named.promote(source)?;
    let (path, checksum) = (source.path.display().to_string(), named.model.checksum());
    if let Some(error) = &promotion.lost {
        let reason = failure::words(error);
        failure::warn(&format!("what was replaced is not kept: {reason}"));
    }
    let run = Run::load(&session.run_record());
    if run.is_some_and(|run| run.model_blake3 != checksum) {
        failure::warn(&format!(
            "{} was made by another model; `rfm predict` makes it anew",
            session.segments().display()
        ));
    }
    if args.output.json {
        return Ok(screen::json(&Promoted {
            from: &named.place,
            checksum,
            path,
            changed: promotion.changed,
            kept: promotion.kept.map(|path| path.display().to_string()),
        })?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    let since = if promotion.changed { "now" } else { "already" };
    let (path, checksum) = (plain(&path), model_name(checksum));
    writeln!(out, "{path} is {since} the model {checksum}")?;
    if promotion.changed {
        let written = train::model_files(&session, promotion.kept.as_deref());
        screen::wrote(&mut out, &written)?;
    }
    Ok(())
}

/// What `rfm model promote --json` prints.
#[derive(Serialize)]
struct Promoted<'a> {
    /// Where the model comes from.
    from: &'a str,
    checksum: &'a str,
    path: String,
    /// Whether another model was there before.
    changed: bool,
    /// The place of that model in the history.
    kept: Option<String>,
}
