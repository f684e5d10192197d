//! Tests of the library, in one binary.

mod architecture;
mod corpus;
mod documentation;
mod golden;
mod oracle;
mod pieces;
#[cfg(feature = "plots")]
mod plots;
mod properties;
mod reference;
mod shops;
