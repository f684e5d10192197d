//! The real-time service: customers in, segments out, over HTTP.
//!
//! [`App`] is what all requests share, [`router`] answers them, and [`Server`]
//! listens. A request goes through the gate (host, key, number), to a route,
//! which reads its body within limits, scores it by the model that answers
//! now, and converts the result.

mod app;
mod batch;
mod body;
mod customer;
mod drift;
mod error;
mod gate;
mod health;
mod keys;
mod metrics;
mod problem;
mod reference;
mod responses;
mod router;
mod routes;
mod served;
mod server;
mod transactions;
mod wire;

pub use self::{
    app::{App, StartError},
    health::{HealthError, probe},
    keys::KeysError,
    router::{openapi, router},
    server::{BindError, Server},
    wire::{ByFeature, ExplainedSegment, SegmentChange},
};
