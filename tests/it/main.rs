//! Tests of the library, in one binary.

mod golden;
mod reference;
