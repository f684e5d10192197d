//! What all requests share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use arc_swap::{ArcSwap, Guard};
use rfmkit::{
    config::{Playbook, ServiceConfig},
    modeling::{ModelError, ModelSource},
};
use tokio::sync::Semaphore;

use crate::{
    drift::Tally,
    keys::{Keys, KeysError},
    metrics::{Metrics, Reload},
    served::Served,
};

/// Memory for bodies that are read as a whole, of all requests together, in
/// bytes: a limit for each alone would let many clients fill the machine.
const BODIES: usize = 12 * 1024 * 1024;
/// The part of the requests at once that may be streams. They last long, and
/// must not keep others out.
const STREAM_SHARE: usize = 8;

/// The service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The model will not do.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file of keys will not do.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// The state of the service: model, keys, limits and counters.
#[derive(Clone, Debug)]
pub struct App(Arc<State>);

#[derive(Debug)]
struct State {
    config: ServiceConfig,
    source: ModelSource,
    playbook: Playbook,
    served: Arc<ArcSwap<Served>>,
    keys: ArcSwap<Keys>,
    metrics: Metrics,
    limits: Limits,
    is_ending: AtomicBool,
}

/// What may be in use at once.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Requests with a body that are worked on.
    pub(crate) requests: Arc<Semaphore>,
    /// Bodies that are worked on while they come in.
    pub(crate) streams: Arc<Semaphore>,
    /// Bytes of bodies that are read as a whole, in units of
    /// [`BODY_UNIT`](Self::BODY_UNIT).
    pub(crate) bodies: Arc<Semaphore>,
    /// Long computations: one on each core, so that others get their turn.
    pub(crate) computations: Arc<Semaphore>,
}

impl Limits {
    pub(crate) const BODY_UNIT: usize = 1024;

    fn new(config: &ServiceConfig) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let permits = |count: usize| Arc::new(Semaphore::new(count));
        Self {
            requests: permits(config.max_requests),
            streams: permits((config.max_requests / STREAM_SHARE).max(1)),
            bodies: permits(BODIES.max(config.max_body) / Self::BODY_UNIT),
            computations: permits(cores),
        }
    }
}

impl App {
    /// Loads model and keys.
    ///
    /// # Errors
    ///
    /// [`StartError`] if one of them will not do.
    pub fn new(
        config: ServiceConfig,
        source: ModelSource,
        playbook: Playbook,
    ) -> Result<Self, StartError> {
        let served = Arc::new(ArcSwap::from_pointee(load(&source)?));
        let mut metrics = Metrics::new(&served);
        metrics.add_routes(crate::router::templates());
        Ok(Self(Arc::new(State {
            keys: ArcSwap::from_pointee(Keys::load(&config)?),
            limits: Limits::new(&config),
            is_ending: AtomicBool::new(false),
            config,
            source,
            playbook,
            served,
            metrics,
        })))
    }

    /// How the service runs.
    #[must_use]
    pub fn config(&self) -> &ServiceConfig {
        &self.0.config
    }

    /// What the model that answers now is, for people.
    #[must_use]
    pub fn describe_model(&self) -> String {
        let served = self.served();
        if served.is_reference {
            ModelSource::REFERENCE.to_owned()
        } else {
            let name = served.name.to_str().unwrap_or_default();
            format!("{} ({name})", self.0.source.path.display())
        }
    }

    /// The checksum of the model that answers now.
    #[must_use]
    pub fn model_checksum(&self) -> String {
        self.served().model.checksum().to_owned()
    }

    /// Loads model and keys anew, if they can be loaded; otherwise those that
    /// are there go on. Whether the model is another one then.
    ///
    /// # Errors
    ///
    /// [`StartError`] says why nothing was replaced.
    pub fn reload(&self) -> Result<bool, StartError> {
        let loaded = Keys::load(&self.0.config)
            .map_err(StartError::from)
            .and_then(|keys| Ok((keys, load(&self.0.source)?)));
        let (keys, served) = loaded.inspect_err(|_| self.metrics().reloaded(Reload::Refused))?;
        self.0.keys.store(Arc::new(keys));
        // The file may be gone; a model that answers is better than another.
        let is_gone = served.is_reference && !self.served().is_reference;
        let is_new = !is_gone && served.model.checksum() != self.served().model.checksum();
        if is_new {
            self.0.served.store(Arc::new(served));
        }
        self.metrics().reloaded(if is_new {
            Reload::Loaded
        } else {
            Reload::Unchanged
        });
        Ok(is_new)
    }

    /// From now on the service says that it is not ready.
    pub fn end(&self) {
        self.0.is_ending.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.0.is_ending.load(Ordering::Relaxed)
    }

    /// The model that answers now.
    pub(crate) fn served(&self) -> Guard<Arc<Served>> {
        self.0.served.load()
    }

    /// The model that answers now, for more than a moment.
    pub(crate) fn served_for_long(&self) -> Arc<Served> {
        self.0.served.load_full()
    }

    pub(crate) fn source(&self) -> &ModelSource {
        &self.0.source
    }

    pub(crate) fn playbook(&self) -> &Playbook {
        &self.0.playbook
    }

    pub(crate) fn keys(&self) -> Guard<Arc<Keys>> {
        self.0.keys.load()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Counts customers that a model scored.
    #[expect(clippy::disallowed_methods, reason = "drift is watched over time")]
    pub(crate) fn count(&self, served: &Served, tally: &Tally) {
        served.window.add(Instant::now(), tally);
        self.metrics().predicted(tally);
    }
}

#[expect(clippy::disallowed_methods, reason = "drift is watched from now on")]
fn load(source: &ModelSource) -> Result<Served, ModelError> {
    Ok(Served::new(source.load()?, Instant::now()))
}
