//! Benchmarks of `rfmkit`; see `benches/`.
