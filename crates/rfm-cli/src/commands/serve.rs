//! `rfm serve`: the real-time service.

use std::thread;

use anyhow::{Context, Result};
use rfm_api::{App, Server};
use tokio::runtime::Builder;

use crate::{cli::ServeArgs, log, session::Session};

pub(crate) fn run(args: &ServeArgs) -> Result<()> {
    let session = Session::start(args.service.given().chain(args.project.given()))?;
    let config = session.config;
    log::start(&config.service);
    let threads = config.threads;
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let app = App::new(config.service, config.model, session.playbook)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    runtime.block_on(async {
        let server = Server::bind(app.clone()).await?;
        tracing::info!("listening on http://{}", server.address());
        tracing::info!("the model is {}", app.describe_model());
        server.run().await.context("cannot receive signals")
    })
}
