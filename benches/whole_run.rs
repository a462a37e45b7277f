//! What does a whole run cost against a program that only parses the same files?
//!
//! Both run as children of this program, in turn, on two threads with the default allocator; the
//! ratio is taken pair by pair, because a shared machine is never equally fast twice.
//!
//! `TWELVE_LINT_CORPUS` names the folder (default: this package and its fixtures),
//! `TWELVE_LINT_ROUNDS` the number of pairs (default 7).

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs, io};

use rayon::prelude::*;
use syn::visit::{self, Visit};
use twelve_lint::discover::Selection;
use walkdir::WalkDir;

use cost::{Cost, Failure, child, in_turn};

#[path = "support/cost.rs"]
mod cost;

/// What a whole run may cost at most: CPU against parsing alone, and memory.
const MOST_RATIO: f64 = 1.5;
const MOST_MIB: f64 = 128.0;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let result = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--files"] => files(),
        ["--whole"] => whole(),
        ["--parse-only", list] => parse_only(Path::new(list)),
        _ => compare(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whole_run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folders that are linted.
fn corpus() -> Vec<PathBuf> {
    if let Some(folder) = env::var_os("TWELVE_LINT_CORPUS") {
        return vec![folder.into()];
    }
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let fixtures = package.join("fixtures");
    if fixtures.is_dir() { vec![package, fixtures] } else { vec![package] }
}

fn lint() -> twelve_lint::diagnostic::Report {
    let selection = Selection { paths: corpus(), ..Selection::default() };
    twelve_lint::check(Default::default(), &selection)
}

/// Prints the source files that a whole run reads, for the other program to read the same.
fn files() -> Result<(), Failure> {
    let report = lint();
    let rust = |path: &&Path| path.extension() == Some(OsStr::new("rs"));
    for path in report.sources.iter().map(|(_, file)| &*file.path).filter(rust) {
        println!("{}", path.display());
    }
    Ok(())
}

fn whole() -> Result<(), Failure> {
    let started = Instant::now();
    let report = lint();
    let lines =
        report.sources.iter().filter(|(_, file)| file.path.extension() == Some(OsStr::new("rs")));
    let lines = lines.map(|(_, file)| u64::from(file.lines().count())).sum();
    Cost::so_far(started, lines)?.print();
    Ok(())
}

/// Counts what it visits, so that nothing of the tree is left out.
#[derive(Default)]
struct Count(u64);

impl<'ast> Visit<'ast> for Count {
    fn visit_ident(&mut self, _: &'ast proc_macro2::Ident) {
        self.0 += 1;
    }

    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        self.0 += 1;
        visit::visit_expr(self, expr);
    }
}

fn parse_only(list: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let list = fs::read_to_string(list)?;
    let wanted: HashSet<&Path> = list.lines().map(Path::new).collect();
    let skipped = |name: &OsStr| {
        [".git", "target", "node_modules", "vendor"].iter().any(|skipped| name == *skipped)
    };
    let mut paths = Vec::new();
    for folder in corpus() {
        let folder = std::path::absolute(folder)?;
        let walk = WalkDir::new(folder).into_iter();
        let walk = walk.filter_entry(|entry| entry.depth() == 0 || !skipped(entry.file_name()));
        let found = walk.flatten().map(walkdir::DirEntry::into_path);
        paths.extend(found.filter(|path| wanted.contains(&**path)));
    }
    paths.sort();
    paths.dedup();
    if paths.len() < wanted.len() {
        eprintln!(
            "whole_run: {} files lie elsewhere and are not parsed",
            wanted.len() - paths.len()
        );
    }
    // A stack for what people nest; it costs nothing until it is used.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(128 << 20).build()?;
    let one = |path: &PathBuf| -> Result<(u64, u64), io::Error> {
        let text = fs::read_to_string(path)?;
        let mut count = Count::default();
        if let Ok(file) = syn::parse_file(&text) {
            count.visit_file(&file);
        }
        proc_macro2::extra::invalidate_current_thread_spans();
        Ok((text.lines().count() as u64, count.0))
    };
    let read: Vec<(u64, u64)> =
        pool.install(|| paths.par_iter().map(one).collect::<Result<_, _>>())?;
    let (lines, nodes) = read.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    std::hint::black_box(nodes);
    Cost::so_far(started, lines)?.print();
    Ok(())
}

fn compare() -> Result<(), Failure> {
    let list = env::temp_dir().join(format!("whole-run-{}.txt", std::process::id()));
    let files = child(&["--files".as_ref()])?;
    fs::write(&list, &files)?;
    let rounds = cost::rounds()?;
    let measured =
        in_turn(rounds, &[&["--parse-only".as_ref(), list.as_os_str()], &["--whole".as_ref()]]);
    fs::remove_file(&list)?;
    let [parse, whole] = &measured?[..] else { return Err("two programs were run".into()) };

    let folders: Vec<String> = corpus().iter().map(|path| path.display().to_string()).collect();
    let lines = whole.last().map_or(0, |cost| cost.lines);
    println!(
        "{}: {} files, {lines} lines, {rounds} rounds",
        folders.join(", "),
        files.lines().count()
    );
    cost::head();
    cost::row("parse only", parse);
    cost::row("whole run", whole);
    let says = |held: bool| if held { "held" } else { "NOT held" };
    match cost::ratio("cpu", whole, parse) {
        None => println!("too few files to say; name more by TWELVE_LINT_CORPUS"),
        Some(ratio) => {
            println!("cpu ratio {ratio:.2}, at most {MOST_RATIO}: {}", says(ratio <= MOST_RATIO));
        }
    }
    let peak = cost::peak(whole);
    println!("peak {peak:.1} MiB, at most {MOST_MIB}: {}", says(peak <= MOST_MIB));
    Ok(())
}
