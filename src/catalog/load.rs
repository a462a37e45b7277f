//! Reads and checks the catalogue's files.
