//! `rfm health`: whether a running service is ready.

use std::io::Write;

use anyhow::{Context, Result};
use tokio::runtime::Builder;

use crate::{cli::HealthArgs, session::Session, table::plain};

pub(crate) fn run(args: &HealthArgs) -> Result<()> {
    let session = Session::start(args.address.given().chain(args.project.given()))?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let answer = runtime.block_on(rfm_api::probe(session.config.service.address))?;
    writeln!(anstream::stdout(), "{}", plain(&answer))?;
    Ok(())
}
