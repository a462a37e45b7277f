//! What is this built from?

/// The version, with the commit where the build knew it.
pub(super) const LONG: &str = match option_env!("TWELVE_LINT_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
