//! Does `-p` mean this package?

use std::path::{Path, PathBuf};

use globset::Glob;

use super::Package;

/// Whether a name of the command line, which may be a glob, is this name.
fn matches(pattern: &str, name: &str) -> bool {
    match Glob::new(pattern) {
        Ok(glob) if pattern.contains(['*', '?', '[']) => glob.compile_matcher().is_match(name),
        _ => pattern == name,
    }
}

/// Whether a package id of the command line means this package: `name`, `na*`, `name@1.0`,
/// `path+file:///dir#name@1.0`, `path+file:///dir#1.0`, `file:///dir`.
pub(super) fn means(spec: &str, package: &Package) -> bool {
    let (name, version) = match spec.split_once("://") {
        Some((_, rest)) => {
            let (path, fragment) = rest.split_once('#').unwrap_or((rest, ""));
            if decoded(path.split('?').next().unwrap_or(path)) != package.dir {
                return false;
            }
            match fragment.split_once(['@', ':']) {
                Some((name, version)) => (name, version),
                None if fragment.starts_with(|first: char| first.is_ascii_digit()) => {
                    ("", fragment)
                }
                None => (fragment, ""),
            }
        }
        None => {
            let spec = spec.strip_prefix('#').unwrap_or(spec);
            spec.split_once(['@', ':']).unwrap_or((spec, ""))
        }
    };
    let whole = || {
        package
            .version
            .strip_prefix(version)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '+']))
    };
    (name.is_empty() || matches(name, &package.name)) && (version.is_empty() || whole())
}

/// The path of a `file:` URL.
fn decoded(path: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                .map(|byte| (byte, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    let path = String::from_utf8_lossy(&bytes).into_owned();
    Path::new(path.trim_end_matches('/')).to_path_buf()
}
