//! `rfm serve`: the real-time service.

use std::thread;

use anyhow::{Context, Result};
use rfm_api::{App, Server, StartError};
use rfmkit::modeling::Run;
use tokio::runtime::Builder;

use crate::{
    cli::ServeArgs,
    log,
    session::{Session, model_error},
};

pub(crate) fn run(args: &ServeArgs) -> Result<()> {
    let session = Session::start(args.service.given().chain(args.project.given()))?;
    let run_record = session.run_record();
    let segments = session.segments();
    let config = session.config;
    log::start(&config.service);
    let threads = config.threads;
    let run = Run::load(&run_record);
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let app = App::new(config.service, config.model, session.playbook);
    let app = app.map_err(|error| match error {
        StartError::Model(error) => model_error(&config.root, error),
        error => error.into(),
    })?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    runtime.block_on(async {
        let server = Server::bind(app.clone())?;
        tracing::info!("listening on http://{}", server.address());
        tracing::info!("the model is {}", app.describe_model());
        if run.is_some_and(|run| run.model_blake3 != app.model_checksum()) {
            tracing::warn!(
                "{} was made by another model; `rfm predict` makes it anew",
                segments.display()
            );
        }
        server.run().await;
        Ok(())
    })
}
