//! What does one file say? Text in, [`Facts`] out. The only module that names `syn`.

pub mod tree;

pub use tree::Facts;
