//! What does linting deploy files cost against reading them, and against parsing them?
//!
//! As in `whole_run`, the programs run as children of this one, in turn, on two threads; ratios are
//! taken pair by pair. Without `TWELVE_LINT_CORPUS`, which names a folder, 5,000 files are written to
//! a temporary one: what a repository of charts, manifests and pipelines says, over and over.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs, io};

use rayon::prelude::*;
use saphyr_parser::Parser;
use tempfile::TempDir;
use twelve_lint::discover::Selection;
use walkdir::WalkDir;

use cost::{Cost, Failure, in_turn};
use samples::SAMPLES;

#[path = "support/cost.rs"]
mod cost;
#[path = "support/samples.rs"]
mod samples;

/// What a run may cost at most: CPU against reading the files alone.
const MOST_RATIO: f64 = 7.5;
/// How often the files of `SAMPLES` are written.
const COPIES: usize = 625;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let result = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--read", folder] => each(Path::new(folder), |_| Ok(())),
        ["--parse", folder] => each(Path::new(folder), parse),
        ["--lint", folder] => lint(Path::new(folder)),
        _ => compare(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deploy_files: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    ["yaml", "yml"].iter().any(|end| path.extension() == Some(OsStr::new(end)))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(folder).into_iter().flatten().map(walkdir::DirEntry::into_path);
    walk.filter(|path| is_yaml(path) && path.is_file()).collect()
}

/// Does something with the text of each file.
fn each(folder: &Path, with: fn(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let started = Instant::now();
    let one = |path: &PathBuf| -> Result<u64, io::Error> {
        let text = fs::read_to_string(path)?;
        // What cannot be parsed is read as far as that goes.
        let _ = with(&text);
        Ok(text.lines().count() as u64)
    };
    let lines: Vec<u64> = files(folder).par_iter().map(one).collect::<Result<_, _>>()?;
    Cost::so_far(started, lines.into_iter().sum())?.print();
    Ok(())
}

fn parse(text: &str) -> Result<(), Failure> {
    for event in Parser::new_from_str(text) {
        std::hint::black_box(event?);
    }
    Ok(())
}

fn lint(folder: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Default::default(), &selection);
    let lines = report.sources.iter().filter(|(_, file)| is_yaml(&file.path));
    let lines = lines.map(|(_, file)| file.text.lines().count() as u64).sum();
    Cost::so_far(started, lines)?.print();
    Ok(())
}

fn compare() -> Result<(), Failure> {
    let written = TempDir::new()?;
    let folder = match env::var_os("TWELVE_LINT_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => {
            write(written.path())?;
            written.path().to_path_buf()
        }
    };
    let all = files(&folder);
    let bytes: u64 = all.iter().flat_map(|path| path.metadata()).map(|meta| meta.len()).sum();
    let rounds = cost::rounds()?;
    let [read, parse, lint] =
        ["--read", "--parse", "--lint"].map(|task| [task.as_ref(), folder.as_os_str()]);
    let measured = in_turn(rounds, &[&read, &parse, &lint])?;
    let [read, parse, lint] = &measured[..] else { return Err("three programs were run".into()) };

    let mib = bytes as f64 / f64::from(1 << 20);
    println!("{}: {} files, {mib:.1} MiB, {rounds} rounds", folder.display(), all.len());
    cost::head();
    cost::row("read only", read);
    cost::row("parse only", parse);
    cost::row("lint", lint);
    let says = |held: bool| if held { "held" } else { "NOT held" };
    if let Some(ratio) = cost::ratio("cpu against parsing", lint, parse) {
        println!("cpu against parsing {ratio:.2}");
    }
    match cost::ratio("cpu against reading", lint, read) {
        None => println!("too few files to say; name more by TWELVE_LINT_CORPUS"),
        Some(ratio) => {
            let held = says(ratio <= MOST_RATIO);
            println!("cpu against reading {ratio:.2}, at most {MOST_RATIO}: {held}");
        }
    }
    Ok(())
}

/// A repository of a service and its deploy files.
fn write(folder: &Path) -> Result<(), Failure> {
    let put = |path: &str, text: &str| -> Result<(), Failure> {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().ok_or("it has a parent")?)?;
        Ok(fs::write(path, text)?)
    };
    put("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")?;
    put("src/main.rs", "fn main() {}\n")?;
    for copy in 0..COPIES {
        for (path, text) in SAMPLES {
            let mut long = text.replace("NAME", &format!("part{copy}"));
            let comment = "# The parts of a shop are deployed in the same way; see the manual.\n";
            // People's files are of all sizes.
            for line in 0..copy % 40 {
                writeln!(long, "{comment}# {line}")?;
            }
            put(&path.replace("NAME", &format!("part{copy}")), &long)?;
        }
    }
    Ok(())
}
