//! Tests of the library, in one binary.

mod golden;
mod oracle;
mod properties;
mod reference;
mod shops;
