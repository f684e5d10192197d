//! Tests of the service, in one binary and without a socket.

mod bad_requests;
mod batch;
mod contract;
mod explain;
mod gate;
mod limits;
mod metrics;
mod model;
mod service;
mod transactions;
