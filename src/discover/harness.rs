//! Which packages are there for tests, benchmarks and examples? By the names that they have.

use std::path::Path;

/// Whether a folder is one for tests, benchmarks or examples, or beneath one.
pub(super) fn stands_aside(dir: &Path, root: &Path) -> bool {
    let beneath = dir.strip_prefix(root).unwrap_or(Path::new(""));
    beneath.iter().any(|part| part.to_str().is_some_and(is_harness))
}

/// What packages are called that only tests use, behind `test`.
const SUPPORT: [&str; 8] =
    ["common", "support", "helper", "helpers", "harness", "util", "utils", "fixtures"];

/// Whether a name is one that packages of tests, benchmarks and examples have: `tests`, `benches` and
/// `examples`, as cargo calls them, alone or behind what they are of, such as `integration-tests`; one
/// `example`; `e2e`; what they have in common, such as `test-support`; and what stands in for
/// something else, such as `mock-server`. A service may well be called `speed-test`, or `tests-api`.
pub(super) fn is_harness(name: &str) -> bool {
    let (first, rest) = name.split_once(['-', '_']).unwrap_or((name, ""));
    let last = name.rsplit(['-', '_']).next().unwrap_or(name);
    let common = ["tests", "e2e", "benches", "benchmarks", "mock", "mocks", "example", "examples"];
    common.contains(&last)
        || matches!(name, "bench" | "testing" | "testutils")
        || first == "mock"
        || first == "test" && SUPPORT.contains(&rest)
}
